"""A block at once finds what reading event by event finds, down to times, captures, kept events and order."""

from __future__ import annotations

import io
import json
import logging
import random
import re
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from rich.logging import RichHandler
from scanning import scan_text

import logscope.scan.answers
import logscope.scan.bulk.page
import logscope.scan.source
from logscope.events import Event, Folder, Layout, detect_layout
from logscope.events.written.prefixes import BY_NAME
from logscope.scan.bulk.known import captured_in
from logscope.scan.bulk.masks import Masks
from logscope.scan.bulk.names import Names
from logscope.scan.bulk.stamps import Ways
from logscope.scan.bulk.units import Kinds, Lines, find_timed, find_units
from logscope.scan.bulk.writers import wrote_all
from logscope.scan.scanner import Scanner
from logscope.scan.tally import SourceScan

STAMP = "2026-11-20 19:{m:02}:{s:02},{ms:03}"
TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/srv/app/.venv/lib/python3.12/site-packages/httpx/_client.py", line 1054, in send\n    raise exc\n'
    '  File "/srv/app/app/chat.py", line {small}, in chat\n    response = await client.send(request)\n'
)
PARTS = (
    "INFO:     Started server process [{long}]\n",
    "INFO:     Application startup complete.\n",
    'INFO:     10.0.0.{small}:{long} - "GET /items/{small} HTTP/1.1" 200 OK\n',
    'INFO:     10.0.0.{small}:{long} - "POST /mcp HTTP/1.1" 400 Bad Request\n',
    'INFO:     10.0.0.7:{long} - "POST /mcp HTTP/1.1" 202 Accepted\n',
    'INFO:     10.0.0.7:{long} - "POST /mcp HTTP/1.1" 200 OK\n',
    'INFO:     10.0.0.7:{long} - "POST /chat HTTP/1.1" 500 Internal Server Error\n'
    "ERROR:    Exception in ASGI application\n"
    + TRACE
    + "anthropic.BadRequestError: Error code: 400 - Your credit balance is too low to access the Anthropic API. {id}\n",
    "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', {long}): address already in use\n",
    STAMP + " - app.mcp - ERROR - MCP session initialization timed out after {small} seconds\n"
    "ERROR:app.mcp:Failed to start MCP server: MCP session initialization timeout\n",
    STAMP
    + ' - httpx - INFO - HTTP Request: POST https://api.anthropic.com/v1/messages "HTTP/1.1 {code} Said"\n',
    STAMP + " - app.chat - ERROR - Error code: 429 - rate_limit_error, 'request_id': 'req_{id}'\n",
    STAMP + " - app.pool - INFO - Initialized MCP session {id} for key planner_{hex}\n",
    STAMP + " - app - ERROR - order {long} is lost\n",
    STAMP + " - app - ERROR - request {hex} failed\n" + TRACE + "KeyError: 'k{small}'\n",
    STAMP + " - app - INFO - working on {small} of {long}\n",
    "ERROR:app:RuntimeError: Attempted to exit cancel scope in a different task than it was entered in {hex}\n",
    "    indented, a blank line behind\n\n",
    "text of nobody {hex}\n",
    (
        "node:internal/modules/cjs/loader:{small}\n  throw err;\n  ^\n\nError: Cannot find module '/srv/{hex}.js'\n"
        "    at Module._load (node:internal/modules/cjs/loader:{small}:15) {\n  code: 'MODULE_NOT_FOUND'\n}\n\n"
        "Node.js v20.{small}.0\n\n"
    ),
    "Error: listen EADDRINUSE: address already in use :::{long}\n    at Server.listen (node:net:{small}:16)\n",
    'INFO:app.chat:user {small} wrote "at {long}\nOSError: [Errno 98] Address already in use\nand {hex}"\n',
    'INFO:app.chat:user {small} wrote "at {long}\n',
    "OSError: [Errno 98] Address already in use\n",
    'WARNING:app.chat:no answer found for question "what is [Errno 98] Address already in use on {long}?"\n',
)


INDENTED = (
    STAMP + " - app - ERROR - request {hex} failed\n" + TRACE * 9 + "KeyError: 'k{small}'\n",
    STAMP + " - app - ERROR - both failed\n  + Exception Group Traceback (most recent call last):\n"
    '  |   File "/srv/app/app/both.py", line {small}, in both\n  |     async with group:\n'
    "  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n"
    "  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n"
    '    |   File "/srv/app/app/one.py", line 7, in one\n    |     raise TimeoutError("{hex}")\n'
    "    | TimeoutError: {hex}\n    +------------------------------------\n",
    "Error: listen EADDRINUSE: address already in use :::{long}\n"
    + "    at Server.listen (node:net:{small}:16)\n" * 12
    + "   \n",
    "  a note on two lines\n\tabout {hex}\n   \n",
    "  " + STAMP + " - app - ERROR - Your credit balance is too low\n  at {small}\n",
    "  note\n  INFO:app:indented {hex}\n  ERROR:app:Your credit balance is too low to access\n",
    'INFO:     10.0.0.{small}:{long} - "POST /mcp HTTP/1.1" 400 Bad Request\n',
)
"""Parts with runs of indented lines, in some of which records begin."""


