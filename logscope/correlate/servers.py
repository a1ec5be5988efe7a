"""Which hits of a sequence are of one server: what several services wrote into one source, and what a proxy and the
server behind it tell of the same requests."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from logscope.correlate.connections import connection_capture
from logscope.correlate.steps import first_step, first_way, showing
from logscope.correlate.windows import Processes, comes_before, near
from logscope.match.layers import ACCESS, CLIENT
from logscope.model import Hit
from logscope.rulebook.parts import step_of
from logscope.rulebook.rule import Rule

SAME_SECONDS = 2.0
"""Two sources that tell the first step this close tell of one session."""
_SAME_LINES = 100
"""And how far apart a server and its client tell of a request, where no time says it."""
_EXACT_SECONDS, _ROUND_SECONDS, _NEXT_LINES = 0.1, 1.0, 20
"""How far apart a proxy and what stands behind it tell of a request; where one writes whole seconds; or none."""
_FEWEST, _PART = 3, 0.8
"""How many requests two have to tell in the same way to be one, and which part of the fewer in any."""
_AT_ONCE = 3
"""How many places a proxy tells of a request before or behind what stands behind it, where no time says it."""
_ELSEWHERE = 4
"""A client asks several servers where one in so many of its rejections is a second one's."""
_MOST = 32
"""Sources that are held against each other."""
_REPLICA = re.compile(r"-[0-9a-z]{6,10}-[0-9a-z]{5}(?=/|$)|[-_]\d+(?=/|$)")
"""What tells the replicas of one service apart: a session may go on at another one."""
_PROXY = re.compile(r"(?i)proxy|nginx|caddy|traefik|envoy|ingress|gateway|balancer")
"""What services are called that pass requests on."""
_Part = tuple[int, str]
"""A server by number, or behind all of them a stream whose clients ask another one."""
Same = dict[int, set[int]]
"""By part, or by source, the others that tell of the same requests."""
_SEVERAL: _Part = -1, ""
"""Of clients that ask several servers: these tell the same."""


def by_server(rule: Rule, hits: list[Hit]) -> Iterator[list[Hit]]:
    """Yield the hits of one source by server, the one with the best lines first: services with access lines that tell
    the same requests are one, and what asks a server is read with it."""
    numbers, retold = _servers(rule, hits)
    asking = _asking(rule, hits, numbers)
    parts: defaultdict[_Part, list[Hit]] = defaultdict(list)
    for hit in hits:
        service = _service(hit)
        if hit.layer != ACCESS or service not in retold:
            part = (numbers[service], "") if service in numbers else asking.get(hit.stream, (0, ""))
            parts[part].append(hit)
    parts.pop(_SEVERAL, None)
    for part in sorted(parts):
        yield parts[part]


def same_parts(rule: Rule, parts: Sequence[Sequence[Hit]], processes: Processes) -> Same:
    """Return which parts tell of the same requests, by their lines and clocks: those of a proxy and of what stands
    behind it, and of clients that ask through a proxy, which a server's port would rule out."""
    tellers = [
        (number, own)
        for number, part in enumerate(parts)
        for layer in (ACCESS, CLIENT)
        if len(own := [hit for hit in part if hit.layer == layer]) >= _FEWEST
    ]
    same: Same = defaultdict(set)
    for (first, one), (second, other) in combinations(tellers[:_MOST], 2):
        sources = one[0].source, other[0].source
        if sources[0] == sources[1] or CLIENT == one[0].layer == other[0].layer or processes.apart(*sources):
            continue
        alike = first_way(rule, one) == first_way(rule, other)
        timed = one[0].time is not None and other[0].time is not None
        views = one[0].layer != other[0].layer
        if (alike or (timed if views else _fronted(rule, one, other))) and same_requests(rule, one, other):
            same[first].add(second)
            same[second].add(first)
    return same


def same_sources(parts: Sequence[Sequence[Hit]], same: Same) -> Same:
    """Return the same of sources."""
    sources: Same = defaultdict(set)
    for number, others in same.items():
        sources[parts[number][0].source] |= {parts[other][0].source for other in others}
    return sources


def told_once(rule: Rule, parts: Sequence[list[Hit]], same: Same) -> list[list[Hit]]:
    """Return the parts, those with the best lines first, without those whose access lines tell in the same way what
    another one's do, which tells more."""
    ways = [first_way(rule, part) for part in parts]
    clients = [len(_clients(rule, [hit for hit in part if hit.layer == ACCESS])) for part in parts]
    kept: set[int] = set()
    for number in sorted(
        range(len(parts)), key=lambda number: (clients[number] < 2, -len({hit.role for hit in parts[number]}))
    ):
        again = kept.intersection(same.get(number, ()))
        if not any(ways[other] == ways[number] or clients[number] == 1 < clients[other] for other in again):
            kept.add(number)
    return [parts[number] for number in sorted(kept, key=lambda number: (ways[number], number))]


def _service(hit: Hit) -> str:
    return _REPLICA.sub("", hit.stream)


