"""Events that are alike: what is taken for the same, and what is not."""

from __future__ import annotations

import pytest

from logscope.events import Folder, Span, detect_layout
from logscope.match.layers import layer_of
from logscope.scan.likeness import varying_parts

VARYING = varying_parts(["10048", "32602"])


def alike(one: str, other: str) -> bool:
    return VARYING.sub(b"#", one.encode()) == VARYING.sub(b"#", other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-03-02 08:00:00,020 failed", "2026-03-02 09:10:11,999 failed"),
        ('10.0.0.7:50000 - "GET / HTTP/1.1" 400', '192.168.10.77:4242 - "GET / HTTP/1.1" 400'),
        ("run 12345 failed", "run 9999999 failed"),
        ("request req_011CSHoEeqs failed", "request req_029ZbHoEe failed"),
        ("0123abcd-ab12-cdef-8888-abcdefabcdef failed", "9876fedc-beef-dead-1111-fedcbafedcba failed"),
    ],
)
def test_times_ids_and_long_numbers_do_not_tell_events_apart(one: str, other: str) -> None:
    """Events that differ in these only are asked of the rules once."""
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"GET / HTTP/1.1" 400', '"GET / HTTP/1.1" 500'),
        ("[Errno 98] in use", "[Errno 111] in use"),
        ("WinError 10048", "WinError 10061"),
        ("code -32602", "code -32000"),
        ("waited 30 s", "waited 60 s"),
        ("app_InternalServerError", "app_AuthenticationError"),
        ("status=429,reason", "status=500,reason"),
        ("404:NotFound", "403:Forbidden"),
        ('"\x1b[1mPOST /mcp', '"\x1b[1mOPTIONS /mcp'),
        ("\x1b[1;31mERROR", "\x1b[1;32mINFO"),
        ("\x1b[38;5;208mWARNING", "\x1b[38;5;208mCRITICAL"),
        ("08:00:00,020:INFO:app: Overloaded", "08:00:00,020:WARNING:app: Overloaded"),
        ("08:00:00,020:mcp.server: Overloaded", "08:00:00,020:uvicorn.error: Overloaded"),
        ("08:00:00.020Z-debug-app: Overloaded", "08:00:00.020Z-error-app: Overloaded"),
        ("connect ECONNREFUSED 127.0.0.1:10048", "connect ECONNREFUSED 127.0.0.1:6379"),
        ("connect ECONNREFUSED ::1:10048: is it up?", "connect ECONNREFUSED ::1:6379: is it up?"),
    ],
)
def test_codes_and_numbers_that_rules_name_tell_events_apart(one: str, other: str) -> None:
    """A status, an errno, a level or a name may decide which rule holds, and which line of code wrote: such events are
    asked one by one, also where a formatter writes these right behind a time."""
    assert not alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("tool call ffd12a failed", "tool call 9aab01 failed"), ("run 7 failed", "run 1234567890123 failed")],
)
def test_one_line_of_code_is_one_layer_whatever_the_id(one: str, other: str) -> None:
    """Ids of letters and digits, long and short, do not make the same report two layers."""
    layers = []
    for text in (one, other):
        log = f"2026-03-02 08:00:00,020 - app - ERROR - {text}\n".encode()
        layers.append(layer_of(Folder(detect_layout(log), "x").event(log, Span(0, len(log)), 1)))
    assert layers[0] == layers[1]


def test_the_tasks_of_one_pool_are_one_layer() -> None:
    """A task or thread that stands where a logger does, told apart by its number, is no other line of code."""
    layers = []
    for task in ("Task-3", "Task-12"):
        log = f"2026-03-02 08:00:00,020 [{task}] ERROR document failed\n".encode()
        layers.append(layer_of(Folder(detect_layout(log), "x").event(log, Span(0, len(log)), 1)))
    assert layers[0] == layers[1]