CLOCK = "19:{m:02}:{s:02}"
CLOCKED = (
    CLOCK + " - app:ERROR: main.py:{small} - MCP session initialization timed out after {small} seconds\n",
    CLOCK + ' ERROR app.tools: Timed out connecting to MCP server "search" after {small}000ms\n',
    CLOCK + ",{ms:03} ERROR app.tools: server did not respond to MCP initialize within {small}.25s\n",
    CLOCK + " INFO app: working on {small}\n",
    CLOCK + " ERROR app: request {hex} failed\n" + TRACE + "KeyError: 'k{small}'\n",
    'INFO:     10.0.0.{small}:{long} - "GET /items/{small} HTTP/1.1" 200 OK\n',
    "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', {long}): address already in use\n",
)
"""Parts whose times show no date, and numbers that stand with their unit."""


NAMED = (
    STAMP
    + " - app.{name} - ERROR - tool {name} failed session={key}\n"
    + TRACE
    + "httpx.ReadTimeout: {name}\n",
    STAMP + " - app.{name} - ERROR - MCP server {name} failed to initialize: timed out after {small}s\n",
    STAMP
    + " - app.chat - ERROR - call for {name} ({key}): Your credit balance is too low to access the Anthropic API\n",
    STAMP
    + " - app.cache - ERROR - get session:{key}: Error 111 connecting to {name}:6379. Connection refused.\n",
    STAMP + " - app.{name} - ERROR - {name} of {name} is lost\n",
    STAMP + " - app.{name} - WARNING - {name} rate limited: Error code: 429 - rate_limit_error, {key}\n",
    STAMP + " - app.pool - INFO - Initialized MCP session {id} for key {name}\n",
    'INFO:     10.0.0.{small}:{long} - "GET /items/{name}/{key} HTTP/1.1" 200 OK\n',
    STAMP + ' - app.{name} - ERROR - {name} said "Your credit balance is too low" to {name}\n',
    STAMP
    + " - app.jobs - ERROR - job {name} of {key} failed\n"
    + TRACE
    + "RuntimeError: Attempted to exit cancel scope in a different task than it was entered in\n",
)
"""Parts with names and keys that nothing looks for, and now and then with words that rules know."""
MEASURED = (
    STAMP
    + " - app.rates - ERROR - took {ms:01}.{small}s, attempt {few} of {few} ({few}/{few}), {few} left\n",
    STAMP + " - app.mcp - ERROR - MCP session initialization timed out after {few}.{few} seconds\n",
    STAMP + " - app.mcp - ERROR - MCP session initialization timed out after {ms} seconds (attempt {few})\n",
    STAMP
    + " - app.llm - WARNING - rate limited, retrying in {few}.{small}s: Error code: {code} - rate_limit_error\n",
    STAMP
    + " - app.llm - ERROR - status={code} code {ms} exit code {small}: rate_limit_error after {few} tries\n",
    STAMP
    + " - app.parse - ERROR - Expecting value: line {few} column {small} (char {ms})\n"
    + TRACE
    + "json.decoder.JSONDecodeError: Expecting value: line {few} column {small} (char {ms})\n",
    STAMP + " - asyncio - ERROR - Task exception was never retrieved\n"
    "future: <Task finished name='Task-{few}' coro=<run() done, defined at /srv/app/app/run.py:{ms}> exception="
    "RuntimeError('Attempted to exit cancel scope in a different task than it was entered in')>\n"
    + TRACE
    + "RuntimeError: Attempted to exit cancel scope in a different task than it was entered in\n",
    STAMP + " - app.jobs - ERROR - {few} of {small} jobs failed, {ms} rows, {few} s, {small} MB, {few}%\n",
    STAMP + " - app.jobs - INFO - {few} passed, {few} failed in {few}.{small}s\n",
    'INFO:     10.0.0.{small}:{long} - "GET /items/{few} HTTP/1.1" {any} Said\n',
)
"""Parts with small numbers, some of which say what happened."""
MIXED = (
    STAMP
    + " - app.{word} - ERROR - {word} {few}: MCP session initialization timed out after {few} seconds ({word})\n",
    STAMP
    + " - {word}.{word} - {level} - {word} {name}: Your credit balance is too low to access the Anthropic API\n",
    STAMP + " - app.{word} - ERROR - {word} {word} of {word} failed\n" + TRACE + "KeyError: '{word}'\n",
    STAMP + " - app.{word} - {level} - {word} {word} lost {name} {ms}\n",
    STAMP + ' - app.chat - ERROR - {word} {word} "Your credit balance is too low" {word}\n',
    STAMP
    + " - app.llm - {level} - {word} {word}: Error code: {code} - rate_limit_error, {word} {word} {few}s\n",
    STAMP
    + " - app.{word} - ERROR - {word} {ms} {word}\n"
    + TRACE
    + "mcp.shared.exceptions.McpError: Timed out while waiting for response to {word}. Waited {few} seconds.\n",
    STAMP + " - app.redis - ERROR - {word} {word} Error 111 connecting to {word}:6379. Connection refused.\n",
    'INFO:     10.0.0.{small}:{long} - "GET /{word}/{few} HTTP/1.1" {any} Said\n',
)
"""Parts that are mixed of words that rules and this program look for."""
WORDS = (
    *(
        "agent",
        "chat",
        "order",
        "session",
        "timeout",
        "retrying",
        "user",
        "error",
        "waiting",
        "model",
        "initialize",
    ),
    *(
        "for",
        "in",
        "said",
        "not",
        "ready",
        "documentation",
        "cache",
        "attempt",
        "kaluto",
        "Order",
        "expected",
        "test",
    ),
)
NAMES = (
    "kaluto",
    "morive",
    "zupaqo",
    "vexilo",
    "timeout",
    "docker",
    "kalu",
    "bad",
    "github",
    "error",
    "feed",
    "Kaluto",
)


