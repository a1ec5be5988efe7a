"""Between rules: what one service answered stands under what that one logged right before (`follows`)."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from logscope.match.layers import ASGI
from logscope.model import Hit, Occurrence, RuleHits, Severity
from logscope.rulebook.rule import Follows, Rule, with_causes

_SKEW_SECONDS, _NO_FRACTIONS = 0.1, 1.0
"""Seconds by which what another process told later may yet have come first: clocks differ, some show no fractions."""
_FEW_LINES = 8
"""Lines without a time that stand for one second."""
_LONG_SECONDS = 600.0
"""A log that covers less says nothing of how dense failures are."""
_UNHANDLED_STATUS, _MANY_MORE = "500", 4
"""How a server answers after an unhandled exception, and how many of these one such answer may stand for."""


def explained_elsewhere(
    rules: Sequence[Rule], found: Sequence[RuleHits], effect: RuleHits, left: Sequence[Occurrence]
) -> tuple[Sequence[Occurrence], list[str]]:
    """Return those occurrences of a finding, among `left`, that no failure of another process explains, and the ids of
    the rules that explain the others. Without `follows` nothing is explained."""
    window = rules[effect.rule].follows
    if window is None or not left:
        return left, []
    failures = _failures(rules, found, rules[effect.rule], window)
    left, nearest = _answered(left, window, failures)
    left, unhandled = _unhandled(left, failures)
    left, as_many = _as_many(left, failures)
    return left, nearest + unhandled + as_many


def _failures(
    rules: Sequence[Rule], found: Sequence[RuleHits], effect: Rule, window: Follows
) -> dict[tuple[int, str], _Elsewhere]:
    """What a service may have failed with, by negative severity and rule; not what itself only tells of another
    service."""
    able = [
        (rules[item.rule], item)
        for item in found
        if Severity.parse(rules[item.rule].severity) >= Severity.MEDIUM or rules[item.rule].id in window.also
    ]
    times = [o.first.time for item in found for o in item.occurrences if o.first.time is not None]
    span = max(times) - min(times) if times else 0.0
    return {
        (-Severity.parse(rule.severity), rule.id): _Elsewhere(tuple(item.occurrences), span)
        for rule, item in able
        if rule.follows is None and not rule.signal and rule.id not in with_causes(effect.causes)
    }


def _answered(
    occurrences: Sequence[Occurrence], window: Follows, failures: Mapping[tuple[int, str], _Elsewhere]
) -> tuple[Sequence[Occurrence], list[str]]:
    """Return the occurrences that no failure elsewhere explains, and few rules that explain the others: again and again
    the one that explains most; of equals the most severe, then the nearest in time."""
    left = list({_moment(occurrence.first): occurrence for occurrence in occurrences}.values())
    causes: list[str] = []
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

    A server logs such exceptions without a clock by default, and answers each with 500. Where other sources hold enough
    of them and not many more, of one rule or else of all rules together, the answers are theirs.
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


def _as_many(
    occurrences: Sequence[Occurrence], failures: Mapping[tuple[int, str], _Elsewhere]
) -> tuple[Sequence[Occurrence], list[str]]:
    """Return what is left, and the rule that explains it: where none of several answers has a time, one rule alone
    tells of exactly as many failures in other sources."""
    if len(occurrences) < 2 or any(occurrence.first.time is not None for occurrence in occurrences):
        return occurrences, []
    sources = {occurrence.first.source for occurrence in occurrences}
    alike = [rule for (_, rule), told in failures.items() if told.outside(sources) == len(occurrences)]
    return ([], alike) if len(alike) == 1 else (occurrences, [])


def _moment(hit: Hit) -> tuple[int, str, int]:
    """The second (without a clock: the few lines) in which a process told of a failure; all in it share their cause."""
    return hit.source, hit.stream, -hit.line // _FEW_LINES if hit.time is None else int(hit.time)


class _Elsewhere:
    """When, and where in their sources, processes told of failures; a process is a stream of a source."""

    def __init__(self, occurrences: Sequence[Occurrence], span: float) -> None:
        """`span`: seconds of all that is known."""
        self._span = span
        self._sources = [occurrence.first.source for occurrence in occurrences if not occurrence.recovered]
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

    def outside(self, sources: Collection[int]) -> int:
        """How many failures are told in other sources than these; 0 where these tell of some."""
        return 0 if any(source in sources for source in self._sources) else len(self._sources)

    def gap(self, hit: Hit, seconds: float | None, lines: int | None) -> float | None:
        """How far before a hit, in seconds or where it has no time in lines, another process last told of a failure;
        None where none did within the window."""
        own = hit.source, hit.stream
        gaps: list[float] = []
        if hit.time is not None and seconds is not None:
            skew = _NO_FRACTIONS if hit.time.is_integer() else _SKEW_SECONDS
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
        """Within how many seconds behind one of `count` failures it is no mere chance to stand."""
        return max(self._span / count / 4, _SKEW_SECONDS) if self._span >= _LONG_SECONDS else math.inf
