"""Lines of text that the Markdown and the terminal reports make of the Report in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable

from logscope.render.text import RESULT_LABEL, SEVERITIES, counted, percent, place
from logscope.report import Bucket, CodeLocation, EvidenceLine, Finding, Metric, Report, Sequence, Signal

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = ".:-=+*#@"
_MARGIN = 24
CHECK_ORDER = ("failed", "not-exercised", "manual", "waived", "passed")
"""Results of checks: what needs somebody first."""
_LINK = re.compile(r"\[([^\[\]]*)\]\((https?://[^\s()]*)\)")
_MARKS = re.compile(r"(\*\*|`)([^`*]+)\1")


def headline(report: Report) -> str:
    """`3 findings (1 critical, 2 medium), 1 unexplained error`, or that nothing was found."""
    counts = [(sum(f.severity == name for f in report.findings), name) for name in SEVERITIES]
    kinds = ", ".join(f"{count} {name}" for count, name in counts if count)
    found = f"{counted(len(report.findings), 'finding')} ({kinds})" if report.findings else "No findings"
    if not report.unexplained:
        return found
    return f"{found}, {counted(unexplained_count(report), 'unexplained error')}"


def unexplained_count(report: Report) -> int:
    """Occurrences over all shapes that no rule knows."""
    return sum(item.occurrences for item in report.unexplained)


def sparkline(buckets: tuple[Bucket, ...], ascii_only: bool = False) -> str:
    """One character per bucket, as high as its count; a dot where it is zero; empty when all are."""
    bars = _ASCII_BARS if ascii_only else _BARS
    top = max((bucket.count for bucket in buckets), default=0)
    if not top:
        return ""
    none = " " if ascii_only else "·"
    return "".join(
        bars[-(-bucket.count * len(bars) // top) - 1] if bucket.count else none for bucket in buckets
    )


def evidence_block(evidence: Iterable[EvidenceLine], margin: int = _MARGIN) -> str:
    """Real lines with their place in the margin, `app.log:12  text`, or above where names are long."""
    events = [(place(item), item) for item in evidence]
    width = max((len(where) for where, _ in events), default=0)
    lines: list[str] = []
    for where, item in events:
        texts = item.text.splitlines() or [""]
        if item.omitted_lines:
            texts.append(f"({counted(item.omitted_lines, 'line')} of this event left out)")
        if width > margin:  # long names would push the text out of sight
            lines += [where, *(f"    {text}".rstrip() for text in texts)]
        else:
            beside = [where, *[""] * (len(texts) - 1)]
            lines += [f"{left:<{width}}  {text}".rstrip() for left, text in zip(beside, texts, strict=True)]
    return "\n".join(lines)


def telling_line(text: str) -> str:
    """The one line of an event to show: its first, or the exception where the first only opens a traceback."""
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    return lines[-1].strip() if lines[0].startswith("Traceback (most recent") else lines[0]


def arrows(sequence: Sequence) -> str:
    """`400 → initialize → verify`; empty when the steps have no names."""
    return " → ".join(sequence.steps)


def sequence_figures(sequence: Sequence) -> str:
    """One sentence with every figure of a sequence, or that there were no sessions."""
    if not sequence.sessions:
        return "No session was seen, so nothing is known about first tries."
    target = "" if sequence.target is None else f" (target {percent(sequence.target)})"
    sentence = (
        f"{counted(sequence.sessions, 'session')}: {sequence.rejected_first} rejected first, "
        f"{sequence.recovered} recovered, {sequence.stalled} stalled; "
        f"first-try success {percent(sequence.success_rate)}{target}."
    )
    if sequence.ambiguous:
        sentence += " Ambiguous: sessions overlap so that more than one reading is possible."
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
            f"in the traceback of {counted(location.hits, 'occurrence')}"
            if location.hits
            else "in a traceback"
        )
    return "logged the error" if location.origin == "logger" else "named by the rule"


def works(signals: tuple[Signal, ...]) -> str:
    """`Startup complete (12×), session verified (4×)`; empty without signals."""
    return ", ".join(f"{signal.title} ({signal.occurrences:,}×)" for signal in signals)


def current(metric: Metric) -> str:
    """The newest value of a metric: that of now, or of before where there is no baseline."""
    return metric.now or metric.before


def has_baseline(report: Report) -> bool:
    """Say whether the metrics compare with an earlier report."""
    return any(metric.now for metric in report.metrics)


def open_findings(report: Report) -> tuple[Finding, ...]:
    """Findings that are work to do by themselves: neither healed nor a consequence."""
    return tuple(finding for finding in report.findings if finding.status == "active")


def unmarked(text: str) -> str:
    """A rule's inline Markdown for a terminal: no marks of code and bold, links as `label (address)`."""
    linked = _LINK.sub(lambda found: f"{found[1]} ({found[2]})", text)
    return _MARKS.sub(lambda found: found[2], " ".join(linked.split()))


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
