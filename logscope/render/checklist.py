"""The pre-release checklist as Markdown: ticked or failed with evidence, not exercised, or for a person."""

from __future__ import annotations

from logscope.render.figures import CHECK_ORDER, check_summary
from logscope.render.mdtemplate import render_template
from logscope.report import Report


def render(report: Report) -> str:
    """Return the checklist; every check with its evidence."""
    groups = tuple((result, tuple(c for c in report.checks if c.result == result)) for result in CHECK_ORDER)
    shown = tuple((result, checks) for result, checks in groups if checks)
    return render_template("checklist.md", report, groups=shown, summary=check_summary(report))
