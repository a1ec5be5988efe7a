"""Units that differ in words and small numbers only: what is told of one of them is told of all, its places moved to
where they are in the others, whose words may be longer or shorter.

Words that nothing looks for may be any. Those that something may look for have to stand where they stood in a unit that
was told the same, every two of a line together: what few such units show is enough for all that are mixed from them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from logscope.events import Event
from logscope.scan.bulk.known import Known, Masked, Seen, essence, located, moved, named_alike, said_in
from logscope.scan.bulk.masks import VARIES
from logscope.scan.bulk.names import LETTERS, LEVEL_OR_CODE, Names, varying

UNLIKE = -1
"""In place of a unit's number: nobody knows what is told of it."""
_BLANK = re.compile(LETTERS + rb"+")
_WORD = re.compile(rb"(?<![0-9A-Za-z\1\3\4])(?!" + LEVEL_OR_CODE + rb")[0-9A-Za-z\1\3\4]+")
"""A word or number, blanked or not; no level, and nothing that may be a code."""
_MOST_LINES = 20_000
"""Lines that are remembered; then all are forgotten."""
_MOST_MISSES = 4
"""Units told differently after which a kind learns no more."""
_TRIAL, _WORTH = 300, 0.1
"""Units after which it is judged whether looking for others like them pays, and the share that is found then."""
_BLANKED = re.compile(rb"[\1\3\4]")
_Word = tuple[int, int]
"""A word's line, and its place there."""
_Pair = tuple[tuple[int, int, bytes], tuple[int, int, bytes]]
"""Two words that stand in one line, or one alone."""
_Told = tuple[int, Seen]
"""Where an event begins in its unit, and what is told of it where words differ."""


class Heard(NamedTuple):
    """One event of a unit: where it begins there, and what is told of it where numbers differ only."""

    place: int
    event: Event
    seen: Seen


class _Line(NamedTuple):
    """A line, blanked and taken apart."""

    blanked: bytes
    frame: bytes
    """What is left without words."""
    words: tuple[bytes, ...]
    """Those that nothing looks for are the same, however long."""
    places: tuple[tuple[int, int], ...]


class _Apart(NamedTuple):
    """A unit, taken apart."""

    unit: Masked
    lines: Sequence[_Line]
    kind: int


class _Like:
    """What is told of the units of one kind."""

    def __init__(self, first: _Apart, heard: Sequence[Heard], misses: int = 0) -> None:
        self.first = first
        self.heard = heard
        """What was told of that."""
        self.told: Sequence[_Told] | None = None
        """The same where words differ; None until two units were told the same."""
        self.number = UNLIKE
        self.misses = misses
        self.varied: set[_Word] = set()
        """Words that were not the same in all units told the same."""
        self.mixed: set[_Pair] = set()
        """What stood there, every two together."""


class Alike:
    """The kinds of units of one source."""

    def __init__(self, known: Known, names: Names) -> None:
        self._known = known
        self._names = names
        self._likes: dict[int, _Like] = {}
        self._lines: dict[bytes, _Line] = {}
        self._last: _Apart | None = None
        self._tried = self._found = 0

    def number(self, unit: Masked, needles: int) -> int:
        """Return the number of what is told of a unit, UNLIKE where that is not known; `needles` stands for those that
        were found in it."""
        if not self._worth_it():
            return UNLIKE
        self._tried += 1
        apart = self._apart(unit, needles)
        like = self._likes.get(apart.kind)
        if like is None or like.told is None:
            return UNLIKE
        first = like.first.lines
        if not like.varied.issuperset(_different(first, apart.lines)):
            return UNLIKE
        if not like.mixed.issuperset(_mixed(apart.lines, like.varied)):
            return UNLIKE
        if all(own.places == other.places for own, other in zip(apart.lines, first, strict=True)):
            number = like.number
        else:
            shift = _Shift(first, apart.lines)
            told = [shift.event(*item) for item in like.told]
            seen = [item[1] for item in told if item is not None]
            number = self._known.add(seen) if len(seen) == len(told) else UNLIKE
        self._found += number != UNLIKE
        return number

    def compare(self, unit: Masked, needles: int, heard: Sequence[Heard]) -> None:
        """Learn from a unit that was asked what is told of others like it."""
        if not self._worth_it():
            return
        apart = self._apart(unit, needles)
        like = self._likes.setdefault(apart.kind, _Like(apart, heard))
        if like.first is apart or like.misses >= _MOST_MISSES:
            return
        varied = like.varied.union(_different(like.first.lines, apart.lines))
        first, told = _told(like.first, like.heard, varied), _told(apart, heard, varied)
        if first is None or told is None or not _same(first, told, _Shift(like.first.lines, apart.lines)):
            like.misses += 1
            if like.told is None:  # the first one may have been the odd one
                self._likes[apart.kind] = _Like(apart, heard, like.misses)
            return
        like.mixed.update(_mixed(like.first.lines, varied), _mixed(apart.lines, varied))
        if like.told is None or varied != like.varied:
            like.told, like.varied = first, varied
            like.number = self._known.add([seen for _, seen in first])

    def _worth_it(self) -> bool:
        """Whether units are like others often enough for the comparing to pay."""
        return self._tried < _TRIAL or self._found > self._tried * _WORTH

    def _apart(self, unit: Masked, needles: int) -> _Apart:
        if self._last is not None and self._last.unit is unit:
            return self._last
        if len(self._lines) > _MOST_LINES:
            self._lines.clear()
        known = self._lines
        texts = unit.masked.split(b"\n")
        for masked in texts:
            if masked not in known:
                text = self._names.blanked(masked)
                found = tuple(word.span() for word in _WORD.finditer(text))
                words = tuple(_BLANK.sub(LETTERS, text[begin:end]) for begin, end in found)
                known[masked] = _Line(text, _WORD.sub(LETTERS, text), words, found)
        lines = list(map(known.__getitem__, texts))
        kind = hash((tuple([line.frame for line in lines]), needles))
        self._last = _Apart(unit, lines, kind)
        return self._last


