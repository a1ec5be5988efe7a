"""Map: one source to its hits. Bytes are searched at memory speed; only around what was found are lines folded into
events, decoded and asked by the rules.

A source is read in blocks that end where no event straddles. Per block: prefilter, fold, match, look around hits for
what rules want looked up lazily. Nothing here depends on where blocks end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from logscope.answers import Answers
from logscope.between import Between
from logscope.blocks import BLOCK, Block, Blocks
from logscope.events import MAX_LINES, MAX_RAW, NEIGHBOUR_BYTES, Event, Folder, Span, strip_colours
from logscope.layers import RETRY
from logscope.likeness import Captures
from logscope.model import Hit, Note
from logscope.options import ScanOptions
from logscope.scanner import (
    MANY_SIGNALS,
    Keeper,
    Scanner,
    ShapeCount,
    SourceScan,
    is_wrapped,
    layout_of,
    search,
)
from logscope.sources import Reader

BACK = 1 << 16
"""Bytes kept before a block: neighbours' times, causes, and what stands between two hits."""
SAMPLE = 1 << 16
LOOK_AHEAD = 1 << 16
"""Bytes behind a hit in which a rule's lazy steps are looked for."""
LOOK_STEP, LOOK_OVERLAP = 1 << 11, 1 << 8
"""Bytes looked at first, then twice as many, and around them for what straddles."""
FOUND_BEFORE = 20
"""Places before a hit at which a cause is looked at, the nearest first."""
FOUND_PER_HIT, STEPS_PER_HIT = 3, 12
"""Events found for a lazy slot, per hit that asked: of any rule, of a sequence that counts its runs."""
CAUSES_SOUGHT = 8
"""Hits per rule and source around which its causes are looked for."""
COMMON = 1_000
"""How often a needle is found in a block so that seeking it costs."""
MAX_CUTS = 20
"""Notes per source of what was not read whole."""
MANY_CAPTURES = 10_000
"""Captures per source among which a hit looks for equal ones."""
MAX_SHAPES = 500
"""Shapes of unexplained errors told apart per source; further ones are counted together."""
Progress = Callable[[int], None]
Events = dict[int, tuple[Span, set[int], set[int]]]
"""By start: the event's place, the slots that watch it, the needles found in it."""


def scan_source(
    scanner: Scanner, number: int, reader: Reader, options: ScanOptions, progress: Progress | None = None
) -> SourceScan | None:
    """Scan one opened source; None when its bytes are no text. `progress` is told bytes as they are read."""
    return _SourceScan(scanner, number, reader, options).run(progress)


@dataclass(slots=True)
class _Look:
    """How far a lazy slot was looked for, up to where it is to be, and how many more are wanted."""

    done: int
    to: int = 0
    credit: int = 0


