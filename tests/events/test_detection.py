"""Detection and prefixes: shortcuts that change nothing."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscope.events import Folder, detect_layout, read_events
from logscope.events.written.columns import found_in
from logscope.events.written.prefixes import BY_NAME, PREFIXES
from logscope.events.written.unwrapping import unwrap, writer_of
from tests.events.test_formats import CASES, log_of, read


def test_lines_with_a_prefix_begin_with_one_of_its_first_bytes() -> None:
    """Lines that begin otherwise need not be asked for it: none does, whatever its first byte is changed to."""
    lines = {line[:200] for case in CASES for line in log_of(case).split(b"\n") if line}
    for prefix in PREFIXES:
        carrying = [line for line in lines if prefix.pattern.match(line)][:20]
        for line in carrying:
            begins = {byte for byte in range(256) if prefix.pattern.match(bytes((byte,)) + line[1:])}
            assert not prefix.first or {line[0], *begins} <= set(prefix.first), (prefix.name, line)


def test_services_of_a_workflows_compose_need_no_numbers_where_their_names_are_aligned() -> None:
    """Containers may have names of their own; a single name before a bar is rather a logger's."""
    started = "2026-11-20T10:00:00.1234567Z"
    several = [f"{started} {name:8} | up and listening" for name in ("api", "database") * 4]
    alone = [line for line in several if " api " in line]
    layouts = [detect_layout("\n".join([*lines, ""]).encode()) for lines in (several, alone)]

    assert [layout.prefix and layout.prefix.name for layout in layouts] == [
        "github-actions+compose",
        "github-actions",
    ]


@given(st.lists(st.booleans(), max_size=12), st.integers(1, 12))
def test_what_too_few_lines_show_is_not_found(shown: list[bool], least: int) -> None:
    """All that is found where it is enough, nothing where it is not."""
    rests = [b"x" if one else b"" for one in shown]
    found = found_in(re.compile(b"x").match, rests, least)

    assert len(found) == (sum(shown) if sum(shown) >= least else 0)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("docker-json", rb'{"log":"up\n","stream":"stderr","time":"2026-11-20T10:00:00.000000001Z"}'),
        ("docker-json", rb'{"log":"half a li","stream":"stderr","time":"2026-11-20T10:00:00.000000001Z"}'),
        ("docker-json", rb'{"log":"C:\\n","stream":"stdout","time":"2026-11-20T10:00:00.000000001Z"}'),
        ("docker-json", rb'{"log":"","stream":"stdout","time":"2026-11-20T10:00:00.000000001Z"}'),
        ("docker-json", b"something else"),
        ("cri", b"2026-11-20T10:00:00.000000001Z stderr P half a li"),
        ("cri", b"2026-11-20T10:00:00.000000001Z stderr F ne"),
        ("compose", b"api-1  | INFO:     up"),
    ],
)
def test_who_wrote_a_line_is_told_without_reading_it(name: str, line: bytes) -> None:
    """By the same key as when it is read, and also whether the collector goes on with it."""
    prefix = BY_NAME[name]
    read = unwrap(prefix, line, 0, len(line))
    assert writer_of(prefix, line, 0, len(line)) == (read.key, read.partial)


@pytest.mark.parametrize("shown", ["\x1b", "", "←", "\\x1b", "#033"])
@pytest.mark.parametrize("prefix", ["[36mapi-1  | [0m", "[36m[pod/api-7c9d5b-x2k4q/app][0m "])
def test_a_coloured_prefix_is_one_whatever_became_of_the_escapes(prefix: str, shown: str) -> None:
    """As a terminal has it, and as pastes lose or show the ESC byte."""
    coloured = prefix.replace("[36m", f"{shown}[36m", 1).replace("[0m", f"{shown}[0m")
    log = f"{coloured}ERROR:app.chat:failed\n{coloured}INFO:app.chat:done\n" * 3
    events = list(read_events(io.BytesIO(log.encode()).readinto, Folder(detect_layout(log.encode()), "x")))
    assert [(event.level, event.logger, event.message) for event in events] == [
        ("error", "app.chat", "failed"),
        ("info", "app.chat", "done"),
    ] * 3
    assert all(event.stream.startswith("api-") for event in events)


