"""The pre-release checklist as Markdown: ticked or failed with evidence, not exercised, or for a person."""

from __future__ import annotations

from logscope.render.mdtemplate import render_template
from logscope.report import Report


def render(report: Report) -> str:
    """Return the checklist; every check with its evidence."""
    return render_template("checklist.md", report)
