"""Between rules: a symptom is shown under its cause."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import itemgetter

from logscope.correlate.follows import explained_elsewhere
from logscope.correlate.windows import HitIndex, about_another
from logscope.model import Occurrence, RuleHits
from logscope.rulebook.rule import Rule, with_causes

CAUSE_SECONDS, CAUSE_LINES = 120.0, 1_000
"""An effect this far behind its cause is still shown under it."""
AHEAD = 0.25
"""The share of this in which an effect may be told before its cause: who waits or dies may report last."""


Telling = Callable[[RuleHits, str], Collection[int]]
"""The places of occurrences whose own events tell of a cause, named by its id."""


def consequences(
    rules: Sequence[Rule],
    found: Sequence[RuleHits],
    running: Collection[int] = (),
    telling: Telling = lambda item, cause: (),
) -> dict[int, tuple[str, ...]]:
    """Return, by rule, the ids of the findings that together explain every one of its occurrences; `running`: sources
    of processes that came up; `telling`: of occurrences that are consequences only where they tell so themselves.

    Two rules that name each other as causes are told in the order of their ids: one of them is the cause.
    """
    places: dict[int, HitIndex] = {}
    result: dict[int, tuple[str, ...]] = {}
    for effect in found:
        able = [cause for cause in found if _may_cause(rules[cause.rule], rules[effect.rule])]
        if not able and rules[effect.rule].follows is None:
            continue
        every = tuple(effect.occurrences)
        left: Sequence[Occurrence] = every
        causes = []
        for cause in able:
            if cause.rule not in places:
                places[cause.rule] = HitIndex(cause.occurrences)
            needed = with_causes(rules[cause.rule].causes)[rules[effect.rule].id]
            open_to = [every[place] for place in telling(effect, needed)] if needed else every
            near = _near(places[cause.rule], open_to)
            alone = _begun(left, [o for o in left if id(o) not in near])
            down = _never_up(rules[cause.rule], cause.occurrences, running, alone)
            others = {o.first.source for o in alone} - down
            if down and len(others) == 1:  # of several, nothing tells whose it was
                alone = [o for o in alone if o.first.source in down]
            if len(alone) < len(left) or near:
                causes.append(rules[cause.rule].id)
            left = alone
        left, more = explained_elsewhere(rules, found, effect, left)
        causes += more
        if causes and not left:
            result[effect.rule] = tuple(sorted(set(causes)))
    return result


def _near(around: HitIndex, occurrences: Iterable[Occurrence]) -> set[int]:
    return {id(o) for o in occurrences if around.near(o, CAUSE_SECONDS, CAUSE_LINES, AHEAD, about_another)}


def _begun(occurrences: Sequence[Occurrence], alone: Sequence[Occurrence]) -> list[Occurrence]:
    """Leave out of `alone` what only goes on: as near behind one that is explained, in the same process and by the
    clock, as an effect may be behind its cause. An outage is told until it ends."""
    left = set(map(id, alone))
    if len(left) in (0, len(occurrences)):
        return list(alone)
    latest: dict[tuple[int, str], float] = {}
    timed = [(o.first.time, o) for o in occurrences if o.first.time is not None]
    for time, occurrence in sorted(timed, key=itemgetter(0)):
        process = occurrence.first.source, occurrence.first.stream
        if process in latest and time - latest[process] <= CAUSE_SECONDS:
            left.discard(id(occurrence))
        if id(occurrence) not in left:
            latest[process] = max(time, occurrence.hits[-1].time or time)
    return [occurrence for occurrence in alone if id(occurrence) in left]


def _never_up(
    rule: Rule, occurrences: Iterable[Occurrence], running: Collection[int], effects: Iterable[Occurrence]
) -> set[int]:
    """The sources of a failure that kept processes from coming up until their logs end, where these have no clock or
    none of `effects` in others has; empty for failures of other kinds."""
    hits = [hit for occurrence in occurrences for hit in occurrence.hits]
    sources = {hit.source for hit in hits}
    blocking = rule.explain is not None and bool(rule.explain.impact.blocking)
    timed = [effect.first for effect in effects if effect.first.time is not None]
    clockless = all(hit.time is None for hit in hits) or all(hit.source in sources for hit in timed)
    return sources if blocking and clockless and sources.isdisjoint(running) else set()


def _may_cause(cause: Rule, effect: Rule) -> bool:
    mutual = cause.id in with_causes(effect.causes) and cause.id > effect.id
    return cause.id != effect.id and effect.id in with_causes(cause.causes) and not mutual
