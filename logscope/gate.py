"""The exit code, computed once, from the very findings that are shown."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.model import Severity
from logscope.report import Check, Finding, Gate, ReportNote, Unexplained

FAIL_ON = ("critical", "high", "medium", "low", "info", "unexplained", "never")
_INCOMPLETE = frozenset(("unreadable", "truncated", "timeout", "switched-off"))


def decide(
    findings: Sequence[Finding],
    unexplained: Sequence[Unexplained],
    notes: Sequence[ReportNote],
    fail_on: str,
    strict: bool,
) -> Gate:
    """Return the gate of an analysis: 0, 1 (findings at or above `fail_on`) or 5 (strict, and something not read)."""
    counts = {severity.label: 0 for severity in reversed(Severity)}
    for finding in findings:
        counts[finding.severity] += 1
    counts["unexplained"] = sum(item.occurrences for item in unexplained)
    incomplete = [note for note in notes if note.kind in _INCOMPLETE]
    if strict and incomplete:
        return Gate(5, f"--strict: {incomplete[0].where}: {incomplete[0].text}", counts)
    if fail_on == "never":
        return Gate(0, "findings never fail this run", counts)
    if fail_on == "unexplained":
        count = counts["unexplained"]
        return Gate(1 if count else 0, f"{count} unexplained error event{'' if count == 1 else 's'}", counts)
    bound = Severity.parse(fail_on)
    worse = [finding for finding in findings if Severity.parse(finding.severity) >= bound]
    if worse:
        plural = "" if len(worse) == 1 else "s"
        return Gate(1, f"{len(worse)} finding{plural} at {fail_on} or above", counts)
    return Gate(0, f"no finding at {fail_on} or above", counts)


def decide_checks(checks: Sequence[Check], counts: dict[str, int], strict: bool) -> Gate:
    """Return the gate of a checklist: 1 when a check failed, with `strict` also when one was not exercised."""
    failed = sum(check.result == "failed" for check in checks)
    idle = sum(check.result == "not-exercised" for check in checks)
    if failed:
        return Gate(1, f"{failed} check{'' if failed == 1 else 's'} failed", counts)
    if strict and idle:
        return Gate(1, f"{idle} check{'' if idle == 1 else 's'} not exercised", counts)
    return Gate(0, "no check failed", counts)
