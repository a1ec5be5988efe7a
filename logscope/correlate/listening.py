"""Completing steps that begin no session: clients that listen do so as soon as theirs is complete, so that what of the
same kind they are answered later is no other session's beginning."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from logscope.correlate.windows import near
from logscope.match.layers import ACCESS, CLIENT
from logscope.model import Hit
from logscope.rulebook.parts import step_of
from logscope.rulebook.rule import Rule

_SECONDS, _LINES = 2.0, 20
"""How soon behind the completing step a client listens."""
Line = tuple[int, int]
"""A source and a line of it."""


def listened(rule: Rule, hits: Sequence[Hit]) -> tuple[Sequence[Hit], frozenset[Line]]:
    """Return hits, in order, without those of clients that listen, and the lines of completing steps that may only go
    on: of clients which listen mostly right behind such a step, those that they do not listen behind."""
    outcomes, client = rule.detect.outcomes, frozenset(rule.detect.like[-1:])
    if outcomes is None or outcomes.listens is None:
        return hits, frozenset()
    kept: list[Hit] = []
    waiting: defaultdict[object, list[Hit]] = defaultdict(list)  # by client, completing steps
    listening: Counter[object] = Counter()
    begun: Counter[object] = Counter()
    for hit in hits:
        step = step_of(hit.role)
        who = hit.source, hit.stream, hit.layer, *[value for name, value in hit.captures if name in client]
        if step != outcomes.listens:
            kept.append(hit)
            if step == outcomes.complete and hit.layer in (ACCESS, CLIENT):
                waiting[who].append(hit)
            continue
        listening[who] += 1
        if waiting[who] and near(waiting[who][-1], hit, _SECONDS, _LINES):
            waiting[who].pop()
            begun[who] += 1
    left = [own for who, own in waiting.items() if begun[who] and 2 * begun[who] >= listening[who]]
    return kept, frozenset((hit.source, hit.line) for own in left for hit in own)
