"""Folding: the same events however they are reached, none merged, none split."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from timing import assert_linear, seconds

from logscope.events import NEIGHBOUR_BYTES, Folder, Span, detect_layout, read_events
from logscope.events.folding.flow import MAX_LINES
from logscope.events.folding.loose import LOOSE_MAX
from tests.events.test_formats import CASES, log_of, read

TRACEBACK = (
    "Traceback (most recent call last):",
    '  File "/srv/app/x.py", line 3, in f',
    "    raise ValueError(1)",
    "    ^^^^^^^^^^^^^^^^^^^",
    "ValueError: 1",
)
CHAINED = (
    *TRACEBACK,
    "",
    "During handling of the above exception, another exception occurred:",
    "",
    *TRACEBACK,
)
GROUP = (
    "  + Exception Group Traceback (most recent call last):",
    '  |   File "/srv/app/x.py", line 3, in f',
    "  | ExceptionGroup: two (1 sub-exception)",
    "  +-+---------------- 1 ----------------",
    "    | Traceback (most recent call last):",
    '    |   File "/srv/app/y.py", line 3, in g',
    "    | httpx.ReadTimeout",
    "    +------------------------------------",
)
HEADS = (
    'INFO:     127.0.0.1:37366 - "GET /items/{n} HTTP/1.1" 200 OK',
    "ERROR:app.chat:failed {n}",
    "WARNING:  Exceeded concurrency limit {n}",
    "2026-11-20 19:00:{n:02d},359 - app.mcp - ERROR - message {n}",
    "[2026-11-20 19:00:{n:02d} +0000] [31510] [INFO] worker {n}",
    "[2026-11-20 19:00:{n:02d}] INFO app.tools: step {n}",
    '{{"event": "x {n}", "level": "error", "timestamp": "2026-11-20T19:00:{n:02d}Z"}}',
    "[11/20/26 19:00:{n:02d}] INFO     Processing request {n}                  server.py:733",
    "                    WARNING  again {n}                                server.py:733",
)
TEXTS = (
    "printed {n}",
    "FROM users",
    "| search | {n} |",
    "- item {n}",
    "- it failed {n}",
    "```",
    "Error in router {n}",
    "For more information check {n}",
    "",
    "    indented {n}",
    "}}",
    "Task exception was never retrieved",
    "                    Error calling tool {n}" + " " * 50,
    "Error: spawn {n} ENOENT",
    "    at start (/srv/app/index.js:{n}:9)",
    "Node.js v20.{n}.0",
)

record = st.tuples(
    st.sampled_from(HEADS), st.integers(0, 59), st.sampled_from(((), (), (), TRACEBACK, CHAINED, GROUP))
)
block = st.one_of(
    record.map(lambda r: [r[0].format(n=r[1]), *r[2]]),
    st.tuples(st.sampled_from(TEXTS), st.integers(0, 99)).map(lambda t: [t[0].format(n=t[1])]),
    st.sampled_from((list(TRACEBACK), list(GROUP))),
)
lines = st.lists(block, min_size=1, max_size=30).map(
    lambda blocks: [line for part in blocks for line in part]
)
PREFIXES = (
    "",
    "api-1  | ",
    "2026-11-20T19:03:24.185000481Z stderr F ",
    "2026-11-20T19:03:24.1850004Z api-1  | ",
    "Nov 20 19:03:24 web01 kubelet[7]: 2026-11-20T19:03:24.185000481Z stderr F ",
)


def spans_of(log: bytes, texts: bool = False) -> tuple[Folder, list[Span]]:
    """A folder and the full reading; with `texts` unknown lines go on with info records."""
    layout = detect_layout(log)
    prints = layout.prints._replace(texts=texts or layout.prints.texts)
    folder = Folder(replace(layout, prints=prints), "test.log")
    return folder, list(folder.fold(log, 0, len(log)))


def starts_of(log: bytes) -> list[int]:
    """Where the lines start."""
    return [0, *(n + 1 for n, byte in enumerate(log[:-1]) if byte == 10)]


def holding(spans: list[Span], offset: int) -> list[Span]:
    """The events whose lines hold an offset."""
    return [
        span
        for span in spans
        if any(start <= offset < end for start, end in span.pieces or ((span.start, span.end),))
    ]


@settings(max_examples=60)
@given(lines, st.sampled_from(PREFIXES), st.booleans(), st.data())
def test_reading_around_an_offset_is_the_full_reading(
    text: list[str], prefix: str, texts: bool, data: st.DataObject
) -> None:
    """`find` gives for any byte the very event that `fold` gives."""
    log = "".join(f"{prefix}{line}\n" for line in text).encode()
    folder, spans = spans_of(log, texts)
    for offset in data.draw(st.lists(st.integers(0, len(log) - 1), max_size=12)):
        assert [folder.find(log, offset, 0, len(log))] == holding(spans, offset)


@settings(max_examples=60)
@given(lines, lines, st.sampled_from(("", "api-1  | ")), st.booleans(), st.integers(3000, 9000))
def test_blocks_give_the_full_reading(
    text: list[str], more: list[str], prefix: str, texts: bool, size: int
) -> None:
    """Cutting a log into blocks at `cut` changes no event, wherever the blocks happen to end."""
    safe = 'INFO:     127.0.0.1:1 - "GET / HTTP/1.1" 200 OK'
    joined = [line for part in (text, more) * 6 for line in [safe, *part]]
    log = "".join(f"{prefix}{line}\n" for line in joined).encode()
    place = 0
    folder, spans = spans_of(log, texts)
    sure = [n for n in starts_of(log) if log.startswith((f"{prefix}{safe}".encode(), b"ERROR"), n)]
    assume(
        max(b - a for a, b in pairwise([*sure, len(log)])) * 3 < size
    )  # an event as long as a block may be cut

    def fill(view: memoryview) -> int:
        nonlocal place
        got = min(len(view), len(log) - place)
        view[:got] = log[place : place + got]
        place += got
        return got

    in_blocks = [
        (e.line, e.last_line, e.raw) for e in read_events(fill, Folder(folder.layout, "x"), block=size)
    ]
    at_once = [folder.event(log, span, log.count(b"\n", 0, span.start) + 1) for span in spans]

    assert in_blocks == [(e.line, e.last_line, e.raw) for e in at_once]


@pytest.mark.parametrize("prefix", ["", "api-1  | "])
@pytest.mark.parametrize("long", [2_000, 2_989, 2_990, 3_000, 9_000, 50_000])
@pytest.mark.parametrize("ended", [True, False])
def test_a_line_longer_than_a_block_is_one_event(prefix: str, long: int, ended: bool) -> None:
    """Its first bytes are the event, the rest is passed over; the lines behind it keep their numbers."""
    lines = [f"{prefix}INFO:app:{text}" for text in ("one", "x" * long, "three", "y" * long, "five")]
    log = io.BytesIO("\n".join(lines).encode() + b"\n" * ended)
    events = list(read_events(log.readinto, spans_of(lines[0].encode())[0], block=3_000))
    assert [(event.line, event.last_line, event.level) for event in events] == [
        (number, number, "info") for number in range(1, 6)
    ]
    assert [event.message[:5] for event in events] == ["one", "xxxxx", "three", "yyyyy", "five"]


@settings(max_examples=60)
@given(st.lists(record, min_size=1, max_size=20), st.sampled_from(PREFIXES))
def test_records_are_never_merged_nor_tracebacks_split(
    records: list[tuple[str, int, tuple[str, ...]]], prefix: str
) -> None:
    """Every record starts an event; a traceback behind a record of level warning or worse belongs to it."""
    text: list[str] = []
    starts: list[int] = []
    for head, n, trace in records:
        starts.append(len(text) + 1)
        bad = head.startswith(("ERROR", "WARNING", "2026", "      "))
        if trace and not bad:
            starts.append(len(text) + 2)
        text += [head.format(n=n), *trace]
    log = "".join(f"{prefix}{line}\n" for line in text).encode()

    assert starts == [event.line for event in read(log)]


@settings(max_examples=60)
@given(st.lists(record, min_size=1, max_size=8), st.lists(record, min_size=1, max_size=8), st.randoms())
def test_interleaved_services_are_taken_apart(
    ours: list[tuple[str, int, tuple[str, ...]]],
    theirs: list[tuple[str, int, tuple[str, ...]]],
    random: object,
) -> None:
    """Two services woven line by line have the events each has alone."""
    alone = [
        [line for head, n, trace in part for line in (head.format(n=n), *trace)] for part in (ours, theirs)
    ]
    woven: list[str] = []
    left = [list(part) for part in alone]
    while any(left):
        number = random.choice([n for n in (0, 1) if left[n]])  # type: ignore[attr-defined]
        woven.append(f"s{number}  | {left[number].pop(0)}\n")
    events = read("".join(woven).encode())

    for number, part in enumerate(alone):
        single = read("".join(f"s{number}  | {line}\n" for line in part).encode())
        assert [e.text for e in single] == [e.text for e in events if e.stream == f"s{number}"]


def test_unknown_lines_behind_an_error_are_bounded() -> None:
    """Of many unrecognised lines only the first LOOSE_MAX belong to the error before them."""
    log = b"ERROR:app:failed\n" + b"text\n" * (LOOSE_MAX + 5) + b"INFO:app:ok\n"

    assert [e.last_line - e.line + 1 for e in read(log)] == [1 + LOOSE_MAX, 1, 1, 1, 1, 1, 1]


def test_an_endless_event_is_cut() -> None:
    """An event of more than MAX_LINES lines goes on as the next one, and no line is lost."""
    log = b"ERROR:app:failed\n" + b"  more\n" * (MAX_LINES * 2)
    sizes = [e.last_line - e.line + 1 for e in read(log)]

    assert max(sizes) == MAX_LINES
    assert sum(sizes) == MAX_LINES * 2 + 1


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_empty_lines_belong_to_the_event_before_them_up_to_the_bound(end: bytes) -> None:
    """Empty lines are lines like others: they are counted, and too many go on as the next event."""
    log = b"ERROR:app:failed" + end * (MAX_LINES + 3) + b"  more" + end + b"INFO:app:ok" + end

    assert [(e.line, e.last_line) for e in read(log)] == [
        (1, MAX_LINES),
        (MAX_LINES + 1, MAX_LINES + 4),
        (MAX_LINES + 5, MAX_LINES + 5),
    ]


def test_the_last_times_of_a_source_cost_its_length_once() -> None:
    """Where nothing surely begins an event, lines are not folded again for each of the last events."""

    log = b"2026-11-20 19:00:00,000 - app - INFO - up\n" + b"\t\n" * 40_000
    folder = Folder(detect_layout(log[: 1 << 16]), "x")

    assert len(folder.outermost(log, 0, len(log))) == 2
    once = seconds(lambda: list(folder.fold(log, 0, len(log))))
    assert seconds(lambda: folder.outermost(log, 0, len(log))) < 5 * once


def test_events_of_woven_writers_cost_their_lines_once() -> None:
    """Behind an event that was found the writer's next one begins: what stands before it is not read again."""
    log = b"".join(b"Sep 03 04:11:09 box7 w%d[7%d]: moved %d\n" % (n % 3, n % 3, n) for n in range(6000))
    folder = Folder(detect_layout(log[: 1 << 16]), "x")
    assert folder.layout.collector == "journald-short"

    once = seconds(lambda: list(folder.fold(log, 0, len(log))))
    places = starts_of(log)
    assert seconds(lambda: [folder.find(log, place, 0, len(log)) for place in places]) < 15 * once


