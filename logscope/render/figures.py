"""Lines of text that the Markdown and the terminal reports make of the Report in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable

from logscope.counting import counted
from logscope.render.text import RESULT_LABEL, SEVERITIES, minutes, percent, when
from logscope.report import (
    AGAIN,
    Bucket,
    Check,
    CheckResult,
    CodeLocation,
    EvidenceLine,
    Finding,
    Lane,
    Metric,
    PlanItem,
    Report,
    Sessions,
    Signal,
)

_BARS = "▁▂▃▄▅▆▇█"
CHECK_ORDER: tuple[CheckResult, ...] = ("failed", "not-exercised", "manual", "waived", "passed")
"""Results of checks: what needs somebody first."""
CheckGroups = tuple[tuple[CheckResult, tuple[tuple[str, tuple[Check, ...]], ...]], ...]
_REASONS = {
    "warning": "named by the warning",
    "task": "where the task was",
    "logger": "the logger that reported it",
}
_LINK = re.compile(r"\[([^\[\]]*)\]\((https?://[^\s()]*)\)")
_MARKS = re.compile(r"(\*\*|`)([^`*]+)\1")


def headline(report: Report) -> str:
    """`3 findings (1 critical, 2 medium), 1 waived, 1 unexplained error`, or that nothing was found."""
    standing = [finding for finding in report.findings if not finding.waiver]
    counts = [(sum(f.severity == name for f in standing), name) for name in SEVERITIES]
    kinds = ", ".join(f"{count} {name}" for count, name in counts if count)
    found = f"{counted(len(standing), 'finding')} ({kinds})" if standing else "No findings"
    if waived := len(report.findings) - len(standing):
        found += f", {waived} waived"
    if not report.unexplained:
        return found
    return f"{found}, {counted(unexplained_count(report), 'unexplained error')}"


def unexplained_count(report: Report) -> int:
    """Occurrences over all shapes that no rule knows."""
    return sum(item.occurrences for item in report.unexplained)


def sparkline(buckets: tuple[Bucket, ...]) -> str:
    """One character per bucket, as high as its count; a dot where it is zero; empty when all are."""
    top = max((bucket.count for bucket in buckets), default=0)
    if top <= 0:
        return ""
    heights = [-(-bucket.count * len(_BARS) // top) for bucket in buckets]
    return "".join(_BARS[height - 1] if height > 0 else "·" for height in heights)


def arrows(sequence: Sessions) -> str:
    """`400 → initialize → verify`; empty when the steps have no names."""
    return " → ".join(sequence.steps)


def step_places(lane: Lane, finding: Finding) -> tuple[tuple[str, str], ...]:
    """Each step of a session with its line, and with its source where no other step just before has told it."""
    told = finding.sources[0] if len(finding.sources) == 1 else ""
    places: list[tuple[str, str]] = []
    for step in lane.steps:
        known = step.source in ("", told)  # a report that was saved before names none
        places.append((step.step, str(step.line) if known else f"{step.source}:{step.line}"))
        told = step.source
    return tuple(places)


def sequence_figures(sequence: Sessions) -> str:
    """One sentence with every figure of a sequence, or that there were no sessions."""
    if not sequence.sessions:
        return "No session was seen, so nothing is known about first tries."
    target = "" if sequence.target is None else f" (target {percent(sequence.target)})"
    sentence = (
        f"{counted(sequence.sessions, 'session')}: {sequence.rejected_first:,} rejected first, "
        f"{sequence.recovered:,} recovered, {sequence.stalled:,} stalled; "
        f"first-try success {percent(sequence.success_rate)}{target}."
    )
    if sequence.ambiguous:
        sentence += (
            " Ambiguous: some lines do not tell whose they are, and another reading fits the log as well."
        )
    return sentence


def code_place(location: CodeLocation) -> str:
    """`file:10-20`, `file:10`, or the file alone."""
    if location.line is None:
        return location.file
    last = location.last_line or location.line
    return f"{location.file}:{location.line}" + (f"-{last}" if last > location.line else "")


def code_reason(location: CodeLocation) -> str:
    """Why the report names this place."""
    if location.origin == "traceback":
        return (
            f"in the traceback of {'at least ' * location.at_least}{counted(location.hits, 'occurrence')}"
            if location.hits
            else "in a traceback"
        )
    return _REASONS.get(location.origin, "named by the rule")


def works(signals: tuple[Signal, ...]) -> str:
    """`Startup complete (12×), session verified (4×)`; empty without signals."""
    return ", ".join(f"{signal.title} ({signal.occurrences:,}{'+' * signal.at_least}×)" for signal in signals)


def current(metric: Metric) -> str:
    """The newest value of a metric: that of now, or of before where there is no baseline."""
    return metric.now or metric.before


def has_baseline(report: Report) -> bool:
    """Say whether the metrics compare with an earlier report."""
    return bool(report.baseline) or any(metric.now for metric in report.metrics)


def since_summary(report: Report) -> str:
    """What changed since the baseline, in one sentence; empty without one."""
    if not report.baseline:
        return ""
    changes = [finding.since_baseline.partition(" ")[0] for finding in report.findings]
    named = [
        f"{changes.count(name)} {name}" for name in ("new", "worse", "same", "better") if name in changes
    ]
    verdicts = [item.verdict for item in report.resolved]
    named += [
        f"{verdicts.count(name)} {name.replace('-', ' ')}"
        for name in ("fixed", "not-exercised", "not-checked")
        if name in verdicts
    ]
    return f"Since the report of {when(report.baseline)}: {', '.join(named) or 'nothing found, then or now'}."


def open_findings(report: Report) -> tuple[Finding, ...]:
    """Findings that are work to do by themselves: neither healed nor a consequence nor waived."""
    return tuple(finding for finding in report.findings if finding.status == "active" and not finding.waiver)


def following(item: PlanItem, report: Report) -> tuple[str, ...]:
    """Rules of what ends with the findings that a step of the plan resolves, one behind the other: they are as urgent
    as it is. None of a step that waits for others itself."""
    if leading(item, report):
        return ()
    return tuple(finding.rule for finding in effects_of(item.findings, report))


def effects_of(rules: Iterable[str], report: Report) -> tuple[Finding, ...]:
    """Findings that follow from those of some rules, one behind the other."""
    begun = set(rules)
    ended = set(begun)
    for finding in report.findings:  # each behind its causes
        if ended & set(finding.caused_by):
            ended.add(finding.rule)
    return tuple(finding for finding in report.findings if finding.rule in ended - begun)


def leading(item: PlanItem, report: Report) -> tuple[str, ...]:
    """Rules of what the findings of a step follow from, where all are consequences: it can wait for these."""
    own = [finding for finding in report.findings if finding.rule in item.findings]
    if any(finding.status != "consequence" for finding in own):
        return ()
    return tuple(dict.fromkeys(rule for finding in own for rule in finding.caused_by))


def no_plan(report: Report) -> str:
    """Why there is no plan, in one sentence."""
    if report.plan.deferred and report.plan.budget_minutes is not None:
        return f"No step fits the budget of {minutes(report.plan.budget_minutes)}."
    if report.findings:
        return "There is nothing to plan: no active finding offers a solution."
    if report.unexplained:
        return "There is no plan yet: find what the unexplained errors mean."
    return "There is nothing to plan: there are no findings."


def waiting_minutes(report: Report) -> int:
    """The effort of what may need nothing, which is in no total."""
    return sum(phase.total_minutes for phase in report.plan.phases if phase.name == AGAIN)


def total(report: Report) -> str:
    """How long the plan takes, in words, with what may need nothing beside it."""
    waiting, planned = waiting_minutes(report), report.plan.total_minutes
    if not waiting:
        return minutes(planned)
    more = f"{minutes(waiting)} more only for what is seen again"
    return f"{minutes(planned)}; {more}" if planned else f"nothing now; {more}"


def causes_of(finding: Finding, report: Report) -> str:
    """The titles of the findings that a finding follows from."""
    titles = {other.rule: " ".join(other.title.split()) for other in report.findings}
    return ", ".join(f"“{titles.get(rule, rule)}”" for rule in finding.caused_by)


def unmarked(text: str) -> str:
    """A rule's inline Markdown for a terminal: no marks of code and bold, links as `label (address)`."""
    linked = _LINK.sub(lambda found: f"{found[1]} ({found[2]})", text)
    return _MARKS.sub(lambda found: found[2], " ".join(linked.split()))


