"""The HTML page: one self-contained file, for the plan (`render`) and for the checklist (`render_checklist`).

Text reaches the page through Jinja's autoescape only; the few pieces of markup made here (rule-authored
Markdown, highlighted code, pictures) come from functions that escape all they are given. The page's policy
lets nothing run or load but its own style and script, each named by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Callable
from datetime import datetime
from functools import cache

from jinja2 import Environment
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

from logscope.render import charts, inline, text
from logscope.render.bounds import STEPS, Bounds, fit, limits_said
from logscope.render.inline import inline_html
from logscope.render.shipped import shipped_templates
from logscope.report import CodeLine, CodeLocation, Finding, Report
from logscope.resources import data_dir

MAX_BYTES = 5_000_000
_WHOLE = re.compile(r"(?<!\S)(?P<option>--(?:exit-zero|strict)\b)|\d{4}-\d\d-\d\d(?: \d\d:\d\d)?")
"""Options that a gate's reason names, and days with a time."""


def render(report: Report) -> str:
    """Return the resolution plan as a page of less than `MAX_BYTES`."""
    return _within_bounds(report, "plan.html")


def render_checklist(report: Report) -> str:
    """Return the checklist as a page of less than `MAX_BYTES`."""
    return _within_bounds(report, "checklist.html")


def _within_bounds(report: Report, template: str) -> str:
    page = ""
    for bounds in STEPS:
        page = _page(report, template, bounds)
        if len(page.encode()) < MAX_BYTES:
            break
    return page


def _page(report: Report, template: str, bounds: Bounds) -> str:
    shown, left_out = fit(report, bounds)
    values = text.log_values(report)
    picture, picture_said = charts.overview(shown.findings, "overview")
    return (
        _environment()
        .get_template(template)
        .render(
            report=shown,
            total=report,
            left_out=left_out,
            limits=limits_said(STEPS[0], MAX_BYTES),
            style=_asset("_style.css"),
            script=_asset("_script.js"),
            policy=_policy(),
            titles={finding.rule: finding.title for finding in shown.findings},
            leads_to=_leads_to(shown.findings),
            overview=picture,
            overview_said=picture_said,
            md=_markdown(values, bounds.text),
            first_seen_order=_first_seen_order(shown.findings),
        )
    )


def _leads_to(findings: tuple[Finding, ...]) -> dict[str, tuple[str, ...]]:
    """Per rule id, the findings that follow from it."""
    return {
        cause.rule: tuple(f.rule for f in findings if cause.rule in f.caused_by and f.rule != cause.rule)
        for cause in findings
    }


def _first_seen_order(findings: tuple[Finding, ...]) -> dict[str, int]:
    """Per rule id, its place when sorted by first seen; those without a time last, by line."""

    def key(finding: Finding) -> tuple[bool, float, int, str]:
        try:
            moment = datetime.fromisoformat(finding.first_seen or "").timestamp()
        except ValueError:
            return True, 0.0, finding.first_line, finding.rule
        return False, moment, finding.first_line, finding.rule

    return {finding.rule: place for place, finding in enumerate(sorted(findings, key=key))}


def _markdown(values: dict[str, tuple[str, ...]], room: int) -> Callable[..., Markup]:
    def render_inline(source: str, *rules: str) -> Markup:
        if len(source) > room:  # cut, perhaps within log text, which could not be told from the rule's own
            return escape(source)
        return inline_html(source, [value for rule in rules for value in values.get(rule, ())])

    return render_inline


def whole_html(sentence: str) -> Markup:
    """A sentence of the report in which no line breaks options, which are code, and days at their hyphens."""

    def whole(found: re.Match[str]) -> str:
        name = "code" if found["option"] else "span"
        return f'<{name} class="short">{found[0]}</{name}>'

    return Markup(_WHOLE.sub(whole, str(escape(sentence))))


def code_html(code: str, language: str) -> Markup:
    """Highlight code by classes; plain, escaped text where the language is not known."""
    lexer = _lexer(language)
    if lexer is None:
        return escape(code)
    # Pygments escapes the code; what it adds are its own <span class="..."> only.
    return Markup(highlight(code, lexer, _formatter()).removesuffix("\n"))


def excerpt_html(location: CodeLocation) -> tuple[tuple[CodeLine, Markup], ...]:
    """The lines of an excerpt, each highlighted, in the language its file name tells."""
    code = "\n".join(" ".join(line.text.splitlines()) for line in location.excerpt)
    lines = code_html(code, location.file).split("\n")
    if len(lines) != len(location.excerpt):
        lines = [escape(line.text) for line in location.excerpt]
    return tuple(zip(location.excerpt, map(Markup, lines), strict=True))


@cache
def _lexer(language: str) -> Lexer | None:
    """A lexer by its name (`python`) or by a file name (`app/main.py`)."""
    try:
        if "." in language or "/" in language:
            return get_lexer_for_filename(language, stripnl=False, ensurenl=False)
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@cache
def _formatter() -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True)


@cache
def _asset(name: str) -> Markup:
    return Markup((data_dir("templates") / name).read_text(encoding="utf-8"))


@cache
def _policy() -> str:
    def allowed(name: str) -> str:
        digest = hashlib.sha256(_asset(name).encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    return (
        f"default-src 'none'; style-src {allowed('_style.css')}; script-src {allowed('_script.js')}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> Environment:
    return shipped_templates(sys.modules[__name__], inline, names={"charts": charts}, autoescape=True)
