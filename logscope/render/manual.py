"""A rule as its manual page, in plain text."""

from __future__ import annotations

import textwrap

from logscope.neutral import one_line
from logscope.rulebook.rule import Option, Rule
from logscope.rulebook.texts import fill

WIDTH = 88


def manual_page(rule: Rule) -> str:
    """Return what a rule knows: what it finds, why it happens, what to do, how to check."""
    area = f"area {rule.area}, " if rule.area else ""
    lines = [f"{rule.id}: {rule.title}", f"severity {rule.severity}, {area}{rule.kind}"]
    if rule.tags:
        lines.append(f"tags {', '.join(rule.tags)}")
    lines = [one_line(line) for line in lines]
    if rule.explain:
        lines += ["", "IMPACT", *_wrapped(f"{rule.explain.impact.feature}: {rule.explain.impact.users}")]
    if rule.explain and rule.explain.causes:
        lines += ["", "CAUSES"]
        for cause in rule.explain.causes:
            seen = " (the log can show this)" if cause.evidence else ""
            lines += _wrapped(f"{cause.id}: {cause.text}{seen}", "- ")
    if rule.resolve:
        lines += ["", "OPTIONS"]
    for option in rule.resolve:
        figures = f"priority {option.priority}, {option.effort}"
        lines += _wrapped(f"{option.title}{_recommended(option)}: {figures}. {option.impact}", "- ")
        for step in option.steps:
            lines += _wrapped(step, "    * ")
    if rule.verify.checks:
        lines += ["", "CHECKS"]
        for check in rule.verify.checks:
            lines += _wrapped(f"{check.text} ({check.expect or 'left for a person'})", "- ")
    lines += ["", "SAMPLES"]
    for sample in rule.samples:
        lines += _wrapped(
            f"{sample.name}: {'fires ' + str(sample.fires) if sample.fires else 'stays quiet'}", "- "
        )
    if rule.references:
        lines += ["", "REFERENCES", *(f"  {one_line(reference)}" for reference in rule.references)]
    return "\n".join(lines)


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
