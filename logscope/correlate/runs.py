"""The runs of a sequence in one source: those that may go on, and those that have worked."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import attrgetter

from logscope.correlate.windows import Processes, follows, near
from logscope.model import Hit
from logscope.rulebook.rule import Rule, Window

Key = tuple[str, str]
Like = tuple[str, str | None]
"""A capture that tells runs apart, None where a run lacks it."""
_ANY: Like = "", None
_NOTHING: dict[str, str] = {}
"""The captures of runs that are closed: one for all."""


class Run:
    """One session: the steps it took, as (index of the step, hit); `captures` are of all steps, the last one counts."""

    __slots__ = (
        "after",
        "captures",
        "keys",
        "last",
        "likes",
        "merged",
        "number",
        "reached",
        "rejected",
        "steps",
        "void",
    )

    def __init__(
        self, number: int, step: int, hit: Hit, keys: frozenset[Key], captures: dict[str, str]
    ) -> None:
        self.number = number
        self.steps = [(step, hit)]
        self.reached = step
        self.last = hit
        self.keys = keys
        self.rejected = step == 0
        self.after = False
        """Whether it is one only when it is completed: its connection has carried a session that is over."""
        self.void = False
        """Whether it is none: its server keeps no sessions, or its session has worked before."""
        self.captures = captures
        self.likes: Sequence[Like] = ()
        """Under what it is found while it is open."""

    @property
    def first(self) -> Hit:
        return self.steps[0][1]

    def add(self, other: Run) -> None:
        """Take up the further steps of a run that is the same one."""
        self.steps += [(step, hit) for step, hit in other.steps if step > self.reached]
        self.reached = max(self.reached, other.reached)
        self.keys |= other.keys


_Runs = dict[Like, dict[int, Run]]
"""Runs by each of their captures, and all of them, by number."""


class Open:
    """The runs of one reading that may go on; what a hit is no longer near to leaves, the longest unheard first."""

    def __init__(self, rule: Rule, processes: Processes) -> None:
        self._window = rule.detect.within or Window()
        self._processes = processes
        steps = rule.detect.steps
        self._before = [
            [r for r in range(step) if all(part.optional for part in steps[r + 1 : step])]
            for step in range(len(steps))
        ]
        self._like = rule.detect.like
        self._free: list[_Runs] = [{} for _ in steps]  # by the step taken last: nobody knows whose they are
        self._keyed: list[_Runs] = [{} for _ in steps]
        self._unclaimed = [
            [self._free[step] for step in before] for before in self._before
        ]  # by the step waited for
        self._standing = [
            [*unclaimed, *[self._keyed[step] for step in before]]
            for unclaimed, before in zip(self._unclaimed, self._before, strict=True)
        ]
        self._heard: OrderedDict[int, Run] = OrderedDict()  # the longest unheard first
        self._by_key: dict[Key, list[Run]] = {}
        self._line = 0
        self._orderly = True  # the runs heard of, none earlier than the one before it

    def add(self, run: Run) -> None:
        """Open a run."""
        self._heard[run.number] = run
        self._enter(run)
        for key in run.keys:
            self._by_key.setdefault(key, []).append(run)

    def step(self, run: Run, step: int, hit: Hit, keys: frozenset[Key], captures: Mapping[str, str]) -> None:
        """Let a run take a step."""
        self._take_out(run)
        run.steps.append((step, hit))
        run.reached, run.last = step, hit
        run.captures.update(captures)
        self._heard.move_to_end(run.number)
        for key in keys - run.keys:
            self._by_key.setdefault(key, []).append(run)
        if not keys <= run.keys:
            run.keys |= keys
        self._enter(run)

    def _enter(self, run: Run) -> None:
        runs = (self._keyed if run.keys else self._free)[run.reached]
        run.likes = [_ANY, *[(name, run.captures.get(name)) for name in self._like]]
        for like in run.likes:
            if like in runs:
                runs[like][run.number] = run
            else:
                runs[like] = {run.number: run}

    def _take_out(self, run: Run) -> None:
        runs = (self._keyed if run.keys else self._free)[run.reached]
        for like in run.likes:
            alike = runs[like]
            del alike[run.number]
            if not alike:
                del runs[like]

    def leave(self, hit: Hit) -> None:
        """Drop the runs that do not reach up to a hit: out of the window, or their process has started anew."""
        heard, seconds, lines = self._heard, self._window.seconds, self._window.lines
        restarted = self._processes.any_restart(hit.source, self._line, hit.line)
        self._line = hit.line
        latest = next(reversed(heard.values()), None)
        self._orderly = self._orderly and (latest is None or follows(latest.last.time, hit.time))
        if self._orderly and not restarted:
            while heard and not near((run := next(iter(heard.values()))).last, hit, seconds, lines):
                self._drop(run)
            return
        for run in list(heard.values()):
            if not near(run.last, hit, seconds, lines) or (
                restarted and self._processes.restarted(run.last, hit)
            ):
                self._drop(run)
        times = [run.last.time for run in heard.values()] + [hit.time]
        self._orderly = all(follows(one, other) for one, other in pairwise(times))

    def end(self, keys: frozenset[Key]) -> None:
        """Drop the runs of a key and those without one; without keys, all."""
        for run in list(self._heard.values()):
            if not keys or not run.keys or keys & run.keys:
                self._drop(run)

    def of(self, keys: frozenset[Key]) -> list[Run]:
        """Return the runs of any of the keys, oldest first."""
        found = {run.number: run for key in keys for run in self._by_key.get(key, ())}
        return [found[number] for number in sorted(found)]

    def tried(self, captures: Mapping[str, str], keys: frozenset[Key], by: str) -> Run | None:
        """Return the run that has taken the first step, and no other, under these keys or with the same capture `by`:
        over this connection, or from this client."""
        whose = captures.get(by)
        same = [run for run in self.of(keys) if run.reached == 0] if keys else []
        if not same and whose:
            same = _alike([self._free[0], self._keyed[0]], (by, whose))
        return min(same, key=attrgetter("number"), default=None)

    def waits(self, run: Run, step: int) -> bool:
        """Whether the run stands before the step, and every step between may be left out."""
        return run.reached in self._before[step]

    def waiting(self, step: int, captures: Mapping[str, str], unclaimed: bool) -> list[Run]:
        """Return the runs that wait for a step, perhaps only those without a key: of them those that share the surest
        capture to tell by, none that differ in the last one."""
        runs = [part for part in (self._unclaimed if unclaimed else self._standing)[step] if part]
        for name in self._like:
            if name not in captures:
                continue
            same = _alike(runs, (name, captures[name]))
            if same:
                return same
            if name == self._like[-1]:
                return _alike(runs, (name, None))
        return _alike(runs, _ANY)

    def _drop(self, run: Run) -> None:
        del self._heard[run.number]
        self._take_out(run)
        run.captures, run.likes = _NOTHING, ()  # nobody asks for it any more, and there may be many
        for key in run.keys:
            self._by_key[key].remove(run)


def _alike(runs: Sequence[_Runs], like: Like) -> list[Run]:
    return [run for part in runs if like in part for run in part[like].values()]


class Worked:
    """The sessions of one reading that have worked: by their keys, which are theirs for ever, and by the surest capture
    that tells whose a line is, which others may have later, or once the process has started anew."""

    def __init__(self, rule: Rule, processes: Processes) -> None:
        self._window = rule.detect.within or Window()
        self._processes = processes
        self._sure = _sure(rule)
        self._keys: set[Key] = set()
        self._latest: dict[str, Hit] = {}
        self._completed: dict[str, Hit] = {}  # by the connection that carried the very step
        self._over: dict[str, Hit] = {}  # by connection, what ended its session
        self._opened: dict[str, deque[Hit]] = {}  # by stream, where a session began that no step is known of

    def add(self, run: Run, hit: Hit, completed: Mapping[str, str]) -> None:
        """Note that a run has reached its goal, or more; `completed`: the captures of the goal."""
        self._keys |= run.keys
        if connection := completed.get(self._sure):
            self._completed[connection] = hit
        value = run.captures.get(self._sure)
        if value:
            self._latest[value] = hit

    def end(self, hit: Hit, captures: Mapping[str, str]) -> None:
        """Note that the session of a connection is over: the connection may carry another one."""
        value = captures.get(self._sure)
        if value:
            self._completed.pop(value, None)
            self._latest.pop(value, None)
            self._over[value] = hit

    def open(self, hit: Hit) -> None:
        """Note that the server has begun a session: one of the next requests is its first."""
        self._opened.setdefault(hit.stream, deque()).append(hit)

    def opened(self, hit: Hit) -> bool:
        """Whether a session has begun of which no step was known so far; the hit is taken for its step."""
        begun = self._opened.get(hit.stream, ())
        while begun:
            if self._reached(begun.popleft(), hit):
                return True
        return False

    def over(self, hit: Hit, captures: Mapping[str, str]) -> bool:
        """Whether the connection of a hit has carried a session that is over, and goes on."""
        return self._reaches(self._over, hit, captures)

    def before(self, hit: Hit, captures: Mapping[str, str]) -> bool:
        """Whether the connection of a hit has carried a session that works, and goes on."""
        return self._reaches(self._latest, hit, captures)

    def known(self, keys: frozenset[Key]) -> bool:
        """Whether the session of any of the keys has worked."""
        return not keys.isdisjoint(self._keys)

    def complete(self, hit: Hit, captures: Mapping[str, str]) -> bool:
        """Whether the connection of a hit has carried the goal of a session, and goes on."""
        return self._reaches(self._completed, hit, captures)

    def _reaches(self, of: Mapping[str, Hit], hit: Hit, captures: Mapping[str, str]) -> bool:
        latest = of.get(captures.get(self._sure, ""))
        return latest is not None and self._reached(latest, hit)

    def _reached(self, latest: Hit, hit: Hit) -> bool:
        if self._processes.restarted(latest, hit):
            return False
        return near(latest, hit, self._window.seconds, self._window.lines)


class Connections:
    """What the clients of one reading do with their connections, by the last capture that tells whose a line is."""

    def __init__(self, rule: Rule, goal: int) -> None:
        outcomes, names = rule.detect.outcomes, [step.name for step in rule.detect.steps]
        self._sure, self._client = _sure(rule), rule.detect.like[-1] if rule.detect.like else ""
        self._goal = goal
        aside = (outcomes.over, outcomes.opened) if outcomes else (None, None)
        self._over, self._opened = [names.index(name) if name else -1 for name in aside]
        self._begun: Counter[str] = Counter()  # by stream, sessions begun that no step is known of
        self._latest = -1, "", 0  # step, connection, and the last line of it
        self._rejected: set[str] = set()
        self._live: set[str] = set()
        self._ended: set[str] = set()
        self._carried: dict[str, frozenset[Key]] = {}  # by connection, the keys of the goal
        self._carrier: dict[frozenset[Key], str] = {}  # and the other way round
        self._refused: set[str] = (
            set()
        )  # connections that go on and were rejected since, clients of which one was last
        # Clients of which a connection was rejected and has carried the goal; has ended what it had not completed; has
        # carried two sessions; has carried the goal; of which one session went over two connections.
        self._own: set[str] = set()
        self._ending: set[str] = set()
        self._at_once: set[str] = set()
        self._completing: set[str] = set()
        self._changing: set[str] = set()
        self._goals: Counter[str] = Counter()  # by client
        self._used: set[str] = set()
        self._used_again = False

    @property
    def tries(self) -> str:
        """The capture that tells a session that is tried again: the client, where no connection is used twice, several
        clients complete one session each, and none two; else the connection."""
        single = len(self._goals) > 1 and max(self._goals.values()) == 1 and not self._used_again
        return self._client if single else self._sure

    @property
    def keeping(self) -> set[str]:
        """Clients whose connections are their own: one that was rejected has carried the goal as well."""
        return {client for client in self._own - self._changing if not self._pools(client)}

    def _pools(self, client: str | None) -> bool:
        """Whether a client's connections carry several sessions at once, as a proxy's do: they tell nothing."""
        return client in self._at_once or (client in self._ending and client in self._completing)

    def read(self, step: int, hit: Hit, captures: Mapping[str, str], keys: frozenset[Key]) -> None:
        """Take up a step."""
        if step == self._opened:
            self._begun[hit.stream] += 1
            return
        begins = step in (0, self._goal) and self._begun[hit.stream] > 0
        self._begun[hit.stream] -= begins
        connection, client = captures.get(self._sure), captures.get(self._client)
        if client and step == self._goal:
            self._goals[client] += 1
        if not connection or not client:
            return
        self._used_again = self._used_again or connection in self._used
        self._used.add(connection)
        if step == self._over:
            seen = connection in self._ended or connection in self._rejected
            twice = self._latest == (step, connection, hit.line - 1)  # written by two handlers
            if seen and connection not in self._live and not twice:
                self._ending.add(client)
            self._live.discard(connection)
            self._refused.discard(connection)
            self._ended.add(connection)
        elif step in (0, self._goal):
            live = connection in self._live
            if begins and live:
                self._at_once.add(client)
            if step == self._goal:
                self._completing.add(client)
                if connection in self._rejected:
                    self._own.add(client)
                another = self._carried.setdefault(connection, keys) != keys
                if another or (live and not self._refused.isdisjoint((client, connection))):
                    self._at_once.add(client)  # a handshake where a session goes on
                if keys and self._carrier.setdefault(keys, connection) != connection:
                    self._changing.add(client)
                self._refused -= {client, connection}
                self._live.add(connection)
            else:
                if live:
                    self._refused |= {client, connection}
                self._rejected.add(connection)
        self._latest = step, connection, hit.last_line

    def told(self, captures: dict[str, str]) -> dict[str, str]:
        """Return captures without a connection that several sessions share."""
        if self._pools(captures.get(self._client)):
            captures.pop(self._sure, None)
        return captures


def of_another(rule: Rule, run: Run, captures: Mapping[str, str], keeping: set[str]) -> bool:
    """Whether a line of a client that keeps its connections came over another one than the run's."""
    connection = captures.get(_sure(rule))
    if not connection or captures.get(rule.detect.like[-1]) not in keeping:
        return False
    return run.captures.get(_sure(rule), connection) != connection


def _sure(rule: Rule) -> str:
    """The capture that names one connection; where only one tells, several sessions may share it."""
    return rule.detect.like[0] if len(rule.detect.like) > 1 else ""
