"""Borrowed times: a function of the lines around an event, whoever asks first and wherever blocks end."""

from __future__ import annotations

import io
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.events import Event, Folder, Span, detect_layout, read_events
from logscope.events.written.neighbours import NEIGHBOUR_BYTES, NEIGHBOUR_LINES, ROW_BYTES

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
UNTIMED = (
    "ERROR:app.chat:failed {n} {fill}\n",
    'INFO:     127.0.0.1:50000 - "GET /items/{n} HTTP/1.1" 200 OK\n',
    "printed {n} {fill}\n",
)
Time = tuple[float | None, str]


def timed(second: int) -> str:
    """A line with a time of its own."""
    return f"{START + timedelta(seconds=second):%Y-%m-%d %H:%M:%S},000 - app - INFO - tick\n"


def log_of(seed: int, size: int, streams: tuple[str, ...] = ("",), width: int = 60) -> bytes:
    """Timed lines some 20 to 300 lines apart, with untimed ones between them; woven of `streams`."""
    choose = random.Random(seed)
    lines = [stream + timed(0) for stream in streams]
    while sum(map(len, lines[:50])) * len(lines) < size * 50:
        for n in range(choose.choice((20, 100, 150, 200, 300))):
            text = choose.choice(UNTIMED).format(n=n, fill="x" * choose.randint(0, width))
            lines.append(choose.choice(streams) + text)
        lines.append(choose.choice(streams) + timed(len(lines)))
    return "".join(lines).encode()


def times(events: list[Event]) -> list[Time]:
    """Time and quality of each."""
    return [(event.time, event.time_quality) for event in events]


def alone(log: bytes, span: Span) -> Time:
    """The time of one event when nobody has asked before."""
    return times([Folder(detect_layout(log), "x").event(log, span, 1)])[0]


STREAMS = st.sampled_from((("",), ("a-1  | ", "b-1  | ")))
WIDTHS = st.sampled_from((0, 60, 500))


@settings(max_examples=25)
@given(st.integers(0, 10_000), STREAMS, WIDTHS, st.randoms(use_true_random=False))
def test_times_do_not_depend_on_who_asks_first(
    seed: int, streams: tuple[str, ...], width: int, order: random.Random
) -> None:
    """Asked in any order, or alone, every event gets the same time."""
    log = log_of(seed, 50_000, streams, width)
    folder = Folder(detect_layout(log), "x")
    spans = list(folder.fold(log, 0, len(log)))
    known = dict(zip(spans, times([folder.event(log, span, 1) for span in spans]), strict=True))
    wanted = {"exact"} if width == 500 else {"exact", "interpolated"}  # long lines may hide every neighbour
    assert {quality for _, quality in known.values()} >= wanted

    some = order.sample(spans, min(len(spans), 150))
    other = Folder(folder.layout, "x")
    assert times([other.event(log, span, 1) for span in some]) == [known[span] for span in some]
    for span in some[:4]:
        assert alone(log, span) == known[span]


@pytest.mark.parametrize("size", [100_000, 131_072, 170_001])
@pytest.mark.parametrize(("streams", "width"), [(("",), 0), (("",), 300), (("a-1  | ", "b-1  | "), 60)])
def test_times_do_not_depend_on_blocks(size: int, streams: tuple[str, ...], width: int) -> None:
    """Read in blocks or at once, every event gets the same time."""
    log = log_of(size + width, 400_000, streams, width)
    layout = detect_layout(log[:60_000])
    folder = Folder(layout, "x")
    whole = times([folder.event(log, span, 1) for span in folder.fold(log, 0, len(log))])
    source = io.BytesIO(log)

    assert times(list(read_events(source.readinto, Folder(layout, "x"), block=size))) == whole
    assert sum(quality == "interpolated" for _, quality in whole) > 100


@pytest.mark.parametrize(("before", "after"), [(0, 0), (199, 0), (200, 0), (0, 199), (0, 200), (120, 150)])
def test_neighbours_are_counted_from_the_event(before: int, after: int) -> None:
    """The timed lines on both sides are at most 200 lines away from the event, however far from each other."""
    other = 'INFO:     127.0.0.1:1 - "GET / HTTP/1.1" 200 OK\n'
    log = (timed(0) + other * before + "ERROR:app:failed\n" + other * after + timed(90)).encode()
    start = log.index(b"ERROR")
    found = alone(log, Span(start, log.index(b"\n", start) + 1))
    assert (found[1] == "interpolated") == (max(before, after) < NEIGHBOUR_LINES)


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("beyond", [0, 1])
def test_neighbours_are_whole_lines_within_the_bytes(side: str, beyond: int) -> None:
    """A timed line that begins or ends one byte further than the bound is no neighbour."""
    tick, filler = timed(0), "INFO:     "
    room = NEIGHBOUR_BYTES - len(tick) - len(filler) - 1 + beyond
    far, near = filler + "x" * room + "\n", ""
    first, second = (far, near) if side == "before" else (near, far)
    log = (tick + first + "ERROR:app:failed\n" + second + timed(9)).encode()
    start = log.index(b"ERROR")
    found = alone(log, Span(start, log.index(b"\n", start) + 1))
    assert (found[1] == "interpolated") == (not beyond)


def test_times_are_borrowed_from_the_same_source() -> None:
    """Services of one stream are told line by line as they come: any of them lends its time."""
    log = f"a-1  | {timed(0)}b-1  | ERROR:app:b\na-1  | ERROR:app:a\na-1  | {timed(10)}".encode()
    folder = Folder(detect_layout(log), "x")
    events = [folder.event(log, span, 1) for span in folder.fold(log, 0, len(log))]
    assert [event.time_quality for event in events] == ["exact", "interpolated", "interpolated", "exact"]


def test_times_may_begin_late_in_a_source() -> None:
    """An untimed line between timed ones borrows its time also where the first lines show none."""
    other = 'INFO:     127.0.0.1:1 - "GET / HTTP/1.1" 200 OK\n'
    log = (other * 1_000 + timed(0) + "ERROR:app:failed\n" + timed(90)).encode()
    start = log.index(b"ERROR")
    assert alone(log, Span(start, log.index(b"\n", start) + 1))[1] == "interpolated"


@pytest.mark.parametrize(("bytes_between", "known"), [(ROW_BYTES - 300, True), (ROW_BYTES + 300, False)])
@pytest.mark.parametrize("prefix", ["", "api-1  | "])
def test_a_row_without_a_time_has_its_records_also_behind_long_tracebacks(
    prefix: str, bytes_between: int, known: bool
) -> None:
    """RichHandler leaves the time blank that it printed last, whatever other handlers wrote since."""
    row = "INFO     ready                            main.py:3"
    between = f'{prefix}INFO:     127.0.0.1:1 - "GET / HTTP/1.1" 200 OK\n'
    between *= bytes_between // len(between)
    blank = f"{prefix}{' ' * 20}{row}\n"
    log = f"{prefix}[11/20/26 19:00:21] {row}\n{between}{blank * 2}".encode()
    folder = Folder(detect_layout(log), "x")
    *_, first, second = [folder.event(log, span, 1) for span in folder.fold(log, 0, len(log))]
    assert (first.time is not None, second.time is not None) == (known, known)
    assert first.time == second.time
