"""What the connections of a sequence's clients show: which belong to one client, which carry several sessions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cached_property

from logscope.correlate.marks import Place, place_of
from logscope.correlate.runs import Key, Run
from logscope.model import Hit
from logscope.rulebook.rule import Rule

_STRANGE, _PART = 2, 0.1
"""How many sessions, and which part of them, were completed by a client that was not heard right before: a balancer, or
a pool of proxies, sends the requests of one session from several addresses."""
_OFTEN, _MOST = 5, 0.8
"""The same where connections are kept."""
_ALONE = 4
"""Requests of which each comes from another address, where one such session is enough."""
_LATELY = 64
"""Requests that stand right before a session is completed."""
_KEPT, _MANY = 0.1, 20
"""Share of the requests over connections used before, where connections are kept; of a client, where it made as many at
least. What comes over one again is else another connection that got the same number."""

_IDLE = 5.0
"""Seconds without a request behind which servers (uvicorn, Node) and clients (httpx) close a connection."""


class Connections:
    """What the clients of one reading do with their connections, by the last capture that tells whose a line is."""

    def __init__(self, rule: Rule, goal: int) -> None:
        outcomes, names = rule.detect.outcomes, [step.name for step in rule.detect.steps]
        self._sure, self._client = connection_capture(rule), rule.detect.like[-1] if rule.detect.like else ""
        self._goal = goal
        aside = (outcomes.over, outcomes.opened, outcomes.refused) if outcomes else (None, None, None)
        self._over, self._opened, self._refusal = [names.index(name) if name else -1 for name in aside]
        self._begun: Counter[str] = Counter()  # by stream, sessions begun whose steps have not been read yet
        self._spare: Counter[str] = Counter()  # by stream, sessions begun less those completed since
        self._latest = -1, "", 0  # the step read last, its connection and last line
        # connections
        self._rejected: set[str] = set()
        self._live: set[str] = set()  # carry a session that goes on
        self._ended: set[str] = set()  # have ended one
        self._carried: dict[str, frozenset[Key]] = {}  # by connection, the keys of the goal
        self._carrier: dict[frozenset[Key], str] = {}  # and the other way round
        self._used: set[str] = set()
        # clients, by what a connection of theirs has done
        self._own: Counter[str] = Counter()  # carried the goal, and was rejected before
        self._completing: set[str] = set()  # carried the goal
        self._ending: set[str] = set()  # ended what it had not completed
        self._at_once: set[str] = set()  # carried two sessions
        # by stream: the same, should it have one to spare
        self._perhaps: defaultdict[str, set[str]] = defaultdict(set)
        self._changing: set[str] = set()  # went on with another one's session
        self._goals: Counter[str] = Counter()  # how many sessions one carried the goal of
        self._told: set[frozenset[Key]] = set()  # the keys of these
        self._since: defaultdict[str, list[Place]] = defaultdict(list)  # where it was rejected since
        self._within: defaultdict[str, list[Place]] = defaultdict(list)  # and was answered behind
        # connections, and their clients, that were rejected while a session went on
        self._refused: set[str] = set()
        # requests over a connection, and connections, by client; clients heard at all; and in which request those were
        # heard last that have completed no session since
        self._requests: Counter[str] = Counter()
        self._connections: Counter[str] = Counter()
        self._clients: set[str] = set()
        self._count = 0
        self._heard: dict[str, int] = {}
        self._answered: bool | None = None  # since a rejection that no session was completed behind
        # sessions completed then, by whether by a client heard right before
        self._known: Counter[bool] = Counter()

    def tries(self, captures: Mapping[str, str]) -> str:
        """The capture by which to tell that a session is tried again: the client, where it uses no connection twice and
        completes one session, as others do, or none, as others complete one each; else the connection."""
        client = captures.get(self._client, "")
        own = max(self._goals.values(), default=0) if client not in self._goals else self._goals[client]
        once = self._requests[client] == self._connections[client]
        return self._client if once and own == 1 < len(self._goals) else self._sure

    @property
    def spare(self) -> set[str]:
        """Streams in which more sessions were begun than completed: in others, each begun is a completed one."""
        return {stream for stream, left in self._spare.items() if left > 0}

    @property
    def single(self) -> set[str]:
        """Clients that complete one session."""
        return {client for client, goals in self._goals.items() if goals == 1}

    @property
    def within(self) -> set[Place]:
        """Where a client was rejected that has completed one session and goes on with that: it may be of that."""
        return {place for client in self.single for place in self._within[client]}

    @property
    def keeping(self) -> set[str]:
        """Clients whose connections are their own: one that was rejected has carried the goal as well."""
        return self._own.keys() - self._changing - self._vague

    @property
    def surely(self) -> set[str]:
        """Those of these of which several connections did."""
        return {client for client in self.keeping if self._own[client] > 1}

    @cached_property
    def _vague(self) -> set[str]:
        """Clients whose connections prove nothing: they carry several sessions at once, as a proxy's do, or one request
        each."""
        pools = self._at_once.union(*[self._perhaps[stream] for stream in self.spare])
        single = {
            client
            for client, requests in self._requests.items()
            if requests >= _MANY and not _kept(requests, self._connections[client])
        }
        return pools | (self._ending & self._completing) | single

    def read(self, step: int, hit: Hit, captures: Mapping[str, str], keys: frozenset[Key]) -> None:
        """Take up a step."""
        if step == self._opened:
            self._begun[hit.stream] += 1
            self._spare[hit.stream] += 1
            return
        if step == self._refusal:
            if captures.get(self._sure) not in self._live:
                self._begun[hit.stream] -= self._begun[hit.stream] > 0
                self._spare[hit.stream] -= self._spare[hit.stream] > 0
            return
        self._spare[hit.stream] -= step == self._goal and self._spare[hit.stream] > 0
        begins = step in (0, self._goal) and self._begun[hit.stream] > 0
        self._begun[hit.stream] -= begins
        connection, client = captures.get(self._sure), captures.get(self._client)
        if client:
            self._hear(step, client)
        if client and step == self._goal and (not keys or keys not in self._told):
            self._goals[client] += 1
            self._told.add(keys)
            self._since[client].clear()
        elif client and step == 0 and client in self._goals:
            self._since[client].append(place_of(hit))
        elif client and step > self._goal and step not in (self._over, self._opened):
            self._within[client] += self._since.pop(client, ())
        if not connection or not client:
            return
        self._requests[client] += 1
        self._connections[client] += connection not in self._used
        self._used.add(connection)
        if step == self._over:
            self._end(hit, connection, client)
        elif step in (0, self._goal):
            if begins and connection in self._live:
                (self._at_once if step == self._goal else self._perhaps[hit.stream]).add(client)
            if step == self._goal:
                self._complete(connection, client, keys)
            else:
                self._refused |= {client, connection} if connection in self._live else set()
                self._rejected.add(connection)
        self._latest = step, connection, hit.last_line

    def _hear(self, step: int, client: str) -> None:
        if step in (self._over, self._opened):
            return
        self._count += 1
        self._clients.add(client)
        if step == self._goal:
            before = self._heard.pop(client, -_LATELY)
            if self._answered:
                self._known[self._count - before <= _LATELY] += 1
            self._answered = None
            return
        self._heard[client] = self._count
        if step == 0 or self._answered is not None:
            self._answered = step > 0

    @cached_property
    def _strangers(self) -> bool:
        """Whether those who complete sessions are others than those who begin them: addresses tell nothing then."""
        alone = len(self._clients) == self._count >= _ALONE
        kept = _kept(self._requests.total(), len(self._used))
        fewest, part = (_OFTEN, _MOST) if kept else (1 if alone else _STRANGE, _PART)
        return self._known[False] >= max(fewest, part * self._known.total())

    def _end(self, hit: Hit, connection: str, client: str) -> None:
        seen = connection in self._ended or connection in self._rejected
        twice = self._latest == (self._over, connection, hit.line - 1)  # written by two handlers
        if seen and connection not in self._live and not twice:
            self._ending.add(client)
        self._live.discard(connection)
        self._refused.discard(connection)
        self._ended.add(connection)

    def _complete(self, connection: str, client: str, keys: frozenset[Key]) -> None:
        self._completing.add(client)
        if connection in self._rejected:
            self._own[client] += 1
        refused = connection in self._live and not self._refused.isdisjoint((client, connection))
        if self._carried.setdefault(connection, keys) != keys or refused:
            self._at_once.add(client)  # a handshake where a session goes on
        if keys and self._carrier.setdefault(keys, connection) != connection:
            self._changing.add(client)
        self._refused -= {client, connection}
        self._live.add(connection)

    def told(self, captures: dict[str, str]) -> dict[str, str]:
        """Return captures without a connection that several sessions share, or without what tells no client."""
        if self._strangers:
            captures.pop(self._client, None)
        if self._strangers or captures.get(self._client) in self._vague:
            captures.pop(self._sure, None)
        return captures


def _kept(requests: int, connections: int) -> bool:
    return requests - connections > _KEPT * requests


def of_another(rule: Rule, run: Run, captures: Mapping[str, str], keeping: set[str]) -> bool:
    """Whether a line of a client that keeps its connections came over another one than the run's."""
    connection = captures.get(connection_capture(rule))
    if not connection or captures.get(rule.detect.like[-1]) not in keeping:
        return False
    return run.captures.get(connection_capture(rule), connection) != connection


def lapsed(run: Run, hit: Hit) -> bool:
    """Whether the connection that a run was last heard over is closed when a hit is told, as far as a clock says."""
    return hit.time is not None and run.last.time is not None and hit.time - run.last.time > _IDLE


def connection_capture(rule: Rule) -> str:
    """The capture that names one connection; where only one tells, several sessions may share it."""
    return rule.detect.like[0] if len(rule.detect.like) > 1 else ""