@pytest.mark.parametrize("outer", ["", "2026-11-20T19:03:24.1850004Z "])
def test_containers_lines_are_known_behind_the_output_of_a_long_build(outer: str) -> None:
    """A prefix may begin where the first lines, of which nothing is known, end; a text quoted there and the columns of
    a table are none."""
    build = [f"#{n % 30} {n / 10:.1f} Collecting package-{n}" for n in range(900)]
    served = [f"api-1  | ERROR:svc.pay:charge {n} failed\nmcp-1  | INFO:svc:tick" for n in range(60)]
    log = "".join(f"{outer}{line}\n" for line in "\n".join([*build, *served]).split("\n")).encode()
    last = list(read_events(io.BytesIO(log).readinto, Folder(detect_layout(log), "x")))[-2]
    assert (last.stream, last.level, last.logger, last.message) == (
        "api-1",
        "error",
        "svc.pay",
        "charge 59 failed",
    )
    for row in ("> INFO:svc:tick {}", "api-1    | idle     | {}", "  12{} | api    | ERROR 1"):
        other = "".join(f"{line}\n" for line in [*build, *(row.format(n) for n in range(10, 99))]).encode()
        assert detect_layout(other).prefix is None


def test_levels_may_be_aligned_behind_a_workflows_times() -> None:
    """The blanks that align them are no writer's name."""
    stamp = "2026-11-20T19:00:00.1234567Z"
    log = f"{stamp}     INFO starting\n{stamp}    ERROR failed\n{stamp}  WARNING slow\n".encode()
    events = list(read_events(io.BytesIO(log).readinto, Folder(detect_layout(log), "x")))
    assert [event.level for event in events] == ["info", "error", "warning"]


def test_a_name_without_dots_may_have_its_line_behind_it_as_the_others_have() -> None:
    """`httpx:1740` is no process, so that nothing of its messages is taken for a name."""
    head = "[2026-03-02 10:00:00,100] INFO "
    rows = [
        '[httpx:1740] HTTP Request: POST http://tools/mcp "HTTP/1.1 200 OK"',
        "[app.jobs:31] job 4 finished",
    ]
    log = "".join(f"{head}{row}\n" for row in rows * 8).encode()
    events = list(read_events(io.BytesIO(log).readinto, Folder(detect_layout(log), "x")))
    assert {event.logger for event in events} == {"httpx", "app.jobs"}


def test_a_name_in_brackets_that_none_of_the_first_records_shows_is_the_messages() -> None:
    """Where they are written alike and show no logger; also of a format that the first lines do not have."""
    log = b"2026-05-16T15:19:21Z INFO ready\n" * 450 + b"2026-05-16T15:20:21Z INFO [1/3] fetch\n"
    log += b"2026-05-16T15:20:22Z INFO cache: miss\n2026-05-16T15:20:23Z [INFO] [app] up\n"
    found = [(event.logger, event.message) for event in read(log)[450:]]

    assert found == [("", "[1/3] fetch"), ("", "cache: miss"), ("app", "up")]


@pytest.mark.parametrize("updates", [1, 3_000])
def test_what_is_logged_behind_a_progress_bar_is_read_however_often_that_moved(updates: int) -> None:
    """tqdm begins the line anew each time."""
    bars = b"".join(b"\r %d%%|###  | %d/900 [00:01<00:02, 3.2it/s]" % (n % 100, n) for n in range(updates))
    log = b"INFO:app:ready\n" + bars + b"ERROR:app:failed\n"
    found = [(event.line, event.level, event.logger, event.message) for event in read(log)]

    assert found == [(1, "info", "app", "ready"), (2, "error", "app", "failed")]


def test_a_service_that_comes_later_may_show_loggers_where_others_show_none() -> None:
    """What the first services' records lack is no reason to doubt what another one writes."""
    log = b"api-1    | 2026-05-16 15:19:21 INFO ready\njobs-1   | 2026-05-16 15:19:21 INFO ready\n" * 225
    log += (
        b"mcp-1    | 2026-05-16 15:20:21 INFO [tools] up\napi-1    | 2026-05-16 15:20:22 INFO [1/3] fetch\n"
    )
    found = [(event.logger, event.message) for event in read(log)[450:]]

    assert found == [("tools", "up"), ("", "[1/3] fetch")]


def test_a_word_before_a_dash_is_the_messages_where_others_show_none() -> None:
    """Where all records have one it is the logger."""
    record = b"2026-05-16 15:19:%02d,589 - INFO - %s\n"
    steps = [b"step %d ok" % number for number in range(12)]
    some = b"".join(record % (number, step) for number, step in enumerate([*steps, b"retry - now"]))
    named = b"".join(record % (number, b"tools - " + step) for number, step in enumerate(steps))

    assert [(event.logger, event.message) for event in read(some)[-2:]] == [
        ("", "step 11 ok"),
        ("", "retry - now"),
    ]
    assert {event.logger for event in read(named)} == {"tools"}


