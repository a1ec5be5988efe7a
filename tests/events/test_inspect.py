"""`logscope inspect`: what a user sees of what logscope sees."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from logscope.cli.inspect import inspect

KEY = "sk-" + "ant-" + "api03-" + "abcdefghij0123456789" * 2
LOG = (
    "INFO:     Started server process [1]\n"
    "a printed line\n"
    f"ERROR:app:failed, api_key={KEY}\n"
    "Traceback (most recent call last):\n"
    '  File "/srv/app/x.py", line 1, in x\n'
    "ValueError: \x1b[31mbad\n"
    'INFO:     127.0.0.1:5 - "GET / HTTP/1.1" 500 Internal Server Error\n'
)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small log in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.log").write_text(LOG)
    return "app.log"


def test_events_are_json_lines_that_cover_every_line(log: str) -> None:
    """Each event is one strict JSON object; line ranges join without gap or overlap."""
    result = CliRunner().invoke(inspect, [log, "--events"], standalone_mode=False)
    events = [json.loads(line) for line in result.output.splitlines()]

    assert [(e["line"], e["last_line"]) for e in events] == [(1, 1), (2, 2), (3, 6), (7, 7)]
    assert events[2]["exception"]["leaf"] == {"type": "ValueError", "message": "bad"}
    assert events[3]["http"]["status"] == 500
    assert [e["understood"] for e in events] == [True, False, True, True]


def test_every_line_of_woven_writers_is_one_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where lines of another service stand between an event's, it says how many are its own."""
    monkeypatch.chdir(tmp_path)
    lines = ["api-1  | ERROR:app:no", "mcp-1  | INFO:app:a", "api-1  |   detail", "mcp-1  | INFO:app:b"]
    (tmp_path / "app.log").write_text("\n".join(lines))
    output = CliRunner().invoke(inspect, ["app.log", "--events"], standalone_mode=False).output
    events = [json.loads(line) for line in output.splitlines()]
    assert [(e["line"], e["last_line"], e["lines"]) for e in events] == [(1, 3, 2), (2, 2, 1), (4, 4, 1)]


def test_secrets_and_control_characters_do_not_leave(log: str) -> None:
    """Neither output shows a key or an escape byte."""
    for options in ([], ["--events"]):
        output = CliRunner().invoke(inspect, [log, *options], standalone_mode=False).output
        assert "abcdefghij" not in output
        assert KEY in LOG
        assert "\x1b" not in output


def test_the_summary_says_what_was_found(log: str) -> None:
    """Formats, levels, requests and the line that was not understood are shown."""
    output = CliRunner().invoke(inspect, [log], standalone_mode=False).output

    assert "uvicorn 2" in output
    assert "error 1" in output
    assert "of them 1 failed" in output
    assert "2: a printed line" in output


@pytest.mark.parametrize("newline", ["\n", "\r"])
def test_a_large_file_is_sampled_and_says_so(
    newline: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --all only the beginning and the end are read; where the end cannot be, it is not told."""
    monkeypatch.chdir(tmp_path)
    line = "2026-11-20 19:00:00,000 - app - INFO - x\n"
    last = "2026-11-21 19:00:00,000 - app - INFO - x\n"
    monkeypatch.setattr("logscope.cli.inspect.READ_AT_ONCE", 1 << 17)
    (tmp_path / "app.log").write_text(line * 10_000 + last, newline=newline)
    sampled = CliRunner().invoke(inspect, ["app.log"], standalone_mode=False).output
    whole = CliRunner().invoke(inspect, ["app.log", "--all"], standalone_mode=False).output

    assert "--all reads every line" in sampled
    assert (", and its end" in sampled) == (newline == "\n")
    assert ("2026-11-20 19:00:00 to 2026-11-21 19:00:00 UTC" in sampled) == (newline == "\n")
    assert "10,001 lines" in whole


def test_all_lines_are_recognised_only_where_all_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line in thousands that was not understood is not rounded away."""
    monkeypatch.chdir(tmp_path)
    known = "2026-11-20 19:00:00,000 - app - INFO - x\n"
    (tmp_path / "app.log").write_text(f"what is this\n{known * 5_000}")
    output = CliRunner().invoke(inspect, ["app.log"], standalone_mode=False).output

    assert "recognised   > 99.9 % of lines" in output
    assert "not understood: 1 line\n    1: what is this\n" in output


def test_many_large_files_share_what_is_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of large files is answered about as soon as one of them."""
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        (tmp_path / f"{number}.log").write_text("2026-11-20 19:00:00,000 - app - INFO - x\n" * 10_000)
    monkeypatch.setattr("logscope.cli.inspect.READ_AT_ONCE", 3 << 16)
    output = CliRunner().invoke(inspect, ["."], standalone_mode=False).output
    read = [int(found.replace(",", "")) for found in re.findall(r"the first ([\d,]+) lines of", output)]
    assert read == [(1 << 16) // 41] * 3


def test_a_prefix_that_begins_later_is_found(log: str) -> None:
    """Build output first, then the services: their lines are taken apart and folded."""
    build = "".join(f"#{n} [build {n}/80] RUN pip install package-{n}\n" for n in range(1, 81))
    served = "".join(
        f"api-1     | 2026-03-02 10:00:{n % 60:02},000 - app - ERROR - failed {n}\n"
        f"worker-1  | INFO:     step {n}\n"
        "api-1     | Traceback (most recent call last):\n"
        "worker-1  | INFO:     done\n"
        f"api-1     | ValueError: bad {n}\n"
        for n in range(60)
    )
    Path(log).write_text(build + served)
    result = CliRunner().invoke(inspect, [log, "--events"], standalone_mode=False)
    events = [json.loads(line) for line in result.output.splitlines()]
    failed = [event for event in events if event["exception"]]
    assert len(failed) == 60
    assert {event["stream"] for event in failed} == {"api-1"}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("2026-11-20T19:00:21+0200 INFO app.main ready", "2026-11-20T19:00:21.000000+02:00"),
        ("2026-11-20 19:00:21 EST INFO app.main ready", "2026-11-20T19:00:21.000000-05:00"),
        ("2026-11-20T19:00:21.5Z INFO app.main ready", "2026-11-20T19:00:21.500000+00:00"),
        ("2026-11-20 19:00:21 INFO app.main ready", "2026-11-20T19:00:21.000000+09:00"),
    ],
)
def test_times_are_shown_in_the_offset_that_the_log_shows(
    line: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nothing but a second differs from the line before; those without one in --timezone."""
    monkeypatch.chdir(tmp_path)
    other = line.replace(":21", ":22")
    Path("app.log").write_text(f"{line}\n{other}\n")
    result = CliRunner().invoke(
        inspect, ["app.log", "--events", "--timezone", "Asia/Tokyo"], standalone_mode=False
    )
    times = [json.loads(text)["time"] for text in result.output.splitlines()]
    assert times == [shown, shown.replace(":21", ":22")]
