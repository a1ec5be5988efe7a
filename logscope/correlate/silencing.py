"""Between rules: the specific silences the general."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from logscope.correlate import HitsByRule, correlate_hits
from logscope.correlate.steps import first_step
from logscope.correlate.windows import HitIndex, about_another
from logscope.match.layers import ACCESS, ASYNCIO, ASYNCIO_RUN, CLIENT, RETRY, same_line
from logscope.model import Hit, Occurrence, RuleHits
from logscope.packed import FoundHits, PackedHits, PackedOccurrences
from logscope.rulebook.parts import BEHIND, step_of
from logscope.rulebook.rule import Incident, Rule, with_causes

HitsByCause = Mapping[tuple[int, str], Collection[Hit]]
"""By rule and cause, the hits that speak for it."""
_MUTE = BEHIND | {"between", "missing", "whole"}
"""Roles of what is only compared with: it tells of no failure."""
_TELLS_ANY = frozenset(("", CLIENT, ACCESS, RETRY, ASYNCIO, ASYNCIO_RUN))
"""Layers that tell one failure more than once, or are no layer of their own."""
_ANSWERS = (CLIENT, RETRY)
_BESIDE_LINES = 3
"""A sequence's first step is silenced by a specific rule this close: the reason is logged beside the rejection."""


def find_occurrences(rules: Sequence[Rule], hits: FoundHits) -> list[RuleHits]:
    """Return what each rule has found, without what a more specific one tells of; rules that found nothing are left
    out."""
    found = correlate_hits(rules, silence_hits(rules, hits.by_rule))
    return silence_occurrences(rules, [item for item in found if item.occurrences], hits.by_cause)


def silence_hits(rules: Sequence[Rule], hits: HitsByRule) -> dict[int, Collection[Hit]]:
    """Drop hits of general rules on events that a specific rule explains: `fallback`, and `inhibits`.

    Only `fallback` rules and those that others inhibit are looked at; a rule that no hit is left of is left out.
    """
    spoken: dict[int, _Spoken] = {}
    left: dict[int, Collection[Hit]] = {}
    for number, own in hits.items():
        over = [other for other in hits if _silences(rules[other], rules[number])]
        for other in over:
            if other not in spoken:
                spoken[other] = _spoken(hits[other])
        beside = _beside(rules[number], own) if over else []
        told = {
            source: set().union(*(lines.intersection(spoken[other].lines.get(source, ())) for other in over))
            for source, lines in _asked(own, beside).items()
        }
        heard = own
        if any(told.values()):
            requests = set().union(*(spoken[other].requests for other in over))
            heard = PackedHits(
                hit
                for hit, lines in zip(own, beside, strict=True)
                if not any(
                    line == hit.line or (hit.source, line) not in requests
                    for line in told[hit.source].intersection(lines)
                )
            )
        if heard:
            left[number] = heard
    return left


class _Spoken(NamedTuple):
    """What a rule tells of."""

    lines: dict[int, list[int]]
    """By source, those on which it tells of a failure."""
    requests: set[tuple[int, int]]
    """Source and line of a request's own lines: such a one is no reason of what befell another request."""


def _spoken(hits: Iterable[Hit]) -> _Spoken:
    spoken = _Spoken(defaultdict(list), set())
    for source, own in groupby(hits, attrgetter("source")):
        lines = spoken.lines[source]
        for hit in own:
            if hit.role not in _MUTE:
                lines.append(hit.line)
            if hit.layer in (ACCESS, CLIENT):
                spoken.requests.add((source, hit.line))
    return spoken


def _asked(hits: Iterable[Hit], beside: Sequence[Sequence[int]]) -> dict[int, set[int]]:
    """Return the lines on which another rule would silence one of the hits, by source."""
    lines: dict[int, set[int]] = defaultdict(set)
    for hit, own in zip(hits, beside, strict=False):
        lines[hit.source].update(own)
    return lines


def _silences(specific: Rule, general: Rule) -> bool:
    """Whether hits of one rule silence those of the other on the same event."""
    if specific.fallback or specific.signal:
        return False
    return general.fallback or general.id in with_causes(specific.inhibits)


def _beside(rule: Rule, hits: Iterable[Hit]) -> list[Sequence[int]]:
    """Return, by hit, the lines on which a specific rule speaks of the same: the event's own; for the first step of a
    sequence those beside it, up to the next step of any, and none for steps that belong to no run: they tell no
    failure."""
    if rule.kind != "sequence":
        return [(hit.line,) for hit in hits]
    first, outcomes = first_step(rule), rule.detect.outcomes
    aside = outcomes.aside if outcomes else ()
    steps: dict[int, list[int]] = defaultdict(list)
    for hit in hits:
        if step_of(hit.role):
            steps[hit.source].append(hit.line)
    ordered = {source: sorted(set(lines)) for source, lines in steps.items()}

    def beside(hit: Hit) -> Sequence[int]:
        step = step_of(hit.role)
        if step == first:
            return _around(hit, ordered[hit.source])
        return () if step in aside else (hit.line,)

    return [beside(hit) for hit in hits]


