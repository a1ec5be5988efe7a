"""Events of sources in which a collector interleaves several writers' lines: each writer's are folded by themselves."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from operator import itemgetter

from logscope.events.folding.flow import MAX_BYTES, MAX_LINES, Flow
from logscope.events.folding.loose import LooseRun
from logscope.events.written.heads import SURE_HEAD, head_of
from logscope.events.written.layout import Layout
from logscope.events.written.neighbours import NEIGHBOUR_BYTES, NEIGHBOUR_LINES, Neighbours
from logscope.events.written.unwrapping import Line, unwrap, writer_of
from logscope.model import Buffer

GAP = 500
"""Physical lines after which a writer's next line is no continuation any more."""
WINDOW, MAX_WINDOW = 1 << 16, 1 << 20
"""Bytes before a block's end in which a place to end it is looked for."""
_SPARE = 50
"""Lines beyond GAP in which one is found nearly always."""

Parts = tuple[int, int, tuple[tuple[int, int], ...]]
"""Start, end and pieces of an event."""
_KEPT = 5_000
"""Events in a row that are remembered: who reads backwards, or looks behind hits, asks for each of them."""


class _Open:
    """An event that may still grow."""

    __slots__ = ("flow", "last", "lines", "number", "partial", "runs", "size", "start")

    def __init__(self, start: int, end: int, number: int, partial: bool, flow: Flow) -> None:
        self.start = self.last = start
        self.runs = [[start, end]]
        self.number = number
        self.partial = partial
        self.flow = flow
        self.lines = 1
        self.size = end - start

    def add(self, start: int, end: int, number: int, partial: bool) -> None:
        if self.runs[-1][1] == start:
            self.runs[-1][1] = end
        else:
            self.runs.append([start, end])
        self.last = start
        self.number = number
        self.partial = partial
        self.lines += 1
        self.size += end - start

    def hand_back(self) -> tuple[int, int]:
        """Give away the last line and return where it stands."""
        start, end = self.last, self.runs[-1][1]
        self.runs[-1][1] = start
        if self.runs[-1][0] == start:
            self.runs.pop()
        return start, end

    def parts(self) -> Parts:
        runs = self.runs
        pieces = tuple([(first, last) for first, last in runs]) if len(runs) > 1 else ()
        return self.start, runs[-1][1], pieces


