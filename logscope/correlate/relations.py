"""Between rules: the specific silences the general, a symptom is shown under its cause."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from logscope.correlate import HitsByRule
from logscope.correlate.windows import near
from logscope.match.layers import ACCESS, ASGI, CLIENT
from logscope.model import Hit, Occurrence, RuleHits, Severity
from logscope.rulebook.rule import Follows, Rule

CAUSE_SECONDS, CAUSE_LINES = 120.0, 1_000
"""An effect this far from its cause is still shown under it."""
_SKEW_SECONDS = 0.1
"""What another process told so much later may have been earlier: clocks differ."""
_FEW_LINES = 8
_LONG_SECONDS = 600.0
"""A log that covers less says nothing of how dense failures are."""
_UNHANDLED_STATUS, _MANY_MORE = "500", 4
_MUTE = frozenset(("between", "missing", "whole"))
"""Roles of what is only compared with: it tells of no failure."""
_BESIDE_LINES = 3
"""A sequence's first step is silenced by a specific rule this close: the reason is logged beside the rejection."""


def silence_hits(rules: Sequence[Rule], hits: HitsByRule) -> dict[int, Sequence[Hit]]:
    """Drop hits of general rules on events that a specific rule explains: `fallback`, and `inhibits`.

    Only `fallback` rules and those that others inhibit are looked at; a rule that no hit is left of is left out.
    """
    spoken: dict[int, dict[int, list[int]]] = {}
    left: dict[int, Sequence[Hit]] = {}
    for number, own in hits.items():
        over = [other for other in hits if _silences(rules[other], rules[number])]
        for other in over:
            if other not in spoken:
                spoken[other] = _spoken(hits[other])
        beside = _beside(rules[number], own) if over else []
        told = {
            source: set().union(*(lines.intersection(spoken[other].get(source, ())) for other in over))
            for source, lines in _asked(own, beside).items()
        }
        heard = own
        if any(told.values()):
            requests = _of_requests(hit for other in over for hit in hits[other])
            heard = [
                hit
                for hit, lines in zip(own, beside, strict=True)
                if not any(
                    line == hit.line or (hit.source, line) not in requests
                    for line in told[hit.source].intersection(lines)
                )
            ]
        if heard:
            left[number] = heard
    return left


def _spoken(hits: Iterable[Hit]) -> dict[int, list[int]]:
    """Return the lines on which hits tell of a failure, by source."""
    lines: dict[int, list[int]] = defaultdict(list)
    for source, own in groupby(hits, attrgetter("source")):
        lines[source] += [hit.line for hit in own if hit.role not in _MUTE]
    return lines


def _of_requests(hits: Iterable[Hit]) -> set[tuple[int, int]]:
    """Return (source, line) of hits that are a request's own line: it is no reason of what befell another one."""
    return {(hit.source, hit.line) for hit in hits if hit.layer in (ACCESS, CLIENT)}


def _asked(hits: Sequence[Hit], beside: Sequence[Sequence[int]]) -> dict[int, set[int]]:
    """Return the lines on which another rule would silence one of the hits, by source."""
    lines: dict[int, set[int]] = defaultdict(set)
    for hit, own in zip(hits, beside, strict=False):
        lines[hit.source].update(own)
    return lines


def _silences(specific: Rule, general: Rule) -> bool:
    """Whether hits of one rule silence those of the other on the same event."""
    if specific.fallback or specific.signal:
        return False
    return general.fallback or general.id in specific.inhibits


def _beside(rule: Rule, hits: Sequence[Hit]) -> list[Sequence[int]]:
    """Return, by hit, the lines on which a specific rule speaks of the same: the event's own; for the first step of a
    sequence those beside it, up to the next step of any."""
    if rule.kind != "sequence":
        return [(hit.line,) for hit in hits]
    first = f"step:{rule.detect.steps[0].name}:"
    steps: dict[int, list[int]] = defaultdict(list)
    for hit in hits:
        if hit.role.startswith("step:"):
            steps[hit.source].append(hit.line)
    ordered = {source: sorted(set(lines)) for source, lines in steps.items()}
    return [_around(hit, ordered[hit.source]) if hit.role.startswith(first) else (hit.line,) for hit in hits]


def _around(hit: Hit, steps: Sequence[int]) -> range:
    """The lines beside a step, where `steps` are the lines of all, in order."""
    place = bisect_left(steps, hit.line)
    begin = steps[place - 1] + 1 if place else 0
    end = steps[place + 1] if place + 1 < len(steps) else hit.last_line + _BESIDE_LINES + 1
    return range(max(begin, hit.line - _BESIDE_LINES), min(end, hit.last_line + _BESIDE_LINES + 1))


