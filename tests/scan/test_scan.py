"""Scanning a source: the same findings wherever blocks end, exact counts, bounded memory, patterns that run away."""

from __future__ import annotations

import io
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook.writing import SIGNAL
from scanning import scan_text

import logscope.match.patterns
import logscope.scan.candidates
import logscope.scan.source
import logscope.scan.tally
from logscope.correlate import correlate_hits
from logscope.errors import NoInputError
from logscope.events import Folder, Span
from logscope.model import Source
from logscope.options import RunOptions, ScanOptions
from logscope.pipeline import run
from logscope.rulebook.ruleset import RuleSet, load_ruleset
from logscope.scan.scanner import TIMEOUTS_ALLOWED, Scanner
from logscope.scan.tally import KEEP_FIRST, KEEP_LAST, SourceScan
from logscope.sources import Reader, discover
from tests.events.test_formats import CASES, read

RULE = """\
id: {id}
title: A rule
severity: high
detect: {detect}
explain: {{impact: {{feature: All, users: All}}}}
resolve: [{{id: fix, title: Fix it, recommended: true, priority: high, effort: 1h, impact: Works}}]
samples:
  - {{name: fires, fires: 1, log: 'x'}}
  - {{name: quiet, fires: 0, log: 'y'}}
"""
TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/srv/app/main.py", line 12, in <module>\n    boot()\n'
    "{error}\n"
)


def rules(folder: Path, **detects: str) -> RuleSet:
    """Write and load rules by id (_ for -)."""
    for name, detect in detects.items():
        rule = name.replace("_", "-")
        (folder / f"{rule}.yaml").write_text(RULE.format(id=rule, detect=detect))
    return load_ruleset([folder], None)


def scan(ruleset: RuleSet | Scanner, log: str | bytes, **options: Any) -> SourceScan:
    """Scan one text."""
    return scan_text(ruleset if isinstance(ruleset, Scanner) else Scanner(ruleset, None), log, **options)


PARTS = (
    "INFO:     Started server process [{n}]\n",
    'INFO:     127.0.0.1:5{n:04} - "GET /health HTTP/1.1" 200 OK\n',
    'INFO:     127.0.0.1:5{n:04} - "POST /mcp HTTP/1.1" 400 Bad Request\n',
    'INFO:     127.0.0.1:5{n:04} - "POST /chat HTTP/1.1" 500 Internal Server Error\n',
    "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', {n}): address already in use\n",
    "ERROR:mcp_manager:MCP session initialization timed out after {n} seconds\n",
    "ERROR:app:something nobody knows {n}\n",
    "2026-11-20 19:0{d}:0{d},000 - app - INFO - working on {n}\n",
    "2026-11-20 19:0{d}:0{d},000 - app - ERROR - request {n} failed\n" + TRACE.format(error="KeyError: 'k'"),
    "ERROR:app:start failed\n" + TRACE.format(error="OSError: [Errno 28] No space left on device"),
    "    indented, blank lines behind\n\n\n",
    "INFO:app:" + "x" * 700 + " {n}\n",
    "/srv/index.js:{n}\n  throw err;\n  ^\n\nError: no\n    at load (/srv/index.js:{n}:9)\n\nNode.js v20.{n}.0\n\n",
    "Error: listen EADDRINUSE: address already in use :::{n}\n    at Server.listen (node:net:1463:16)\n",
)
LINES = st.sampled_from(PARTS)


def log_of(parts: Sequence[str]) -> str:
    """The parts in a row, numbered."""
    return "".join(
        part.replace("{n}", str(n)).replace("{n:04}", f"{n:04}").replace("{d}", str(n % 10))
        for n, part in enumerate(parts)
    )


@st.composite
def written(draw: st.DrawFn) -> str:
    """A log of a few kilobytes, perhaps without a last line end."""
    text = log_of(draw(st.lists(LINES, min_size=5, max_size=60)))
    return text if draw(st.booleans()) else text.rstrip("\n")


