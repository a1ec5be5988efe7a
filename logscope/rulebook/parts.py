"""Every condition that a rule looks for, with its place in the file and the part it plays."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from logscope.rulebook.rule import Condition, Rule
from logscope.rulebook.usual import GIVEN_UP, announces_apart
from logscope.validation import KeyPath

_OWN = ("text", "regex", "exception", "leaf", "frame", "http", "fields", "any", "all")
"""Keys with which `detect` is a condition itself."""


_STEP = "step"
"""What begins the roles of steps."""
BEHIND = frozenset(("healed", "announced", "given-up"))
"""Roles of what is told behind a hit, never by it or before it, and tells of no failure."""


class Part(NamedTuple):
    """One condition of a rule."""

    path: KeyPath
    role: str
    """primary, also, often, between, after, missing, healed, announced, given-up, part, whole, cause:ID, cause:not
    ID, or step:NAME:N (N: its place among its ways)."""
    condition: Condition
    lazy: bool = False
    """Looked for only near a hit of the rule."""
    own: bool = False
    """Looked for only in the events of the rule's hits."""


def parts_of(rule: Rule) -> Iterator[Part]:
    """Yield the conditions of a rule, those of `detect` before those of causes."""
    detect = rule.detect
    if any(getattr(detect, name) for name in _OWN):
        yield Part(("detect",), "primary", detect)
    for name, role in (("also", "also"), ("often", "often"), ("none_between", "between")):
        for number, condition in enumerate(getattr(detect, name)):
            yield Part(("detect", name, number), role, condition)
    for name in ("after", "missing", "healed", "part", "whole"):
        condition = getattr(detect, name)
        if condition is not None:
            yield Part(("detect", name), name, condition, name == "healed")
    announced = announces_apart(detect)
    if announced is not None:
        yield Part(("detect", "incident", "retries"), "announced", announced, lazy=True)
    if detect.healed is not None:
        yield Part(("detect", "healed"), "given-up", GIVEN_UP, lazy=True)
    for number, step in enumerate(detect.steps):
        ways = [
            *(("any", *way) for way in enumerate(step.any)),
            *(("lazy", *way) for way in enumerate(step.lazy)),
        ]
        for place, (name, at, condition) in enumerate(ways):
            path = ("detect", "steps", number, name, at)
            yield Part(path, step_role(step.name, place), condition, name == "lazy")
    for number, cause in enumerate(rule.explain.causes if rule.explain else ()):
        keys = ("explain", "causes", number)
        if cause.evidence is not None:
            own = cause.evidence.own
            yield Part((*keys, "evidence"), f"cause:{cause.id}", cause.evidence, lazy=True, own=own)
        if cause.unless is not None:
            yield Part((*keys, "unless"), f"cause:{ruled_out(cause.id)}", cause.unless, lazy=True, own=True)


def step_role(step: str, way: int) -> str:
    """Return the role of one of the ways to see a step."""
    return f"{_STEP}:{step}:{way}"


@cache
def step_of(role: str) -> str:
    """Return the name of the step that a role is a way to see; empty for other roles."""
    kind, _, step = role.partition(":")
    return step.rpartition(":")[0] if kind == _STEP else ""


@cache
def way_of(role: str) -> int:
    """Return the place of a step's role among the ways to see it, the best first."""
    return int(role.rpartition(":")[2])


def ruled_out(cause: str) -> str:
    """Return the name under which is found what rules a cause out."""
    return f"not {cause}"
