"""Map: one source to its hits. Bytes are searched at memory speed; only around what was found are lines folded into
events, decoded and asked by the rules.

A source is read in blocks that end where no event straddles. Per block: prefilter, fold, match, look around hits for
what rules want looked up lazily. Nothing here depends on where blocks end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING

from msgspec.structs import replace

from logscope.events import ROW_BYTES, Event, Folder, Layout, Span
from logscope.events.formats import PLAIN
from logscope.match.layers import RETRY
from logscope.match.quoted.folder import QuotingFolder
from logscope.model import Captures, Note
from logscope.options import ScanOptions
from logscope.packed import FoundHits
from logscope.scan.answers import Answers
from logscope.scan.between import Between
from logscope.scan.blocks import BLOCK, Block, Blocks
from logscope.scan.candidates import Candidates, Events
from logscope.scan.duplicates import Duplicates
from logscope.scan.layouts import SAMPLE, is_wrapped, layout_of
from logscope.scan.lookups import RUNS_BACK, Lookups
from logscope.scan.scanner import Scanner
from logscope.scan.tally import SourceScan, Tally
from logscope.sources import Reader

if TYPE_CHECKING:
    from logscope.scan.bulk import Bulk

PIECE = 1 << 21
"""Bytes of which what was found is held at once, where it is read event by event; two of the longest events."""
MANY = 12_000
"""What is found in a source of one block so that reading it at once saves more time than numpy takes to load."""
TRIAL, REST = 1 << 20, 16
"""Bytes that are read at once to see whether that pays; and blocks at most that are not, where it does not: one at
first, then twice as many each time, as what is mixed of many parts has to be seen for a while."""
Progress = Callable[[int], None]


def scan_source(
    scanner: Scanner, number: int, reader: Reader, options: ScanOptions, progress: Progress | None = None
) -> SourceScan | None:
    """Scan one opened source; None when its bytes are no text. `progress` is told bytes as they are read."""
    blocks = Blocks(reader, BLOCK)
    sample = blocks.head(SAMPLE)
    if reader.binary:
        return None
    folder = QuotingFolder(layout_of(sample, reader, options), reader.source.name)
    duplicates = Duplicates(folder.layout, reader.source.name, sample)
    tally = Tally(number, reader.source.name, reader.parts, options, duplicates)
    tally.blank = not sample.strip()
    candidates = Candidates(scanner, folder, is_wrapped(folder.layout, sample))
    _SourceScan(scanner, folder, reader, tally, candidates).run(blocks, progress)
    scan = tally.result(folder.layout, reader.encoding, candidates.saturated, candidates.exercised)
    if len(sample) < SAMPLE and not options.log_format:
        scan = _without_told(scanner, scan, reader.source.name, sample)
    return scan


def _without_told(scanner: Scanner, scan: SourceScan, name: str, text: bytes) -> SourceScan:
    """Return the scan of a whole text without what a document only tells of, which is noted."""
    rules = [scanner.ruleset.rules[rule] for rule in scan.hits.rules()]
    told = ", ".join(sorted({rule.id for rule in rules if not rule.signal}))
    if not told:
        return scan
    from logscope.match.quoted.documents import document_kind  # only what tells of failures needs it

    kind = document_kind(text.decode("utf-8", "replace"))
    if not kind:
        return scan
    said = f"reads like {kind}, not like a log, and only tells of {told}"
    note = Note(name, "document", f"{said}; --log-format {PLAIN} reads it as a log")
    return replace(
        scan,
        document=True,
        hits=FoundHits(),
        events={},
        unexplained=(),
        error_events=0,
        requests=0,
        requests_5xx=0,
        exercised=frozenset(),
        notes=(*scan.notes, note),
    )


def fits(layout: Layout) -> bool:
    """Whether a source's blocks may be read at once: lines as they were written, perhaps behind a prefix."""
    return (layout.prefix is None or layout.prefix.verbatim) and layout.newline != "\r"


