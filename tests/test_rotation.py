"""The files of a rotated log are read as the one log that they are."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.model import Source, place_in
from logscope.sources import join_rotated, open_source
from tests.cli_runner import run

REJECTED = 'INFO:     127.0.0.1:5000 - "POST /mcp HTTP/1.1" 400 Bad Request\n'
SESSION = (
    "INFO:mcp.client.streamable_http:Received session ID: 7616438e4abb44ae8746220b881ba35d\n"
    'INFO:     127.0.0.1:5000 - "POST /mcp HTTP/1.1" 200 OK\n'
)
FAILURE = (
    "ERROR:app.chat:request failed\n"
    "Traceback (most recent call last):\n"
    '  File "/srv/app/app/chat.py", line 12, in chat\n'
    "    await client.messages.create(**asked)\n"
    "anthropic.BadRequestError: Error code: 400 - Your credit balance is too low to access the Anthropic API.\n"
)


def joined(*names: str) -> list[tuple[str, ...]]:
    """The names of each log's files, the oldest first, of sources in one folder."""
    sources = [Source(name, f"logs/{name}") for name in sorted(names)]
    return [tuple(file.name for file in (*s.older, s)) for s in join_rotated(sources)]


@pytest.mark.parametrize(
    "files",
    [
        ("app.log.2", "app.log.1", "app.log"),
        ("app.log.11.gz", *(f"app.log.{n}" for n in range(10, 0, -1)), "app.log"),
        ("syslog.2.gz", "syslog.1", "syslog"),
        ("8a6f-json.log.1", "8a6f-json.log"),
        ("app.log.2026-11-19", "app.log.2026-11-20", "app.log"),
        ("app.log-20261119.gz", "app.log-20261120", "app.log"),
        ("0.log.20261119-101010.gz", "0.log.20261120-101010", "0.log"),
        ("app.2026-11-19_10-00-00_123456.log", "app.2026-11-20_10-00-00_654321.log", "app.log"),
        ("api-out__2026-11-20_00-00-00.log", "api-out.log"),
    ],
)
def test_the_names_of_rotated_files(files: tuple[str, ...]) -> None:
    """Numbers grow with age, dates do not; the file without either is the newest."""
    assert sorted(joined(*files, "other.log")) == sorted([files, ("other.log",)])


@pytest.mark.parametrize(
    "files",
    [
        ("run-2026-11-19.log", "run-2026-11-20.log"),
        ("app-2026-11-20.log", "app-2026-11-20.log.1"),
        ("app.log", "app.log.2"),
        ("app.log.1", "app.log.2"),
        ("app.log", "app.log.000", "app.log.001", "app.log.002"),
        ("app.log.1.1", "app.log.1"),
        ("worker", "worker.1", "worker.2"),
        ("app.log", "app.json", "app2.log"),
    ],
)
def test_names_that_do_not_tell_an_order(files: tuple[str, ...]) -> None:
    """Runs of their own, numbers that nobody knows the direction of, gaps, and files that are not called logs."""
    assert joined(*files) == [(name,) for name in sorted(files)]


def test_files_behind_a_gap_stand_for_themselves() -> None:
    """What lies between them is not there."""
    assert joined("app.log", "app.log.1", "app.log.3") == [("app.log.1", "app.log"), ("app.log.3",)]


def test_files_of_other_folders_are_other_logs(tmp_path: Path) -> None:
    """Only files side by side are rotated."""
    sources = [Source("a", "one/app.log"), Source("b", "two/app.log.1")]
    assert join_rotated(sources) == tuple(sources)


def report_of(logs: Path, *more: str) -> dict[str, Any]:
    """The report on a folder."""
    result = run("analyze", logs, "--exit-zero", "-o", logs.parent / "report.json", *more)
    assert result.code == 0, result.err
    return msgspec.json.decode((logs.parent / "report.json").read_bytes())