def _servers(rule: Rule, hits: Sequence[Hit]) -> tuple[dict[str, int], set[str]]:
    """Return the number of each service's server, and the services that tell what another one tells in the same way."""
    lines: defaultdict[str, list[Hit]] = defaultdict(list)
    told: defaultdict[str, set[str]] = defaultdict(set)
    for hit in hits:
        told[_service(hit)].add(hit.role)
        if hit.layer == ACCESS:
            lines[_service(hit)].append(hit)
    ways = {service: first_way(rule, own) for service, own in lines.items()}
    servers: list[list[str]] = []
    retold: set[str] = set()
    clients = {service: len(_clients(rule, own)) for service, own in lines.items()}
    best = {one: (clients[one] < 2, ways[one], -clients[one], -len(told[one])) for one in lines}
    order = sorted(lines, key=lambda one: (best[one], lines[one][0].line))
    for service in order:
        server = next((one for one in servers if same_requests(rule, lines[one[0]], lines[service])), None)
        if server is None:
            servers.append([service])
            continue
        if any(ways[service] == ways[other] or clients[service] < 2 <= clients[other] for other in server):
            retold.add(service)
        server.append(service)
    return {service: number for number, server in enumerate(servers) for service in server}, retold


def _clients(rule: Rule, hits: Sequence[Hit]) -> set[str]:
    """The clients that lines tell apart."""
    last = rule.detect.like[-1] if rule.detect.like else ""
    return {value for hit in hits for name, value in hit.captures if name == last}


def _asking(rule: Rule, hits: Sequence[Hit], numbers: Mapping[str, int]) -> dict[str, _Part]:
    """Return the part of each stream whose clients alone tell of their rejections: the server whose access lines are
    the nearest to most of these, or another one, where such lines stand near half of them at most."""
    rejected = showing(hits, first_step(rule))
    served = [hit for hit in rejected if hit.layer == ACCESS]
    lines = [hit.line for hit in served]
    near_to: defaultdict[str, list[int]] = defaultdict(list)
    for hit in rejected if served else ():
        if hit.layer == CLIENT and _service(hit) not in numbers:
            place = bisect_left(lines, hit.line)
            sides = served[max(place - 1, 0) : place + 1]
            beside = [other for other in sides if near(hit, other, SAME_SECONDS, _SAME_LINES)]
            nearest = min(beside, key=lambda other: abs(hit.line - other.line), default=None)
            near_to[hit.stream].append(-1 if nearest is None else numbers[_service(nearest)])
    return {stream: _part(Counter(found), stream, len(numbers)) for stream, found in near_to.items()}


def _part(found: Counter[int], stream: str, apart: int) -> _Part:
    """Return whom a stream's clients ask, of how many of their rejections are which server's; -1 are nobody's."""
    asked = found.total()
    if 2 * found.pop(-1, 0) >= asked:
        return apart, stream
    (number, most), *_ = found.most_common()
    return _SEVERAL if _ELSEWHERE * (found.total() - most) >= asked else (number, "")


def same_requests(rule: Rule, one: Sequence[Hit], other: Sequence[Hit]) -> bool:
    """Whether access lines of two writers tell of the same requests, a proxy's and those of what stands behind it: most
    of the fewer have one of the others' beside them. Where nothing tells when, they are the same ones throughout."""
    fewer, more = sorted((one, other), key=len)
    alike = first_way(rule, one) == first_way(rule, other)
    if alike and len(fewer) < _FEWEST:
        return False
    timed = all(own[0].time is not None for own in (one, other))
    exact = all(
        any(hit.time_quality == "exact" and hit.time and hit.time % 1 for hit in own) for own in (one, other)
    )
    named = len({bool(_PROXY.search(own[0].stream)) for own in (one, other)}) == 2
    whose = all(connection_capture(rule) in dict(own[0].captures) for own in (one, other))
    if alike and whose and not (exact or named or _fronted(rule, one, other)):
        return False  # two servers, each with its own clients
    if not timed and one[0].source != other[0].source:
        first, second = ([step_of(hit.role) for hit in own] for own in (one, other))
        both = set(first).intersection(second)
        return _same_order(*([step for step in steps if step in both] for steps in (first, second)))
    seconds = _EXACT_SECONDS if exact else _ROUND_SECONDS
    left: defaultdict[str, deque[Hit]] = defaultdict(deque)
    for hit in more:
        left[step_of(hit.role)].append(hit)
    return sum(_beside(hit, left[step_of(hit.role)], seconds) for hit in fewer) >= _PART * len(fewer)


def _fronted(rule: Rule, one: Sequence[Hit], other: Sequence[Hit]) -> bool:
    """Whether the one may stand behind the other, or the other way round: all then come from the proxy's address."""
    fewer, more = sorted((len(_clients(rule, one)), len(_clients(rule, other))))
    return fewer == 1 < more


def _same_order(steps: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two tell the same steps in the same order, but for requests that are answered at once."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, step in enumerate(others):
        places[step].append(place)
    left = {step: deque(own) for step, own in places.items()}
    return len(steps) == len(others) and all(
        left.get(step) and abs(left[step].popleft() - place) <= _AT_ONCE for place, step in enumerate(steps)
    )


def _beside(hit: Hit, left: deque[Hit], seconds: float) -> bool:
    """Whether one of those left stands beside a hit; it is taken, and so are those before it."""
    while left and not near(left[0], hit, seconds, _NEXT_LINES):
        if not comes_before(left[0], hit):
            return False
        left.popleft()
    return bool(left and left.popleft())
