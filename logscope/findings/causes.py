"""Root causes, ranked by what the log speaks for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from itertools import islice, pairwise
from operator import attrgetter
from typing import NamedTuple

from logscope.correlate.windows import Processes, about_another, near
from logscope.findings.context import Context
from logscope.findings.evidence import event_of, evidence_line
from logscope.model import Hit, Occurrence, RuleHits
from logscope.report import Cause
from logscope.rulebook import rule as language
from logscope.rulebook.parts import ruled_out
from logscope.rulebook.texts import stem_of

LATE_SECONDS, LATE_LINES = 5.0, 20
"""This far behind a failure another process may still tell what led to it."""
_PLACE = attrgetter("source", "line")
_TOGETHER = 10.0, 40
"""Seconds, or lines, within which the workers of one server tell of their start."""
LOOKED_AT = 100
"""Occurrences whose causes are looked for."""


class Proof(NamedTuple):
    """What in the log speaks for a cause of one occurrence."""

    hit: Hit
    behind: bool
    """It came when the occurrence was over: rather what followed than what led to it."""


Proofs = Mapping[str, Sequence[Proof]]
"""By cause: its evidence in, or near, the occurrences, at most one per occurrence."""


def find_proofs(found: RuleHits, rule: language.Rule, context: Context) -> Proofs:
    """Return what in the log speaks for the causes of a rule."""
    assert rule.explain is not None
    return {cause.id: _proofs(found, cause, context) for cause in rule.explain.causes}


def rank_causes(rule: language.Rule, found: RuleHits, proofs: Proofs, context: Context) -> list[Cause]:
    """Return causes in this order: those that the log speaks for, by how many occurrences they explain (what came
    before the failure, and what decides about an option, first); last those for which an option would be recommended
    only if the log showed them. Where each failure tells its cause itself, others that it would tell are left out, and
    so are those that each rules out."""
    assert rule.explain is not None
    told = _told(rule)
    every = min(len(found.occurrences), LOOKED_AT)
    certain = any(len(proofs[name]) == every for name in told)
    ranked = []
    conditions = [option.recommended for option in rule.resolve if isinstance(option.recommended, str)]
    doubted = {condition.split()[-1] for condition in conditions if condition.startswith("unless")}
    deciding = {condition.split()[-1] for condition in conditions}
    for place, cause in enumerate(rule.explain.causes):
        own = proofs[cause.id]
        refuted = len(told_by(found, ruled_out(cause.id), context)) == every
        if refuted or (certain and cause.id in told and not own):
            continue
        events = [
            event
            for hit in list(dict.fromkeys(proof.hit for proof in own))[:2]
            if (event := event_of(hit, context.scans)) is not None
        ]
        evidence = tuple(evidence_line(event, context) for event in events)
        later = cause.id not in deciding if own else cause.id in doubted
        order = -len(own), sum(proof.behind for proof in own), later, place
        ranked.append((order, Cause(cause.id, cause.text, bool(own), evidence)))
    return [cause for _, cause in sorted(ranked, key=lambda pair: pair[0])]


def rare_of(rule: language.Rule, proofs: Proofs) -> set[str]:
    """Return the causes of which failures tell themselves, but fewer than tell of another one."""
    told = {name: len(proofs[name]) for name in _told(rule)}
    return {name for name, count in told.items() if 0 < count < max(told.values())}


def _told(rule: language.Rule) -> set[str]:
    """Return the causes that the failure's own events show, or show to be none."""
    causes = rule.explain.causes if rule.explain else ()
    return {cause.id for cause in causes if cause.evidence and cause.evidence.own}


def told_by(found: RuleHits, name: str, context: Context) -> dict[int, Proof]:
    """Return what occurrences' own events say for a cause, or against it, by the place of the occurrence."""
    lines = _by_source(context.hits.by_cause.get((found.rule, name), ()))
    if not lines:
        return {}
    proofs = (_proof(occurrence, lines, None) for occurrence in islice(found.occurrences, LOOKED_AT))
    return {place: Proof(proof, False) for place, proof in enumerate(proofs) if proof is not None}


