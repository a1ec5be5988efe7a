"""`logscope.toml`: what a team sets once, checked like a rule file: every problem at once, with its line."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from logscope.errors import ConfigError, UsageError
from logscope.expressions import parse_expression
from logscope.gate import FAIL_ON
from logscope.rulebook.needles import GENEROUS
from logscope.rulebook.rule import Rule, SeverityName, minutes
from logscope.rulebook.ruleset import RuleChanges, RuleSet
from logscope.validation import noun_in, types_of, validate
from logscope.verify import TeamCheck
from logscope.waivers import Waiver

FILE_NAME = "logscope.toml"
MAX_BYTES = 1 << 20
_MAX_LINES = 500
"""Problems further down are named without their line."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_Path = tuple[str | int, ...]
_Problem = tuple[_Path, str]


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

    @property
    def rule_folders(self) -> tuple[str, ...]:
        return tuple(str(self.folder / path) for path in self.tables.analyze.rules)

    @property
    def changes(self) -> RuleChanges:
        """What it changes about rules."""
        rules = self.tables.rules
        return RuleChanges(
            disable=tuple(name for name, item in rules.items() if not item.enabled),
            severity={name: item.severity for name, item in rules.items() if item.severity},
        )


def load_config(path: Path, name: str) -> Config:
    """Read a configuration; UsageError lists every problem as `name:line: what is wrong`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        hint = "Check --config, or leave it out."
        raise UsageError(f"{name}: cannot be read: {error.strerror or error}", hint) from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name}: larger than {MAX_BYTES >> 20} MiB: no configuration")
    text, raw = _parse(data, name)
    config = Config(name=name, folder=path.parent, text=text)
    tables, problems = _validate(raw)
    if tables is not None:
        problems = list(_meaning(tables, path.parent))
        config = replace(config, tables=tables)
    _refuse(problems, config)
    return config


def check_names(config: Config, rules: Sequence[Rule], others: Iterable[str] = ()) -> None:
    """Refuse names of rules and checks that do not exist; `others` are ids without a rule file."""
    known = {rule.id for rule in rules}
    checks: dict[str, list[str]] = {check.id: [f"team/{check.id}"] for check in config.tables.checks}
    for rule in rules:
        for check in rule.verify.checks:
            checks.setdefault(check.id, []).append(f"{rule.id}/{check.id}")
    problems = [
        (path, f"there is no rule {name!r}: {_nearest(name, known, 'see logscope rules list')}")
        for path, name in _named_rules(config.tables)
        if name not in known and name not in others
    ]
    for place, waiver in enumerate(config.tables.waivers):
        if waiver.check and (problem := _check_problem(waiver.check, checks)):
            problems.append((("waivers", place, "check"), problem))
    _refuse(problems, config)


def with_literals(ruleset: RuleSet, config: Config) -> RuleSet:
    """Return the rules, looking also for the literals that the team's checks name."""
    triggers = [check.exercised_by for check in config.tables.checks if check.exercised_by]
    known = dict(ruleset.index.presence)
    for text in {text for trigger in triggers for text in trigger.text} - known.keys():
        if needles := GENEROUS.text(text):
            known[text] = min(needles)
    presence = tuple(sorted(known.items()))
    return replace(ruleset, index=replace(ruleset.index, presence=presence))


def read_zone(name: str) -> tzinfo:
    """Return the zone of an IANA name, UTC, or an offset such as +02:00; ValueError says what to write."""
    offset = _OFFSET.fullmatch(name)
    try:
        if offset:
            length = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
            return timezone(-length if offset[1] == "-" else length)
        return ZoneInfo(name)
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


def _validate(raw: dict[str, Any]) -> tuple[Tables | None, list[_Problem]]:
    from pydantic import ValidationError

    if isinstance(raw.get("rules"), list):
        return None, [(("rules",), "rule folders are named under [analyze], as rules = [...]")]
    try:
        return validate(Tables, _lists(Tables, raw)), []
    except ValidationError as error:
        return None, [_worded(item) for item in error.errors()]


