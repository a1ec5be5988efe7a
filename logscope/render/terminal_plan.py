"""The whole plan for a terminal: every section of the report, log text printed as it is."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from logscope.counting import counted
from logscope.render import figures, text
from logscope.render.evidence import evidence_block
from logscope.render.terminal_checklist import print_checks
from logscope.render.terminal_style import finding_head, hang, line, whole
from logscope.report import EvidenceLine, Finding, Option, PlanItem, Report

_STEP = "  "


def print_plan(report: Report, console: Console) -> None:
    """Print all sections in the order of the Markdown plan."""
    for number, finding in enumerate(report.findings, 1):
        _print_finding(number, finding, report, console)
    _print_unexplained(report, console)
    _section(console, "What works")
    hang(console, Text(_STEP), Text(figures.works(report.signals) or "No sign of health in these logs."))
    _print_phases(report, console)
    _section(console, "Testing checklist")
    print_checks(report, console)
    _print_metrics(report, console)
    _print_coverage(report, console)
    console.print()


def _section(console: Console, title: str) -> None:
    console.print()
    line(console, Text(title, "bold underline"))


def _print_finding(number: int, finding: Finding, report: Report, console: Console) -> None:
    finding_head(console, finding, f"{number}. ")
    status = "" if finding.status == "active" else f" {text.STATUS_LABEL[finding.status]}."
    hang(console, Text(_STEP), Text(f"{finding.frequency.text}.{status}"))
    print_standing(finding, console, _STEP)
    if finding.caused_by:
        hang(console, Text(_STEP), Text(f"Follows from {figures.causes_of(finding, report)}."))
    print_evidence(finding.evidence, console)
    if finding.sequence:
        pattern = f"{figures.arrows(finding.sequence)}: " if finding.sequence.steps else ""
        hang(console, Text(_STEP), Text(pattern + figures.sequence_figures(finding.sequence)))
    _labelled(console, "Impact", figures.unmarked(finding.impact.users or finding.impact.feature))
    for cause in finding.causes:
        label = "Cause" if cause.observed else "Perhaps"
        seen = f" ({', '.join(text.place(item) for item in cause.evidence)})" if cause.evidence else ""
        _labelled(console, label, figures.unmarked(cause.text) + seen)
    for location in finding.code:
        symbol = f" {location.symbol}" if location.symbol else ""
        _labelled(console, "Code", f"{figures.code_place(location)}{symbol}, {figures.code_reason(location)}")
    for option in finding.options:
        _print_option(option, console)
    if not finding.options:
        _labelled(console, "Solution", "none known; start from the evidence")


def print_standing(finding: Finding, console: Console, margin: str) -> None:
    """Print what the team agreed about a finding, and what became of it since the baseline."""
    if finding.since_baseline:
        hang(console, Text(margin), Text(f"Since the baseline: {finding.since_baseline}", "cyan"))
    if finding.waiver:
        hang(console, Text(margin), Text(f"Waived: {finding.waiver}", "magenta"))


def print_evidence(evidence: tuple[EvidenceLine, ...], console: Console) -> None:
    """Print real lines whole below their places, wrapped at the edge."""
    for row in evidence_block(evidence, margin=0).splitlines():
        body = row.lstrip(" ")
        depth = len(row) - len(body)
        hang(
            console,
            Text(_STEP + " " * min(depth, console.width // 2)),
            Text(body, "dim" if depth else "cyan"),
        )


def _print_option(option: Option, console: Console) -> None:
    pointer = f"{_STEP}→ " if option.recommended else f"{_STEP}- "
    body = Text.assemble((" ".join(option.title.split()), "bold" if option.recommended else ""))
    recommended = "recommended, " if option.recommended else ""
    body.append(f" ({recommended}{text.minutes(option.effort_minutes)}, priority {option.priority})", "dim")
    hang(console, Text(pointer, "green"), body)
    if option.risk:
        hang(console, Text(f"{_STEP * 3}Risk: ", "dim"), Text(figures.unmarked(option.risk)))
    for number, step in enumerate(option.steps, 1):
        hang(console, Text(f"{_STEP * 3}{number}. "), Text(figures.unmarked(step)))
    for row in option.snippet.code.rstrip().splitlines() if option.snippet else ():
        whole(console, Text(f"{_STEP * 4}{row}", "green"))


def _labelled(console: Console, label: str, value: str) -> None:
    if value:
        hang(console, Text(f"{_STEP}{label + ':':<10}", "dim"), Text(value))


def _print_unexplained(report: Report, console: Console) -> None:
    if report.unexplained:
        _section(console, "Unexplained errors")
    for item in report.unexplained:
        hang(console, Text(f"{_STEP}{item.occurrences:,}× "), Text(" ".join(item.title.split()), "bold"))
        print_evidence(item.evidence, console)


def _print_phases(report: Report, console: Console) -> None:
    _section(console, f"Plan: {figures.total(report)}")
    if not any(phase.items for phase in report.plan.phases):
        hang(console, Text(_STEP), Text(figures.no_plan(report)))
    for phase in report.plan.phases:
        if phase.items:
            line(console, Text(f"{_STEP}{phase.name} ({text.minutes(phase.total_minutes)})", "bold"))
        for item in phase.items:
            _print_item(f"{item.number}.", item, console)
    if report.plan.deferred:
        line(console, Text(f"{_STEP}Did not fit the budget", "bold"))
    for item in report.plan.deferred:
        _print_item("-", item, console)
    if report.plan.next_review:
        _labelled(console, "Review", report.plan.next_review)


def _print_item(mark: str, item: PlanItem, console: Console) -> None:
    body = Text(" ".join(item.title.split()))
    body.append(f" ({text.minutes(item.effort_minutes)})", "dim")
    hang(console, Text(f"{_STEP * 2}{mark:<3} "), body)


def _print_metrics(report: Report, console: Console) -> None:
    if report.metrics:
        _section(console, "Success metrics")
    for metric in report.metrics:
        now = f", now {metric.now}" if metric.now else ""
        hang(console, Text(_STEP), Text(f"{metric.label}: {metric.before}{now}, target {metric.target}"))
    if report.resolved:
        _section(console, "Found before, not in this log")
    for item in report.resolved:
        verdict = text.SINCE_LABEL[item.verdict]
        hang(console, Text(_STEP), Text(f"{item.title}, {counted(item.before, 'occurrence')}. {verdict}"))


def _print_coverage(report: Report, console: Console) -> None:
    seen = report.coverage
    _section(console, "Coverage")
    read = f"{counted(seen.sources, 'source')}, {text.size(seen.bytes)}, {counted(seen.lines, 'line')}"
    _labelled(console, "Read", read)
    _labelled(console, "Skipped", text.skipped(seen.skipped))
    _labelled(console, "Errors", f"{seen.error_events:,} events, {seen.unexplained_events:,} unexplained")
    _labelled(console, "Rules", f"{seen.rules_loaded} loaded, {len(seen.rules_off)} switched off")
    for note in report.notes:
        _labelled(console, "Note", f"{note.where}: {note.text}")
