"""Markdown for GitHub, GitLab and every editor: the resolution plan (`render`) and the pre-release checklist."""

from __future__ import annotations

from logscope.render.mdtemplate import render_template
from logscope.render.mermaid import gantt, timelines
from logscope.render.parts import shorten, split_parts
from logscope.report import Report

MAX_BYTES = 1_000_000
"""GitHub and GitLab do not render larger files."""


def render(report: Report, *, mermaid: bool = False) -> str:
    """Return the plan; at most `MAX_BYTES` of UTF-8, by leaving out whole sections and saying so.

    With `mermaid` the timeline and the plan are drawn as Mermaid charts too.
    """
    document = render_template(
        "plan.md",
        report,
        gantt=gantt(report.plan) if mermaid else "",
        timelines=timelines(report) if mermaid else (),
    )
    return shorten(split_parts(document), MAX_BYTES, _bytes, _note)


def render_checklist(report: Report) -> str:
    """Return the checklist: ticked or failed with evidence, not exercised, or for a person."""
    return render_template("checklist.md", report)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _note(left_out: str) -> str:
    return f"> **Left out** to stay under 1 MB: {left_out}. The JSON and HTML reports may hold more.\n\n"