def _proofs(found: RuleHits, cause: language.Cause, context: Context) -> list[Proof]:
    hits: Collection[Hit] = context.hits.by_cause.get((found.rule, cause.id), ())
    if cause.evidence is None or not hits:
        return []
    if cause.evidence.own:
        return list(told_by(found, cause.id, context).values())
    if cause.evidence.several:
        hits = _of_several(hits, cause.evidence.several)
    lines = _by_source(hits)
    proofs = []
    until, window = cause.evidence.until, cause.evidence.near
    ended = Processes(
        hit for rule, own in context.hits.by_rule.items() if context.rules[rule].id == until for hit in own
    )
    refuted = told_by(found, ruled_out(cause.id), context)
    for place, occurrence in enumerate(islice(found.occurrences, LOOKED_AT)):
        if place in refuted:
            continue
        if until is None:
            proof = _proof(occurrence, lines, window)
        else:
            proof = _still_so(occurrence.first, lines.get(occurrence.first.source, []), ended, window)
        if proof is not None:
            proofs.append(Proof(proof, _is_behind(proof, occurrence)))
    return proofs


def _by_source(hits: Collection[Hit]) -> dict[int, list[Hit]]:
    lines: dict[int, list[Hit]] = {}
    for hit in hits:
        lines.setdefault(hit.source, []).append(hit)
    return lines


def _of_several(hits: Collection[Hit], name: str) -> list[Hit]:
    """Leave out the hits beside which, in their stream, none has another value of a capture: workers that run together
    start together, the one of each run does not."""
    valued = sorted(
        (hit for hit in hits if dict(hit.captures).get(name)), key=attrgetter("source", "stream", "line")
    )
    alone = set(map(_PLACE, valued))
    for one, other in pairwise(valued):
        together = one.stream == other.stream and near(one, other, *_TOGETHER)
        if together and dict(one.captures)[name] != dict(other.captures)[name]:
            alone -= {_PLACE(one), _PLACE(other)}
    return [hit for hit in hits if _PLACE(hit) not in alone]


def _still_so(
    failure: Hit, told: Sequence[Hit], ended: Processes, window: language.Window | None
) -> Hit | None:
    """The last of what was told before a failure, of the same subject, that nothing has ended since."""
    about = {stem_of(name): value for name, value in failure.captures}
    for hit in reversed(told[: bisect_left(told, failure.line, key=lambda other: other.line)]):
        if window is None or not near(hit, failure, window.seconds, window.lines):
            return None
        other = any(about.get(stem_of(name), value) != value for name, value in hit.captures)
        if not other and not ended.restarted(hit, failure):
            return hit
    return None


def _is_behind(proof: Hit, occurrence: Occurrence) -> bool:
    """Whether it stands below the last line of an occurrence; in another source by its time."""
    lines = [hit.last_line for hit in occurrence.hits if hit.source == proof.source]
    if lines:
        return proof.line > max(lines)
    times = [hit.time for hit in occurrence.hits if hit.time is not None]
    return proof.time is not None and bool(times) and proof.time > max(times)


def _proof(
    occurrence: Occurrence, by_source: Mapping[int, list[Hit]], window: language.Window | None
) -> Hit | None:
    """Return what stands on a line of an occurrence, or in the window around it: around each hit the nearest of its
    source, around the first one any."""

    def speaks(other: Hit, hit: Hit) -> bool:
        return (
            window is not None
            and near(other, hit, window.seconds, window.lines)
            and _in_time(other, occurrence)
            and not about_another(other, hit)
        )

    for hit in occurrence.hits:
        own = by_source.get(hit.source, [])
        place = bisect_left(own, hit.line, key=lambda other: other.line)
        if place < len(own) and own[place].line == hit.line:
            return own[place]
        for other in own[max(place - 1, 0) : place + 1]:
            if speaks(other, hit):
                return other
    others = (other for hits in by_source.values() for other in hits) if window else ()
    return next((other for other in others if speaks(other, occurrence.first)), None)


def _in_time(proof: Hit, occurrence: Occurrence) -> bool:
    """Whether it may have led to a failure: what another process says long after that has causes of its own."""
    last = occurrence.hits[-1]
    same = (proof.source, proof.stream) == (last.source, last.stream)
    return same or not _is_behind(proof, occurrence) or near(last, proof, LATE_SECONDS, LATE_LINES)
