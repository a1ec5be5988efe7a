"""From findings to a costed plan: one option each, shared fixes counted once, in an order that can be followed."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

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

    @property
    def phase(self) -> int:
        """Place in `PHASES`."""
        critical = self.severity == Severity.CRITICAL
        if self.settled:
            return 3
        if self.severity == Severity.INFO or (self.effort > WEEK_MINUTES and not critical):
            return 2
        matters = self.priority < _PRIORITY["low"] or critical
        return 0 if self.effort <= QUICK_MINUTES[Severity(self.severity)] and matters else 1

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
    """
    ordered = sorted(candidates, key=_candidate_order)
    jobs = {key: _job(key, places) for key, places in _choose(ordered).items()}
    ranked = sorted(jobs.values(), key=lambda job: job.rank)
    kept = jobs.keys() if budget_minutes is None else fit(ranked, budget_minutes)
    now, later = [job for job in ranked if job.key in kept], [job for job in ranked if job.key not in kept]
    numbers = {job.key: number for number, job in enumerate([*now, *later], 1)}
    phases = tuple(
        Phase(name, sum(job.effort for job in own), tuple(_item(job, numbers[job.key]) for job in own))
        for place, name in enumerate(PHASES)
        if (own := [job for job in now if job.phase == place])
    )
    return Plan(
        phases=phases,
        total_minutes=sum(phase.total_minutes for phase in phases if phase.name != AGAIN),
        alternatives=tuple(_alternatives(ordered, jobs)),
        next_review=_next_review(phases, generated),
        budget_minutes=budget_minutes,
        deferred=tuple(_item(job, numbers[job.key]) for job in later),
    )


def fit(jobs: Sequence[_Job], budget: int) -> set[str]:
    """Return the keys of the most valuable jobs that cost at most `budget` minutes together; what is for nothing
    active costs none."""
    costly = [job for job in jobs if not job.settled]
    step = math.gcd(*(job.effort for job in costly)) or 1
    size = min(budget, sum(job.effort for job in costly)) // step
    table: list[tuple[float, int, tuple[str, ...]]] = [(0.0, 0, ())] * (size + 1)
    for job in costly:
        cost = job.effort // step
        for place in range(size, cost - 1, -1):
            value, spent, keys = table[place - cost]
            offer = (value + job.value, spent - job.effort)
            if offer > table[place][:2]:
                table[place] = (*offer, (*keys, job.key))
    return {*table[size][2], *(job.key for job in jobs if job.settled)}


def _candidate_order(candidate: Candidate) -> tuple[object, ...]:
    return (
        ("active", "consequence", "recovered").index(candidate.status),
        -Severity.parse(candidate.severity),
        -candidate.occurrences,
        candidate.rule,
    )


def _key(candidate: Candidate, option: Option) -> str:
    return option.fix or f"{candidate.rule}/{option.id}"


def _choose(ordered: Sequence[Candidate]) -> dict[str, list[_Place]]:
    """Return what is done, by key, with the findings that it is for; of a consequence's options what is done anyway."""
    chosen: dict[str, list[_Place]] = {}
    for candidate in ordered:
        shared = [option for option in candidate.options if _key(candidate, option) in chosen]
        options = shared[:1] if shared and candidate.status == "consequence" else _preferred(candidate)
        for option in options[:1]:
            chosen.setdefault(_key(candidate, option), []).append((candidate, option))
    return chosen


def _preferred(candidate: Candidate) -> list[Option]:
    return sorted(
        candidate.options,
        key=lambda o: (not o.recommended, _PRIORITY[o.priority], o.effort_minutes, o.id),
    )


def _job(key: str, places: Sequence[_Place]) -> _Job:
    served, versions = zip(*places, strict=True)
    return _Job(
        key=key,
        option=versions[0],
        findings=tuple(dict.fromkeys(one.rule for one in served)),
        parts=tuple(_parts(versions[0], places[1:])),
        severity=max(Severity.parse(one.severity) for one in served),
        depth=min(one.depth for one in served),
        priority=min(_PRIORITY[version.priority] for version in versions),
        occurrences=sum(one.occurrences for one in served),
        effort=max(version.effort_minutes for version in versions),
        settled=all(one.status != "active" for one in served),
        value=sum(map(_value, served)),
    )


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


def _item(job: _Job, number: int) -> PlanItem:
    return PlanItem(
        number=number,
        option=job.option.id,
        title=job.option.title,
        findings=job.findings,
        effort_minutes=job.effort,
        priority=next(name for name, place in _PRIORITY.items() if place == job.priority),
        severity=Severity(job.severity).label,
        steps=job.option.steps,
        parts=job.parts,
    )


def _alternatives(ordered: Sequence[Candidate], jobs: Collection[str]) -> Iterator[Alternative]:
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
