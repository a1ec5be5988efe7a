"""The hits of one reading of a sequence, prepared: each step in its best way, lines told twice left out, and what names
no connection made to name that of a line of the same request."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from logscope.correlate.marks import Marks, Place, told_apart
from logscope.correlate.runs import Key
from logscope.correlate.steps import best_steps, first_step, showing
from logscope.correlate.windows import near
from logscope.match.layers import ACCESS, CLIENT
from logscope.model import Hit
from logscope.rulebook.parts import step_of, step_role
from logscope.rulebook.rule import Outcomes, Rule, Window

_LAST_WAY = 99
"""Of seeing a step: behind all that patterns name."""
_NEXT_LINES, _LATELY = 6, 8
"""How far before a client's line the server's of the same request stands, where one log has both; and how many of these
lines may be so near."""
_BESIDE_LINES = 10
"""How far behind the server's word of a rejection its access line stands."""


class Prepared(NamedTuple):
    """The hits of one reading, ready to be read in order."""

    hits: Sequence[Hit]
    steps: Mapping[str, int]
    """By role, the step that it counts as."""
    sessions: Mapping[Place, Key]
    """The session that each hit is marked with."""
    stateless: frozenset[str]
    """Streams whose servers keep no sessions."""
    torn: bool = False
    """Whether other lines than those read tell rejections of other sessions than those that work."""


def prepare(rule: Rule, hits: Sequence[Hit], marks: Marks, names: Mapping[str, int], goal: int) -> Prepared:
    """Return the hits of one reading prepared; `names` are the steps' places, by name."""
    outcomes = rule.detect.outcomes
    if outcomes is None:
        steps = best_steps(hits, names)
        return Prepared(_lent(rule, steps, hits), steps, {}, frozenset())
    hits, stateless = _without_words(_alone(hits, names), outcomes)
    told = told_apart(rule, marks, _once(hits, outcomes.opened), names, goal)
    hits = _asking(told.hits, told.steps, outcomes)
    if not told.in_words:
        hits = _paired(rule, told.steps, _lent(rule, told.steps, hits), outcomes)
    return Prepared(hits, told.steps, told.sessions, stateless, told.torn)


def answered(rule: Rule, outcomes: Outcomes, hits: Sequence[Hit]) -> Sequence[Hit]:
    """Return the hits of all sources without answers; in a source that never shows the completing step they stand for
    it, where most connections that were rejected have one."""
    if not showing(hits, outcomes.answered):
        return hits
    first, sure = first_step(rule), rule.detect.like[:1]
    shown = {hit.source for hit in showing(hits, outcomes.complete)}
    begun: dict[tuple[int, str], bool] = {}  # by source and connection, whether it was answered
    for hit in hits:
        step, key = step_of(hit.role), (hit.source, next((v for name, v in hit.captures if name in sure), ""))
        if step == first and key[1]:
            begun.setdefault(key, False)
        elif step == outcomes.answered and key in begun:
            begun[key] = True
    went_on = Counter(source for (source, _), went in begun.items() if went)
    every = Counter(source for source, _ in begun)
    kept = {source for source, count in went_on.items() if 2 * count >= every[source]} - shown
    return [
        replace(hit, role=step_role(outcomes.complete, _LAST_WAY)) if answer else hit
        for hit in hits
        if not (answer := step_of(hit.role) == outcomes.answered) or hit.source in kept
    ]


def _without_words(hits: Sequence[Hit], outcomes: Outcomes) -> tuple[Sequence[Hit], frozenset[str]]:
    """Return the hits without a server's word that it keeps no sessions, and the streams in which one says so and
    never that it has begun one."""
    silent = {hit.stream for hit in showing(hits, outcomes.without)}
    if not silent:
        return hits, frozenset()
    kept = [hit for hit in hits if step_of(hit.role) != outcomes.without]
    return kept, frozenset(silent.difference(hit.stream for hit in showing(kept, outcomes.opened)))


