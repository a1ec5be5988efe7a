"""Templates: units that differ in words and small numbers only, at the same places. What is told of one of them is told
of all, its places moved to where they are in the others, whose words may be longer or shorter.

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
from logscope.scan.bulk.known import (
    Known,
    Masked,
    Seen,
    essence,
    located,
    moved,
    named_alike,
    said_in,
    shared,
)
from logscope.scan.bulk.masks import VARIES
from logscope.scan.bulk.names import LETTERS, LEVEL_OR_CODE, Names, varying

NO_TEMPLATE = -1
"""In place of a unit's number: it fits no template, or none that is known to be told the same."""
_RUN = re.compile(rb"([\x01\x02])\1+")
"""Letters of an unknown word, or what is masked, however long."""
_WORD = re.compile(rb"\x02+|(?<![0-9A-Za-z\1\3\4])(?!" + LEVEL_OR_CODE + rb")[0-9A-Za-z\1\3\4]+")
"""A word or number, blanked or not, or what is masked; no level, and nothing that may be a code."""
_MOST_LINES = 20_000
"""Lines that are remembered; then all are forgotten."""
_MOST_MISSES = 4
"""Units told differently after which a template learns no more."""
_TRIAL, _WORTH = 300, 0.1
"""Units after which it is judged whether looking for their templates pays, and the share that has one then. Where it
does not, so many are not looked for before that is tried again, and each time twice as many: templates take two units
each to be known."""
_BLANKED = re.compile(rb"[\1-\4]")
_Word = tuple[int, int]
"""A word's line, and its place there."""
_Pair = tuple[tuple[int, int, bytes], tuple[int, int, bytes]]
"""Two words that stand in one line, or one alone."""
_Told = tuple[int, Seen]
"""Where an event begins in its unit, and what is told of it where words differ."""


class PlacedEvent(NamedTuple):
    """One event of a unit: where it begins there, and what is told of it where numbers differ only."""

    place: int
    event: Event
    seen: Seen


class _Line(NamedTuple):
    """A line, blanked and taken apart into words."""

    blanked: bytes
    frame: bytes
    """What is left without words."""
    words: tuple[bytes, ...]
    """Those that nothing looks for are the same, however long."""
    places: tuple[tuple[int, int], ...]


class _Tokens(NamedTuple):
    """A unit, taken apart into words."""

    unit: Masked
    lines: Sequence[_Line]
    frame: int
    """The same for units that differ in words only, and hold the same needles."""


class _Template:
    """What is told of the units that share a frame."""

    def __init__(self, first: _Tokens, events: Sequence[PlacedEvent], misses: int = 0) -> None:
        self.first = first
        self.events = events
        """Those of the first unit."""
        self.told: Sequence[_Told] | None = None
        """The same where words differ; None until two units were told the same."""
        self.number = NO_TEMPLATE
        self.misses = misses
        self.wildcards: set[_Word] = set()
        """Places of words that were not the same in all units told the same."""
        self.pairs: set[_Pair] = set()
        """What stood there, every two together."""


