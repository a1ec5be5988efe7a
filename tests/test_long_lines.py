"""Lines that run on as no program means them to: reading one ends, and what stands behind it is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runner import counts, report_of, run, write

CREDIT = (
    "Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', 'message': "
    "'Your credit balance is too low to access the Anthropic API.'}}"
)
"""What is found, at a line's end and in the next line."""
GROUP = '  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n'
LINES = {
    "blanks": " " * 20_000,
    "blanks behind a number": "12 " + "\t " * 10_000,
    "a word": "answer: " + "a" * 20_000,
    "a word of figures": "  1_11_1." + "111_" * 5_000,
    "opening brackets": "the answer: " + "(" * 500,
    "failures": "response: " + "failed " * 80 + " " * 200,
    "capitals": "INFO " + "AA1" * 5_000 + " -",
    "threads": "INFO [" + "Thread-1:" * 2_000,
    "empty brackets": "[x] -  " * 2_000,
    "a rule": GROUP + "  +-+" + "-" * 20_000 + "x\n  |",
    "lost colours in a request": '"GET /mcp HTTP/1.1' + "[m" * 2_000,
    "lost colours in a member": "method=" + "[1m" * 2_000 + "! status" + "[1m" * 2_000,
    "a digest's parameters": "Authorization: Digest " + 'a="x",b=\\"y",' * 2_000,
    "a traceback that breaks off": 'Traceback (most recent call last):\n  File "' + "a/" * 5_000,
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_that_runs_on_keeps_nothing_back(tmp_path: Path, line: str) -> None:
    """However a long line is built, it is read in one go, and a failure at its end and behind it is found."""
    log = write(tmp_path / "app.log", f"{line} {CREDIT}\n2026-03-02 10:00:00,000 - app - ERROR - {CREDIT}\n")
    assert counts(report_of(log))["anthropic-credit-balance"] >= 1
    done = run("inspect", "--events", log)
    assert (done.code, done.err) == (0, "")
    assert CREDIT.partition(" - ")[0] in done.out.splitlines()[-1]
