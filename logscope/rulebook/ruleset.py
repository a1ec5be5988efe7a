"""All rules of a run, ready to scan: their slots, the needles that point at them, and the compiled prefilter.

Loading is cached by content: validated rules as JSON and the prefilter's own serialised form, never a pickle.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logscope import __version__
from logscope.errors import RuleError, UsageError
from logscope.records import from_plain
from logscope.rulebook.needles import GENEROUS, SPARING, Needle, http_needles
from logscope.rulebook.rule import Condition, HttpWhere, Rule

ERRORS = -1
"""Watcher of needles for error events: what no rule matches is reported as unexplained."""
SERVER_ERRORS = -2
"""Watcher of needles for 5xx answers, which are counted."""
_ERROR_NEEDLES = (
    r"\bERROR\b",
    r"\bCRITICAL\b",
    r"\bFATAL\b",
    r"\bSEVERE\b",
    r"\bTraceback \(most recent call last\)",
    r"Exception Group Traceback",
    r'(?:level|levelname|severity|lvl|log\.level)\\?":\s?\\?"(?i:error|critical|fatal|alert|emergency)',
    r"\[(?:error|critical|fatal|crit|alert|emerg) *\]",
    r"\b(?:level|lvl|severity)=\"?(?i:error|critical|fatal)",
    r"^\s*(?:Uncaught )?[A-Za-z]*Error: ",
)
_SERVER_ERROR = HttpWhere(status=("5xx",), side="server")


@dataclass(frozen=True, slots=True)
class Slot:
    """One condition of one rule that events are asked about."""

    rule: int
    role: str
    """primary, also, cause:ID, after, missing, part, whole, between, or step:NAME:N (N: place among its ways)."""
    condition: Condition
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in a stable order with their slots; `watchers[i]` are the slots that needle i points at."""

    rules: tuple[Rule, ...]
    slots: tuple[Slot, ...]
    needles: tuple[str, ...]
    """Prefilter patterns for lines as they are."""
    wrapped: tuple[str, ...]
    """The same, for lines that a handler wraps or colours."""
    ignore_case: tuple[bool, ...]
    watchers: tuple[tuple[int, ...], ...]
    lazy_needles: dict[int, tuple[Needle, ...]]
    """Needles of lazy slots and of `ends`, looked for only near a hit; keyed by slot, or by -1-rule for `ends`."""
    exercises: tuple[str, ...]
    """Literals whose mere presence is noted, for checks."""
    numbers: dict[Needle, int]
    """The number of each needle."""
    digest: str
    off: tuple[str, ...] = ()
    """Ids of rules that are loaded but switched off (status test, or by configuration)."""


def build_ruleset(rules: Iterable[Rule], digest: str, off: Sequence[str] = ()) -> RuleSet:
    """Lay out slots and needles of the rules that are on."""
    active = tuple(sorted((rule for rule in rules if rule.id not in off), key=lambda rule: rule.id))
    slots = tuple(slot for index, rule in enumerate(active) for slot in _slots(index, rule))
    watched: dict[Needle, set[int]] = {}
    lazy: dict[int, tuple[Needle, ...]] = {}
    for number, slot in enumerate(slots):
        needles = (GENEROUS if slot.lazy else SPARING).condition(slot.condition) or frozenset()
        if slot.lazy:
            lazy[number] = tuple(sorted(needles))
            continue
        for needle in needles:
            watched.setdefault(needle, set()).add(number)
    for index, rule in enumerate(active):
        if rule.detect.incident.ends is not None:
            needles = GENEROUS.condition(rule.detect.incident.ends) or frozenset()
            lazy[-1 - index] = tuple(sorted(needles))
    for text in _ERROR_NEEDLES:
        watched.setdefault(Needle((), False, text), set()).add(ERRORS)
    for needle in http_needles(_SERVER_ERROR) or ():
        watched.setdefault(needle, set()).add(SERVER_ERRORS)
    ordered = sorted(watched)
    return RuleSet(
        rules=active,
        slots=slots,
        needles=tuple(needle.flat() for needle in ordered),
        wrapped=tuple(needle.wrapped() for needle in ordered),
        ignore_case=tuple(needle.ignore_case for needle in ordered),
        watchers=tuple(tuple(sorted(watched[needle])) for needle in ordered),
        lazy_needles=lazy,
        exercises=tuple(
            sorted(
                {t for r in active for c in r.verify.checks if c.exercised_by for t in c.exercised_by.text}
            )
        ),
        numbers={needle: number for number, needle in enumerate(ordered)},
        digest=digest,
        off=tuple(sorted(off)),
    )


