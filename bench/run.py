"""Measure logscope and its peers on made logs, and write bench/RESULTS.md.

    make bench            # 100 MB
    make bench MB=1000    # the figures of the README

Every ratio compares runs on the same file, minutes apart at most; a tool's time is its best of --repeat runs.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.generate import CASES, Case
from bench.peers import LNAV, RG, RG_TUNED, Patterns, patterns_for, version
from logscope import __version__

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "bench" / "data"
RESULTS = ROOT / "bench" / "RESULTS.md"
LOGSCOPE = (sys.executable, "-m", "logscope")
PEER_SAMPLE = {"grep": 10_000_000, "lnav": 50_000_000}
"""Bytes given to peers that are too slow for the whole file; their time is scaled."""
PEER_LIMIT = 60.0
"""Seconds that a peer may take for one file; of one that takes longer it is known that the ratio is smaller."""
STARTS = 15
_TEN_LINES = "".join(f'INFO:     10.0.0.1:5000{n} - "GET /items/{n} HTTP/1.1" 200 OK\n' for n in range(10))


class Failed(Exception):
    """A command ended with an error; says which and why."""


class Unfinished(Exception):
    """A command was not done in the time it had."""


@dataclass(frozen=True, slots=True)
class Run:
    """The best of several runs of one command."""

    seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Peers:
    """The peers' seconds by name, and of those that failed how."""

    seconds: dict[str, float]
    unfinished: frozenset[str]
    """Those that were stopped: they would have taken longer than their seconds."""
    failed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One case: logscope's own run, and its peers."""

    case: str
    size: int
    own: Run
    peers: Peers


def measure(command: Sequence[str], repeat: int, limit: float = threading.TIMEOUT_MAX) -> Run:
    """Run a command `repeat` times; return its least wall time, and the peak memory in MB (10^6 bytes).

    Raises Failed where it exits with more than 1, grep's "nothing found", Unfinished where it is not done after `limit`
    seconds.
    """
    best, peak = float("inf"), 0.0
    for _ in range(repeat):
        with open(os.devnull, "wb") as sink:
            start = time.perf_counter()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.PIPE)
            assert process.stderr is not None
            stop = threading.Timer(limit, process.kill)
            stop.daemon = True
            stop.start()
            said = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            stop.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode and seconds >= limit:
            raise Unfinished
        if process.returncode not in (0, 1):
            told = " ".join(said.decode(errors="replace").split())[-300:]
            raise Failed(f"{command[0]}: exit {process.returncode}: {told}")
        best = min(best, seconds)
        peak = max(peak, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6)
    return Run(best, peak)


def analyze(target: Path, repeat: int) -> Run:
    """Measure `logscope analyze` with a JSON report, as a build server would run it."""
    out = str(DATA / "report.json")
    return measure([*LOGSCOPE, "analyze", str(target), "--exit-zero", "--quiet", "-o", out], repeat)


def peers(case: Case, target: Path, size: int, patterns: dict[str, Patterns], repeat: int) -> Peers:
    """Measure each peer that is installed and can read the case; one that fails is named, and the others go on."""
    searches: dict[str, tuple[Sequence[str], Path, float, int]] = {}
    if "rg" in patterns:
        wanted = ["-z"] if case.name == "gz" else []
        for name, command in (("rg", RG), ("rg, tuned", RG_TUNED)):
            searches[name] = ([*command, *wanted, "-f", str(patterns["rg"].file)], target, 1.0, repeat)
    if case.name not in ("gz", "small"):
        slow: dict[str, Sequence[str]] = {}
        if "grep" in patterns:
            slow["grep"] = ["grep", "-E", "-c", "-f", str(patterns["grep"].file)]
        if shutil.which("lnav"):
            slow["lnav"] = LNAV
        for tool, command in slow.items():
            searches[tool] = (command, *_sample(target, size, PEER_SAMPLE[tool]), 1)
    seconds: dict[str, float] = {}
    unfinished: set[str] = set()
    failed: dict[str, str] = {}
    for name, (command, read, scale, times) in searches.items():
        try:
            seconds[name] = measure([*command, str(read)], times, PEER_LIMIT).seconds * scale
        except Unfinished:
            seconds[name] = PEER_LIMIT * scale
            unfinished.add(name)
        except Failed as error:
            failed[name] = str(error)
            print(f"  {name} failed: {error}", flush=True)
    return Peers(seconds, frozenset(unfinished), failed)


def run_case(case: Case, bytes_wished: int, patterns: dict[str, Patterns], repeat: int) -> Row:
    """Make one case's log and measure everybody on it."""
    size = int(bytes_wished * case.share)
    target = DATA / (case.name if case.name == "small" else f"{case.name}.log{'.gz' * (case.name == 'gz')}")
    print(f"{case.name}: making {size / 1e6:.0f} MB ...", end=" ", flush=True)
    made = _made(case, size, target)
    print("measuring ...", flush=True)
    row = Row(case.name, made, analyze(target, repeat), peers(case, target, made, patterns, repeat))
    ratios = ", ".join(f"{_ratio(row, name)} x {name}" for name in row.peers.seconds)
    speed = made / 1e6 / row.own.seconds
    print(f"  {row.own.seconds:.2f} s, {speed:.0f} MB/s, peak {row.own.peak_mb:.0f} MB; {ratios}", flush=True)
    return row


def _made(case: Case, size: int, target: Path) -> int:
    """Make a case in a process of its own: the peak of what is measured counts from the size of this one."""
    command = [sys.executable, "-m", "bench.generate", "--case", case.name, "--mb", str(size / 1e6)]
    done = subprocess.run([*command, "--out", str(target)], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-2])