def _lists(kind: Any, value: Any) -> Any:
    """One text where a list of texts may stand is that list."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        if isinstance(value, str) and arguments[0] is str:
            return [value]
        return [_lists(arguments[0], item) for item in value] if isinstance(value, list) else value
    if origin is dict and isinstance(value, dict):
        return {key: _lists(arguments[1], item) for key, item in value.items()}
    noun = noun_in(kind)
    if noun is None or not isinstance(value, dict):
        return value
    hints = types_of(noun)
    return {key: _lists(hints.get(key), item) for key, item in value.items()}


def _worded(item: Any) -> _Problem:
    path: _Path = tuple(item["loc"])
    if item["type"] == "extra_forbidden":
        return path, f"unknown key {path[-1]!r}: {_nearest(str(path[-1]), _known_keys(path[:-1]))}"
    if item["type"] == "missing":
        return path[:-1], f"{path[-1]} is missing: add it"
    said = f"{item['msg'][0].lower()}{item['msg'][1:]}"
    if item["type"].startswith("date"):
        said = "is no date; write 2026-12-31"
    return path, f"{_spoken(path)}: {said}"


def _spoken(path: _Path) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _known_keys(path: _Path) -> set[str]:
    """Names that may stand in the table at `path`."""
    kind: Any = Tables
    for part in path:
        if typing.get_origin(kind) is dict:
            kind = typing.get_args(kind)[1]
        elif isinstance(part, int):
            kind = typing.get_args(kind)[0]
        elif noun := noun_in(kind):
            kind = types_of(noun)[part]
    noun = noun_in(kind)
    return set(noun.__struct_fields__) if noun else set()


def _nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    import difflib  # only for this message

    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else otherwise or f"known are {', '.join(names)}"


def _meaning(tables: Tables, folder: Path) -> Iterable[_Problem]:
    """Yield what well-formed tables still get wrong."""
    yield from _settings(tables.analyze, folder)
    seen: set[str] = set()
    for place, check in enumerate(tables.checks):
        for key, problem in _check_meaning(check, seen):
            yield ("checks", place, key), problem
        seen.add(check.id)
    for place, waiver in enumerate(tables.waivers):
        if not waiver.check and not waiver.rule:
            yield ("waivers", place), 'say what is waived: check = "ID" or rule = "ID"'
        if not waiver.reason.strip():
            yield ("waivers", place, "reason"), "reason is empty: say why"


def _settings(settings: AnalyzeSettings, folder: Path) -> Iterable[_Problem]:
    if settings.fail_on is not None and settings.fail_on not in FAIL_ON:
        known = _nearest(settings.fail_on, FAIL_ON)
        yield ("analyze", "fail_on"), f"analyze.fail_on: {settings.fail_on!r} is not known: {known}"
    readers: Mapping[str, Callable[[str], object]] = {"timezone": read_zone, "budget": minutes}
    for key, read in readers.items():
        value = getattr(settings, key)
        try:
            if value is not None:
                read(value)
        except ValueError as error:
            yield ("analyze", key), f"analyze.{key}: {error}"
    if settings.log_format:
        from logscope.events.formats import format_names
        from logscope.events.prefixes import BY_NAME

        if settings.log_format not in (names := {*format_names(), *BY_NAME}):
            known = _nearest(settings.log_format, names)
            yield (
                ("analyze", "log_format"),
                f"analyze.log_format: {settings.log_format!r} is not known: {known}",
            )
    if settings.repo is not None and not (folder / settings.repo).is_dir():
        yield ("analyze", "repo"), f"analyze.repo: {settings.repo}: no such folder"
    for path in settings.rules:
        if not (folder / path).exists():
            yield ("analyze", "rules"), f"analyze.rules: {path}: no such file or folder"


def _check_meaning(check: TeamCheck, seen: set[str]) -> Iterable[tuple[str, str]]:
    if not _ID.fullmatch(check.id):
        yield "id", f"id {check.id!r}: write words in lower case with hyphens between them"
    elif check.id in seen:
        yield "id", f"id {check.id!r} is used twice: ids are unique"
    if check.expect:
        try:
            parse_expression(check.expect)
        except ValueError as error:
            yield "expect", f"expect: {error}"
        if not check.rule:
            yield "expect", 'expect asks the figures of a rule: name it with rule = "ID"'
    if check.manual and (check.rule or check.exercised_by):
        yield "manual", "manual leaves the check for a person: drop it, or rule, expect and exercised_by"
    trigger = check.exercised_by
    if trigger is not None and not (trigger.text or trigger.signals):
        yield "exercised_by", "exercised_by is empty: name text or signals"
    for text in trigger.text if trigger else ():
        if not GENEROUS.text(text):
            yield "exercised_by", f"exercised_by: {text!r} is too short or too common to be looked for"


def _named_rules(tables: Tables) -> Iterable[tuple[_Path, str]]:
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
        return f"there is no check {name!r}: {_nearest(name, [*checks, *full], 'see logscope checklist')}"
    same = checks[name]
    return f"{len(same)} rules have a check {name!r}: write {' or '.join(same)}" if len(same) > 1 else ""


def _refuse(problems: Sequence[_Problem], config: Config) -> None:
    if not problems:
        return
    places = _lines_of({path for path, _ in problems}, config.text)
    lines = sorted({(places.get(path, 0), said) for path, said in problems})
    said = (f"{config.name}:{line}: {text}" if line else f"{config.name}: {text}" for line, text in lines)
    raise ConfigError(tuple(said))


def _lines_of(paths: set[_Path], text: str) -> dict[_Path, int]:
    """The line, from 1, on which the value at each path begins, as far as known.

    The first lines of a file are TOML by themselves wherever a value ends: a path is first held by those that end
    with its value.
    """
    import tomllib

    lines = text.splitlines(keepends=True)
    places: dict[_Path, int] = {}
    begin = 1
    for end in range(1, min(len(lines), _MAX_LINES) + 1):
        try:
            part = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        places |= {path: begin for path in paths - places.keys() if _holds(part, path)}
        begin = end + 1
    return places


def _holds(part: Any, path: _Path) -> bool:
    for key in path:
        known = key < len(part) if isinstance(part, list) and isinstance(key, int) else False
        if not known and not (isinstance(part, dict) and key in part):
            return False
        part = part[key]
    return True