def _slots(index: int, rule: Rule) -> list[Slot]:
    detect = rule.detect
    slots: list[Slot] = []
    if rule.kind in ("match", "count", "distinct"):
        slots.append(Slot(index, "primary", detect))
    slots += [Slot(index, "also", condition) for condition in detect.also]
    slots += [Slot(index, "between", condition) for condition in detect.none_between]
    for name in ("after", "missing", "part", "whole"):
        condition = getattr(detect, name)
        if condition is not None:
            slots.append(Slot(index, name, condition))
    for step in detect.steps:
        slots += [
            Slot(index, f"step:{step.name}:{place}", condition, lazy=place >= len(step.any))
            for place, condition in enumerate((*step.any, *step.lazy))
        ]
    for cause in rule.explain.causes if rule.explain else ():
        if cause.evidence is not None:
            slots.append(Slot(index, f"cause:{cause.id}", cause.evidence, lazy=True))
    return slots


def needle_numbers(ruleset: RuleSet, condition: Condition, key: str, value: str) -> frozenset[int] | None:
    """Needles of which one must have been found where one literal or pattern of a condition holds; None when the
    prefilter does not look for all of them."""
    needles = SPARING.text(value) if key == "text" else SPARING.regex(value)
    if not needles or not needles <= ruleset.numbers.keys():
        return None
    return frozenset(ruleset.numbers[needle] for needle in needles)


class Prefilter:
    """Compiled needles: says where in a buffer something may be."""

    def __init__(
        self,
        patterns: Sequence[str],
        ignore_case: Sequence[bool],
        once: int | None = None,
        cache: Cache | None = None,
        leave_out: frozenset[int] = frozenset(),
    ) -> None:
        """Patterns from number `once` on are reported once per search only; those in `leave_out` never."""
        from importlib.metadata import version

        import hyperscan

        self._database: Any = None
        content = repr((list(patterns), list(ignore_case), once)).encode()
        name = f"prefilter-{version('hyperscan')}-{hashlib.sha256(content).hexdigest()[:32]}"
        saved = cache.read(name) if cache and not leave_out else None
        if saved is not None:
            with contextlib.suppress(hyperscan.error):
                self._database = hyperscan.loadb(saved, hyperscan.HS_MODE_BLOCK)
                self._database.scratch = hyperscan.Scratch(self._database)
        if self._database is None:
            ids = [number for number in range(len(patterns)) if number not in leave_out]
            self._database = _compile(patterns, ignore_case, len(patterns) if once is None else once, ids)
            if cache and not leave_out:
                cache.write(name, hyperscan.dumpb(self._database))

    def scan(self, view: memoryview) -> list[tuple[int, int]]:
        """Return (offset of the last byte, needle) of everything found, in order."""
        found: list[tuple[int, int]] = []
        append = found.append

        def on_match(needle: int, start: int, end: int, flags: int, context: object) -> None:
            append((end - 1, needle))

        if len(view):
            self._database.scan(view, match_event_handler=on_match)
        found.sort()
        return found


