"""What docs/rules.md says of the kinds, slow and obvious: every definition is written out, nothing is remembered.

Only which sessions lines are marked with is taken as the code tells it: test_marks.py holds that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise, product
from typing import NamedTuple

from msgspec.structs import replace

from logscope.correlate.marks import Place, place_of, sessions_of, set_apart
from logscope.model import Hit
from logscope.rulebook.rule import Detect, Rule, Window, names_in

Found = list[tuple[Hit, ...]]
LAST = ("asgi", "asyncio")
RETOLD = ("asgi", "asyncio", "asyncio.run")
RETRY = "retry"
FIELDS = ("source", "stream", "logger")


def in_order(hits: Iterable[Hit]) -> list[Hit]:
    """Line order within a source, time between sources; a hit counts as late as the latest one before it."""

    def at(hit: Hit, among: Sequence[Hit]) -> float:
        times = [
            other.time
            for other in among
            if other.source == hit.source
            and (other.line, other.role) <= (hit.line, hit.role)
            and other.time is not None
        ]
        return max(times, default=float("-inf"))

    listed = list(hits)
    return sorted(listed, key=lambda hit: (at(hit, listed), hit.source, hit.line, hit.role))


def near(first: Hit, second: Hit, window: Window) -> bool:
    """Seconds where both have a time and the window has seconds, lines of the same source where not, and where an
    interpolated time may as well lie in the window."""
    if window.seconds is not None and first.time is not None and second.time is not None:
        begins, ends = zip(*(hit.around or (hit.time, hit.time) for hit in (first, second)), strict=True)
        if abs(first.time - second.time) <= window.seconds:
            return True
        if window.lines is None or max(begins) - min(ends) > window.seconds:
            return False
    if first.source != second.source:
        return False
    first, second = sorted((first, second), key=lambda hit: hit.line)
    return window.lines is None or second.line - first.last_line <= window.lines


def together(first: Hit, second: Hit, window: Window, streams: bool = True) -> bool:
    """As near, within one source, or within one of its streams."""
    same = first.source == second.source and (streams or first.stream == second.stream)
    return same and near(first, second, window)


def restarted(first: Hit, second: Hit, restarts: Sequence[Hit]) -> bool:
    """Whether the process that wrote the first hit started anew up to the second, in the same source."""
    return first.source == second.source and any(
        (hit.source, hit.stream) == (first.source, first.stream) and first.line < hit.line <= second.line
        for hit in restarts
    )


def keyed(hits: Sequence[Hit], names: Sequence[str]) -> list[list[Hit]]:
    """Hits by the values of `names`; those that lack one are left out."""

    def values(hit: Hit) -> tuple[str | None, ...]:
        own = {"source": str(hit.source), "stream": hit.stream, "logger": hit.layer.partition("|")[0]}
        return tuple({**own, **dict(hit.captures)}.get(name) for name in names)

    keys = dict.fromkeys(values(hit) for hit in hits)
    return [[hit for hit in hits if values(hit) == key] for key in keys if None not in key]


def occurrences(rule: Rule, hits: Sequence[Hit], restarts: Sequence[Hit]) -> Found:
    """The occurrences of a rule, in the order of their first hits."""
    kinds: dict[str, Callable[[Rule, list[Hit], Sequence[Hit]], Found]] = {
        "match": match,
        "count": count,
        "distinct": distinct,
        "sequence": lambda rule, hits, restarts: sequence(rule, hits, restarts)[0],
        "absence": absence,
        "ratio": ratio,
    }
    return kinds[rule.kind](rule, in_order(hits), restarts)


def by_first(found: Found) -> Found:
    """Occurrences in the order of their first hits."""
    firsts = in_order(hits[0] for hits in found)
    return sorted(found, key=lambda hits: firsts.index(hits[0]))


def pointed(hits: tuple[Hit, ...]) -> Hit:
    """What an operator points at: the first hit that is more than supporting, of a log with a clock if one has."""
    more = [hit for hit in hits if hit.role != "also"] or [hits[0]]
    clocked = [hit for hit in more if hit.time is not None and hit.source != more[0].source]
    return clocked[0] if clocked and more[0].time is None else more[0]


def match(rule: Rule, hits: list[Hit], restarts: Sequence[Hit]) -> Found:
    often = [hit for hit in hits if hit.role == "often"]
    found = incidents(rule, [hit for hit in hits if hit.role in ("primary", "also")])
    for part in sources_apart(rule, often):
        found += [
            burst
            for burst in bursts(rule, part, restarts, len)
            if not any(answers(end, burst[-1], rule, restarts) for end in hits if end.role == "missing")
        ]
    return by_first(found)


def answers(end: Hit, last: Hit, rule: Rule, restarts: Sequence[Hit]) -> bool:
    """Whether what a burst waits for stands behind its last hit, told by the same process."""
    same_process = (end.source, end.stream) == (last.source, last.stream) and end.line > last.line
    window = rule.detect.within or Window()
    return same_process and near(last, end, window) and not restarted(last, end, restarts)


def incidents(rule: Rule, hits: list[Hit]) -> Found:
    incident = rule.detect.incident
    window = Window(incident.seconds, incident.lines)
    retried = Window(max(incident.seconds, incident.retry_seconds or 0), incident.lines)
    reach = Window(max(incident.seconds, 120), max(incident.lines, 1_000))
    streams = incident.across_streams
    groups: list[list[Hit]] = []
    closed: list[list[Hit]] = []

    def key(hit: Hit) -> tuple[str, ...]:
        values = tuple(dict(hit.captures).get(name, "") for name in incident.by)
        return values if any(values) else ()

    def keys(group: list[Hit]) -> list[tuple[str, ...]]:
        return [key(hit) for hit in group if key(hit)]

    def about(hit: Hit) -> dict[str, str]:
        conditions = (incident.apart, None if hit.layer == RETRY else incident.call)
        names = {name for condition in conditions if condition for name in names_in(condition)}
        return {name: value.casefold() for name, value in hit.captures if name in names and value}

    def call(hit: Hit) -> list[tuple[str, str]]:
        names = names_in(incident.call) if incident.call else ()
        return [(name, value) for name, value in hit.captures if name in names and value]

    def of_call(hit: Hit) -> list[Hit] | None:
        """The incident of the latest hit of the same call, in reach, that this layer has not told."""
        if not call(hit):
            return None
        newest = max(
            (n for n, one in enumerate(hits) if one in read and call(one) == call(hit)), default=None
        )
        if newest is None:
            return None
        (group,) = [group for group in groups if hits[newest] in group]
        last = group[-1]
        clockless = last.source != hit.source and (last.time is None or hit.time is None)
        return group if (clockless or near(last, hit, reach)) and not told(group, hit.layer) else None

    def of_another(hit: Hit, group: list[Hit]) -> bool:
        known: dict[str, str] = {}
        for one in group:
            known = {**about(one), **known}
        return any(known.get(name, value) != value for name, value in about(hit).items())

    def told(group: list[Hit], layer: str) -> bool:
        return any(hit.layer == layer != RETRY and hit.role == "primary" for hit in group)

    def comes_back(group: list[Hit], layer: str) -> bool:
        tellers = dict.fromkeys(h.layer for h in group if h.role == "primary" and h.layer != RETRY)
        loggers = [teller.split("|")[0] for teller in tellers]
        return "|" in layer and layer.split("|")[0] in loggers and layer.split("|")[0] != loggers[-1]

    def is_closed(group: list[Hit]) -> bool:
        return any(group is other for other in closed)

    def answered(group: list[Hit], stream: str) -> bool:
        ends = [h for h in group if h.layer in LAST and h.role == "primary" and incident.repeats == "new"]
        return bool(ends) and ends[-1].stream == stream

    def counted(source: int, *layers: str) -> list[Hit]:
        return [h for h in hits if h.source == source and h.layer in layers and counts(h)]

    def counts(hit: Hit) -> bool:
        return hit.role == "primary" and hit.layer != RETRY

    def tells_behind(hit: Hit, inner: str) -> bool:
        """Whether the layer of a hit tells behind another one in its source."""
        one, own = counted(hit.source, inner), counted(hit.source, hit.layer)
        if inner == hit.layer or not one or not counts(hit) or incident.repeats == "join":
            return False
        if not any(h.fresh for h in hits if h.source == hit.source):
            return False
        row = [h for h in hits if h.source == hit.source and counts(h)]
        right_behind = [
            then
            for before, then in pairwise(row)
            if (before.layer, then.layer) == (inner, hit.layer)
            and not then.fresh
            and then.stream == before.stream
            and near(before, then, window)
        ]
        seen = len(right_behind)
        if not seen or (seen == 1 and len(one) != len(own)) or 2 * len(own) < len(one):
            return False
        ahead = [h for n, h in enumerate(own) if sum(hits.index(other) < hits.index(h) for other in one) > n]
        return 8 * len(ahead) >= 7 * len(own)

    def behind(hit: Hit) -> list[Hit] | None:
        """The oldest incident in the window that a layer within has told, and this one has not."""
        for group in groups:
            if (
                together(group[-1], hit, retried if group[-1].layer == RETRY else window, streams)
                and not told(group, hit.layer)
                and not answered(group, hit.stream)
                and not comes_back(group, hit.layer)
                and not of_another(hit, group)
                and (not (key(hit) and keys(group)) or key(hit) in keys(group))
                and any(counts(h) and tells_behind(hit, h.layer) for h in group)
            ):
                return group
        return None

    read: list[Hit] = []
    rows: dict[int, tuple[Hit, int]] = {}  # by source, the latest report of a row and where it began

    def home(hit: Hit) -> list[Hit] | None:
        same = [group for group in groups if key(hit) and key(hit) in keys(group)]
        if incident.repeats == "join":
            same = []
        if same:
            return same[0]
        called = of_call(hit)
        if called is not None:
            return called
        outer = behind(hit)
        if outer is not None:
            return outer
        if hit.fresh and hit.layer not in RETOLD:
            closed.extend(group for group in groups if group[-1].source == hit.source)
        free = [group for group in groups if not (key(hit) and keys(group)) or key(hit) in keys(group)]
        free = [group for group in free if not of_another(hit, group)]
        if hit.layer in RETOLD:
            if hit.fresh:
                rows[hit.source] = hit, len(groups)
                return None
            latest, begin = rows.pop(hit.source, (None, 0))
            if latest is not None and together(latest, hit, window):
                rows[hit.source] = hit, begin
                free = [g for g in free if any(g is other for other in groups[begin:])]
            free = [g for g in free if together(g[-1], hit, reach, streams) and not told(g, hit.layer)]
            free = [g for g in free if any(one.stream == hit.stream for one in g)]
            return free[-1] if free else None
        free = [
            g
            for g in free
            if together(g[-1], hit, retried if g[-1].layer == RETRY else window, streams)
            and not is_closed(g)
            and not answered(g, hit.stream)
        ]
        if hit.role == "primary" and incident.repeats == "new" and hit.layer != RETRY:
            free = [g for g in free if not told(g, hit.layer) and not comes_back(g, hit.layer)]
        return free[0] if free else None

    for hit in hits:
        group = home(hit)
        if group is None:
            groups.append([hit])
        else:
            group.append(hit)
        read.append(hit)
    return [tuple(group) for group in (told_once(groups, call, counts) if incident.call else groups)]


def told_once(
    groups: list[list[Hit]], call: Callable[[Hit], object], counts: Callable[[Hit], bool]
) -> list[list[Hit]]:
    """What one service tells again, naming no call, is part of what another one told right before."""

    def tellers(group: list[Hit]) -> tuple[int, str]:
        return group[0].source, group[0].stream

    def right_before(group: list[Hit], other: list[Hit]) -> bool:
        one, then = group[-1], other[0]
        if one.time is None or then.time is None:
            return one.source == then.source and 1 <= then.line - one.last_line <= 8
        return -0.1 <= then.time - one.time <= 1

    def partners(first: list[list[Hit]], again: list[list[Hit]]) -> list[list[Hit]]:
        found: list[list[Hit]] = []
        for group in again:
            begin = first.index(found[-1]) + 1 if found else 0
            before = [one for one in first[begin:] if right_before(one, group)][:1]
            layers = {hit.layer for hit in group if counts(hit)}
            same = layers & {*RETOLD, *(h.layer for one in before for h in one if counts(h))}
            if not before or same:
                return []
            found += before
        return found

    part_of: dict[int, list[Hit]] = {}
    all_tellers = list(dict.fromkeys(map(tellers, groups)))
    for outer, inner in product(all_tellers, all_tellers):
        again, first = ([group for group in groups if tellers(group) == teller] for teller in (outer, inner))
        named = any(call(hit) for group in again for hit in group)
        if outer != inner and not named and id(again[0]) not in part_of and id(first[0]) not in part_of:
            part_of |= {id(one): other for one, other in zip(again, partners(first, again), strict=False)}
    whole = {id(group): list(group) for group in groups}
    for group in groups:
        home = group
        while id(home) in part_of:
            home = part_of[id(home)]
        if home is not group:
            whole[id(home)] += group
    return [whole[id(group)] for group in groups if id(group) not in part_of]


def bursts(
    rule: Rule, hits: Sequence[Hit], restarts: Sequence[Hit], measure: Callable[[list[Hit]], int]
) -> Found:
    """Windows that hold enough, those that share a hit as one."""
    within = rule.detect.within
    enough = []
    for place, hit in enumerate(hits):
        window = [
            other
            for other in hits[: place + 1]
            if (within is None or near(other, hit, within))
            and not any(restarted(other, later, restarts) for later in hits[: place + 1])
        ]
        if measure(window) >= (rule.detect.at_least or 1):
            enough.append(window)
    found: list[list[Hit]] = []
    for window in enough:
        if found and any(hit in found[-1] for hit in window):
            found[-1] += [hit for hit in window if hit not in found[-1]]
        else:
            found.append(list(window))
    return [tuple(hits) for hits in found]


def sources_apart(rule: Rule, hits: list[Hit]) -> list[list[Hit]]:
    """Lines can only be counted within a source."""
    within = rule.detect.within
    if within is None or within.seconds is not None:
        return [hits]
    return [[hit for hit in hits if hit.source == source] for source in {hit.source for hit in hits}]


def count(rule: Rule, hits: list[Hit], restarts: Sequence[Hit]) -> Found:
    found: Found = []
    for own in keyed(hits, rule.detect.by):
        firsts = in_order(pointed(incident) for incident in incidents(rule, own))
        for part in sources_apart(rule, firsts):
            found += bursts(rule, part, restarts, len)
    return by_first(found)


def distinct(rule: Rule, hits: list[Hit], restarts: Sequence[Hit]) -> Found:
    name = rule.detect.of or ""

    def values(window: list[Hit]) -> int:
        return len({dict(hit.captures)[name] for hit in window})

    found: Found = []
    for own in keyed([hit for hit in hits if name in dict(hit.captures)], rule.detect.by):
        for part in sources_apart(rule, own):
            found += bursts(rule, part, restarts, values)
    return by_first(found)


def absence(rule: Rule, hits: list[Hit], restarts: Sequence[Hit]) -> Found:
    found: Found = []
    for own in keyed(hits, rule.detect.by):
        starts = [hit for hit in own if hit.role == "after"]
        answered: list[Hit] = []
        for place, end in enumerate(own):
            if end.role == "missing":
                waiting = [
                    start
                    for start in own[:place]
                    if start in starts
                    and start not in answered
                    and near(start, end, rule.detect.within or Window())
                    and not restarted(start, end, restarts)
                ]
                answered += waiting[:1]
        found += [(start,) for start in starts if start not in answered]
    return by_first(found)


def ratio(rule: Rule, hits: list[Hit], restarts: Sequence[Hit]) -> Found:
    detect = rule.detect
    part = tuple(hit for hit in hits if hit.role == "part")
    whole = tuple(hit for hit in hits if hit.role == "whole")
    if len(whole) < max(detect.at_least or 1, 1):
        return []
    share = len(part) / len(whole)
    beyond = [
        detect.above is not None and share > detect.above,
        detect.below is not None and share < detect.below,
    ]
    return [part or whole] if any(beyond) else []


class Run:
    """One session of a sequence."""

    def __init__(self, step: int, hit: Hit, keys: set[tuple[str, str]]) -> None:
        self.source = hit.source
        self.steps = [step]
        self.hits = [hit]
        self.keys = set(keys)
        self.ended = False
        self.after = False


class Told(NamedTuple):
    """A step, and what it tells of whose it is."""

    name: str
    connection: str
    client: str
    keys: frozenset[tuple[str, str]]
    hit: Hit

    @property
    def connected(self) -> bool:
        return bool(self.connection and self.client)


def sequence(rule: Rule, hits: list[Hit], restarts: Sequence[Hit]) -> tuple[Found, tuple[int, int, int]]:
    """Occurrences, and (sessions, rejected first, recovered); for hits without times in two sources."""
    detect = rule.detect
    names = [name for name in detect.by if name in FIELDS]
    runs: list[Run] = []
    named: list[tuple[tuple[str, str], Run]] = []
    parts = [
        part
        for source in sorted({h.source for h in hits})
        for part in keyed([h for h in hits if h.source == source], names)
    ]

    def first_way(part: list[Hit]) -> int:
        """The best of the ways in which the first step is seen."""
        first = detect.steps[0]
        ways = [int(hit.role.split(":")[2]) for hit in part if hit.role.startswith(f"step:{first.name}:")]
        return min([*ways, len(first.any)]) if ways else len(first.any)

    def place(part: list[Hit]) -> tuple[int, int, list[str]]:
        own = {
            "source": str(part[0].source),
            "stream": part[0].stream,
            "logger": part[0].layer.partition("|")[0],
        }
        return first_way(part), part[0].source, [own[name] for name in names]

    readings = [(part, marked(rule, part)) for part in sorted(parts, key=place)]
    for part, sessions in sorted(readings, key=lambda reading: not reading[1]):
        fresh = [run for run in read(rule, part, sessions, restarts) if not told_again(run, named)]
        runs += fresh
        named += [(key, run) for run in fresh for key in sorted(run.keys)]
    if detect.outcomes is None:
        goal = max(place for place, step in enumerate(detect.steps) if not step.optional)
        return by_first([tuple(run.hits) for run in runs if run.steps[-1] >= goal]), (0, 0, 0)
    goal = [step.name for step in detect.steps].index(detect.outcomes.complete)
    unproven = detect.outcomes.unproven

    def maybe(*hits: Hit) -> set[tuple[str, str]]:
        """The captures that leave it open whether a first step is one, and those that prove it."""
        return {(name, value) for hit in hits for name, value in hit.captures if name in unproven}

    done = [run for run in runs if max(run.steps) >= goal]
    runs = [
        run
        for run in runs
        if run in done
        or (not run.after and all(any(m in maybe(*d.hits) for d in done) for m in maybe(run.hits[0])))
    ]
    rejected = [run for run in runs if run.steps[0] == 0]
    recovered = [run for run in rejected if max(run.steps) >= goal]
    return by_first([tuple(run.hits) for run in rejected]), (len(runs), len(rejected), len(recovered))


def differs(run: Run, keys: set[tuple[str, str]]) -> bool:
    """Whether a run has another value of one of the keys."""
    names = {name for name, _ in run.keys}
    return any(name in names for name, _ in keys - run.keys)


def told_again(run: Run, named: list[tuple[tuple[str, str], Run]]) -> bool:
    """Whether another source has told of a run under one of its keys; that takes up what is new of it."""
    same = [
        other
        for key in sorted(run.keys)
        for own, other in named
        if own == key and other.source != run.source and not differs(other, run.keys)
    ][:1]
    for other in same:
        if run.steps[0] == 0 < other.steps[0]:
            begin = [(step, hit) for step, hit in zip(run.steps, run.hits, strict=True) if step == 0]
            other.steps = [step for step, _ in begin] + other.steps
            other.hits = [hit for _, hit in begin] + other.hits
        else:
            reached = max(other.steps)
            for step, hit in zip(run.steps, run.hits, strict=True):
                if step > reached:
                    other.steps.append(step)
                    other.hits.append(hit)
            named += [(key, other) for key in sorted(run.keys - other.keys)]
            other.keys |= run.keys
    return bool(same)


def marked(rule: Rule, hits: list[Hit]) -> dict[Place, tuple[str, str]]:
    """The session that each hit of one source is marked with, where marks tell sessions apart."""
    outcomes, names = rule.detect.outcomes, [step.name for step in rule.detect.steps]
    if outcomes is None:
        return {}
    steps = {hit.role: names.index(hit.role.split(":")[1]) for hit in hits if in_best_way(hit, hits)}
    hits = once(hits, outcomes.opened)
    return sessions_of(rule, set_apart(hits)[1], hits, steps, names.index(outcomes.complete))


def in_best_way(hit: Hit, hits: Sequence[Hit]) -> bool:
    """Whether a hit shows its step in the best way that the source has."""
    step, _, way = hit.role.rpartition(":")
    ways = [other.role.rpartition(":")[2] for other in hits if other.role.rpartition(":")[0] == step]
    return step != "" and int(way) == min(map(int, ways))


def read(
    rule: Rule, hits: list[Hit], sessions: Mapping[Place, tuple[str, str]], restarts: Sequence[Hit]
) -> list[Run]:
    """The runs of one source, hits in order."""
    detect = rule.detect
    steps = [step.name for step in detect.steps]
    given = hits
    runs: list[Run] = []
    worked: list[tuple[Run, Hit, str]] = []
    """Hits at or behind the goal, each with the connection known by then."""
    completed: list[tuple[Run, Hit, str]] = []
    """Hits of the goal, each with its connection."""
    over: list[tuple[Run | None, Hit, str]] = []
    """Hits that ended the session of a connection, each with that."""
    sure = detect.like[0] if len(detect.like) > 1 and detect.outcomes else ""
    goal = steps.index(detect.outcomes.complete) if detect.outcomes else len(steps)

    def keys_of(hit: Hit) -> frozenset[tuple[str, str]]:
        return frozenset((k, v) for k, v in hit.captures if k in detect.by and v)

    def counts(hit: Hit) -> bool:
        return in_best_way(hit, given)

    hits = once(hits, detect.outcomes.opened if detect.outcomes else None)
    lends: list[int] = []
    for place, hit in enumerate(hits):
        own = tuple((name, value) for name, value in hit.captures if name in detect.like)
        if hit.role.startswith(f"step:{steps[0]}:") and not counts(hit) and own:
            lacking = [
                word
                for word, other in enumerate(hits[:place])
                if other.role.startswith(f"step:{steps[0]}:")
                and counts(other)
                and word not in lends
                and other.stream == hit.stream
                and hit.line - other.last_line <= 10
                and not any(name in detect.like for name, _ in other.captures)
            ][:1]
            for word in lacking:
                lends.append(word)
                hits = [
                    *hits[:word],
                    replace(hits[word], captures=hits[word].captures + own),
                    *hits[word + 1 :],
                ]
    last = detect.outcomes.over if detect.outcomes else None
    begins = detect.outcomes.opened if detect.outcomes else None
    told = [
        Told(hit.role.split(":")[1], own.get(sure) or "", own.get(detect.like[-1]) or "", keys_of(hit), hit)
        for hit in hits
        if hit.role != "between" and counts(hit) and sure
        for own in [dict(hit.captures)]
    ]

    def pools(client: str | None) -> bool:
        """Whether a client's connections carry several sessions at once: one is ended that none of them has completed;
        one begins where another goes on, as the server says, or as a handshake does behind a rejection, or under
        another key."""
        begun: dict[str, int] = {}
        refused: set[str] = set()
        completes = any(one.name == steps[goal] and one.connection and one.client == client for one in told)
        for place, one in enumerate(told):
            named = [other for other in told[:place] if other.connected and other.name != begins]
            own = [other for other in named if other.connection == one.connection]
            before = [other.name for other in own]
            since = before[len(before) - before[::-1].index(last) :] if last in before else before
            goes_on = steps[goal] in since
            new = begun.get(one.hit.stream, 0) > 0 and one.name in (steps[0], steps[goal])
            begun[one.hit.stream] = begun.get(one.hit.stream, 0) + (one.name == begins) - new
            if not one.connected:
                continue
            its = one.client == client
            twice = named[-1:] and (named[-1].name, named[-1].connection) == (last, one.connection)
            twice = twice and named[-1].hit.last_line + 1 == one.hit.line
            known = completes and not goes_on and (last in before or steps[0] in before)
            if its and ((one.name == last and known and not twice) or (new and goes_on)):
                return True
            if one.name == steps[goal]:
                others = any(o.name == steps[goal] and o.keys != one.keys for o in own)
                if its and ((refused & {client, one.connection} and goes_on) or others):
                    return True
                refused -= {one.client, one.connection}
            elif one.name == steps[0] and goes_on:
                refused |= {one.client, one.connection}
            elif one.name == last:
                refused.discard(one.connection)
        return False

    def keeps(client: str | None) -> bool:
        """Whether a client's connections are its own: one rejected carried the goal, none shares a session."""
        goals = [one for one in told if one.connected and one.name == steps[goal]]
        first = {one.keys: one.connection for one in reversed(goals)}
        if any(one.client == client and one.keys and first[one.keys] != one.connection for one in goals):
            return False
        return any(
            (before.name, behind.name, before.connection, behind.client)
            == (steps[0], steps[goal], behind.connection, client)
            for place, before in enumerate(told)
            for behind in told[place + 1 :]
            if before.connected
        ) and not pools(client)

    def tells() -> str:
        """The capture by which a session is tried again: the client, where each has one over many connections."""
        clients = [one.client for one in told if one.client and one.name == steps[goal]]
        used = [one.connection for one in told if one.connected and one.name != begins]
        single = len(clients) == len(set(clients)) > 1 and len(used) == len(set(used))
        return detect.like[-1] if single else sure

    def alone(client: str | None) -> bool:
        """Whether a client completes one session."""
        return sum(one.client == client and one.name == steps[goal] for one in told if client) == 1

    def shown(hit: Hit) -> Hit:
        """The hit without a connection that tells nothing."""
        left = [
            (n, v) for n, v in hit.captures if n != sure or not pools(dict(hit.captures).get(detect.like[-1]))
        ]
        return replace(hit, captures=tuple(left))

    seen = [shown(hit) for hit in hits]
    as_told = {id(one): hit for one, hit in zip(seen, hits, strict=True)}
    opened: list[Hit] = []
    """Hits that told of a session which no other hit is known of."""

    def opened_by(hit: Hit) -> Hit | None:
        """The latest word of the server that it has begun a session, which the hit is of."""
        while any(one.stream == hit.stream for one in opened):
            one = next(one for one in reversed(opened) if one.stream == hit.stream)
            opened.remove(one)
            if near(one, hit, detect.within or Window()) and not restarted(one, hit, restarts):
                return one
        return None

    for hit in seen:
        keys = {(k, v) for (k, v), name in product(hit.captures, detect.by) if k == name and v}
        keys |= {key for place, key in sessions.items() if place == place_of(hit)}
        if hit.role != "between" and not counts(hit):
            continue
        for run in runs:
            away = not near(run.hits[-1], hit, detect.within or Window())
            run.ended = run.ended or (
                hit.role != "between" and (away or restarted(run.hits[-1], hit, restarts))
            )
        if hit.role == "between":
            for run in runs:
                run.ended = run.ended or not keys or not run.keys or bool(keys & run.keys)
            continue
        step = steps.index(hit.role.split(":")[1])
        connection = dict(hit.captures).get(sure)
        if detect.outcomes and steps[step] == detect.outcomes.over:
            over += [(None, hit, connection)] if connection else []
            worked = [(run, place, "" if value == connection else value) for run, place, value in worked]
            completed = [one for one in completed if one[2] != connection]
            continue
        if detect.outcomes and steps[step] == begins:
            opened.append(hit)
            continue
        open_runs = [run for run in runs if not run.ended]
        waiting = [
            run
            for run in open_runs
            if run.steps[-1] < step and all(s.optional for s in detect.steps[run.steps[-1] + 1 : step])
        ]
        same = [run for run in open_runs if run.keys & keys and not (step == goal and differs(run, keys))]
        own = [run for run in waiting if run in same]
        unclaimed = [run for run in waiting if not (keys and run.keys)]
        unproven = detect.outcomes.unproven if detect.outcomes else ()
        if step == 0:
            whose = dict(hit.captures).get(tells())
            again = [run for run in open_runs if run.steps[-1] == 0 and run.keys & keys] or [
                run for run in open_runs if whose and run.steps[-1] == 0 and last_seen(run, tells()) == whose
            ]
            again = again if detect.outcomes else []  # tries are of sessions
            new = opened_by(hit)
            if works(worked, hit, keys, detect, restarts, known_connection=not new):
                continue
            for run in again[:1]:
                run.steps.append(0)
                run.hits.append(hit)
                run.keys |= keys
            if not again:
                runs.append(Run(0, hit, keys))
                runs[-1].after = works(over, hit, set(), detect, restarts, known_connection=not new)
            continue
        if same and not own:
            continue
        new = opened_by(hit) if step == goal else None
        if (
            not keys
            and step == goal
            and works(completed, hit, keys, detect, restarts, known_connection=not new)
        ):
            continue
        like = [
            run
            for run in alike(unclaimed, hit, detect.like)
            if fits(as_told[id(run.hits[0])] if run.steps[0] == 0 else None, hit, unproven)
            and not (
                new is not None
                and new.line < run.hits[-1].line
                and not (connection and last_seen(run, sure) == connection)
                and not (detect.like and alone(dict(hit.captures).get(detect.like[-1])))
            )
        ]
        if connection and step <= goal and keeps(dict(hit.captures).get(detect.like[-1])):
            like = [run for run in like if last_seen(run, sure) in ("", connection)]
        taker = own[:1] if same else like[:1]
        began: list[Run] = []
        if not taker and not same and step == 1 and detect.outcomes is not None:
            began = [Run(1, hit, keys)]
            runs += began
        for run in taker:
            run.steps.append(step)
            run.hits.append(hit)
            run.keys |= keys
        for run in taker + began:
            if step == goal and connection:
                completed.append((run, hit, connection))
            if step >= goal:
                worked.append((run, hit, last_seen(run, detect.like[0]) if len(detect.like) > 1 else ""))
    for run in runs:
        run.hits = [as_told[id(hit)] for hit in run.hits]
    return runs


