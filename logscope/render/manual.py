"""A rule as its manual page, in plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from logscope.neutral import one_line
from logscope.rulebook.rule import Cause, Option, Rule
from logscope.rulebook.texts import fill

WIDTH = 88


def manual_page(rule: Rule) -> str:
    """Return what a rule knows: what it finds, why it happens, what to do, how to check."""
    area = f"area {rule.area}, " if rule.area else ""
    lines = [f"{rule.id}: {rule.title}", f"severity {rule.severity}, {area}{rule.kind}"]
    if rule.tags:
        lines.append(f"tags {', '.join(rule.tags)}")
    lines = [one_line(line) for line in lines]
    for title, body in _sections(rule):
        if body:
            lines += ["", title, *body]
    return "\n".join(lines)


def _sections(rule: Rule) -> Iterator[tuple[str, list[str]]]:
    if rule.explain:
        yield "IMPACT", _wrapped(f"{rule.explain.impact.feature}: {rule.explain.impact.users}")
        yield "CAUSES", [line for cause in rule.explain.causes for line in _cause(cause)]
    yield "OPTIONS", [line for option in rule.resolve for line in _option(option)]
    checks = [f"{check.text} ({check.expect or 'left for a person'})" for check in rule.verify.checks]
    yield "CHECKS", _items(checks)
    fires = [f"fires {sample.fires}" if sample.fires else "stays quiet" for sample in rule.samples]
    yield (
        "SAMPLES",
        _items(f"{sample.name}: {what}" for sample, what in zip(rule.samples, fires, strict=True)),
    )
    yield "REFERENCES", [f"  {one_line(reference)}" for reference in rule.references]


def _cause(cause: Cause) -> list[str]:
    seen = " (the log can show this)" if cause.evidence or cause.unless else ""
    return _wrapped(f"{cause.id}: {cause.text}{seen}", "- ")


def _option(option: Option) -> list[str]:
    figures = f"priority {option.priority}, {option.effort}"
    title = _wrapped(f"{option.title}{_recommended(option)}: {figures}. {option.impact}", "- ")
    return title + [line for step in option.steps for line in _wrapped(step, "    * ")]


def _items(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in _wrapped(text, "- ")]


def _recommended(option: Option) -> str:
    if isinstance(option.recommended, str):
        return f" [recommended {option.recommended}]"
    return " [recommended]" if option.recommended else ""


def _wrapped(text: str, mark: str = "  ") -> list[str]:
    """Wrap a text of the rule, worded as where a log tells none of its captures."""
    return textwrap.wrap(
        one_line(fill(text, {})),
        WIDTH,
        initial_indent=f"  {mark}",
        subsequent_indent=" " * (len(mark) + 2),
        break_on_hyphens=False,
    )