def start_up() -> list[tuple[str, float]]:
    """Return what a start costs beyond a bare interpreter, in seconds: --version, and ten lines with all rules."""
    small = DATA / "ten.log"
    small.write_text(_TEN_LINES, encoding="utf-8")
    analyze(small, 1)  # fills the rule cache, as every later run finds it
    bare = measure([sys.executable, "-c", "pass"], STARTS).seconds
    version_only = measure([*LOGSCOPE, "--version"], STARTS).seconds
    ten = measure([*LOGSCOPE, "analyze", str(small), "--exit-zero"], STARTS).seconds
    return [("`logscope --version`", version_only - bare), ("`logscope analyze` of ten lines", ten - bare)]


def table(rows: Sequence[Row], starts: Sequence[tuple[str, float]], patterns: dict[str, Patterns]) -> str:
    """Return RESULTS.md."""
    lines = [
        "# Benchmark",
        "",
        f"logscope {__version__}, {datetime.now(UTC):%Y-%m-%d}, by `make bench MB={_megabytes(rows)}`.",
        "",
        f"- {_machine()}. Every run is one process, peers use one thread.",
        *(f"- {version(tool)}" for tool in ("rg", "grep", "lnav")),
        *(
            f"- {tool} searches for {known.used} of the rules' {known.used + len(known.refused)} patterns; the others "
            "need what it does not offer, such as look-around, or more than it reads in time."
            for tool, known in patterns.items()
        ),
        "",
        "| case | size | logscope | speed | peak memory | of `rg` | of `rg`, tuned | of `grep -E` | of lnav |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(_line(row) for row in rows),
        "",
        *(f"{name} failed on {', '.join(cases)}: {why}\n" for (name, why), cases in _failures(rows).items()),
        "`of` is logscope's time divided by the peer's: below 1 is faster than the peer. `rg` is `rg -c -f` with the",
        "rules' own patterns, `rg -z` for gz; tuned it searches bytes instead of Unicode, with room for its automaton.",
        f"A peer is stopped after {PEER_LIMIT:g} s, which leaves a bound of the ratio. grep reads at most the first",
        "10 MB, lnav 50 MB; their time is scaled to the whole. logscope's time is everything: start, reading,",
        "analysis, and a JSON report.",
        "",
        "| start-up | beyond a bare interpreter |",
        "|---|---:|",
        *(f"| {name} | {seconds:.3f} s |" for name, seconds in starts),
        "",
    ]
    return "\n".join(lines)


def _failures(rows: Sequence[Row]) -> dict[tuple[str, str], list[str]]:
    """Return the cases on which each peer failed, by how it did."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for failure in row.peers.failed.items():
            found.setdefault(failure, []).append(row.case)
    return found


def _line(row: Row) -> str:
    ratios = [_ratio(row, name) for name in ("rg", "rg, tuned", "grep", "lnav")]
    speed = row.size / 1e6 / row.own.seconds
    cells = [row.case, f"{row.size / 1e6:.0f} MB", f"{row.own.seconds:.2f} s", f"{speed:.0f} MB/s"]
    return f"| {' | '.join([*cells, f'{row.own.peak_mb:.0f} MB', *ratios])} |"


def _ratio(row: Row, peer: str) -> str:
    if peer in row.peers.failed:
        return "failed"
    if peer not in row.peers.seconds:
        return "–"
    ratio = f"{row.own.seconds / row.peers.seconds[peer]:.2f}"
    return f"< {ratio}" if peer in row.peers.unfinished else ratio


def _megabytes(rows: Sequence[Row]) -> int:
    return round(max(row.size for row in rows) / 1e6)


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}"
    return f"{_processor()}, {os.cpu_count()} logical cores, {system}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def _sample(target: Path, size: int, most: int) -> tuple[Path, float]:
    """Return the file, or its first part of about `most` bytes, and by how much the whole is larger."""
    if size <= most:
        return target, 1.0
    sample = target.with_suffix(".sample")
    with open(target, "rb") as file, open(sample, "wb") as copy:
        while copy.tell() < most:
            copy.write(file.read(1_000_000))
        copy.write(file.readline())
        return sample, size / copy.tell()


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description="Measure logscope and its peers on made logs.")
    parser.add_argument(
        "--mb", type=float, default=100, help="size of the largest case, in millions of bytes"
    )
    parser.add_argument(
        "--case", action="append", choices=[case.name for case in CASES], help="only this; repeatable"
    )
    parser.add_argument(
        "--repeat", type=int, default=3, help="runs of each command, of which the best counts"
    )
    parser.add_argument("--keep", action="store_true", help="keep the made logs in bench/data")
    arguments = parser.parse_args()
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    try:
        patterns = {tool: patterns_for(tool, DATA) for tool in ("rg", "grep") if shutil.which(tool)}
        for tool in ("rg", "grep", "lnav"):
            print(version(tool))
        for tool, known in patterns.items():
            for pattern in known.refused:
                print(f"  {tool} cannot take: {pattern[:100]}")
        starts = start_up()
        wished = int(arguments.mb * 1_000_000)
        chosen = [case for case in CASES if not arguments.case or case.name in arguments.case]
        rows = [run_case(case, wished, patterns, arguments.repeat) for case in chosen]
    except Failed as error:
        sys.exit(str(error))
    finally:
        if not arguments.keep:
            shutil.rmtree(DATA, ignore_errors=True)
    text = table(rows, starts, patterns)
    if not arguments.case:
        RESULTS.write_text(text, encoding="utf-8")
    print("\n" + text)


if __name__ == "__main__":
    main()