def once(hits: list[Hit], step: str | None) -> list[Hit]:
    """The hits without those that a second handler wrote, if the server's word of a session was written twice."""

    def word(hit: Hit) -> bool:
        return bool(hit.captures) and hit.role.split(":")[1:2] == [step]

    words = [hit.captures for hit in hits if word(hit)]
    if all(words.count(one) == 1 for one in words):
        return hits
    kept: list[Hit] = []
    for hit in hits:
        before = [(one.role, one.captures) for one in kept]
        if word(hit):
            kept += [] if (hit.role, hit.captures) in before else [hit]
        elif before[-1:] != [(hit.role, hit.captures)]:
            kept.append(hit)
    return kept


def fits(rejection: Hit | None, hit: Hit, names: Sequence[str]) -> bool:
    """Whether no unproven capture of the rejection says that a hit is somebody else's."""
    own, first = dict(hit.captures), dict(rejection.captures if rejection else ())
    return rejection is None or all(
        own.get(name, first.get(name)) == first.get(name, own.get(name)) for name in names
    )


def last_seen(run: Run, name: str) -> str:
    return next((v for hit in reversed(run.hits) for n, v in reversed(hit.captures) if n == name), "")


def works(
    worked: Sequence[tuple[Run | None, Hit, str]],
    hit: Hit,
    keys: set[tuple[str, str]],
    detect: Detect,
    restarts: Sequence[Hit],
    *,
    known_connection: bool = True,
) -> bool:
    """Whether a first step belongs to a run that has worked: it has its key, or it comes over its connection."""
    if any(run.keys & keys for run, _, _ in worked if run):
        return True
    own = dict(hit.captures).get(detect.like[0]) if len(detect.like) > 1 and known_connection else None
    latest = [place for _, place, value in worked if own and value == own][-1:]
    return any(
        near(place, hit, detect.within or Window()) and not restarted(place, hit, restarts)
        for place in latest
    )


def alike(runs: list[Run], hit: Hit, names: Sequence[str]) -> list[Run]:
    """Those of the runs whose line it may be: that share the surest value, that have no other value of the last.

    The value of a run is the one that it showed last."""
    for name in names:
        value = dict(hit.captures).get(name)
        if value is None:
            continue
        seen = [[v for other in run.hits for n, v in other.captures if n == name][-1:] for run in runs]
        same = [run for run, values in zip(runs, seen, strict=True) if value in values]
        if same:
            return same
        if name == names[-1]:
            return [run for run, values in zip(runs, seen, strict=True) if not values]
    return runs
