"""Whether the log can tell which session a completed handshake belongs to, where its line names nobody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from logscope.correlate.connections import connection_capture
from logscope.correlate.runs import Run
from logscope.match.layers import ACCESS, CLIENT
from logscope.model import Hit
from logscope.rulebook.rule import Rule

_LATE, _TIMES, _HABIT = 1.0, 5, 3
"""Seconds behind a rejection from which another session may be what goes on, where others do so many times as fast;
twice as many where none does. Where as many sessions, half of all at least, are late, it is how their client tries
again."""


class Doubt:
    """Holds request lines that name no connection against what else goes on: a rejected session that seems to have
    recovered may have been given up, and another one have worked at once, where several overlap."""

    def __init__(self, rule: Rule) -> None:
        self._sure, self._client = connection_capture(rule), rule.detect.like[-1] if rule.detect.like else ""
        self._gone_on: Counter[str] = Counter()  # by client, how often a session of its went on
        self._before: dict[int, int] = {}  # by run, how often before it was rejected
        self._silent: defaultdict[str, list[Run]] = defaultdict(list)
        """By client, runs since whose rejection none did."""
        self._after: dict[int, float] = {}
        """By run, how many seconds behind its rejection the first one did."""
        self._waited: list[float] = []
        """The same of the runs completed, 0 where nothing else may have been."""
        self._answered: set[int] = set()  # runs whose own connection was answered since
        self._several = False
        self._tried: dict[str, Run] = {}  # by connection, the run that was rejected over it
        self._guessed: set[int] = set()  # runs that others as well may have been completed for

    @property
    def raised(self) -> bool:
        """Whether more than one reading is possible, also where each session seems to have recovered."""
        fast = min(self._waited, default=0.0)
        late = sum(
            seconds > 2 * _LATE or (seconds > _LATE and seconds > _TIMES * fast) for seconds in self._waited
        )
        return self._several or 0 < late < max(_HABIT, len(self._waited) / 2)

    def rejected(self, run: Run, captures: Mapping[str, str]) -> None:
        """Take up that a run was rejected, or once more."""
        client = captures.get(self._client, "")
        if connection := captures.get(self._sure):
            before = self._tried.get(connection, run)
            # its client still tries: what completed it was another's
            self._several = self._several or (before is not run and before.number in self._guessed)
            self._tried[connection] = run
        self._before[run.number] = self._gone_on[client]
        self._silent[client].append(run)

    def goes_on(self, hit: Hit, captures: Mapping[str, str]) -> None:
        """Take up that a session was completed, or answered."""
        client = captures.get(self._client, "")
        self._gone_on[client] += 1
        for run in self._silent.pop(client, ()):
            if hit.time is not None and run.last.time is not None:
                self._after[run.number] = hit.time - run.last.time

    def answered(self, run: Run) -> None:
        """Take up that a request was answered over the connection of a rejected run: it goes on."""
        self._answered.add(run.number)

    def likely(self, waiting: list[Run], hit: Hit, captures: Mapping[str, str]) -> list[Run]:
        """Return those of several runs that a hit completes as well as any other: those that go on, or the one that was
        rejected right before, long behind the others."""
        going = [run for run in waiting if run.number in self._answered]
        if going or not all(run.rejected for run in waiting):
            return going or waiting
        *others, latest = sorted(waiting, key=lambda run: run.last.line)
        apart = all(_seconds(run.last, latest.last) > _LATE for run in others)
        near = 0 <= _seconds(latest.last, hit) <= _LATE and self._meanwhile(latest, captures) <= 1
        return [latest] if apart and near else waiting

    def open(self, waiting: Sequence[Run]) -> bool:
        """Whether it makes a difference which of several runs is completed: not all of them go on."""
        return len(waiting) > 1 and any(run.number not in self._answered for run in waiting)

    def completes(self, run: Run, hit: Hit, captures: Mapping[str, str], waiting: Sequence[Run]) -> None:
        """Take up that a run seems to be completed by a hit without its key, one of those that waited for it alike."""
        connection = captures.get(self._sure)
        known = connection is not None and connection == run.captures.get(self._sure)
        if not run.rejected:
            return
        known = known or run.number in self._answered
        if not known and len(waiting) > 1:
            self._guessed.add(run.number)
        self._waited.append(0.0 if known else self._after.get(run.number, _seconds(run.last, hit)))
        if not known and hit.layer in (ACCESS, CLIENT):
            self._several = self._several or len(waiting) > 1 or self._meanwhile(run, captures) > 1

    def _meanwhile(self, run: Run, captures: Mapping[str, str]) -> int:
        """How often sessions of a client went on since a run was rejected; once for its own handshake."""
        return self._gone_on[captures.get(self._client, "")] - self._before.get(run.number, 0)


def _seconds(one: Hit, other: Hit) -> float:
    """How long one hit stands before another; not at all where no time says it."""
    return other.time - one.time if one.time is not None and other.time is not None else 0.0