def silence_occurrences(rules: Sequence[Rule], found: Sequence[RuleHits]) -> list[RuleHits]:
    """Drop occurrences of an inhibited rule that lie within its incident window of the specific rule's.

    What a process tells of its health is silenced by what the same one tells only.
    """
    result = []
    for general in found:
        rule = rules[general.rule]
        over = [other for other in found if rule.id in rules[other.rule].inhibits]
        if not over or general.sequence is not None:
            result.append(general)
            continue
        window = rule.detect.incident
        said: dict[tuple[int, str] | None, list[Occurrence]] = defaultdict(list)
        for occurrence in (occurrence for other in over for occurrence in other.occurrences):
            said[_process(rule, occurrence)].append(occurrence)
        places = {process: _Places(told) for process, told in said.items()}
        left = tuple(
            occurrence
            for occurrence in general.occurrences
            if (around := places.get(_process(rule, occurrence))) is None
            or not around.near(occurrence, window.seconds, window.lines)
        )
        if left:
            result.append(RuleHits(general.rule, left, general.sequence, general.figures, general.lanes))
    return result


def _process(rule: Rule, occurrence: Occurrence) -> tuple[int, str] | None:
    """The process that a signal tells of; None where any other may tell of the same."""
    return (occurrence.first.source, occurrence.first.stream) if rule.signal else None


def consequences(
    rules: Sequence[Rule], found: Sequence[RuleHits], running: Collection[int] = ()
) -> dict[int, tuple[str, ...]]:
    """Return, by rule, the ids of the findings that together explain every one of its occurrences; `running`: sources
    of processes that came up.

    Two rules that name each other as causes are told in the order of their ids: one of them is the cause.
    """
    places: dict[int, _Places] = {}
    result: dict[int, tuple[str, ...]] = {}
    for effect in found:
        left: Sequence[Occurrence] = effect.occurrences
        causes = []
        for cause in found:
            if not _may_cause(rules[cause.rule], rules[effect.rule]):
                continue
            if cause.rule not in places:
                places[cause.rule] = _Places(cause.occurrences)
            around = places[cause.rule]
            alone = [o for o in left if not around.near(o, CAUSE_SECONDS, CAUSE_LINES)]
            if down := _never_up(rules[cause.rule], cause.occurrences, running):
                alone = [o for o in alone if o.first.source in down]
            if len(alone) < len(left) or any(
                around.near(o, CAUSE_SECONDS, CAUSE_LINES) for o in effect.occurrences
            ):
                causes.append(rules[cause.rule].id)
            left = alone
        if left and (window := rules[effect.rule].follows):
            failures = _failures(rules, found, effect)
            left, nearest = _answered(left, window, failures)
            left, unhandled = _unhandled(left, failures)
            causes += nearest + unhandled
        if causes and not left:
            result[effect.rule] = tuple(sorted(set(causes)))
    return result


def _never_up(rule: Rule, occurrences: Sequence[Occurrence], running: Collection[int]) -> set[int]:
    """The sources of a failure that kept processes from coming up for as long as their logs, which have no clock, go;
    empty where it is of another kind."""
    hits = [hit for occurrence in occurrences for hit in occurrence.hits]
    sources = {hit.source for hit in hits}
    blocking = rule.explain is not None and bool(rule.explain.impact.blocking)
    stays = blocking and sources.isdisjoint(running) and all(hit.time is None for hit in hits)
    return sources if stays else set()


def _failures(
    rules: Sequence[Rule], found: Sequence[RuleHits], effect: RuleHits
) -> dict[tuple[int, str], _Elsewhere]:
    """What a service may have failed with, by negative severity and rule: nothing that only tells of another service
    itself."""
    window = rules[effect.rule].follows
    able = [
        (rules[item.rule], item)
        for item in found
        if Severity.parse(rules[item.rule].severity) >= Severity.MEDIUM
        or (window is not None and rules[item.rule].id in window.also)
    ]
    times = [o.first.time for item in found for o in item.occurrences if o.first.time is not None]
    span = max(times) - min(times) if times else 0.0
    return {
        (-Severity.parse(rule.severity), rule.id): _Elsewhere(item.occurrences, span)
        for rule, item in able
        if rule.follows is None and not rule.signal and rule.id not in rules[effect.rule].causes
    }


def _answered(
    occurrences: Sequence[Occurrence], window: Follows, failures: Mapping[tuple[int, str], _Elsewhere]
) -> tuple[Sequence[Occurrence], list[str]]:
    """Return the occurrences that no failure elsewhere explains, and as few rules as explain the others: each time the
    one that explains most, the worst of several, then the nearest."""
    left, causes = (
        list({_moment(occurrence.first): occurrence for occurrence in occurrences}.values()),
        list[str](),
    )
    while left:
        offers = []
        for rule, told in failures.items():
            gaps = [told.gap(occurrence.first, window.seconds, window.lines) for occurrence in left]
            near_by = [gap for gap in gaps if gap is not None]
            offers.append((-len(near_by), rule[0], sum(near_by), rule[1], gaps))
        most, *_, cause, gaps = min(offers, default=(0, 0, 0.0, "", []))
        if not most:
            break
        causes.append(cause)
        left = [occurrence for occurrence, gap in zip(left, gaps, strict=True) if gap is None]
    moments = {_moment(occurrence.first) for occurrence in left}
    return [o for o in occurrences if _moment(o.first) in moments], causes


