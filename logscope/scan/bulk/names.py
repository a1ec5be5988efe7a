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

_SMALL = re.compile(
    rb"[0-9](?<![\w\x02.,<\\-][0-9])(?<![0-9]/[0-9])(?<!\bof [0-9])"
    rb"(?:(?<!0)[0-9]{0,2}(?:\.[0-9]{1,3})?|(?<=0)\.[0-9]{1,3})"
    rb"(?=(?:[mnu]?s|m|h|[kKMG]i?B|%)?(?!\.?[\w\x02]|[/-]| of\b))"
)
"""A number of up to three digits, no part of another one and none of several, such as `3/3`, as which the last one of
them is told; begun with a digit, for which the engine looks quickly."""
_WORD = re.compile(rb"(?<![\\\x020-9A-Za-z])([0-9A-Za-z]{4,})(?!\x02)")
_FRAME = re.compile(
    rb"(?<=\", line )[1-9][0-9]{0,2}(?=, in |\n|\Z)|(?<=:)[1-9][0-9]{0,2}:[1-9][0-9]{0,2}(?=\)?(?:\n|\Z))"
)
"""Where in a file the frame of a stack stands."""
_PLACED = re.compile(rb"(?:line|column|char) \Z|\.[a-z]{1,4}:\Z|[a-z_]:[a-z_<]\w{0,30}>?:\Z")
_TELLING = re.compile(rb"(?i)(?:level|lvl|severity|priority|status|code|errno|exit|signal)\W{0,4}\Z")
_BEFORE, _PLACED_BEFORE = 12, 36
"""Bytes before a number that say what it is: a code, and where in a text or a module it is."""
_CODES = range(100, 600)
"""Numbers that may be an HTTP status."""
_DIGIT = re.compile(rb"[0-9]")
_UNIT = re.compile(rb"[mnushkKMGB%]| (?:[mnu]?s|min|sec(?:ond)?s?|minutes?|hours?|[kKMG]i?B|bytes)\b")
"""What stands behind a number that measures."""
_PLAIN = re.compile(r"[0-9]{0,3}([A-Z]?[a-z]{3,})[0-9]{0,3}")
_HUMPS = re.compile(
    r"[A-Z0-9]+|(?:[A-Z]?[a-z]{3,}|[A-Z]{2,}(?![a-z]))(?:[A-Z][a-z]{3,}|[A-Z]{2,}(?![a-z])|[0-9]{1,2})*"
)
"""Words as a programmer would write them; a key is drawn by lot."""
_HEX = re.compile(r"[a-f]+")
_ESCAPE = re.compile(r"\\[A-Za-z]")
_SHORTEST_KEY = 6
_MOST = 50_000
_CAPITALS, LETTERS, _NUMBER = b"\4", b"\1", b"\3"
"""What stands for the characters of a word, capitals and others, and of a number; for those of a key stands what does
for any other id's."""
_BLANKS = bytes.maketrans(_CAPITALS + LETTERS + _NUMBER, VARIES * 3)
_BLANK_OF = bytes(4 if 65 <= byte <= 90 else 1 for byte in range(256))
LEVEL_OR_CODE = (
    b"(?:(?i:" + "|".join(filter(str.isalpha, LEVELS)).encode() + rb")|[1-5][0-9\3]{2})(?![0-9A-Za-z\1\3\4])"
)
"""What is no word but tells by itself, in a text that is blanked."""


class Names:
    """Blanks the words and small numbers of a text, length for length."""

    def __init__(self, known: frozenset[str]) -> None:
        """`known` are the runs of letters, and the numbers, that rules look for; what this program itself seeks in logs
        is kept, too."""
        self._known = known | _own_words()
        self._words = _Words(self._known)

    def blanked(self, text: bytes) -> bytes:
        """Return a text, which is masked, with unknown words and numbers blanked; of what is indented (code, frames)
        only where it stands."""
        if text[:1] in (b" ", b"\t"):
            return _FRAME.sub(_frame, text)
        parts = _WORD.split(_SMALL.sub(self._number, text))
        parts[1::2] = map(self._words.__getitem__, parts[1::2])
        return b"".join(parts)

    def _number(self, found: re.Match[bytes]) -> bytes:
        """What a number is replaced by: itself where something may look for it, and of what may be a code all but the
        first digit."""
        number, text, (start, end) = found[0], found.string, found.span()
        before = text[max(0, start - _BEFORE) : start]
        if number == b"1" or _TELLING.search(before):
            return number
        if b"." not in number and not _PLACED.search(text, max(0, start - _PLACED_BEFORE), start):
            if number.decode() in self._known:
                return number
            if int(number) in _CODES and _UNIT.match(text, end) is None:
                return number[:1] + _NUMBER * (len(number) - 1)
        return _DIGIT.sub(_NUMBER, number)


class _Words(dict[bytes, bytes]):
    """What words are replaced by: themselves where something may look for them."""

    def __init__(self, known: frozenset[str]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, word: bytes) -> bytes:
        if len(self) > _MOST:
            self.clear()
        blank = self[word] = self._blank(word)
        return blank

    def _blank(self, word: bytes) -> bytes:
        text = word.decode()
        plain = _PLAIN.fullmatch(text)
        if plain is not None:
            letters = plain[1].lower()
            kept = bool(_HEX.fullmatch(letters)) or begins_or_ends_known(letters, self._known)
        else:
            kept = len(word) < _SHORTEST_KEY or bool(_HUMPS.fullmatch(text))
        if kept or holds_known(text.lower(), self._known):
            return word
        return word.translate(_BLANK_OF) if plain else VARIES * len(word)


def varying(blanked: bytes) -> bytes:
    """Return a text with VARIES for what is blanked in it."""
    return blanked.translate(_BLANKS)


def _frame(found: re.Match[bytes]) -> bytes:
    return _DIGIT.sub(_NUMBER, found[0])


@cache
def _own_words() -> frozenset[str]:
    """The letters of all patterns with which this program reads events; the same for all sources."""
    texts = (text if isinstance(text, str) else text.decode("latin-1") for text in TEXTS)
    found = {word for text in texts for word in letters_in(_ESCAPE.sub(" ", text))}
    return frozenset(found | LEVELS.keys())
