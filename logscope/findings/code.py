"""Where in the application's code: traceback frames, a rule's hints, warnings and loggers, mapped to files of a
repository.

What cannot be mapped without doubt is shown as the log printed it.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from logscope.events.text.stacks import is_own
from logscope.findings.repository import Repository
from logscope.lazily import lazy
from logscope.model import Frame
from logscope.neutral import one_line
from logscope.redact import clean, redact
from logscope.report import CodeLocation
from logscope.rulebook.rule import Code

if TYPE_CHECKING:
    from logscope.events import Event

MAX_PLACES = 5
"""Locations of one kind that a finding shows: of frames the most frequent."""
MAX_PER_HINT = 3
CONTEXT_LINES = 3
MAX_WARNING = 16_000
"""Characters of an event in which a warning is looked for."""

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_HOSTS = ("claude-desktop", "vscode", "glog", "vllm")
"""Formats whose records name an MCP server, or a file of Go or of vLLM, not a module of the application."""
_DOTTED = lazy(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_LIBRARY = lazy(
    r"(?:aio_pika|aiohttp|aiokafka|aiormq|alembic|anthropic|anyio|apscheduler|asyncio|botocore|celery"
    r"|concurrent|django|fastapi|fastmcp|flask_migrate|gunicorn|h11|hpack|httpcore|httpx2?"
    r"|huggingface_hub|hypercorn|kafka|kombu|langchain|litellm|logging|__main__|mcp|openai"
    r"|opentelemetry|pika|py|pymongo|redis|root|sqlalchemy|sse_starlette|starlette|tenacity|traceback"
    r"|urllib3|uvicorn|watchfiles|websockets)(?:\.|$)",
    re.IGNORECASE,
)
"""Loggers of libraries and of nobody: the application's are named after its modules."""
_WARNING = lazy(
    r"(?<![^\s:\"'])(?P<file>(?:[A-Za-z]:)?[^\s:\"']+\.pyx?):(?P<line>\d{1,9}): [A-Z]\w*Warning: "
)
_COROUTINE = lazy(
    r"\bcoro=<(?P<symbol>[\w.<>]{1,200})\(\) (?:(?:running|done), defined|running|created) at "
    r"(?P<file>(?:[A-Za-z]:)?[^\s:<>\"']+\.pyx?):(?P<line>\d{1,9})"
)
"""How asyncio shows a task's coroutine: `coro=<poll() running at /srv/app/poll.py:8>`."""


def locate_events(
    groups: Sequence[Sequence[Event]],
    wanted: Iterable[Code],
    repository: Repository | None,
    whole: bool = True,
) -> tuple[CodeLocation, ...]:
    """Return where the events of each incident point, innermost frames first.

    Where no traceback and no rule names a place, a warning or asyncio's view of a task does, else the loggers that
    reported the failure.
    `whole`: these are all events of the incidents, not only some that were kept.
    """
    counts, ranks = Counter[Frame](), dict[Frame, int]()
    for events in groups:
        stacks = [[frame for frame in e.exception.frames if frame.own] for e in events if e.exception]
        counts.update({frame for stack in stacks for frame in stack})
        for stack in stacks:
            for depth, frame in enumerate(reversed(stack)):
                ranks[frame] = min(depth, ranks.get(frame, depth))
    functions: dict[tuple[str, str], Frame] = {}
    for frame in sorted(ranks, key=lambda f: (-counts[f], ranks[f], f.file, f.line)):
        functions.setdefault((frame.file, frame.function), frame)
    places = [
        replace(locate_frame(frame, counts[frame], repository), at_least=not whole)
        for frame in islice(functions.values(), MAX_PLACES)
    ]
    known = {(place.file, place.symbol) for place in places}
    hinted = locate_hints(wanted, repository) if repository else ()
    places += [place for place in hinted if (place.file, place.symbol) not in known]
    every = [event for events in groups for event in events]
    return tuple(places) or _warned(every, repository) or _reporters(every, repository)


def locate_frame(frame: Frame, hits: int, repository: Repository | None) -> CodeLocation:
    """Return the place of a frame that was printed so often: with the lines around it where the repository has its
    file, and that has not changed since."""
    file = repository.find(frame.file) if repository else None
    symbol = _clean(frame.function)
    place = CodeLocation(_clean(file or frame.file), frame.line, frame.line, symbol, "traceback", hits)
    if repository is None or file is None:
        return place
    if not _still_there(repository, file, frame):
        return replace(place, url=repository.link(file, None, None))
    first, last = frame.line - CONTEXT_LINES, frame.line + CONTEXT_LINES
    return replace(
        place,
        url=repository.link(file, frame.line, frame.line),
        excerpt=repository.excerpt(file, first, last, frame.line),
    )


