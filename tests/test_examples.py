"""The example logs: what `make demo` finds in them is what an operator would count, file by file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_runner import counts, report_of, run

LOGS = Path(__file__).resolve().parent.parent / "examples" / "logs"
EXPECTED: dict[str, dict[str, int]] = {
    "web.log": {"anthropic-credit-balance": 1},
    "web.log.1.gz": {},
    "compose.log": {
        "anthropic-credit-balance": 1,
        "anthropic-rate-limit": 1,
        "mcp-session-init-timeout": 1,
        "mcp-400-before-session": 2,
    },
    "chat.log": {
        "anthropic-rate-limit": 2,
        "anthropic-overloaded": 1,
        "anthropic-invalid-api-key": 1,
        "context-length-exceeded": 1,
        "anthropic-api-error-500": 1,
    },
    "startup.log": {"mcp-session-init-timeout": 1, "lifespan-startup-failed": 1},
    "journal.log": {"port-in-use": 3},
    "overload.log": {"uvicorn-concurrency-limit": 5, "httpx-read-timeout": 1},
    "docker-json.log": {"worker-sigkill-oom": 1},
    "agents/mcp-server.jsonl": {"mcp-400-before-session": 3},
    "agents/mcp-http.jsonl": {"mcp-session-init-timeout": 2, "client-disconnected": 2},
    "agents/links.log": {"cancel-scope": 1},
    "agents/sse.log": {},
}
"""Occurrences by rule, counted by reading."""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The logs alone, in an empty folder: no repository around them."""
    shutil.copytree(LOGS, tmp_path / "logs")
    monkeypatch.chdir(tmp_path)


def test_every_example_is_counted() -> None:
    """No example file is without an expectation."""
    names = {path.relative_to(LOGS).as_posix() for path in LOGS.rglob("*") if path.is_file()}
    assert names == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_file(name: str) -> None:
    """Each file by itself has the findings, and the numbers of incidents, that reading it shows."""
    assert counts(report_of(f"logs/{name}")) == EXPECTED[name]


def test_all_together() -> None:
    """The folder as a whole has the sum of its files, and no finding besides."""
    total: dict[str, int] = {}
    for expected in EXPECTED.values():
        for rule, occurrences in expected.items():
            total[rule] = total.get(rule, 0) + occurrences
    report = report_of("logs")
    assert counts(report) == total
    assert report["coverage"]["sources"] == len(EXPECTED)
    assert report["unexplained"] == []


def test_sessions() -> None:
    """Of the four sessions of the server's log three were rejected first, and all of them recovered."""
    (finding,) = report_of("logs/agents/mcp-server.jsonl")["findings"]
    sequence = finding["sequence"]
    names = ("sessions", "rejected_first", "recovered", "stalled", "success_rate")
    assert [sequence[name] for name in names] == [4, 3, 3, 0, 0.25]


def test_evidence_points_at_real_lines() -> None:
    """Source and line of each piece of evidence are where its text stands in the file."""
    for finding in report_of("logs/web.log", "logs/chat.log", "logs/compose.log")["findings"]:
        for line in finding["evidence"]:
            start = line["text"].splitlines()[0].split("Error code")[0].strip()
            read = Path(line["source"]).read_text("utf-8").splitlines()[line["line"] - 1]
            assert start in read


def test_demo_succeeds() -> None:
    """The demo's own command ends with 0 and writes both reports."""
    done = run("analyze", "logs", "--exit-zero", "-o", "report.md", "-o", "report.html")
    assert done.code == 0
    assert Path("report.md").stat().st_size > 10_000
    assert Path("report.html").stat().st_size > 10_000
