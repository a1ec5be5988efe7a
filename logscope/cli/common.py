"""What several commands share: paths to sources, rules with their cache, times, progress."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import wraps
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from logscope.config import (
    FILE_NAME,
    Config,
    check_names,
    load_config,
    problems_in,
    read_zone,
    refuse,
    with_literals,
)
from logscope.errors import RuleError, UsageError
from logscope.events.text.times import told
from logscope.neutral import one_line
from logscope.options import ScanOptions
from logscope.report import ReportNote
from logscope.resources import data_dir
from logscope.rulebook.cache import Cache
from logscope.rulebook.files import rule_files
from logscope.rulebook.rule import REQUESTS, Rule
from logscope.rulebook.ruleset import RuleSet, choose, load_rulebook
from logscope.validation import nearest

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(s|min|m|h|d|w)")
_AGO = re.compile(rf"(?:{_LENGTH.pattern}\s*)+")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def now() -> datetime:
    """The time reports carry: SOURCE_DATE_EPOCH where it is set, for equal bytes."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC)
    try:
        seconds = int(epoch)
    except ValueError:
        seconds = None
    if seconds is None or told(seconds) != seconds:
        raise UsageError(f"SOURCE_DATE_EPOCH={epoch}: no number of seconds since 1970")
    return datetime.fromtimestamp(seconds, UTC)


def rule_cache() -> Cache | None:
    """The folder of the rule cache, below the user's cache folder; None with LOGSCOPE_NO_CACHE."""
    if os.environ.get("LOGSCOPE_NO_CACHE"):
        return None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Cache(Path(base) / "logscope")


def note_replaced(rules: Iterable[tuple[str, str]]) -> None:
    """Say of which rules, told by id and path, the id is a shipped one's."""
    shipped = {file.stem for file in rule_files(data_dir("rules"))}
    for name, path in rules:
        if name in shipped:
            say(f"note: {path}: replaces the shipped rule of this id")


def rules_of(folders: Sequence[str], cache: Cache | None, config: Config | None = None) -> RuleSet:
    """The shipped rules with those of the configuration and of `folders` added, changed as configured.

    ConfigError and RuleError say everything that is wrong in the configuration and in rule files.
    """
    config = config or Config()
    places = [data_dir("rules"), *map(Path, config.rule_folders), *map(Path, folders)]
    try:
        book = load_rulebook(places, cache)
    except RuleError as error:
        if problems := problems_in(config):
            raise RuleError((*problems, *error.problems), "the configuration and rule files") from error
        raise
    check_names(config, book.rules, (REQUESTS,))
    refuse(config)
    return with_literals(choose(book, cache, config.changes), config)


def find_config(
    file: str | None, none: bool, scanned: Sequence[str] = ()
) -> tuple[Config, tuple[ReportNote, ...]]:
    """The configuration of a run: `file` (--config), or the one in the working directory, or none (--no-config).

    One that lies in a folder that is `scanned` is not trusted: a note says that it was not read.
    """
    if file is not None and none:
        raise UsageError("--config and --no-config exclude each other", "Give one of them.")
    if file is not None:
        return load_config(Path(file), file), ()
    here = Path(FILE_NAME)
    if none or not os.path.lexists(here):
        return Config(), ()
    if not here.is_file():  # a link that leads nowhere is somebody's mistake, too
        raise UsageError(f"{FILE_NAME}: is no file that can be read", "Mend it, or give --no-config.")
    if any(here.resolve().is_relative_to(Path(folder).resolve()) for folder in scanned):
        text = f"not read, because it lies in what is scanned; trust it with --config {FILE_NAME}"
        return Config(), (ReportNote(FILE_NAME, "configuration", text),)
    return load_config(here, FILE_NAME), ()


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--config and --no-config."""
    command = click.option("--no-config", is_flag=True, help=f"Do not read {FILE_NAME}.")(command)
    return click.option(
        "--config",
        "config_file",
        metavar="FILE",
        callback=filled,
        help=f"Read settings, waivers and checks from FILE (default: {FILE_NAME} in the working directory).",
    )(command)


def ruleset_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--rules, --config and --no-config; the command gets the `ruleset` that they make."""

    @wraps(command)
    def loaded(rule_folders: tuple[str, ...], config_file: str | None, no_config: bool, **given: Any) -> Any:
        config, _ = find_config(config_file, no_config)
        return command(ruleset=rules_of(rule_folders, rule_cache(), config), **given)

    return rules_option(config_options(loaded))


def zone_of(name: str | None) -> tzinfo | None:
    """Read --timezone: an IANA name, UTC, or an offset such as +02:00."""
    if not name:
        return None
    try:
        return read_zone(name)
    except ValueError as error:
        raise UsageError(
            f"--timezone {name}: no such time zone", "Write Europe/Berlin, UTC or +02:00."
        ) from error


