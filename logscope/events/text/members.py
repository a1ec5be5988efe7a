"""Records that name their members: JSON objects, logfmt, structlog's key=value tail."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from logscope.events.text.levels import level_of_number, level_of_word
from logscope.events.text.tracebacks import MAX_MESSAGE, exception_of, is_own
from logscope.model import ExceptionInfo, Frame

_MESSAGE = (
    *("message", "msg", "event", "textPayload", "log", "short_message", "text", "body"),
    *("Message", "Body", "@message", "@m", "@mt"),
)
_LEVEL = (
    "levelname",
    "level",
    "log.level",
    "severity",
    "level_name",
    "loglevel",
    "logLevel",
    "LogLevel",
    "log_level",
    "lvl",
    "severity_text",
    "SeverityText",
    "severityText",
    "Level",
    "@level",
    "@l",
)
_LOGGER = (
    "logger",
    "name",
    "logger_name",
    "log.logger",
    "loggerName",
    "logger.name",
    "channel",
    "component",
    "module",
    "Category",
    "SourceContext",
    "@module",
)
_TIME = (
    "timestamp",
    "@timestamp",
    "asctime",
    "time",
    "ts",
    "datetime",
    "date",
    "when",
    "at",
    "t",
    "created",
    "eventTime",
    "Timestamp",
    "@t",
    "time_iso8601",
    "time_local",
    "timestampSeconds",
    "timeUnixNano",
    "observedTimeUnixNano",
)
_TRACE = (
    "exc_info",
    "exc",
    "exception",
    "error.stack_trace",
    "error.stack",
    "err.stack",
    "exc_text",
    "exception.stacktrace",
    "stack_trace",
    "stacktrace",
    "traceback",
    "stack",
    "error.exception",
    "err",
    "error",
)
_STACK = ("stack", "stack_trace", "stacktrace", "traceback")
NESTED = (
    r"\{(?:[^{}\n]|\{[^{}\n]{0,2000}\}){0,2000}\}|\[(?:[^\[\]\n]|\[[^\[\]\n]{0,2000}\]){0,2000}\]"
    r"|\([^()\n]{0,2000}\)"
)
"""A value's own brackets, in which blanks part nothing: `obj={'a': 1}`, `err=ValueError('bad value')`."""
_PAIR = re.compile(
    r'(?P<key>[A-Za-z_@][\w.@\-]*)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<single>\'(?:[^\'\\]|\\.)*\')'
    rf"|(?P<bare>\d{{4}}-\d\d-\d\d \d\d:\S+|(?:[^\s{{\[(]|{NESTED}|[{{\[(])*+))"
)
_QUOTED = re.compile(r'"([\w.@\-]+)"\s*:\s*"(.*?)"(?=\s*,\s*"[\w.@\-]+"\s*:|\s*\}\s*$)')
_ESCAPED = re.compile(r"\\([nt\"'\\])")
_ESCAPES = {"n": "\n", "t": "\t"}
"""Of other letters the backslash is the value's own: structlog escapes quotes alone."""
MAX_DEPTH = 64
"""Levels of a JSON record at most; a deeper one is text."""
MAX_GROUPS = 16


class Members(dict[str, Any]):
    """A record's members; `get` also finds nested ones by their dotted name."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return the member `key`, or the nested one that the dots of `key` lead to."""
        if key in self:
            return self[key]
        if "." not in key:
            return default
        value: Any = self
        for part in key.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return default
            value = value[part]
        return value


decode_json = json.JSONDecoder(strict=False).decode
"""Reads one JSON value, with bare control characters in strings; made once, which json.loads does for every line."""


