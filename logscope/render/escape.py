"""Text made safe for Markdown as GitHub and GitLab read it: log text stands in code, and nowhere else.

Both sites link mentions, issue numbers, commit ids and bare addresses *after* Markdown is read, so a
backslash does not stop them; a code span does. `plain` therefore puts every such word into one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from markdown_it.token import Token

from logscope.render.inline import inline_parser, safe_url, shield


class Md(str):
    """Markdown that is safe as it stands; every other string is escaped where it is written."""

    __slots__ = ()


_HELD = "\ue000-\uf8ff"
_RISKY = re.compile(
    rf"""[@\#\[\]`\\*_~|$^{{}}{_HELD}] | <[\w/!?] | &[\w\#] | :// | www\. | (?<!\S)gh-\d | ![\d(] | %["\w]
      | :(?!\d\d:)[\w+-]+: | (?<![0-9a-z])[0-9a-f]{{7,64}}(?![0-9a-z])""",
    re.VERBOSE | re.IGNORECASE,
)
_WORD = re.compile(r"\S+|\s+")
_MARKER = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+=>]))")
_LANGUAGE = re.compile(r"[^\w+-]")
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")

Piece = tuple[str, bool]
"""Text, and whether it goes into a code span."""


def code(text: str) -> Md:
    """Return `text` as one code span on one line, whatever backticks it holds."""
    line = re.sub(r"[\r\n\t]+", " ", text)
    if not line.strip():
        return Md("(empty)")
    # A table cell ends at a pipe even inside code, and an even number of backslashes would unescape it again.
    return Md("|".join(_span(part) if part else "" for part in re.split(r"(?<=\\)\|", line)))


def _span(text: str) -> str:
    runs = _tick_runs(text)
    ticks = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    pad = " " if "`" in (text[0], text[-1]) or text[0] == text[-1] == " " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _tick_runs(text: str) -> set[int]:
    return {len(run) for run in re.findall("`+", text)}


def fence(text: str, language: str = "text") -> Md:
    """Return `text` as a fenced block, its fence longer than any run of backticks inside."""
    ticks = "`" * max(3, max(_tick_runs(text), default=0) + 1)
    body = text.replace("\r", "\n").rstrip("\n")
    return Md(f"{ticks}{_LANGUAGE.sub('', language)}\n{body}\n{ticks}")


def plain(text: str) -> Md:
    """Return one line of plain text: words that Markdown or the site would read as more are put into code."""
    return _guarded(inline(text))


def inline(text: str) -> Md:
    """Like `plain`, for text that never begins a line: behind a heading's mark, in a link."""
    pieces = _split(" ".join(text.split()))
    risky = [place for place, (_, is_code) in enumerate(pieces) if is_code]
    if len(risky) > 2:  # one long span reads better than many short ones
        span = "".join(piece for piece, _ in pieces[risky[0] : risky[-1] + 1])
        pieces[risky[0] : risky[-1] + 1] = [(span, True)]
    return _write(pieces)


def rule_text(text: str, values: Iterable[str] = ()) -> Md:
    """Return a rule's inline Markdown (code, bold, emphasis, links), its log text `values` in code."""
    values = tuple(" ".join(value.split()) for value in values)
    shielded, held = shield(" ".join(text.split()), values)
    tokens = inline_parser().parseInline(shielded)[0].children or []
    return _guarded(_write(_pieces(tokens, values), held))


def cell(text: str) -> Md:
    """Return safe Markdown for a table cell."""
    safe = text if isinstance(text, Md) else plain(text)
    return Md(safe.replace("|", "\\|"))


def link(text: str, url: str) -> Md:
    """Return a link for an http(s) address, else the text alone; `text` is safe Markdown or plain text."""
    safe = text if isinstance(text, Md) else inline(text)
    return Md(f"[{safe}]({_target(url)})") if safe_url(url) else safe


def _target(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29")


def address(url: str) -> Md:
    """Return an http(s) address as a link to itself, anything else in code."""
    return Md(f"<{url}>") if safe_url(url) else code(url)


def anchor(heading: str) -> str:
    """Return the fragment that GitHub gives a heading with this text."""
    return _NOT_IN_ANCHOR.sub("", heading.strip().lower()).replace(" ", "-")


def anchor_is_common(heading: str) -> bool:
    """Say whether GitLab, which joins hyphens, gives the heading the same fragment."""
    return "--" not in anchor(heading)


def _split(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    for word in _WORD.findall(text):
        if not _RISKY.search(word):
            pieces.append((word, False))
            continue
        bare = word.rstrip(".,;:") or word
        pieces.append((bare, True))
        pieces.append((word[len(bare) :], False))
    return pieces


def _pieces(tokens: list[Token], values: tuple[str, ...]) -> list[Piece]:
    marks = {"strong_open": "**", "strong_close": "**", "em_open": "*", "em_close": "*", "link_open": "["}
    pieces: list[Piece] = []
    targets: list[str] = []
    for token in tokens:
        if token.type == "link_open":
            targets.append(str(token.attrs["href"]))
        if token.type == "code_inline":
            pieces.append((token.content, True))
        elif token.type == "link_close":
            pieces.append((Md(f"]({_target(targets.pop())})"), False))
        elif token.type in marks:
            pieces.append((Md(marks[token.type]), False))
        elif token.type in ("softbreak", "hardbreak"):
            pieces.append((" ", False))
        else:
            pieces.extend(_split(token.content) if targets else _with_links(token.content, values))
    return pieces


def _with_links(text: str, values: tuple[str, ...]) -> list[Piece]:
    """Split text; an address that the rule wrote, with no log text in it, becomes a link."""
    pieces: list[Piece] = []
    for word, risky in _split(text):
        own = safe_url(word) and not _held_in(word) and not any(value in word for value in values if value)
        pieces.append((Md(f"<{word}>"), False) if risky and own else (word, risky))
    return pieces


def _held_in(text: str) -> bool:
    return re.search(f"[{_HELD}]", text) is not None


def _write(pieces: list[Piece], held: dict[str, str] | None = None) -> Md:
    """Join the pieces; code that touches code, or is parted from it by one space, becomes one span."""
    written: list[str] = []
    span = ""
    kept = [piece for piece in pieces if piece[0]]
    for place, (text, is_code) in enumerate(kept):
        following = kept[place + 1][1] if place + 1 < len(kept) else False
        if is_code or (span and following and text.isspace()):
            span += text
            continue
        written += [_coded(span, held), text]
        span = ""
    written.append(_coded(span, held))
    return Md("".join(written))


def _guarded(line: str) -> Md:
    """Keep a line from beginning as a list or an underline."""
    return Md(_MARKER.sub(r"\1\\", line, count=1))


def _coded(span: str, held: dict[str, str] | None) -> str:
    for stand_in, value in (held or {}).items():
        span = span.replace(stand_in, value)
    return code(span) if span else ""
