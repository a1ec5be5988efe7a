"""Every output by name: an explicit list. A renderer gets a Report, returns text, is loaded when asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from logscope.report import Report
from logscope.saved import to_json


class Settings(Struct, frozen=True):
    """What a user may choose besides the format."""

    mermaid: bool = False
    max_tokens: int | None = None


class Format(Struct, frozen=True):
    """One output."""

    name: str
    """As written in `FORMAT:FILE`."""
    endings: tuple[str, ...]
    """File endings that choose it, lower case."""
    render: Callable[[Report, Settings], str]


def _plan_markdown(report: Report, settings: Settings) -> str:
    from logscope.render import markdown

    return markdown.render(report, mermaid=settings.mermaid)


def _plan_html(report: Report, settings: Settings) -> str:
    from logscope.render import html

    return html.render(report)


def _json(report: Report, settings: Settings) -> str:
    return to_json(report)


def _text(report: Report, settings: Settings) -> str:
    from logscope.render import terminal

    return terminal.render(report, full=True)


def _summary(report: Report, settings: Settings) -> str:
    from logscope.render import terminal

    return terminal.render(report)


def _handoff(report: Report, settings: Settings) -> str:
    from logscope.render import handoff

    return handoff.render(report, max_tokens=settings.max_tokens)


def _checklist(report: Report, settings: Settings) -> str:
    from logscope.render import markdown

    return markdown.render_checklist(report)


def _checklist_html(report: Report, settings: Settings) -> str:
    from logscope.render import html

    return html.render_checklist(report)


def _checklist_text(report: Report, settings: Settings) -> str:
    from logscope.render import terminal_checklist

    return terminal_checklist.render(report)


FORMATS: Mapping[str, Format] = {
    output.name: output
    for output in (
        Format("markdown", (".md", ".markdown"), _plan_markdown),
        Format("html", (".html", ".htm"), _plan_html),
        Format("json", (".json",), _json),
        Format("text", (".txt",), _text),
        Format("summary", (), _summary),
        Format("handoff", (), _handoff),
        Format("checklist", (), _checklist),
        Format("checklist-html", (), _checklist_html),
        Format("checklist-text", (), _checklist_text),
    )
}
ALIASES: Mapping[str, str] = {"md": "markdown", "plan": "markdown", "txt": "text", "htm": "html"}
TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "plan": {},
    "handoff": {"markdown": "handoff"},
    "checklist": {"markdown": "checklist", "html": "checklist-html", "text": "checklist-text"},
}
"""The shipped documents: which format stands in for which, when `--template` names one."""