def members_of_json(text: str) -> Members | None:
    """Return the members of a JSON object, None when the text is none."""
    try:
        value = decode_json(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or (
        text.count("{") + text.count("[") > MAX_DEPTH and _deeper(value, MAX_DEPTH)
    ):
        return None
    return Members(value)


def members_of_template(text: str) -> Members | None:
    """Return the members of a record that a formatter's text makes look like JSON: quotes in its message are bare."""
    found = Members(_QUOTED.findall(text))
    return found if first_text(found, _MESSAGE)[0] else None


def _deeper(value: Any, depth: int) -> bool:
    """Whether a value nests deeper than `depth`."""
    level = [value]
    for _ in range(depth):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return bool(level)


def members_of_pairs(text: str) -> Members:
    """Return the key=value members of logfmt or of structlog's console renderer."""
    found = Members()
    pairs = list(_PAIR.finditer(text))
    for number, pair in enumerate(pairs, 1):
        value = pair["bare"]
        if value and pair["key"] in _MESSAGE:  # written by a formatter that quotes nothing
            following = pairs[number].start() if number < len(pairs) else len(text)
            value = text[pair.start("bare") : following].rstrip()
        if value is None:
            quoted = pair["quoted"] if pair["quoted"] is not None else pair["single"][1:-1]
            value = _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), quoted)
        found.setdefault(pair["key"], value)
    return found


def inner_record(members: Members) -> Members:
    """Return the members that describe the record: GCP's jsonPayload, loguru's record and OpenTelemetry's
    attributes lie one level down."""
    for name in ("jsonPayload", "record", "fields"):
        inner = members.get(name)
        if isinstance(inner, dict) and any(key in inner for key in ("message", "msg", "event")):
            return Members({**members, **inner})
    for body, names in (("Body", "Attributes"), ("body", "attributes")):
        if body in members and isinstance(attributes := members.get(names), dict):
            return Members({**attributes, **members})
    return members


def first_text(members: Members, names: tuple[str, ...]) -> tuple[str, str]:
    """Return (name, text) of the first of `names` that holds text."""
    for name in names:
        value = members.get(name)
        if isinstance(value, str) and value.strip():
            return name, value
    return "", ""


def message_of(members: Members) -> str:
    """Return the record's message, whatever the member is called."""
    name, text = first_text(members, _MESSAGE)
    return text or first_text(members, ("error", "err", "exception.message"))[1] if not name else text


def level_of(members: Members) -> str:
    """Return the record's level, empty when it has none."""
    for name in _LEVEL:
        value = members.get(name)
        if isinstance(value, dict):
            value = value.get("name")
        if isinstance(value, str) and level_of_word(value):
            return level_of_word(value)
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            scale = "syslog" if value < 8 else "pino" if _is_pino(members) else "python"
            return level_of_number(value, scale)
    status = members.get("status")  # Datadog's; elsewhere it is a request's
    if isinstance(status, str) and level_of_word(status) in ("debug", "info", "warning", "error", "critical"):
        return level_of_word(status)
    at = members.get("at")  # logfmter's; elsewhere it is a time
    if isinstance(at, str) and level_of_word(at):
        return level_of_word(at)
    letter = members.get("s")  # MongoDB's
    if isinstance(letter, str) and "ctx" in members and "c" in members:
        return level_of_word(letter[:1])
    number = members.get("levelno")
    return level_of_number(number, "python") if isinstance(number, int) else ""


def _is_pino(members: Members) -> bool:
    """Whether a record with a numeric level is pino's or bunyan's: Python counts from 10 for debug, they for trace."""
    time = members.get("time")
    return (
        "hostname" in members
        or "v" in members
        or ("msg" in members and isinstance(time, int) and time > 1e12)
    )


_HOLDERS = (("InstrumentationScope", "name"), ("logging.googleapis.com/labels", "python_logger"))


def logger_of(members: Members) -> str:
    """Return the record's logger, empty when it has none."""
    name = first_text(members, _LOGGER)[1].strip(" []")
    target = members.get("target")
    if not name and isinstance(target, str) and ("::" in target or isinstance(members.get("fields"), dict)):
        return target  # of Rust's tracing
    for holder, key in _HOLDERS:
        held = members.get(holder)
        name = str(held.get(key) or "") if not name and isinstance(held, dict) else name
    return name


def time_text(members: Members) -> str:
    """Return the record's time as printed (a number as text), empty when it has none."""
    for name in _TIME:
        value = members.get(name)
        if isinstance(value, dict):
            value = (
                value.get("timestamp")
                or value.get("repr")
                or value.get("$date")
                or _seconds(value.get("seconds"), value.get("nanos"))
            )
        elif name == "timestampSeconds":
            value = _seconds(value, members.get("timestampNanos"))
        if isinstance(value, str) and len(value) >= 8:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return ""


