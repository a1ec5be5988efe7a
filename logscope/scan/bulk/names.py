"""Words that nothing looks for, such as names and keys, blanked: what differs in these alone is told alike.

Of each kind of unit two are asked; only when both are told the same are the others taken over.
"""

from __future__ import annotations

import re
from functools import cache

from logscope.events.text.levels import LEVELS
from logscope.lazily import TEXTS
from logscope.rulebook.vocabulary import begins_or_ends_known, holds_known, letters_in

_WORD = re.compile(rb"(?<![\\0-9A-Za-z])[0-9A-Za-z]{4,}")
_SMALL = re.compile(r"[0-9]{0,3}([a-z]{4,})[0-9]{0,3}")
_HUMPS = re.compile(
    r"[A-Z0-9]+|(?:[A-Z]?[a-z]{3,}|[A-Z]{2,}(?![a-z]))(?:[A-Z][a-z]{3,}|[A-Z]{2,}(?![a-z])|[0-9]{1,2})*"
)
"""Words as a programmer would write them; a key is drawn by lot."""
_HEX = re.compile(r"[a-f]+")
_ESCAPE = re.compile(r"\\[A-Za-z]")
_SHORTEST_KEY = 6
_MOST = 50_000
_SMALL_BLANK, _KEY_BLANK = b"\1", b"0"
"""What stands for each character of a word of small letters, and of a key, as of any other id."""
_BLANKS = bytes.maketrans(_SMALL_BLANK, b"0")


class Names:
    """Blanks the words of a text, length for length."""

    def __init__(self, known: frozenset[str]) -> None:
        """`known` are the runs of letters that rules look for; what this program itself seeks in logs is kept, too."""
        self._known = known | _own_words()
        self._blank_of: dict[bytes, bytes] = {}

    def blanked(self, text: bytes) -> bytes:
        """Return a text, which is masked, with unknown words blanked; what is indented (code, frames) as it is."""
        return text if text[:1] in (b" ", b"\t") else _WORD.sub(self._blank, text)

    def varying(self, text: bytes) -> bytes:
        """Return a masked text of several lines with 0 for what is blanked in it."""
        return b"\n".join(map(self.blanked, text.split(b"\n"))).translate(_BLANKS)

    def _blank(self, found: re.Match[bytes]) -> bytes:
        word = found[0]
        blank = self._blank_of.get(word)
        if blank is None:
            if len(self._blank_of) > _MOST:
                self._blank_of.clear()
            blank = self._blank_of[word] = self._made(word.decode()) * len(word) or word
        return blank

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
        return _SMALL_BLANK if small else _KEY_BLANK


@cache
def _own_words() -> frozenset[str]:
    """The letters of all patterns with which this program reads events; the same for all sources."""
    texts = (text if isinstance(text, str) else text.decode("latin-1") for text in TEXTS)
    found = {word for text in texts for word in letters_in(_ESCAPE.sub(" ", text))}
    return frozenset(found | LEVELS.keys())