class _SourceScan:
    """The state of scanning one source, block by block."""

    def __init__(self, scanner: Scanner, number: int, reader: Reader, options: ScanOptions) -> None:
        self.scanner = scanner
        self.number = number
        self.reader = reader
        self.options = options
        self.hits: list[Hit] = []
        self.keeper = Keeper()
        self.shapes: dict[str, ShapeCount] = {}
        self.previous: dict[int, int] = {}  # rule: where its last hit ends in the buffer
        self.looks: dict[int, _Look] = {}  # by lazy slot
        self.looked: dict[int, int] = {}  # lazy slot: up to where earlier looks went
        self.causes_sought: dict[int, int] = {}  # rule: hits around which its causes were looked for
        self.signals: dict[int, int] = {}  # how often each needle of a signal was found
        self.found_now: dict[int, int] = {}  # the same, in this block
        self.left_out: frozenset[int] = frozenset()  # those that are no longer sought
        self.lines = self.bytes = self.examined = self.error_events = 0
        self.requests = self.server_errors = self.without_time = self.outside = self.cuts = 0
        self.exercised: set[str] = set()
        self.first_time: float | None = None
        self.last_time: float | None = None
        self.answers = Answers(scanner)
        self.captures: dict[Captures, Captures] = {}  # hits share those that are equal

    def run(self, progress: Progress | None) -> SourceScan | None:
        blocks = Blocks(self.reader, BLOCK)
        block = blocks.first()
        if self.reader.binary:
            return None
        self.layout = layout_of(bytes(block.data[:SAMPLE]), self.reader, self.options)
        self.folder = Folder(self.layout, self.reader.source.name)
        self.between = Between(self.scanner, self.folder)
        self.wrapped = is_wrapped(self.layout)
        self.prefilter = self.scanner.prefilter(self.wrapped)
        lo = told = 0
        while True:
            cut = self.folder.cut(block.data, lo, block.last)
            if not self.bytes or block.last:
                self._span(self.folder.outermost(block.data, lo, cut))
            self._block(block, lo, cut)
            if progress:
                read = self.reader.raw_bytes
                progress(read - told)
                told = read
            if block.last:
                return self._result()
            keep = max(cut - BACK - NEIGHBOUR_BYTES, block.begin)
            following = blocks.next(block, keep)
            self._shift(keep - following.begin)
            lo = cut - keep + following.begin
            block = following

    def _shift(self, offset: int) -> None:
        """Follow the bytes that are kept to their place in the next block."""
        self.previous = {rule: max(at - offset, 0) for rule, at in self.previous.items()}
        for look in self.looks.values():
            look.done -= offset
            look.to -= offset
        self.looked = {slot: max(at - offset, 0) for slot, at in self.looked.items()}

    def _block(self, block: Block, lo: int, hi: int) -> None:
        """Search what is new up to `hi`, from `lo` on."""
        buffer = block.data
        self.requests += block.requests
        if lo == hi:
            return
        block.count_from(lo)
        found = search(self.prefilter, buffer, lo, hi, self.layout.ansi)
        if found or self.looks:
            self._events(block, lo, hi, found)
            self._leave_out()
        newlines = block.line_ends(hi)
        if buffer[hi - 1] != 10 and not block.last:
            self._cut(self.lines + newlines + 1, f"a line longer than {BLOCK >> 20} MiB is read in parts")
        self.lines += newlines + (buffer[hi - 1] != 10 and block.last)
        self.bytes += hi - lo

    def _cut(self, line: int, text: str) -> None:
        """Note what is not read whole, once per place, and not without end."""
        note = Note(f"{self.reader.source.name}:{line}", "cut", text)
        if self.cuts < MAX_CUTS and note not in self.answers.notes[-1:]:
            self.cuts += 1
            self.answers.notes.append(note)

    def _leave_out(self) -> None:
        """Seek no more what only signals want, they have seen enough of, and every block is full of."""
        common = {needle for needle, count in self.found_now.items() if count > COMMON} & self._many()
        if common:
            self.left_out |= common
            self.prefilter = self.scanner.prefilter(self.wrapped, self.left_out)

    def _many(self) -> frozenset[int]:
        """Needles of signals that were found often enough."""
        return frozenset(needle for needle, count in self.signals.items() if count > MANY_SIGNALS)

    def _events(self, block: Block, lo: int, hi: int, found: Sequence[tuple[int, int]]) -> None:
        """Ask the rules of every event around what was found, in order; hits may add events further on."""
        buffer = block.data
        events = self._grouped(buffer, lo, hi, found)
        if self.wrapped:
            events = self._whole(buffer, events)
        self._look(buffer, lo, hi, events)
        order = sorted(events)
        heapify(order)
        while order:
            start = heappop(order)
            span, watching, found_here = events[start]
            line = self.lines + 1 + block.line_ends(start)
            if self._event(buffer, span, line, watching, found_here):
                for new in self._look(buffer, lo, hi, events):
                    heappush(order, new)

    def _grouped(self, buffer: bytearray, lo: int, hi: int, found: Sequence[tuple[int, int]]) -> Events:
        """Fold what was found into events, by their start, with the slots that watch them."""
        watchers, find, known = self.scanner.watchers, self.folder.find, len(self.scanner.watchers)
        signal_needles = self.scanner.signal_needles
        self.found_now = {}
        events: Events = {}
        start = end = -1
        watching: set[int] = set()
        needles: set[int] = set()
        for place, needle in found:
            if needle >= known:
                self.exercised.add(self.scanner.presence[needle - known])
                continue
            if needle in signal_needles:
                self.found_now[needle] = self.found_now.get(needle, 0) + 1
                self.signals[needle] = self.signals.get(needle, 0) + 1
                if self.signals[needle] > MANY_SIGNALS:
                    continue
            if not start <= place < end:
                span = find(buffer, place, lo, hi)
                if span.start in events:
                    _, watching, needles = events[span.start]
                else:
                    watching, needles = set(), set()
                    events[span.start] = (span, watching, needles)
                start, end = (-1, -1) if span.pieces else (span.start, span.end)
            if needle not in needles:
                needles.add(needle)
                watching.update(watchers[needle])
        return events

    def _whole(self, buffer: bytearray, events: Events) -> Events:
        """Of each needle one word was sought: keep the events in which the others are as well."""
        others, watchers = self.scanner.others(), self.scanner.watchers
        kept: Events = {}
        for start, (span, _, found) in events.items():
            text = strip_colours(bytes(buffer[start : span.end])).lower()
            needles = {needle for needle in found if all(word in text for word in others[needle])}
            if needles:
                watching = {slot for needle in needles for slot in watchers[needle]}
                kept[start] = (span, watching, needles)
        return kept

    def _look(self, buffer: bytearray, lo: int, hi: int, events: Events) -> list[int]:
        """Look for lazy slots behind the hits that asked for them, each byte once; return the starts of new events."""
        new: list[int] = []
        for slot, look in list(self.looks.items()):
            around = self.scanner.around(slot, self.wrapped)
            begin, step = max(look.done, lo), LOOK_STEP
            while look.credit and begin < min(look.to, hi):
                stop, step = min(begin + step, look.to, hi), step * 2
                first, last = max(begin - LOOK_OVERLAP, lo), min(stop + LOOK_OVERLAP, hi)
                for place in around.find(buffer, first, last, self.layout.ansi):
                    if place < begin:
                        continue
                    if place >= stop or not look.credit:
                        break
                    look.credit -= 1
                    stop = max(place + 1, begin + 1) if not look.credit else stop
                    span = self.folder.find(buffer, place, lo, hi)
                    if span.start not in events:
                        events[span.start] = (span, set(), set())
                        new.append(span.start)
                    events[span.start][1].add(slot)
                begin = stop
            look.done = begin
            if begin >= look.to or not look.credit:
                del self.looks[slot]
                self.looked[slot] = begin
        return new

    def _event(self, buffer: bytearray, span: Span, line: int, watching: set[int], needles: set[int]) -> bool:
        """Ask the rules of one event; whether a hit wants more looked up behind it."""
        event = self.folder.event(buffer, span, line)
        self.examined += 1
        if not self._in_time(event):
            self.outside += 1
            return False
        if event.cut:
            self._cut(event.line, f"an event longer than {MAX_RAW >> 20} MiB is read up to there")
        elif event.last_line - event.line >= MAX_LINES - 1 and event.raw.count(b"\n") >= MAX_LINES - 1:
            self._cut(event.line, f"an event longer than {MAX_LINES:,} lines goes on as the next one")
        elif self.folder.goes_on(buffer, span):
            self._cut(event.line, f"an event longer than {MAX_RAW >> 20} MiB goes on as the next one")
        answer = self.answers.of(event, watching, needles)
        self.server_errors += answer.server_error
        looks = False
        for slot, captures, layer, *_ in answer.matched:
            self._hit(buffer, span, event, slot, captures, layer)
            looks = self._look_from(buffer, span, event, slot) or looks
        if answer.error:
            self._error(event, answer.error, bool(answer.matched))
        return looks

    def _look_from(self, buffer: bytearray, span: Span, event: Event, slot: int) -> bool:
        """Ask for what a hit wants looked up around it; whether something is to be looked for behind it."""
        scanner = self.scanner
        rule = scanner.rule_of[slot]
        if scanner.ruleset.slots[slot].lazy:
            return False
        wanted = list(scanner.lazy_steps.get(rule, ()))
        causes = scanner.causes.get(rule, ())
        if causes and self.causes_sought.get(rule, 0) < CAUSES_SOUGHT:
            self.causes_sought[rule] = self.causes_sought.get(rule, 0) + 1
            for cause in causes:
                captures = self.answers.ask(cause, event)
                if captures is not None:
                    self._hit(
                        buffer, span, event, cause, tuple(captures.items()), self.answers.layer(cause, event)
                    )
                elif scanner.lazy_needles.get(cause):
                    self._look_back(buffer, span, event, cause)
                    wanted.append(cause)
        for lazy in wanted:
            begins = self._begins_runs(lazy)
            if begins and lazy not in self.looks:
                self._look_back(buffer, span, event, lazy, every=True)
            look = self.looks.setdefault(lazy, _Look(max(span.end, self.looked.get(lazy, 0))))
            look.to = span.end + LOOK_AHEAD
            look.credit += STEPS_PER_HIT if begins else FOUND_PER_HIT
        return bool(wanted)

    def _begins_runs(self, slot: int) -> bool:
        """Whether a run that went well at once begins with what the slot finds."""
        outcomes = self.scanner.ruleset.rules[self.scanner.rule_of[slot]].detect.outcomes
        return outcomes is not None and self.scanner.roles[slot].startswith(f"step:{outcomes.complete}:")

    def _look_back(
        self, buffer: bytearray, span: Span, event: Event, slot: int, *, every: bool = False
    ) -> None:
        """Look in the bytes before a hit for the nearest event that shows a cause, or for every one of a step."""
        begin = max(span.start - BACK, self.looked.get(slot, 0) if every else 0)
        last = span.start
        around = self.scanner.around(slot, self.wrapped)
        places = around.find(buffer, begin, span.start, self.layout.ansi)
        for place in reversed(places if every else places[-FOUND_BEFORE:]):
            if place >= last:
                continue
            found = self.folder.find(buffer, place, begin, span.start)
            last = found.start
            line = event.line - buffer.count(b"\n", found.start, span.start)
            other = self.folder.event(buffer, found, line)
            captures = self.answers.ask(slot, other)
            if captures is not None:
                self._hit(
                    buffer, found, other, slot, tuple(captures.items()), self.answers.layer(slot, other)
                )
                if not every:
                    return

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
        self.hits.append(
            Hit(
                rule,
                role,
                self.number,
                event.line,
                event.last_line,
                event.time,
                event.time_quality,
                event.stream,
                layer,
                fresh,
                self.captures.setdefault(captures, captures)
                if len(self.captures) < MANY_CAPTURES
                else captures,
            )
        )
        self.keeper.keep(rule, role, event)

    def _in_time(self, event: Event) -> bool:
        """Whether --since and --until admit the event; one without time is admitted and counted."""
        time = event.time
        options = self.options
        if time is None:
            self.without_time += options.since is not None or options.until is not None
            return True
        self._span((time,))
        return (options.since is None or time >= options.since) and (
            options.until is None or time <= options.until
        )

    def _span(self, times: Iterable[float]) -> None:
        """Let the source's time reach up to these."""
        for time in times:
            if self.first_time is None or time < self.first_time:
                self.first_time = time
            if self.last_time is None or time > self.last_time:
                self.last_time = time

    def _error(self, event: Event, name: str, matched: bool) -> None:
        self.error_events += 1
        if matched:
            return
        known = self.shapes.get(name)
        if known is None and len(self.shapes) >= MAX_SHAPES:
            name = "further errors"
            known = self.shapes.get(name)
        if known is None:
            self.shapes[name] = ShapeCount(name, 1, event, event)
        else:
            known.count += 1
            known.last = event

    def _result(self) -> SourceScan:
        return SourceScan(
            source=self.number,
            layout=self.layout,
            encoding=self.reader.encoding,
            bytes=self.bytes,
            lines=self.lines,
            hits=tuple(self.hits),
            events=self.keeper.events,
            saturated=frozenset(
                self.scanner.rule_of[s] for n in self._many() for s in self.scanner.watchers[n]
            ),
            unexplained=tuple(self.shapes.values()),
            error_events=self.error_events,
            examined=self.examined,
            requests=self.requests,
            requests_5xx=self.server_errors,
            exercised=frozenset(self.exercised),
            first_time=self.first_time,
            last_time=self.last_time,
            events_without_time=self.without_time,
            events_outside=self.outside,
            notes=(*self.reader.notes, *self.answers.notes),
        )
