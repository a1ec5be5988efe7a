"""The exit code, computed once, from the very findings that are shown."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.counting import counted
from logscope.model import Note, Severity
from logscope.report import Check, Finding, Gate, ReportNote, Unexplained

FAIL_ON = ("critical", "high", "medium", "low", "info", "new", "unexplained", "never")
_INCOMPLETE = frozenset(("unreadable", "truncated", "cut", "timeout", "switched-off"))


def decide(
    findings: Sequence[Finding],
    unexplained: Sequence[Unexplained],
    notes: Sequence[ReportNote],
    fail_on: str,
    strict: bool,
) -> Gate:
    """Return the gate of an analysis: 0, 1 (findings at or above `fail_on`) or 5 (strict, and something not read).

    Waived findings do not count. `new` asks for findings that the baseline does not have.
    """
    standing = [finding for finding in findings if not finding.waiver]
    counts: dict[str, int] = {severity.label: 0 for severity in reversed(Severity)}
    for finding in standing:
        counts[finding.severity] += 1
    counts["unexplained"] = sum(item.occurrences for item in unexplained)
    counts["waived"] = len(findings) - len(standing)
    if strict and (reason := _incomplete(notes)):
        return Gate(5, reason, counts)
    if fail_on == "never":
        return Gate(0, "findings never fail this run", counts)
    if fail_on == "unexplained":
        count = counts["unexplained"]
        return Gate(1 if count else 0, counted(count, "unexplained error event"), counts)
    if fail_on == "new":
        worse, said = [f for f in standing if f.since_baseline == "new"], "since the baseline"
    else:
        bound = Severity.parse(fail_on)
        worse = [finding for finding in standing if Severity.parse(finding.severity) >= bound]
        said = f"at {fail_on} or above"
    kind = "new finding" if fail_on == "new" else "finding"
    if worse:
        return Gate(1, f"{counted(len(worse), kind)} {said}", counts)
    return Gate(0, f"no {kind} {said}{_but_waived(counts)}", counts)


def _but_waived(counts: dict[str, int]) -> str:
    return f", {counts['waived']} waived" if counts["waived"] else ""


def done(notes: Sequence[Note | ReportNote]) -> str:
    """`complete`, or `complete, but for what the notes name` where something was not read or tried."""
    return "complete" + ", but for what the notes name" * any(note.kind in _INCOMPLETE for note in notes)


def _incomplete(notes: Sequence[ReportNote]) -> str:
    """Say what was not read or tried; empty when everything was."""
    notes = [note for note in notes if note.kind in _INCOMPLETE]
    more = f", and {counted(len(notes) - 1, 'more note')} like it" if len(notes) > 1 else ""
    return f"--strict: {notes[0].where}: {notes[0].text}{more}" if notes else ""


def decide_checks(
    checks: Sequence[Check], notes: Sequence[ReportNote], counts: dict[str, int], strict: bool
) -> Gate:
    """Return the gate of a checklist: 1 when a check failed, with `strict` also when one was not exercised.

    With `strict`, 5 (something not read) comes first, as in an analysis.
    """
    if strict and (reason := _incomplete(notes)):
        return Gate(5, reason, counts)
    failed = sum(check.result == "failed" for check in checks)
    idle = sum(check.result == "not-exercised" for check in checks)
    if failed:
        return Gate(1, f"{counted(failed, 'check')} failed", counts)
    if strict and idle:
        return Gate(1, f"{counted(idle, 'check')} not exercised", counts)
    return Gate(0, "no check failed", counts)
