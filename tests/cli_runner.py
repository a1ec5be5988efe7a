"""Runs the command line as a process would be run, without the cost of one: arguments in; exit code and streams out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from logscope.cli import main

ROOT = Path(__file__).resolve().parent.parent
_FOLDER = tempfile.TemporaryDirectory(prefix="logscope-tests-")
CACHE = _FOLDER.name
"""The rule cache of all runs of a test session; the user's own is left alone."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a run left behind."""

    code: int
    out: str
    err: str


def run(*arguments: object, stdin: bytes = b"") -> Done:
    """Run `logscope ARGUMENTS` in this process and return its exit code and streams."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    code = 0
    with (
        mock.patch.dict(os.environ, XDG_CACHE_HOME=CACHE),
        mock.patch.object(sys, "argv", ["logscope", *map(str, arguments)]),
        mock.patch.object(sys, "stdin", given),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        out.flush()
        err.flush()
    return Done(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]


def process(*arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run `logscope ARGUMENTS` as a process of its own; `more` is what subprocess.run gets besides."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **streams.pop("env", {})}
    command = [sys.executable, "-m", "logscope", *map(str, arguments)]
    return subprocess.run(command, env=environment, text=True, check=False, **streams)


def report_of(*arguments: object, stdin: bytes = b"") -> dict[str, Any]:
    """Run `logscope analyze ARGUMENTS` and return its JSON report."""
    done = run("analyze", *arguments, "--quiet", "-o", "json:-", stdin=stdin)
    assert done.code in (0, 1), done.err
    report: dict[str, Any] = json.loads(done.out)
    return report


def counts(report: dict[str, Any]) -> dict[str, int]:
    """Occurrences by rule."""
    return {finding["rule"]: finding["occurrences"] for finding in report["findings"]}


def write(path: Path, text: str | bytes) -> Path:
    """Write a file and the folders above it; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
