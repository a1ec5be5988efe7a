"""The made logs of the benchmark: the same bytes from the same seed, and the mix that their names promise."""

from __future__ import annotations

import gzip
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from cli_runner import counts, report_of

from bench import run
from bench.events import fails
from bench.generate import CASES, Case, as_json, chunks, events, make, plain
from bench.peers import Patterns

BY_NAME = {case.name: case for case in CASES}
SIZE = 300_000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_seed_same_bytes(case: Case) -> None:
    """A seed gives the same bytes every time, another seed gives others."""
    first, again, other = (b"".join(chunks(case, SIZE, seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert SIZE <= len(first) < SIZE + 10_000


def test_compose_is_the_sparse_log_behind_a_prefix(tmp_path: Path) -> None:
    """Each line of it carries one."""
    make(BY_NAME["sparse"], SIZE, tmp_path / "a.log")
    make(BY_NAME["compose"], SIZE, tmp_path / "b.log")
    plain, collected = ((tmp_path / name).read_text().splitlines() for name in ("a.log", "b.log"))
    assert all(line.startswith("api-1  | ") for line in collected)
    assert [line.removeprefix("api-1  | ") for line in collected] == plain[: len(collected)]


@pytest.mark.parametrize(
    ("case", "low", "high"),
    [
        ("sparse", 0.001, 0.003),
        ("debug", 0.001, 0.003),
        ("dense", 0.4, 0.6),
        ("traces", 0.4, 0.6),
        ("keys", 0.4, 0.6),
        ("varied", 0.4, 0.6),
    ],
)
def test_share_of_failures(case: str, low: float, high: float) -> None:
    """About 0.2 % of the sparse and of the debug events are failures, and about half of the dense ones."""
    made = list(islice(events(1, BY_NAME[case]), 40_000))
    failing = sum(fails(event) and " 404 " not in event[2] for event in made)
    assert low < failing / len(made) < high


def test_compressed_and_small_files(tmp_path: Path) -> None:
    """The gz case is the sparse log compressed; the small case is many files of the wished size together."""
    make(BY_NAME["sparse"], SIZE, tmp_path / "a.log")
    make(BY_NAME["gz"], SIZE, tmp_path / "a.log.gz")
    assert gzip.decompress((tmp_path / "a.log.gz").read_bytes()) == (tmp_path / "a.log").read_bytes()
    total = make(BY_NAME["small"], SIZE, tmp_path / "small")
    files = list((tmp_path / "small").rglob("*.log"))
    assert len(files) > 10
    assert sum(path.stat().st_size for path in files) == total >= SIZE


def sequence_of(report: dict[str, Any]) -> dict[str, Any]:
    """The figures of the sessions that were rejected first."""
    found = next(item for item in report["findings"] if item["rule"] == "mcp-400-before-session")
    figures: dict[str, Any] = found["sequence"]
    return figures


def test_failures_are_found(tmp_path: Path) -> None:
    """The core families are found in the dense log, plain and as JSON; what no rule can know is unexplained."""
    core = {
        "mcp-session-init-timeout",
        "anthropic-credit-balance",
        "port-in-use",
        "cancel-scope",
        "mcp-400-before-session",
    }
    for write in (plain, as_json):
        case = Case("made", 0.5, write=write)
        make(case, SIZE, tmp_path / "made.log")
        report = report_of(tmp_path / "made.log")
        assert core <= counts(report).keys()
        assert [item["title"][:9] for item in report["unexplained"]] == ["TypeError"]
        rejected = (tmp_path / "made.log").read_text().count("400 Bad Request")
        assert sequence_of(report)["rejected_first"] == rejected


def test_sessions_are_told_apart(tmp_path: Path) -> None:
    """Of forty that go on at a time, whose lines name them, all are counted that were rejected, or have given up."""
    make(BY_NAME["sessions"], SIZE, tmp_path / "made.log")
    log = (tmp_path / "made.log").read_text()
    figures = sequence_of(report_of(tmp_path / "made.log"))
    assert figures["rejected_first"] == log.count("first request rejected")
    assert (
        log.count("giving up") <= figures["stalled"] <= log.count("giving up") + 40
    )  # the last ones are cut off


def test_a_peer_that_fails_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    """Its cell says so, and a line below the table says why; the next peer is measured."""
    log = tmp_path / "sparse.log"
    size = make(BY_NAME["sparse"], SIZE, log)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, script in (("rg", "echo 'bad pattern' >&2; exit 2"), ("grep", "exit 1")):
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    patterns = {tool: Patterns(tmp_path / "patterns", 1, ()) for tool in ("rg", "grep")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tools}:/bin")
        measured = run.peers(BY_NAME["sparse"], log, size, patterns, 1)
    assert measured.failed["rg"] == "rg: exit 2: bad pattern"
    assert measured.seconds.keys() & {"rg", "grep"} == {"grep"}
    table = run.table([run.Row("sparse", size, run.Run(1.0, 50.0), measured)], [], {})
    assert "| failed | failed |" in table
    assert "rg failed on sparse: rg: exit 2: bad pattern\n" in table


def test_a_command_that_is_killed_has_failed() -> None:
    """A run that a signal ended gives no figure."""
    with pytest.raises(run.Failed, match="sh: exit -9"):
        run.measure(["sh", "-c", "kill -9 $$"], 1)


def test_a_peer_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had is known to be too little: the ratio is below what that gives."""
    log = tmp_path / "sparse.log"
    size = make(BY_NAME["sparse"], SIZE, log)
    (tmp_path / "rg").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "rg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(run, "PEER_LIMIT", 0.1)
    measured = run.peers(BY_NAME["gz"], log, size, {"rg": Patterns(tmp_path / "patterns", 1, ())}, 1)
    assert "| < 10.00 | < 10.00 | – | – |" in run.table(
        [run.Row("gz", size, run.Run(1.0, 50.0), measured)], [], {}
    )
