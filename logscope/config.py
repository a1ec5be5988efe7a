"""`logscope.toml`: what a team sets once, checked like a rule file: every problem at once, with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from logscope.errors import ConfigError, UsageError
from logscope.expressions import parse_expression
from logscope.model import SeverityName
from logscope.rulebook.files import rule_files
from logscope.rulebook.index import presence_of
from logscope.rulebook.rule import ID, Rule, minutes
from logscope.rulebook.ruleset import RuleChanges, RuleSet
from logscope.validation import KeyPath, Problems, nearest, read
from logscope.verdict.gate import FAIL_ON
from logscope.verdict.verify import TeamCheck
from logscope.verdict.waivers import Waiver

FILE_NAME = "logscope.toml"
MAX_BYTES = 1 << 20
_MAX_LINES = 500
"""Problems further down are named without their line."""
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_FOLDERS: KeyPath = ("analyze", "rules")
_FILTERS = ("paths", "text", "signals")


class AnalyzeSettings(Struct, frozen=True):
    """Defaults of options; the command line wins over each."""

    fail_on: str | None = None
    strict: bool | None = None
    timezone: str | None = None
    log_format: str | None = None
    repo: str | None = None
    """Relative to the file's folder, like `rules`."""
    budget: str | None = None
    rules: tuple[str, ...] = ()
    """Rule folders or files, added before those of --rules."""


class RuleSettings(Struct, frozen=True):
    """What one rule gets instead of what its file says."""

    severity: SeverityName | None = None
    enabled: bool = True


class Tables(Struct, frozen=True):
    """The file as it may be written."""

    analyze: AnalyzeSettings = AnalyzeSettings()
    rules: dict[str, RuleSettings] = {}
    checks: tuple[TeamCheck, ...] = ()
    waivers: tuple[Waiver, ...] = ()


class Config(Struct, frozen=True):
    """A configuration that was read; without a file everything is as logscope ships."""

    tables: Tables = Tables()
    name: str = ""
    """The file as the user would name it; empty without one."""
    folder: Path = Path()
    text: str = ""
    problems: Problems = field(default_factory=Problems)

    @property
    def rule_folders(self) -> tuple[str, ...]:
        """Those that can be read."""
        paths = enumerate(self.tables.analyze.rules)
        return tuple(
            str(self.folder / path) for place, path in paths if self.problems.stands((*_FOLDERS, place))
        )

    @property
    def changes(self) -> RuleChanges:
        """What it changes about rules."""
        rules = self.tables.rules
        return RuleChanges(
            disable=tuple(name for name, item in rules.items() if not item.enabled),
            severity={name: item.severity for name, item in rules.items() if item.severity},
        )


