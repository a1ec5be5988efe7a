"""A user's own template, filled in a process of its own: `main` is that process.

The template sees plain values only, cannot change them, and gets its share of time and memory, no more.
The sandbox hedges; the limits and the process hold.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterable
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from logscope.render import escape, text

MAX_OUTPUT = 20_000_000
"""Characters that a template may write."""
MAX_MEMORY = 1 << 30
_NAME = "<user template>"
_FAILURES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


class _Environment(ImmutableSandboxedEnvironment):
    """Members of a report's objects win over the methods of dict: `phase.items` is the list of items."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def fill(source: str, report: dict[str, Any], html: bool) -> str:
    """Return the filled template; `html` escapes every value for HTML."""
    environment = _Environment(undefined=StrictUndefined, autoescape=html, keep_trailing_newline=True)
    environment.filters |= {
        "md": lambda value: escape.plain(str(value)),
        "code": lambda value: escape.code(str(value)),
        # A value that came through another filter is safe already, and keeps its type.
        "cell": lambda value: escape.cell(value if isinstance(value, str) else str(value)),
        "fence": lambda value, language="text": escape.fence(str(value), language),
        "minutes": text.minutes,
        "percent": text.percent,
        "when": text.when,
    }
    compiled = environment.compile(source, _NAME, _NAME)
    template = environment.template_class.from_code(environment, compiled, environment.make_globals(None))
    return _bounded(template.generate(report=report))


def main() -> None:
    """Read a job as JSON from stdin, write the outcome as JSON to stdout."""
    job = json.loads(sys.stdin.buffer.read())
    _limit_memory()
    try:
        outcome: dict[str, Any] = {"text": fill(job["source"], job["report"], job["html"])}
    except _FAILURES as error:
        outcome = {"error": _reason(error), "line": _line(error)}
    sys.stdout.buffer.write(json.dumps(outcome).encode())


def _bounded(pieces: Iterable[str]) -> str:
    written, length = [], 0
    for piece in pieces:
        length += len(piece)
        if length > MAX_OUTPUT:
            raise ValueError(f"it writes more than {MAX_OUTPUT:,} characters")
        written.append(piece)
    return "".join(written)


def _reason(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "it needs too much memory"
    message = error.message if isinstance(error, TemplateError) else str(error)
    return message or type(error).__name__


def _line(error: BaseException) -> int | None:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _NAME]
    return lines[-1] if lines else None


def _limit_memory() -> None:
    if sys.platform == "win32":
        return  # no such limit there; the time limit still holds
    import resource

    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = MAX_MEMORY if hard == resource.RLIM_INFINITY else min(MAX_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
