"""sequence: steps in order, per session, also where some lines carry no key and sessions interleave.

Each source is read by itself, and each step in one way only: the best that the source has (a server's access line and
its client's line are two views of one request). A hit with a key goes to the oldest run with that key which waits for
the step, a hit without one to the oldest run that waits for it: first come, first served.

With outcomes, each run that begins with the first step counts, and one that begins with the second is a session that
worked at once. A first step begins no run where its session, or its connection, has worked before; on a connection
that is tried again it belongs to the run that is there. Without outcomes the whole sequence is the problem: only runs
that take every required step count.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from operator import attrgetter

from logscope.correlate.connections import Connections, connection_capture, lapsed, of_another
from logscope.correlate.doubt import Doubt
from logscope.correlate.keys import own_fields
from logscope.correlate.left import tell_left
from logscope.correlate.listening import Line, listened
from logscope.correlate.marks import Marks, place_of, set_apart
from logscope.correlate.prepared import answered, prepare
from logscope.correlate.runs import Key, OpenRuns, Run
from logscope.correlate.servers import by_server, same_parts, same_sources, told_once
from logscope.correlate.views import KnownRuns
from logscope.correlate.windows import Processes, occurrences_in_order
from logscope.correlate.worked import WorkedSessions
from logscope.match.layers import ACCESS, CLIENT
from logscope.model import MARK, Hit, Occurrence, Outcome, RuleHits, SequenceFigures
from logscope.rulebook.rule import FIELDS, Outcomes, Rule

MAX_LANES = 50
"""Sessions told step by step; further ones are only counted."""
_LATELY = 32
"""Runs, the latest, that layers which tell in words may tell again."""
_NONE: frozenset[Key] = frozenset()


def correlate(index: int, rule: Rule, hits: Sequence[Hit], processes: Processes) -> RuleHits:
    runs, overlap, doubtful = _read(rule, hits, processes)
    outcomes = rule.detect.outcomes
    names = [step.name for step in rule.detect.steps]
    if outcomes is None:
        goal = max(place for place, step in enumerate(rule.detect.steps) if not step.optional)
        return RuleHits(index, _occurrences([run for run in runs if run.reached >= goal]))
    goal = names.index(outcomes.complete)
    done = [run for run in runs if run.reached >= goal]
    proven = {value for run in done for _, hit in run.steps for value in _unproven(hit, outcomes)}
    runs = [run for run in runs if run.reached >= goal or _holds(run, outcomes, proven)]
    rejected = [run for run in runs if run.rejected]
    # what is told in words may be told of in others once it works
    unheard = not done and all(run.first.layer not in (ACCESS, CLIENT) for run in runs)
    recovered = sum(not run.left for run in done if run.rejected)
    figures = SequenceFigures(
        sessions=len(runs),
        rejected_first=len(rejected),
        recovered=recovered,
        stalled=len(rejected) - recovered,
        ambiguous=doubtful
        or unheard
        or (overlap and (recovered < len(rejected) or len(rejected) < len(runs))),
    )
    lanes = _lanes(runs[:MAX_LANES], names, goal)
    return RuleHits(index, _occurrences(rejected), figures if rejected else None, lanes=lanes)


def _read(rule: Rule, hits: Sequence[Hit], processes: Processes) -> tuple[list[Run], bool, bool]:
    """Return the runs of all sources, each once, whether a line could go to several of them, and whether more than one
    reading is possible even where each has recovered."""
    hits, marks = set_apart(hits) if rule.detect.outcomes else (hits, {})
    hits = answered(rule, rule.detect.outcomes, hits) if rule.detect.outcomes else hits
    hits, going_on = listened(rule, hits)
    parts = _parts(rule, hits)
    same = same_parts(rule, parts, processes)
    known = KnownRuns(processes, same_sources(parts, same))
    runs: list[Run] = []
    overlap = doubtful = False
    readings = [_Reading(rule, processes, part, marks, going_on) for part in told_once(rule, parts, same)]
    # first those whose lines tell sessions apart
    for reading in sorted(readings, key=lambda reading: not reading.marked):
        fresh = [run for run in reading.runs if run.discarded or not known.knows(run)]
        known.add(fresh)
        runs += [run for run in fresh if not run.discarded]
        overlap = overlap or reading.ambiguous
        doubtful = doubtful or reading.torn or reading.doubt.raised
    return runs, overlap, doubtful


def _occurrences(runs: Sequence[Run]) -> tuple[Occurrence, ...]:
    return occurrences_in_order([Occurrence(tuple([hit for _, hit in run.steps])) for run in runs])


def _parts(rule: Rule, hits: Sequence[Hit]) -> list[list[Hit]]:
    """Return hits by source, and within it by the fields that `by` names and by server."""
    fields = [name for name in rule.detect.by if name in FIELDS]
    parts: dict[tuple[int, tuple[str, ...]], list[Hit]] = defaultdict(list)
    for hit in hits:
        own = own_fields(hit) if fields else {}
        parts[hit.source, tuple([own[name] for name in fields])].append(hit)
    return [part for key in sorted(parts) for part in by_server(rule, parts[key])]


def _keys(by: frozenset[str], captures: Mapping[str, str]) -> frozenset[Key]:
    if by.isdisjoint(captures):
        return _NONE
    return frozenset([(name, captures[name]) for name in by if captures.get(name)])


def _unproven(hit: Hit, outcomes: Outcomes) -> list[Key]:
    return [(name, value) for name, value in hit.captures if name in outcomes.unproven]


def _several(names: Sequence[str], hits: Sequence[Hit]) -> tuple[str, ...]:
    """The captures of which hits show more than one value."""
    told = {pair for hit in hits for pair in hit.captures if pair[0] in names}
    return tuple(name for name in names if sum(own == name for own, _ in told) > 1)


def _holds(run: Run, outcomes: Outcomes, proven: set[Key]) -> bool:
    return not run.only_if_completed and proven.issuperset(_unproven(run.first, outcomes))


def _lanes(
    runs: Sequence[Run], names: Sequence[str], goal: int
) -> tuple[tuple[str, Outcome, tuple[tuple[str, Hit], ...]], ...]:
    """Return (session, outcome, steps) per run."""
    lanes: list[tuple[str, Outcome, tuple[tuple[str, Hit], ...]]] = []
    for run in runs:
        outcome: Outcome = "recovered" if run.reached >= goal and not run.left else "stalled"
        _, key = min(((name.startswith(MARK), value) for name, value in run.keys), default=(False, ""))
        steps = tuple((names[i], hit) for i, hit in run.steps)
        lanes.append((key, outcome if run.rejected else "first-try", steps))
    return tuple(lanes)


class _Reading:
    """One source's hits, read in order into runs."""

    def __init__(
        self,
        rule: Rule,
        processes: Processes,
        hits: Sequence[Hit],
        marks: Marks,
        going_on: frozenset[Line],
    ) -> None:
        self.rule = rule
        self.going_on = going_on
        self.steps = {step.name: place for place, step in enumerate(rule.detect.steps)}
        self.runs: list[Run] = []
        self.open = OpenRuns(rule, processes)
        self.worked = WorkedSessions(rule, processes)
        self.sure = connection_capture(rule)
        self.ambiguous = False
        self.doubt = Doubt(rule)
        self.answered: dict[str, int] = {}
        """By connection, the last line that told of an answer to the session it carries."""
        self.told_lately: deque[Run] = deque(maxlen=_LATELY)
        """Runs whose first step was told in words."""
        outcomes = rule.detect.outcomes
        self.goal = self.steps[outcomes.complete] if outcomes else len(self.steps)
        self.over = self.steps[outcomes.over] if outcomes and outcomes.over else None
        self.opened = self.steps[outcomes.opened] if outcomes and outcomes.opened else None
        self.refused = self.steps[outcomes.refused] if outcomes and outcomes.refused else None
        self.unproven = frozenset(outcomes.unproven if outcomes else ())
        self.doubtful = False
        """Whether any run has begun that may be none."""
        hits, steps, self.marked, self.stateless, self.torn = prepare(
            rule, hits, marks, self.steps, self.goal
        )
        self.apart = _several(outcomes.apart if outcomes else (), hits)
        self.worked.learn(hits, steps, self.opened)
        connections = self._connections(hits, steps)
        self.keeping, self.tries, self.single = connections.keeping, connections.tries, connections.single
        self.spare, self.surely = connections.spare, connections.surely
        by = frozenset(rule.detect.by)
        for hit in hits:
            captures = connections.told(dict(hit.captures))
            keys = _keys(by, captures)
            if own := self.marked.get(place_of(hit)):
                keys |= {own}
            if hit.role == "between":
                self.open.end(keys)
            elif hit.role in steps:
                self._read(steps[hit.role], hit, captures, keys)
        self.ambiguous = self.ambiguous or self._goes_on(connections)
        tell_left(rule, self.runs, self.goal, self.marked)

    def _connections(self, hits: Sequence[Hit], steps: Mapping[str, int]) -> Connections:
        """What the clients do with their connections; nothing where one capture at most tells whose a line is."""
        detect, by = self.rule.detect, frozenset(self.rule.detect.by)
        connections = Connections(self.rule, self.goal)
        for hit in hits if detect.outcomes and len(detect.like) > 1 else ():
            if hit.role in steps and (hit.source, hit.line) not in self.going_on:
                captures = dict(hit.captures)
                connections.read(steps[hit.role], hit, captures, _keys(by, captures))
        return connections

    def _goes_on(self, connections: Connections) -> bool:
        """Whether a run stalled whose rejection may be of the session with which its client goes on."""
        within = connections.within
        return any(
            run.reached == 0 and not run.discarded and place_of(run.first) in within for run in self.runs
        )

    def _read(self, step: int, hit: Hit, captures: dict[str, str], keys: frozenset[Key]) -> None:
        self.open.leave(hit)
        if self._aside(step, hit, captures):
            return
        if step == 0:
            self._read_first(hit, captures, keys)
            return
        if step > self.goal and (connection := captures.get(self.sure)):
            self.answered[connection] = hit.line
            if rejected := self.open.tried(captures, _NONE, self.sure):
                self.doubt.answered(rejected)
        known = self.open.of(keys) if keys else []
        if step == self.goal:
            known = [run for run in known if not run.differs(keys)]
        run = next((run for run in known if self.open.waits(run, step)), None)
        if known and run is None:  # told again, or out of order
            for one in known:
                one.passed |= {step}
            return
        waiting = [run] if run else self.open.waiting(step, captures, unclaimed=bool(keys))
        opened = None
        if step == self.goal:
            since = min((one.last.line for one in waiting if one.rejected), default=0)
            opened = self.worked.opened(hit, since)
        if not keys and step == self.goal and self.worked.complete(hit, captures) and not opened:
            return  # told again, or a further one of its session
        waiting = waiting if run else self._own(waiting, step, hit, captures, opened)
        if step > self.goal and waiting:  # what they have done since, lines of their own have told
            furthest = max(one.reached for one in waiting)
            waiting = [one for one in waiting if one.reached == furthest]
        run = min(waiting, key=attrgetter("number"), default=None)
        if step >= self.goal:
            if run is not None and step == self.goal and run not in known:
                self.doubt.completes(run, hit, captures, waiting)
            self.doubt.goes_on(hit, captures)
        if run is not None:
            self.open.step(run, step, hit, keys, captures)
        elif step == 1 and self.rule.detect.outcomes and (hit.source, hit.line) not in self.going_on:
            run = self._begin(step, hit, captures, keys)
        if run is not None and step >= self.goal:
            self.worked.add(run, hit, captures if step == self.goal else {})

    def _aside(self, step: int, hit: Hit, captures: dict[str, str]) -> bool:
        """Take up a step that belongs to no run, if it is one."""
        if step == self.over:
            self.worked.end(hit, captures)
        elif step == self.opened:
            self.worked.open(hit)
        elif step == self.refused:
            self.worked.refuse(hit, captures)
        else:
            return False
        return True

    def _read_first(self, hit: Hit, captures: dict[str, str], keys: frozenset[Key]) -> None:
        """A first step begins a run, or tries again; where its session or connection has worked, it is none."""
        goes_on = self.worked.before(hit, captures)
        opened = self.worked.opened(hit) if hit.stream in self.spare or not goes_on else None
        if (goes_on and not opened) or self.worked.known(keys) or self.worked.brought(hit, opened):
            told = self._add(0, hit, _NONE, {})
            told.discarded = True  # no session's, also where another source tells it
            return
        again = None
        if self.rule.detect.outcomes:
            again = self._tried(hit, captures, keys) or self._told(hit, captures, keys)
        if again is not None:
            self.open.step(again, 0, hit, keys, captures)
            self.doubt.rejected(again, captures)
        else:
            begun = self._begin(0, hit, captures, keys)
            self.doubt.rejected(begun, captures)
            if hit.layer not in (ACCESS, CLIENT):
                self.told_lately.append(begun)
            begun.only_if_completed = self.worked.over(hit, captures) and not opened

    def _tried(self, hit: Hit, captures: dict[str, str], keys: frozenset[Key]) -> Run | None:
        """The run that a first step tries again: over its connection, or from its client where that tells as much."""
        again = self.open.tried(captures, keys, self.tries(captures))
        if again is None and self._single(captures):
            again = self.open.tried(captures, _NONE, self.rule.detect.like[-1])
            again = again if again is not None and lapsed(again, hit) else None
        return again

    def _single(self, captures: Mapping[str, str]) -> bool:
        """Whether a line is of a client that completes one session."""
        like = self.rule.detect.like
        return bool(like) and captures.get(like[-1]) in self.single

    def _told(self, hit: Hit, captures: dict[str, str], keys: frozenset[Key]) -> Run | None:
        """The oldest run whose first step other layers have told in words just before, and the hit's has not."""
        window = self.rule.detect.incident
        lately = self.told_lately if hit.layer not in (ACCESS, CLIENT) else ()
        told = (run for run in lately if run.likes and run.told_beside(hit, captures, window))
        return next((run for run in told if not run.differs(keys)), None)

    def _begin(self, step: int, hit: Hit, captures: dict[str, str], keys: frozenset[Key]) -> Run:
        run = self._add(step, hit, keys, captures)
        run.discarded = hit.layer == ACCESS and hit.stream in self.stateless
        self.doubtful = self.doubtful or (step == 0 and not self.unproven.isdisjoint(captures))
        self.open.add(run)
        return run

    def _add(self, step: int, hit: Hit, keys: frozenset[Key], captures: dict[str, str]) -> Run:
        self.runs.append(Run(len(self.runs), step, hit, keys, captures))
        return self.runs[-1]

    def _own(
        self, waiting: list[Run], step: int, hit: Hit, captures: dict[str, str], opened: Hit | None
    ) -> list[Run]:
        """Those of the runs that wait for a step which a hit may belong to; what the server had begun before a run was
        rejected is another one's."""
        if opened is not None:
            waiting = [run for run in waiting if not self._begun_before(opened, run, captures)]
        if step == self.goal:
            waiting = [run for run in waiting if not self._answered_before(run, captures)]
        if self.doubtful or self.apart:
            waiting = [run for run in waiting if self._may_be(run, captures)]
        if self.keeping and step <= self.goal:
            other = [run for run in waiting if of_another(self.rule, run, captures, self.keeping)]
            if self._single(captures):
                other = [run for run in other if not lapsed(run, hit)]
            sure = captures.get(self.rule.detect.like[-1]) in self.surely
            self.ambiguous = self.ambiguous or any(not sure or lapsed(run, hit) for run in other)
            left_out = {run.number for run in other}
            waiting = [run for run in waiting if run.number not in left_out]
        if len(waiting) > 1 and step <= self.goal:
            waiting = self.doubt.likely(waiting, hit, captures)
            self.ambiguous = self.ambiguous or self.doubt.open(waiting)
        return waiting

    def _begun_before(self, opened: Hit, run: Run, captures: Mapping[str, str]) -> bool:
        """Whether a session had begun before a run was rejected, and no connection, nor client, tells whose it is."""
        same = self.sure in captures and captures[self.sure] == run.captures.get(self.sure)
        return not same and not self._single(captures) and opened.line < run.last.line

    def _answered_before(self, run: Run, captures: Mapping[str, str]) -> bool:
        """Whether what another connection than a run's carries had been answered before the run was rejected, and not
        since: it is a session of its own."""
        connection = captures.get(self.sure, "")
        other = run.captures.get(self.sure, connection) != connection
        return other and run.rejected and self.answered.get(connection, run.last.line) < run.last.line

    def _may_be(self, run: Run, captures: Mapping[str, str]) -> bool:
        """Whether no unproven capture of a run's rejection, and no server that it asks, says that a line with other
        captures is somebody else's."""
        told = [pair for pair in run.first.captures if pair[0] in self.unproven] if run.rejected else []
        told += [(name, run.captures[name]) for name in self.apart if name in run.captures]
        return all(captures.get(name, value) == value for name, value in told)
