"""Words and small numbers that nothing looks for, such as names, keys, and how long something took, blanked: what
differs in these alone is told alike.

Of each kind of unit two are asked; only when both are told the same are the others taken over.
"""

from __future__ import annotations

import re
from functools import cache

from logscope.events.text.levels import LEVELS
from logscope.lazily import TEXTS
from logscope.rulebook.vocabulary import begins_or_ends_known, holds_known, letters_in
from logscope.scan.bulk.masks import VARIES

_WORD = re.compile(
    rb"(?<![\w\x02.,<\\-])(?<![0-9]/)(?<!\bof )(?:[1-9][0-9]{0,2}(?:\.[0-9]{1,3})?|0\.[0-9]{1,3})"
    rb"(?=(?:[mnu]?s|m|h|[kKMG]i?B|%)?(?!\.?[\w\x02]|[/-]| of\b))"
    rb"|(?<![\\\x020-9A-Za-z])[0-9A-Za-z]{4,}(?!\x02)"
)
"""A number of up to three digits, no part of another one and none of several, such as `3/3`, as which the last one of
them is told; or a word."""
_FRAME = re.compile(
    rb"(?<=\", line )[1-9][0-9]{0,2}(?=, in |\n|\Z)|(?<=:)[1-9][0-9]{0,2}:[1-9][0-9]{0,2}(?=\)?(?:\n|\Z))"
)
"""Where in a file the frame of a stack stands."""
_PLACED = re.compile(rb"(?:line|column|char) \Z|\.[a-z]{1,4}:\Z")
_TELLING = re.compile(rb"(?i)(?:level|lvl|severity|priority|status|code|errno|exit|signal)\W{0,4}\Z")
_BEFORE = 12
"""Bytes before a number that say what it is: where it is one of a text's own, and where it is a code."""
_CODES = range(100, 600)
"""Numbers that may be an HTTP status."""
_DIGIT = re.compile(rb"[0-9]")
_UNITS = tuple(bytes((byte,)) for byte in b"mnushkKMGB%")
"""What begins one behind a number."""
_SMALL = re.compile(r"[0-9]{0,3}([a-z]{4,})[0-9]{0,3}")
_HUMPS = re.compile(
    r"[A-Z0-9]+|(?:[A-Z]?[a-z]{3,}|[A-Z]{2,}(?![a-z]))(?:[A-Z][a-z]{3,}|[A-Z]{2,}(?![a-z])|[0-9]{1,2})*"
)
"""Words as a programmer would write them; a key is drawn by lot."""
_HEX = re.compile(r"[a-f]+")
_ESCAPE = re.compile(r"\\[A-Za-z]")
_SHORTEST_WORD, _SHORTEST_KEY = 4, 6
_MOST = 50_000
_BLANK = b"\1"
"""What stands for each character of a word of small letters or a number; for those of a key stands what does for any
other id's."""
_BLANKS = bytes.maketrans(_BLANK, VARIES)


class Names:
    """Blanks the words and small numbers of a text, length for length."""

    def __init__(self, known: frozenset[str]) -> None:
        """`known` are the runs of letters, and the numbers, that rules look for; what this program itself seeks in logs
        is kept, too."""
        self._known = known | _own_words()
        self._blank_of: dict[bytes, bytes] = {}

    def blanked(self, text: bytes) -> bytes:
        """Return a text, which is masked, with unknown words and numbers blanked; of what is indented (code, frames)
        only where it stands."""
        return _FRAME.sub(_frame, text) if text[:1] in (b" ", b"\t") else _WORD.sub(self._blank, text)

    def varying(self, text: bytes) -> bytes:
        """Return a masked text of several lines with VARIES for what is blanked in it."""
        return b"\n".join(map(self.blanked, text.split(b"\n"))).translate(_BLANKS)

    def _blank(self, found: re.Match[bytes]) -> bytes:
        word = found[0]
        if len(word) < _SHORTEST_WORD or b"." in word:
            return _DIGIT.sub(_BLANK, word) if self._varies(found) else word
        blank = self._blank_of.get(word)
        if blank is None:
            if len(self._blank_of) > _MOST:
                self._blank_of.clear()
            blank = self._blank_of[word] = self._made(word.decode()) * len(word) or word
        return blank

    def _varies(self, found: re.Match[bytes]) -> bool:
        """Whether a number is one that nothing looks for."""
        number, text, (start, end) = found[0], found.string, found.span()
        before = text[max(0, start - _BEFORE) : start]
        if number == b"1" or _TELLING.search(before):
            return False
        if b"." in number or _PLACED.search(before):
            return True
        measured = text[end : end + 1] in _UNITS
        return number.decode() not in self._known and (measured or int(number) not in _CODES)

    def _made(self, word: str) -> bytes:
        """What each character of a word is replaced by; empty where it stays."""
        small = _SMALL.fullmatch(word)
        if small is not None:
            letters = small[1]
            kept = bool(_HEX.fullmatch(letters)) or begins_or_ends_known(letters, self._known)
        else:
            kept = len(word) < _SHORTEST_KEY or bool(_HUMPS.fullmatch(word))
        if kept or holds_known(word.lower(), self._known):
            return b""
        return _BLANK if small else VARIES


def _frame(found: re.Match[bytes]) -> bytes:
    return _DIGIT.sub(_BLANK, found[0])


@cache
def _own_words() -> frozenset[str]:
    """The letters of all patterns with which this program reads events; the same for all sources."""
    texts = (text if isinstance(text, str) else text.decode("latin-1") for text in TEXTS)
    found = {word for text in texts for word in letters_in(_ESCAPE.sub(" ", text))}
    return frozenset(found | LEVELS.keys())