def _around(hit: Hit, steps: Sequence[int]) -> range:
    """The lines beside a step, where `steps` are the lines of all, in order."""
    place = bisect_left(steps, hit.line)
    begin = steps[place - 1] + 1 if place else 0
    end = steps[place + 1] if place + 1 < len(steps) else hit.last_line + _BESIDE_LINES + 1
    return range(max(begin, hit.line - _BESIDE_LINES), min(end, hit.last_line + _BESIDE_LINES + 1))


def silence_occurrences(
    rules: Sequence[Rule], found: Sequence[RuleHits], by_cause: HitsByCause = MappingProxyType({})
) -> list[RuleHits]:
    """Drop occurrences of an inhibited rule that lie within its incident window of the specific rule's, unless the two
    are about different hosts or servers, or one line of code tells both.

    What a process tells of its health is silenced by what the same one tells only. A dropped failure may be all that
    tells how a request ended of which the specific rule saw but the answer: that has not recovered then.
    """
    result: list[RuleHits] = []
    failed: dict[int, list[tuple[HitIndex, Incident]]] = defaultdict(list)  # by specific rule
    for general in found:
        rule = rules[general.rule]
        over = [other for other in found if rule.id in with_causes(rules[other.rule].inhibits)]
        if not over or general.sequence is not None:
            result.append(general)
            continue
        window = rule.detect.incident
        said: dict[tuple[int, str] | None, list[Occurrence]] = defaultdict(list)
        for occurrence in (o for other in over for o in _telling_so(other, rules, rule, by_cause)):
            said[_process(rule, occurrence)].append(_answers_told(occurrence))
        places = {process: HitIndex(told) for process, told in said.items()}
        left: list[Occurrence] = []
        dropped: list[Occurrence] = []
        for occurrence in general.occurrences:
            around = places.get(_process(rule, occurrence))
            told = _answers_told(occurrence)
            near = around is not None and around.near(told, window.seconds, window.lines, unless=_apart)
            (dropped if near else left).append(occurrence)
        if left:
            result.append(replace(general, occurrences=PackedOccurrences(left)))
        if failures := [occurrence for occurrence in dropped if not occurrence.recovered]:
            for other in over:
                failed[other.rule].append((HitIndex(failures), window))
    return [_failing(item, failed[item.rule]) if item.rule in failed else item for item in result]


def _failing(found: RuleHits, failed: Sequence[tuple[HitIndex, Incident]]) -> RuleHits:
    """Return what a rule found, where what only its supporting evidence tells has not recovered beside a failure."""
    ended = [
        occurrence.recovered
        and all(hit.role == "also" for hit in occurrence.hits)
        and any(failures.near(occurrence, window.seconds, window.lines) for failures, window in failed)
        for occurrence in found.occurrences
    ]
    if not any(ended):
        return found
    told = zip(found.occurrences, ended, strict=True)
    left = tuple([replace(one, recovered=one.recovered and not end) for one, end in told])
    return replace(found, occurrences=PackedOccurrences(left))


def _telling_so(
    over: RuleHits, rules: Sequence[Rule], general: Rule, by_cause: HitsByCause
) -> Iterable[Occurrence]:
    """The occurrences of a specific rule that may be what the general one tells: where it names a cause, those whose
    own events show that."""
    cause = with_causes(rules[over.rule].inhibits)[general.id]
    if not cause:
        return over.occurrences
    lines = {(hit.source, hit.line) for hit in by_cause.get((over.rule, cause), ())}
    return [o for o in over.occurrences if any((hit.source, hit.line) in lines for hit in o.hits)]


def _answers_told(occurrence: Occurrence) -> Occurrence:
    """Return an occurrence in which a client's answers and tries are the line of code's that tells of them."""
    told = next((hit for hit in occurrence.hits if _tells_once(hit)), None)
    if told is None or all(hit.layer not in _ANSWERS for hit in occurrence.hits):
        return occurrence
    hits = [
        replace(hit, layer=told.layer, role=told.role) if hit.layer in _ANSWERS else hit
        for hit in occurrence.hits
    ]
    return replace(occurrence, hits=tuple(hits))


def _apart(one: Hit, other: Hit) -> bool:
    """Whether two hits tell of two failures: one line of code tells each once, in an event of its own."""
    each = one.line != other.line and _tells_once(one) and _tells_once(other)
    return (each and same_line(_code(one), _code(other))) or about_another(one, other)


def _tells_once(hit: Hit) -> bool:
    return hit.role == "primary" and hit.layer not in _TELLS_ANY


def _code(hit: Hit) -> str:
    """The layer of a hit, without the reason that a message of several words gives behind its colon."""
    words, _, _ = hit.layer.partition(": ")
    return words if " " in words else hit.layer


def _process(rule: Rule, occurrence: Occurrence) -> tuple[int, str] | None:
    """The process that a signal tells of; None where any other may tell of the same."""
    return (occurrence.first.source, occurrence.first.stream) if rule.signal else None
