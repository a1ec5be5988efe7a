"""The terminal summary: what it says, how wide it is, and that log text is no markup."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from hostile import PAYLOADS, poison
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console
from sample_report import empty_report, sample_report

from logscope.render import figures, terminal
from logscope.render.terminal_checklist import print_checklist
from logscope.report import Bucket


def test_a_narrow_terminal_has_words_instead_of_bars() -> None:
    """How often is told whole where bars and words do not fit beside each other."""
    narrow, wide = (terminal.render(sample_report(), width=width) for width in (40, 60))

    said = "4 times in 1 h 50 min, last at 18:52, all within 30 s of a restart"
    assert said in " ".join(narrow.split())
    assert ("█" in narrow, "█" in wide) == (False, True)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("full", [False, True])
def test_fits_the_width(width: int, full: bool) -> None:
    """No line but one of code is wider than the terminal, none ends in spaces, and none is coloured unasked."""
    report = sample_report()
    snippets = (option.snippet for finding in report.findings for option in finding.options)
    code = {line.strip() for snippet in snippets if snippet for line in snippet.code.splitlines()}
    lines = terminal.render(report, width=width, full=full).splitlines()

    assert max(cell_len(line) for line in lines if line.strip() not in code) <= width
    assert not full or code - {""} <= {line.strip() for line in lines}  # whole, so that it can be copied
    assert [line for line in lines if line != line.rstrip() or "\x1b" in line] == []


def test_what_a_budget_leaves_out_is_counted() -> None:
    """Nobody takes the plan of a budget for the whole of the work."""
    report = sample_report()
    items = tuple(item for phase in report.plan.phases for item in phase.items)
    none = replace(report.plan, phases=(), total_minutes=0, budget_minutes=5, deferred=items)
    told = " ".join(terminal.render(replace(report, plan=none), width=120).split())
    assert f"Plan {len(items)} steps did not fit the budget of 5 min" in told
    assert "Do first" not in told


def test_finding_has_what_one_needs() -> None:
    """A finding shows severity, count, sparkline, frequency, first evidence, and what to do first."""
    lines = terminal.render(sample_report(), width=120).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("▲ HIGH"))

    assert re.fullmatch("▲ HIGH +MCP session initialization timeout +4×", lines[start])
    assert lines[start + 1 : start + 4] == [
        "  ·█·······█·····█···█  4 times in 1 h 50 min, last at 18:52, all within 30 s of a restart",
        "  api.log:118-138  MCP session initialization timed out after 90 seconds",
        "  → Wait 180 s instead of 90 s, and log progress (15 min)",
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_log_text_is_no_markup(payload: str) -> None:
    """Colours are the program's own: with log text added, no style or link appears that was not there."""
    report = poison(sample_report(), payload)
    out = StringIO()
    console = Console(file=out, width=100, color_system="standard", force_terminal=True, legacy_windows=False)
    terminal.print_summary(report, console, full=True)
    print_checklist(report, console)
    codes = set(re.findall(r"\x1b\[[0-9;]*m|\x1b[^\[]", out.getvalue()))

    assert codes <= {f"\x1b[{code}m" for code in ("0", "1", "2", "91", "32", "33", "94", "35", "36")} | {
        f"\x1b[1;{code}m" for code in ("4", "91")
    }
    if payload.startswith("[bold]"):
        assert "[bold]markup[/bold]" in terminal.render(report, width=200)


@pytest.mark.parametrize("width", [40, 80])
def test_a_word_that_is_broken_begins_no_command(width: int) -> None:
    """Wherever a long word of a log breaks, no line begins with `::`, which a build server takes for a command."""
    report = sample_report()
    finding = report.findings[0]
    for length in range(width):
        evidence = (replace(finding.evidence[0], text=f"{'x' * length}::error::own"),)
        hostile = replace(report, findings=(replace(finding, evidence=evidence),))
        assert not re.search(r"^\s*::", terminal.render(hostile, width=width, full=True), re.MULTILINE)


def test_sparkline_heights() -> None:
    """The highest bucket is full, the smallest is still seen, nothing is a dot."""
    buckets = tuple(Bucket("", count) for count in (0, 1, 50, 100))

    assert figures.sparkline(buckets) == "·▁▄█"
    assert figures.sparkline(tuple(Bucket("", 0) for _ in range(3))) == ""
    assert figures.sparkline((Bucket("", -6), Bucket("", 2))) == "·█"  # a saved report that was edited


def test_many_findings_are_cut() -> None:
    """More findings than fit are counted, not shown."""
    report = sample_report()
    many = replace(report, findings=report.findings[1:2] * 20)

    shown = terminal.render(many)

    assert shown.count("▲ HIGH") == terminal.MAX_FINDINGS
    assert "More         8 findings besides these; --format full shows all" in shown


def test_quiet_log() -> None:
    """A log without findings says what that means, how much was read, and that no sign of health was seen."""
    report = replace(empty_report(), status="Nothing to judge: no log reaches into the time window")
    shown = " ".join(terminal.render(report).split())

    assert "Nothing to judge: no log reaches into the time window. Read: 2 lines of 1 source." in shown
    assert "Works no sign of health in these logs" in shown
