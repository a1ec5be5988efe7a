"""What tests that passed have written, as the outcome further on shows: that of a test, a file, or the whole run."""

from __future__ import annotations

import re
from itertools import islice

from logscope.events import Event, Span, strip_colours
from logscope.events.written.layout import Layout
from logscope.lazily import lazy
from logscope.model import Buffer

_NEAR = 1 << 16
"""Bytes before a line in which the head of its section is sought, and behind it, in which the outcome is."""
_RULE = b"=========="
"""What the head of each of pytest's sections begins with."""
_HEAD = lazy(rb"[-_=]{9} ")
"""The same of the parts of a section."""
_LIVE, _PART = b" live log ", lazy(rb" live log (?:setup|call|(?P<after>teardown)) -")
"""What heads the log of a test while it runs, and which of its parts that is."""
_CAPTURED = b"- Captured log "
"""What heads the same log, told again where the test has failed."""
_OUTCOME = rb"PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS"
_VERDICT = lazy(
    rb"(?m)^(?:(%b)(?: \([^\n]*\))?\s*(?:\[ *\d+%%\]\s*)?$|[^\n]{1,80}[ |](%b)(?: \([^\n]*\))? +\[ *\d+%%\])"
    % (_OUTCOME, _OUTCOME)
)
"""What it ends with; a collector's prefix, or the test's name, may stand before."""
_GOOD = (b"PASSED", b"XFAIL")
_CONSOLE = lazy(r"(?m)^ {2,8}console\.(?:log|error|warn|info|debug)$")
"""What heads what a test wrote, as Jest shows it while tests run, or above their file's outcome."""
_FILE = lazy(rb"(?m)^[^\n]{0,80}?\b(PASS|FAIL)\b[^\n]{1,200}\.[cm]?[jt]sx?\b")
_STREAM = lazy(r"(?:stdout|stderr) \| (?P<file>\S+\.[cm]?[jt]sx?)(?: > \S[^\n]*)?\s*$")
"""The same, of Vitest."""
_SUMMARIES = (
    (
        b" pass ",
        lazy(
            rb"(?:#|\xe2\x84\xb9) pass +[1-9]\d*$\n+(?:# (?:skip|todo) +\d+\n)*"
            rb"[^\n]{0,80}?(?:#|\xe2\x84\xb9) (?P<told>fail +\d+|ok)$",
            re.M,
        ),
    ),
    (
        b" passing (",
        lazy(rb" [1-9]\d* passing \((?P<told>[^\n]*\n(?:[^\n]*(?:pending|failing)$\n?){0,2})", re.M),
    ),
    (b'"stats": {', lazy(rb'"stats": \{[^{}]*"passes": [1-9]\d*,[^{}]*(?P<told>"failures": \d+)')),
    (b'["end",{', lazy(rb'^\["end",\{[^{}]*"passes":[1-9]\d*,[^{}]*(?P<told>"failures":\d+)', re.M)),
    (b"<testsuite ", lazy(rb'<testsuite (?=[^<>]*\btests="[1-9])(?P<told>[^<>]*\bfailures="\d+"[^<>]*)')),
)
"""What runs of node:test, TAP and Mocha end with, or begin to report with: a part of it, the whole of it."""
_LAST = lazy(
    rb"^(?P<told>(?:-{70})?\nRan [1-9]\d* tests? in \d+\.\d+s\n+OK[^\n]*"
    rb"|[1-9]\d* passed[^\n]* in \d+\.\d+s[^\n]*|[1-9]\d* passed(?: and 0 failed)?\.\nTest passed\."
    rb"|nox > Session [^\n]+ was successful[^\n]*|  congratulations :\) \([^\n]*)\s*\Z",
    re.M,
)
_LAST_BYTES = 800
"""What a source ends with that is the output of one run whose beginning is not told, of unittest, pytest, doctest,
nox or tox; and where it stands."""
_PREFIX = lazy(rb"^\[?\d{4}-\d\d-\d\dT[\d:.]{8,18}Z\]? ?(?:\d\d[OE] ?)?", re.M)
"""The time that a builder puts before each line."""
_STEP = lazy(rb"^(?:[\dTZ:.\-]{20,35} )?(?:##\[(?:group|section|command)\]|::group::|[$+] [\w./-])", re.M)
"""Where a job's next step, or a shell's next command begins: what stands before it is no output of a run behind."""
_RAN = rb".*?\bRan \d+ tests? in \d+\.\d+s\n[^\n]*\n(?P<told>[^\n]*)"
_RUNS = (
    (
        b" test session starts ",
        b" in ",
        rb".*?(?P<told>\b\d+[\w\x1b\[]* (?:passed|failed|skipped|errors?|xfailed)\b[^\n]* in \d+\.\d+s)",
    ),
    (b" (test", b"Ran ", rb" \(test\w*\.[\w.]+\)" + _RAN),
    (b" test(s).\n", b"Ran ", rb" test\(s\)\.\n" + _RAN),
    (b"Feature: ", b" passed, ", rb".*?\b\d+ steps? passed, (?P<told>\d+ failed[^\n]*)"),
    (b"Feature: ", b" passed)", rb".*?\b\d+ steps? \((?P<told>[^()\n]*\d+ passed)\)"),
    (
        b"> Task :",
        b"BUILD ",
        rb"> Task :\S*[tT]est\w*\n.*?^(?:[^\n]{0,60} )?(?P<told>BUILD (?:SUCCESSFUL|FAILED))",
    ),
    (b"=== RUN ", b"ok", rb".*?\b(?P<told>ok|FAIL)[ \t]+[\w./-]+\s+(?:\d+\.\d+s|\(cached\))"),
    (
        b'"Action":"run","Package":',
        b'"Elapsed"',
        rb'[^:]*:"run","Package":(?P<name>"[^"\n]*").*?"Action":(?P<told>"pass"|"fail"),"Package":(?P=name),"Elapsed"',
    ),
    (
        b"<testsuite ",
        b"</testsuite>",
        rb"<testsuite (?=[^<>]*\bfailures=\"0\")(?![^<>]*\berrors=\"[1-9]).*?(?P<told></testsuite>)",
    ),
    (b"\nrunning ", b"test result: ", rb"\nrunning [1-9]\d* tests?\n.*?^test result: (?P<told>ok|FAILED)"),
    (
        b"<?xml ",
        b"<!-- fail ",
        rb"[^\n]*\n<testsuites>\n.*?<!-- pass [1-9]\d* -->\s*<!-- (?P<told>fail \d+) -->",
    ),
)
"""What whole runs begin with, a part of what a good one ends with, and the whole of it: of pytest, unittest, Django,
behave, Cucumber, Gradle, Go, Go as JSON, Rust, reports of JUnit's form, of Node's."""
_ENDS = [lazy(ends, re.M | re.S) for *_, ends in _RUNS]
_LONGEST = max(len(begins) for begins, *_ in _RUNS)
_BAD = lazy(rb"\b[1-9]\d* (?:fail|error)|\b(?:fail(?:ures)?|errors)[\" :=]+[1-9]|\bFAIL(?:ED)?\b|\"fail\"")