def _compile(patterns: Sequence[str], ignore_case: Sequence[bool], once: int, ids: Sequence[int]) -> Any:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[patterns[number].encode() for number in ids],
        ids=ids,
        elements=len(ids),
        flags=[
            hyperscan.HS_FLAG_MULTILINE
            | (hyperscan.HS_FLAG_CASELESS if ignore_case[number] else 0)
            | (hyperscan.HS_FLAG_SINGLEMATCH if number >= once else 0)
            for number in ids
        ],
    )
    return database


class Cache:
    """A folder of files named by the hash of what they were made from; a wrong or missing one is made anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        try:
            data = (self._folder / name).read_bytes()
        except OSError:
            return None
        digest, body = data[:32], data[32:]
        return body if hashlib.sha256(body).digest() == digest else None

    def write(self, name: str, body: bytes) -> None:
        """Write whole or not at all; a folder that cannot be written means no cache."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder)
            with open(handle, "wb") as file:
                file.write(hashlib.sha256(body).digest() + body)
            os.replace(temporary, self._folder / name)


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """What a configuration changes: rules switched off, severities re-tuned (id to severity)."""

    disable: tuple[str, ...] = ()
    severity: dict[str, str] = dataclasses.field(default_factory=dict)


def load_ruleset(
    folders: Sequence[Path],
    cache: Cache | None,
    changes: RuleChanges | None = None,
    include_test: bool = False,
) -> RuleSet:
    """Load the rules of the folders (a later one replaces rules of an earlier one by id); RuleError lists
    all problems."""
    changes = changes or RuleChanges()
    texts = _read_texts(folders)
    digest = _digest(texts)
    rules = _cached_rules(digest, cache)
    if rules is None:
        rules = _load_rules(texts)
        if cache:
            plain = [dataclasses.asdict(rule) for rule in rules]
            cache.write(f"rules-{digest}", json.dumps(plain, separators=(",", ":")).encode())
    known = {rule.id for rule in rules}
    for name in [*changes.disable, *changes.severity]:
        if name not in known:
            raise UsageError(
                f"the configuration names a rule {name!r} that does not exist", "See logscope rules list."
            )
    rules = [dataclasses.replace(r, severity=changes.severity.get(r.id, r.severity)) for r in rules]  # type: ignore[arg-type]
    off = set(changes.disable)
    if not include_test:
        off |= {rule.id for rule in rules if rule.status == "test"}
    return build_ruleset(rules, digest, sorted(off))


def _read_texts(folders: Sequence[Path]) -> list[tuple[int, str, str, str]]:
    """Return (number of the folder, name shown, area, text) of every rule file."""
    from logscope.rulebook.loader import rule_files

    texts = []
    for number, folder in enumerate(folders):
        if not folder.exists():
            raise UsageError(f"{folder}: no such rule folder", "Check --rules.")
        root = folder if folder.is_dir() else folder.parent
        for file in rule_files(folder):
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise RuleError((f"{file}:1:1: not readable: {error}",)) from error
            shown = file.relative_to(root.parent).as_posix()
            texts.append((number, shown, file.parent.name if file.parent != root else "", text))
    return texts


def _digest(texts: list[tuple[int, str, str, str]]) -> str:
    state = hashlib.sha256(f"{__version__}\0".encode())
    for item in texts:
        state.update("\0".join(map(str, item)).encode() + b"\1")
    return state.hexdigest()[:32]


def _cached_rules(digest: str, cache: Cache | None) -> list[Rule] | None:
    saved = cache.read(f"rules-{digest}") if cache else None
    return None if saved is None else list(from_plain(tuple[Rule, ...], json.loads(saved)))


def _load_rules(texts: list[tuple[int, str, str, str]]) -> list[Rule]:
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
    return [merged[name].rule for name in sorted(merged)]


def exercise_needles(texts: Sequence[str]) -> list[str]:
    """Return prefilter patterns for literals of which only the presence matters."""
    return [min((n.flat() for n in GENEROUS.text(text) or frozenset()), default="") for text in texts]
