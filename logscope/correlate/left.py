"""Sessions that stop where others go on: completed, and then nothing more is told of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from logscope.correlate.marks import Place, place_of
from logscope.correlate.runs import Run
from logscope.rulebook.rule import Rule

_FEWEST, _PART = 2, 0.6
"""How many of the completed sessions take a usual step, at least, and which part of them."""


def tell_left(rule: Rule, runs: Sequence[Run], goal: int, marked: Collection[Place]) -> None:
    """Mark the completed runs that lack a usual step which a run completed later has taken; only steps count whose
    lines say whose they are: by what the rule names, or as `marked`."""
    outcomes, by = rule.detect.outcomes, frozenset(rule.detect.by)
    done = [run for run in runs if run.reached >= goal and not run.discarded]
    usual = [
        place for place, step in enumerate(rule.detect.steps) if outcomes and step.name in outcomes.usual
    ]
    for place in usual:
        took = [run for run in done if _takes(run, place, marked, by)]
        if len(took) < max(_FEWEST, _PART * len(done)):
            continue
        latest = max(_completed(run, goal) for run in took)
        numbers = {run.number for run in took}
        for run in done:
            if run.number not in numbers and _completed(run, goal) < latest:
                run.left = True


def _takes(run: Run, place: int, marked: Collection[Place], by: Collection[str]) -> bool:
    """Whether a run has taken a step, in a line that says whose it is."""
    return place in run.passed or any(
        step == place and (place_of(hit) in marked or any(name in by for name, _ in hit.captures))
        for step, hit in run.steps
    )


def _completed(run: Run, goal: int) -> int:
    """The line in which a run was completed."""
    return next(hit.line for step, hit in run.steps if step >= goal)
