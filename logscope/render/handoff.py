"""The brief for whoever continues, person or coding agent: where it stands, what is left, what is first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from logscope.render.figures import effects_of, open_findings
from logscope.render.mdtemplate import render_template
from logscope.render.parts import shorten, split_parts
from logscope.render.text import SEVERITIES, SEVERITY_LABEL, place
from logscope.report import AGAIN, CodeLocation, Report

CHARACTERS_PER_TOKEN = 4
"""A rough mean for English and code; no model's own tokenizer is asked."""
MAX_FOCUS = 3
"""Files that the first lines name."""


class Task(Struct, frozen=True):
    """One line of the TODO list."""

    number: int
    id: str
    """snake_case, unique in the brief."""
    title: str
    phase: str
    priority: str
    minutes: int | None
    """None where nobody can estimate it."""


class KeyFile(Struct, frozen=True):
    location: CodeLocation
    why: tuple[str, ...]
    """Titles of what passes through it."""


_PROOF = "Proof"
_Place = tuple[str, int | None, int | None]


def render(report: Report, *, max_tokens: int | None = None) -> str:
    """Return the brief; with `max_tokens` shortened by whole parts, least important first.

    A token is counted as four characters. The TLDR and the first action always stay.
    """
    tasks = list_tasks(report)
    primary, secondary = list_files(report)
    document = render_template(
        "handoff.md",
        report,
        tasks=tasks,
        focus=tuple(dict.fromkeys(file.location.file for file in primary))[:MAX_FOCUS],
        primary=primary,
        secondary=secondary,
        priority=_priority(report),
        open=open_findings(report),
        closed=tuple(finding for finding in report.findings if finding.status != "active"),
        first=next((task for task in tasks if task.phase not in (AGAIN, _PROOF)), None),
        first_step=_first_step(report),
        start_at=_start(report),
    )
    limit = None if max_tokens is None else max_tokens * CHARACTERS_PER_TOKEN
    return shorten(split_parts(document), limit, len, lambda left_out: _note(left_out, max_tokens or 0))


def list_tasks(report: Report) -> tuple[Task, ...]:
    """Return the TODO list in order: the plan, what did not fit, what needs a diagnosis, the proof."""
    planned = [(phase.name, item) for phase in report.plan.phases for item in phase.items]
    planned += [("Did not fit the budget", item) for item in report.plan.deferred]
    ids: dict[int, str] = {}
    for _, item in planned:
        ids[item.number] = _unique(_snake(item.option), ids.values())
    tasks = [
        Task(item.number, ids[item.number], item.title, phase, item.priority, item.effort_minutes)
        for phase, item in planned
    ]
    last = max((task.number for task in tasks), default=0)
    for offset, (identifier, title, phase, priority) in enumerate(_further_tasks(report), 1):
        tasks.append(Task(last + offset, _unique(identifier, ids.values()), title, phase, priority, None))
    return tuple(tasks)


def list_files(report: Report) -> tuple[tuple[KeyFile, ...], tuple[KeyFile, ...]]:
    """Return the files to work in: those of open findings, and the others; each place once, in order."""
    first: dict[_Place, tuple[CodeLocation, list[str]]] = {}
    other: dict[_Place, tuple[CodeLocation, list[str]]] = {}
    for is_open, title, locations in _located(report):
        for location in locations:
            key = (location.file, location.line, location.last_line)
            group = first if is_open or key in first else other
            _, titles = group.setdefault(key, (location, []))
            if title not in titles:
                titles.append(title)
    return _key_files(first), _key_files(other)


def _key_files(places: dict[_Place, tuple[CodeLocation, list[str]]]) -> tuple[KeyFile, ...]:
    return tuple(KeyFile(location, tuple(titles)) for location, titles in places.values())


def _located(report: Report) -> Iterator[tuple[bool, str, tuple[CodeLocation, ...]]]:
    for finding in sorted(report.findings, key=lambda item: item.status != "active"):
        yield finding.status == "active", finding.title, finding.code
    for number, item in enumerate(report.unexplained, 1):
        yield False, f"unexplained error {number}", item.code


def _further_tasks(report: Report) -> Iterator[tuple[str, str, str, str]]:
    """Yield id, title, phase and priority of work that no option covers."""
    for finding in open_findings(report):
        if not finding.options:
            title = f"Find the cause of: {finding.title}"
            yield f"diagnose_{_snake(finding.rule)}", title, "Diagnosis", "medium"
    if report.unexplained:
        yield "explain_unexplained_errors", "Find what the unexplained errors mean", "Diagnosis", "medium"
    if report.checks:
        yield "verify_with_new_log", "Run logscope on a log of the fixed version", _PROOF, "high"


def _first_step(report: Report) -> str:
    steps = [item.steps for phase in report.plan.phases if phase.name != AGAIN for item in phase.items]
    return steps[0][0] if steps and steps[0] else ""


def _start(report: Report) -> str:
    evidence = [finding.evidence for finding in open_findings(report)]
    evidence += [item.evidence for item in report.unexplained]
    return next((place(lines[0]) for lines in evidence if lines), "")


def _priority(report: Report) -> str:
    """The worst of what is open, and of what follows from it."""
    found = open_findings(report)
    effects = effects_of([finding.rule for finding in found], report)
    severities = {finding.severity for finding in (*found, *effects) if not finding.waiver}
    return next((SEVERITY_LABEL[name] for name in SEVERITIES if name in severities), "None: nothing is open")


def _snake(identifier: str) -> str:
    return re.sub(r"\W+", "_", identifier).strip("_").lower() or "task"


def _unique(identifier: str, taken: Iterable[str]) -> str:
    names = set(taken)
    numbered = (f"{identifier}_{count}" for count in range(2, len(names) + 3))
    return identifier if identifier not in names else next(name for name in numbered if name not in names)


def _note(left_out: str, max_tokens: int) -> str:
    return f"> **Left out** to stay within {max_tokens:,} tokens: {left_out}.\n\n"