ROWS = (
    (20, "Created new transport with session ID: {id}"),
    (20, "Processing request of type CallToolRequest"),
    (20, 'HTTP Request: POST http://127.0.0.1:{long}/mcp/{name} "HTTP/1.1 {any} Said"'),
    (20, "Negotiated protocol version: 2025-06-18 with {name} after {small} of {long} milliseconds"),
    (30, "MCP session initialization timed out after {small} seconds, {name} is left out of {key}"),
    (
        40,
        "Error code: 400 - {'error': {'type': 'invalid_request_error', 'message': 'Your credit balance is too low'}}",
    ),
    (40, "Error code: 429 - rate_limit_error for {name} of {key}"),
    (40, "order {long} is lost"),
    (50, "Attempted to exit cancel scope in a different task than it was entered in, {hex}\nsaid {name}"),
)
"""What RichHandler writes, with its level."""
PLAIN = (
    'INFO:     10.0.0.{small}:{long} - "POST /mcp HTTP/1.1" 400 Bad Request\n',
    'INFO:     10.0.0.7:{long} - "POST /mcp HTTP/1.1" 200 OK\n',
    "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', {long}): address already in use\n",
    STAMP + " - app.mcp - ERROR - MCP session initialization timed out after {small} seconds\n",
    "ERROR:    Exception in ASGI application\n" + TRACE + "KeyError: 'k{small}'\n",
)
"""What stands between its rows."""


def rows_of(seed: int, size: int, width: int) -> bytes:
    """A log of about `size` bytes by a handler that breaks its rows at `width`, and others."""
    choose = random.Random(seed)
    file = io.StringIO()
    handler = RichHandler(console=Console(file=file, width=width), rich_tracebacks=True)
    rows, plain = choose.sample(ROWS, 5), choose.sample(PLAIN, 3)
    at = 1795200000.0
    while file.tell() < size:
        at += choose.random()
        if choose.random() < 0.4:
            file.write(log_of(choose.getrandbits(32), 1, plain).decode())
            continue
        level, text = choose.choice(rows)
        message = log_of(choose.getrandbits(32), 1, (text,)).decode()
        record = logging.LogRecord(
            "app", level, "/srv/app/pool.py", choose.randint(1, 120), message, None, None
        )
        record.created = at
        if level == 40 and choose.random() < 0.3:
            try:
                raise ValueError(f"bad {choose.choice(NAMES)}")
            except ValueError:
                record.exc_info = sys.exc_info()
        handler.handle(record)
    return file.getvalue().encode()


