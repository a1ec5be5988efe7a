"""What docs/rules.md says of the kinds but sequences, slow and obvious: every definition is written out, nothing is
remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise, product

from logscope.model import Hit
from logscope.rulebook.rule import Rule, Window, names_in

Found = list[tuple[Hit, ...]]
LAST = ("asgi", "asyncio")
RETOLD = ("asgi", "asyncio", "asyncio.run")
RETRY = "retry"


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

    def of_another(hit: Hit, group: list[Hit], any_call: bool = False) -> bool:
        """Whether the hit is about somebody else, or, unless any will do, about another call."""
        names = names_in(incident.apart) if incident.apart else ()
        known: dict[str, str] = {}
        for one in group:
            known = {**about(one), **known}
        told = {name: value for name, value in about(hit).items() if name in names or not any_call}
        return any(known.get(name, value) != value for name, value in told.items())

    def told(group: list[Hit], layer: str) -> bool:
        return any(hit.layer == layer != RETRY and hit.role == "primary" for hit in group)

    def comes_back(group: list[Hit], layer: str) -> bool:
        tellers = dict.fromkeys(h.layer for h in group if h.role == "primary" and h.layer != RETRY)
        loggers = [teller.split("|")[0] for teller in tellers]
        return "|" in layer and layer.split("|")[0] in loggers and layer.split("|")[0] != loggers[-1]

    def awaits(group: list[Hit], layer: str) -> bool:
        """Whether the incident announced another try right behind what was told, and the layer has told it before that
        and not since."""
        last = max((place for place, one in enumerate(group) if one.layer == RETRY), default=0)
        behind = [one.layer for one in group[last + 1 :]]
        return last > 0 and group[last - 1].layer != RETRY and told(group, layer) and layer not in behind

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
        for group in groups if incident.repeats == "new" and hit.layer not in (RETRY, *RETOLD) else ():
            bounds = retried if group[-1].layer == RETRY else window
            own = not (key(hit) and keys(group)) or key(hit) in keys(group)
            fits = own and not is_closed(group) and together(group[-1], hit, bounds, streams)
            if fits and awaits(group, hit.layer) and not of_another(hit, group, any_call=True):
                return group
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
