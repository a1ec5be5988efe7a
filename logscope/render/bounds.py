"""How much of a report one page holds, and the words for what it leaves out.

A page that a browser opens at once has to stay small. What is dropped first are further examples of the
same thing, then the least severe findings; every finding that is shown keeps at least one example.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from logscope.counting import counted
from logscope.render.text import size
from logscope.report import Finding, Report


class Bounds(Struct, frozen=True):
    """The most of each that is shown; `characters` is all evidence text together, `text` any one string."""

    findings: int
    evidence: int
    characters: int
    text: int
    rows: int
    """Rows of any other list: inputs, notes, unexplained errors, signals, checks, metrics, plan items."""


STEPS = (
    Bounds(300, 5_000, 2_400_000, 40_000, 1_000),
    Bounds(300, 4_000, 1_600_000, 20_000, 1_000),
    Bounds(300, 2_500, 1_000_000, 10_000, 500),
    Bounds(300, 1_000, 400_000, 4_000, 500),
    Bounds(150, 500, 200_000, 2_000, 200),
    Bounds(50, 200, 100_000, 1_000, 100),
    Bounds(10, 20, 10_000, 200, 20),
)
"""Tried in turn until the page fits."""


def fit(report: Report, bounds: Bounds) -> tuple[Report, tuple[str, ...]]:
    """Return the report within `bounds`, and one sentence for each kind of thing that was left out."""
    left_out: list[str] = []
    findings = report.findings[: bounds.findings]
    if len(findings) < len(report.findings):
        gone = len(report.findings) - len(findings)
        left_out.append(f"{counted(gone, 'finding')} after the first {len(findings):,}")
    findings, lines = _deal(findings, bounds)
    if lines:
        left_out.append(f"{counted(lines, 'further evidence line')} of the findings shown")
    shown = replace(report, findings=findings)
    for name in ("unexplained", "signals", "checks", "metrics", "inputs", "notes"):
        rows = getattr(report, name)
        if len(rows) > bounds.rows:
            left_out.append(f"{len(rows) - bounds.rows:,} of {len(rows):,} {_WORDS[name]}")
            shown = replace(shown, **{name: rows[: bounds.rows]})
    shown = _shorten_plan(shown, bounds.rows, left_out)
    shortened = _Clip(bounds.text)
    shown = shortened.apply(shown)
    if shortened.count:
        left_out.append(
            f"the middle of {counted(shortened.count, 'text')} longer than {bounds.text:,} characters"
        )
    return shown, tuple(left_out)


def limits_said(bounds: Bounds, max_bytes: int) -> str:
    """The bounds in words, for the foot of the page."""
    return (
        f"This page holds at most {bounds.findings:,} findings, {bounds.evidence:,} evidence lines and "
        f"{size(max_bytes)}."
    )


_WORDS = {
    "unexplained": "unexplained errors",
    "signals": "signs of health",
    "checks": "checks",
    "metrics": "metrics",
    "inputs": "inputs",
    "notes": "notes",
}


def _deal(findings: tuple[Finding, ...], bounds: Bounds) -> tuple[tuple[Finding, ...], int]:
    """Give each finding its first example, then in turn one more, until the bounds are reached."""
    kept = [0] * len(findings)
    lines, characters, full = 0, 0, False
    deepest = max((len(f.evidence) for f in findings), default=0)
    for round_ in range(deepest):
        for i, finding in enumerate(findings):
            if round_ >= len(finding.evidence):
                continue
            lines += 1
            characters += min(len(finding.evidence[round_].text), bounds.text)
            full = full or lines > bounds.evidence or characters > bounds.characters
            if not full or round_ == 0:
                kept[i] = round_ + 1
        if full:
            break
    gone = sum(len(f.evidence) for f in findings) - sum(kept)
    if not gone:
        return findings, 0
    return tuple(replace(f, evidence=f.evidence[:n]) for f, n in zip(findings, kept, strict=True)), gone


def _shorten_plan(report: Report, rows: int, left_out: list[str]) -> Report:
    plan, room, phases = report.plan, rows, []
    for phase in plan.phases:
        phases.append(replace(phase, items=phase.items[:room]))
        room -= len(phases[-1].items)
    gone = sum(len(p.items) for p in plan.phases) - (rows - room)
    gone += max(0, len(plan.alternatives) - rows) + max(0, len(plan.deferred) - rows)
    if not gone:
        return report
    left_out.append(f"{counted(gone, 'line')} of the plan, its alternatives and what is deferred")
    short = replace(
        plan,
        phases=tuple(phases),
        alternatives=plan.alternatives[:rows],
        deferred=plan.deferred[:rows],
    )
    return replace(report, plan=short)


class _Clip:
    """Shortens every string of a report that is longer than `room`, and counts them."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.count = 0

    def apply(self, value: Any) -> Any:
        """Return `value` itself where nothing in it is too long."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, tuple):
            new = tuple(self.apply(item) for item in value)
            return new if any(a is not b for a, b in zip(new, value, strict=True)) else value
        if isinstance(value, dict):
            return {key: self.apply(item) for key, item in value.items()}
        if isinstance(value, Struct):
            return self._fields(value)
        return value

    def _fields(self, value: Struct) -> Struct:
        changed = {}
        for name in value.__struct_fields__:
            old = getattr(value, name)
            new = self.apply(old)
            if new is not old:
                changed[name] = new
        return replace(value, **changed) if changed else value

    def _text(self, text: str) -> str:
        if len(text) <= self.room:
            return text
        self.count += 1
        head = self.room * 3 // 4
        return f"{text[:head]} … {len(text) - self.room:,} characters left out … {text[head - self.room :]}"
