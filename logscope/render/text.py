"""Words and figures that every renderer writes alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from logscope.model import Outcome, SeverityName, TimeQuality
from logscope.report import CheckResult, EvidenceLine, Report, Status, Verdict

SEVERITIES: tuple[SeverityName, ...] = ("critical", "high", "medium", "low", "info")
"""Worst first."""
SEVERITY_LABEL: Mapping[SeverityName, str] = {name: name.capitalize() for name in SEVERITIES}
SEVERITY_SYMBOL: Mapping[SeverityName, str] = {
    "critical": "◆",
    "high": "▲",
    "medium": "■",
    "low": "●",
    "info": "○",
}
"""One shape each, so that no reader depends on colour."""
SEVERITY_EMOJI: Mapping[SeverityName, str] = {
    "critical": "🔴",
    "high": "🟠",
    "medium": "🟡",
    "low": "🔵",
    "info": "⚪",
}
STATUS_LABEL: Mapping[Status, str] = {
    "active": "Open",
    "recovered": "Recovered by itself",
    "consequence": "Consequence of another finding",
}
RESULT_LABEL: Mapping[CheckResult, str] = {
    "passed": "Passed",
    "failed": "Failed",
    "not-exercised": "Not exercised",
    "manual": "For a person",
    "waived": "Waived",
}
RESULT_SYMBOL: Mapping[CheckResult, str] = {
    "passed": "✓",
    "failed": "✗",
    "not-exercised": "–",
    "manual": "□",
    "waived": "~",
}
_AREA_LABEL: Mapping[str, str] = {
    "": "Other",
    "asyncio": "asyncio",
    "http": "HTTP",
    "llm": "LLM",
    "mcp": "MCP",
    "team": "The team's own",
}
SINCE_LABEL: Mapping[Verdict, str] = {
    "fixed": "Fixed: what leads to it ran, and it did not come back",
    "not-exercised": "Not exercised: what leads to it never ran in this log",
    "not-checked": "Not checked: its rule was not applied",
}
OUTCOME_LABEL: Mapping[Outcome, str] = {
    "first-try": "First try",
    "recovered": "Recovered",
    "stalled": "Stalled",
}
TIME_QUALITY_LABEL: Mapping[TimeQuality, str] = {
    "exact": "exact times",
    "interpolated": "times between known neighbours",
    "order": "order only, no times",
}
SOURCE_TIMES: Mapping[TimeQuality, str] = {**TIME_QUALITY_LABEL, "interpolated": "times on some lines"}
_SKIPPED: Mapping[str, str] = {"other type": "of another type"}
"""Reasons that read otherwise behind a number."""

_LISTED = 12
"""Names that are told one by one; the JSON report has all."""


def listed(names: Sequence[str], shown: Callable[[str], str] = str) -> str:
    """`a, b` or, where there are many, the first ones and how many more."""
    more = len(names) - _LISTED
    return ", ".join(map(shown, names[:_LISTED])) + (f" and {more:,} more" if more > 0 else "")


def area_label(area: str) -> str:
    """The name of a rule folder as a heading."""
    return _AREA_LABEL.get(area, area.capitalize())


def minutes(value: int) -> str:
    """`15 min`, `1 h`, `1 h 30 min`."""
    hours, rest = divmod(value, 60)
    parts = ([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else [])
    return " ".join(parts)


def percent(share: float | None) -> str:
    """A share from 0 to 1 as `67 %`, a small one as `0.9 %`; never 0 % or 100 % unless it is exactly that."""
    if share is None:
        return "not known"
    rounded = round(share * 100)
    if (share >= 0.01 or share == 0) and (rounded < 100 or share == 1):
        return f"{rounded} %"
    if 0.0005 <= share < 0.9995:
        return f"{share * 100:.1f} %"
    return "< 0.1 %" if share < 0.5 else "> 99.9 %"


def skipped(counts: Mapping[str, int]) -> str:
    """`3 hidden, 2 of another type`, or `nothing`."""
    told = (f"{count:,} {_SKIPPED.get(reason, reason)}" for reason, count in sorted(counts.items()) if count)
    return ", ".join(told) or "nothing"


def number(value: int) -> str:
    """`12,345`."""
    return f"{value:,}"


def size(value: int) -> str:
    """Bytes as `912 B`, `14.2 kB`, `1.1 GB` (thousands)."""
    if value < 1000:
        return f"{value} B"
    amount, units = value / 1000, ["kB", "MB", "GB", "TB"]
    while amount >= 999.95 and len(units) > 1:
        amount /= 1000
        del units[0]
    return f"{amount:.1f} {units[0]}"


def when(time: str | None) -> str:
    """An ISO time as `2026-11-20 18:52:03 UTC` (or its own offset); empty for None, kept if unreadable."""
    if not time:
        return ""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    zone = moment.strftime("%z")
    zone = "UTC" if zone in ("", "+0000") else f"{zone[:3]}:{zone[3:5]}"
    return f"{moment:%Y-%m-%d %H:%M:%S} {zone}"


def between(first: str | None, last: str | None) -> str:
    """Two ISO times as `2026-11-20 18:52:03 to 19:10:00 UTC`: what both share is said once; one if equal."""
    start, end = when(first), when(last)
    if not end or start == end:
        return start
    clock, _, zone = start.rpartition(" ")
    day, _, _ = clock.partition(" ")
    if day and zone == end.rpartition(" ")[2]:
        start, end = clock, end.removeprefix(f"{day} ")
    return f"{start} to {end}"


def place(evidence: EvidenceLine) -> str:
    """`app.log:12`, or `app.log:12-20` for an event of several lines."""
    if evidence.last_line > evidence.line:
        return f"{evidence.source}:{evidence.line}-{evidence.last_line}"
    return f"{evidence.source}:{evidence.line}"


def log_values(report: Report) -> dict[str, tuple[str, ...]]:
    """Per rule id, the captured log text that may stand inside its rule-authored texts."""
    return {
        finding.rule: (
            *finding.captures.values(),
            *(value for own in finding.several.values() for value in own),
        )
        for finding in report.findings
    }