def _seconds(whole: Any, nanos: Any) -> Any:
    """Google's time in two numbers as one text."""
    return (
        f"{whole}.{nanos:09d}"
        if isinstance(whole, int) and isinstance(nanos, int) and 0 <= nanos < 10**9
        else whole
    )


def exception_of_members(members: Members) -> tuple[ExceptionInfo | None, str]:
    """Return what the record's traceback says, and its text with real line ends."""
    for name in (*_TRACE, "text"):
        value = members.get(name)
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            value = "\n".join(value) if not value[0].endswith("\n") else "".join(value)
        if isinstance(value, str) and ("Traceback (most" in value or "    at " in value):
            info = exception_of(value)
            if info is not None:
                return info, value
    for name in _TRACE:
        value = members.get(name)
        if isinstance(value, list) and value and isinstance(value[0], dict) and "exc_type" in value[0]:
            return _of_dicts(value)
        if isinstance(value, dict):
            info = _of_object(value)
            if info is not None:
                return info, f"{info.type}: {info.message}"
    if isinstance(members.get("errorType"), str) and isinstance(members.get("stackTrace"), list):
        return _of_lambda(members)
    message = message_of(members)
    info = exception_of(message)
    if info is None and isinstance(members.get("error.type"), str):
        kind, text = str(members.get("error.type")), str(members.get("error.message") or "")
        info = ExceptionInfo(kind, text, ((kind, text),), ())
    return info, ""


def _of_lambda(members: Members) -> tuple[ExceptionInfo | None, str]:
    """AWS Lambda's JSON: the frames as a list of texts, class and message as members of their own."""
    frames = "".join(item if item.endswith("\n") else f"{item}\n" for item in map(str, members["stackTrace"]))
    text = f"Traceback (most recent call last):\n{frames}{members['errorType']}: {members.get('errorMessage') or ''}"
    return exception_of(text), text


def _of_object(value: Mapping[str, Any]) -> ExceptionInfo | None:
    """An exception as an object: pino's and ECS's {type, message, stack}, loguru's {type, value}."""
    kind = value.get("type") or value.get("name") or value.get("class") or value.get("kind")
    text = value.get("message") or value.get("value") or value.get("msg") or ""
    stack = next((found for name in _STACK if (found := value.get(name))), None)
    if isinstance(stack, str):
        info = exception_of(stack)
        if info is not None:
            return info
    if not isinstance(kind, str) or not isinstance(text, str):
        return None
    return ExceptionInfo(kind, text[:MAX_MESSAGE], ((kind, text[:MAX_MESSAGE]),), ())


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


def rest_lines(members: Members, skip: frozenset[str]) -> list[str]:
    """Return the other members as `key=value` lines, for patterns to search."""
    return [f"{key}={_plain(value)}" for key, value in members.items() if key not in skip]


def array_text(text: str) -> str:
    """An array of objects on one line, such as a bug report's list of errors: every text with real line ends."""
    found = members_of_json('{"items": ' + text + "}")
    items = found["items"] if found else []
    lines = [
        line for item in items if isinstance(item, dict) for line in rest_lines(Members(item), frozenset())
    ]
    return "\n".join(lines) or text


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=False)
    except (TypeError, ValueError, RecursionError):
        return str(value)


MESSAGES = frozenset(_MESSAGE[:3])
SHOWN = MESSAGES | frozenset(_TRACE[:10])
"""Members that stand in the search text already: the message, and a traceback where it could be read as one."""
_ASKED = ("input", "messages", "prompt", "q", "query", "question", "search_query")
_WRITTEN = ("answer", "commit", "completion", "quote", "reply", "snippet", "title", "transcript")
_USERS = ("user_input", "user_message", "user_prompt", "user_query", "user_text")
QUOTED = frozenset(_ASKED + _WRITTEN + _USERS)
"""Members that hold what somebody wrote or asked: failures are only mentioned there."""
