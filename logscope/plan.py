"""From findings to a costed plan: one option each, shared fixes counted once, in an order that can be followed."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from logscope.budget import fit
from logscope.model import Severity
from logscope.report import AGAIN, Alternative, Option, Phase, Plan, PlanItem, PlanPart

PHASES = ("Quick wins", "This week", "Later", AGAIN)
QUICK_MINUTES = dict.fromkeys(Severity, 30) | {Severity.HIGH: 60, Severity.CRITICAL: 120}
WEEK_MINUTES = 240
REVIEW_DAYS = {"Quick wins": 1, "This week": 7, "Later": 30}

_PRIORITY = {"high": 0, "medium": 1, "low": 2}
_WEIGHT = {"critical": 100.0, "high": 40.0, "medium": 15.0, "low": 5.0, "info": 1.0}
_SETTLED = 0.25
"""What a finding that healed by itself, or follows from another one, is worth beside an active one."""


class Candidate(Struct, frozen=True):
    """A finding as the plan sees it; `status` as in `Finding`, `depth` causes lie before it in a chain."""

    rule: str
    severity: str
    occurrences: int
    status: str
    options: tuple[Option, ...]
    depth: int = 0


class _Job(Struct, frozen=True):
    """A fix with all that it resolves."""

    key: str
    option: Option
    findings: tuple[str, ...]
    parts: tuple[PlanPart, ...]
    severity: int
    depth: int
    priority: int
    occurrences: int
    effort: int
    settled: bool
    """Nothing active needs it."""
    value: float
    requires: frozenset[str]
    phase: int = 0

    @property
    def rank(self) -> tuple[object, ...]:
        return (
            self.phase,
            self.settled,
            -self.severity,
            self.depth,
            self.priority,
            -self.occurrences,
            self.effort,
            self.key,
        )


_Place = tuple[Candidate, Option]


def build_plan(candidates: Iterable[Candidate], *, budget_minutes: int | None, generated: datetime) -> Plan:
    """Return the plan for all candidates, in whatever order they come.

    With `budget_minutes` it holds the most valuable set that fits, everything else stands in `deferred`. What only
    findings need that follow from others or healed by themselves is in no total, and costs no budget.
    A finding whose options all conflict with those of worse findings has no item; its options are alternatives.
    """
    ordered = sorted(candidates, key=_candidate_order)
    book = _Book(ordered)
    jobs = _phased(_jobs(ordered, _choose(ordered, book), book))
    kept = _kept(jobs, budget_minutes)
    now, later = _sorted_jobs(jobs, kept), _sorted_jobs(jobs, set(jobs) - kept, done=kept)
    numbers = {key: number for number, key in enumerate([*now, *later], 1)}
    phases = tuple(
        Phase(name, sum(jobs[key].effort for key in keys), tuple(_item(jobs[key], numbers) for key in keys))
        for place, name in enumerate(PHASES)
        if (keys := [key for key in now if jobs[key].phase == place])
    )
    return Plan(
        phases=phases,
        total_minutes=sum(phase.total_minutes for phase in phases if phase.name != AGAIN),
        alternatives=tuple(_alternatives(ordered, jobs)),
        next_review=_next_review(phases, generated),
        budget_minutes=budget_minutes,
        deferred=tuple(_item(jobs[key], numbers) for key in later),
    )


def _kept(jobs: Mapping[str, _Job], budget: int | None) -> set[str]:
    """Return what is planned: all that fits the budget, and all that costs none and needs nothing else."""
    if budget is None:
        return set(jobs)
    kept = fit({key: job for key, job in jobs.items() if not job.settled}, budget)
    for key, job in jobs.items():  # each behind what it requires
        if job.settled and job.requires <= kept:
            kept.add(key)
    return kept


def _candidate_order(candidate: Candidate) -> tuple[object, ...]:
    return (
        ("active", "consequence", "recovered").index(candidate.status),
        -Severity.parse(candidate.severity),
        -candidate.occurrences,
        candidate.rule,
    )


def _key(candidate: Candidate, option: Option) -> str:
    return option.fix or f"{candidate.rule}/{option.id}"


def _choose(ordered: Sequence[Candidate], book: _Book) -> dict[str, list[_Place]]:
    """Return what is done, by key, with the findings that it was chosen for (none: only required)."""
    chosen: dict[str, list[_Place]] = {}
    needed: dict[str, _Place] = {}
    for candidate in ordered:
        if candidate.status == "consequence":
            shared = next((o for o in candidate.options if _key(candidate, o) in chosen), None)
            if shared:
                chosen[_key(candidate, shared)].append((candidate, shared))
                continue
        for option in _preferred(candidate):
            wanted = book.with_requirements(candidate, option)
            taken = {**needed, **{key: places[0] for key, places in chosen.items() if places}}
            if not book.conflict(wanted, taken):
                needed |= wanted
                chosen.setdefault(_key(candidate, option), []).append((candidate, option))
                break
    return {key: chosen.get(key, []) for key in needed} | chosen


def _preferred(candidate: Candidate) -> list[Option]:
    return sorted(
        candidate.options,
        key=lambda o: (not o.recommended, _PRIORITY[o.priority], o.effort_minutes, o.id),
    )


class _Book:
    """All options of a plan, found by the names that options call each other."""

    def __init__(self, ordered: Sequence[Candidate]) -> None:
        self._names: dict[str, _Place] = {}
        for candidate in ordered:
            for option in candidate.options:
                for name in (option.fix, f"{candidate.rule}/{option.id}", option.id):
                    self._names.setdefault(name, (candidate, option))

    def find(self, candidate: Candidate, name: str) -> _Place | None:
        """Return the option that `name` means for this finding: its own first; None where it is not in play."""
        own = next(((candidate, option) for option in candidate.options if option.id == name), None)
        return own or self._names.get(name)

    def required(self, place: _Place) -> dict[str, _Place]:
        """Return what an option requires directly, by key."""
        found = [self.find(place[0], name) for name in place[1].requires]
        return {_key(*other): other for other in found if other and _key(*other) != _key(*place)}

    def with_requirements(self, candidate: Candidate, option: Option) -> dict[str, _Place]:
        """Return the option with everything it requires, directly or not, by key."""
        found: dict[str, _Place] = {}
        open_places = [(candidate, option)]
        while open_places:
            place = open_places.pop()
            if _key(*place) not in found:
                found[_key(*place)] = place
                open_places += self.required(place).values()
        return found

    def conflict(self, wanted: Mapping[str, _Place], taken: Mapping[str, _Place]) -> bool:
        """Say whether something wanted excludes, or is excluded by, something else wanted or taken."""
        everything = {**taken, **wanted}
        return any(
            key != other and (self._excludes(place, other) or self._excludes(everything[other], key))
            for key, place in wanted.items()
            for other in everything
        )

    def _excludes(self, place: _Place, key: str) -> bool:
        found = (self.find(place[0], name) for name in place[1].conflicts_with)
        return any(other is not None and _key(*other) == key for other in found)


def _jobs(ordered: Sequence[Candidate], chosen: Mapping[str, list[_Place]], book: _Book) -> dict[str, _Job]:
    owners = {_key(c, o): (c, o) for c in reversed(ordered) for o in c.options}
    jobs: dict[str, _Job] = {}
    for key, places in chosen.items():
        own = places or [owners[key]]
        served, versions = zip(*own, strict=True)
        requires = {name for place in own for name in book.required(place)}
        jobs[key] = _Job(
            key=key,
            option=versions[0],
            findings=tuple(dict.fromkeys(one.rule for one in served)),
            parts=tuple(_parts(versions[0], own[1:])),
            severity=max(Severity.parse(one.severity) for one in served),
            depth=min(one.depth for one in served),
            priority=min(_PRIORITY[version.priority] for version in versions),
            occurrences=sum(one.occurrences for one in served),
            effort=max(version.effort_minutes for version in versions),
            settled=all(one.status != "active" for one in served),
            value=sum(_value(candidate) for candidate, _ in places),
            requires=frozenset(requires & chosen.keys()) - {key},
        )
    return _without_cycles(jobs)


def _parts(option: Option, places: Iterable[_Place]) -> Iterator[PlanPart]:
    """Yield what the other findings' versions of a fix ask that was not said before."""
    said = set(option.steps)
    for candidate, version in places:
        if steps := tuple(step for step in version.steps if step not in said):
            yield PlanPart(candidate.rule, version.title, steps)
            said.update(steps)


