"""The shipped Markdown templates: whatever they write is escaped unless it is already safe Markdown."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from jinja2 import Environment

from logscope.model import SeverityName
from logscope.render import escape, figures, text
from logscope.render.escape import Md
from logscope.render.evidence import evidence_block
from logscope.render.parts import part
from logscope.render.shipped import shipped_templates
from logscope.report import CodeLocation, EvidenceLine, Finding, Report

_LONGEST_TITLE = 100


def render_template(name: str, report: Report, **more: object) -> str:
    """Fill the shipped template `name`; parts are still marked (see `parts`)."""
    return (
        _environment()
        .get_template(name)
        .render(report=report, values=text.log_values(report), headings=_headings(report), **more)
    )


def finding_heading(finding: Finding, number: int) -> str:
    """The heading of a finding as plain text: its title, or its rule where two sites would link it apart."""
    heading = " ".join(f"{number}. {finding.title}".split())
    fits = len(heading) <= _LONGEST_TITLE and escape.anchor_is_common(heading)
    return heading if fits else f"{number}. {finding.rule}"


def evidence_fence(evidence: tuple[EvidenceLine, ...], before: tuple[EvidenceLine, ...] = ()) -> Md:
    """Log lines with their places, in a fence; `before`: what is shown further up."""
    return escape.fence(evidence_block(evidence, before=before))


def places(evidence: tuple[EvidenceLine, ...]) -> Md:
    """The places alone, as code: `app.log:12`, `app.log:20`."""
    return Md(", ".join(escape.code(text.place(item)) for item in evidence))


def code_link(location: CodeLocation) -> Md:
    """File and lines as code, linked where the forge has them."""
    return escape.link(escape.code(figures.code_place(location)), location.url)


def excerpt(location: CodeLocation) -> Md:
    """The source lines around a place, numbered, the line itself pointed at."""
    width = len(str(location.excerpt[-1].number))
    rows = (f"{'>' if row.current else ' '} {row.number:>{width}}  {row.text}" for row in location.excerpt)
    return escape.fence("\n".join(row.rstrip() for row in rows))


def _headings(report: Report) -> dict[str, str]:
    return {f.rule: finding_heading(f, number) for number, f in enumerate(report.findings, 1)}


def values_of(values: dict[str, tuple[str, ...]], rules: tuple[str, ...]) -> tuple[str, ...]:
    """The log text that may stand in the texts of some rules."""
    return tuple(value for rule in rules for value in values.get(rule, ()))


def finding_link(rule: str, headings: dict[str, str], label: str = "") -> Md:
    """The heading of a finding, or another label, as a link to it."""
    if rule not in headings:
        return escape.code(rule)
    shown = escape.inline(label or headings[rule])
    return Md(f"[{shown}](#{escape.anchor(headings[rule])})")


def listed_code(names: tuple[str, ...]) -> Md:
    """Names as code, of many the first ones."""
    return Md(text.listed(names, escape.code))


def item_number(number: int) -> Md:
    """What begins an item of a list."""
    return Md(f"{number}.")


def severity(name: SeverityName) -> str:
    """A severity with its sign."""
    return f"{text.SEVERITY_EMOJI[name]} {text.SEVERITY_LABEL[name]}"


def raw(markdown: str) -> Md:
    """Text that is Markdown already."""
    return Md(markdown)


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Md) else escape.plain(str(value))


@cache
def _environment() -> Environment:
    # Not HTML: `finalize` is the escaping here, and it sees every value that is written.
    return shipped_templates(escape, sys.modules[__name__], names={"part": part}, finalize=_finalize)
