"""Templates of one's own: Jinja2, sandboxed, in a child process with limits on size, time and memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec

import logscope
from logscope.errors import UsageError
from logscope.report import Report

MAX_TEMPLATE = 1_000_000
"""Bytes of a template file."""
TIMEOUT = 20.0
"""Seconds that a template may take."""
# -I keeps the working directory off the path: a stray json.py there must not run.
_START = "import sys; sys.path.append(sys.argv[1]); from logscope.render.sandbox import main; main()"


def render(report: Report, path: str, *, timeout: float = TIMEOUT) -> str:
    """Fill the template file at `path` with the report, as documented in docs/templates.md.

    `*.html` and `*.htm`, with or without a further `.j2` or `.jinja`, are escaped for HTML. Raises UsageError
    naming the file, and the line where there is one.
    """
    import subprocess  # only such templates need it

    source = read_template(path)
    job = {"source": source, "report": msgspec.to_builtins(report), "html": is_html(path)}
    command = [sys.executable, "-I", "-c", _START, str(Path(logscope.__file__).parent.parent)]
    try:
        child = subprocess.run(
            command, input=json.dumps(job).encode(), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{path}: the template takes longer than {timeout:g} s") from error
    if child.returncode:
        raise UsageError(f"{path}: the template ended its process (status {child.returncode})")
    outcome = json.loads(child.stdout)
    if "error" in outcome:
        place = path if outcome["line"] is None else f"{path}:{outcome['line']}"
        raise UsageError(f"{place}: {outcome['error']}", "The fields are listed in docs/templates.md.")
    return str(outcome["text"])


def read_template(path: str) -> str:
    """Return the source of a template; UsageError when it cannot be read, is no UTF-8, or is too large."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        hint = "Give a file, or one of the shipped documents: plan, handoff, checklist."
        raise UsageError(f"{path}: the template cannot be read: {error.strerror or error}", hint) from error
    if len(data) > MAX_TEMPLATE:
        raise UsageError(f"{path}: the template is larger than {MAX_TEMPLATE:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: the template is not UTF-8") from error


def is_html(path: str) -> bool:
    """Say whether a template writes HTML, by its ending."""
    name = path.lower().removesuffix(".j2").removesuffix(".jinja").removesuffix(".jinja2")
    return name.endswith((".html", ".htm"))