def moment(text: str | None, option: str, zone: tzinfo | None, at: datetime) -> float | None:
    """Read --since or --until: an ISO date or time, or a length of time before now such as 2h or 1h30m.

    A date is the whole day: --since is its first moment, --until its last.
    """
    if not text:
        return None
    text = text.strip()
    try:
        if _AGO.fullmatch(text):
            ago = sum(float(number) * _SECONDS[unit] for number, unit in _LENGTH.findall(text))
            return told((at - timedelta(seconds=ago)).timestamp())
        found = datetime.fromisoformat(text)
        if option == "--until" and _is_date(text):
            found = datetime.combine(found, time.max)
        found = found if found.tzinfo else found.replace(tzinfo=zone or UTC)
        return told(found.timestamp())
    except (ValueError, OverflowError, OSError) as error:
        hint = "Write 2026-11-20, 2026-11-20T19:00, or 2h for two hours ago."
        raise UsageError(f"{option} {text}: no time", hint) from error


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def scan_options(
    log_format: str, timezone: str | None, since: str | None, until: str | None, at: datetime
) -> ScanOptions:
    """Check and gather what the user forces and bounds."""
    zone = zone_of(timezone)
    begin, end = moment(since, "--since", zone, at), moment(until, "--until", zone, at)
    if begin is not None and end is not None and begin > end:
        raise UsageError("--since is later than --until", "Swap them.")
    return ScanOptions(log_format=log_format, timezone=zone, now=at.timestamp(), since=begin, until=end)


def say(text: str) -> None:
    """Print one line that may hold a rule's or a log's text, or a file's name."""
    click.echo(one_line(text))


def filled(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Refuse an option that is given without a value, as `--since "$UNSET"` is in a script."""
    given = context.get_parameter_source(parameter.name or "") == click.core.ParameterSource.COMMANDLINE
    values = value if isinstance(value, tuple) else (value,)
    if given and any(one is not None and not one.strip() for one in values):
        raise UsageError(f"{parameter.opts[0]}: the value is empty", "Leave the option out, or give a value.")
    return value


rules_option = click.option(
    "--rules",
    "rule_folders",
    multiple=True,
    metavar="DIR",
    callback=filled,
    help="Add rules from a folder or file. May be repeated.",
)
log_format_option = click.option(
    "--log-format",
    default="",
    metavar="NAME",
    callback=filled,
    help="Read every line in this format only; text: in any, also what looks like a document.",
)
timezone_option = click.option(
    "--timezone",
    metavar="ZONE",
    callback=filled,
    help="Zone of times that carry none (default: UTC).",
)


class InputOptions(Struct, frozen=True):
    """The options of every command that reads logs, as they were given."""

    paths: tuple[str, ...]
    rule_folders: tuple[str, ...]
    log_format: str
    timezone: str | None
    since: str | None
    until: str | None
    strict: bool | None
    quiet: bool
    verbose: bool
    config_file: str | None
    no_config: bool


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every command that reads logs; the command gets them as one `InputOptions`."""

    @wraps(command)
    def gathered(**given: Any) -> Any:
        own = {name: given.pop(name) for name in InputOptions.__struct_fields__}
        return command(InputOptions(**own), **given)

    options = [
        click.argument("paths", nargs=-1, required=True, metavar="PATH..."),
        rules_option,
        log_format_option,
        timezone_option,
        click.option(
            "--since",
            metavar="TIME",
            callback=filled,
            help="Only events from this time on: 2026-11-20 (its beginning), 2026-11-20T19:00, or 2h (two hours ago).",
        ),
        click.option(
            "--until",
            metavar="TIME",
            callback=filled,
            help="Only events up to this time, a day to its end.",
        ),
        click.option(
            "--strict/--no-strict",
            default=None,
            help="Exit 5 when an input was not read whole or a rule timed out.",
        ),
        click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors and what is asked for."),
        click.option("--verbose", "-v", is_flag=True, help="Say on stderr what each input was read as."),
    ]
    decorated: Callable[..., Any] = gathered
    for option in reversed(options):
        decorated = option(decorated)
    return config_options(decorated)


class Progress:
    """A bar on stderr for work of more than a second, when stderr is a terminal."""

    def __init__(self, total: int, quiet: bool) -> None:
        self._on = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._on = self._on and os.environ.get("TERM") != "dumb"  # the bar hides the cursor by an escape
        self._total = total
        self._bar: Any = None
        self._start = datetime.now(UTC)
        self._done = 0

    def __call__(self, count: int) -> None:
        self._done += count
        if not self._on:
            return
        if self._bar is None:
            if (datetime.now(UTC) - self._start).total_seconds() < 1:
                return
            self._bar = self._begun()
            self._bar.__enter__()
            count = self._done
        self._bar.update(count)

    def _begun(self) -> Any:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
        eta = columns >= 40  # a bar wider than the terminal would leave a line at each step
        width = max(1, min(36, columns - (28 if eta else 18)))
        return click.progressbar(
            length=max(self._total, 1), label="Reading", file=sys.stderr, width=width, show_eta=eta
        )

    def close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)


def total_size(paths: Sequence[str | None]) -> int:
    """Bytes of the files, as far as known."""
    return sum(os.path.getsize(path) for path in paths if path and os.path.isfile(path))


def find_rule(ruleset: RuleSet, name: str) -> Rule:
    """Return the rule with this id; UsageError names the nearest one."""
    for rule in ruleset.rules:
        if rule.id == name:
            return rule
    if name in ruleset.off:
        raise UsageError(f"the rule {name!r} is switched off", "See it with --no-config, or set its status.")
    near = nearest(name, (rule.id for rule in ruleset.rules), "see logscope rules list")
    raise UsageError(f"there is no rule {name!r}: {near}")