def log_of(seed: int, size: int, parts: Sequence[str] = PARTS) -> bytes:
    """A log that repeats a few parts with other numbers, ids and times, which now and then go back."""
    choose = random.Random(seed)
    parts = [choose.choice(parts) for _ in range(choose.randint(4, 14))]
    written: list[str] = []
    at, length = 0.0, 0
    while length < size:
        at += choose.random() * 2 - (50 if choose.random() < 0.002 else 0)
        text = choose.choice(parts)
        known = {
            "m": int(at) // 60 % 60,
            "s": int(at) % 60,
            "ms": int(at * 1000) % 1000,
            "few": choose.randint(0, 12),
            "small": choose.randint(1, 120),
            "long": choose.randint(1000, 65535),
            "code": choose.choice(("200", "429", "529")),
            "any": choose.choice(("200", "404", "500", "503")),
            "hex": f"{choose.getrandbits(32):08x}",
            "name": choose.choice(NAMES),
            "level": choose.choice(("INFO", "WARNING", "ERROR")),
            "key": "".join(choose.choice("abcdefghkmnpqrstuvwxyzABCDEFGH0123456789") for _ in range(8)),
            "id": "".join(choose.choice("0123456789abcdefXYZ") for _ in range(20)),
        }
        text = re.sub(r"\{word\}", lambda _: choose.choice(WORDS), text)
        for name, value in known.items():
            text = re.sub(
                rf"\{{{name}(:\d+)?\}}", lambda found, v=value: format(v, (found[1] or ":")[1:]), text
            )
        written.append(text)
        length += len(text)
    return "".join(written).encode()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each block that was to be read at once, whether it was."""
    calls: list[bool] = []
    scan_block = logscope.scan.bulk.Bulk.scan

    def counted(self: logscope.scan.bulk.Bulk, *arguments: Any) -> bool:
        calls.append(scan_block(self, *arguments))
        return calls[-1]

    monkeypatch.setattr(logscope.scan.bulk.Bulk, "scan", counted)
    return calls


def scan(scanner: Scanner, log: bytes, at_once: bool, block: int, **options: Any) -> SourceScan:
    """Scan in blocks of a size, either way."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(logscope.scan.source, "BLOCK", block)
        if not at_once:
            patched.setattr(logscope.scan.source, "fits", lambda layout: False)
        return scan_text(scanner, log, **options)


def told(found: SourceScan) -> list[object]:
    """Everything that a scan says."""
    shapes = [
        (s.shape, s.count, s.first.line, s.last.line, s.first is s.last, s.last.text)
        for s in sorted(found.unexplained, key=lambda s: s.shape)
    ]
    figures = (
        found.lines,
        found.bytes,
        found.examined,
        found.error_events,
        found.requests,
        found.requests_5xx,
    )
    times = (found.first_time, found.last_time, found.events_without_time, found.events_outside)
    events = {
        place: (event.text, event.last_line, event.time, event.time_quality, event.level, event.message)
        for place, event in found.events.items()
    }
    return [list(found.hits), shapes, figures, times, events, found.saturated, found.exercised, found.notes]