def _different(lines: Sequence[_Line], others: Sequence[_Line]) -> Iterator[_Word]:
    """Yield which words differ."""
    for number, (own, other) in enumerate(zip(lines, others, strict=True)):
        if own.words != other.words:
            for place, (word, another) in enumerate(zip(own.words, other.words, strict=True)):
                if word != another:
                    yield number, place


def _mixed(lines: Sequence[_Line], varied: set[_Word]) -> Iterator[_Pair]:
    """Yield the words that vary, each with those of its line before it that something may look for; a number is looked
    for beside a word."""
    before: list[tuple[int, int, bytes]] = []
    for number, place in sorted(varied):
        own = number, place, lines[number].words[place]
        yield own, own
        for other in before:
            if other[0] == number and (other[1] == place - 1 or not (other[2].isdigit() or own[2].isdigit())):
                yield other, own
        if not _BLANKED.match(own[2]):
            before.append(own)


def _told(apart: _Apart, heard: Sequence[Heard], varied: set[_Word]) -> list[_Told] | None:
    """Return what is told of a unit where some of its words may be others; None when that cannot be told."""
    mask = bytearray(varying(b"\n".join(line.blanked for line in apart.lines)))
    begins = list(accumulate((len(line.blanked) + 1 for line in apart.lines), initial=0))
    for number, place in varied:
        begin, end = apart.lines[number].places[place]
        mask[begins[number] + begin : begins[number] + end] = VARIES * (end - begin)
    told = []
    for at, event, strict in heard:
        own = slice(at, at + len(event.raw))
        masked, other = apart.unit.masked[own], bytes(mask[own])
        said = said_in(event, other)
        unnamed = strict.answer.error and not strict.answer.matched and not named_alike(event, masked, other)
        seen = None if said is None or unnamed else located(strict._replace(said=said), event.raw, other)
        if seen is None:
            return None
        told.append((at, seen))
    return told


def _same(first: Sequence[_Told], told: Sequence[_Told], shift: _Shift) -> bool:
    """Whether the same is told of two units."""
    if len(first) != len(told):
        return False
    for (at, seen), (own_at, own) in zip(first, told, strict=True):
        other = shift.event(at, seen)
        if other is None or other[0] != own_at or essence(other[1]) != essence(own):
            return False
    return True


class _Within(Exception):
    """A place is in the middle of a word, which may be another one in the other unit."""


class _Shift:
    """Where the places of a unit are in another one of its kind."""

    def __init__(self, lines: Sequence[_Line], others: Sequence[_Line]) -> None:
        self._words: list[tuple[int, int]] = []
        by = [0]
        at = other_at = 0
        for own, other in zip(lines, others, strict=True):
            if own is not other:
                for (begin, end), (_, other_end) in zip(own.places, other.places, strict=True):
                    self._words.append((at + begin, at + end))
                    by.append(other_at + other_end - at - end)
            at, other_at = at + len(own.blanked) + 1, other_at + len(other.blanked) + 1
        self._by = by
        self._ends = [end for _, end in self._words]

    def _place(self, place: int) -> int:
        before = bisect_right(self._ends, place)
        if before < len(self._words) and self._words[before][0] < place:
            raise _Within
        return place + self._by[before]

    def event(self, at: int, seen: Seen) -> _Told | None:
        """Return where an event begins in the other unit, and what is told of it there; None when that cannot be
        told."""
        try:
            begin = self._place(at)
            return begin, moved(seen, lambda place: self._place(at + place) - begin)
        except _Within:
            return None