class TestRuns:
    """The runs of a source's tests. Remembers where none begins: of dense hits each has little left to search."""

    def __init__(self) -> None:
        self._buffer, self._none = -1, (0, 0)
        self._last: bool | None = None

    def passed(self, data: Buffer, span: Span) -> bool:
        """Whether a run has begun before an event, and ends behind its beginning with no test that failed, or the
        source with such a one."""
        if self._last is None:
            self._last = _LAST.search(_PREFIX.sub(b"", bytes(data[-_LAST_BYTES:]))) is not None
        if self._last and len(data) - span.end < _NEAR and not _STEP.search(data, span.start):
            return True
        low, stop = max(span.start - _NEAR, 0), _end(data, span.start)
        none, known = self._none
        if self._buffer != id(data) or low > known or stop < none:
            none, known = stop, low
        elif none <= low and stop <= known:
            return False
        since = low if low < none else max(known - _LONGEST, 0)
        until = stop if stop > known else none + _LONGEST
        begun = [
            (data.rfind(begins, since, until), part, ends)
            for (begins, part, _), ends in zip(_RUNS, _ENDS, strict=True)
        ]
        begun = [(place, part, ends) for place, part, ends in begun if place >= 0]
        if not begun:
            self._buffer, self._none = id(data), (min(low, none), max(stop, known))
        high = span.end + _NEAR
        return any(
            data.find(part, place, high) >= 0 and _is_good(ends.match(data, place, high), span.start)
            for place, part, ends in begun
        )

    def forget(self) -> None:
        """The buffer is another one."""
        self._buffer, self._last = -1, None