def _unhandled(
    occurrences: Sequence[Occurrence], failures: Mapping[tuple[int, str], _Elsewhere]
) -> tuple[Sequence[Occurrence], list[str]]:
    """Return what is left once unhandled exceptions without a time explain answers of 500, and the rules of these.

    A server tells them without a clock by default, and each is such an answer: where there are enough of them in other
    sources, and not many more, of one rule alone or only of all together, it is theirs.
    """
    asked, others = list[Occurrence](), list[Occurrence]()
    for occurrence in occurrences:
        status = dict(occurrence.first.captures).get("status")
        (asked if status == _UNHANDLED_STATUS else others).append(occurrence)
    sources = {occurrence.first.source for occurrence in asked}
    counts = {rule: count for (_, rule), told in failures.items() if (count := told.untimed_answers(sources))}
    enough = [rule for rule, count in counts.items() if count >= len(asked)]
    if not asked or len(enough) > 1 or not 1 <= sum(counts.values()) / len(asked) <= _MANY_MORE:
        return occurrences, []
    return others, enough or list(counts)


def _moment(hit: Hit) -> tuple[int, str, int]:
    """The second, or without a time the few lines, in which a process told of a failure: one answer holds for all."""
    return hit.source, hit.stream, -hit.line // _FEW_LINES if hit.time is None else int(hit.time)


def _may_cause(cause: Rule, effect: Rule) -> bool:
    mutual = cause.id in effect.causes and cause.id > effect.id
    return cause.id != effect.id and effect.id in cause.causes and not mutual


class _Elsewhere:
    """When, and where in their sources, processes told of failures; a process is a stream of a source."""

    def __init__(self, occurrences: Sequence[Occurrence], span: float) -> None:
        """`span`: seconds of all that is known."""
        self._span = span
        self._times: dict[tuple[int, str], list[float]] = defaultdict(list)
        self._lines: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._untimed = [
            o.first.source
            for o in occurrences
            if any(h.layer == ASGI and h.time_quality != "exact" for h in o.hits)
        ]
        for hit in (hit for occurrence in occurrences if not occurrence.recovered for hit in occurrence.hits):
            if hit.time is not None:
                self._times[hit.source, hit.stream].append(hit.time)
            self._lines[hit.source, hit.stream].append(hit.last_line)
        for times in self._times.values():
            times.sort()
        for lines in self._lines.values():
            lines.sort()

    def untimed_answers(self, sources: Collection[int]) -> int:
        """How many unhandled exceptions servers told without a time of their own, in other sources than these."""
        return sum(source not in sources for source in self._untimed)

    def gap(self, hit: Hit, seconds: float | None, lines: int | None) -> float | None:
        """How far before a hit, in seconds or where it has no time in lines, another process last told of a failure;
        None where none did within the window."""
        own = hit.source, hit.stream
        gaps: list[float] = []
        skew = (
            1.0 if hit.time is not None and hit.time.is_integer() else _SKEW_SECONDS
        )  # no fractions are told
        if hit.time is not None and seconds is not None:
            for process, times in self._times.items():
                place = bisect_right(times, hit.time + skew)
                reach = min(seconds, self._telling(len(times)))
                if process != own and place and hit.time - times[place - 1] <= reach:
                    gaps.append(abs(hit.time - times[place - 1]))
        elif hit.time is None and lines is not None:
            for process, told in self._lines.items():
                place = bisect_left(told, hit.line)
                same = process[0] == own[0] and process != own
                if same and place and hit.line - told[place - 1] <= lines:
                    gaps.append(hit.line - told[place - 1])
        return min(gaps, default=None)

    def _telling(self, count: int) -> float:
        """Within how many seconds it is no mere chance to be behind one of so many."""
        return max(self._span / count / 4, _SKEW_SECONDS) if self._span >= _LONG_SECONDS else math.inf


class _Places:
    """Hits that others are held against, found quickly by source and line, or by time."""

    def __init__(self, occurrences: Iterable[Occurrence]) -> None:
        hits = [hit for occurrence in occurrences for hit in occurrence.hits]
        self._times = sorted([hit.time for hit in hits if hit.time is not None])
        self._timed = len(self._times) == len(hits)
        self._hits: dict[int, list[Hit]] = defaultdict(list)
        for hit in sorted(hits, key=attrgetter("line")):
            self._hits[hit.source].append(hit)
        self._lines = {source: [hit.line for hit in own] for source, own in self._hits.items()}

    def near(self, occurrence: Occurrence, seconds: float, lines: int) -> bool:
        """Whether a hit of the occurrence lies within the window of one of these."""
        return any(self._near(hit, seconds, lines) for hit in occurrence.hits)

    def _near(self, hit: Hit, seconds: float, lines: int) -> bool:
        """Whether one of the nearest in time is near enough, or in lines, where one of the two has no time."""
        if hit.time is not None:
            place = bisect_left(self._times, hit.time)
            if any(abs(hit.time - time) <= seconds for time in self._times[max(place - 1, 0) : place + 1]):
                return True
            if self._timed:
                return False
        place = bisect_left(self._lines.get(hit.source, ()), hit.line)
        around = self._hits.get(hit.source, ())[max(place - 1, 0) : place + 1]
        return any(near(other, hit, seconds, lines) for other in around)
