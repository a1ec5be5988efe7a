"""Every output by name: an explicit list. A renderer gets a Report, returns text, is loaded when asked."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from msgspec import Struct

from logscope.report import Report


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
    renderer: str
    """`module:function` from a report to text."""
    asks: tuple[str, ...] = ()
    """Settings that it asks for."""

    def render(self, report: Report, settings: Settings) -> str:
        """Return the report as text."""
        module, _, name = self.renderer.partition(":")
        function = getattr(import_module(f"logscope.{module}"), name)
        return str(function(report, **{name: getattr(settings, name) for name in self.asks}))


FORMATS: Mapping[str, Format] = {
    output.name: output
    for output in (
        Format("markdown", (".md", ".markdown"), "render.markdown:render", ("mermaid",)),
        Format("html", (".html", ".htm"), "render.html:render"),
        Format("json", (".json",), "saved:to_json"),
        Format("text", (".txt",), "render.terminal:render_whole"),
        Format("summary", (), "render.terminal:render"),
        Format("handoff", (), "render.handoff:render", ("max_tokens",)),
        Format("checklist", (), "render.markdown:render_checklist"),
        Format("checklist-html", (), "render.html:render_checklist"),
        Format("checklist-text", (), "render.terminal_checklist:render"),
    )
}
ALIASES: Mapping[str, str] = {"md": "markdown", "plan": "markdown", "txt": "text", "htm": "html"}
TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "plan": {},
    "handoff": {"markdown": "handoff"},
    "checklist": {"markdown": "checklist", "html": "checklist-html", "text": "checklist-text"},
}
"""The shipped documents: which format stands in for which, when `--template` names one."""
