"""Log text that means something to Markdown or to the sites that show it, and what may not be made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct
from msgspec.structs import replace

from logscope.report import PlanItem, Report

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- comment",
    "</details></table>",
    "[x](javascript:alert(1))",
    "[x](https://evil.example)",
    "![x](https://evil.example/p.png)",
    "[x]: https://evil.example",
    "[^1]: note",
    "<https://evil.example>",
    "https://evil.example/a|b",
    "www.evil.example",
    "mail me@evil.example now",
    "@maintainers",
    "ping @team/admins, #1 and org/repo#12 or GH-34",
    "!12 $34 %5 ~bug &3 :tada:",
    "deadbeefcafe0123456789abcdef0123456789ab",
    "# heading",
    "text\n# heading",
    "text\n===",
    "===",
    "---",
    "- item",
    "1. item",
    "> quote",
    "| a | b |",
    "a\\|b\\\\|c \\",
    "` `` ``` ````",
    "```\n# out of the fence\n```",
    "~~~\n<b>\n~~~",
    "`",
    "``",
    "*bold* __bold__ ~~gone~~ $x$",
    "&lt;b&gt; &#60;",
    "{{ 7 * 7 }} {% raw %}",
    "\t<b>tab</b>",
    "    indented code",
    "- [x] done",
    "```suggestion\nrm\n```",
    "::error::x",
    "[bold]markup[/bold] [/] [link=https://evil.example]x[/link]",
    " ",
    "",
)
_SITE_LINK = re.compile(
    r"@\w|(?<!\w)#\d|\bGH-\d|://|www\.|!\d|\$\d|~\w|&\w|:[a-z]+:|\b[0-9a-f]{40}\b|</?\w|<!--", re.IGNORECASE
)


_FIXED = frozenset(
    "schema version generated severity area fingerprint first_seen last_seen first_time last_time time "
    "time_quality start bucket_unit origin url priority result outcome language rule rules_off option id "
    "finding caused_by references".split()
)


def poison(report: Report, payload: str) -> Report:
    """Return a report with `payload` behind every text but identifiers, times and addresses.

    It is among the captures of every finding, as it is when a rule's text shows what its pattern captured.
    """
    known = {finding.rule for finding in report.findings}
    checks = tuple(
        replace(poisoned, text=poisoned.text if check.rule in known else check.text)
        for check, poisoned in zip(report.checks, _poisoned(report.checks, payload), strict=True)
    )
    findings = tuple(
        replace(
            poisoned,
            status=finding.status,
            captures={"value": payload},
            waiver=poisoned.waiver if finding.waiver else "",  # who waives is known, and it closes a finding
        )
        for finding, poisoned in zip(report.findings, _poisoned(report.findings, payload), strict=True)
    )
    poisoned = _poisoned(report, payload)
    assert isinstance(poisoned, Report)
    return replace(poisoned, checks=checks, findings=findings)


def _poisoned(value: Any, payload: str, name: str = "") -> Any:
    if isinstance(value, Struct):
        skipped = _FIXED | ({"findings"} if isinstance(value, PlanItem) else frozenset())
        changes = {
            name: _poisoned(getattr(value, name), payload)
            for name in value.__struct_fields__
            if name not in skipped
        }
        return replace(value, **changes)
    if isinstance(value, tuple):
        return tuple(_poisoned(item, payload) for item in value)
    return f"{value} {payload}" if isinstance(value, str) else value


def made_elements(document: str) -> set[str]:
    """Return the kinds of what could hurt: raw HTML, images, links and where they lead."""
    found = set()
    for token in _tokens(document):
        if token.type in ("html_block", "html_inline", "image"):
            found.add(f"{token.type} {token.content}")
        if token.type == "link_open":
            found.add(f"link {token.attrs['href']}")
    return found


def site_links(document: str) -> list[str]:
    """Return the prose that GitHub or GitLab would link by themselves, outside of written links."""
    found, depth = [], 0
    for token in _tokens(document):
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "text" and not depth and _SITE_LINK.search(token.content):
            found.append(token.content)
    return found


def headings(document: str) -> list[tuple[str, str]]:
    """Return tag and text of every heading."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(document)
    return [
        (token.tag, tokens[place + 1].content)
        for place, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def _tokens(document: str) -> Iterator[Token]:
    for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(document):
        yield token
        yield from token.children or ()
