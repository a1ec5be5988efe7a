"""The events of one writer's lines, each kind of them folded and asked once, all others like it told by their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, repeat

import numpy as np

from logscope.events import Event, Folder, Span
from logscope.events.text.entries import json_string
from logscope.match.layers import layer_told
from logscope.model import Captures
from logscope.rulebook.cache import Cache
from logscope.rulebook.index import Index
from logscope.scan.answers import Answer, Answers, Matched
from logscope.scan.arrays import Ints, Words
from logscope.scan.bulk.columns import apart, different, spread
from logscope.scan.bulk.known import FIXED, Known, Masked, Seen, located
from logscope.scan.bulk.masks import Masks
from logscope.scan.bulk.names import Names
from logscope.scan.bulk.page import QUALITIES, Hits, Needles, Page, Places, Rows
from logscope.scan.bulk.stamps import Ways
from logscope.scan.bulk.templates import NO_TEMPLATE, PlacedEvent, Templates
from logscope.scan.bulk.times import NOWHERE, Times
from logscope.scan.bulk.units import Kinds, find_units, mix
from logscope.scan.candidates import Candidates
from logscope.scan.scanner import Scanner
from logscope.scan.tally import Kept, Tally

_MOST_EVENTS = 20_000
"""Events that are remembered; then all are forgotten, and read anew."""
_TRIAL, _WORTH = 500, 0.6
"""Units after which it is judged whether learning them pays, and the share of new ones up to which it does."""
Asked = tuple[Span, Event, Answer]


def _masks(index: Index, cache: Cache | None) -> Masks:
    return Masks(index.chains, cache)


def _names(index: Index, _: Cache | None) -> Names:
    return Names(index.words)


class Repeats:
    """Reads the blocks of one source, and remembers what it was told of their units."""

    def __init__(
        self, scanner: Scanner, folder: Folder, answers: Answers, sought: Candidates, tally: Tally
    ) -> None:
        self.known = Known()
        self.lazy_from = scanner.row + 1
        """Behind the needles: lazy slots, then by rule what ends its incidents."""
        self.ends_from = len(scanner.roles)
        """Behind the slots: by rule what ends its incidents."""
        self._scanner = scanner
        self._folder = folder
        self._answers = answers
        self._sought = sought
        self._tally = tally
        self._masks = scanner.made(_masks)
        self._names = scanner.made(_names)
        ways = Ways(folder.layout.clock)
        self._kinds = Kinds(folder, ways, self._masks, self._names)
        self._times = Times(folder, ways, self._kinds)
        self._units: dict[int, int] = {}
        self._templates = Templates(self.known, self._names)
        self._as_long: dict[int, int] = {}  # by what is left of them without unknown words: units
        self._fixed: dict[int, tuple[float, int, Span, tuple[float, float]]] = {}
        self._off = 0
        self._looked = self._learned = 0

    @property
    def joins(self) -> bool:
        """Whether indented lines may be joined."""
        return self._kinds.joins

    @property
    def pay(self) -> bool:
        """Whether enough of the units since `forget` were like others, or there were too few to tell."""
        return self._looked < _TRIAL or self._learned < self._looked * _WORTH

    def forget(self) -> None:
        """Start anew when much is remembered, or when a rule was switched off since; before a block, not within."""
        self._looked = self._learned = 0
        if len(self.known.seen) > _MOST_EVENTS or len(self._scanner.off) != self._off:
            self._off = len(self._scanner.off)
            self.known = Known()
            self._templates = Templates(self.known, self._names)
            for remembered in (self._units, self._as_long, self._fixed):
                remembered.clear()

    def rows(self, page: Page, places: Ints, needles: Ints) -> Rows:
        """Return the events that hold the places, in order, where needles (or what stands behind them) were found."""
        found = Needles(np.full(len(places), -1), places, needles)
        at = page.holding(places)
        complete = at < page.high
        given = different(at[complete])
        numbers: list[int] = []
        firsts: list[int] = []
        if len(given):
            units = find_units(page.own, self._kinds, given, page.begins, page.high, page.closed)
            found.unit[complete] = units.unit_of[np.searchsorted(given, at[complete])]
            firsts = page.own.number[units.first].tolist()
            lines = list(zip(units.first.tolist(), units.behind.tolist(), strict=True))
            whole = np.flatnonzero(found.unit >= 0)
            whole = whole[np.argsort(found.unit[whole], kind="stable")]
            numbers = self._told(page, lines, units.marks, found.where(whole), at[whole])
        for span, watching, own in self._grouped(page, found.where(found.unit < 0)):
            firsts.append(page.place_of(span.start))
            numbers.append(self._add_alone(page, firsts[-1], [self._ask(page, span, watching, own)]))
        return self._expanded(page, np.array(numbers, np.int64), np.array(firsts, np.int64))

    def hits(self, rows: Rows) -> Hits:
        """Return what matched in the rows."""
        known = self.known
        counts = known.hits.array()[rows.seen]
        hit = spread(known.hits_from.array()[rows.seen], counts)
        return Hits(np.repeat(np.arange(len(rows.seen)), counts), hit, known.slot.array()[hit])

    def event(self, page: Page, rows: Rows, row: int) -> Event:
        """Return one event to be read. It is like one that is not quoted: else nothing would have matched."""
        return Folder.event(
            self._folder, page.data, self._span(rows, row), page.number_of(int(rows.at.line[row]))
        )

    def kept(self, page: Page, rows: Rows, row: int) -> Kept:
        """Return one event to be kept, as bytes."""
        time = float(rows.time[row])
        start, end, pieces = self._span(rows, row)
        return Kept(
            line=page.number_of(int(rows.at.line[row])),
            last_line=page.number_of(int(rows.at.last[row])),
            raw=b"".join(bytes(page.data[a:b]) for a, b in pieces or ((start, end),)),
            time=None if time != time else time,
            quality=QUALITIES[rows.quality[row]],
            stream=page.names[page.streams(rows.at.line[[row]])[0]],
        )

    def _span(self, rows: Rows, row: int) -> Span:
        seen = int(rows.seen[row])
        return self._fixed[seen][2] if seen in self._fixed else rows.span(row)

    def captures(self, page: Page, rows: Rows, row: int, hit: int) -> Captures:
        """Return what a hit captures, some of which differs from the hit that it is like."""
        item, captured = self.known.matched[hit]
        data, start = page.data, int(rows.at.start[row])
        read: list[tuple[str, str]] = []
        for pair, places in zip(item.captures, captured, strict=True):
            if places:
                begin, end, told = places[0]
                text = told or data[start + begin : start + end]
                if any((said or text) != data[start + a : start + b] for a, b, said in places):
                    # which of them is meant, only asking again tells
                    asked = self._answers.ask(item.slot, self.event(page, rows, row))
                    return item.captures if asked is None else tuple(asked.items())
                pair = pair if told else (pair[0], text.decode("utf-8", "replace"))
            read.append(pair)
        return tuple(read)

    def layer(self, page: Page, rows: Rows, row: int) -> str:
        """Return the layer of an event, which differs from that of the event it is like."""
        data, start, said = page.data, int(rows.at.start[row]), self.known.seen[int(rows.seen[row])].said
        logger = data[start + said.logger : start + said.logger_end].decode("utf-8", "replace")
        message = bytes(data[start + said.message : start + said.message_end])
        told = (json_string(message) if said.quoted else message).decode("utf-8", "replace")
        return layer_told(logger, told)

    def _told(
        self, page: Page, lines: Sequence[tuple[int, int]], marks: Words, found: Needles, held: Ints
    ) -> list[int]:
        """Return the numbers of units that stand in the given lines (the first, and the one behind the last), and hold
        what was `found`, unit by unit, in the lines `held`."""
        begins = np.flatnonzero(apart(found.unit))
        if not len(begins):
            return []
        sums = np.add.reduceat(_marked(lines, found, held), begins)
        keys = mix(marks ^ (sums << np.uint64(1))).tolist()
        numbers = list(map(self._units.get, keys, repeat(-1)))
        self._looked += len(numbers)
        ends = np.append(begins[1:], len(found.unit))
        new = [at for at, number in enumerate(numbers) if number < 0]
        alike = {
            at: hash((self._kinds.blanked(page.own.marks[slice(*lines[at])]), int(sums[at]))) for at in new
        }
        unlike = [at for at in new if alike[at] not in self._as_long]
        masked = dict(zip(unlike, self._masked(page, [lines[at] for at in unlike]), strict=True))
        for at in new:
            number = self._units.get(keys[at], self._as_long.get(alike[at], NO_TEMPLATE))
            if number == NO_TEMPLATE:
                number = self._templates.number(masked[at], int(sums[at]))
                if number == NO_TEMPLATE:
                    own = found.where(slice(begins[at], ends[at]))
                    number = self._learn(page, (keys[at], int(sums[at])), masked[at], own)
                else:
                    self._as_long[alike[at]] = number
            numbers[at] = number
        return numbers

    def _masked(self, page: Page, lines: Sequence[tuple[int, int]]) -> list[Masked]:
        """Return units, by their lines (the first, and the one behind the last), as they are and once masked: all at
        once, as each time costs much."""
        own = page.own
        starts = [int(own.starts[first]) for first, _ in lines]
        texts = [
            bytes(page.data[start : int(own.ends[behind - 1]) + 1])
            for start, (_, behind) in zip(starts, lines, strict=True)
        ]
        whole = self._masks.masked(b"".join(texts), self._folder.layout.ansi)
        behind = list(accumulate(map(len, texts)))
        return [
            Masked(int(own.number[first]), start, text, whole[end - len(text) : end])
            for (first, _), start, text, end in zip(lines, starts, texts, behind, strict=True)
        ]

    def _learn(self, page: Page, keys: tuple[int, int], unit: Masked, found: Needles) -> int:
        """Ask the rules of a unit's events, and remember it where what holds for it can be taken over."""
        key, needles = keys
        notes = len(self._tally.notes)
        asked = [self._ask(page, *group) for group in self._grouped(page, found)]
        self._learned += bool(asked)  # single words of wrapped lines are often nobody's
        seen = [self._seen(page, unit, *item) for item in asked]
        told = [item for item in seen if item is not None]
        quoted = any(event.quoted for _, event, _ in asked)  # what is like it may stand elsewhere
        if quoted or len(self._tally.notes) > notes or len(told) < len(asked):
            return self._add_alone(page, unit.line, asked)
        number = self._units[key] = self.known.add(told)
        placed = [
            PlacedEvent(place, event, item)
            for (span, event, _), item in zip(asked, told, strict=True)
            if (place := unit.place_of(span.start, event.raw)) is not None
        ]
        if len(placed) == len(told):
            self._templates.learn(unit, needles, placed)
        return number

    def _grouped(self, page: Page, found: Needles) -> Iterator[tuple[Span, set[int], set[int]]]:
        """Fold what was found into events; yield each with the slots that watch it and the needles in it."""
        groups: dict[int, tuple[Span, set[int], set[int]]] = {}
        span, end = Span(0, 0), -1
        for place, needle in zip(found.places.tolist(), found.needles.tolist(), strict=True):
            if place >= end:
                span = self._folder.find(page.data, place, page.lo, page.hi)
                end = -1 if span.pieces else span.end
                groups.setdefault(span.start, (span, set(), set()))
            _, watching, own = groups[span.start]
            if needle >= self.lazy_from:
                watching.add(needle - self.lazy_from)
            else:
                own.add(needle)
        for span, watching, own in groups.values():
            needles = self._sought.whole(page.data, span, own)
            watching.update(slot for needle in needles for slot in self._scanner.watchers[needle])
            if watching:
                yield span, watching, needles

    def _ask(self, page: Page, span: Span, watching: set[int], needles: set[int]) -> Asked:
        """Ask the rules of one event, and whether it ends incidents."""
        event = self._folder.event(page.data, span, page.number_of(page.place_of(span.start)))
        ends = {slot for slot in watching if slot >= self.ends_from}
        answer = self._answers.of(event, watching - ends, needles)
        held = [
            slot for slot in sorted(ends) if self._scanner.ends_test(slot - self.ends_from)(event, {}, None)
        ]
        if held:
            ended = (Matched(slot, (), "") for slot in held)
            answer = answer._replace(matched=(*answer.matched, *ended))
        broken = self._folder.broken_off(page.data, span, event)
        if broken and self._tally.inside(event.time):
            self._tally.cut(event.line, broken)
        return span, event, answer

    def _add_alone(self, page: Page, first: int, asked: Sequence[Asked]) -> int:
        """Add a unit that stands for itself alone."""
        seen: list[Seen] = []
        for span, event, answer in asked:
            time = float("nan") if event.time is None else event.time
            fixed = time, QUALITIES.index(event.time_quality), span, event.around or NOWHERE
            self._fixed[len(self.known.seen) + len(seen)] = fixed
            line, last = (number - page.number_of(first) for number in (event.line, event.last_line))
            same = tuple(((),) * len(item.captures) for item in answer.matched)
            seen.append(Seen(line, last, answer, FIXED, 0, same))
        return self.known.add(seen)

    def _seen(self, page: Page, unit: Masked, span: Span, event: Event, answer: Answer) -> Seen | None:
        """Return what can be taken over of an event where numbers differ; None when that cannot be told."""
        time = self._times.place(page, span, event)
        if time is None:
            return None
        place = unit.place_of(span.start, event.raw)
        masked = (
            self._masks.masked(event.raw, self._folder.layout.ansi)
            if place is None
            else unit.masked[place : place + len(event.raw)]
        )
        line, last = (number - page.number_of(unit.line) for number in (event.line, event.last_line))
        return located(Seen(line, last, answer, *time, ()), event.raw, masked)

    def _expanded(self, page: Page, numbers: Ints, firsts: Ints) -> Rows:
        """Return the events of units that begin at the given lines."""
        known = self.known
        order = np.argsort(firsts, kind="stable")
        numbers, firsts = numbers[order], firsts[order]
        counts = known.events.array()[numbers]
        seen = spread(known.events_from.array()[numbers], counts)
        first = np.repeat(firsts, counts)
        line, last = first + known.first.array()[seen], first + known.last.array()[seen]
        at = Places(line, last, page.starts[line], page.ends[last] + 1)
        stands = known.time_at.array()[seen]
        time, quality, around = self._times.read(page, at, stands, known.ways.array()[seen])
        for row in np.flatnonzero(stands == FIXED).tolist():
            time[row], quality[row], _, around[row] = self._fixed[int(seen[row])]
        return Rows(seen, at, time, quality, around)


def _marked(lines: Sequence[tuple[int, int]], found: Needles, held: Ints) -> Words:
    """Return what was found as numbers, unit by unit as it stands, whose sums are equal for units that hold the same on
    the same lines; how often one does makes no difference."""
    order = np.lexsort((held, found.needles, found.unit))
    unit, needle = found.unit[order], found.needles[order]
    line = held[order] - np.fromiter((first for first, _ in lines), np.int64, len(lines))[unit]
    marked = mix(needle.astype(np.uint64) ^ mix(line.astype(np.uint64)))
    marked[~(apart(unit) | apart(needle) | apart(line))] = 0
    return marked