class Templates:
    """The templates of one source's units."""

    def __init__(self, known: Known, names: Names) -> None:
        self._known = known
        self._names = names
        self._templates: dict[int, _Template] = {}
        self._lines: dict[bytes, _Line] = {}
        self._last: _Tokens | None = None
        self._tried = self._found = self._left = 0
        self._rest = _TRIAL

    def number(self, unit: Masked, needles: int) -> int:
        """Return the number of what is told of a unit, by its template; NO_TEMPLATE where that is not known. `needles`
        stands for those that were found in it."""
        if not self._is_worth_it():
            return NO_TEMPLATE
        self._tried += 1
        tokens = self._tokenized(unit, needles)
        template = self._templates.get(tokens.frame)
        if template is None or template.told is None:
            return NO_TEMPLATE
        first = template.first.lines
        if not template.wildcards.issuperset(_different(first, tokens.lines)):
            return NO_TEMPLATE
        if not template.pairs.issuperset(_pairs(tokens.lines, template.wildcards)):
            return NO_TEMPLATE
        if all(own.places == other.places for own, other in zip(tokens.lines, first, strict=True)):
            number = template.number
        else:
            shift = _Shift(first, tokens.lines)
            told = [shift.event(*item) for item in template.told]
            seen = [item[1] for item in told if item is not None]
            number = self._known.add(seen) if len(seen) == len(told) else NO_TEMPLATE
        self._found += number != NO_TEMPLATE
        return number

    def learn(self, unit: Masked, needles: int, events: Sequence[PlacedEvent]) -> None:
        """Learn from the events of a unit that were asked what is told of others with its template."""
        if self._left:
            return
        tokens = self._tokenized(unit, needles)
        template = self._templates.setdefault(tokens.frame, _Template(tokens, events))
        if template.first is tokens or template.misses >= _MOST_MISSES:
            return
        wildcards = template.wildcards.union(_different(template.first.lines, tokens.lines))
        first, told = _told(template.first, template.events, wildcards), _told(tokens, events, wildcards)
        both = None
        if first is not None and told is not None:
            both = _alike(first, told, _Shift(tokens.lines, template.first.lines))
        if both is None:
            template.misses += 1
            if template.told is None:  # the first one may have been the odd one
                self._templates[tokens.frame] = _Template(tokens, events, template.misses)
            return
        template.pairs.update(_pairs(template.first.lines, wildcards), _pairs(tokens.lines, wildcards))
        if template.told is None or wildcards != template.wildcards:
            template.told, template.wildcards = both, wildcards
            template.number = self._known.add([seen for _, seen in both])

    def _is_worth_it(self) -> bool:
        """Whether units are like others often enough for the comparing to pay."""
        if self._left:
            self._left -= 1
        elif self._tried >= _TRIAL:
            if self._found <= self._tried * _WORTH:
                self._left = self._rest
                self._rest *= 2
            self._tried = self._found = 0
        return not self._left

    def _tokenized(self, unit: Masked, needles: int) -> _Tokens:
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
                words = tuple(_RUN.sub(rb"\1", text[begin:end]) for begin, end in found)
                known[masked] = _Line(text, _WORD.sub(LETTERS, text), words, found)
        lines = list(map(known.__getitem__, texts))
        frame = hash((tuple([line.frame for line in lines]), needles))
        self._last = _Tokens(unit, lines, frame)
        return self._last


def _different(lines: Sequence[_Line], others: Sequence[_Line]) -> Iterator[_Word]:
    """Yield which words differ."""
    for number, (own, other) in enumerate(zip(lines, others, strict=True)):
        if own.words != other.words:
            for place, (word, another) in enumerate(zip(own.words, other.words, strict=True)):
                if word != another:
                    yield number, place


def _pairs(lines: Sequence[_Line], wildcards: set[_Word]) -> Iterator[_Pair]:
    """Yield the words that vary, each with those of its line before it that something may look for; a number is looked
    for beside a word."""
    before: list[tuple[int, int, bytes]] = []
    for number, place in sorted(wildcards):
        own = number, place, lines[number].words[place]
        yield own, own
        for other in before:
            if other[0] == number and (other[1] == place - 1 or not (other[2].isdigit() or own[2].isdigit())):
                yield other, own
        if not _BLANKED.match(own[2]):
            before.append(own)


def _told(tokens: _Tokens, events: Sequence[PlacedEvent], wildcards: set[_Word]) -> list[_Told] | None:
    """Return what is told of a unit where some of its words may be others; None when that cannot be told."""
    mask = bytearray(varying(b"\n".join(line.blanked for line in tokens.lines)))
    begins = list(accumulate((len(line.blanked) + 1 for line in tokens.lines), initial=0))
    for number, place in wildcards:
        begin, end = tokens.lines[number].places[place]
        mask[begins[number] + begin : begins[number] + end] = VARIES * (end - begin)
    told = []
    for at, event, strict in events:
        own = slice(at, at + len(event.raw))
        masked, other = tokens.unit.masked[own], bytes(mask[own])
        said = said_in(event, other)
        unnamed = strict.answer.error and not strict.answer.matched and not named_alike(event, masked, other)
        seen = None if said is None or unnamed else located(strict._replace(said=said), event.raw, other)
        if seen is None:
            return None
        told.append((at, seen))
    return told


def _alike(first: Sequence[_Told], told: Sequence[_Told], shift: _Shift) -> list[_Told] | None:
    """Return what is told of two units, as it is told of the first one; None where it is not the same. `shift` goes
    from the other one to the first."""
    if len(first) != len(told):
        return None
    both = []
    for (own_at, own), (at, seen) in zip(first, told, strict=True):
        other = shift.event(at, seen)
        if other is None or other[0] != own_at or essence(other[1]) != essence(own):
            return None
        captured = shared(own, other[1])
        if captured is None:
            return None
        both.append((own_at, own._replace(captured=captured)))
    return both


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
