"""What consoles and command lines export as a document is read as the lines that were logged."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from logscope.events import Folder, detect_layout
from tests.test_sources import read

START = 1_795_000_000_000
FAILED = """\
2026-11-18 10:00:01,123 - app.main - ERROR - failed, "so" to say
Traceback (most recent call last):
  File "/srv/app/main.py", line 3, in load
    run()
KeyError: 3

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/app/main.py", line 9, in main
    load()
ValueError: bad "x\""""
LOGGED = (
    "INFO:     Started server process [1]",
    FAILED,
    'INFO:     10.0.0.1:1 - "GET / HTTP/1.1" 200 OK',
)
MESSAGES = [LOGGED[number % 3] for number in range(300)]


def _rows(header: list[str], *more: str) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([START + number * 1000, text, *more] for number, text in enumerate(MESSAGES))
    return file.getvalue()


def _events(**more: str) -> list[dict[str, Any]]:
    return [
        {"timestamp": START + number * 1000, "message": text, "ingestionTime": START + 900_000, **more}
        for number, text in enumerate(MESSAGES)
    ]


EXPORTED = {
    "the console's table": _rows(["timestamp", "message"]),
    "the table of Logs Insights": _rows(
        ["@timestamp", "@message", "@logStream", "@log"], "api/1", "123456789012:/ecs/api"
    ),
    "aws logs get-log-events": json.dumps({"events": _events(), "nextForwardToken": "f/1"}, indent=4),
    "aws logs filter-log-events": json.dumps(
        {"searchedLogStreams": [], "events": _events(logStreamName="api/1", eventId="3")}, indent=4
    ),
    "the same as text": "".join(
        f"EVENTS\t{START + 900_000}\t{text}\t{START + number * 1000}\n"
        for number, text in enumerate(MESSAGES)
    ),
}


@pytest.mark.parametrize("size", [97, 1 << 20])
@pytest.mark.parametrize("name", EXPORTED)
def test_every_record_is_one_event_of_its_own_time(name: str, size: int) -> None:
    """In whatever pieces it is read; lines keep their numbers."""
    text = EXPORTED[name]
    data, reader = read(text.encode(), size)
    assert data.count(b"\n") == text.count("\n")
    assert "read as" in reader.encoding
    folder = Folder(detect_layout(data), "x")
    events = [
        folder.event(data, span, data.count(b"\n", 0, span.start) + 1)
        for span in folder.fold(data, 0, len(data))
    ]
    logged = [event for event in events if event.format]
    assert [event.time for event in logged] == [START / 1000 + number for number in range(300)]
    assert [event.level for event in logged] == ["info", "error", "info"] * 100
    assert {event.exception.message for event in logged if event.exception} == {'bad "x"'}
    assert {event.http.path for event in logged if event.http} == {"/"}


def test_an_array_of_records_over_lines_is_a_record_per_line() -> None:
    """As `gcloud logging read`, Claude Code and Grafana write them; tickets, chats and what scanners found stay as
    they stand."""
    for record in (
        {"level": "error", "time": "2026-11-18T10:00:00Z", "msg": "n"},
        {"debug": "Connection failed", "timestamp": "2026-11-18T10:00:00Z", "cwd": "/srv"},
        {"line": "ERROR:app:failed", "timestamp": "1795000000000000000", "fields": {}},
    ):
        data, _ = read(json.dumps([record] * 3, indent=2).encode())
        lines = data.decode().split("\n")
        assert [json.loads(line) for line in lines if line] == [record] * 3
        assert [number for number, line in enumerate(lines, 1) if line] == [2, 7, 12]
    told = (
        {"date": "2026-11-18", "text": "ValueError: bad"},
        {"severity": "HIGH", "id": "CVE-1", "at": {"time": 3}},
    )
    for other in (json.dumps([record], indent=2).encode() for record in told):
        assert read(other)[0] == other


def test_dictionaries_as_python_prints_them_are_read_as_json() -> None:
    """Where several lines are such records, also behind compose; one that is none stays as it stands."""
    log = (
        "{'event': \"it's on\", 'level': 'info', 'n': None}\n" * 3 + "{'event': Path('x'), 'level': 'info'}\n"
    )
    data, reader = read(log.encode())
    assert data.splitlines()[0] == b'{"event": "it\'s on", "level": "info", "n": null}'
    assert data.splitlines()[3].startswith(b"{'event': Path")
    assert "dictionaries" in reader.encoding
    behind = b"api-1  | {'event': 2, 'level': 'info'}\n" * 3 + b"worker-1  | started\n" * 9
    assert read(behind)[0].splitlines()[1] == b'api-1  | {"event": 2, "level": "info"}'
    told = b"INFO:app:got\n{'event': 'x', 'level': 'info'}\nINFO:app:done\n"
    assert read(told)[0] == told
