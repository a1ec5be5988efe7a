"""What the connections of a sequence's clients show: which belong to one client, which carry several sessions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cached_property

from logscope.correlate.runs import Key, Run
from logscope.model import Hit
from logscope.rulebook.rule import Rule

_STRANGE, _PART = 5, 0.8
"""How many sessions, and which part of them, were completed by a client that nothing had been answered before: a
balancer, or a pool of proxies, sends the requests of one session from several addresses."""


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
        self._used_again = False
        # clients, by what a connection of theirs has done
        self._own: Counter[str] = Counter()  # carried the goal, and was rejected before
        self._completing: set[str] = set()  # carried the goal
        self._ending: set[str] = set()  # ended what it had not completed
        self._at_once: set[str] = set()  # carried two sessions
        # by stream: the same, should it have one to spare
        self._perhaps: defaultdict[str, set[str]] = defaultdict(set)
        self._changing: set[str] = set()  # went on with another one's session
        self._goals: Counter[str] = Counter()  # how often one carried the goal
        # connections, and their clients, that were rejected while a session went on
        self._refused: set[str] = set()
        # clients that were answered since a rejection that no session was completed behind; and of the sessions
        # completed then, whether by one of these
        self._answered: set[str] | None = None
        self._met: set[str] = set()  # clients that were answered at all
        self._known: Counter[bool] = Counter()

    @property
    def tries(self) -> str:
        """The capture by which to tell that a session is tried again: the client, where no connection is used twice and
        several clients complete one session each; else the connection."""
        single = len(self._goals) > 1 and max(self._goals.values()) == 1 and not self._used_again
        return self._client if single else self._sure

    @property
    def spare(self) -> set[str]:
        """Streams in which more sessions were begun than completed: in others, each begun is a completed one."""
        return {stream for stream, left in self._spare.items() if left > 0}

    @property
    def single(self) -> set[str]:
        """Clients that complete one session."""
        return {client for client, goals in self._goals.items() if goals == 1}

    @property
    def keeping(self) -> set[str]:
        """Clients whose connections are their own: one that was rejected has carried the goal as well."""
        return {client for client in self._own.keys() - self._changing if not self._pools(client)}

    @property
    def surely(self) -> set[str]:
        """Those of these of which several connections did."""
        return {client for client in self.keeping if self._own[client] > 1}

    def _pools(self, client: str | None) -> bool:
        """Whether a client's connections carry several sessions at once, as a proxy's do: then they prove nothing."""
        at_once = self._at_once.union(*[self._perhaps[stream] for stream in self.spare])
        return client in at_once or (client in self._ending and client in self._completing)

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
            self._answer(step, client)
        if client and step == self._goal:
            self._goals[client] += 1
        if not connection or not client:
            return
        self._used_again = self._used_again or connection in self._used
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

    def _answer(self, step: int, client: str) -> None:
        if step == 0:
            self._answered = set()
        elif step == self._goal and self._answered:
            first = client in self._met and not self._goals[client]
            self._known[first or client in self._answered] += 1
            self._answered = None
        if step == 0 or (step > self._goal and step not in (self._over, self._opened)):
            self._met.add(client)
            if step and self._answered is not None:
                self._answered.add(client)

    @cached_property
    def _strangers(self) -> bool:
        """Whether those who complete sessions are others than those who begin them: addresses tell nothing then."""
        return self._known[False] >= max(_STRANGE, _PART * self._known.total())

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
        if self._strangers or self._pools(captures.get(self._client)):
            captures.pop(self._sure, None)
        return captures


def of_another(rule: Rule, run: Run, captures: Mapping[str, str], keeping: set[str]) -> bool:
    """Whether a line of a client that keeps its connections came over another one than the run's."""
    connection = captures.get(connection_capture(rule))
    if not connection or captures.get(rule.detect.like[-1]) not in keeping:
        return False
    return run.captures.get(connection_capture(rule), connection) != connection


def connection_capture(rule: Rule) -> str:
    """The capture that names one connection; where only one tells, several sessions may share it."""
    return rule.detect.like[0] if len(rule.detect.like) > 1 else ""
