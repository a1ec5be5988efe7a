"""Values of secrets: where one ends, and whether it looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from logscope.lazily import lazy

MASK = "[redacted]"
"""What stands for a secret."""
_BARE = lazy(r"""(?:(?!</)[^\s"'`\\]|["'`](?=[A-Za-z0-9])|\\(?![nrt"']))*+""")
_NEXT_FIELD = lazy(r"""[,;&|]\s*["']?[A-Za-z_][\w.-]*["']?\s?[=:]|&amp;|[,;]["']""")
_INSIDE = {mark: lazy(rf"(?:[^{mark}\\\n]|\\[^\n])*+") for mark in "\"'`"}
_HOLDER = lazy(
    r"<[\w ./:\[|-]*>?\Z|\{|\$(?:[{(]|[A-Z_]+\Z)|%(?:[(sr]|[A-Z_]+%)|[…•]|\.{3}|\*{3}|[xX]{4,}\Z|\[redacted"
)
_CODE = lazy(
    r"""[a-z_]+(?:\.[a-z_]+)+\Z | (?:self|cls|os|settings|config|request)\.  # settings.db_password
      | [A-Za-z_][\w.]*[(\[]\Z | [a-z_.]+\([a-z_.,]*\Z | (?:await|lambda)\Z  # os.environ[ get_token(
      | [a-z_]*(?:password|passwd|secret|token|api_?key|key|credentials?)\Z   # token=access_token
      | [A-Z\d_]+_(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)\Z                # the variable's name, not its value
    """,
    re.VERBOSE,
)
_ITEMS = lazy(r"\s{0,8}b?[\"'][^\]\n]{1,4000}(?=\])")


def mask_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return `text` with its parts from begin to end masked, given in their order; of two that overlap the first."""
    parts: list[str] = []
    done = 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], MASK]
            done = end
    return "".join(parts) + text[done:]


def is_holder(value: str) -> bool:
    """Say whether a value stands for one: a mask, a variable, a blank to fill in."""
    return _HOLDER.match(value) is not None or not value.strip("*•.x")


def is_code(value: str) -> bool:
    """Say whether a value is the name of one in code."""
    return _CODE.match(value) is not None


def is_random(value: str, least: int) -> bool:
    """Say whether a value looks like a key or password, not like a word, number, duration or path."""
    if len(value) < least or value[0] in "/~" or "://" in value[:12]:
        return False
    if any(map(str.isalpha, value)) and any(map(str.isdigit, value)):
        return not re.match(r"\d+(?:\.\d+)?[a-z]{1,6}\Z", value)
    return len(value) >= 16 and len(re.findall(r"[a-z][A-Z]", value[:200])) >= 3


def quoted_end(text: str, start: int, quote: str) -> int:
    """Where the value in quotes that begins at `start` ends, at the line's end at the latest."""
    if quote in _INSIDE:
        found = _INSIDE[quote].match(text, start)
        return found.end() if found else start
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    end = text.find(quote, start, line_end)
    return line_end if end < 0 else end


def bare_end(text: str, start: int) -> int:
    """Where the value without quotes that begins at `start` ends."""
    found = _BARE.match(text, start)
    end = found.end() if found else start
    cut = _NEXT_FIELD.search(text, start, min(len(text), end + 60))
    if cut and cut.start() < end:
        end = cut.start()
    while end > start and text[end - 1] in ",;)}]>|":
        end -= 1
    return end


def list_span(text: str, start: int) -> tuple[int, int] | None:
    """Where the items of the list of values that opens at `start` stand; None for a sentence."""
    inside = _ITEMS.match(text, start + 1)
    return None if inside is None or re.search(r"\w \w", inside[0]) else inside.span()