def check_groups(checks: Iterable[Check]) -> CheckGroups:
    """Checks by result, what needs somebody first, and in each by area; all in the report's order."""
    kept = tuple(checks)
    groups = []
    for result in CHECK_ORDER:
        own = [check for check in kept if check.result == result]
        areas = dict.fromkeys(check.area for check in own)
        if own:
            by_area = tuple((area, tuple(check for check in own if check.area == area)) for area in areas)
            groups.append((result, by_area))
    return tuple(groups)


def check_name(check: Check) -> str:
    """`rule/check`, as a waiver names it."""
    return f"{check.rule}/{check.id}"


def check_proof(checks: Iterable[Check]) -> tuple[EvidenceLine, ...]:
    """The evidence of several checks, each line once."""
    return tuple(dict.fromkeys(item for check in checks for item in check.evidence))


def check_summary(report: Report) -> str:
    """One sentence with every count; nothing that was not exercised counts as passed."""
    if not report.checks:
        return "No check applies: neither a finding nor a signal of this log brings one."
    counts = {result: sum(check.result == result for check in report.checks) for result in CHECK_ORDER}
    named = (
        f"{counts[result]} {RESULT_LABEL[result].lower()}"
        for result in reversed(CHECK_ORDER)
        if counts[result]
    )
    verdict = "A check failed." if counts["failed"] else "No check failed."
    if counts["not-exercised"]:
        verdict += " What was not exercised is not a pass."
    return f"{counted(len(report.checks), 'check')}: {', '.join(named)}. {verdict}"
