"""Exceptions that a record's members tell: as text, as an object, or block by block."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from logscope.events.text.levels import BAD
from logscope.events.text.members import MESSAGES, Members, level_of, message_of
from logscope.events.text.names import KIND, REASON, TRACE, of_role
from logscope.events.text.stacks import MAX_MESSAGE, is_own
from logscope.events.text.tracebacks import exception_of
from logscope.lazily import lazy
from logscope.model import ExceptionInfo, Frame

_TRACE = tuple(
    "exc_info exc exception error.stack_trace error.stack err.stack exc_text exception.stacktrace "
    "stack_trace stacktrace traceback stack error.exception err error @x @fields.stack context.exception".split()
)
_CLASS = lazy(r"(?:[A-Za-z_]\w*\.)+[A-Z]\w*|[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Timeout)")
_KIND = ("type", "name", "class", "kind", "classname", "typename")
_SAID = ("message", "value", "msg")
_STACK = ("stack", "stacktrace", "traceback", "extendedstacktrace", "parsedstack")
_WHOSE = ("exception", "error", "exc")
_CAUSE = ("cause.exception", "causedBy.exception", "cause", "causedBy")
"""What members of an exception's object hold, whoever wrote it: the names as `_plain` has them, but for the cause's."""
_FRAME = '  File "'
"""What a traceback's frames begin with, as ecs-logging writes them: without header and class line."""
_SIGNS = ("Traceback (most", "   at ", "\n\tat ")
"""What one that can be read has."""
_PRINTED = lazy(
    r"<class '(?P<type>[\w.<>]+)'>,? \w+\((?:(?P<mark>['\"])(?P<message>.*)(?P=mark))?.*\), <traceback"
)
"""What `sys.exc_info()` is as text, where nobody took it apart."""
_REPR = lazy(r"(?P<type>(?:[A-Za-z_]\w*\.)*[A-Z]\w*)\((?P<args>.*?),?\)", re.DOTALL)
"""An exception as `repr` writes it."""
SHOWN = MESSAGES | frozenset(_TRACE[:10])
"""Members that stand in the search text already where a traceback could be read: the message, and that."""
MAX_GROUPS = 16


def exception_of_members(members: Members) -> tuple[ExceptionInfo | None, str]:
    """Return what the record's traceback says, and its text with real line ends."""
    for value in _texts(members):
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            value = "\n".join(value) if not value[0].endswith("\n") else "".join(value)
        if isinstance(value, str) and any(sign in value for sign in _SIGNS):
            info = exception_of(value)
            if info is not None:
                return info, value
    for value in _texts(members):
        if isinstance(value, list) and value and isinstance(value[0], dict) and "exc_type" in value[0]:
            return _of_dicts(value)
        if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
            value = ", ".join(map(str, value))
        if isinstance(value, str) and (printed := _PRINTED.search(value)) is not None:
            value = printed.groupdict()
        if isinstance(value, dict):
            info, text = _of_object(value)
            if info is not None:
                return info, text
    if isinstance(members.get("errorType"), str) and isinstance(members.get("stackTrace"), list):
        return _of_lambda(members)
    message = message_of(members)
    info = exception_of(message)
    if info is None:
        info, _ = _of_object(_of_parts(members))
    return info, ""


def _of_parts(members: Members) -> dict[str, Any]:
    """An exception of which each part is a member of its own: ECS's `error.type`, or `error` beside `error_type`."""
    parts = {name: members.get(f"error.{name}") for name in ("type", "message", "stack_trace", *_STACK)}
    kinds = (kind for kind in of_role(members, KIND) if isinstance(kind, str) and _CLASS.fullmatch(kind))
    if parts["type"] is None and level_of(members) in BAD:
        reasons = [text for text in of_role(members, REASON) if isinstance(text, str)]
        parts["type"], parts["message"] = next(kinds, None), next(iter(reasons), "")
        if parts["type"] is None:
            parts["type"], parts["message"] = next(filter(None, map(_of_repr, reasons)), (None, ""))
    return parts


def _of_repr(text: str) -> tuple[str, str] | None:
    """An exception's class and what it says by its arguments: the only one, where that is a text."""
    found = _REPR.fullmatch(text)
    if found is None:
        return None
    try:
        value = ast.literal_eval(f"({found['args']})")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return (found["type"], found["args"]) if _CLASS.fullmatch(found["type"]) else None
    return found["type"], value if isinstance(value, str) else found["args"]