class _SourceScan:
    """The state of scanning one source, block by block."""

    def __init__(
        self, scanner: Scanner, folder: Folder, reader: Reader, tally: Tally, candidates: Candidates
    ) -> None:
        self.scanner = scanner
        self.folder = folder
        self.reader = reader
        self.tally = tally
        self.answers = Answers(scanner, tally.notes)
        self.candidates = candidates
        self.lookups = Lookups(scanner, folder, self.answers, self.candidates, tally.inside)
        self.between = Between(scanner, folder, self.candidates)
        self.previous: dict[int, int] = {}  # rule: where its last hit ends in the buffer
        self.bulk: Bulk | None = None
        self.untried = True
        """Nothing was read at once yet, or it did not pay."""
        self.rest, self.pause = 0, 1
        """Blocks to be read event by event before that is tried again; and those if it does not pay then."""

    def run(self, blocks: Blocks, progress: Progress | None) -> None:
        """Read and scan block by block."""
        block = blocks.first(self.folder.layout.told_twice)
        lo = told = 0
        while True:
            cut = self.folder.cut(block.data, lo, block.last)
            if not self.tally.bytes or block.last:
                self.tally.span(self.folder.outermost(block.data, lo, cut))
            self._block(block, lo, cut)
            if progress:
                read = self.reader.raw_bytes
                progress(read - told)
                told = read
            if block.last:
                break
            keep = max(cut - RUNS_BACK - ROW_BYTES, block.begin)
            following = blocks.next(block, keep)
            self._shift(keep - following.begin)
            lo = cut - keep + following.begin
            block = following
        self.tally.notes[:0] = self.reader.notes

    def _shift(self, offset: int) -> None:
        """Follow the bytes that are kept to their place in the next block."""
        self.previous = {rule: max(at - offset, 0) for rule, at in self.previous.items()}
        self.lookups.shift(offset)

    def _block(self, block: Block, lo: int, hi: int) -> None:
        """Search what is new up to `hi`, from `lo` on."""
        tally, buffer = self.tally, block.data
        if lo == hi:
            return
        self.candidates.inside = self._inside(buffer, lo, hi)
        tally.requests += block.requests(*self.candidates.inside)
        block.count_from(lo)
        self.lookups.block(block.begin, lo, hi)
        for begin, end in self._pieces(buffer, self._at_once(block, lo, hi), hi):
            self._events(block, begin, end)
        newlines = block.line_ends(hi)
        if buffer[hi - 1] != 10 and not block.last:
            tally.cut(tally.lines + newlines + 1, f"a line longer than {BLOCK >> 20} MiB is read in parts")
        tally.lines += newlines + (buffer[hi - 1] != 10 and block.last)
        tally.bytes += hi - lo

    def _inside(self, buffer: bytearray, lo: int, hi: int) -> tuple[int, int]:
        """Return what --since and --until leave of buffer[lo:hi], where time goes on from event to event."""
        since, until = self.tally.bounds
        find, event = self.folder.find, self.folder.event

        def time(at: int, unknown: float) -> float:
            found = event(buffer, find(buffer, at, lo, hi), 0).time
            return unknown if found is None else found

        begin, end = lo, hi
        if since is not None:
            begin += bisect_left(range(lo, hi), since, key=lambda at: time(at, inf))
        if until is not None:
            end = begin + bisect_right(range(begin, hi), until, key=lambda at: time(at, -inf))
        return begin, end

    def _at_once(self, block: Block, lo: int, hi: int) -> int:
        """Take the events of a block at once, where that can be done and pays; return up to where."""
        if not fits(self.folder.layout):
            return lo
        sole = block.ends is None and block.last
        if sole and (hi - lo <= PIECE // 2 or self.candidates.estimate(block.data, lo, hi) < MANY):
            return lo
        if self.rest:
            self.rest -= 1
            return lo
        if self.bulk is None:
            from logscope.scan.bulk import Bulk  # only what is large needs it

            self.bulk = Bulk(
                self.scanner,
                self.folder,
                self.answers,
                self.candidates,
                self.lookups,
                self.between,
                self.tally,
            )
        for cut in self._trial(block, lo, hi):
            if not self.bulk.scan(block, lo, cut, self.previous):
                break
            lo = cut
            self.untried = not self.bulk.pays
            if self.untried:
                self.rest, self.pause = self.pause, min(2 * self.pause, REST)
                break
        return lo

    def _trial(self, block: Block, lo: int, hi: int) -> Iterator[int]:
        """Yield up to where to read at once: what has not paid before is tried with little first, and who wrote the
        rest of a line is not told at once."""
        if self.untried and hi - lo > 2 * TRIAL:
            yield self.folder.cut(block.data, lo, False, lo + TRIAL)
        if self.folder.layout.prefix is not None and block.data[hi - 1] != 10:
            yield self.folder.cut(block.data, lo, False, hi)
        yield hi

    def _pieces(self, buffer: bytearray, lo: int, hi: int) -> Iterator[tuple[int, int]]:
        """Divide what is read event by event, all of which is in memory at a time, where no event straddles."""
        while hi - lo > PIECE:
            cut = self.folder.cut(buffer, lo, False, lo + PIECE)
            yield lo, cut
            lo = cut
        if lo < hi:
            yield lo, hi

    def _events(self, block: Block, lo: int, hi: int) -> None:
        """Ask the rules of every event around what was found, in order; hits may add events further on."""
        buffer, before = block.data, self.tally.lines + 1
        events = self.candidates.events(buffer, lo, hi)
        self._ahead(buffer, lo, hi, events)
        order = sorted(events)
        heapify(order)
        while order:
            start = heappop(order)
            span, watching, needles = events[start]
            self._event(buffer, span, before + block.line_ends(start), watching, needles)
            if self.lookups.asked:
                for new in self._ahead(buffer, lo, hi, events):
                    heappush(order, new)

    def _ahead(self, buffer: bytearray, lo: int, hi: int, events: Events) -> list[int]:
        """Add to the events what is found behind hits that asked; return the starts of new ones."""
        new: list[int] = []
        for place, slot in self.lookups.ahead(buffer, lo, hi):
            span = self.folder.find(buffer, place, lo, hi)
            if span.start not in events:
                events[span.start] = (span, set(), set())
                new.append(span.start)
            events[span.start][1].add(slot)
        return new

    def _event(self, buffer: bytearray, span: Span, line: int, watching: set[int], needles: set[int]) -> None:
        """Ask the rules of one event."""
        tally = self.tally
        event = self.folder.event(buffer, span, line)
        tally.examined += 1
        answer = self.answers.of(event, watching, needles)
        if not tally.admits(event):
            return
        broken = self.folder.broken_off(buffer, span, event)
        if broken:
            tally.cut(event.line, broken)
        tally.server_errors += answer.server_error
        for slot, captures, layer in answer.matched:
            self._hit(buffer, span, event, slot, captures, layer)
            for other in self.lookups.around(buffer, span, event.line, slot, lambda: event):
                self._hit(buffer, *other)
        if answer.error:
            tally.error(event, answer.error, bool(answer.matched))

    def _hit(
        self, buffer: bytearray, span: Span, event: Event, slot: int, captures: Captures, layer: str
    ) -> None:
        rule, role = self.scanner.rule_of[slot], self.scanner.roles[slot]
        fresh = False
        if role in ("primary", "also"):
            since = self.previous.get(rule)
            if since is not None:
                fresh = self.between.ended(buffer, rule, since, span.start, event.stream, layer)
            self.previous[rule] = span.end
            self.between.retrying[rule] = layer == RETRY
        self.tally.hit(event, rule, role, layer, fresh, captures)