def test_a_session_and_a_traceback_go_on_in_the_next_file(tmp_path: Path) -> None:
    """They are counted as in one file, and shown where they stand; compressed files too."""
    logs = tmp_path / "logs"
    logs.mkdir()
    lines = (FAILURE * 2).splitlines(keepends=True)
    (logs / "app.log.2.gz").write_bytes(gzip.compress(("INFO:     up\n" * 3 + REJECTED).encode()))
    (logs / "app.log.1").write_text(SESSION + "".join(lines[:3]))
    (logs / "app.log").write_text("".join(lines[3:]))
    report = report_of(logs)
    found = {finding["rule"]: finding for finding in report["findings"]}
    sequence = found["mcp-400-before-session"]["sequence"]
    assert [sequence[name] for name in ("sessions", "rejected_first", "recovered", "stalled")] == [1, 1, 1, 0]
    assert [(step["source"], step["line"]) for step in sequence["lanes"][0]["steps"][:2]] == [
        ("logs/app.log.2.gz", 4),
        ("logs/app.log.1", 1),
    ]
    credit = found["anthropic-credit-balance"]
    assert credit["occurrences"] == 2
    assert [(line["source"], line["line"]) for line in credit["evidence"]] == [
        ("logs/app.log.1", 3),
        ("logs/app.log", 3),
    ]
    assert credit["sources"] == ["logs/app.log", "logs/app.log.1"]
    assert credit["frequency"]["text"].startswith("2 times in 2 logs")
    assert [file["name"] for file in report["inputs"]] == [
        "logs/app.log, logs/app.log.1 and logs/app.log.2.gz"
    ]
    assert report["coverage"]["sources"] == 3


def test_what_cannot_be_read_of_a_rotated_log_is_told_by_its_name(tmp_path: Path) -> None:
    """A broken and a binary file; the others are analysed, and their lines keep their numbers."""
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "app.log.3").write_bytes(b"\x7fELF\0\1\2\3" * 100)
    (logs / "app.log.2.gz").write_bytes(gzip.compress(FAILURE.encode() * 2)[:-30])
    (logs / "app.log.1").write_text("INFO:     cut off here")
    (logs / "app.log").write_text(FAILURE)
    report = report_of(logs)
    notes = {(note["where"], note["kind"]) for note in report["notes"]}
    assert ("logs/app.log.3", "binary") in notes
    assert ("logs/app.log.2.gz", "truncated") in notes
    (finding,) = report["findings"]
    last = finding["evidence"][-1]
    assert (last["source"], last["line"], last["last_line"]) == ("logs/app.log", 1, 5)
    assert report["coverage"]["skipped"] == {"binary": 1}
    assert [file["name"] for file in report["inputs"]] == [
        "logs/app.log, logs/app.log.1 and logs/app.log.2.gz"
    ]


def test_a_log_whose_newest_file_is_binary_is_named_by_those_that_were_read(tmp_path: Path) -> None:
    """None of them is left out, the binary one is."""
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "app.log.2").write_text("INFO:     up\n")
    (logs / "app.log.1").write_text(FAILURE)
    (logs / "app.log").write_bytes(b"\x7fELF\0\1\2\3" * 100)
    (file,) = report_of(logs)["inputs"]
    assert (file["name"], file["lines"]) == ("logs/app.log.1 and logs/app.log.2", 6)


def test_a_file_that_is_gone_when_it_is_read_is_passed_over(tmp_path: Path) -> None:
    """The rest of the log is there."""
    newest = tmp_path / "app.log"
    newest.write_text("INFO:     new\n")
    sources = [Source("app.log", str(newest)), Source("app.log.1", str(tmp_path / "app.log.1"))]
    (log,) = join_rotated(sources)
    reader = open_source(log)
    assert reader.head(100) == b"INFO:     new\n"
    assert [(note.where, note.kind) for note in reader.notes] == [("app.log.1", "unreadable")]
    reader.close()


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.text("ab\n", max_size=12), min_size=2, max_size=5),
    size=st.integers(min_value=1, max_value=9),
)
def test_every_line_is_told_its_file(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], size: int
) -> None:
    """The bytes are those of the files, with the line ends that lack; each line knows its file and its number in it."""
    folder = tmp_path_factory.mktemp("rotated")
    sources = []
    for number, text in enumerate(texts):
        name = f"app.log.{len(texts) - 1 - number}" if number < len(texts) - 1 else "app.log"
        (folder / name).write_text(text)
        sources.append(Source(name, str(folder / name)))
    (log,) = join_rotated(sources)
    reader = open_source(log)
    read = bytearray()
    while piece := reader.head(size):
        read += piece
    reader.close()
    shown = [place_in(reader.parts, line) for line in range(1, len(read.splitlines()) + 1)]
    expected = [
        (s.name, n) for s, t in zip(sources, texts, strict=True) for n in range(1, len(t.splitlines()) + 1)
    ]
    assert read.decode().splitlines() == [line for text in texts for line in text.splitlines()]
    assert shown == expected
