"""Why a rule did or did not match an event, step by step: the same tests as in a scan, one part at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from logscope.events import strip_colours
from logscope.match.conditions import DEFAULT_LEVELS, Filled, compile_condition
from logscope.match.quoted.event import is_quotation
from logscope.neutral import one_line
from logscope.rulebook.needles import SPARING, Needle
from logscope.rulebook.rule import Condition, HttpWhere, Where

if TYPE_CHECKING:
    from logscope.events import Event

_LEAVES = ("text", "regex", "exception", "leaf", "frame", "http", "fields")
_NOTHING: dict[str, Any] = {name: getattr(Condition(), name) for name in Condition.__struct_fields__}


class Verdict(Struct, frozen=True):
    """One part of a condition: how deep it stands, whether it holds, and what was asked."""

    depth: int
    holds: bool
    text: str


def explain(condition: Condition, event: Event, wrapped: bool) -> tuple[Verdict, ...]:
    """Return the verdicts on a condition: what the prefilter seeks, then every part in the order of evaluation."""
    needles = sorted(SPARING.condition(condition) or ())
    raw = strip_colours(event.raw)
    found = [n for n in needles if re.search(n.sought(wrapped).encode(), raw, re.IGNORECASE)]
    sought = (
        f"prefilter: {'found' if found else 'found none of'} {_listed(found or needles)} in the raw lines"
    )
    first = [Verdict(0, bool(found), sought)]
    if is_quotation(event) and _asks_words(condition):
        first.append(
            Verdict(0, False, "it happened: a test's name, a commit, code or somebody's words only quote it")
        )
    return (*first, *_parts(condition, event, 0, guarded=True))


def _asks_words(condition: Condition) -> bool:
    """Whether a condition, or a part of it, asks for more than a request: only that may be quoted."""
    words = any(getattr(condition, name) for name in _LEAVES if name != "http")
    return words or any(map(_asks_words, (*condition.all, *condition.any)))


def _listed(needles: Sequence[Needle]) -> str:
    words = list(dict.fromkeys(map(_named, needles)))
    more = f" and {len(words) - 5} more" if len(words) > 5 else ""
    return ", ".join(map(_quoted, words[:5])) + more


def _named(needle: Needle) -> str:
    """A needle's words; `…` where more of the pattern must stand on their line."""
    if not needle.words:
        return needle.flat()
    return " ".join((*("…",) * bool(needle.before), *needle.words, *("…",) * bool(needle.behind)))


def _parts(condition: Condition, event: Event, depth: int, guarded: bool) -> Iterator[Verdict]:
    where = condition.where
    guarded = guarded and condition.http is None and not (where and where.level)
    own = [name for name in _LEAVES if getattr(condition, name)]
    if guarded and any(name != "http" for name in own):
        level = event.level or "none"
        asked = "level is error, critical, warning or none (the default)"
        yield Verdict(depth, event.level in DEFAULT_LEVELS, f"{asked}: it is {level}")
    if where is not None:
        yield from _where_parts(where, event, depth)
    for name in own:
        yield from _leaf(condition, name, event, depth)
    for name in ("all", "any", "none"):
        parts = getattr(condition, name)
        if parts:
            alone = Condition(**{**_NOTHING, name: parts, "where": None})
            inherit = guarded and not own and name != "none"
            holds = compile_condition(alone, inherit)(event, {}, None)
            yield Verdict(depth, holds, name)
            for part in parts:
                yield from _parts(part, event, depth + 1, inherit)


def _where_parts(where: Where, event: Event, depth: int) -> Iterator[Verdict]:
    for name, asked, own in (("level", "level is", event.level), ("logger", "logger matches", event.logger)):
        if value := getattr(where, name):
            alone = Condition(where=replace(Where(), **{name: value}))
            holds = compile_condition(alone)(event, {}, None)
            yield Verdict(depth, holds, f"{asked} {' or '.join(value)}: it is {own or 'none'}")


def _leaf(condition: Condition, name: str, event: Event, depth: int) -> Iterator[Verdict]:
    """Yield the verdict on one test; of several alternatives, those that hold stand below it, or all of them."""
    value = getattr(condition, name)
    alone = [_alternative(name, one, event, depth + 1) for one in value] if isinstance(value, tuple) else []
    if len(alone) < 2:
        yield _alternative(name, value, event, depth)
        return
    held = [verdict for verdict in alone if verdict.holds]
    yield Verdict(depth, bool(held), f"{name}, {len(held) or 'none'} of {len(alone)}")
    yield from held or alone


def _alternative(name: str, value: Any, event: Event, depth: int) -> Verdict:
    captures: Filled = {}
    alone = Condition(**{**_NOTHING, name: (value,) if isinstance(value, str) else value})
    holds = compile_condition(alone, default_level=False)(event, captures, None)
    caught = ", ".join(f"{key}={item!r}" for key, item in captures.items())
    more = f": captured {caught}" if caught else ""
    if not holds and compile_condition(alone, default_level=False, quoted=True)(event, {}, None):
        more = ": only quoted, nothing failed"
    return Verdict(depth, holds, f"{name} {_asked(value)}{more}")


def _asked(value: Any) -> str:
    """What a test asks for, as a rule file has it."""
    if isinstance(value, HttpWhere):
        value = {name: asked for name in value.__struct_fields__ if (asked := getattr(value, name))}
    if isinstance(value, dict):
        return ", ".join(f"{name} {_asked(asked)}" for name, asked in value.items())
    return " or ".join(map(_asked, value)) if isinstance(value, tuple) else _quoted(value)


def _quoted(value: str | int) -> str:
    return f"'{one_line(value)}'" if isinstance(value, str) else str(value)