def load_config(path: Path, name: str) -> Config:
    """Read a configuration, also a wrong one: what can be said by itself is in `problems`, and `refuse` raises it.

    UsageError when there is no TOML to read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        hint = "Check --config, or leave it out."
        raise UsageError(f"{name}: cannot be read: {error.strerror or error}", hint) from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name}: larger than {MAX_BYTES >> 20} MiB: no configuration")
    text, raw = _parse(data, name)
    misplaced = isinstance(raw.get("rules"), list)
    tables, problems = read(Tables, {**raw, "rules": {}} if misplaced else raw, filters=_FILTERS)
    if misplaced:
        problems.add(("rules",), "rule folders are named under [analyze], as rules = [...]")
        problems.unsure.append(("analyze", "rules"))
    _check_settings(tables.analyze, path.parent, problems)
    _check_checks(tables.checks, problems)
    for place, waiver in enumerate(tables.waivers):
        _check_waiver(waiver, place, problems)
    return Config(tables, name, path.parent, text, problems)


def check_names(config: Config, rules: Sequence[Rule], others: Iterable[str]) -> None:
    """Tell names of rules and checks that do not exist; `others` are ids without a rule file."""
    known = {rule.id for rule in rules}
    checks: dict[str, list[str]] = {check.id: [f"team/{check.id}"] for check in config.tables.checks}
    for rule in rules:
        for check in rule.verify.checks:
            checks.setdefault(check.id, []).append(f"{rule.id}/{check.id}")
    for path, name in _named_rules(config.tables):
        if name not in known and name not in others:
            text = f"there is no rule {name!r}: {nearest(name, known, 'see logscope rules list')}"
            config.problems.add(path, text, _FOLDERS)
    for place, waiver in enumerate(config.tables.waivers):
        if waiver.check and (problem := _check_problem(waiver.check, checks)):
            config.problems.add(("waivers", place, "check"), problem, _FOLDERS, ("checks", None, "id"))


def problems_in(config: Config) -> tuple[str, ...]:
    """Everything that is wrong, as `name:line: what is wrong`, in order of the lines."""
    problems = config.problems.found
    if not problems:
        return ()
    places = _lines_of({path[:end] for path, _ in problems for end in range(1, len(path) + 1)}, config.text)
    lines = sorted({(_line(path, places), said) for path, said in problems})
    return tuple(
        f"{config.name}:{line}: {text}" if line else f"{config.name}: {text}" for line, text in lines
    )


def refuse(config: Config) -> None:
    """Raise ConfigError with everything that is wrong, if anything is."""
    if problems := problems_in(config):
        raise ConfigError(problems)


def with_literals(ruleset: RuleSet, config: Config) -> RuleSet:
    """Return the rules, looking also for the literals that the team's checks name."""
    triggers = [check.exercised_by for check in config.tables.checks if check.exercised_by]
    own = presence_of({text for trigger in triggers for text in trigger.text})
    presence = tuple(sorted({*ruleset.index.presence, *own}))
    return replace(ruleset, index=replace(ruleset.index, presence=presence))


def read_zone(name: str) -> tzinfo:
    """Return the zone of an IANA name, UTC (also `utc` or `Z`), or an offset such as +02:00; ValueError says what to
    write."""
    offset = _OFFSET.fullmatch(name)
    try:
        if offset:
            length = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
            return timezone(-length if offset[1] == "-" else length)
        return ZoneInfo("UTC" if name.upper() in ("UTC", "Z") else name)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{name!r} is no time zone; write Europe/Berlin, UTC or +02:00") from None


def _parse(data: bytes, name: str) -> tuple[str, dict[str, Any]]:
    import tomllib  # only where there is a configuration

    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{name}:{line}: is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = f"{name}:{found[1]}:{found[2]}" if found else name
        said = re.sub(r" \(at [^()]*\)$", "", str(error))
        raise UsageError(
            f"{place}: not TOML: {said}", "The format is described at https://toml.io."
        ) from error
    except RecursionError as error:
        raise UsageError(f"{name}: nested too deeply") from error


def _check_settings(settings: AnalyzeSettings, folder: Path, problems: Problems) -> None:
    if settings.fail_on is not None and settings.fail_on not in FAIL_ON:
        _refuse_word("fail_on", settings.fail_on, FAIL_ON, problems)
    readers: Mapping[str, Callable[[str], object]] = {"timezone": read_zone, "budget": minutes}
    for key, read_value in readers.items():
        value = getattr(settings, key)
        try:
            if value is not None:
                read_value(value)
        except ValueError as error:
            problems.add(("analyze", key), f"analyze.{key}: {error}")
    if settings.log_format:
        from logscope.events.formats import PLAIN, format_names
        from logscope.events.written.prefixes import BY_NAME

        if settings.log_format not in (names := {*format_names(), *BY_NAME, PLAIN}):
            _refuse_word("log_format", settings.log_format, names, problems)
    if settings.repo is not None and not (folder / settings.repo).is_dir():
        problems.add(("analyze", "repo"), f"analyze.repo: {settings.repo}: no such folder")
    for place, path in enumerate(settings.rules):
        try:
            rule_files(folder / path)
        except UsageError as error:
            problems.add((*_FOLDERS, place), f"analyze.rules: {error}")
            problems.blank.append((*_FOLDERS, place))


def _refuse_word(key: str, word: str, known: Iterable[str], problems: Problems) -> None:
    problems.add(("analyze", key), f"analyze.{key}: {word!r} is not known: {nearest(word, known)}")


