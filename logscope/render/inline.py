"""Rule-authored Markdown with log text in it, made into safe HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markupsafe import Markup

_ACTIVE = re.compile(r"[\\`*_\[\]<>&!()]|://")
_SHORT_CODE = 24
"""Characters; they fit beside other words on a telephone."""
_PRIVATE_USE = range(0xE000, 0xF8FF)


def safe_url(url: str) -> str:
    """Return `url` when it is plain http(s) with a host, otherwise nothing: such a link is shown as text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"'\\]", url)
    return url if usable else ""


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
    one_line = shielded.replace("\n", " ")  # two blanks before a line end would be a line break
    html = str(inline_parser().renderInline(one_line))
    for stand_in, value in held.items():
        html = html.replace(stand_in, escape(value))
    # markdown-it escapes all text itself; only its own elements and the escaped values are in here.
    return Markup(html)


@cache
def inline_parser() -> MarkdownIt:
    """Return what reads a rule's inline Markdown; HTML, images and blocks stay text."""
    parser = MarkdownIt("zero", {"html": False}, renderer_cls=_Renderer)
    parser.enable(["backticks", "emphasis", "escape", "link", "autolink"])
    parser.validateLink = _link_allowed  # type: ignore[method-assign]
    return parser


def _link_allowed(url: str) -> bool:
    # A stand-in arrives percent-encoded (U+E000 to U+F8FF): a link may not be made of log text.
    return bool(safe_url(url)) and not re.search(r"%(?:EE|EF%[89A][0-9A-F])", url, re.IGNORECASE)


class _Renderer(RendererHTML):
    """Links open without handing over the page they were on; one that leads nowhere is its text. Short code stays on
    one line: a browser would break `--exit-zero` at its hyphens."""

    def code_inline(self, tokens, idx, options, env):  # type: ignore[no-untyped-def]
        if "-" in tokens[idx].content and len(tokens[idx].content) <= _SHORT_CODE:
            tokens[idx].attrSet("class", "short")
        return super().code_inline(tokens, idx, options, env)

    def link_open(self, tokens, idx, options, env):  # type: ignore[no-untyped-def]
        if not tokens[idx].attrGet("href"):
            env["leads_nowhere"] = True
            return ""
        tokens[idx].attrSet("rel", "noopener noreferrer")
        return self.renderToken(tokens, idx, options, env)

    def link_close(self, tokens, idx, options, env):  # type: ignore[no-untyped-def]
        return "" if env.pop("leads_nowhere", False) else self.renderToken(tokens, idx, options, env)
