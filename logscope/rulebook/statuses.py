"""Every way in which access lines, clients' request lines and records print a request's status, as patterns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus

BLANK = "\u2420"
"""In a ready pattern: a blank, at which a handler may break the row."""
_NAMES = {str(status.value): status.name for status in HTTPStatus}
_QUOTES = (r'\\{0,3}"',)
_SERVED = (r"HTTP/1\.1", r"HTTP/1\.0", r"HTTP/2\.0", r"1\.1", "2")
"""Protocols as servers print them; hypercorn leaves the name out."""
_ASKED = (r"HTTP/1\.1", r"HTTP/1\.0", "HTTP/2")
_MEMBERS = (
    *(
        f"{name}{quote}:{blank}"
        for name in ("status", "status_code", "statusCode", "DownstreamStatus")
        for quote in _QUOTES
        for blank in ("", " ")
    ),
    *(f"status{quote}:{blank}{quote}" for quote in _QUOTES for blank in ("", " ")),
    "status=",
    "status_code=",
)
_TOOK = r" (?:(?:\d{1,9}|-) - \d{1,7}\.|\[\d{1,6}\.\d{1,6}, |[(\[]?(?:in )?\d{1,7}(?:\.\d{1,6})? ?m?s\b)"
_PAIRS = r" (?:[a-z][a-z0-9_.]{1,20}=|\([A-Za-z_/]{3,40}\))"
_UNQUOTED = rf'(?:{_TOOK}|{_PAIRS}|\\{{0,3}}"|\r?\n)'
"""Behind a status that no quote stands before: morgan's, channels', and what middlewares write in words."""
_ARROW = r"(?: [\-=]?>| →| [|:\-]| (?:complet|finish|respond|serv)ed(?: with)?)?(?: status(?: code)?:?)?"
"""And what may stand before that."""
_OWN = (
    "HTTP/1\\.1 ",
    *(rf"HTTP/1\.1{quote} {mark} " for quote in (*_QUOTES, "") for mark in (r"\|", "-")),
)
"""Before one in formats of the user's own, as uvicorn's are given: between bars or dashes, quoted or not."""
_AHEAD = ((r"\| ", r" \|"), (r"/\+?\d{1,9} ", r" \+?\d{1,12} "))
"""Around one that stands before the request, as gin and haproxy print it."""
_QUART = r" 1\.1"
"""Before one: hypercorn's protocol, as Quart has it."""


def status_patterns(side: str | None, code: str, befores: list[str]) -> Iterator[str]:
    """Every way a status is printed; long literals, which cost nothing where they do not occur."""
    if side != "client":
        yield from (f"{member}{code}" for member in _MEMBERS)
        # hypercorn, up to Python 3.10
        named = [f'1\\.1"{BLANK}HTTPStatus\\.{_NAMES[code]}\\b'] if code in _NAMES else []
        own = [f"{BLANK if befores else ''}{begin}{code}" for begin in _OWN]
        if befores:
            quoted = [f"{BLANK}{protocol}{quote}" for protocol in _SERVED for quote in _QUOTES]
            ends = [f"{end}{BLANK}{code}" for end in (*quoted, *_QUOTES, _QUART)]
            yield from _behind(befores, [*named, *ends, *own, f"{_ARROW} {code}{_UNQUOTED}"])
            ahead = "|".join(f"{ahead}{code}{end}" for ahead, end in _AHEAD)
            yield from (f"(?:{ahead})[^\\n]*{before}" for before in befores)
        else:
            yield f'"{BLANK}{code}'
            yield from (ahead + code + end for ahead, end in _AHEAD)
            yield from (f" {code}{_UNQUOTED}", f"{_QUART} {code} ", *named, *own)
            yield from [f"[ :]{code} [A-Z]{{3,7}} /"] * (code >= "5")  # Tornado's
    if side != "server":
        asked = [f"{protocol}{BLANK}{code}" for protocol in _ASKED]
        yield from _behind(befores, [rf'{BLANK}\\?"{end}' for end in asked]) if befores else asked


def _behind(befores: Sequence[str], ends: Sequence[str]) -> Iterator[str]:
    """One pattern a path: several that begin alike would be begun several times wherever it stands."""
    yield from (f"{before}(?:{'|'.join(ends)})" for before in befores)
