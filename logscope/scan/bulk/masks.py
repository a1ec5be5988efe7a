"""What differs between lines that the same line of code wrote, masked: many lines at once, length for length.

A log in trouble repeats itself: the same text with another time, another number, another id. Masked, such lines are
equal byte for byte, and whatever was found at a place in one of them stands at the same place in the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from logscope.events.text.ansi import blank_colours
from logscope.rulebook.cache import Cache
from logscope.rulebook.prefilter import Prefilter
from logscope.scan.arrays import Bools, Bytes, Ints
from logscope.scan.bulk.columns import apart, spread

_LONG_WORD, _SHORT_WORD = 16, 6
"""A word of letters and digits is an id when it is long, or shorter and changes between them more than once, or is
hexadecimal."""
_REACH = 64
"""Letters and digits of an id that are looked at in either direction."""
_PIECE = 1 << 16
"""Bytes looked at in one go: what the processor keeps at hand."""
_EDGE = 32
"""Bytes of nothing before and behind a text, so that no place needs care at its ends."""
VARIES = b"\2"
"""What stands for what varies."""
NO_DIGITS = bytes.maketrans(b"123456789" + VARIES, b"0000000000")
"""Makes texts that differ in digits only the same, masked or not."""
_JSON_ESCAPE, _ESCAPED = rb"\u", 4
"""What stands before a character's code in a JSON string, and its digits."""
_HEX = b"0123456789abcdefABCDEF"
_WORD = bytes(byte for byte in range(128) if chr(byte).isalnum())


class Masks:
    """Masks lines, but for what rules name."""

    def __init__(self, words: Sequence[str], cache: Cache | None = None) -> None:
        """Keep `words`, which rules look for, as they are."""
        self._named: Prefilter | None = None
        masked = self.masked("\n".join(words).encode()).decode().split("\n")
        named = [word for word, other in zip(words, masked, strict=True) if word != other] if words else []
        self._sizes = [len(word) for word in named]
        if named:
            patterns = [rf"\b{re.escape(word)}\b" for word in named]
            self._named = Prefilter(patterns, [False] * len(named), cache=cache)

    def masked(self, text: bytes, coloured: bool = False) -> bytes:
        """Return the text with VARIES for every digit of times, addresses and long numbers, and for every character of
        ids.

        Line ends and lengths stay; so do other numbers of up to three digits, which may be codes. `coloured` lines have
        codes beside words.
        """
        if coloured:
            text = blank_colours(text)
        own = np.zeros(len(text) + 2 * _EDGE, np.uint8)
        own[_EDGE:-_EDGE] = np.frombuffer(text, np.uint8)
        result = own.copy()
        turns, dashes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for begin in range(_EDGE, len(own) - _EDGE, _PIECE):
            end = min(begin + _PIECE, len(own) - _EDGE)
            turns.append(_mask_numbers(own, result, begin, end) + begin)
            dashes.append(_spaced_dashes(own, begin, end) + begin)
        result[_ids(own, np.concatenate(turns))] = VARIES[0]
        result[_uuids(own, np.concatenate(dashes))] = VARIES[0]
        if _JSON_ESCAPE in text:
            codes = _codes(own)
            result[codes] = own[codes]
        for place, number in self._named.scan(memoryview(text)) if self._named else ():
            end = _EDGE + place + 1
            result[end - self._sizes[number] : end] = own[end - self._sizes[number] : end]
        return result[_EDGE:-_EDGE].tobytes()