def large_log(seed: int) -> str:
    """A log of some hundred kilobytes: a few kinds of lines, over and over, with healthy lines between."""
    choose = random.Random(seed)
    parts = [choose.choice(PARTS) for _ in range(choose.randint(8, 20))]
    filler = 'INFO:     127.0.0.1:50000 - "GET /health HTTP/1.1" 200 OK\n' * choose.randint(0, 4)
    return log_of([piece for part in parts * (1_000 // len(parts)) for piece in (part, filler)])[:250_000]


def told(found: SourceScan) -> tuple[object, ...]:
    """What a scan found; where its events are kept does not count."""
    hits = list(found.hits)
    shapes = [(s.shape, s.count, s.first.line, s.last.line, s.first.text) for s in found.unexplained]
    figures = (found.lines, found.bytes, found.error_events, found.requests, found.requests_5xx)
    texts = {number: (event.line, event.text) for number, event in found.events.items()}
    return hits, shapes, figures, found.exercised, texts


@pytest.mark.parametrize(
    ("part", "seed", "size"),
    [("BLOCK", seed, size) for seed, size in enumerate((70_000, 70_000, 100_001, 100_001, 131_072), 1)]
    + [("PIECE", 1, 3_000), ("PIECE", 2, 10_001), ("PIECE", 3, 33_333), ("PIECE", 6, 70_000)],
)
def test_findings_do_not_depend_on_blocks_or_pieces(
    shipped: Scanner, part: str, seed: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in small blocks, event by event in small pieces, or at once: hits, events and figures are the same."""
    log = large_log(seed)
    whole = told(scan(shipped, log))
    monkeypatch.setattr(logscope.scan.source, part, size)
    assert told(scan(shipped, log)) == whole


@pytest.mark.parametrize(
    "log", [pytest.param(str(case["log"]), id=str(case["name"])) for case in CASES if "log" in case]
)
def test_every_error_is_sought(shipped: Scanner, log: str) -> None:
    """Whatever way a format writes that something failed, its events are counted without reading all of them."""
    failed = [
        event.text
        for event in read(log.encode())
        if event.level in ("error", "critical") or (event.level != "debug" and event.exception)
        if not event.message or any(map(str.isalnum, event.message))  # what only rules off is none
    ]
    assert scan(shipped, log).error_events == len(failed), failed


@settings(max_examples=40)
@given(log=written())
def test_counts_are_exact(shipped: Scanner, log: str) -> None:
    """Lines, bytes, requests and answers of 500 and more are those of the text."""
    found = scan(shipped, log)
    assert found.lines == len(log.split("\n")) - log.endswith("\n")
    assert found.bytes == len(log.encode())
    assert found.requests == log.count(" HTTP/")
    assert found.requests_5xx == log.count('" 500 ')


def test_hits_carry_what_later_stages_need(tmp_path: Path) -> None:
    """Line, last line, time and captures of the event; the first event of a rule is kept."""
    ruleset = rules(tmp_path, boom="{regex: 'boom of charlie (?P<n>\\d+)'}")
    log = "2026-11-20 19:00:01,500 - app - INFO - up\n2026-11-20 19:00:02,000 - app - ERROR - boom of charlie 7\n"
    found = scan(ruleset, log + TRACE.format(error="ValueError: charlie"))
    (hit,) = found.hits
    at = datetime(2026, 11, 20, 19, 0, 2, tzinfo=UTC).timestamp()
    assert (hit.line, hit.last_line, hit.time, hit.captures) == (2, 6, at, (("n", "7"),))
    assert found.events[hit.rule, hit.role, hit.line].exception is not None


def test_kept_events_are_bounded(tmp_path: Path) -> None:
    """Of many hits the first and last events stay, the others are counted only."""
    found = scan(rules(tmp_path, boom="{text: boom of charlie}"), "ERROR:app:boom of charlie\n" * 500)
    assert len(list(found.hits)) == 500
    assert len(found.events) == KEEP_FIRST + KEEP_LAST
    assert sorted(event.line for event in found.events.values()) == [*range(1, 13), *range(497, 501)]


def test_the_default_level_and_its_lifting(tmp_path: Path) -> None:
    """A condition looks at warnings, errors and lines without level, or at the levels it names."""
    ruleset = rules(
        tmp_path,
        usual="{text: boom of charlie}",
        every="{text: boom of charlie, where: {level: any}}",
        infos="{text: boom of charlie, where: {level: [info]}}",
    )
    log = "boom of charlie\nINFO:app:boom of charlie\nERROR:app:boom of charlie\n"
    found = scan(ruleset, log)
    ids = [ruleset.rules[hit.rule].id for hit in found.hits]
    assert {name: ids.count(name) for name in ids} == {"usual": 2, "every": 3, "infos": 1}


def test_a_cause_is_found_before_and_behind(tmp_path: Path) -> None:
    """Evidence with `near` is looked for around hits, at the levels it names; elsewhere nobody looks."""
    ruleset = rules(tmp_path, boom="{text: boom of charlie}")
    file = tmp_path / "boom.yaml"
    evidence = "{text: the disk, where: {level: [any]}, near: {lines: 3}}"
    causes = f"users: All}}, causes: [{{id: disk, text: Disk, evidence: {evidence}}}]}}"
    file.write_text(file.read_text().replace("users: All}}", causes))
    ruleset = load_ruleset([tmp_path], None)
    alone = scan(ruleset, "INFO:app:the disk is full\n" * 3)
    assert not alone.hits.rules()
    around = scan(ruleset, "INFO:app:the disk a\nERROR:app:boom of charlie\nINFO:app:the disk b\n")
    assert [(hit.role, hit.line) for hit in around.hits] == [
        ("primary", 2),
        ("cause:disk", 1),
        ("cause:disk", 3),
    ]


class TestRunaways:
    """Patterns that run away are stopped, told, and switched off."""

    LOG = ("ERROR:app:charlie " + "a" * 60 + "!\n") * 6
    PATTERN = "{regex: 'charlie (?:a|aa)+$', where: {level: any}}"

    @pytest.fixture
    def found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SourceScan:
        monkeypatch.setattr(logscope.match.patterns, "SEARCH_TIMEOUT", 0.02)
        logscope.match.patterns.pattern.cache_clear()
        ruleset = rules(tmp_path, runaway=self.PATTERN, calm="{regex: 'charlie a{5}'}")
        return scan(ruleset, self.LOG)

    def test_each_is_noted_with_its_place(self, found: SourceScan) -> None:
        """Rule, source and line of every event that was given up, and the end of the rule."""
        notes = [(note.where, note.kind) for note in found.notes]
        timeouts = [(f"app.log:{line}", "timeout") for line in range(1, TIMEOUTS_ALLOWED + 1)]
        assert notes == [*timeouts, ("runaway", "switched-off")]
        assert all("runaway" in note.text for note in found.notes if note.kind == "timeout")

    def test_off_means_off(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A rule that was switched off is silent also on an event that it matched before."""
        monkeypatch.setattr(logscope.match.patterns, "SEARCH_TIMEOUT", 0.02)
        logscope.match.patterns.pattern.cache_clear()
        good = "ERROR:app:charlie aaaa\n"
        found = scan(rules(tmp_path, runaway=self.PATTERN), good * 2 + self.LOG + good)
        assert [hit.line for hit in found.hits] == [1, 2]

    def test_other_rules_go_on(self, found: SourceScan) -> None:
        """A rule that is stopped takes no other with it."""
        assert len(list(found.hits)) == 6


def test_a_cause_is_the_whole_event_where_another_writers_hit_stands_within_it(tmp_path: Path) -> None:
    """What was looked up before a hit is folded as it is anywhere else."""
    causes = "causes: [{id: down, text: It is down, evidence: {text: gone, near: {lines: 9}}}]"
    text = RULE.format(id="boom", detect="{text: boom of charlie}")
    (tmp_path / "boom.yaml").write_text(text.replace("users: All}", "users: All}, " + causes))
    log = (
        "db-1   | ERROR:app:gone\ndb-1   | Traceback (most recent call last):\n"
        "api-1  | ERROR:app:boom of charlie\ndb-1   | KeyError: 'k'\n"
    )
    found = scan(load_ruleset([tmp_path], None), log)
    assert {(hit.role, hit.line, hit.last_line) for hit in found.hits} == {
        ("primary", 3, 3),
        ("cause:down", 1, 4),
    }


@pytest.mark.parametrize(
    "collector", ["", "api-1  | ", "[pod/api-7c9d5b-x2k4q/app] ", "Nov 20 19:00:00 web01 api[7]: "]
)
@pytest.mark.parametrize(
    "line",
    [
        "C1126 13:36:32.000000 29882 say.py:93] giving up",
        "error - it failed",
        "npm ERR! code ELIFECYCLE",
        "zap\tERROR\tgo.go:26\tfailed",
        "2026-06-23T23:41:58.874512402Z [err]  KeyError: 'a'",
        "Task exception was never retrieved\nfuture: <Task finished>\nsqlalchemy.exc.TimeoutError: QueuePool limit",
        "Error: boom\n    at f (/srv/app/x.js:1:2)",
        '{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}',
    ],
)
def test_errors_are_sought_behind_collectors(shipped: Scanner, collector: str, line: str) -> None:
    """Where a record begins is not always where its line does."""
    log = "".join(f"{collector}{part}\n" for part in (*line.split("\n"), *["INFO:app:fine"] * 3))
    failed = [e for e in read(log.encode()) if e.level in ("error", "critical") or e.exception]
    assert scan(shipped, log).error_events == len(failed)
    in_docker = "".join(
        json.dumps({"log": part + "\n", "stream": "stderr", "time": "2026-11-20T19:01:16.000938220Z"}) + "\n"
        for part in log.splitlines()
    )
    failed = [e for e in read(in_docker.encode()) if e.level in ("error", "critical") or e.exception]
    assert scan(shipped, in_docker).error_events == len(failed)


def test_what_is_looked_for_behind_a_hit_may_stand_anywhere(shipped: Scanner) -> None:
    """The session that works after all is found however far behind its rejection it stands, within the bound."""
    rejected = 'INFO:     10.0.0.7:50000 - "POST /mcp HTTP/1.1" 400 Bad Request\n'
    works = 'INFO:     10.0.0.7:50000 - "POST /mcp HTTP/1.1" 202 Accepted\n'
    edges = (2_048, 6_144, 14_336, 16_384)
    for size in (size for edge in edges for size in range(edge - 70, edge + 5, 3)):
        found = scan(shipped, rejected + "INFO:     " + "x" * (size - 11) + "\n" + works)
        roles = [
            hit.role for hit in found.hits if shipped.ruleset.rules[hit.rule].id == "mcp-400-before-session"
        ]
        assert [role.split(":")[1] for role in roles] == ["400", "initialize"], size


def test_signals_are_not_counted_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a bound a signal is no longer sought, and the scan says that there are more; rarer ones and findings
    still are."""
    monkeypatch.setattr(logscope.scan.source, "BLOCK", 70_000)
    monkeypatch.setattr(logscope.scan.candidates, "MANY_SIGNALS", 50)
    monkeypatch.setattr(logscope.scan.candidates, "COMMON", 500)
    for name in ("alive", "gone"):
        (tmp_path / f"{name}.yaml").write_text(SIGNAL.format(id=name, text=f"charlie is {name}"))
    ruleset = rules(tmp_path, boom="{text: boom of delta}")
    log = ("INFO:app:charlie is alive\n" * 10 + "ERROR:app:boom of delta\n") * 1_000
    found = scan(ruleset, log + "INFO:app:charlie is gone\n")
    hits = Counter(ruleset.rules[hit.rule].id for hit in found.hits)
    assert hits == {"alive": 50, "boom": 1_000, "gone": 1}
    assert {ruleset.rules[rule].id for rule in found.saturated} == {"alive"}


def test_signals_are_counted_through_all_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many small files the first ones prove enough; what a cause asks for is told from every one."""
    monkeypatch.setattr(logscope.scan.candidates, "MANY_SIGNALS", 5)
    rules_folder, logs = tmp_path / "rules", tmp_path / "logs"
    rules_folder.mkdir()
    logs.mkdir()
    for name, text in (("alive", "charlie is alive"), ("stopped", "delta has stopped")):
        (rules_folder / f"{name}.yaml").write_text(SIGNAL.format(id=name, text=text))
    cause = "causes: [{id: before, text: Stopped, evidence: {text: echo, until: stopped}}]"
    boom = RULE.format(id="boom", detect="{text: boom}").replace("users: All}}", f"users: All}}, {cause}}}")
    (rules_folder / "boom.yaml").write_text(boom)
    for number in range(9):
        lines = "INFO:app:charlie is alive\n" * 2 + "INFO:app:delta has stopped\n"
        (logs / f"{number}.log").write_text(lines)
    report = run(
        discover([str(logs)], tmp_path),
        load_ruleset([rules_folder], None),
        None,
        RunOptions(generated=datetime(2026, 3, 2, tzinfo=UTC)),
    )
    assert {signal.rule: (signal.occurrences, signal.at_least) for signal in report.signals} == {
        "alive": (5, True),
        "stopped": (9, False),
    }


def test_signals_before_the_time_asked_for_prove_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many stand outside of --since and --until, those inside are seen."""
    monkeypatch.setattr(logscope.scan.candidates, "MANY_SIGNALS", 5)
    (tmp_path / "alive.yaml").write_text(SIGNAL.format(id="alive", text="charlie is alive"))
    ruleset = rules(tmp_path, boom="{text: boom of delta}")
    log = "".join(f"2026-03-02 10:{n:02}:00,000 - app - INFO - charlie is alive\n" for n in range(60))
    begin = datetime(2026, 3, 2, 10, 50, tzinfo=UTC).timestamp()
    found = scan(ruleset, log, since=begin, until=begin + 120)
    assert [hit.line for hit in found.hits] == [51, 52, 53]


def test_unexplained_errors_are_told_by_shape(tmp_path: Path) -> None:
    """Errors that no rule matched are counted by what they have in common; matched ones are not among them."""
    log = "".join(f"ERROR:app:order {n} is lost\n" for n in range(5)) + "ERROR:app:boom of charlie\n"
    log += "INFO:app:ERROR is a word here\n" + "ERROR:app:other\n" + TRACE.format(error="KeyError: 'x1'")
    found = scan(rules(tmp_path, boom="{text: boom of charlie}"), log)
    assert [(s.shape, s.count, s.first.line, s.last.line) for s in found.unexplained] == [
        ("order … is lost", 5, 1, 5),
        ("KeyError: 'x…'", 1, 8, 8),
    ]
    assert found.error_events == 7


@pytest.mark.parametrize("mark", ["", '"', "'"])
def test_a_level_in_quotes_is_a_level(tmp_path: Path, mark: str) -> None:
    """logfmt has none or double ones, structlog's key-value renderer those of Python."""
    line = "timestamp={m}2026-03-02T08:00:00Z{m} level={m}{level}{m} event='the {what} is lost'\n"
    log = line.format(m=mark, level="info", what="hat") + line.format(m=mark, level="error", what="order")
    found = scan(rules(tmp_path, boom="{text: boom of charlie}"), log)
    assert [(s.shape, s.first.line) for s in found.unexplained] == [("the order is lost", 2)]


@pytest.mark.parametrize(
    ("log", "shapes"),
    [
        (
            "starting\nshop.errors.StockError: none of them is left\nstopped\n",
            ["StockError: none of them is left"],
        ),
        (
            "INFO:app:ready\nOSError: [Errno 5] Input/output error\n",
            ["OSError: [Errno …] Input/output error"],
        ),
        ("Error: no such option: --fast\n", ["Error: no such option: --fast"]),
        ("Error: 0\nErrors: 3\n", []),
        ("'ValueError: x is odd' is what the manual quotes\n", []),
        ('INFO:app:the answer is """\nValueError: x is odd\n"""\n', []),
    ],
)
def test_a_class_line_alone_is_an_error(tmp_path: Path, log: str, shapes: list[str]) -> None:
    """A class and message of which no traceback was kept are an unexplained error, unless they are quoted."""
    found = scan(rules(tmp_path, boom="{text: boom of charlie}"), log)
    assert [s.shape for s in found.unexplained] == shapes


@pytest.mark.parametrize(
    ("log", "shapes"),
    [
        ("ERROR:app:    ^^^^^\nERROR:app:late again\n", ["late again"]),
        (
            "npm ERR! code E404\nnpm ERR! 404 Not Found - GET https://npm.example/a\n",
            ["… Not Found - GET https://npm.example/a"],
        ),
        (
            "npm error code ENOENT\nnpm error syscall open\nnpm error enoent Could not read package.json\n",
            ["Could not read package.json"],
        ),
    ],
)
def test_an_unexplained_error_is_called_by_its_words(tmp_path: Path, log: str, shapes: list[str]) -> None:
    """Marks below a source line are no error of their own, and npm's codes no title."""
    found = scan(rules(tmp_path, boom="{text: boom of charlie}"), log)
    assert [s.shape for s in found.unexplained] == shapes


@pytest.mark.parametrize(
    "head",
    [
        "2026-05-12 15:48:1{n}.684 [error] user-notes: ",
        '2026-05-12 15:48:1{n}.684 [error] [Window] [Extension Host] Server "notes" stderr: ',
        '2026-05-12T15:48:1{n}.684Z [ERROR] MCP server "notes" Server stderr: ',
        "2026-05-12 15:48:1{n} [ERROR]\n [Plugin(mcp/notes)] stderr: ",
    ],
)
def test_what_an_editor_calls_an_error_is_one_where_it_tells_of_trouble(tmp_path: Path, head: str) -> None:
    """Editors hand on with one level all that a server writes to stderr, also that it runs."""
    said = (
        "Notes MCP Server running on stdio",
        "TypeError: bad",
        "2026-05-12 15:48:12,001 - mcp - ERROR - lost it",
    )
    log = "".join(f"{head.format(n=n)}{text}\n" for n, text in enumerate(said))
    found = scan(rules(tmp_path, boom="{text: boom of charlie}"), log)
    lines = 1 + head.count("\n")
    told = sorted(s.first.line for s in found.unexplained)
    assert told == [1 + lines, 1 + 2 * lines]


def test_shapes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a bound, further shapes are counted together."""
    monkeypatch.setattr(logscope.scan.tally, "MAX_SHAPES", 3)
    words = [chr(97 + n) * 5 for n in range(10)]
    found = scan(rules(tmp_path, boom="{text: boom of charlie}"), "".join(f"ERROR:app:{w}\n" for w in words))
    assert [(s.shape, s.count) for s in found.unexplained] == [
        ("aaaaa", 1),
        ("bbbbb", 1),
        ("ccccc", 1),
        ("further errors", 7),
    ]


class TestTimes:
    """--since and --until."""

    LOG = "".join(f"2026-11-20 19:0{n}:00,000 - app - ERROR - boom of charlie {n}\n" for n in range(6))

    @staticmethod
    def at(minute: int) -> float:
        return datetime(2026, 11, 20, 19, minute, tzinfo=UTC).timestamp()

    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [
            (None, None, [1, 2, 3, 4, 5, 6]),
            (2, None, [3, 4, 5, 6]),
            (None, 2, [1, 2, 3]),
            (2, 4, [3, 4, 5]),
            (9, None, []),
        ],
    )
    def test_bounds_are_inclusive(
        self, tmp_path: Path, since: int | None, until: int | None, expected: list[int]
    ) -> None:
        """Events from the first moment to the last one count, no others."""
        bounds = {
            name: None if minute is None else self.at(minute)
            for name, minute in (("since", since), ("until", until))
        }
        found = scan(rules(tmp_path, boom="{text: boom of charlie}"), self.LOG, **bounds)
        assert [hit.line for hit in found.hits] == expected

    def test_events_without_time_are_admitted_and_counted(self, tmp_path: Path) -> None:
        """Nobody knows when they were: they are in, and the count says how many."""
        found = scan(
            rules(tmp_path, boom="{text: boom of charlie}"),
            "ERROR:app:boom of charlie\n" * 3,
            since=self.at(0),
        )
        assert (len(list(found.hits)), found.events_without_time) == (3, 3)

    def test_what_is_looked_up_before_a_hit_lies_inside_too(self, shipped: Scanner) -> None:
        """A session of before the first moment, which only a later rejection makes count, does not count."""
        request = '2026-11-20 19:0{} INFO:     10.0.0.4:{} - "POST /mcp HTTP/1.1" {}\n'
        log = "".join(
            request.format(f"{minute}:00,000", 50000 + minute, status)
            for minute, status in enumerate(("202 Accepted", "202 Accepted", "400 Bad Request"))
        )
        rule = next(n for n, r in enumerate(shipped.ruleset.rules) if r.id == "mcp-400-before-session")
        found = scan(shipped, log, since=self.at(1))
        assert [hit.line for hit in found.hits if hit.rule == rule] == [3, 2]

    @pytest.mark.parametrize("times", [1, 8000])
    def test_statuses_in_formats_of_the_users_own_count(self, shipped: Scanner, times: int) -> None:
        """Between bars or dashes, quoted or not, an answer of 500 and more is one, one by one as at once."""
        head = "2026-11-20 18:40:01 | INFO | uvicorn.access | 127.0.0.1:5 | "
        asked = (
            "GET /a HTTP/1.1 | {}",
            '"GET /a HTTP/1.1" | {}',
            "GET /a HTTP/1.1 - {}",
            '"GET /a HTTP/1.1" - {}',
        )
        lines = [f"{head}{one.format(status)} X\n" for one in asked for status in (200, 503)]
        found = scan(shipped, "".join(lines) * times)
        assert (found.requests, found.requests_5xx) == (8 * times, 4 * times)

    @pytest.mark.parametrize("times", [1, 8000])
    @pytest.mark.parametrize(
        "proxy",
        [
            '{{"msg": "handled", "request": {{"proto": "HTTP/2.0", "method": "PUT", "uri": "/c"}}, "status": {}}}',
            '{{"remote_addr": "10.0.0.1", "method": "PUT", "request": "PUT /c HTTP/1.1", "status": "{}"}}',
        ],
        ids=["Caddy", "nginx"],
    )
    def test_a_proxys_records_count_beside_a_servers_lines(
        self, shipped: Scanner, proxy: str, times: int
    ) -> None:
        """What tells a request's protocol is its server's own record, not what an application tells again."""
        line = 'INFO:     10.1.2.3:5123 - "POST /mcp HTTP/1.1" {} X\n'
        log = line.format(502) + proxy.format(504) + "\n" + line.format(200) + proxy.format(200) + "\n"
        found = scan(shipped, log * times)
        assert (found.requests, found.requests_5xx) == (4 * times, 2 * times)

    @pytest.mark.parametrize("times", [1, 8000])
    def test_a_status_that_a_client_wrote_is_no_answer(self, shipped: Scanner, times: int) -> None:
        """A request's own words may hold another one's line: what the server answered counts, one by one as at once."""
        line = (
            '10.0.0.4 - - [20/Nov/2026:18:40:01 +0000] "GET / HTTP/1.1" {} 5 "-" "\\"GET / HTTP/1.1\\" 500"\n'
        )
        found = scan(shipped, (line.format(200) + line.format(502)) * times)
        assert (found.requests, found.requests_5xx) == (2 * times, times)


RECORDS = {
    "JSON": '{{"event": "done", "method": "POST", "path": "/a", "status_code": {}, "level": "info"}}',
    "structlog's console": "2026-03-02T08:00:00Z [info     ] done   method=POST path=/a status_code={}",
    "logfmt": "time=2026-03-02T08:00:00Z level=info msg=done method=POST path=/a status={}",
}
SERVED = {
    "uvicorn": 'INFO:     10.0.0.7:4{0} - "POST /a HTTP/1.1" {0} X',
    "nginx's JSON": '{{"time": "2026-03-02T08:00:00Z", "request": "POST /a HTTP/1.1", "status": "{}"}}',
    "gin": '[GIN] 2026/03/02 - 08:00:00 | {} |  1.2ms | 10.0.0.7 | POST     "/a"',
}


def counts(shipped: Scanner, *forms: str) -> tuple[int, int, int]:
    """Requests, those that failed, and hits of the rule for 422, of six requests told in all of the forms."""
    lines = [form.format(status) for status in (200, 422, 200, 500, 200, 200) for form in forms]
    found = scan_text(shipped, "\n".join(lines) + "\n")
    refused = next(n for n, rule in enumerate(shipped.ruleset.rules) if rule.id == "request-validation-422")
    return found.requests, found.requests_5xx, sum(hit.rule == refused for hit in found.hits)


@pytest.mark.parametrize("form", [*RECORDS.values(), *SERVED.values()], ids=[*RECORDS, *SERVED])
def test_requests_are_counted_with_their_failures(shipped: Scanner, form: str) -> None:
    """Access lines, and records of requests where nothing else tells them."""
    assert counts(shipped, form) == (6, 1, 1)


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_request_that_server_and_application_tell_is_one(shipped: Scanner, record: str) -> None:
    """Beside access lines of the same requests the records count for nothing, in rules neither; those of another
    service are its own."""
    assert counts(shipped, record, SERVED["uvicorn"]) == (6, 1, 1)
    both = [f"{service}-1  | {form}" for service, form in (("api", SERVED["uvicorn"]), ("tools", record))]
    assert counts(shipped, *both) == (12, 2, 2)


def test_binary_data_is_no_log(tmp_path: Path) -> None:
    """NUL bytes at the start: nothing is scanned; UTF-16 is text."""
    scanner = Scanner(rules(tmp_path, boom="{text: boom of charlie}"), None)
    reader = Reader(Source("x", None), cast(Any, io.BytesIO(b"\x7fELF\0\0\0boom of charlie")), None)
    assert logscope.scan.source.scan_source(scanner, 0, reader, ScanOptions()) is None
    wide = scan(scanner, "ERROR:app:boom of charlie\n".encode("utf-16"))
    assert len(list(wide.hits)) == 1


@pytest.mark.parametrize("log", [b"", b"\n", b"\xff\xfe\xfa", b"ERROR:app:\xff boom of charlie \xfe\n"])
def test_strange_bytes_do_no_harm(tmp_path: Path, log: bytes) -> None:
    """Nothing, nothing but a line end, and bytes that are no UTF-8 are read."""
    found = scan(rules(tmp_path, boom="{text: boom of charlie}"), log)
    assert len(list(found.hits)) == log.count(b"boom")


def test_a_whole_run(tmp_path: Path) -> None:
    """Sources to report: occurrences over several files, an unreadable one noted; nothing at all is an error."""
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_text("ERROR:app:boom of charlie\n")
    (logs / "b.log").write_text("ERROR:app:boom of charlie\n")
    (logs / "c.log").write_bytes(b"\0\1\2\3")
    (tmp_path / "rules").mkdir()
    ruleset = rules(tmp_path / "rules", boom="{text: boom of charlie}")
    options = RunOptions(generated=datetime(2026, 11, 20, tzinfo=UTC))
    report = run(discover([str(logs)], tmp_path), ruleset, None, options)
    assert [(f.rule, f.occurrences, f.sources) for f in report.findings] == [
        ("boom", 2, ("logs/a.log", "logs/b.log"))
    ]
    assert [(note.where, note.kind) for note in report.notes] == [("logs/c.log", "binary")]
    (logs / "a.log").write_text("")
    (logs / "b.log").unlink()
    with pytest.raises(NoInputError, match="no log line found"):
        run(discover([str(logs)], tmp_path), ruleset, None, options)


def test_shipped_rules_correlate_over_sources(shipped: Scanner) -> None:
    """One failed start told by two layers is one occurrence."""
    log = (
        "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use\n"
        "INFO:     Waiting for application shutdown.\n"
    )
    hits = scan(shipped, log).hits.by_rule
    found = correlate_hits(shipped.ruleset.rules, hits)
    counts = {shipped.ruleset.rules[item.rule].id: len(item.occurrences) for item in found}
    assert counts.get("port-in-use") == 1


def test_colours_between_words_hide_nothing(tmp_path: Path) -> None:
    """A sentence whose words are coloured one by one is found, with the same events looked at as without colours."""
    ruleset = rules(tmp_path, broken="{text: [the ledger is broken]}", common="{text: [ledger not found]}")
    line = "ERROR:    the ledger is broken\nINFO:     nothing is broken, the ledger is not missing\n"
    words = re.compile(r"\w+")
    for code, reset in (("\x1b[1;31m", "\x1b[0m"), ("[31m", "[0m")):
        found = scan(ruleset, words.sub(lambda word, a=code, b=reset: a + word[0] + b, line) * 300)
        assert (len(list(found.hits)), found.examined, found.error_events) == (300, 300, 300)


@pytest.mark.parametrize("many", [0, 1_000_000])
def test_of_wrapped_lines_those_with_all_words_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """RichHandler may break a sentence anywhere; a line that holds only one of its words is no event to ask of, whether
    the others are looked for in all lines at once, or around each."""
    monkeypatch.setattr(logscope.scan.candidates, "_MANY_WORDS", many)
    ruleset = rules(tmp_path, broken="{text: [the ledger is broken]}")
    log = (
        "[03/02/26 08:00:00] ERROR    while we looked at it the            app.py:12\n"
        "                             ledger is broken\n"
        "[03/02/26 08:00:01] INFO     nothing was broken                   app.py:13\n"
    )
    found = scan(ruleset, log * 100)
    assert [hit.line for hit in found.hits] == list(range(1, 301, 3))
    assert found.examined == 100


def test_the_last_line_of_a_traceback_in_a_box_may_be_wrapped(tmp_path: Path) -> None:
    """structlog's console has rich draw its tracebacks, and break the message at the width."""
    ruleset = rules(tmp_path, broken="{regex: 'the\\s+ledger\\s+is\\s+broken'}")
    log = (
        "2026-03-02T08:00:00.100000Z [error    ] booking failed                 [app.book]\n"
        "╭──────────────── Traceback (most recent call last) ────────────────╮\n"
        "│ /srv/app/book.py:12 in book                                       │\n"
        "╰───────────────────────────────────────────────────────────────────╯\n"
        "RuntimeError: nothing was booked, as the\nledger is broken\n"
    )
    health = "2026-03-02T08:00:00.000000Z [info     ] booked                         [app.book]\n" * 94
    assert [hit.line for hit in scan(ruleset, (health + log) * 300).hits] == list(range(95, 30_000, 100))
    woven = (health + log).replace("\n", "\napi-1  | ").removesuffix("api-1  | ")
    assert [hit.line for hit in scan(ruleset, f"api-1  | {woven}" * 300).hits] == list(range(95, 30_000, 100))


def test_only_short_texts_may_be_wrapped_by_a_terminal(tmp_path: Path) -> None:
    """Nobody copies a long log from a terminal: where no format is known, it is not searched for single words."""
    ruleset = rules(tmp_path, broken="{regex: 'the\\s+ledger\\s+is\\s+broken', where: {level: [any]}}")
    log = "after all the ledger\n    is broken\n"
    assert len(list(scan(ruleset, log * 100).hits)) == 100
    assert not scan(ruleset, log * 4_000).examined
    assert len(list(scan(ruleset, log * 4_000 + "the ledger is broken\n").hits)) == 1


def test_where_no_other_word_is_near_nothing_is_folded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In text of no format, a word that many lines share costs no event for each of them."""
    ruleset = rules(tmp_path, broken="{text: [the settlement is broken]}")
    folded: list[int] = []
    find = Folder.find

    def counting(self: Folder, data: bytearray, offset: int, lo: int, hi: int) -> Span:
        folded.append(offset)
        return find(self, data, offset, lo, hi)

    monkeypatch.setattr(Folder, "find", counting)
    log = "opened a settlement for nobody\n" * 2000
    assert (len(list(scan(ruleset, log).hits)), len(folded)) == (0, 0)
    found = scan(ruleset, log + "ERROR:app:\x1b[1mthe\x1b[0m settlement is broken\n")
    assert [hit.line for hit in found.hits] == [2001]


def test_a_source_lasts_until_the_latest_of_its_writers(tmp_path: Path) -> None:
    """Services of one stream run ahead of each other: the last line need not be the latest."""
    log = "".join(
        f"{name}-1 | 2026-03-02 08:00:0{at} INFO up\n"
        for name, at in (("a", 1), ("b", 0), ("a", 9), ("b", 8))
    )
    found = scan(rules(tmp_path, broken="{text: [the ledger is broken]}"), log)
    assert found.first_time is not None
    assert found.last_time is not None
    assert found.last_time - found.first_time == 9


@pytest.mark.parametrize(
    ("bold", "red", "reset"), [("\x1b[1m", "\x1b[31m", "\x1b[0m"), ("[1m", "[31m", "[0m")]
)
def test_a_coloured_request_ends_an_incident_too(tmp_path: Path, bold: str, red: str, reset: str) -> None:
    """uvicorn colours the request and its status; what stands between two hits is read as without."""
    ruleset = rules(tmp_path, broken="{text: [the ledger is broken]}")
    failed = "ERROR:    the ledger is broken\n"
    request = f'INFO:     10.0.0.7:50000 - "{bold}GET /ledger HTTP/1.1{reset}" {red}400 Bad Request{reset}\n'
    plain = request.replace(bold, "").replace(reset, "").replace(red, "")
    for line in (request, plain):
        found = scan(ruleset, failed + failed + line + failed)
        assert [hit.fresh for hit in found.hits] == [False, False, True]


def test_what_ends_an_incident_is_of_the_same_service(tmp_path: Path) -> None:
    """A restart of another service in the stream does not."""
    ruleset = rules(
        tmp_path, broken="{text: [the ledger is broken], incident: {ends: {text: [Started anew]}}}"
    )
    for service, ended in (("web-1", False), ("api-1", True)):
        log = "api-1  | ERROR: the ledger is broken\n".join(("", f"{service}  | INFO: Started anew\n", ""))
        assert [hit.fresh for hit in scan(ruleset, log).hits] == [False, ended]


def test_what_shows_that_tries_succeeded_is_looked_for_behind_them(tmp_path: Path) -> None:
    """At any level, and only there: before them it tells of an earlier try, far behind them of another."""
    healed = "healed: {regex: 'ledger is open', where: {level: [any]}}"
    ruleset = rules(tmp_path, shut=f"{{text: [the ledger is shut], {healed}}}")
    shut, opened = "WARNING: the ledger is shut\n", "INFO: the ledger is open\n"
    roles = [(hit.role, hit.line) for hit in scan(ruleset, opened + shut + shut + opened).hits]
    assert roles == [("primary", 2), ("primary", 3), ("healed", 4)]
    far = "INFO: other words\n" * 4_000
    assert [hit.role for hit in scan(ruleset, shut + far + opened).hits] == ["primary"]


def test_of_every_failure_it_is_looked_whether_it_healed(tmp_path: Path) -> None:
    """Not of the first few of a source, as for causes: how many healed is counted."""
    healed = "healed: {regex: 'ledger is open', where: {level: [any]}}"
    ruleset = rules(tmp_path, shut=f"{{text: [the ledger is shut], {healed}}}")
    log = "WARNING: the ledger is shut\nINFO: the ledger is open\n" * 50
    assert Counter(hit.role for hit in scan(ruleset, log).hits) == {"primary": 50, "healed": 50}


@pytest.mark.parametrize("prefix", ["", "api-1  | ", "[pod/api-7d9f8b6c5-x2x9q/api] "])
@pytest.mark.parametrize("broken", ["/ledger ", 'HTTP/1.1" ', "- "])
def test_a_status_is_found_wherever_a_handler_breaks_the_row(
    tmp_path: Path, prefix: str, broken: str
) -> None:
    """Between path, protocol and status may lie the rest of the row, the collector's prefix, and blanks."""
    ruleset = rules(tmp_path, gone="{http: {status: [404], path: ^/ledger, side: server}}")
    request = '10.0.0.7:50000 - "GET /ledger HTTP/1.1" 404 Not Found'
    first, _, second = request.partition(broken)
    width = len(first + broken)  # the next word had no room
    rows = [
        f"[03/02/26 08:00:00] INFO     {first + broken} app.py:12",
        f"{'':29}{second:<{width}}",
        f"{'':20}INFO     {'fine':<{width}} app.py:12",
    ]
    found = scan(ruleset, "".join(f"{prefix}{row}\n" for row in rows) * 4)
    assert [hit.line for hit in found.hits] == [1, 4, 7, 10]


@pytest.mark.parametrize(
    "line",
    [
        '{{"level": "error", "event": "the ledger is broken", "id": "{id}", "timestamp": "2026-03-02T08:00:{at:02}Z"}}',
        '{{"ts": 17724384{at:02}.5, "level": "error", "msg": "the ledger is broken", "request": "{id}"}}',
        "2026-03-02T08:00:{at:02}.000000000Z stderr F ERROR:    the ledger is broken in {id}",
        'level=error msg="the ledger is broken" id={id} time=2026-03-02T08:00:{at:02}Z',
    ],
)
def test_events_that_are_alike_tell_their_own_times(tmp_path: Path, line: str) -> None:
    """What was read of the first is not read again; where its time stood, that of the others stands."""
    log = "".join(line.format(at=at, id="4f6a" * (at % 3 + 2)) + "\n" for at in range(60))
    found = scan(rules(tmp_path, broken="{text: [the ledger is broken]}"), log)
    times = [hit.time for hit in found.hits if hit.time is not None]
    assert [time - times[0] for time in times] == list(range(60))
    assert {hit.time_quality for hit in found.hits} == {"exact"}


@pytest.mark.parametrize("prefix", ["", "api-1  | "])
def test_a_handler_that_wraps_may_come_later(tmp_path: Path, prefix: str) -> None:
    """Where the first lines are not RichHandler's, its first row is the sign to search for single words."""
    ruleset = rules(tmp_path, broken="{text: [the ledger is broken]}")
    plain = 'INFO:     10.0.0.7:50000 - "GET /items/1 HTTP/1.1" 200 OK'
    rows = [
        "[03/02/26 08:00:00] INFO     up                               app.py:10",
        "                    ERROR    after all of the checks the      app.py:12",
        "                             ledger is broken                          ",
    ]
    found = scan(ruleset, "".join(f"{prefix}{line}\n" for line in [plain] * 1_000 + rows))
    assert [hit.line for hit in found.hits] == [1_002]
    assert found.examined == 1


def split_by_collectors(lines: Sequence[str], width: int) -> tuple[str, str, str]:
    """The lines as Kubernetes and Docker write them where every record holds so many characters."""
    parts = [line[at : at + width] for line in lines for at in range(0, len(line), width)]
    ends = {True: "F", False: "P"}
    cri = "".join(
        f"2026-03-02T08:00:00.1Z stderr {ends[part[-1] == chr(10)]} {part.rstrip(chr(10))}\n"
        for part in parts
    )
    docker = "".join(
        json.dumps({"log": part, "stream": "stderr", "time": "2026-03-02T08:00:00.1Z"}) + "\n"
        for part in parts
    )
    return cri, docker, docker.replace('": "', '":"').replace('", "', '","')


@pytest.mark.parametrize("width", [3, 7, 40])
@pytest.mark.parametrize("level", ["ERROR", "INFO"])
def test_what_a_collector_parts_is_found_once_joined(tmp_path: Path, width: int, level: str) -> None:
    """Docker and Kubernetes split long lines anywhere: the words sought may stand in two records."""
    ruleset = rules(tmp_path, broken="{text: [the ledger is broken], where: {level: [any]}}")
    lines = [f"{level}:app:the ledger is broken: code {number}\n" for number in range(9)]
    for log in split_by_collectors(lines, width):
        assert len(list(scan(ruleset, log).hits)) == 9


@pytest.mark.parametrize("width", [3, 7, 40, 1_000])
def test_causes_are_found_once_joined(tmp_path: Path, width: int) -> None:
    """What speaks for a cause may be parted as well, before the hit and behind it."""
    rules(tmp_path, boom="{text: boom of charlie}")
    file = tmp_path / "boom.yaml"
    evidence = "{text: the disk is full, where: {level: [any]}, near: {lines: 900}}"
    causes = f"users: All}}, causes: [{{id: disk, text: Disk, evidence: {evidence}}}]}}"
    file.write_text(file.read_text().replace("users: All}}", causes))
    ruleset = load_ruleset([tmp_path], None)
    told, other = "INFO:app:the disk is full at 12:00\n", "INFO:app:nothing to tell about at 12:00\n"
    lines = [other, told, other, "ERROR:app:boom of charlie\n", other, told, other]
    for log in split_by_collectors(lines, width):
        roles = [hit.role for hit in scan(ruleset, log).hits]
        assert roles == ["primary", "cause:disk", "cause:disk"]
