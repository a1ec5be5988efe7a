"""The sessions of a sequence that have worked: what tells of them again is none of another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from logscope.correlate.connections import connection_capture
from logscope.correlate.runs import Key, Run
from logscope.correlate.windows import Processes, near
from logscope.match.layers import ACCESS
from logscope.model import Hit
from logscope.rulebook.rule import Rule, Window

_MOST = 0.5
"""Share of the rejections right before which a server says that it begins a session, where it says so of all."""


class WorkedSessions:
    """The sessions of one reading that have worked: by their keys, which stay theirs, and by the surest capture that
    tells whose a line is, which may pass to others later or once the process has started anew."""

    def __init__(self, rule: Rule, processes: Processes) -> None:
        self._window = rule.detect.within or Window()
        self._processes = processes
        self._sure = connection_capture(rule)
        self._keys: set[Key] = set()
        self._latest: dict[str, Hit] = {}
        self._completed: dict[str, Hit] = {}  # by the connection that carried the very step
        self._over: dict[str, Hit] = {}  # by connection, what ended its session
        self._opened: dict[str, list[Hit]] = {}  # by stream, where a session began that no step is known of
        self._begins_all: set[str] = set()
        """Streams whose servers say that they begin a session also where they then reject its first request."""

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
        self._opened.setdefault(hit.stream, []).append(hit)

    def refuse(self, hit: Hit, captures: Mapping[str, str]) -> None:
        """Note that a request was refused for a reason of its own: what the server has begun for it is no session's."""
        if not self.before(hit, captures):
            self.opened(hit)

    def brought(self, hit: Hit, opened: Hit | None) -> bool:
        """Whether a rejected request brought the id of a session that the server does not know: it tells of each
        session that it begins, also of those it then rejects."""
        return opened is None and hit.layer == ACCESS and hit.stream in self._begins_all

    def learn(self, hits: Sequence[Hit], steps: Mapping[str, int], opened: int | None) -> None:
        """Learn which streams' servers tell that they begin a session also before they reject its first request: they
        do right before most rejections."""
        rejected: Counter[str] = Counter()
        begun: Counter[str] = Counter()
        told: dict[str, bool] = {}
        for hit in hits:
            step = steps.get(hit.role)
            if step == 0 and hit.layer == ACCESS:
                rejected[hit.stream] += 1
                begun[hit.stream] += told.get(hit.stream, False)
            if step is not None:
                told[hit.stream] = step == opened
        self._begins_all = {
            stream for stream, count in begun.items() if count and count >= rejected[stream] * _MOST
        }

    def opened(self, hit: Hit, since: int = 0) -> Hit | None:
        """The latest hit that told of a session of which no step was known so far, or the first one behind a line; this
        one is taken for its step."""
        begun = self._opened.get(hit.stream, [])
        behind = [one for one in begun if one.line > since] if since else []
        if behind and self._reached(behind[0], hit):
            begun.remove(behind[0])
            return behind[0]
        while begun:
            latest = begun.pop()
            if self._reached(latest, hit):
                return latest
        return None

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
