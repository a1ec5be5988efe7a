"""All rules of a run, ready to scan. Loading is cached by content: validated rules and their index as JSON."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from logscope import __version__
from logscope.errors import RuleError, UsageError
from logscope.rulebook.cache import Cache
from logscope.rulebook.files import rule_files
from logscope.rulebook.index import Index, Slot, build_index, slots_of
from logscope.rulebook.rule import Rule


class RuleSet(Struct, frozen=True):
    """The rules that are on, in order of their ids, with their slots and needles."""

    rules: tuple[Rule, ...]
    slots: tuple[Slot, ...]
    index: Index
    off: tuple[str, ...] = ()
    """Ids of rules that are loaded but switched off (status test, or by configuration)."""


class RuleChanges(Struct, frozen=True):
    """What a configuration changes: rules switched off, severities re-tuned (id to severity)."""

    disable: tuple[str, ...] = ()
    severity: dict[str, str] = {}


def load_ruleset(
    folders: Sequence[Path],
    cache: Cache | None,
    changes: RuleChanges | None = None,
    include_test: bool = False,
) -> RuleSet:
    """Load the rules of the folders; a later one replaces rules of an earlier one by id.

    RuleError lists all problems; UsageError names a folder, or a rule in `changes`, that does not exist.
    """
    changes = changes or RuleChanges()
    texts, unreadable = _read_texts(folders)
    if unreadable:
        _report_with(unreadable, texts)
    digest = _digest(texts)
    rules = _load_cached(f"rules-{digest}", tuple[Rule, ...], lambda: _load_rules(texts), cache)
    known = {rule.id for rule in rules}
    for name in [*changes.disable, *changes.severity]:
        if name not in known:
            raise UsageError(
                f"the configuration names a rule {name!r} that does not exist", "See logscope rules list."
            )
    off = set(changes.disable)
    if not include_test:
        off |= {rule.id for rule in rules if rule.status == "test"}
    active = tuple(
        replace(rule, severity=changes.severity[rule.id]) if rule.id in changes.severity else rule
        for rule in rules
        if rule.id not in off
    )
    return build_ruleset(active, tuple(sorted(off)), cache, digest)


def build_ruleset(
    rules: tuple[Rule, ...], off: tuple[str, ...] = (), cache: Cache | None = None, digest: str = ""
) -> RuleSet:
    """Lay out slots and needles of rules; with `digest`, the hash of what they were made from, by way of the cache."""
    slots = slots_of(rules)
    if not digest:
        return RuleSet(rules, slots, build_index(rules, slots), off)
    name = hashlib.sha256(f"{digest}{off}".encode()).hexdigest()[:32]
    index = _load_cached(f"index-{name}", Index, lambda: build_index(rules, slots), cache)
    return RuleSet(rules, slots, index, off)


def _load_cached(name: str, kind: Any, make: Any, cache: Cache | None) -> Any:
    """Return what `make` makes, from the cache where it is."""
    saved = cache.read(name) if cache else None
    if saved is not None:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.json.decode(saved, type=kind)
    made = make()
    if cache:
        cache.write(name, msgspec.json.encode(made))
    return made


def _report_with(unreadable: list[str], texts: list[tuple[int, str, str, str]]) -> None:
    """Raise RuleError with what is wrong in the other files as well."""
    try:
        _load_rules(texts)
    except RuleError as error:
        raise RuleError(tuple(sorted([*unreadable, *error.problems]))) from error
    raise RuleError(tuple(unreadable))


def _read_texts(folders: Sequence[Path]) -> tuple[list[tuple[int, str, str, str]], list[str]]:
    """Return (number of the folder, name shown, area, text) of every rule file, and what could not be read."""
    texts = []
    unreadable = []
    for number, folder in enumerate(folders):
        if not folder.exists():
            raise UsageError(f"{folder}: no such rule folder", "Check --rules.")
        root = folder if folder.is_dir() else folder.parent
        for file in rule_files(folder):
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                unreadable.append(f"{file}:1:1: not readable: {error}")
                continue
            shown = file.relative_to(root.parent).as_posix()
            texts.append((number, shown, file.parent.name if file.parent != root else "", text))
    return texts, unreadable


def _digest(texts: list[tuple[int, str, str, str]]) -> str:
    code = sorted((file.name, file.stat().st_mtime_ns) for file in Path(__file__).parent.glob("*.py"))
    state = hashlib.sha256(repr((__version__, code)).encode())
    for item in texts:
        state.update("\0".join(map(str, item)).encode() + b"\1")
    return state.hexdigest()[:32]


def _load_rules(texts: list[tuple[int, str, str, str]]) -> tuple[Rule, ...]:
    from logscope.rulebook.checks import check_references
    from logscope.rulebook.loader import load_texts

    merged: dict[str, Any] = {}
    problems = []
    for number in sorted({item[0] for item in texts}):
        loaded, found = load_texts([(shown, area, text) for n, shown, area, text in texts if n == number])
        problems += found
        merged.update({item.rule.id: item for item in loaded})
    problems += check_references([(item.rule, item.document) for item in merged.values()], set(merged))
    if problems:
        raise RuleError(tuple(map(str, sorted(problems))))
    return tuple(merged[name].rule for name in sorted(merged))
