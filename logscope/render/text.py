"""Words and figures that every renderer writes alike, and rule-authored Markdown made into safe HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from html import escape
from types import MappingProxyType
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markupsafe import Markup

from logscope.report import EvidenceLine, Report

SEVERITIES: tuple[str, ...] = ("critical", "high", "medium", "low", "info")
"""Worst first."""
SEVERITY_LABEL: Mapping[str, str] = MappingProxyType({name: name.capitalize() for name in SEVERITIES})
SEVERITY_SYMBOL: Mapping[str, str] = MappingProxyType(
    {"critical": "◆", "high": "▲", "medium": "■", "low": "●", "info": "○"}
)
"""One shape each, so that no reader depends on colour."""
SEVERITY_EMOJI: Mapping[str, str] = MappingProxyType(
    {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵", "info": "⚪"}
)
STATUS_LABEL: Mapping[str, str] = MappingProxyType(
    {"active": "Active", "recovered": "Recovered by itself", "consequence": "Consequence of another finding"}
)
RESULT_LABEL: Mapping[str, str] = MappingProxyType(
    {
        "passed": "Passed",
        "failed": "Failed",
        "not-exercised": "Not exercised",
        "manual": "For a person",
        "waived": "Waived",
    }
)
RESULT_SYMBOL: Mapping[str, str] = MappingProxyType(
    {"passed": "✓", "failed": "✗", "not-exercised": "–", "manual": "□", "waived": "~"}
)
_AREA_LABEL: Mapping[str, str] = MappingProxyType(
    {"": "Other", "asyncio": "asyncio", "http": "HTTP", "llm": "LLM", "mcp": "MCP", "team": "The team's own"}
)
SINCE_LABEL: Mapping[str, str] = MappingProxyType(
    {
        "fixed": "Fixed: what leads to it ran, and it did not come back",
        "not-exercised": "Not exercised: what leads to it never ran in this log",
        "not-checked": "Not checked: its rule was not applied",
    }
)
OUTCOME_LABEL: Mapping[str, str] = MappingProxyType(
    {"first-try": "First try", "recovered": "Recovered", "stalled": "Stalled"}
)
TIME_QUALITY_LABEL: Mapping[str, str] = MappingProxyType(
    {
        "exact": "exact times",
        "interpolated": "times between known neighbours",
        "order": "order only, no times",
    }
)

_ACTIVE = re.compile(r"[\\`*_\[\]<>&!()]|://")
_PRIVATE_USE = range(0xE000, 0xF8FF)


def area_label(area: str) -> str:
    """The name of a rule folder as a heading."""
    return _AREA_LABEL.get(area, area.capitalize())


def minutes(value: int) -> str:
    """`15 min`, `1 h`, `1 h 30 min`."""
    hours, rest = divmod(value, 60)
    parts = ([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else [])
    return " ".join(parts)


def percent(share: float | None) -> str:
    """A share from 0 to 1 as `67 %`; never 0 % or 100 % unless it is exactly that."""
    if share is None:
        return "not known"
    rounded = round(share * 100)
    if (rounded > 0 or share == 0) and (rounded < 100 or share == 1):
        return f"{rounded} %"
    if 0.0005 <= share < 0.9995:
        return f"{share * 100:.1f} %"
    return "< 0.1 %" if share < 0.5 else "> 99.9 %"


def number(value: int) -> str:
    """`12,345`."""
    return f"{value:,}"


def counted(value: int, noun: str, plural: str = "") -> str:
    """`1 session`, `12 sessions`; `plural` where an s is not enough."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def size(value: int) -> str:
    """Bytes as `912 B`, `14.2 kB`, `1.1 GB` (thousands)."""
    if value < 1000:
        return f"{value} B"
    amount, units = value / 1000, ["kB", "MB", "GB", "TB"]
    while amount >= 999.95 and len(units) > 1:
        amount /= 1000
        del units[0]
    return f"{amount:.1f} {units[0]}"