def has_passed(layout: Layout, data: Buffer, span: Span, event: Event) -> bool:
    """Whether an event was written in a test that passed; what pytest repeats of a failed one counts as such."""
    name = event.format
    if name == "pytest-log" or ("pytest-section" in layout.formats and not name.startswith("pytest-")):
        return _in_pytest(data, span)
    if event.level or layout.usual:
        return False
    return _in_jest(data, span, event.text) or _in_vitest(data, span) or _in_counted(data, span)


def _in_pytest(data: Buffer, span: Span) -> bool:
    """Whether it stands in the log of a test that passed, as pytest shows with `-rP`, `-rA` and `log_cli`, or was
    told already."""
    low = max(span.start - _NEAR, 0)
    live = data.rfind(_LIVE, low, span.start)
    part = _PART.match(data, live, span.start) if live >= 0 else None
    if (
        part is not None
        and not _VERDICT.search(data, live, span.start)
        and data.find(_RULE, live, span.start) < 0
    ):
        return _verdict(data, low, live, span.start, bool(part["after"])) in _GOOD
    captured = data.rfind(_CAPTURED, low, span.start)
    again = captured >= 0 and not _HEAD.search(data, _end(data, captured), span.start)
    if again and data.rfind(_LIVE, 0, captured) >= 0:
        return True
    place = data.rfind(b"= PASSES =", low, span.start)
    return place >= 0 and data.find(_RULE, _end(data, place), span.start) < 0


def _verdict(data: Buffer, low: int, live: int, start: int, after: bool) -> bytes:
    """The verdict on a test of which a record at `start` tells: the next one, or, `after` it, the last one."""
    if after:
        found = [*_VERDICT.finditer(data, low, live)][-1:]
    else:
        found = [*islice(_VERDICT.finditer(data, _end(data, start), start + _NEAR), 1)]
    return bytes(found[0][1] or found[0][2]) if found else b""


def _in_jest(data: Buffer, span: Span, text: str) -> bool:
    """Whether the file whose consoles an event shows has passed."""
    if "console." not in text or text.startswith("FAIL"):
        return False
    shown = list(_CONSOLE.finditer(text))
    if not shown:
        return False
    told = _FILE.search(text[shown[-1].end() :].encode()) or _FILE.search(data, span.end, span.end + _NEAR)
    return told is not None and told[1] == b"PASS"


def _in_vitest(data: Buffer, span: Span) -> bool:
    """Whether the nearest heading before an event names a file that passed."""
    low = max(span.start - _NEAR // 8, 0)
    place = max(data.rfind(mark, low, span.start) for mark in (b"stdout", b"stderr"))
    line = strip_colours(bytes(data[place : _end(data, place)])) if place >= 0 else b""
    heading = _STREAM.match(line.decode("utf-8", "replace"))
    if heading is None:
        return False
    outcome = re.compile(
        r"(?m)^[^\n]{0,40}?(✓|✔|√|❯|×|✗|FAIL)[^\n]{1,80}?(?<![\w/])".encode()
        + re.escape(heading["file"].encode())
    )
    told = outcome.search(data, place, span.end + _NEAR)
    return told is not None and told.end() > span.start and told[1].decode() in "✓✔√"


def _in_counted(data: Buffer, span: Span) -> bool:
    """Whether the next summary counts tests that passed and none that failed."""
    return any(
        data.rfind(part, span.start, span.end + _NEAR) >= 0
        and _is_good(summary.search(data, span.start, span.end + _NEAR), span.start)
        for part, summary in _SUMMARIES
    )


def _is_good(told: re.Match[bytes] | None, start: int) -> bool:
    """Whether a summary stands behind a place, and tells of no test that failed."""
    return told is not None and told.start("told") > start and not _BAD.search(strip_colours(told["told"]))


def _end(data: Buffer, place: int) -> int:
    end = data.find(b"\n", place)
    return len(data) if end < 0 else end
