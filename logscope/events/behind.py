"""What a source's formatter writes between a record's head and its message: the place in the code, threads, names.

A single line cannot tell `httpx reads` from a logger and a word. The lines of a source can: what stands behind nearly
all heads of one format is the formatter's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from logscope.events.formats import Head
from logscope.events.formats.format import Format

_END = rb"(?: ?(?:-+|::?|\|)(?= |$))?:* *"
_PLACES = tuple(
    re.compile(pattern + _END)
    for pattern in (
        rb"[\[({<]?(?:(?:[A-Za-z]:)?[\w.\-]*[/\\])*[\w.\-]+\.py(?::| line )\d+(?::\w+)?[\])}>]?",
        rb"[\[(](?:MainThread|Thread-\d+[^\])\n]*\)?|ThreadPool[^\])\n]*|asyncio_\d+|AnyIO[^\])\n]*|Dummy-\d+)[\])]",
        rb"\[?(?:MainProcess|SpawnProcess-[\d:]+|ForkProcess-\d+|ForkPoolWorker-\d+)(?:\[\d+\])?\]?",
        rb"\[[\w.\-]+=[^\s\],]*(?:[ ,]+[\w.\-]+=[^\s\],]*)*\]",
        rb"\[(?:\d+|-)\]",
    )
)
"""Where in the program: never a message's own beginning, when all lines have it."""
_BARE = re.compile(rb" *(?P<logger>[a-z_]\w*(?:\.\w+)*|__main__) +(?=\S)")
_NAMES = (
    (re.compile(rb"\[(?P<logger>[A-Za-z_][\w.\-]*)\]" + _END), 0.0),
    (re.compile(rb"\((?P<logger>[A-Za-z_][\w.\-]*)\)" + _END), 0.0),
    (re.compile(rb"(?P<logger>[a-z_][\w\-]*(?:\.[\w\-]+)*)(?: +-| +\||::?) *(?=\S)"), 0.3),
    (_BARE, 0.6),
)
"""A logger's name, and the share of lines where it must be dotted or a library's: the less it stands out, the more."""
_LIBRARIES = frozenset(
    (b"httpx", b"httpcore", b"asyncio", b"uvicorn", b"mcp", b"fastmcp", b"openai", b"anthropic", b"__main__")
)
"""Loggers whose names have no dot."""
_OWN = ("second", "logger", "logger2", "named", "module")
_MOST = 0.9
_FEW = 3
"""Lines that must agree on a name in brackets."""
MAX_PARTS = 4


class Behind(NamedTuple):
    """What follows one format's heads."""

    whole: re.Pattern[bytes]
    unnamed: re.Pattern[bytes]
    """The same without the logger's name, for heads that show it themselves."""


def own_logger(groups: Mapping[str, bytes | None]) -> bytes:
    """Return the logger that a head shows itself, empty without one."""
    return next((name for key in _OWN if (name := groups.get(key))), b"")


def learn(heads: Iterable[tuple[Head, bytes]]) -> dict[str, Behind]:
    """Return, by name of the format, what stands behind nearly all heads of a sample (each with its line)."""
    lines: dict[str, list[tuple[Format, bytes]]] = {}
    for (form, _, level), line in heads:
        if form.kind == "plain" and level:
            lines.setdefault(form.name, []).append((form, line))
    found = {name: _of_format(those) for name, those in lines.items()}
    return {name: behind for name, behind in found.items() if behind is not None}


def _of_format(lines: list[tuple[Format, bytes]]) -> Behind | None:
    rests: list[bytes] = []
    named: list[bool] = []
    for form, line in lines:
        head = form.regex.match(line)
        if head is not None:
            rests.append(line[head.end() :])
            named.append(own_logger(head.groupdict()) != b"")
    parts: list[tuple[re.Pattern[bytes], bool]] = []
    known = all(named)
    while len(parts) < MAX_PARTS:
        part = _place(rests)
        name = _name(rests, named) if part is None and not known else None
        if part is None and name is None:
            break
        step = part or name
        assert step is not None
        parts.append((step, name is not None))
        known = known or name is not None
        rests = [
            rest[found.end() :]
            if not (own and name is not None) and (found := step.match(rest)) is not None
            else rest
            for rest, own in zip(rests, named, strict=True)
        ]
    return _joined(parts) if parts else None


def _place(rests: list[bytes]) -> re.Pattern[bytes] | None:
    for pattern in _PLACES:
        if sum(pattern.match(rest) is not None for rest in rests) >= _MOST * len(rests):
            return pattern
    return None


def _name(rests: list[bytes], named: list[bool]) -> re.Pattern[bytes] | None:
    """What reads the logger's name behind the heads that show none."""
    bare = [rest for rest, own in zip(rests, named, strict=True) if not own]
    for pattern, share in _NAMES:
        names = [found["logger"] for rest in bare if (found := pattern.match(rest)) is not None]
        telling = sum(b"." in name or name in _LIBRARIES for name in names) + sum(named)
        least = share * len(rests)
        if len(names) >= _MOST * len(bare) and telling >= least and (share or len(rests) >= _FEW):
            return pattern
    return None


def _joined(parts: list[tuple[re.Pattern[bytes], bool]]) -> Behind:
    """One pattern of all parts; a line may lack any of them."""

    def pattern(named: bool) -> re.Pattern[bytes]:
        return re.compile(
            b"".join(b"(?:" + part.pattern + b")?" for part, name in parts if named or not name)
        )

    return Behind(pattern(True), pattern(False))


def read_behind(behind: Behind, form: Format, line: bytes) -> tuple[int, bytes]:
    """Return where the message begins behind a head of `form`, and the logger's name (empty: the head's own)."""
    head = form.regex.match(line)
    if head is None:
        return 0, b""
    own = own_logger(head.groupdict())
    found = (behind.unnamed if own else behind.whole).match(line, head.end())
    assert found is not None  # every part may be missing
    return found.end(), b"" if own else found.groupdict().get("logger") or b""
