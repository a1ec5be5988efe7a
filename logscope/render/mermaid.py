"""Mermaid charts of the plan and of the timeline, in the words that Mermaid's parser takes."""

from __future__ import annotations

import re

from logscope.render.escape import Md, fence
from logscope.report import AGAIN, Bucket, Plan, Report

_NOT_IN_LABEL = re.compile(r"[^\w .()/+-]+")
_LONGEST = 60


def gantt(plan: Plan) -> str:
    """The phases as a Gantt chart, one task after the other; empty without items."""
    phases = [phase for phase in plan.phases if phase.items and phase.name != AGAIN]
    if not phases:
        return ""
    axis = "%H:%M" if plan.total_minutes < 24 * 60 else "day %d, %H:%M"
    lines = ["gantt", "    title Work in order", "    dateFormat YYYY-MM-DD HH:mm", f"    axisFormat {axis}"]
    begin = "2000-01-01 00:00"
    for phase in phases:
        lines.append(f"    section {_label(phase.name)}")
        for item in phase.items:
            lines.append(
                f"    {item.number} - {_label(item.title)} :t{item.number}, {begin}, {item.effort_minutes}m"
            )
            begin = f"after t{item.number}"
    return fence("\n".join(lines), "mermaid")


def timelines(report: Report) -> tuple[Md, ...]:
    """One bar chart of all occurrences for each axis that findings use: time, or lines without a clock."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for finding in report.findings:
        buckets = finding.frequency.buckets
        starts = tuple(bucket.start for bucket in buckets)
        total = sums.setdefault(starts, [0] * len(starts))
        sums[starts] = [a + bucket.count for a, bucket in zip(total, buckets, strict=True)]
    return tuple(
        _chart([Bucket(start, count) for start, count in zip(starts, counts, strict=True)])
        for starts, counts in sums.items()
        if any(counts)
    )


def _chart(buckets: list[Bucket]) -> Md:
    labels = ", ".join(f'"{_column(bucket.start, buckets)}"' for bucket in buckets)
    counts = [bucket.count for bucket in buckets]
    return fence(
        "\n".join(
            (
                "xychart-beta",
                '    title "Occurrences over the log"',
                f"    x-axis [{labels}]",
                f'    y-axis "Occurrences" 0 --> {max(counts)}',
                f"    bar [{', '.join(str(count) for count in counts)}]",
            )
        ),
        "mermaid",
    )


def _column(start: str, buckets: list[Bucket]) -> str:
    """Hour and minute, with the day where the log spans several; a line number as it is."""
    if "T" not in start:
        return _label(start).removeprefix("line ")
    one_day = buckets[0].start[:10] == buckets[-1].start[:10]
    return start[11:16] if one_day else f"{start[5:10]} {start[11:16]}"


def _label(text: str) -> str:
    label = " ".join(_NOT_IN_LABEL.sub(" ", text).split())
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…"
