"""Marks behind a record's head: those that a formatter writes, and those that a message itself begins with.

A single line cannot tell `INFO | id | state |` with a bar of the formatter's from one of a table. The lines of a source
can: a formatter writes the same behind every level or name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from logscope.events.formats import Head
from logscope.events.formats.format import Format
from logscope.lazily import lazy

_MARKS = (b"-", b"|", b":")
_ENOUGH, _MOST = 5, 0.7
"""Records of one format that are needed, and the share of them that must agree."""
_LONGEST = 60
"""Bytes of blanks and marks at most."""
_OWN = {
    usual: lazy(
        rb"[ \t]*[\])>]*[ \t]*" + (re.escape(usual) + rb"{1,3}+[ \t]*+" if usual else b"") + rb"(?=[-|:])"
    )
    for usual in (b"", *_MARKS)
}
"""What stands between head and message, whose first mark is its own."""
_SUSPECT = {usual: lazy(rb"(?:[-|:][ \t]*)" * bool(usual) + rb"[-|:]+[ \t]*\Z") for usual in _OWN}


def usual_marks(heads: Iterable[tuple[Head, bytes]]) -> dict[str, bytes]:
    """Return, by name of the format and what stands before it, the mark at the heads' ends in a sample (each head with
    its line), empty where there is none; without those whose lines do not agree."""
    found: dict[str, Counter[bytes]] = {}
    for (form, _, level), line in heads:
        head = form.regex.match(line) if (level or form.timed) and form.kind == "plain" else None
        if head is not None:
            last = head[0].rstrip()[-1:]
            found.setdefault(_key(form, head), Counter())[last if last in _MARKS else b""] += 1
    usual = {name: counts.most_common(1)[0] for name, counts in found.items()}
    return {
        name: mark
        for name, (mark, count) in usual.items()
        if count >= max(_ENOUGH, _MOST * found[name].total())
    }


def _key(form: Format, head: re.Match[bytes]) -> str:
    return f"{form.name} {head.lastgroup}"


def message_start(usual: Mapping[str, bytes], form: Format, head: re.Match[bytes]) -> int:
    """Return where a record's message begins, with the marks of its own that the head took."""
    place, line = head.end(), head.string
    mark = usual.get(_key(form, head))
    if mark is None or head.lastgroup is None or not _SUSPECT[mark].search(head[0][-_LONGEST:]):
        return place
    own = _OWN[mark].match(line, head.end(head.lastgroup), place)
    return own.end() if own is not None and not line[own.end() : place].strip(b"-|: \t") else place


def message_place(usual: Mapping[str, bytes], head: Head, line: bytes) -> int:
    """The same for a head as a matcher returns it."""
    found = head[0].regex.match(line) if usual else None
    return head[1] if found is None or found.end() != head[1] else message_start(usual, head[0], found)
