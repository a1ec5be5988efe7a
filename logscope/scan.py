"""Map: one source to its hits. Bytes are searched at memory speed; only around what was found are lines folded into
events, decoded and asked by the rules.

A source is read in blocks that end where no event straddles. Per block: prefilter, fold, match, look around hits for
what rules want looked up lazily. Nothing here depends on where blocks end.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush

from logscope.answers import Answers
from logscope.between import Between
from logscope.blocks import BLOCK, Block, Blocks
from logscope.events import MAX_LINES, MAX_RAW, NEIGHBOUR_BYTES, Event, Folder, Span
from logscope.layers import RETRY
from logscope.likeness import Captures
from logscope.looks import BACK, Looks
from logscope.options import ScanOptions
from logscope.scanner import Scanner, layout_of
from logscope.sought import Sought
from logscope.sources import Reader
from logscope.tally import SourceScan, Tally

SAMPLE = 1 << 16
Progress = Callable[[int], None]


def scan_source(
    scanner: Scanner, number: int, reader: Reader, options: ScanOptions, progress: Progress | None = None
) -> SourceScan | None:
    """Scan one opened source; None when its bytes are no text. `progress` is told bytes as they are read."""
    blocks = Blocks(reader, BLOCK)
    sample = blocks.head(SAMPLE)
    if reader.binary:
        return None
    folder = Folder(layout_of(sample, reader, options), reader.source.name)
    tally = Tally(number, reader.source.name, options)
    return _SourceScan(scanner, folder, reader, tally).run(blocks, progress)


class _SourceScan:
    """The state of scanning one source, block by block."""

    def __init__(self, scanner: Scanner, folder: Folder, reader: Reader, tally: Tally) -> None:
        self.scanner = scanner
        self.folder = folder
        self.reader = reader
        self.tally = tally
        self.answers = Answers(scanner, tally.notes)
        self.sought = Sought(scanner, folder)
        self.looks = Looks(scanner, folder, self.answers, self.sought)
        self.between = Between(scanner, folder, self.sought)
        self.previous: dict[int, int] = {}  # rule: where its last hit ends in the buffer

    def run(self, blocks: Blocks, progress: Progress | None) -> SourceScan:
        """Read and scan block by block."""
        block = blocks.first()
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
            keep = max(cut - BACK - NEIGHBOUR_BYTES, block.begin)
            following = blocks.next(block, keep)
            self._shift(keep - following.begin)
            lo = cut - keep + following.begin
            block = following
        self.tally.notes[:0] = self.reader.notes
        return self.tally.result(
            self.folder.layout, self.reader.encoding, self.sought.saturated, self.sought.exercised
        )

    def _shift(self, offset: int) -> None:
        """Follow the bytes that are kept to their place in the next block."""
        self.previous = {rule: max(at - offset, 0) for rule, at in self.previous.items()}
        self.looks.shift(offset)

    def _block(self, block: Block, lo: int, hi: int) -> None:
        """Search what is new up to `hi`, from `lo` on."""
        tally, buffer = self.tally, block.data
        tally.requests += block.requests
        if lo == hi:
            return
        block.count_from(lo)
        self._events(block, lo, hi)
        newlines = block.line_ends(hi)
        if buffer[hi - 1] != 10 and not block.last:
            tally.cut(tally.lines + newlines + 1, f"a line longer than {BLOCK >> 20} MiB is read in parts")
        tally.lines += newlines + (buffer[hi - 1] != 10 and block.last)
        tally.bytes += hi - lo

    def _events(self, block: Block, lo: int, hi: int) -> None:
        """Ask the rules of every event around what was found, in order; hits may add events further on."""
        buffer, before = block.data, self.tally.lines + 1
        events = self.sought.events(buffer, lo, hi)
        self.looks.ahead(buffer, lo, hi, events)
        order = sorted(events)
        heapify(order)
        while order:
            start = heappop(order)
            span, watching, needles = events[start]
            self._event(buffer, span, before + block.line_ends(start), watching, needles)
            if self.looks.asked:
                for new in self.looks.ahead(buffer, lo, hi, events):
                    heappush(order, new)

    def _event(self, buffer: bytearray, span: Span, line: int, watching: set[int], needles: set[int]) -> None:
        """Ask the rules of one event."""
        tally = self.tally
        event = self.folder.event(buffer, span, line)
        tally.examined += 1
        answer = self.answers.of(event, watching, needles)
        if not tally.admits(event):
            return
        if event.cut:
            tally.cut(event.line, f"an event longer than {MAX_RAW >> 20} MiB is read up to there")
        elif event.last_line - event.line >= MAX_LINES - 1 and event.raw.count(b"\n") >= MAX_LINES - 1:
            tally.cut(event.line, f"an event longer than {MAX_LINES:,} lines goes on as the next one")
        elif span.end - span.start > MAX_RAW // 2 and self.folder.goes_on(buffer, span):
            tally.cut(event.line, f"an event longer than {MAX_RAW >> 20} MiB goes on as the next one")
        tally.server_errors += answer.server_error
        for slot, captures, layer, *_ in answer.matched:
            self._hit(buffer, span, event, slot, captures, layer)
            for other in self.looks.around(buffer, span, event, slot):
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
                fresh = self.between.ended(buffer, rule, since, span, event, layer)
            self.previous[rule] = span.end
            self.between.retrying[rule] = layer == RETRY
        self.tally.hit(event, rule, role, layer, fresh, captures)
