"""Make logs of a set size from a seed: the same arguments give the same bytes.

    python -m bench.generate --case sparse --mb 100 --out bench/data/sparse.log

Cases: sparse (0.2 % of the events are failures), dense (half are), traces (half are, with a web framework's frames in
every traceback), keys (half are, each with a name and a key drawn by lot), varied (half are, with modules, subjects,
numbers and places in code drawn by lot), debug (sparse, of clients that log everything), json (sparse, one JSON object
per line), rows (sparse, all but the server's lines by rich's handler, which wraps them), compose (sparse, as `docker
compose logs` shows it), services (dense, of three in one such stream), sessions (of an agent that names them in every
line, forty at a time), gz (sparse, compressed), small (sparse, as many small files). An event is a record with its
traceback.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from textwrap import wrap

from bench import debug, sessions
from bench.events import FAILURES, Event, Maker, as_made, deepened, fails, signed, traffic, varied

SPARSE, DENSE = 0.002, 0.5
_START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_SECONDS_PER_EVENT = 0.02
_BATCH = 20_000
_SMALL_FILE = 16_384
_ROW, _ROW_TIME, _ROW_HEAD = 120, 20, 29
"""Columns of a row, of its time, and of what stands before its message."""


def plain(event: Event, stamp: str) -> str:
    """Write an event as uvicorn and `logging` with asctime do."""
    level, logger, message, trace = event
    end = f"\n{trace}\n" if trace else "\n"
    if logger.startswith("uvicorn."):
        return f"{level + ':':<10}{message}{end}"
    return f"{stamp} - {logger} - {level} - {message}{end}"


def as_rows(event: Event, stamp: str) -> str:
    """Write an event as uvicorn and RichHandler do, whose first row of a second shows the time."""
    level, logger, message, trace = event
    if logger.startswith("uvicorn."):
        return plain(event, stamp)
    time = f"[{stamp[5:7]}/{stamp[8:10]}/{stamp[2:4]} {stamp[11:19]}]" if stamp.endswith(",000") else ""
    place = f"{logger.rpartition('.')[2]}.py:42"
    room = _ROW - _ROW_HEAD - len(place) - 1
    text = f"{message}\n{trace}" if trace else message
    lines = [part for line in text.split("\n") for part in wrap(line, room) or [""]]
    first = f"{time:<{_ROW_TIME}}{level:<{_ROW_HEAD - _ROW_TIME}}{lines[0]:<{room}} {place}\n"
    return first + "".join(f"{'':<{_ROW_HEAD}}{line:<{_ROW - _ROW_HEAD}}\n" for line in lines[1:])


def as_json(event: Event, stamp: str) -> str:
    """Write an event as python-json-logger does."""
    level, logger, message, trace = event
    record = {"timestamp": stamp, "level": level, "name": logger, "message": message}
    if trace:
        record["exc_info"] = trace
    return json.dumps(record) + "\n"


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of made log."""

    name: str
    failures: float
    """Share of the events that are failures."""
    write: Callable[[Event, str], str] = plain
    """How a program writes an event, with its time."""
    prefixes: tuple[str, ...] = ()
    """What a collector writes before each line of an event, those of several services in turn."""
    share: float = 1.0
    """Part of the wished size that the benchmark makes of it."""
    traffic: Maker = traffic
    """What is written where nothing fails."""
    depth: int = 0
    """Frames of the framework at the top of every traceback."""
    told: Callable[[Event, Random], Event] = as_made
    """Changes how an event tells of what it is about."""
    woven: int = 1
    """How many go on at a time, whose events take turns."""


CASES = (
    Case("sparse", SPARSE),
    Case("dense", DENSE, share=0.3),
    Case("traces", DENSE, share=0.3, depth=40),
    Case("keys", DENSE, share=0.1, told=signed),
    Case("varied", DENSE, share=0.03, told=varied),
    Case("debug", SPARSE, share=0.03, traffic=debug.traffic),
    Case("json", SPARSE, write=as_json, share=0.3),
    Case("rows", SPARSE, write=as_rows, share=0.1),
    Case("compose", SPARSE, prefixes=("api-1  | ",), share=0.3),
    Case("services", DENSE, prefixes=("api-1  | ", "jobs-1 | ", "mcp-1  | "), share=0.06),
    Case("sessions", 0.0, traffic=sessions.session, woven=40, share=0.03),
    Case("gz", SPARSE),
    Case("small", SPARSE, share=0.1),
)


def events(seed: int, case: Case) -> Iterator[Event]:
    """Yield events of a case without end."""
    woven = [_one_after_another(seed + 1_000_003 * number, case) for number in range(case.woven)]
    return chain.from_iterable(zip(*woven, strict=True))


def _one_after_another(seed: int, case: Case) -> Iterator[Event]:
    rng, failures = Random(seed), case.failures
    made = failed = 0.0
    while True:
        # A failure may be several events, and not all of them failing: comparing shares keeps the mix right.
        if failed < failures * made and rng.random() < 2 * failures:
            batch = FAILURES[int(rng.random() * len(FAILURES))](rng)
            failed += sum(map(fails, batch))
        else:
            batch = case.traffic(rng)
        made += len(batch)
        for event in batch:
            yield case.told(deepened(event, case.depth), rng)


def chunks(case: Case, size: int, seed: int) -> Iterator[bytes]:
    """Yield the bytes of a log of at least `size` bytes, ending with a whole event."""
    source = events(seed, case)
    number = written = 0
    while written < size:
        parts = []
        room = size - written
        for event in source:
            if number % 50 == 0:
                second = (_START + timedelta(seconds=number * _SECONDS_PER_EVENT)).strftime(
                    "%Y-%m-%d %H:%M:%S"
                )
            text = case.write(event, f"{second},{number % 50 * 20:03}")
            if case.prefixes:
                prefix = case.prefixes[number % len(case.prefixes)]
                text = "".join(prefix + line for line in text.splitlines(keepends=True))
            number += 1
            parts.append(text)
            room -= len(text)
            if len(parts) >= _BATCH or room <= 0:
                break
        data = "".join(parts).encode()
        written += len(data)
        yield data


def make(case: Case, size: int, path: Path, seed: int = 1) -> int:
    """Write a case to `path` (a folder for `small`) and return the bytes before compression."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if case.name == "small":
        return _small(case, size, path, seed)
    total = 0
    with gzip.open(path, "wb", compresslevel=6) if case.name == "gz" else open(path, "wb") as file:
        for data in chunks(case, size, seed):
            file.write(data)
            total += len(data)
    return total


def _small(case: Case, size: int, folder: Path, seed: int) -> int:
    total = number = 0
    while total < size:
        place = folder / f"day-{number // 500:03}" / f"app-{number:06}.log"
        place.parent.mkdir(parents=True, exist_ok=True)
        data = b"".join(chunks(case, _SMALL_FILE, seed + number))
        place.write_bytes(data)
        total += len(data)
        number += 1
    return total


def main() -> None:
    """Make one case, as the arguments say."""
    parser = argparse.ArgumentParser(description="Make a log of a set size from a seed.")
    parser.add_argument("--case", choices=[case.name for case in CASES], default="sparse")
    parser.add_argument("--mb", type=float, default=100, help="size in millions of bytes, before compression")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="file to write; a folder for the case small")
    arguments = parser.parse_args()
    case = next(case for case in CASES if case.name == arguments.case)
    size = make(case, int(arguments.mb * 1_000_000), arguments.out, arguments.seed)
    print(f"{arguments.out}: {size} bytes")


if __name__ == "__main__":
    main()
