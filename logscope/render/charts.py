"""Pictures as inline SVG: pure functions from the report's figures to markup that scales, prints and speaks.

Colours come from the page's style sheet by class; without it the pictures are black on white. Each has a
<title> and a <desc>, and nothing is in a picture only: the page says the same in words or in a table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from markupsafe import Markup

from logscope.counting import counted
from logscope.render.text import OUTCOME_LABEL, SEVERITIES, between, when
from logscope.report import Bucket, Finding, Lane, Sessions

COLUMN, GAP, HEIGHT = 16, 3, 48
"""Width of one timeline column, the space in it that stays free, and the height of the picture, in px."""
ROW, NAME_WIDTH, STEP_WIDTH, OUTCOME_WIDTH = 26, 168, 84, 72


def timeline(buckets: tuple[Bucket, ...], unit: str, severity: str, uid: str) -> Markup:
    """Bars for one finding; empty when there is nothing to draw. `uid` must be unique on the page."""
    counts = [bucket.count for bucket in buckets]
    if not any(counts):
        return Markup()
    path = _bars(counts, [0] * len(counts), max(counts))
    body = Markup('<path class="fill-{}" d="{}"/>').format(severity, path)
    return _frame(body, len(counts), uid, "Occurrences over the log", describe(buckets, unit))


def overview(findings: Sequence[Finding], uid: str) -> tuple[Markup, str]:
    """Bars of all findings that share one axis, stacked by severity; and the sentence that says the same."""
    axis, unit = _common_axis(findings)
    chosen = [f for f in findings if _axis(f) == axis and f.frequency.bucket_unit == unit]
    totals = [sum(f.frequency.buckets[i].count for f in chosen) for i in range(len(axis))]
    if not any(totals):
        return Markup(), ""
    base, body = [0] * len(axis), Markup()
    for severity in SEVERITIES:
        group = [f for f in chosen if f.severity == severity]
        counts = [sum(f.frequency.buckets[i].count for f in group) for i in range(len(axis))]
        if any(counts):
            body += Markup('<path class="fill-{}" d="{}"/>').format(
                severity, _bars(counts, base, max(totals))
            )
        base = [low + count for low, count in zip(base, counts, strict=True)]
    merged = tuple(Bucket(start, total) for start, total in zip(axis, totals, strict=True))
    said = describe(merged, unit)
    if len(chosen) < len(findings):
        said += f" Not in it: {counted(len(findings) - len(chosen), 'finding')} without a place on this axis."
    return _frame(body, len(axis), uid, "Occurrences of all findings", said), said


def describe(buckets: tuple[Bucket, ...], unit: str) -> str:
    """Two sentences: the axis from end to end and how it is divided; and where most occurred."""
    total = sum(bucket.count for bucket in buckets)
    if not total:
        return "When they occurred is not known."
    peak = max(range(len(buckets)), key=lambda i: (buckets[i].count, -i))
    if unit == "time":
        first, last = _ends(buckets)
        day = when(first).partition(" ")[0]
        axis, where = (
            between(first, last),
            f"the one from {when(buckets[peak].start).removeprefix(f'{day} ')}",
        )
    else:  # lines are counted over all sources, so their numbers would name no line of any of them
        axis, where = "All lines that were read", f"part {peak + 1}"
    parts = f"{axis} in {len(buckets)} equal parts."
    used, most = sum(1 for bucket in buckets if bucket.count), buckets[peak].count
    if total == 1:
        return f"{parts} The one occurrence lies in {where}."
    if used == 1:
        return f"{parts} All {total:,} occurrences lie in {where}."
    if most == 1:
        return f"{parts} {total} occurrences, each in a part of its own, the first in {where}."
    return f"{parts} {total:,} occurrences in {used} parts, most ({most:,}) in {where}."


def _ends(buckets: tuple[Bucket, ...]) -> tuple[str, str]:
    """Start of the first bucket and end of the last; its start where that cannot be computed."""
    first, last = buckets[0].start, buckets[-1].start
    if len(buckets) < 2:
        return first, last
    try:
        left, right = datetime.fromisoformat(first), datetime.fromisoformat(last)
        return first, (right + (right - left) / (len(buckets) - 1)).isoformat()
    except (ValueError, TypeError):
        return first, last


def swimlane(sequence: Sessions, uid: str) -> Markup:
    """One row per session, one column per step: which steps each session took, and how it ended."""
    lanes, steps = sequence.lanes, sequence.steps
    if not lanes or not steps:
        return Markup()
    width = NAME_WIDTH + STEP_WIDTH * len(steps) + OUTCOME_WIDTH
    height = ROW * (len(lanes) + 1) + 8
    body = Markup().join(
        Markup('<text class="axis" x="{}" y="16" text-anchor="middle">{}</text>').format(
            _x(i), _short(step, 14)
        )
        for i, step in enumerate(steps)
    )
    body += Markup().join(_lane(lane, steps, ROW * (row + 1) + 14) for row, lane in enumerate(lanes))
    ends = Counter(lane.outcome for lane in lanes)
    said = ", ".join(f"{OUTCOME_LABEL[end].lower()} {ends[end]}" for end in sorted(ends))
    return _svg(body, width, height, uid, f"Steps of {counted(len(lanes), 'session')}", f"{said}.", "lanes")


def _lane(lane: Lane, steps: tuple[str, ...], y: int) -> Markup:
    at = {step.step: step for step in lane.steps}
    reached = [i for i, name in enumerate(steps) if name in at]
    row = Markup('<text x="0" y="{}">{}</text>').format(y + 4, _short(lane.session, 26))
    if reached:
        row += Markup('<path class="track" stroke="currentColor" d="M{} {}H{}"/>').format(
            _x(reached[0]), y, _x(reached[-1])
        )
    for i, name in enumerate(steps):
        if name not in at:
            row += Markup(
                '<circle class="missed" fill="none" stroke="currentColor" cx="{}" cy="{}" r="3"/>'
            ).format(_x(i), y)
            continue
        where = f"{name}, line {at[name].line}" + (f", {when(at[name].time)}" if at[name].time else "")
        shape = Markup('<circle class="lane-{}" cx="{}" cy="{}" r="6"><title>{}</title></circle>')
        if lane.outcome == "stalled" and i == reached[-1]:
            shape = Markup('<path class="lane-{0}" d="M{1} {2}m-6-6h12v12h-12z"><title>{3}</title></path>')
        row += shape.format(lane.outcome, _x(i), y, where)
    x = _x(len(steps) - 1) + STEP_WIDTH // 2
    return row + Markup('<text class="end-{}" x="{}" y="{}">{}</text>').format(
        lane.outcome, x, y + 4, OUTCOME_LABEL[lane.outcome]
    )


def _x(step: int) -> int:
    return NAME_WIDTH + STEP_WIDTH * step + STEP_WIDTH // 2


def _bars(counts: Sequence[int], base: Sequence[int], top: int) -> str:
    """Path of columns that stand on `base`; a column that counts anything is at least 3 px high."""
    parts = []
    for i, (count, low) in enumerate(zip(counts, base, strict=True)):
        if count:
            y = HEIGHT - round(HEIGHT * low / top)
            high = max(3, round(HEIGHT * count / top))
            parts.append(f"M{i * COLUMN} {y}v-{min(high, y)}h{COLUMN - GAP}V{y}z")
    return "".join(parts)


def _frame(body: Markup, columns: int, uid: str, title: str, desc: str) -> Markup:
    width = columns * COLUMN - GAP
    ground = Markup('<path class="ground" stroke="currentColor" d="M0 {0}.5H{1}"/>').format(HEIGHT, width)
    return _svg(body + ground, width, HEIGHT + 1, uid, title, desc, "timeline")


def _svg(body: Markup, width: int, height: int, uid: str, title: str, desc: str, kind: str) -> Markup:
    stretch = Markup(' preserveAspectRatio="none"') if kind == "timeline" else ""
    return Markup(
        '<svg class="{}" role="img" aria-labelledby="{}-t {}-d" viewBox="0 0 {} {}" width="{}" height="{}"{}>'
        '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>'
    ).format(kind, uid, uid, width, height, width, height, stretch, uid, title, uid, desc, body)


def _axis(finding: Finding) -> tuple[str, ...]:
    return tuple(bucket.start for bucket in finding.frequency.buckets)


def _common_axis(findings: Iterable[Finding]) -> tuple[tuple[str, ...], str]:
    """The axis that most findings share; one of times wins over one of lines."""
    axes = Counter(
        (f.frequency.bucket_unit, _axis(f)) for f in findings if any(b.count for b in f.frequency.buckets)
    )
    if not axes:
        return (), "time"
    (unit, axis), _ = min(axes.items(), key=lambda entry: (entry[0][0] != "time", -entry[1], entry[0][1]))
    return axis, unit


def _short(text: str, room: int) -> str:
    """`text` in at most `room` characters, its middle left out: ids differ at their ends."""
    if len(text) <= room:
        return text
    tail = room // 3
    return f"{text[: room - tail - 1]}…{text[-tail:]}"