def _alone(hits: Sequence[Hit], names: Mapping[str, int]) -> Sequence[Hit]:
    """Leave out further steps in lines that tell the first one: `400 Bad Request, sending initialize` has sent none."""
    steps = best_steps(hits, names)
    first = {(hit.source, hit.line) for hit in hits if steps.get(hit.role) == 0}
    return [hit for hit in hits if not steps.get(hit.role) or (hit.source, hit.line) not in first]


def _once(hits: Sequence[Hit], step: str | None) -> Sequence[Hit]:
    """Leave out what a second handler writes again. Hits of `step` never share their captures: where two do, there is
    such a handler."""
    words = [hit.captures for hit in showing(hits, step) if hit.captures]
    left = set(words)
    if len(words) == len(left):
        return hits
    kept: list[Hit] = []
    for hit in hits:
        if hit.captures and step_of(hit.role) == step:
            if hit.captures not in left:
                continue
            left.remove(hit.captures)
        elif kept and (hit.role, hit.captures) == (kept[-1].role, kept[-1].captures):
            continue
        kept.append(hit)
    return kept


def _lent(rule: Rule, steps: Mapping[str, int], hits: Sequence[Hit]) -> Sequence[Hit]:
    """Return the hits with their first steps made to name a connection: a step that names none borrows it from a line
    of the same request beside it, as the server's word does from the access line that follows."""
    first, names = first_step(rule), frozenset(rule.detect.like)
    if not names or len({hit.role for hit in showing(hits, first)}) == 1:
        return hits
    result = list(hits)
    waiting: defaultdict[str, deque[int]] = defaultdict(deque)  # by stream, places of first steps
    for place, hit in enumerate(hits):
        if step_of(hit.role) != first:
            continue
        own, before = [pair for pair in hit.captures if pair[0] in names], waiting[hit.stream]
        if hit.role in steps:
            if not own:
                before.append(place)
            continue
        while before and hit.line - hits[before[0]].last_line > _BESIDE_LINES:
            before.popleft()
        if before and own:
            word = before.popleft()
            result[word] = replace(hits[word], captures=(*hits[word].captures, *own))
    return result


def _paired(rule: Rule, steps: Mapping[str, int], hits: Sequence[Hit], outcomes: Outcomes) -> Sequence[Hit]:
    """Return the hits with their completing steps made to name a connection: where none of them does, they borrow it
    from the server's lines of the requests that they answer, else from the access lines of the same step beside them,
    in the same order. Lines of clients that nothing of this is borrowed from are steps, too: sessions of somebody who
    writes no such words; so are all lines where the server has begun as many sessions. What a client has sent over
    another connection than it got its answer by is none of these."""
    goal, names, window = outcomes.complete, frozenset(rule.detect.like), rule.detect.within or Window()
    words = [place for place, hit in enumerate(hits) if step_of(hit.role) == goal and hit.role in steps]
    if not words or any(not names.isdisjoint(dict(hits[place].captures)) for place in words):
        return hits
    left = _lines_of(goal, hits, steps, len(words))
    pairs = _asked_of(hits, words, first_step(rule))
    sure, client = rule.detect.like[:1], rule.detect.like[-1:]
    borrowed = {pair for line in pairs.values() for pair in hits[line].captures if pair[0] in names}
    others = [line for line in left if borrowed.isdisjoint(p for p in hits[line].captures if p[0] in sure)]
    untold = [word for word in words if word not in pairs]
    beside = dict(zip(untold, _beside(hits, untold, others), strict=False))
    if not all(near(hits[word], hits[line], window.seconds, window.lines) for word, line in beside.items()):
        return hits
    result = list(hits)
    for word, line in (pairs | beside).items():
        own = [pair for pair in hits[line].captures if pair[0] in names]
        result[word] = replace(hits[word], captures=(*hits[word].captures, *own))
        borrowed.update(own)
    every = len(left) == _begun(rule, hits, outcomes)
    taken = set(beside.values())
    rest = [line for line in others if line not in taken]
    shown = {pair for line in left for pair in hits[line].captures if pair[0] in sure}
    elsewhere = [word for word in sorted(pairs) if shown.isdisjoint(hits[pairs[word]].captures)]
    for line in set(rest).difference(_beside(hits, elsewhere, rest)) if len(rest) > len(elsewhere) else ():
        if every or not borrowed.issuperset(pair for pair in hits[line].captures if pair[0] in client):
            result[line] = replace(hits[line], role=hits[words[0]].role)
    return result