def _value(candidate: Candidate) -> float:
    weight = _WEIGHT[candidate.severity] * (1 + math.log2(max(candidate.occurrences, 1)))
    return weight if candidate.status == "active" else weight * _SETTLED


def _without_cycles(jobs: Mapping[str, _Job]) -> dict[str, _Job]:
    """Return the jobs in an order in which each stands behind what it requires; a circle is cut at its end."""
    done: dict[str, _Job] = {}
    for start in sorted(jobs, key=lambda key: jobs[key].rank):
        stack = [(start, iter(sorted(jobs[start].requires)))]
        path = {start}
        while stack and start not in done:
            key, rest = stack[-1]
            following = next((name for name in rest if name not in done and name not in path), None)
            if following is not None:
                stack.append((following, iter(sorted(jobs[following].requires))))
                path.add(following)
                continue
            stack.pop()
            path.discard(key)
            done[key] = replace(jobs[key], requires=jobs[key].requires & done.keys())
    return done


def _phased(jobs: Mapping[str, _Job]) -> dict[str, _Job]:
    """Return the jobs with phases: what others require is as urgent as they are, and never stands behind them."""
    urgent = dict(jobs)
    for key in reversed(list(jobs)):
        for name in jobs[key].requires:
            urgent[name] = replace(
                urgent[name],
                severity=max(urgent[name].severity, urgent[key].severity),
                priority=min(urgent[name].priority, urgent[key].priority),
                settled=urgent[name].settled and urgent[key].settled,
            )
    phased: dict[str, _Job] = {}
    for key, job in urgent.items():
        earliest = max((phased[name].phase for name in job.requires), default=0)
        phased[key] = replace(job, phase=max(earliest, _phase(job)))
    return phased