def locate_hints(hints: Iterable[Code], repository: Repository) -> tuple[CodeLocation, ...]:
    """Return the places that rules name, each once."""
    places: dict[tuple[str, str], CodeLocation] = {}
    for hint in hints:
        for place in islice(_places_of(hint, repository), MAX_PER_HINT):
            places.setdefault((place.file, place.symbol), place)
    return tuple(places.values())


def _warned(events: Iterable[Event], repository: Repository | None) -> tuple[CodeLocation, ...]:
    """Return the lines of the application that Python's warnings stand for, and where its tasks were."""
    warned = set()
    for event in events:
        for origin, pattern in ("warning", _WARNING), ("task", _COROUTINE):
            place = pattern.search(event.text, 0, MAX_WARNING)
            if place and is_own(place["file"]):
                symbol = place.groupdict().get("symbol") or ""
                warned.add((place["file"], int(place["line"]), symbol, origin))
    return tuple(
        replace(locate_frame(Frame(file, line, symbol, True), 0, repository), origin=origin)
        for file, line, symbol, origin in sorted(warned)[:MAX_PLACES]
    )


def _reporters(events: Iterable[Event], repository: Repository | None) -> tuple[CodeLocation, ...]:
    """Return the modules that the application's loggers are named after: files where the repository has them."""
    found: dict[str, CodeLocation] = {}
    named = [event for event in events if _names_module(event)]
    for event in [event for event in named if event.level != "info"] or named:  # sequences have steps at info
        name = clean(event.logger)
        path = name.replace(".", "/")
        file = repository and (repository.find(f"{path}.py") or repository.find(f"{path}/__init__.py"))
        if file or not repository:
            url = repository.link(file, None, None) if repository and file else ""
            found.setdefault(name, CodeLocation(clean(file or name), None, None, "", "logger", 0, url))
    return tuple(found.values())[:MAX_PLACES]


def _names_module(event: Event) -> bool:
    """Whether the logger of an event is one of the application's."""
    name = clean(event.logger)
    return bool(_DOTTED.fullmatch(name)) and not _LIBRARY.match(name) and event.format not in _HOSTS


def _still_there(repository: Repository, file: str, frame: Frame) -> bool:
    """Whether the lines of a file are still those of the log."""
    text = repository.text(file)
    if text is None or not 1 <= frame.line <= text.count("\n") + 1:
        return False
    tree = repository.tree(file)
    name = frame.function.rpartition(".")[2]
    if tree is None or not name.isidentifier():
        return True
    return any(
        isinstance(node, _Definition)
        and node.name == name
        and node.lineno <= frame.line <= (node.end_lineno or node.lineno)
        for node in ast.walk(tree)
    )


def _places_of(hint: Code, repository: Repository) -> Iterator[CodeLocation]:
    """Yield the places a rule names."""
    for file in repository.matching(hint.file):
        tree = repository.tree(file)
        if hint.symbol is None:
            yield CodeLocation(_clean(file), None, None, "", "rule", 0, repository.link(file, None, None))
        elif (node := _definition(tree, hint.symbol)) is not None:
            first, last = node.lineno, node.end_lineno or node.lineno
            yield CodeLocation(
                file=_clean(file),
                line=first,
                last_line=last,
                symbol=hint.symbol,
                origin="rule",
                url=repository.link(file, first, last),
                excerpt=repository.excerpt(file, first, min(last, first + 2 * CONTEXT_LINES), first),
            )


def _definition(tree: ast.Module | None, symbol: str) -> _Definition | None:
    """Return the first function, method or class with this name; `Class.method` names one inside the other."""
    node: ast.AST | None = tree
    for name in symbol.split("."):
        inside = ast.walk(node) if node is not None else iter(())
        named = (n for n in inside if isinstance(n, _Definition) and n.name == name and n is not node)
        node = min(named, key=lambda n: n.lineno, default=None)
    return node if isinstance(node, _Definition) else None


def _clean(text: str) -> str:
    return redact(one_line(text))
