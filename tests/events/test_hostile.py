"""Any bytes: no exception, no lost line, fields of the promised types."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import seconds

from logscope.errors import UsageError
from logscope.events import Event, Folder, detect_layout
from logscope.events.formats import match_head
from logscope.events.text.members import decode_json
from tests.events.test_formats import CASES, log_of, read

FIELDS = tuple("text level logger message time time_quality stream exception http fields search_text".split())
PIECES = [line for case in CASES for line in log_of(case).split(b"\n") if line]
pieces = st.one_of(
    st.sampled_from(PIECES),
    st.binary(max_size=40),
    st.sampled_from(
        [b"\x1b[", b"\x00", b"\xff\xfe", b'{"a":', b"[" * 50, b"\xe2\x95\xad Traceback", b"9" * 30, b"\r"]
    ),
)
LEVELS = {"", "trace", "debug", "info", "warning", "error", "critical"}


def check(event: Event) -> None:
    """Every field can be asked for, and holds what it promises."""
    for name in FIELDS:
        getattr(event, name)
    assert event.level in LEVELS
    assert (event.time is None) == (event.time_quality == "order")
    assert isinstance(event.message, str)
    assert event.last_line >= event.line


@settings(max_examples=150)
@given(
    st.lists(st.lists(pieces, min_size=1, max_size=3).map(b"".join), max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_any_bytes_are_read(lines: list[bytes], end: bytes) -> None:
    """Known lines spliced with arbitrary bytes are read without an exception, every byte in one event."""
    log = end.join(lines)
    folder = Folder(detect_layout(log, written=1.8e9), "x")
    covered = []
    for span in folder.fold(log, 0, len(log)):
        covered += span.pieces or ((span.start, span.end),)
        check(folder.event(log, span, 1))

    assert b"".join(log[start:stop] for start, stop in sorted(covered)) == log


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(st.characters(exclude_categories=[])),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    ),
    st.integers(0, 60),
    st.sampled_from(["", "\t", '"', "\\", ",", "}", "1e999", "\ud800", "\x1f", " "]),
)
def test_json_is_what_the_standard_library_reads(value: object, place: int, inserted: str) -> None:
    """Whatever else reads it sooner: the same value, or none."""
    written = json.dumps(value)
    text = written[:place] + inserted + written[place:]

    def told(read: Callable[[str], object]) -> str:
        try:
            return repr(read(text))
        except ValueError:
            return "no JSON"

    assert told(decode_json) == told(json.JSONDecoder(strict=False).decode)


@pytest.mark.parametrize("control", [b"\x01", b"\x02", b"\x03", b"\x04"])
def test_control_characters_beside_times_are_text(control: bytes) -> None:
    """A head that lines share is learned by such characters: those of the lines themselves are none of it."""
    line = control + b" word 2026-04-02 07:10:00,100 INFO word\n"
    assert len(read(line * 8)) == 8


def test_json_of_absurd_shape_is_text_or_fields() -> None:
    """Depth, huge numbers, NaN, wrong types: fields stay empty or plain, nothing breaks."""
    log = b"\n".join(
        (
            b'{"message": ' + b"[" * 5000 + b"]" * 5000 + b"}",
            b'{"message": 1' + b"0" * 100_000 + b"}",
            b'{"level": NaN, "message": "x", "timestamp": Infinity}',
            b'{"level": ["error"], "logger": 5, "message": {"a": 1}, "exc_info": true, "status": "x"}',
            b'{"exception": [{"exc_type": "A", "exceptions": [[{"exc_type": "B"}]]}], "event": "\\ud800"}',
            b'{"timestamp": 1e300, "level": 1e10, "msg": "x", "error": {"type": 1}}',
        )
    )
    for event in read(log):
        check(event)


def test_a_forced_format_that_fits_nothing_is_refused() -> None:
    """An unknown name, or one that fits no line, is a usage error with the closest names."""
    with pytest.raises(UsageError) as unknown:
        detect_layout(b"INFO:     a\n", forced="uvicron")
    with pytest.raises(UsageError) as fits_not:
        detect_layout(b"INFO:     a\n", forced="loguru")

    assert "uvicorn" in unknown.value.hint
    assert "uvicorn" in fits_not.value.hint


def test_a_forced_format_reads_nothing_else() -> None:
    """With a format forced, lines of other formats are no records."""
    log = b"INFO:     a\nERROR:app:b\nINFO:     c\n"
    layout = detect_layout(log, forced="uvicorn")
    folder = Folder(layout, "x")

    assert layout.forced
    assert [folder.event(log, span, 1).format for span in folder.fold(log, 0, len(log))] == [
        "uvicorn",
        "",
        "uvicorn",
    ]


HEADS = (
    b"",
    b"INFO:     ",
    b"INFO app ",
    b"ERROR - ",
    b"[info] ",
    b"2026-03-02 08:00:00,060 - app - ERROR - ",
    b"2026-03-02 08:00:00 [info     ] ",
    b"[2026-03-02 08:00:00] ",
    b"[03/02/26 08:00:00] INFO     ",
    b'{"level": "error", "msg": "',
    b"level=info msg=",
    b"api-1  | ",
    b"Mar 02 08:00:00 web01 api[8]: ",
    b'Traceback (most recent call last):\n  File "',
)
RUNS = (
    *(bytes([byte]) for byte in b' \t[(<{="\\1:-|'),
    *(
        b"a ",
        b"a.",
        b"a=",
        b"a: ",
        b"a,b,",
        b"a/b:1 ",
        b"[x] ",
        b"(a ",
        b"{a ",
        b"'a' ",
        b"<a>",
        b"1.",
        b"+-+-",
    ),
    *(b"0x1 ", b"\x1b[31m", b"Error: ", b"time=1 ", b"HTTP/1.1 ", b'"GET / HTTP/1.1" '),
)


@pytest.mark.parametrize("head", HEADS)
def test_no_line_takes_much_longer_than_others(head: bytes) -> None:
    """No pattern goes back and forth over a long run of anything: what takes seconds here would take hours."""

    def read(run: bytes) -> None:
        log = (head + run * (6_000 // len(run)) + b"y\n") * 2
        folder = Folder(detect_layout(log, written=1.8e9), "x")
        for span in folder.fold(log, 0, len(log)):
            check(folder.event(log, span, 1))

    usual = seconds(lambda: read(b"word "))
    for run in RUNS:
        assert seconds(lambda run=run: read(run), runs=1) < 500 * usual, run  # type: ignore[misc]


@pytest.mark.parametrize("mark", [": ", ", ", "; "])
def test_a_learned_head_is_sought_once_in_a_line_full_of_its_marks(mark: str) -> None:
    """What most lines share may be long: others, full of the marks in it, are not tried in every way to share it."""

    def read(others: str) -> None:
        begins = mark.join(f"word{number}" for number in range(6))
        heads = (f"{begins}{mark}2026-03-02 10:00:0{n}{mark}INFO{mark}said {n}\n" for n in range(9))
        layout = detect_layout(("".join(heads) + f"{others * 600}\n" * 6).encode())
        assert layout.formats == ("shared",)

    assert seconds(lambda: read("other" + mark)) < 10 * seconds(lambda: read("other  "))


@pytest.mark.parametrize("head", HEADS)
def test_a_long_line_begins_as_quickly_as_a_short_one(head: bytes) -> None:
    """A megabyte on one line, an image as base64 say, is not searched through for a head by every pattern."""

    def look(run: bytes, size: int) -> float:
        line = head + run * (size // len(run))
        return seconds(lambda: match_head(line, 0, len(line)))

    for run in (b"A", b" ", b"[", b"- ", b"| "):
        assert look(run, 1 << 20) < 5 * look(run, 1 << 15) + 0.1, run


def test_a_long_line_begins_like_a_short_one() -> None:
    """Whatever its length, a record keeps its format and level; JSON is told by its end."""
    for line, form in [
        (b"2026-11-20 19:00:22,359 ERROR app.core %s", "asctime-level"),
        (b"2026-11-20 19:00:22,359 CRITICAL app.core: %s", "asctime-level-logger"),
        (b"ERROR:app:%s", "basicConfig"),
        (b'{"level": "error", "message": "%s"}', "json"),
        (b'[{"error": "%s", "timestamp": "2026-11-20T19:00:22Z"}]', "json-array"),
    ]:
        for number in range(6):  # of the words, a blank stands wherever reading for a head ends
            long = line % (b"A" * number + b"words " * 10_000 + b"end")
            found = match_head(long, 0, len(long))
            assert found is not None
            assert found[0].name == form