def _phase(job: _Job) -> int:
    critical = job.severity == Severity.CRITICAL
    if job.settled:
        return 3
    if job.severity == Severity.INFO or (job.effort > WEEK_MINUTES and not critical):
        return 2
    matters = job.priority < _PRIORITY["low"] or critical
    return 0 if job.effort <= QUICK_MINUTES[Severity(job.severity)] and matters else 1


def _sorted_jobs(jobs: Mapping[str, _Job], keys: Collection[str], done: Collection[str] = ()) -> list[str]:
    """Return `keys` in implementation order: by rank, and never before what they require."""
    left, ordered = set(keys), list[str]()
    while left:
        before = {*done, *ordered}
        ready = (key for key in left if jobs[key].requires <= before)
        ordered.append(min(ready, key=lambda key: jobs[key].rank))
        left.discard(ordered[-1])
    return ordered


def _item(job: _Job, numbers: Mapping[str, int]) -> PlanItem:
    return PlanItem(
        number=numbers[job.key],
        option=job.option.id,
        title=job.option.title,
        findings=job.findings,
        effort_minutes=job.effort,
        priority=next(name for name, place in _PRIORITY.items() if place == job.priority),
        severity=Severity(job.severity).label,
        steps=job.option.steps,
        requires=tuple(sorted(numbers[name] for name in job.requires)),
        parts=job.parts,
    )


def _alternatives(ordered: Sequence[Candidate], jobs: Mapping[str, _Job]) -> Iterator[Alternative]:
    for candidate in ordered:
        for option in candidate.options:
            if _key(candidate, option) not in jobs:
                yield Alternative(
                    candidate.rule, option.id, option.title, option.effort_minutes, option.priority
                )


def _next_review(phases: Sequence[Phase], generated: datetime) -> str:
    """Return when to look again, as one sentence with dates."""
    if not phases:
        return f"Nothing is planned: look again by {generated + timedelta(days=30):%Y-%m-%d}."
    dates = [
        (phase.name, generated + timedelta(days=REVIEW_DAYS[phase.name]))
        for phase in phases
        if phase.name in REVIEW_DAYS
    ]
    if not dates:
        return f"Nothing is to be done now: look again by {generated + timedelta(days=30):%Y-%m-%d}."
    first, *rest = [f"“{name}”, by {date:%Y-%m-%d}" for name, date in dates]
    return "; ".join([f"After the phase {first}", *(f"again after {text}" for text in rest)]) + "."