def _mask_numbers(own: Bytes, result: Bytes, begin: int, end: int) -> Ints:
    """Write VARIES over the digits of long numbers in result[begin:end]; return where, from `begin` on, digits stand
    next to a letter.

    Long are four digits in a row, and five characters of numbers joined as in `19:20` or `10.0.0.7`; the numbers of
    `Task-7` and its like are masked, too.
    """
    near, size = own[begin - _EDGE : end + _EDGE], end - begin
    digits = (near - np.uint8(48)) < 10
    joints = ((near - np.uint8(44)) < 3) | (near == ord(":")) | (near == ord("_"))
    chains = digits.copy()
    chains[1:-1] |= joints[1:-1] & digits[:-2] & digits[2:]
    pairs = chains[:-1] & chains[1:]
    fives = pairs[:-3] & pairs[2:-1] & chains[4:]
    pairs = digits[:-1] & digits[1:]
    fours = pairs[:-2] & pairs[2:]
    long = (
        _covered(fives)[_EDGE - 3 :][:size] | fives[_EDGE - 4 :][:size] | _covered(fours)[_EDGE - 3 :][:size]
    )
    letters = ((near | np.uint8(32)) - np.uint8(97)) < 26
    first = letters[:-2] & (near[1:-1] == ord("-")) & digits[2:]
    second = first[:-1] & digits[3:]
    third = second[:-1] & digits[4:]
    counted = first[_EDGE - 2 :][:size] | second[_EDGE - 3 :][:size] | third[_EDGE - 4 :][:size]
    varying = ((long | counted) & digits[_EDGE:-_EDGE]).view(np.uint8)
    result[begin:end] -= varying * (own[begin:end] - np.uint8(VARIES[0]))
    beside = letters[_EDGE - 1 :][:size] | letters[_EDGE + 1 :][:size]
    return np.flatnonzero(beside & digits[_EDGE:-_EDGE])


def _covered(begins: Bools) -> Bools:
    """Return whether any of four places in a row is a begin, for every such four."""
    two = begins[1:] | begins[:-1]
    return two[2:] | two[:-2]


def _ids(own: Bytes, turns: Ints) -> Ints:
    """Return the places of every character of words that are ids; `turns` are the digits next to a letter."""
    if not len(turns):
        return turns
    starts = _behind_code(own, _reach(own, turns, -1))
    turns, starts = turns[turns >= starts], starts[turns >= starts]
    if not len(turns):
        return turns
    first = np.flatnonzero(apart(starts))  # one turn per word
    behind = np.append(first[1:], len(turns))
    counts = behind - first
    starts = starts[first]
    ends = _reach(own, turns[behind - 1], 1) + 1
    lengths = ends - starts
    chosen = (lengths >= _LONG_WORD) | ((lengths >= _SHORT_WORD) & (counts > 1))
    doubtful = np.flatnonzero((lengths >= _SHORT_WORD) & ~chosen)
    if len(doubtful):
        is_hex = _table(_HEX)[own[spread(starts[doubtful], lengths[doubtful])]]
        chosen[doubtful] = np.logical_and.reduceat(is_hex, np.cumsum(lengths[doubtful]) - lengths[doubtful])
    return spread(starts[chosen], lengths[chosen])


def _behind_code(own: Bytes, starts: Ints) -> Ints:
    """Return where words begin, those that a JSON string's escape runs into behind it: `\\u003cmodule`."""
    code = (own[starts - 1] == _JSON_ESCAPE[0]) & (own[starts] == _JSON_ESCAPE[1])
    return starts + np.where(code, 1 + _ESCAPED, 0)


def _codes(own: Bytes) -> Ints:
    """Return the places of all digits of characters' codes in JSON strings."""
    at = np.flatnonzero((own[:-1] == _JSON_ESCAPE[0]) & (own[1:] == _JSON_ESCAPE[1]))
    places: Ints = (at[:, None] + np.arange(2, 2 + _ESCAPED)).ravel()
    return places


@cache
def _table(letters: bytes) -> Bools:
    """Return of every byte whether it is one of the letters."""
    return np.isin(np.arange(256), np.frombuffer(letters, np.uint8))


def _reach(own: Bytes, places: Ints, step: int) -> Ints:
    """Return how far the words of letters and digits reach that hold `places`, going by `step`."""
    in_word = _table(_WORD)
    reached = places.copy()
    going = np.arange(len(places))
    for _ in range(_REACH):
        going = going[in_word[own[reached[going] + step]]]
        if not len(going):
            break
        reached[going] += step
    return reached


def _spaced_dashes(own: Bytes, begin: int, end: int) -> Ints:
    """Return where, from `begin` on, a dash in own[begin:end] is followed by three more as in a UUID."""
    dash = own[begin : end + _EDGE] == ord("-")
    size = end - begin
    return np.flatnonzero(dash[:size] & dash[5:][:size] & dash[10:][:size] & dash[15:][:size])


def _uuids(own: Bytes, dashes: Ints) -> Ints:
    """Return the places of every digit of UUIDs, hexadecimal ones included, whose first dashes are given."""
    places = (dashes - 8)[:, None] + np.array([n for n in range(36) if n not in (8, 13, 18, 23)])
    found: Ints = places[_table(_HEX)[own[places]].all(axis=1)].ravel()
    return found