def _asking(hits: Sequence[Hit], steps: Mapping[str, int], outcomes: Outcomes) -> Sequence[Hit]:
    """Return the hits with their completing steps that are no requests made to name the server that is asked: the one
    of their client's request right before them."""
    latest: dict[str, Hit] = {}  # by stream, its client's last request
    result: list[Hit] = []
    for hit in hits:
        request = latest.get(hit.stream)
        if hit.layer == CLIENT:
            latest[hit.stream] = hit
        elif hit.layer != ACCESS and hit.role in steps and step_of(hit.role) == outcomes.complete and request:
            own = [pair for pair in request.captures if pair[0] in outcomes.apart]
            if own and hit.line - request.last_line <= _NEXT_LINES:
                hit = replace(hit, captures=(*hit.captures, *own))
        result.append(hit)
    return result


def _asked_of(hits: Sequence[Hit], words: Sequence[int], first: str) -> dict[int, int]:
    """Return by a client's words the server's line of the request that they tell the answer to: it stands before the
    client's own line, and this before the words."""
    wanted, taken = frozenset(words), dict[int, int]()
    told: deque[int] = deque(maxlen=_LATELY)  # of the server, and of no client yet
    latest: dict[str, tuple[int, int | None]] = {}  # by stream, its last request, and the server's line of it
    for place, hit in enumerate(hits):
        step = step_of(hit.role)
        if place in wanted:
            own, line = latest.get(hit.stream, (place, None))
            if line is not None and hit.line - hits[own].line <= _NEXT_LINES:
                taken[place] = line
        elif hit.layer == ACCESS and step != first:
            told.append(place)
        elif hit.layer == CLIENT:
            near_by = (at for at in reversed(told) if hit.line - hits[at].line <= _NEXT_LINES)
            line = next((at for at in near_by if step_of(hits[at].role) == step), None)
            if line is not None:
                told.remove(line)
            latest[hit.stream] = place, line
    return taken


def _lines_of(goal: str, hits: Sequence[Hit], steps: Mapping[str, int], least: int) -> list[int]:
    """Return the places of the access lines that show the goal, and no later step as well, in another than its best
    way: the first of those ways that has as many as `least`."""
    lines: defaultdict[str, list[int]] = defaultdict(list)  # by way
    others = {hit.line for hit in hits if step_of(hit.role) != goal}
    for place, hit in enumerate(hits):
        other_way = step_of(hit.role) == goal and hit.role not in steps
        if other_way and hit.layer == ACCESS and hit.line not in others:
            lines[hit.role].append(place)
    return next((places for _, places in sorted(lines.items()) if len(places) >= least), [])


def _begun(rule: Rule, hits: Sequence[Hit], outcomes: Outcomes) -> int:
    """How many sessions a server has begun, of all requests that it says so of; the others it has refused."""
    told = Counter(step_of(hit.role) for hit in hits if hit.layer == ACCESS)
    return len(showing(hits, outcomes.opened)) - told[first_step(rule)] - told[outcomes.refused or ""]


def _beside(hits: Sequence[Hit], words: Sequence[int], lines: Sequence[int]) -> list[int]:
    """Return for each of the words the line nearest to it, behind that of the word before; none where there are fewer
    lines than words."""
    taken: list[int] = []
    at = 0
    for number, word in enumerate(words if len(lines) >= len(words) else ()):
        last = len(lines) - len(words) + number  # the others need theirs
        place = hits[word].line
        while at < last and abs(hits[lines[at + 1]].line - place) < abs(hits[lines[at]].line - place):
            at += 1
        taken.append(lines[at])
        at += 1
    return taken
