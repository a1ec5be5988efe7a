"""The shipped Markdown templates: whatever they write is escaped unless it is already safe Markdown."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment

from logscope.render import escape, figures, text
from logscope.render.escape import Md
from logscope.render.evidence import evidence_block
from logscope.render.parts import part
from logscope.render.shipped import Filters, shipped_templates
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


def _values_of(values: dict[str, tuple[str, ...]], rules: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for rule in rules for value in values.get(rule, ()))


def _finding_link(rule: str, headings: dict[str, str], label: str = "") -> Md:
    if rule not in headings:
        return escape.code(rule)
    shown = escape.inline(label or headings[rule])
    return Md(f"[{shown}](#{escape.anchor(headings[rule])})")


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Md) else escape.plain(str(value))


_FILTERS: Filters = {
    "code": escape.code,
    "fence": escape.fence,
    "cell": escape.cell,
    "inline": escape.inline,
    "rule": escape.rule_text,
    "address": escape.address,
    "evidence": evidence_fence,
    "places": places,
    "code_link": code_link,
    "excerpt": excerpt,
    "finding_link": _finding_link,
    "values_of": _values_of,
    "effects_of": figures.effects_of,
    "listed_code": lambda names: Md(text.listed(names, escape.code)),
    "raw": Md,
    "item_number": lambda number: Md(f"{number}."),
    "severity": lambda name: f"{text.SEVERITY_EMOJI[name]} {text.SEVERITY_LABEL[name]}",
    "finding_status": text.STATUS_LABEL.__getitem__,
    "check_result": text.RESULT_LABEL.__getitem__,
    "outcome": text.OUTCOME_LABEL.__getitem__,
    "time_quality": text.SOURCE_TIMES.__getitem__,
    "sparkline": figures.sparkline,
    "arrows": figures.arrows,
    "sequence_figures": figures.sequence_figures,
    "current": figures.current,
    "since": text.SINCE_LABEL.__getitem__,
    "check_proof": figures.check_proof,
    "check_summary": figures.check_summary,
}
_GLOBALS: dict[str, Any] = {
    "part": part,
    "headline": figures.headline,
    "has_baseline": figures.has_baseline,
}


@cache
def _environment() -> Environment:
    # Not HTML: `finalize` is the escaping here, and it sees every value that is written.
    return shipped_templates(_FILTERS, _GLOBALS, finalize=_finalize)