def _check_checks(checks: Sequence[TeamCheck], problems: Problems) -> None:
    seen: set[str] = set()
    for place, check in enumerate(checks):
        at: KeyPath = ("checks", place)
        if not ID.fullmatch(check.id):
            problems.add((*at, "id"), f"id {check.id!r}: write words in lower case with hyphens between them")
        elif check.id in seen:
            problems.add((*at, "id"), f"id {check.id!r} is used twice: ids are unique")
        seen.add(check.id)
        if check.expect:
            try:
                parse_expression(check.expect)
            except ValueError as error:
                problems.add((*at, "expect"), f"expect: {error}")
            if not check.rule:
                text = 'expect asks the figures of a rule: name it with rule = "ID"'
                problems.add((*at, "expect"), text, (*at, "rule"))
        if check.manual and (check.rule or check.exercised_by):
            text = "manual leaves the check for a person: drop it, or rule, expect and exercised_by"
            problems.add((*at, "manual"), text)
        _check_trigger(check, (*at, "exercised_by"), problems)


def _check_trigger(check: TeamCheck, at: KeyPath, problems: Problems) -> None:
    trigger = check.exercised_by
    if trigger is not None and not (trigger.text or trigger.signals):
        problems.add(at, "exercised_by is empty: name text or signals", at)
    for place, text in enumerate(trigger.text if trigger else ()):
        if not presence_of([text]):
            problems.add(
                (*at, "text", place), f"exercised_by: {text!r} is too short or too common to be looked for"
            )


def _check_waiver(waiver: Waiver, place: int, problems: Problems) -> None:
    at: KeyPath = ("waivers", place)
    if not waiver.check and not waiver.rule:
        problems.add(at, 'say what is waived: check = "ID" or rule = "ID"', (*at, "check"), (*at, "rule"))
    if waiver.check and waiver.rule:
        problems.add(
            (*at, "check"), "a waiver names a rule, with all its checks, or a check: drop one of them"
        )
    if not waiver.reason.strip():
        problems.add((*at, "reason"), "reason is empty: say why")


def _named_rules(tables: Tables) -> Iterable[tuple[KeyPath, str]]:
    yield from ((("rules", name), name) for name in tables.rules)
    for place, check in enumerate(tables.checks):
        if check.rule:
            yield ("checks", place, "rule"), check.rule
        for name in check.exercised_by.signals if check.exercised_by else ():
            yield ("checks", place, "exercised_by"), name
    yield from (
        (("waivers", n, "rule"), waiver.rule) for n, waiver in enumerate(tables.waivers) if waiver.rule
    )


def _check_problem(name: str, checks: Mapping[str, Sequence[str]]) -> str:
    """Say what is wrong with the check a waiver names; empty when it is exactly one."""
    full = [one for named in checks.values() for one in named]
    if name in full:
        return ""
    if name not in checks:
        return f"there is no check {name!r}: {nearest(name, [*checks, *full], 'see logscope checklist')}"
    same = checks[name]
    return f"{len(same)} rules have a check {name!r}: write {' or '.join(same)}" if len(same) > 1 else ""


def _line(path: KeyPath, places: Mapping[KeyPath, int]) -> int:
    """The line of a value, of one that is missing that of what it is missing in; 0 where it is not known."""
    return next((places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in places), 0)


def _lines_of(paths: set[KeyPath], text: str) -> dict[KeyPath, int]:
    """The line, from 1, on which the value at each path begins, as far as known.

    The first lines of a file are TOML by themselves wherever a value ends: a path is first held by those that end
    with its value.
    """
    import tomllib

    lines = text.splitlines(keepends=True)
    places: dict[KeyPath, int] = {}
    begin = 1
    for end in range(1, min(len(lines), _MAX_LINES) + 1):
        try:
            part = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        places |= {path: begin for path in paths - places.keys() if _holds(part, path)}
        begin = end + 1
    return places


def _holds(part: Any, path: KeyPath) -> bool:
    for key in path:
        known = key < len(part) if isinstance(part, list) and isinstance(key, int) else False
        if not known and not (isinstance(part, dict) and key in part):
            return False
        part = part[key]
    return True