@pytest.mark.parametrize("seed", range(8))
def test_where_it_does_not_pay_the_rest_is_as_one_by_one(
    shipped: Scanner, at_once: list[bool], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A source goes from one way of reading to the other and back, within blocks and between them."""
    choose = random.Random(seed)
    monkeypatch.setattr(logscope.scan.source, "TRIAL", 20_001)
    monkeypatch.setattr(logscope.scan.source, "REST", 1)
    monkeypatch.setattr(logscope.scan.bulk.Bulk, "pays", property(lambda self: choose.random() < 0.5))
    log = log_of(seed, 600_000, (*PARTS, *NAMED))

    assert told(scan(shipped, log, True, 90_001)) == told(scan(shipped, log, False, 1 << 22))
    assert 2 < len(at_once) < 10


def test_what_hardly_repeats_itself_is_read_one_by_one(
    shipped: Scanner, at_once: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Learning costs more than asking where hardly any event is like another: it is tried again with ever less of the
    blocks, after the first one with the third."""
    monkeypatch.setattr(logscope.scan.source, "TRIAL", 150_000)
    words = [
        f"{a}{b}" for a in ("retry", "session", "token", "model", "tool") for b in ("ing", "s", "ed", "er")
    ]
    choose = random.Random(1)
    log = "".join(
        f"2026-03-02 10:{n // 60 % 60:02}:{n % 60:02},000 - app.{choose.choice(words)} - ERROR - "
        f"{' '.join(choose.choices(words, k=6))}: Your credit balance is too low to access the Anthropic API\n"
        for n in range(6_000)
    )

    scan(shipped, log.encode(), True, 310_000)

    assert at_once == [True, True]


@pytest.mark.parametrize("seed", range(12))
def test_at_once_is_as_one_by_one(shipped: Scanner, seed: int) -> None:
    """Hits, times, captures, shapes, kept events and figures are the same, wherever blocks end."""
    log = log_of(seed, 400_000)
    expected = told(scan(shipped, log, False, 1 << 22))
    for block in (70_000, 150_001):
        assert told(scan(shipped, log, True, block)) == expected


@pytest.mark.parametrize(("seed", "width"), [(1, 80), (2, 100), (3, 120), (4, 140)])
def test_rows_that_a_handler_wraps_are_as_one_by_one(
    shipped: Scanner, at_once: list[bool], seed: int, width: int
) -> None:
    """Single words are sought in them, what is looked for may be broken anywhere, and one row shows the time of all
    that follow it."""
    log = rows_of(seed, 100_000, width)
    expected = told(scan(shipped, log, False, 1 << 22))
    for block in (40_000, 70_001):
        at_once.clear()
        assert told(scan(shipped, log, True, block)) == expected
        assert at_once
        assert all(at_once[1:])


@pytest.mark.parametrize("parts", [NAMED, MEASURED, MIXED], ids=["names", "numbers", "words"])
@pytest.mark.parametrize("seed", range(10))
def test_what_nothing_looks_for_is_as_one_by_one(
    shipped: Scanner, at_once: list[bool], seed: int, parts: Sequence[str]
) -> None:
    """Names, keys, durations, attempts, places, counts and words that differ from event to event leave hits, layers,
    captures and shapes what they are. Both ways read the same blocks: behind the last hit behind which something is
    looked for, their ends count."""
    log = log_of(seed, 300_000, parts)
    for block in (70_000, 150_001):
        at_once.clear()
        expected = told(scan(shipped, log, False, block))
        assert not at_once
        assert told(scan(shipped, log, True, block)) == expected
        assert all(at_once[:-1])


@pytest.mark.parametrize("seed", range(8))
def test_times_without_a_date_are_as_one_by_one(shipped: Scanner, at_once: list[bool], seed: int) -> None:
    """Whether no line shows a date, or some do, from which the others have theirs."""
    dated = (STAMP + " - app - INFO - working on {small} of {long}\n",) if seed % 2 else ()
    log = log_of(seed, 200_000, CLOCKED + dated)
    expected = told(scan(shipped, log, False, 1 << 22))
    for block in (70_000, 120_001):
        at_once.clear()
        assert told(scan(shipped, log, True, block)) == expected
        assert all(at_once[:-1])


@pytest.mark.parametrize("seed", range(8))
def test_runs_of_indented_lines_are_as_their_lines(
    shipped: Scanner, at_once: list[bool], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Whether joined or one by one, and although records begin within some of them."""
    joined: list[bool] = []

    def lines(*arguments: Any) -> Lines:
        joined.append(arguments[3] is not None)
        return Lines(*arguments)

    monkeypatch.setattr(logscope.scan.bulk.page, "Lines", lines)
    parts = INDENTED[:4] + INDENTED[6:] if seed % 2 else INDENTED
    log = log_of(seed, 300_000, (*parts, *PARTS[:4]))
    expected = told(scan(shipped, log, False, 1 << 22))
    for block in (70_000, 120_001):
        at_once.clear()
        joined.clear()
        assert told(scan(shipped, log, True, block)) == expected
        assert all(at_once[:-1])
        assert any(joined)
        assert all(joined) or not seed % 2


COLOURS = (
    # uvicorn's own, those of a coloured formatter, and those of one that colours the time as well
    (rb"(?m)^(INFO|ERROR|WARNING)(: )", b"\x1b[32m\\1\x1b[0m\\2"),
    (rb'(?m)"((?:GET|POST) \S+ HTTP/1\.1)" (\d{3} [^\n]*)$', b'"\x1b[1m\\1\x1b[0m" \x1b[31m\\2\x1b[0m'),
    (rb" - (ERROR|INFO) - ", b" - \x1b[31m\\1\x1b[0m - "),
    (rb"(?m)^(2026-11-20 [\d:,]+)", b"\x1b[32m\\1\x1b[0m"),
    (rb"(?m)^(2026-11-20 [\d:,]+) - (\S+)", b"\x1b[36m\\2\x1b[0m \\1"),
    (rb"(code: )(\d+)", b"\\1\x1b[33m\\2\x1b[0m"),
)


@pytest.mark.parametrize("lost", [b"\x1b[", b"[", b"\xef\xbf\xbd["])
@pytest.mark.parametrize("chosen", [(0, 1, 2), (0, 3, 5), (2, 4, 5)])
def test_coloured_it_is_the_same(
    shipped: Scanner, at_once: list[bool], chosen: tuple[int, ...], lost: bytes
) -> None:
    """Colours, also those that lost their ESC, hide neither what rules look for nor times."""
    log = log_of(11 + sum(chosen), 250_000)
    for pattern, replacement in (COLOURS[number] for number in chosen):
        log = re.sub(pattern, replacement, log)
    log = log.replace(b"\x1b[", lost)
    expected = told(scan(shipped, log, False, 1 << 22))
    for block in (70_000, 90_001):
        at_once.clear()
        assert told(scan(shipped, log, True, block)) == expected
        assert all(at_once[:-1])


PREFIXES = (
    ("app-1  | ", "db-1   | "),
    ("[pod/api-7d9c5b6f4d-x2x8q/api] ", "[pod/db-0/db] "),
    ("Mar 02 08:{m:02}:{s:02} host1 uvicorn[4242]: ", "Mar 02 08:{m:02}:{s:02} host1 systemd[1]: "),
    ("2026-11-20T19:{m:02}:{s:02}.{ms:03}000+00:00 app[web.1]: ",) * 2,
    ("2026-11-20T19:{m:02}:{s:02}.{ms:03}Z\t",) * 2,
    (
        "2026-11-20T19:{m:02}:{s:02}.{ms:03}000000Z stdout F ",
        "2026-11-20T19:{m:02}:{s:02}.{ms:03}000000Z stderr F ",
    ),
    (
        "2026-11-20T19:{m:02}:{s:02}.{ms:03}0000Z app-1  | ",
        "2026-11-20T19:{m:02}:{s:02}.{ms:03}0000Z db-1   | ",
    ),
)


UNQUOTED = PARTS[:-4]
"""Without those that quote, or seem to: what is quoted among several writers is told by the first of its kind."""
DOCKER = ("stdout", "stderr")
"""Streams, of which Docker's files of JSON tell."""


def prefixed(log: bytes, prefixes: tuple[str, str], seed: int, share: float, changes: float = 0.01) -> bytes:
    """The lines as a collector has them: runs of a `share` of them are another writer's, which `changes` often."""
    choose = random.Random(seed)
    lines, other = [], False
    for number, line in enumerate(log.decode().split("\n")[:-1]):
        other = choose.random() < share if choose.random() < changes else other
        time = {"m": number // 3000 % 60, "s": number // 50 % 60, "ms": number * 20 % 1000}
        if prefixes is DOCKER:
            stamp = "2026-11-20T19:{m:02}:{s:02}.{ms:03}1Z".format_map(time)
            lines.append(json.dumps({"log": f"{line}\n", "stream": prefixes[other], "time": stamp}) + "\n")
        else:
            lines.append(prefixes[other].format_map(time) + line + "\n")
    return "".join(lines).encode()


@pytest.mark.parametrize(("share", "changes"), [(0.0, 0.01), (0.3, 0.01), (0.5, 0.3)])
@pytest.mark.parametrize("prefixes", [*PREFIXES, DOCKER])
def test_behind_a_prefix_it_is_the_same(
    shipped: Scanner, at_once: list[bool], prefixes: tuple[str, str], share: float, changes: float
) -> None:
    """Whether one writer wrote all of a block or several did, which may stand in each other's events."""
    log = prefixed(log_of(5, 200_000, UNQUOTED if share else PARTS), prefixes, 5, share, changes)
    expected = told(scan(shipped, log, False, 1 << 22))
    for block in (70_000, 90_001):
        at_once.clear()
        assert told(scan(shipped, log, True, block)) == expected
        assert all(at_once[:-1])  # the last block may be too short


def test_lines_without_the_prefix_are_a_writers_of_their_own(shipped: Scanner, at_once: list[bool]) -> None:
    """What compose itself says between the services' lines, and what fails there."""
    bare = log_of(12, 60_000, UNQUOTED).decode().splitlines(keepends=True)
    lines = prefixed(log_of(11, 200_000, UNQUOTED), PREFIXES[0], 11, 0.3).decode().splitlines(keepends=True)
    for number, line in enumerate(bare):
        lines.insert(number * 3, line)
    log = "".join(lines).encode()
    assert told(scan(shipped, log, True, 90_000)) == told(scan(shipped, log, False, 90_000))
    assert all(at_once[:-1])


def test_of_several_writers_only_what_pays_is_read_at_once(shipped: Scanner, at_once: list[bool]) -> None:
    """Telling who wrote every line costs more than a few events do."""
    healthy = "api-1  | INFO:     ready\ndb-1   | INFO:     ready\n" * 400
    failed = "api-1  | ERROR:    [Errno 98] Address already in use\n"
    found = scan(shipped, ((healthy + failed) * 40).encode(), True, 90_000)
    assert len(list(found.hits)) == 40
    assert not any(at_once)


def test_a_line_that_a_collector_split_is_read_with_its_rest(shipped: Scanner) -> None:
    """Where one is, the block is read event by event."""
    log = prefixed(log_of(3, 200_000, UNQUOTED), PREFIXES[5], 3, 0.3).decode().splitlines(keepends=True)
    place = next(number for number in range(900, len(log)) if "stdout F " in log[number])
    stamp = log[place].partition(" ")[0]
    split = "P ERROR:app:Your credit bal", "F ance is too low to access the Anthropic API"
    text = "".join([*log[:place], *(f"{stamp} stdout {part}\n" for part in split), *log[place:]]).encode()
    found = scan(shipped, text, True, 70_000)
    assert any(hit.line == place + 1 and hit.role == "primary" for hit in found.hits)
    assert told(found) == told(scan(shipped, text, False, 70_000))


def test_records_that_repeat_their_head_are_asked_one_by_one(shipped: Scanner) -> None:
    """Lines that are equal once masked may be one record of RabbitMQ's, or two."""
    heads = [
        f"2026-11-28 16:40:{number % 60:02d}.{number:06d}+00:00 [error] <0.7.0> " for number in range(4_000)
    ]
    refused = "operation queue.declare caused a channel exception not_found: no queue 'docs' in vhost '/'"
    whole = "".join(f"{head}Channel error:\n{head}{refused}\n" for head in heads[0::4])
    apart = "".join(
        f"{one}Channel error:\n{other}{refused}\n"
        for one, other in zip(heads[1::4], heads[2::4], strict=True)
    )
    log = (whole + apart).encode()
    found = scan(shipped, log, True, 70_000)
    assert sum(item.count for item in found.unexplained) == 1_000
    assert told(found) == told(scan(shipped, log, False, 70_000))


@pytest.mark.parametrize("prefixes", PREFIXES)
def test_behind_a_prefix_what_repeats_itself_is_asked_once(
    shipped: Scanner, monkeypatch: pytest.MonkeyPatch, prefixes: tuple[str, str]
) -> None:
    """Also where the collector's time is more exact than the record's own, or all that tells the day."""
    log = prefixed(log_of(7, 300_000), prefixes, 7, 0.0)
    asked: list[Event] = []
    ask = logscope.scan.answers.Answers.of

    def counted(self: logscope.scan.answers.Answers, event: Event, *arguments: Any) -> Any:
        asked.append(event)
        return ask(self, event, *arguments)

    monkeypatch.setattr(logscope.scan.answers.Answers, "of", counted)
    found = scan(shipped, log, True, 90_000)
    assert len(asked) < found.examined / 4


@pytest.mark.parametrize(
    ("prefix", "lines", "one"),
    [
        ("compose", ["a-1  | x", "a-1  | y | z", "a-1  |"], True),
        ("compose", ["a-1  | x", "b-1  | x"], False),
        ("compose", ["a-1  | x", "x"], False),
        ("compose", ["x", "a-1  | x"], False),
        ("journald-short", ["Mar 02 08:00:00 h app[7]: x", "Mar 02 09:10:59 h app[7]: y"], True),
        ("journald-short", ["Mar 02 08:00:00 h app[7]: x", "Mar 02 08:00:00 h app[8]: x"], False),
        ("journald-short", ["Mar 12 08:00:00 h app[7]: x", "Mar  2 08:00:00 h app[7]: x"], False),
        ("cloudwatch-time", ["2026-11-20T10:00:00Z x", "anything"], True),
    ],
)
def test_one_writer_is_told_by_the_bytes_of_all_lines(prefix: str, lines: list[str], one: bool) -> None:
    """The digits of times may differ, nothing else up to the writer's end."""
    data = bytearray(("\n".join(lines) + "\n").encode())
    starts = np.array([0, *(found.end() for found in re.finditer(b"\n", data))][:-1], np.int64)
    assert wrote_all(BY_NAME[prefix], data, starts) == one


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_the_last_line_may_be_cut_off(shipped: Scanner, ending: bytes) -> None:
    """Line ends of either kind, and a last line without one."""
    log = log_of(3, 200_000).rstrip(b"\n") + b"\nERROR:app:order 12 is lost" + ending
    if ending == b"\r\n":
        log = log.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert told(scan(shipped, log, True, 80_000)) == told(scan(shipped, log, False, 80_000))


def test_a_woven_log_may_end_amid_a_line(shipped: Scanner, at_once: list[bool]) -> None:
    """Only its last events are then read one by one."""
    log = prefixed(log_of(6, 80_000, UNQUOTED), PREFIXES[0], 6, 0.3)[:-9]
    assert told(scan(shipped, log, True, 90_000)) == told(scan(shipped, log, False, 90_000))
    assert all(at_once[:2])


@pytest.mark.parametrize("piece", [b"x1 ", b"\0", b"\n", b"ERROR:", b"a\n"])
def test_strange_logs_are_read_the_same(shipped: Scanner, piece: bytes) -> None:
    """Lines without end, seas of one byte, and lines of nothing, with errors among them."""
    failed = b"ERROR:app:Your credit balance is too low to access the Anthropic API\n"
    log = b"INFO:app:up\n" + (piece * (40_000 // len(piece)) + b"\n" + failed * 3) * 6
    assert told(scan(shipped, log, True, 90_000)) == told(scan(shipped, log, False, 90_000))


def test_what_was_quoted_first_is_found_where_it_happens(shipped: Scanner) -> None:
    """A failure between the lines of a tag says nothing of records like it elsewhere."""
    failed = "ERROR:    Your credit balance is too low to access the Anthropic API\n"
    rest = "".join(f"INFO:app:order {number} is done\n" * 40 + failed for number in range(200))
    log = f"INFO:app:the ticket\n<log>\n{failed}so it says\n</log>\nINFO:app:next\n{rest}".encode()
    found = scan(shipped, log, True, 90_000)
    assert sum(hit.role == "primary" for hit in found.hits) == 200
    assert told(found) == told(scan(shipped, log, False, 90_000))


def test_since_and_until_admit_the_same(shipped: Scanner) -> None:
    """What lies outside is counted once, and starts no incident."""
    log = log_of(8, 300_000)
    times = [hit.time for hit in scan(shipped, log, False, 1 << 22).hits if hit.time is not None]
    bounds = {"since": sorted(times)[len(times) // 4], "until": sorted(times)[len(times) // 2]}
    assert told(scan(shipped, log, True, 90_000, **bounds)) == told(
        scan(shipped, log, False, 90_000, **bounds)
    )


def test_it_is_done_at_once(shipped: Scanner, at_once: list[bool]) -> None:
    """The comparison means something: blocks of a large source are not read event by event."""
    scan(shipped, log_of(1, 400_000), True, 70_000)
    assert len(at_once) > 4
    assert all(at_once)


def test_a_source_of_one_block_is_read_at_once_where_that_pays(shipped: Scanner, at_once: list[bool]) -> None:
    """It does where much is found; what only signals want is not counted."""
    healthy = (
        b'INFO:httpx:HTTP Request: POST https://api.anthropic.com/v1/messages "HTTP/1.1 200 OK"\n' * 20_000
    )
    scan(shipped, healthy, True, 1 << 22)
    scan(shipped, log_of(1, 500_000), True, 1 << 22)
    assert not at_once

    log = log_of(1, 2_000_000)
    found = scan(shipped, log, True, 1 << 22)
    assert at_once == [True]
    assert told(found) == told(scan(shipped, log, False, 1 << 22))


@pytest.mark.parametrize("seed", range(4))
def test_units_are_whole_events(seed: int) -> None:
    """An event lies in one unit, and a unit begins and ends with an event."""
    log = bytearray(log_of(seed, 60_000))
    layout = detect_layout(bytes(log[:65_536]))
    folder = Folder(layout, "app.log")
    lines = lines_of(log)
    count = len(lines.kinds)
    found = find_units(lines, kinds_of(folder, layout), np.arange(count), np.array([0]), count, True)
    spans = list(folder.fold(log, 0, len(log)))
    starts, ends = {span.start for span in spans}, {span.end for span in spans}
    assert {int(lines.starts[line]) for line in found.first} <= starts
    assert {int(lines.ends[line - 1]) + 1 for line in found.behind} <= ends
    assert int((found.behind - found.first).sum()) > count * 0.9


@pytest.mark.parametrize("seed", range(4))
def test_the_nearest_timed_lines(seed: int) -> None:
    """They are those that looking at every line finds."""
    log = bytearray(log_of(seed + 20, 40_000))
    layout = detect_layout(bytes(log[:65_536]))
    folder = Folder(layout, "app.log")
    lines = lines_of(log)
    count = len(lines.kinds)
    timed = [
        folder.time_place(log, int(lines.starts[n]), int(lines.ends[n])) is not None for n in range(count)
    ]
    asked = np.arange(5, count - 5, 3)
    before, behind = find_timed(lines, kinds_of(folder, layout), asked, asked + 1, 20)
    for place, line in enumerate(asked.tolist()):
        near = [n for n in range(max(line - 20, 1), line) if timed[n]]
        far = [n for n in range(line + 2, min(line + 22, count)) if timed[n]]
        assert before[place] == (near[-1] if near else -1) or line <= 20
        assert behind[place] == (far[0] if far else -1) or line + 22 >= count


def lines_of(log: bytearray) -> Lines:
    """All lines of a log."""
    ends = np.flatnonzero(np.frombuffer(bytes(log), np.uint8) == 10)
    return Lines(log, np.append(0, ends + 1), np.append(ends, len(log) - 1))


def kinds_of(folder: Folder, layout: Layout) -> Kinds:
    """The kinds of its lines, none of them known yet."""
    return Kinds(folder, Ways(layout.clock), Masks([]), Names(frozenset()))


@pytest.mark.parametrize(
    ("raw", "value", "expected"),
    [
        (b"waited 90 seconds", "90", ()),
        (b"port 8000 is taken", "8000", ((5, 9, b""),)),
        (b"session 0a9b8c7d6e5f in", "0a9b8c7d6e5f", ((8, 20, b""),)),
        (b"told 8000 and 8000", "8000", ((5, 9, b""), (14, 18, b""))),
        (b'{"m": "a\\nb"}', "a\nb", ()),
        (b"waited 18.5s of 1000", "18.5", ()),
        (b"waited 1234.5s", "1234.5", ((7, 13, b""),)),
        (b"waited 20000ms of 40", "20", ((7, 9, b""),)),
        (b"waited 20000ms of 20", "20", ((7, 9, b"20"),)),
    ],
)
def test_where_captures_stand(raw: bytes, value: str, expected: tuple[object, ...]) -> None:
    """A capture that varies is found at its place, everywhere it stands, also before its unit; one that does not vary
    has none, and where only some of its places do, they must stay as they are."""
    assert captured_in(raw, (("name", value),), Masks([]).masked(raw)) == (expected,)


def test_a_capture_that_is_not_there_cannot_be_told() -> None:
    """An unescaped text with digits may be another one in the next event."""
    raw = b'{"m": "a\\n1"}'
    assert captured_in(raw, (("name", "a\n1"),), raw) is None
