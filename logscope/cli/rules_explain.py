"""`logscope rules explain`: why a rule did or did not match a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from logscope.cli.common import (
    find_rule,
    log_format_option,
    now,
    rule_cache,
    rules_of,
    rules_option,
    scan_options,
)
from logscope.errors import NoInputError, UsageError
from logscope.events import Event
from logscope.match.conditions import compile_condition
from logscope.match.explain import explain
from logscope.model import Source
from logscope.options import ScanOptions
from logscope.pipeline import explain_events
from logscope.redact import clean
from logscope.rulebook.parts import parts_of
from logscope.rulebook.rule import Rule

_NUMBERED = re.compile(r"(.+):(\d{1,18})", re.DOTALL)


@click.command(
    "explain",
    epilog="\b\nExample:\n  logscope rules explain port-in-use app.log:12",
    short_help="Say why a rule did or did not match a line.",
)
@click.argument("name", metavar="ID")
@click.argument("place", metavar="LOG[:LINE]")
@rules_option
@log_format_option
def explain_rule(name: str, place: str, rule_folders: tuple[str, ...], log_format: str) -> None:
    """Say step by step why a rule did or did not match the event at a line (or the first that comes closest)."""
    rule = find_rule(rules_of(rule_folders, rule_cache()), name)
    numbered = _NUMBERED.fullmatch(place)
    path, line = (numbered[1], int(numbered[2])) if numbered else (place, None)
    options = scan_options(log_format, None, None, None, now())
    best: tuple[int, list[str]] | None = None
    for event, wrapped in _events(Source(path, None if path == "-" else path), options):
        if line is None or event.line <= line <= event.last_line:
            found = _explained(rule, event, wrapped)
            best = found if best is None or found[0] > best[0] else best
    if best is None:
        if line is not None:
            raise UsageError(f"{path} has no line {line}", "Give a line that is in the file.")
        raise NoInputError(f"{path}: no log line", "Give a log file.")
    click.echo("\n".join(best[1]))


def _explained(rule: Rule, event: Event, wrapped: bool) -> tuple[int, list[str]]:
    """Return how many parts of a condition hold for an event, of the condition of which most do, and all in words."""
    first = clean(event.text.partition("\n")[0])[:160]
    score, lines = 0, [f"{clean(event.source)}:{event.line} {first}"]
    for part in parts_of(rule):
        if part.path[0] != "detect":
            continue
        verdicts = explain(part.condition, event, wrapped)
        score = max(score, sum(verdict.holds for verdict in verdicts))
        matches = verdicts[0].holds and compile_condition(part.condition)(event, {}, None)
        lines.append(f"  {'.'.join(map(str, part.path))}: {'matches' if matches else 'does not match'}")
        lines += [f"    {'  ' * v.depth}{'yes' if v.holds else 'no '} {clean(v.text)}" for v in verdicts]
    return score, lines


def _events(source: Source, options: ScanOptions) -> Iterator[tuple[Event, bool]]:
    try:
        yield from explain_events(source, options)
    except OSError as error:
        raise UsageError(
            f"{source.name}: not read: {error.strerror or error}", "Give a log file, or -."
        ) from error
