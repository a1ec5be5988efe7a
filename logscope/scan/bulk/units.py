"""Runs of lines from one that surely begins a record up to the next such line, each kind of them read once.

Whatever a run holds (how it folds into events, what the rules say of them, where times and captures stand) is the same
in every run that is equal to it once masked, and is taken over from the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise, repeat
from typing import NamedTuple

import numpy as np

from logscope.events import Folder
from logscope.events.formats import REPEATS
from logscope.scan.arrays import Bools, Bytes, Ints, Words
from logscope.scan.bulk.columns import Column, apart, different, distinct, spread
from logscope.scan.bulk.masks import NO_DIGITS, Masks
from logscope.scan.bulk.names import Names
from logscope.scan.bulk.stamps import Ways

UNKNOWN, UNREADABLE = -1, -2
"""Kinds of lines nobody looked at, and of those that are too long or too many to remember."""
UNTOLD = -2
"""In place of a line: which one it is, only reading tells."""
_LONGEST_LINE, _LONGEST_RUN = 1 << 12, 1 << 16
_MOST_KINDS, _MOST_MARKS = 50_000, 100_000
_LONGEST_UNIT = 256
"""Lines of a unit that is taken over as a whole, at most."""
_JOINED = 4
"""One in so many lines at least is indented where joining such lines pays."""
_SAMPLED = 64
"""One in so many lines is looked at for that."""
_FIRST_STEP, _FIRST_STEP_TIMED = 12, 6
"""Lines looked at next around a unit, and around a line without time, at first; then twice as many."""


class Lines:
    """The lines of one block: line `n` is data[starts[n]:ends[n]], `kinds[n]` what kind of line it is.

    One more stands behind the complete lines: what the block ends with, ending at its last byte. Where lines are
    joined, a run of indented ones, such as the frames of a traceback, is one line here; where several writers' are
    sorted, a line may follow another one that others stand behind in the block.
    """

    def __init__(
        self,
        data: bytearray,
        starts: Ints,
        ends: Ints,
        joined: Bools | None = None,
        order: Ints | None = None,
    ) -> None:
        """`starts` and `ends` are those of all lines; `joined` are those that go on the line before them, `order` the
        lines writer by writer, and the one more behind them."""
        self.data = data
        self.sorted = order is not None
        self._in_pieces = joined is not None or order is not None
        self.number = last = np.arange(len(starts)) if order is None else order
        """Which of all lines is the first of a line here."""
        if joined is not None:
            self.number = np.flatnonzero(~joined)
            last = np.append(self.number[1:], len(starts)) - 1
        self.starts, self.ends = starts[self.number], ends[last]
        self.kinds = np.full(len(self.starts) - 1, UNKNOWN, np.int32)
        self.marks = np.zeros(len(self.kinds), np.uint64)
        """Of lines looked at: equal for lines that are equal once masked."""

    def texts(self, wanted: Ints) -> list[bytes]:
        """Return lines, numbers in order, without their ends."""
        if self._in_pieces:
            places = zip(self.starts[wanted].tolist(), self.ends[wanted].tolist(), strict=True)
            with memoryview(self.data) as view:
                return [bytes(view[start:end]) for start, end in places]
        breaks = np.flatnonzero(np.diff(wanted) > 1)
        first = self.starts[wanted[np.append(0, breaks + 1)]].tolist()
        last = self.ends[wanted[np.append(breaks, len(wanted) - 1)]].tolist()
        with memoryview(self.data) as view:
            stretches = [bytes(view[start : end + 1]) for start, end in zip(first, last, strict=True)]
        return b"".join(stretches).split(b"\n")[:-1]


def indented_runs(own: Bytes, starts: Ints, edges: Sequence[int]) -> Bools | None:
    """Return which of the lines that begin at `starts` go on a run of indented ones, none of them the last or at the
    `edges`; None where so few lines are indented that nothing is gained."""
    if len(starts) < 2 or _indented(own[starts[:-1:_SAMPLED]]).mean() * _JOINED < 1:
        return None
    indented = np.append(_indented(own[starts[:-1]]), False)
    joined: Bools = indented.copy()
    joined[1:] &= indented[:-1]
    joined[[0, *edges]] = False
    return joined


def _indented(first: Bytes) -> Bools:
    """Whether lines are indented, by their first bytes."""
    blank: Bools = (first == ord(" ")) | (first == ord("\t"))
    return blank


class Kinds:
    """The kinds of lines of one source, as they come.

    Whether a line begins a record, and where its time stands, does not depend on any digit, nor on words behind a time.
    """

    def __init__(self, folder: Folder, stamps: Ways, masks: Masks, names: Names) -> None:
        self._folder = folder
        self._masks = masks
        self._names = names
        self._stamps = stamps
        self._known: dict[int, int] = {}  # by the mark of what is left without digits
        self._kind_of: dict[int, int] = {}  # by a line's mark
        self._blanked: dict[int, int] = {}  # by a line's mark: that of the line with unknown words blanked
        self.sure = Column()
        """Whether lines of a kind surely begin a record."""
        self.time_at = Column()
        """Where in them their time stands, -1 without one, or where it shows no date."""
        self.ways = Column()
        """How it is written."""
        self.joins = True
        """No line of a run of indented ones began a record so far, or showed a time."""

    def look(self, lines: Lines, wanted: Ints) -> None:
        """Find out what kinds the wanted lines are of; numbers in order, of lines nobody looked at."""
        texts = lines.texts(wanted)
        marks = list(map(hash, texts))  # where nothing varies, a line is its own mask
        varying = self._take(lines, wanted, marks)
        if not len(varying):
            return
        wanted = wanted[varying]
        texts = self._masked([texts[place] for place in varying.tolist()])
        marks = list(map(hash, texts))
        for place in self._take(lines, wanted, marks).tolist():
            line, mark = wanted[place], marks[place]
            kind = self._kind_of.get(mark)
            if kind is None:
                start, end = int(lines.starts[line]), int(lines.ends[line])
                kind = self._kind_of[mark] = self._kind(texts[place], lines.data, start, end)
            lines.kinds[line] = kind

    def blanked(self, marks: Words) -> int:
        """Return a mark that is equal for lines that are equal once unknown words in them are blanked, too."""
        marks = marks.view(np.int64).tolist()
        return hash(tuple(map(self._blanked.get, marks, marks)))

    def _masked(self, texts: Sequence[bytes]) -> list[bytes]:
        """Return the texts once masked."""
        whole = self._masks.masked(b"\n".join(texts), self._folder.layout.ansi)
        ends = accumulate((len(text) + 1 for text in texts), initial=0)
        return [whole[start : end - 1] for start, end in pairwise(ends)]

    def _take(self, lines: Lines, wanted: Ints, marks: list[int]) -> Ints:
        """Take down the marks of lines, and their kinds; return the places of those whose kind is not known."""
        kinds = np.array(list(map(self._kind_of.get, marks, repeat(UNKNOWN))), np.int32)
        lines.kinds[wanted] = kinds
        lines.marks[wanted] = np.array(marks, np.int64).view(np.uint64)
        return np.flatnonzero(kinds == UNKNOWN)

    def _kind(self, text: bytes, data: bytearray, start: int, end: int) -> int:
        """Return the kind of the line data[start:end], which is `text` once masked."""
        if len(self._kind_of) > _MOST_MARKS:
            self._kind_of.clear()
            self._blanked.clear()
        blanked = self._names.blanked(text)
        self._blanked[hash(text)] = hash(blanked)
        marks = hash(text.translate(NO_DIGITS)), hash(blanked.translate(NO_DIGITS))
        known = self._known.get(marks[0], self._known.get(marks[1]))
        return self._learn(*marks, data, start, end) if known is None else known

    def _learn(self, mark: int, blanked: int, data: bytearray, start: int, end: int) -> int:
        if len(self._known) >= _MOST_KINDS or not self._is_readable(data, start, end):
            return UNREADABLE
        place = self._folder.time_place(data, start, end)
        if place is not None and place[0] == place[1]:
            return UNREADABLE
        number = self._known[mark] = len(self.sure.values)
        begins = self._folder.begins(data, start, end)
        if begins and place is not None:  # whatever else it says
            self._known[blanked] = number
        self.sure.values.append(begins)
        way = -1 if place is None else self._stamps.way_of(bytes(data[slice(*place)]))
        timed = place is not None and not self._stamps.lacks_date(way)
        self.time_at.values.append(place[0] - start if place is not None and timed else -1)
        self.ways.values.append(way)
        return number

    def _is_readable(self, data: bytearray, start: int, end: int) -> bool:
        """Whether a line is short enough, and tells by itself that it begins a record; and one that is a run neither
        begins a record within nor shows a time."""
        if data.find(REPEATS, start, end) >= 0:
            return False
        stop = data.find(b"\n", start, end)
        if stop < 0:
            return end - start <= _LONGEST_LINE
        if end - start > _LONGEST_RUN:
            return False
        while start < end:
            stop = data.find(b"\n", start, end + 1)
            if (
                self._folder.begins(data, start, stop)
                or self._folder.time_place(data, start, stop) is not None
            ):
                self.joins = False
                return False
            start = stop + 1
        return True


def find_timed(lines: Lines, kinds: Kinds, first: Ints, last: Ints, most: int) -> tuple[Ints, Ints]:
    """Return the nearest lines that show a time before the lines `first` and behind the lines `last`, both by their
    places among all lines, `most` of these away at most; -1 where there is none, or UNTOLD."""
    above, below = lines.number.searchsorted(first), lines.number.searchsorted(last, "right") - 1
    step = _FIRST_STEP_TIMED
    while True:
        line = np.flatnonzero(lines.kinds >= 0)
        shows = kinds.time_at.array()[lines.kinds[line]] >= 0
        before, wanted = _nearest(lines, line, shows, (above, first), most, -step)
        behind, more = _nearest(lines, line[::-1], shows[::-1], (below, last), most, step)
        missing = np.concatenate((wanted, more))
        missing = missing[(missing > 0) & (missing < len(lines.kinds))]
        missing = different(missing[lines.kinds[missing] == UNKNOWN])  # most are known: sorting costs more
        if not len(missing):
            return before, behind
        kinds.look(lines, missing)
        step = min(step * 2, most)  # what is farther away does not count


def _nearest(
    lines: Lines, line: Ints, shows: Bools, beside: tuple[Ints, Ints], most: int, step: int
) -> tuple[Ints, Ints]:
    """Return the nearest line that shows a time, beside each of the places in the direction of `step`, as `find_timed`;
    and the lines to look at next. The lines that are known stand in `line`, the farthest in that direction first."""
    places, numbers = beside
    sign = 1 if step > 0 else -1
    known = len(line)
    at = np.searchsorted(-sign * line, -sign * places) - 1  # the nearest known one
    run = np.maximum.accumulate(np.where(apart(line, -sign), np.arange(known), 0))
    timed = np.maximum.accumulate(np.where(shows, np.arange(known), -1))
    joined = (at >= 0) & (line[at] == places + sign) if known else at > 0
    untold = np.where(joined, line[run[at]] + sign, places + sign) if known else places + sign
    found = (
        np.where(joined & (timed[at] >= run[at]), line[timed[at]], -1) if known else np.full(len(places), -1)
    )
    found[np.abs(numbers - lines.number[found]) > most] = -1
    near = np.abs(numbers - lines.number.take(untold, mode="clip")) <= most
    open_ = (found < 0) & near & (untold >= 0) & (untold < len(lines.kinds))
    found[open_] = UNTOLD
    begin = different(untold[open_])
    return found, (begin[:, None] + np.arange(0, step, sign)).ravel()


class Bounds(NamedTuple):
    """Units of a block that hold given lines, in order."""

    first: Ints
    """Their first lines."""
    behind: Ints
    """The lines behind their last ones."""
    unit_of: Ints
    """By given line: which of the units holds it, -1 where no unit can be told."""
    marks: Words
    """Equal for units whose lines are equal once masked."""


def find_units(lines: Lines, kinds: Kinds, given: Ints, begins: Ints, high: int, closed: bool) -> Bounds:
    """Return the units that hold the given lines, numbers in order.

    `begins` are the first lines of each writer, in order, before which no record of its begins; and where the lines up
    to high - 1 are `closed`, none reaches beyond.
    """
    low = int(begins[0])
    wanted = (given[:, None] + np.arange(-1, 2)).ravel()
    wanted.sort(kind="stable")
    wanted = distinct(wanted[(wanted >= low) & (wanted < high)])
    step = _FIRST_STEP
    while True:
        wanted = wanted[lines.kinds[wanted] == UNKNOWN]
        if len(wanted):
            kinds.look(lines, wanted)
        known = _Known(lines, kinds, given, begins, high, closed)
        wanted = known.missing(step)
        if not len(wanted):
            return known.bounds()
        step *= 2


class _Known:
    """What the lines looked at so far say of the units around the given ones.

    All arrays but those of the given lines go by place among the known lines, whose numbers are `line`.
    """

    def __init__(self, lines: Lines, kinds: Kinds, given: Ints, own: Ints, high: int, closed: bool) -> None:
        """`own`: as `begins` of `find_units`."""
        self.low, self.high, self.given = int(own[0]), high, given
        self.line = line = np.flatnonzero(lines.kinds != UNKNOWN)
        self.kind = lines.kinds[line]
        self.marks = lines.marks[line]
        self.number = lines.number[line] if lines.sorted else line
        places = np.arange(len(line))
        sure = (
            np.append(kinds.sure.array(), (0, 0)) > 0
        )  # kinds below 0 are the last ones: they begin nothing
        begins = sure[self.kind] | np.isin(line, own)
        begins_run = apart(line, 1)
        run_first = np.maximum.accumulate(np.where(begins_run, places, 0))
        run_last = np.append(np.flatnonzero(begins_run)[1:], len(line))[np.cumsum(begins_run) - 1] - 1
        before = np.maximum.accumulate(np.where(begins, places, -1))
        behind = np.minimum.accumulate(np.where(begins, places, len(line))[::-1])[::-1]
        at = np.searchsorted(line, given)
        self.first = before[at]
        self.behind = np.append(behind, len(line))[at + 1]
        self.run_first, self.run_last = run_first[at], run_last[at]
        ends = (line[self.run_last] == high - 1) & (self.behind > self.run_last) & closed
        self.behind[ends] = self.run_last[ends] + 1
        self.begun = self.first >= self.run_first
        self.ended = self.behind <= self.run_last + ends

    def missing(self, step: int) -> Ints:
        """Return the lines to look at next: `step` ones before and behind where units are not known whole."""
        near = self.line[self.run_last] - self.line[self.run_first] < _LONGEST_UNIT
        up = distinct(self.line[self.run_first[near & ~self.begun]])
        down = distinct(self.line[self.run_last[near & ~self.ended]])
        steps = np.arange(1, step + 1)
        wanted = different(np.concatenate(((up[:, None] - steps).ravel(), (down[:, None] + steps).ravel())))
        return wanted[(wanted >= self.low) & (wanted < self.high)]

    def bounds(self) -> Bounds:
        """Return the units that are known whole."""
        bad = np.concatenate(([0], np.cumsum(self.kind < 0)))
        whole = self.begun & self.ended & (self.behind - self.first <= _LONGEST_UNIT)
        first, behind = self.first[whole], self.behind[whole]
        together = self.number[behind - 1] - self.number[first] == behind - first - 1
        whole[whole] = together & (bad[behind] == bad[first])
        first, behind = self.first[whole], self.behind[whole]
        fresh = apart(first)
        unit_of = np.full(len(self.given), -1)
        unit_of[whole] = np.cumsum(fresh) - 1
        first, behind = first[fresh], behind[fresh]
        lines = self.line[first]
        counts = behind - first
        at = spread(first, counts)
        place = (at - np.repeat(first, counts)).astype(np.uint64)
        told = mix(self.marks[at] ^ mix(place))  # the same lines in another order are another unit
        marks = np.add.reduceat(told, np.cumsum(counts) - counts) if len(counts) else told
        return Bounds(lines, lines + counts, unit_of, marks)


def mix(numbers: Words) -> Words:
    """Return numbers that look drawn by lot, always the same for the same ones (splitmix64)."""
    mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