def test_a_name_between_a_bar_and_a_dash_is_a_logger() -> None:
    """Prefect's records of a run name that in its place."""
    record = b"21:57:%02d.258 | INFO    | %s - step %d\n"
    names = [b"Flow run 'tidy-fox'"] * 12 + [b"prefect", b"docket.dependencies"]
    log = b"".join(record % (number, name, number) for number, name in enumerate(names))

    assert [event.logger for event in read(log)[-2:]] == ["prefect", "docket.dependencies"]


@pytest.mark.parametrize("prefix", ["", "api-1  | "])
@pytest.mark.parametrize(
    ("records", "head"),
    [
        ("INFO:shop.cart:item {0} added\n", "ERROR:shop.jobs:job failed\n"),
        ("shop.cart: item {0} added\n", "shop.jobs: job failed\n"),
    ],
)
@pytest.mark.parametrize("name", ["shop.shelf.ShelfEmpty", "socket.gaierror"])
def test_a_class_of_any_name_ends_its_traceback_however_often(
    records: str, head: str, prefix: str, name: str
) -> None:
    """A line that could be a record of a logger with a dot is none right below a traceback's frames, whether the
    source's records are written so or not."""
    failed = head + (
        'Traceback (most recent call last):\n  File "/srv/shop/shop/shelf.py", line 44, in pick\n'
        "    raise ShelfEmpty(told)\n          ^^^^^^^^^^^^^^^^\n" + name + ": shelf {0} holds nothing\n"
    )
    log = "".join((records * 2 + failed).format(n) for n in range(8))
    events = read("".join(prefix + line for line in log.splitlines(keepends=True)).encode())
    raised = [event.exception for event in events if event.exception]
    assert [(info.type, info.message) for info in raised] == [
        (name, f"shelf {n} holds nothing") for n in range(8)
    ]
    assert len(events) == 24


@pytest.mark.parametrize(
    "line",
    [
        "ERROR:app.geändert:zu spät",
        "2026-11-20 10:00:00,123 - app.geändert - ERROR - zu spät",
        '{"level": "error", "logger": "app.geändert", "event": "zu spät"}',
        'level=error logger=app.geändert msg="zu spät"',
    ],
)
def test_latin_letters_stand_in_every_part_of_a_record(line: str) -> None:
    """Names and members are read in the encoding of the source, as its text is."""
    (event,) = read(f"{line}\n".encode("cp1252"))
    assert (event.logger, event.message) == ("app.geändert", "zu spät")


def test_what_one_service_prints_says_nothing_of_another_ones_messages() -> None:
    """Behind a collector's prefix each service that logs enough tells by itself what stands below its records."""
    api = [["INFO:api:answer given", "Paris is", "the capital"] for _ in range(45)]
    worker = [[f"INFO:worker:{word} done", f"got answer: {word}"] for word in ("a", "b", "c", "d", "e") * 9]
    lines = [
        f"{service} | {line}"
        for ours, theirs in zip(api, worker, strict=True)
        for service, part in (("api-1", ours), ("worker-1", theirs))
        for line in part
    ]
    log = "\n".join(lines).encode() + b"\n"

    events = list(read_events(io.BytesIO(log).readinto, Folder(detect_layout(log), "x")))

    assert [(event.line, event.last_line) for event in events][:4] == [(1, 3), (4, 4), (5, 5), (6, 8)]
    assert len(events) == 3 * 45


def test_what_one_server_in_an_editor_s_log_writes_is_known_however_little_it_is() -> None:
    """Nobody else writes so: a traceback far down in a log of healthy states is one."""
    healthy = "2026-11-26 16:19:14.100 [info] Connection state: Running\n" * 150
    trace = (
        "Traceback (most recent call last):",
        '  File "/srv/app.py", line 3, in <module>',
        "ModuleNotFoundError: No module named 'nope'",
    )
    told = "".join(f"2026-11-26 16:20:00.100 [warning] [server stderr] {line}\n" for line in trace)
    log = (healthy + told).encode()
    events = read_events(io.BytesIO(log).readinto, Folder(detect_layout(log), "x"))
    (event,) = [event for event in events if event.exception]
    assert (event.line, event.last_line, event.exception.type) == (151, 153, "ModuleNotFoundError")
