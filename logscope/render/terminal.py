"""The few lines one needs at once, for a terminal of 80 columns, in colour or not; and as a text file."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from logscope.counting import counted
from logscope.render import figures, text
from logscope.render.evidence import telling_line
from logscope.render.terminal_plan import print_plan, print_standing
from logscope.render.terminal_style import (
    SEVERITY_STYLE,
    as_text,
    finding_head,
    hang,
    headed,
    line,
    tied,
)
from logscope.report import AGAIN, EvidenceLine, Finding, PlanItem, Report

MAX_FINDINGS = 12
MAX_SHAPES = 5
"""Kinds of unexplained errors, where there is nothing else to show; beside findings only the most frequent."""
_LABEL = 13
_ROOM_FOR_BARS = 50
"""Columns; beside the bars of a narrower terminal words would be cut."""
_INDENT = "  "


def render(report: Report, *, width: int = 80, full: bool = False) -> str:
    """Return what the terminal shows, without colour."""
    return as_text(lambda console: print_summary(report, console, full=full), width)


def render_whole(report: Report) -> str:
    """Return the whole plan as a text file has it."""
    return render(report, full=True)


def print_summary(report: Report, console: Console, *, full: bool) -> None:
    """Print the summary, or with `full` the whole plan.

    Log text is printed as `Text`, never read as markup.
    """
    _print_head(report, console)
    if full:
        print_plan(report, console)
    else:
        for finding in report.findings[:MAX_FINDINGS]:
            _print_finding(finding, report, console)
        _print_rest(report, console)


def _print_head(report: Report, console: Console) -> None:
    headed(console, Text("logscope", "bold"), Text(text.when(report.generated), "dim"))
    line(console, Text(figures.headline(report), "bold"))
    style = "bright_red" if report.gate.exit_code else "green"
    hang(console, Text(""), Text(f"{report.gate.reason} (exit code {report.gate.exit_code})", style))
    if not report.findings:
        seen = report.coverage
        read = f"{counted(seen.lines, 'line')} of {counted(seen.sources, 'source')}"
        hang(console, Text(""), Text(f"{report.status}. Read: {read}.", "dim"))


def _print_finding(finding: Finding, report: Report, console: Console) -> None:
    finding_head(console, finding)
    buckets = finding.frequency.buckets if console.width >= _ROOM_FOR_BARS else ()
    bars = figures.sparkline(buckets)
    margin = Text.assemble(_INDENT, (bars, SEVERITY_STYLE[finding.severity]), _INDENT if bars else "")
    hang(console, margin, Text(finding.frequency.text))
    print_standing(finding, console, _INDENT)
    if finding.sequence and finding.sequence.sessions:
        hang(console, Text(_INDENT), Text(figures.sequence_figures(finding.sequence)))
    if finding.evidence:
        shown = finding.evidence[0]
        _print_first(shown, _INDENT, telling_line(shown), console)
    hang(console, Text(_INDENT), _advice(finding, report))


def _print_first(item: EvidenceLine, margin: str, words: str, console: Console) -> None:
    """Print the place of an event and its telling line; in two lines where they do not fit into one."""
    where, words = text.place(item), words.strip()
    if len(_INDENT) + len(where) + len(_INDENT) + len(words) > console.width:
        line(console, Text.assemble(margin, (where, "cyan")))
        line(console, Text.assemble(margin, _INDENT, (words, "dim")))
    else:
        line(console, Text.assemble(margin, (where, "cyan"), _INDENT, (words, "dim")))


def _advice(finding: Finding, report: Report) -> Text:
    if finding.status == "consequence" and finding.caused_by:
        causes = figures.causes_of(finding, report)
        return Text(f"→ Follows from {causes}: solve that first.", "dim")
    if not finding.options:
        return Text("→ No solution known; start from the evidence.", "dim")
    best = finding.options[0]
    if finding.status == "recovered":
        title = " ".join(best.title.split())
        return Text(f"→ Recovered by itself: nothing to do now. If seen again: {title}.", "dim")
    advice = Text.assemble(("→ ", "green"), " ".join(best.title.split()))
    advice.append(f" ({tied(text.minutes(best.effort_minutes))})", "dim")
    return advice


def _print_rest(report: Report, console: Console) -> None:
    console.print()
    rest = len(report.findings) - MAX_FINDINGS
    if rest > 0:
        _field(console, "More", Text(f"{counted(rest, 'finding')} besides these; --format full shows all"))
    if report.unexplained:
        shapes = counted(len(report.unexplained), "shape")
        count = counted(figures.unexplained_count(report), "error")
        _field(console, "Unexplained", Text(f"{count} of {shapes}"))
        for item in report.unexplained[: 1 if report.findings else MAX_SHAPES]:
            often = (
                f"{item.occurrences:,}× " if 1 < item.occurrences < figures.unexplained_count(report) else ""
            )
            if item.evidence:
                words = often + " ".join(item.title.split())
                _print_first(item.evidence[0], " " * _LABEL, words, console)
    works = figures.works(report.signals)
    _field(console, "Works", Text(works or "no sign of health in these logs", "green" if works else "dim"))
    _print_next(report, console)
    if report.baseline:
        _field(console, "Change", Text(figures.since_summary(report)))
    _print_notes(report, console)


def _print_next(report: Report, console: Console) -> None:
    plan = report.plan
    phases = [phase for phase in plan.phases if phase.items and phase.name != AGAIN]
    named = ", ".join(f"{phase.name} {text.minutes(phase.total_minutes)}" for phase in phases)
    told = [f"{text.minutes(plan.total_minutes)}: {named}"] if phases else []
    if plan.deferred and plan.budget_minutes:
        budget = text.minutes(plan.budget_minutes)
        told.append(f"{counted(len(plan.deferred), 'step')} did not fit the budget of {budget}")
    if waiting := figures.waiting_minutes(report):
        told.append(f"{text.minutes(waiting)} {'more ' * bool(phases)}only for what is seen again")
    if told:
        _field(console, "Plan", Text("; ".join(told)))
    if phases:
        _field(console, "Do first", _first(phases[0].items[0]))
    elif report.unexplained and not report.findings:
        _field(console, "Do first", Text("Find what the unexplained errors mean", "bold"))


def _first(item: PlanItem) -> Text:
    return Text.assemble((item.title, "bold"), (f" ({tied(text.minutes(item.effort_minutes))})", "dim"))


def _print_notes(report: Report, console: Console) -> None:
    if report.notes:
        note = report.notes[0]
        count = f"{len(report.notes):,}, the first: " if len(report.notes) > 1 else ""
        _field(console, "Notes", Text(f"{count}{note.where}: {note.text}", "yellow"))


def _field(console: Console, label: str, value: Text) -> None:
    hang(console, Text(f"{label:<{_LABEL}}", "dim"), value)