def test_lines_up_to_the_bound_cost_what_others_do() -> None:
    """Frames are read in runs: those before the bound of an event are not read again for each line."""

    def fold(lines: int) -> float:
        log = (b"ERROR:app:failed\n" + b"  more\n" * lines) * 8
        folder = Folder(detect_layout(log[: 1 << 16]), "x")
        return seconds(lambda: list(folder.fold(log, 0, len(log))))

    assert fold(MAX_LINES - 1) < 10 * fold(MAX_LINES // 2) + 0.01


def test_a_line_without_end_is_one_cut_event() -> None:
    """A long line without line end is read up to the bound and marked."""
    (event,) = read(b"ERROR:app:" + b"x" * (2 << 20))

    assert event.cut
    assert event.level == "error"
    assert len(event.raw) == 1 << 20


def test_a_continuation_far_away_is_an_event_of_its_own() -> None:
    """A writer's line more than 500 lines after its last one does not go on with it."""
    log = b"a-1  | ERROR:app:failed\n" + b"b-1  | INFO:app:x\n" * 501 + b"a-1  |   detail\n"

    assert [event.line for event in read(log) if event.stream == "a-1"] == [1, 503]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_known_logs_read_the_same_around_every_line(case: dict[str, object]) -> None:
    """Reading around the first byte of any line gives the event of the full reading."""
    log = log_of(case)
    folder, spans = spans_of(log)
    for start in starts_of(log):
        assert [folder.find(log, start, 0, len(log))] == holding(spans, start)


@pytest.mark.parametrize(
    "log",
    [
        "api-1  | ERROR:app:failed\n\x1b[31mapi-1  | Traceback (most recent call last):\x1b[0m\napi-1  | KeyError: 1\n",
        "".join(f"db-1 {n}  | [app.{n} 2025-01-02 10:00:0{n},123] INFO: up\n" for n in range(4))
        + "    mcp-1  | 2026-11-26 12:53:17,001 ERROR app.tools: failed\nmcp\nTraceback (most recent call last):\nmcp\n"
        + "".join(f"db-1 {n}  | [app.{n} 2025-01-02 10:00:0{n},123] ERROR: failed\n" for n in range(4)),
    ],
)
def test_logs_that_a_fuzzer_found_read_the_same_around_every_line(log: str) -> None:
    """A writer's prefix may be coloured on some lines only, and what begins like a record may be indented."""
    data = log.encode()
    folder, spans = spans_of(data)
    for start in starts_of(data):
        assert [Folder(folder.layout, "x").find(data, start, 0, len(data))] == holding(spans, start)


def test_lone_carriage_returns_end_lines_where_no_line_feed_does() -> None:
    """A file with CR only is read line by line."""
    assert [e.message for e in read(b"INFO:     a\rERROR:    b\r")] == ["a", "b"]


def test_text_without_any_known_format_is_cut_and_read_around() -> None:
    """A long file of unknown lines has an event per line, read the same around any of them, and can be cut."""
    log = b"".join(b"some line %d\n" % n for n in range(5000))
    folder, spans = spans_of(log)

    assert len(spans) == 5000
    assert folder.find(log, log.find(b"line 4000"), 0, len(log)) == spans[4000]
    cut = folder.cut(log, 0, False)
    assert cut in {span.start for span in spans}
    assert cut > len(log) - NEIGHBOUR_BYTES


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("blanks", [0, 1, 5_000, 100_000])
def test_a_block_is_cut_above_any_number_of_empty_lines(end: bytes, blanks: int) -> None:
    """Empty lines belong to the record above them, however many there are: a block ends before that record."""
    first, last = b"INFO:     a" + end + end, b"INFO:     b" + end
    log = first + last + end * blanks + b"    of it" + end

    assert Folder(detect_layout(first + last), "x").cut(log, 0, False) == len(first)


def test_an_event_between_the_lines_of_another_writer_is_read_once() -> None:
    """However many of its lines are asked for, one after the other."""

    def ask(lines: int) -> None:
        one = "api-1  | ERROR:app:failed\napi-1  | Traceback (most recent call last):\n"
        two = 'api-1  |   File "a.py", line 1, in a\ndb-1   | INFO:db:checkpoint\n'
        log = (one + two * lines).encode()
        folder = Folder(detect_layout(log), "x")
        found = {folder.find(log, start, 0, len(log)) for start in starts_of(log)}
        assert len(found) == 1 + lines

    assert_linear(ask, 400)