def _texts(members: Members) -> Iterator[Any]:
    """Give what may be a traceback's text: the usual members first, then those whose names tell so."""
    yield from map(members.get, (*_TRACE, "text"))
    yield from of_role(members, TRACE)


def _of_lambda(members: Members) -> tuple[ExceptionInfo | None, str]:
    """AWS Lambda's JSON: the frames as a list of texts, class and message as members of their own."""
    frames = "".join(item if item.endswith("\n") else f"{item}\n" for item in map(str, members["stackTrace"]))
    text = _whole(frames, str(members["errorType"]), str(members.get("errorMessage") or ""))
    return exception_of(text), text


def _whole(frames: str, kind: str, message: str) -> str:
    """The traceback of which the frames stand in one member, class and message in others."""
    return f"Traceback (most recent call last):\n{frames}{kind}: {message}"


def _of_object(value: Mapping[str, Any]) -> tuple[ExceptionInfo | None, str]:
    """An exception as an object, and its text: pino's and ECS's {type, message, stack}, loguru's {type, value}, Log4j's
    {name, message, extendedStackTrace}."""
    told = {_plain(name): found for name, found in value.items() if found}
    kind, text, stack = (_first(told, names) for names in (_KIND, _SAID, _STACK))
    text = "" if text is None else text
    if not isinstance(kind, str) or not isinstance(text, str):
        info = exception_of(stack) if isinstance(stack, str) else None
        return info, str(stack) if info is not None else ""
    if isinstance(stack, list) and all(isinstance(line, str) for line in stack):
        stack = "\n".join(line.rstrip("\n") for line in stack)
    if isinstance(stack, str):
        whole = _whole(f"{stack.rstrip()}\n", kind, text) if stack.startswith(_FRAME) else stack
        info = exception_of(whole)
        if info is not None:
            return info, whole
    text = text[:MAX_MESSAGE]
    own = ExceptionInfo(kind, text, ((kind, text),), ())
    cause = _first(Members(value), _CAUSE)
    inner, below = _of_object(cause) if isinstance(cause, dict) else (None, "")
    if inner is None:
        return own, f"{kind}: {text}"
    return replace(inner, chain=(*own.chain, *inner.chain)), f"{kind}: {text}\nCaused by: {below}"


def _plain(name: str) -> str:
    """A member's name without capitals, marks, and the word that tells whose it is: `ExceptionType`, `exc_type`."""
    small = name.lower().replace("_", "")
    return next((rest for word in _WHOSE if (rest := small.removeprefix(word)) != small and rest), small)


def _first(value: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The first of these members that holds something."""
    return next((found for name in names if (found := value.get(name))), None)


def _of_dicts(blocks: list[Any]) -> tuple[ExceptionInfo | None, str]:
    """structlog's dict_tracebacks: newest block first, groups nested."""
    chain: list[tuple[str, str]] = []
    frames: list[Frame] = []
    leaf = _walk(blocks, chain, frames, 0)
    if leaf is None:
        return None, ""
    lines = ["Traceback (most recent call last):"]
    lines += [f'  File "{frame.file}", line {frame.line}, in {frame.function}' for frame in frames]
    lines += [f"{kind}: {text}" for kind, text in chain]
    return ExceptionInfo(leaf[0], leaf[1], tuple(chain), tuple(frames)), "\n".join(lines)


def _walk(
    blocks: list[Any], chain: list[tuple[str, str]], frames: list[Frame], depth: int
) -> tuple[str, str] | None:
    leaf: tuple[str, str] | None = None
    for block in reversed(blocks):
        if not isinstance(block, dict):
            continue
        leaf = (str(block.get("exc_type", "")), str(block.get("exc_value", ""))[:MAX_MESSAGE])
        chain.append(leaf)
        for frame in block.get("frames") or ():
            if isinstance(frame, dict):
                file = str(frame.get("filename", ""))
                line = frame.get("lineno")
                frames.append(
                    Frame(
                        file, line if isinstance(line, int) else 0, str(frame.get("name", "")), is_own(file)
                    )
                )
        for group in block.get("exceptions") or ():
            if isinstance(group, list) and depth < MAX_GROUPS:
                inner = _walk(group, chain, frames, depth + 1)
                leaf = leaf if inner is None or (leaf and not leaf[0].endswith("Group")) else inner
    return leaf