def when(time: str | None) -> str:
    """An ISO time as `2026-11-20 18:52:03 UTC` (or its own offset); empty for None, kept if unreadable."""
    if not time:
        return ""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    zone = moment.strftime("%z")
    zone = "UTC" if zone in ("", "+0000") else f"{zone[:3]}:{zone[3:5]}"
    return f"{moment:%Y-%m-%d %H:%M:%S} {zone}"


def between(first: str | None, last: str | None) -> str:
    """Two ISO times as `2026-11-20 18:52:03 to 19:10:00 UTC`: what both share is said once; one if equal."""
    start, end = when(first), when(last)
    if not end or start == end:
        return start
    clock, _, zone = start.rpartition(" ")
    day, _, _ = clock.partition(" ")
    if day and zone == end.rpartition(" ")[2]:
        start, end = clock, end.removeprefix(f"{day} ")
    return f"{start} to {end}"


def place(evidence: EvidenceLine) -> str:
    """`app.log:12`, or `app.log:12-20` for an event of several lines."""
    if evidence.last_line > evidence.line:
        return f"{evidence.source}:{evidence.line}-{evidence.last_line}"
    return f"{evidence.source}:{evidence.line}"


def safe_url(url: str) -> str:
    """Return `url` when it is plain http(s) with a host, otherwise nothing: such a link is shown as text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"'\\]", url)
    return url if usable else ""


def log_values(report: Report) -> dict[str, tuple[str, ...]]:
    """Per rule id, the captured log text that may stand inside its rule-authored texts."""
    return {finding.rule: tuple(finding.captures.values()) for finding in report.findings}


def shield(text: str, values: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Replace log text inside rule-authored text by single private-use characters.

    `values` are the captures; only those with characters that mean something to Markdown are replaced.
    Returns the text and what each character stands for, so that log text can never become markup, whatever
    the rule wrote around it. Longer values go first, because one may be part of another.
    """
    held: dict[str, str] = {}
    free = (chr(code) for code in _PRIVATE_USE if chr(code) not in text)
    for value in sorted({v for v in values if v and _ACTIVE.search(v)}, key=lambda v: (-len(v), v)):
        if value in text:
            stand_in = next(free)
            text = text.replace(value, stand_in)
            held[stand_in] = value
    return text, held


def inline_html(text: str, values: Iterable[str] = ()) -> Markup:
    """Render a rule's inline Markdown (code, bold, emphasis, http links) as HTML.

    `values` is log text that was filled into it: shown as it is, never read as Markdown or HTML. Block
    markup and raw HTML are not read either.
    """
    shielded, held = shield(text, values)
    html = str(_parser().renderInline(shielded))
    for stand_in, value in held.items():
        html = html.replace(stand_in, escape(value))
    # markdown-it escapes all text itself; only its own elements and the escaped values are in here.
    return Markup(html)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False}, renderer_cls=_Renderer)
    parser.enable(["backticks", "emphasis", "escape", "link", "autolink", "newline"])
    parser.validateLink = _link_allowed  # type: ignore[method-assign]
    return parser


def _link_allowed(url: str) -> bool:
    # A stand-in arrives percent-encoded (U+E000 to U+F8FF): a link may not be made of log text.
    return bool(safe_url(url)) and not re.search(r"%(?:EE|EF%[89A][0-9A-F])", url, re.IGNORECASE)


class _Renderer(RendererHTML):
    """Links open without handing over the page they were on; one that leads nowhere is its text."""

    def link_open(self, tokens, idx, options, env):  # type: ignore[no-untyped-def]
        if not tokens[idx].attrGet("href"):
            env["leads_nowhere"] = True
            return ""
        tokens[idx].attrSet("rel", "noopener noreferrer")
        return self.renderToken(tokens, idx, options, env)

    def link_close(self, tokens, idx, options, env):  # type: ignore[no-untyped-def]
        return "" if env.pop("leads_nowhere", False) else self.renderToken(tokens, idx, options, env)
