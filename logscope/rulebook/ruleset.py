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
from logscope.errors import RuleError
from logscope.rulebook.cache import Cache
from logscope.rulebook.files import MAX_BYTES, Problem, rule_files
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


class RuleBook(Struct, frozen=True):
    """Every rule of some folders."""

    rules: tuple[Rule, ...]
    digest: str
    """The hash of what they were made from."""


def load_ruleset(folders: Sequence[Path], cache: Cache | None, include_test: bool = False) -> RuleSet:
    """Load the rules of the folders; raises what load_rulebook raises."""
    return choose(load_rulebook(folders, cache), cache, include_test=include_test)


def load_rulebook(folders: Sequence[Path], cache: Cache | None) -> RuleBook:
    """Load the rules of the folders, in order of their ids; a later one replaces rules of an earlier one by id.

    RuleError lists all problems; UsageError names a folder without rules.
    """
    read = [_read_folder(folder) for folder in folders]
    files = [files for files, _ in read]
    unread = [problem for _, problems in read for problem in problems]
    digest = _digest(files)
    if unread:
        return RuleBook(_load_rules(files, unread), digest)
    rules = _load_cached(f"rules-{digest}", tuple[Rule, ...], lambda: _load_rules(files, unread), cache)
    return RuleBook(rules, digest)


def choose(
    book: RuleBook, cache: Cache | None, changes: RuleChanges | None = None, include_test: bool = False
) -> RuleSet:
    """Return the rules that are on, changed as configured, ready to scan."""
    changes = changes or RuleChanges()
    off = {rule.id for rule in book.rules if rule.id in changes.disable}
    if not include_test:
        off |= {rule.id for rule in book.rules if rule.status == "test"}
    active = tuple(
        replace(rule, severity=changes.severity[rule.id]) if rule.id in changes.severity else rule
        for rule in book.rules
        if rule.id not in off
    )
    ids = tuple(sorted(off))
    slots = slots_of(active)
    name = hashlib.sha256(f"{book.digest}{ids}".encode()).hexdigest()[:32]
    index = _load_cached(f"index-{name}", Index, lambda: build_index(active, slots), cache)
    return RuleSet(active, slots, index, ids)


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


_File = tuple[str, str, bytes]
"""Path as the user would write it, area, content."""


def _read_folder(folder: Path) -> tuple[list[_File], list[Problem]]:
    """Return the rule files of a folder, and what could not be read."""
    files: list[_File] = []
    problems: list[Problem] = []
    root = folder if folder.is_dir() else folder.parent
    for file in rule_files(folder):
        area = file.parent.name if file.parent != root else ""
        try:
            files.append((file.as_posix(), area, _content(file)))
        except OSError as error:
            problems.append(Problem(file.as_posix(), 1, 1, f"cannot be read: {error.strerror or error}"))
    return files, problems


def _content(file: Path) -> bytes:
    """Return what is in a file, of one that is too large no more than shows that."""
    if file.exists() and not file.is_file():
        raise OSError("it is no regular file")  # a pipe would be waited for
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _digest(folders: list[list[_File]]) -> str:
    code = sorted((file.name, file.stat().st_mtime_ns) for file in Path(__file__).parent.glob("*.py"))
    state = hashlib.sha256(repr((__version__, code)).encode())
    for number, files in enumerate(folders):
        for where, area, content in files:
            state.update(f"{number}\0{where}\0{area}\0{len(content)}\0".encode() + content)
    return state.hexdigest()[:32]


def _load_rules(folders: list[list[_File]], unread: list[Problem]) -> tuple[Rule, ...]:
    from logscope.rulebook.loader import load_texts

    rules, problems = load_texts(*folders, unread=unread)
    if problems:
        raise RuleError(tuple(map(str, problems)))
    return tuple(rules)
