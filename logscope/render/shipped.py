"""The shipped templates: strict about names, blocks leave no blank lines; and the words that all of them write with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from logscope.counting import counted
from logscope.render import figures, text
from logscope.render.evidence import further_evidence, told_before
from logscope.report import AGAIN
from logscope.resources import data_dir

Filters = Mapping[str, Callable[..., Any]]
_FILTERS: Filters = {
    "area": text.area_label,
    "between": text.between,
    "check_groups": figures.check_groups,
    "check_name": figures.check_name,
    "code_place": figures.code_place,
    "code_reason": figures.code_reason,
    "counted": counted,
    "following": figures.following,
    "further_evidence": further_evidence,
    "leading": figures.leading,
    "minutes": text.minutes,
    "no_plan": figures.no_plan,
    "number": text.number,
    "percent": text.percent,
    "plan_total": figures.total,
    "size": text.size,
    "skipped": text.skipped,
    "step_places": figures.step_places,
    "told_before": told_before,
    "when": text.when,
}
_GLOBALS = {"AGAIN": AGAIN, "since_summary": figures.since_summary}


def shipped_templates(
    filters: Filters,
    names: Mapping[str, Any],
    *,
    autoescape: bool = False,
    finalize: Callable[[Any], Any] | None = None,
) -> Environment:
    """Return an environment over the folder of templates with `filters` and `names` of a document's own besides those
    of all; `finalize` sees every value that is written."""
    environment = Environment(
        loader=FileSystemLoader(data_dir("templates")),
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {**_FILTERS, **filters}
    environment.globals |= {**_GLOBALS, **names}
    return environment
