"""Which jobs a budget of minutes is best spent on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Protocol

EXACT_WORK = 4_000_000
"""Table cells that an exact choice may cost; beyond, where many jobs require others, the best value per minute is taken
first."""


class Job(Protocol):
    """What the choice needs to know of a job."""

    @property
    def key(self) -> str: ...
    @property
    def effort(self) -> int: ...
    @property
    def value(self) -> float: ...
    @property
    def requires(self) -> frozenset[str]: ...
    @property
    def rank(self) -> tuple[Any, ...]: ...


def fit(jobs: Mapping[str, Job], budget: int) -> set[str]:
    """Return the most valuable set that costs at most `budget` minutes and holds what its members require."""
    roots = sorted({name for job in jobs.values() for name in job.requires})
    work = len(jobs) * (budget + 1) << min(len(roots), 30)
    if sum(job.effort for job in jobs.values()) <= budget:
        return set(jobs)
    if work > EXACT_WORK:
        return _fit_greedy(jobs, budget)
    best: tuple[float, int, list[str]] = (0.0, 0, [])
    for held in _closed_sets(jobs, roots):
        room = budget - sum(jobs[name].effort for name in held)
        if room < 0:
            continue
        leaves = [job for key, job in jobs.items() if key not in roots and job.requires <= held]
        found = _knapsack(sorted(leaves, key=lambda job: job.rank), room)
        total = [*sorted(held), *found]
        value = math.fsum(jobs[key].value for key in total)
        cost = sum(jobs[key].effort for key in total)
        if (value, -cost) > (best[0], -best[1]):
            best = value, cost, total
    return set(best[2])


def _closed_sets(jobs: Mapping[str, Job], roots: Sequence[str]) -> Iterator[frozenset[str]]:
    for size in range(len(roots) + 1):
        for names in combinations(roots, size):
            held = frozenset(names)
            if all(jobs[name].requires <= held for name in names):
                yield held


def _knapsack(jobs: Sequence[Job], room: int) -> list[str]:
    step = math.gcd(*(job.effort for job in jobs)) or 1
    size = room // step
    table: list[tuple[float, int, tuple[str, ...]]] = [(0.0, 0, ())] * (size + 1)
    for job in jobs:
        cost = job.effort // step
        for place in range(size, cost - 1, -1):
            value, spent, keys = table[place - cost]
            offer = (value + job.value, spent - job.effort)
            if offer > table[place][:2]:
                table[place] = (*offer, (*keys, job.key))
    return list(table[size][2])


def _fit_greedy(jobs: Mapping[str, Job], budget: int) -> set[str]:
    kept: set[str] = set()
    for key in sorted(
        jobs, key=lambda name: (-jobs[name].value / max(jobs[name].effort, 1), jobs[name].rank)
    ):
        wanted, names = {key}, [key]
        while names:
            more = jobs[names.pop()].requires - wanted
            wanted |= more
            names += more
        if sum(jobs[name].effort for name in wanted | kept) <= budget:
            kept |= wanted
    return kept