class Weave:
    """Folds per writer."""

    def __init__(self, layout: Layout, newline: bytes, neighbours: Neighbours) -> None:
        prefix = layout.prefix
        assert prefix is not None
        self._prefix = prefix
        self._newline = newline
        self._match = layout.match
        self._layout = layout
        self._borrows = layout.borrows
        self._neighbours = neighbours
        self._jumps = prefix.name in ("compose", "kubectl")
        self._found: dict[bytes, tuple[list[Parts], int]] = {}
        """By writer: some events in a row that were read last, and where the one behind them begins."""

    def forget(self) -> None:
        """What was found no longer stands where it stood."""
        self._found.clear()

    def fold(self, data: Buffer, lo: int, hi: int) -> Iterator[Parts]:
        """Give every event of data[lo:hi], in the order of their first lines."""
        running: dict[bytes, _Open] = {}
        done: list[Parts] = []
        start, number = lo, 0
        while start < hi:
            line, end = self._line(data, start, hi)
            event = running.get(line.key)
            if line.partial and not (event is not None and event.partial):
                line = self._joined(line, data, end, hi)
            while event is not None and not self._goes_on(event, line.data, line.start, line.end, number):
                following = self._handed_back(event, data)
                done.append(event.parts())
                event = following
            if event is None:
                running[line.key] = self._opened(line, start, end, number)
            else:
                event.add(start, end, number, line.partial)
                running[line.key] = event
            start = end
            number += 1
        done.extend(event.parts() for event in running.values())
        yield from sorted(done)

    def _line(self, data: Buffer, start: int, hi: int) -> tuple[Line, int]:
        """The line at `start` behind its prefix, and where the next one starts."""
        stop = data.find(self._newline, start, hi)
        if stop < 0:
            return unwrap(self._prefix, data, start, hi), hi
        return unwrap(self._prefix, data, start, stop), stop + 1

    def _joined(self, line: Line, data: Buffer, place: int, hi: int) -> Line:
        """A line that the collector split with its other parts, the next of which stands at `place` or behind it: its
        beginning may not tell what it is. It stays partial."""
        pieces = [bytes(line.data[line.start : line.end])]
        size, goes_on = len(pieces[0]), True
        for _ in range(GAP):
            if place >= hi or size > MAX_BYTES or not goes_on:
                break
            part, place = self._line(data, place, hi)
            if part.key == line.key:
                pieces.append(bytes(part.data[part.start : part.end]))
                size, goes_on = size + len(pieces[-1]), part.partial
        whole = b"".join(pieces)
        return Line(line.key, whole, 0, len(whole), True)

    def _is_sure(self, data: Buffer, start: int, hi: int) -> bool:
        """Whether the line at `start`, which is no rest of a split one, surely starts an event."""
        line, end = self._line(data, start, hi)
        if line.partial:
            line = self._joined(line, data, end, hi)
        return head_of(self._match, line.data, line.start, line.end) == SURE_HEAD

    def _opened(self, line: Line, start: int, end: int, number: int) -> _Open:
        """The event that a line begins."""
        layout = self._layout.writers.get(line.key, self._layout)
        flow = Flow(layout, line.data, line.start, line.end)
        return _Open(start, end, number, line.partial, flow)

    def _handed_back(self, event: _Open, data: Buffer) -> _Open | None:
        """The event that begins with the last line of this one, if the flow says so."""
        if not event.flow.hands_back:
            return None
        start, end = event.hand_back()
        stop = end - 1 if data[end - 1] == self._newline[0] else end
        return self._opened(unwrap(self._prefix, data, start, stop), start, end, event.number)

    def _goes_on(self, event: _Open, data: Buffer, start: int, end: int, number: int) -> bool:
        if number - event.number > GAP or event.lines >= MAX_LINES or event.size > MAX_BYTES:
            return False
        return event.partial or event.flow.takes(data, start, end)

    def find(self, data: Buffer, offset: int, lo: int, hi: int) -> Parts:
        """Return the event that holds the byte at `offset`."""
        newline = self._newline
        wanted = data.rfind(newline, lo, offset) + 1 or lo
        stop = data.find(newline, wanted, hi)
        key, _ = writer_of(self._prefix, data, wanted, hi if stop < 0 else stop)
        row, known = self._found.get(key, ([], 0))
        if row and row[0][0] <= wanted < row[-1][1]:  # any line of this writer there is one of theirs
            return row[bisect_right(row, wanted, key=itemgetter(0)) - 1]
        start = self._start(data, wanted, key, known if lo < known <= wanted else lo, hi)
        if start != known:
            row = []
        while True:
            parts, following = self._from(data, start, key, hi)
            row.append(parts)
            if following < 0 or following > wanted:
                del row[:-_KEPT]
                self._found[key] = row, following if following > 0 else known
                return parts
            start = following

    def _start(self, data: Buffer, start: int, key: bytes, lo: int, hi: int) -> int:
        """Return the line at or before `start`, of the same writer, where an event surely begins, as at `lo`."""
        newline, prefix = self._newline, self._prefix
        place, gap, loose = start, 0, LooseRun()
        if not prefix.splits and self._is_sure(data, start, hi):
            return start
        while place > lo and gap < GAP:
            before = data.rfind(newline, lo, place - 1) + 1 or lo
            if prefix.splits:
                writer, partial = writer_of(prefix, data, before, place - 1)
                if writer == key and not partial and self._is_sure(data, start, hi):
                    return start
            else:
                line = unwrap(prefix, data, before, place - 1)
                writer = line.key
                if writer == key:
                    head = head_of(self._match, line.data, line.start, line.end)
                    if head == SURE_HEAD:
                        return before
                    if loose.add(line.data, line.start, line.end, head, before):
                        return loose.latest
            place, gap = before, gap + 1
            if writer == key:
                start, gap = before, 0
        return start

    def _from(self, data: Buffer, start: int, key: bytes, hi: int) -> tuple[Parts, int]:
        """Return the event that begins at `start`, and where the same writer's next event begins (-1: none near)."""
        newline = self._newline
        line, end = self._line(data, start, hi)
        if line.partial:
            line = self._joined(line, data, end, hi)
        event = self._opened(line, start, end, 0)
        number, place = 0, end
        jumps = self._jumps and key
        while place < hi and number - event.number <= GAP:
            number += 1
            if jumps and not data.startswith(key, place):
                near = data.find(key, place, hi)  # perhaps behind colours
                if near < 0:
                    break
                near = data.rfind(newline, place, near) + 1 or place
                number += data.count(newline, place, near)
                place = near
            line, end = self._line(data, place, hi)
            if line.key == key:
                if line.partial and not event.partial:
                    line = self._joined(line, data, end, hi)
                if not self._goes_on(event, line.data, line.start, line.end, number):
                    following = event.hand_back()[0] if event.flow.hands_back else place
                    return event.parts(), following
                event.add(place, end, number, line.partial)
            place = end
        return event.parts(), -1

    def cut(self, data: Buffer, lo: int, full: int) -> int:
        """Return the last place where every writer's next line surely starts an event; `lo` without one."""
        window = WINDOW
        while True:
            base = max(lo, full - window)
            if base > lo:
                base = data.find(self._newline, base, full) + 1
            last = base == lo or window >= MAX_WINDOW
            if last or data.count(self._newline, base, full) > GAP + _SPARE:
                place = self._cut_within(data, base, full, base == lo)
                if place > base:
                    return place
                if last:
                    return lo
            window *= 2

    def _cut_within(self, data: Buffer, base: int, full: int, whole: bool) -> int:
        places, keys, free = self._table(data, base, full)
        count = len(places)

        def sure(number: int) -> bool:
            """Whether the line surely starts an event of its writer."""
            if free[number]:
                free[number] = self._is_sure(data, places[number], full)
            return free[number]

        last_of: dict[bytes, list[int]] = {}
        for number, key in enumerate(keys):
            last_of.setdefault(key, []).append(number)
        following: dict[bytes, int] = {}
        lowest = 0 if whole else GAP
        fallback = base
        for number in range(count - 1, lowest, -1):
            key = keys[number]
            following[key] = number
            last_of[key].pop()
            if not sure(number):
                continue
            if not all(
                not seen or self._ends(seen[-1], number, following.get(other, -1), sure, count)
                for other, seen in last_of.items()
            ):
                continue
            if self._good_for_times(data, places, number, full):
                return places[number]
            fallback = fallback if fallback > base else places[number]
        return fallback

    @staticmethod
    def _ends(last: int, number: int, following: int, sure: Callable[[int], bool], count: int) -> bool:
        """Whether the event holding a writer's line `last` has surely ended before line `number`."""
        if number - last > GAP:
            return True
        if following < 0:
            return count - last > GAP
        return following - last > GAP or sure(following)

    def _table(self, data: Buffer, base: int, full: int) -> tuple[list[int], list[bytes], list[bool]]:
        """Return per line: place, writer, and whether it is no rest of a split line."""
        places: list[int] = []
        keys: list[bytes] = []
        free: list[bool] = []
        splits = self._prefix.splits
        partial: dict[bytes, bool] = {}
        start = base
        while start < full:
            stop = data.find(self._newline, start, full)
            key, goes_on = writer_of(self._prefix, data, start, stop)
            places.append(start)
            keys.append(key)
            if splits:
                free.append(not partial.get(key, base > 0))
                partial[key] = goes_on
            else:
                free.append(True)
            start = stop + 1
        return places, keys, free

    def _good_for_times(self, data: Buffer, places: list[int], number: int, full: int) -> bool:
        """Events before the cut must find the times after it: a timed line, or enough lines to search."""
        if (
            not self._borrows
            or len(places) - number > NEIGHBOUR_LINES
            or full - places[number] > NEIGHBOUR_BYTES
        ):
            return True
        end = places[number + 1] if number + 1 < len(places) else full
        return self._neighbours.line_time(data, places[number], end - 1) is not None
