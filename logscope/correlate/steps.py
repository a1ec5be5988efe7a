"""The steps of a sequence that hits show, and in which of their ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from logscope.model import Hit
from logscope.rulebook.parts import step_of, way_of
from logscope.rulebook.rule import Rule


def showing(hits: Iterable[Hit], step: str | None) -> list[Hit]:
    """Return the hits that show a step, in any of its ways."""
    return [hit for hit in hits if step_of(hit.role) == step]


def first_step(rule: Rule) -> str:
    """Return the name of the step with which a sequence begins."""
    return rule.detect.steps[0].name


def best_steps(hits: Iterable[Hit], steps: Mapping[str, int]) -> dict[str, int]:
    """By role, the step that it counts as: only the first of the ways that the source has counts for each step."""
    best: dict[str, str] = {}
    for role in sorted({hit.role for hit in hits} - {"between"}, key=way_of):
        best.setdefault(step_of(role), role)
    return {role: steps[name] for name, role in best.items()}


def first_way(rule: Rule, hits: Sequence[Hit]) -> int:
    """The best way in which hits show the first step: a server's lines name connections, a client's do not."""
    ways = [way_of(hit.role) for hit in showing(hits, first_step(rule))]
    return min(ways, default=len(rule.detect.steps[0].any))
