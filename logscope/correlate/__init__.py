"""Reduce: hits of all sources to occurrences, one module per kind of rule.

The kinds are `match`, `count`, `distinct`, `absence`, `ratio` and `sequence`. `incidents` groups hits to occurrences,
with `reachable` for those that a hit may belong to, and `layering` and `relayed` for layers and services that tell of
one failure; `windows` knows order and nearness, `keys` the values that `by` names. Sequences have their hits `prepared`
(by `steps`) and tracked as `runs`; whose a hit is, tell `servers`, `views`, `connections` and `marks`; which sessions
have `worked` or were `left`, what is in `doubt`, and what, by `listening`, begins none. Between rules: `silencing`
drops what a more specific rule tells, `consequences`, `follows` and `databases` show symptoms under causes. Before all,
`copies` leaves out what a source only repeats of others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from msgspec.structs import replace

from logscope.correlate import absence, count, distinct, match, ratio, sequence
from logscope.correlate.windows import Processes, in_order
from logscope.model import Hit, RuleHits
from logscope.packed import PackedOccurrences
from logscope.rulebook.rule import Rule

HitsByRule = Mapping[int, Collection[Hit]]
"""Hits by the index of their rule, without those that only speak for a cause."""
Correlate = Callable[[int, Rule, Sequence[Hit], Processes], RuleHits]

LISTENING_SIGNAL = "server-listening"
"""The signal that tells on which port a server listens."""
RESTART_SIGNALS = SERVER_STARTED, APP_STARTED = "server-started", "app-started"
"""Signals that tell of a restart, the surer first: the application may talk while it starts."""
KINDS: dict[str, Correlate] = {
    "match": match.correlate,
    "count": count.correlate,
    "distinct": distinct.correlate,
    "sequence": sequence.correlate,
    "absence": absence.correlate,
    "ratio": ratio.correlate,
}


def correlate_hits(rules: Sequence[Rule], hits: HitsByRule) -> tuple[RuleHits, ...]:
    """Return what each rule found, rules in their order; the hits of a rule may come in any order."""
    listening = [hit for index in hits if rules[index].id == LISTENING_SIGNAL for hit in hits[index]]
    processes = Processes(restarts_of(rules, hits), listening)
    found = (
        KINDS[rules[index].kind](index, rules[index], in_order(hits[index]), processes)
        for index in sorted(hits)
    )
    return tuple([replace(item, occurrences=PackedOccurrences(item.occurrences)) for item in found])


def restarts_of(rules: Sequence[Rule], hits: HitsByRule) -> list[Hit]:
    """Return the hits that tell of a restart: per source those of the first of `RESTART_SIGNALS` that it has."""
    told: dict[int, list[Hit]] = {}
    for signal in RESTART_SIGNALS:
        starts: dict[int, list[Hit]] = defaultdict(list)
        for index in hits:
            if rules[index].id == signal:
                for hit in hits[index]:
                    starts[hit.source].append(hit)
        told = starts | told
    return [hit for starts_of_source in told.values() for hit in starts_of_source]


def signals_told_apart(rules: Iterable[Rule]) -> frozenset[str]:
    """Return the ids of the signals of which every hit matters, by its place and time: the others are only counted."""
    causes = [cause for rule in rules if rule.explain for cause in rule.explain.causes]
    answers = {cause.evidence.until for cause in causes if cause.evidence and cause.evidence.until}
    return frozenset((LISTENING_SIGNAL, *RESTART_SIGNALS, *answers))


__all__ = [
    "APP_STARTED",
    "KINDS",
    "SERVER_STARTED",
    "HitsByRule",
    "correlate_hits",
    "restarts_of",
    "signals_told_apart",
]
