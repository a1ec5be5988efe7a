"""The checklist for a terminal: counts, then the checks by result, what needs somebody first."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from rich.console import Console
from rich.text import Text

from logscope.render import figures, text
from logscope.render.evidence import telling_line
from logscope.render.terminal_style import as_text, hang, headed, line
from logscope.report import Check, CheckResult, EvidenceLine, Report

_STYLE: Mapping[CheckResult, str] = {
    "passed": "green",
    "failed": "bold bright_red",
    "not-exercised": "yellow",
    "manual": "cyan",
    "waived": "magenta",
}


def render(report: Report, width: int = 80) -> str:
    """Return the checklist as plain text without colour."""
    return as_text(lambda console: print_checklist(report, console), width)


def print_checklist(report: Report, console: Console) -> None:
    """Print the checklist for a terminal; log text is never read as markup."""
    headed(console, Text("Pre-release checklist", "bold"), Text(text.when(report.generated), "dim"))
    print_checks(report, console)


def print_checks(report: Report, console: Console) -> None:
    """Print the counts, then the checks by result and area; what was not exercised by what it waits for."""
    hang(console, Text(""), Text(figures.check_summary(report)))
    for result, areas in figures.check_groups(report.checks):
        console.print()
        count = sum(len(checks) for _, checks in areas)
        line(console, Text(f"{text.RESULT_LABEL[result]} ({count})", _STYLE[result]))
        for area, checks in areas:
            if result == "not-exercised":
                _print_waiting(area, checks, console)
                continue
            if area:
                line(console, Text(f"  {text.area_label(area)}", "bold"))
            for check in checks:
                _print_check(check, console)


def _print_waiting(area: str, checks: tuple[Check, ...], console: Console) -> None:
    for reason, group in groupby(sorted(checks, key=lambda check: check.reason), lambda check: check.reason):
        label = f"{text.area_label(area)}: " if area else ""
        hang(console, Text("  "), Text.assemble((label, "bold"), (reason, "dim")))
        for check in group:
            _print_text(check, console)


def _print_text(check: Check, console: Console) -> None:
    words = Text(figures.unmarked(check.text))
    if check.result != "passed":
        words.append(f" [{figures.check_name(check)}]", "dim")
    hang(console, Text(f"  {text.RESULT_SYMBOL[check.result]} ", _STYLE[check.result]), words)


def _print_check(check: Check, console: Console) -> None:
    _print_text(check, console)
    if check.result == "passed":
        places = ", ".join(text.place(item) for item in check.evidence[:2])
        hang(console, Text("    "), Text(f"{check.reason}{f' ({places})' if places else ''}", "dim"))
        return
    if check.result != "manual":
        hang(console, Text("    "), Text(check.reason, "dim"))
    if check.waiver:
        hang(console, Text("    "), Text(f"Waived: {check.waiver}", "magenta"))
    for item in check.evidence[:2]:
        line(console, _evidence(item))


def _evidence(item: EvidenceLine) -> Text:
    first = telling_line(item)
    return Text.assemble("    ", (text.place(item), "cyan"), "  ", first)
