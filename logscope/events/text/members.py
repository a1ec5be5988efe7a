"""Records that name their members: JSON objects, logfmt, structlog's key=value tail."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from logscope.events.text.levels import level_of_number, level_of_word
from logscope.events.text.names import LEVEL, LOGGER, MESSAGE, TIME, nests, of_role, role_of

_MESSAGE = tuple("message msg event textPayload log short_message text body @m @mt RenderedMessage".split())
_LEVEL = tuple(
    "levelname level log.level severity level_name loglevel log_level lvl severity_text @l @fields.level "
    "context.logLevel".split()
)
"""Where none of these names occurs, here and below, the words of others tell."""
_LOGGER = tuple(
    "logger name logger_name log.logger loggerName logger.name channel component module mod Category "
    "SourceContext Properties.SourceContext label NAME @module _logMeta.name context.package".split()
)
_TIME = tuple(
    "timestamp @timestamp asctime time ts datetime date when at t created eventTime Timestamp TIME @t "
    "time_iso8601 time_local timestampSeconds timeUnixNano observedTimeUnixNano written_at instant".split()
)
NESTED = (
    r"\{(?:[^{}\n]|\{[^{}\n]{0,2000}\}){0,2000}\}|\[(?:[^\[\]\n]|\[[^\[\]\n]{0,2000}\]){0,2000}\]"
    r"|\([^()\n]{0,2000}\)"
)
"""A value's own brackets, in which blanks part nothing: `obj={'a': 1}`, `err=ValueError('bad value')`."""
_PAIR = re.compile(
    r'(?P<key>[A-Za-z_@][\w.@\-]*)=(?:"(?P<quoted>(?:[^"\\]|\\.|"(?![\s,;)\]}]|$))*)"|(?P<single>\'(?:[^\'\\]|\\.)*\')'
    rf"|(?P<bare>\d{{4}}-\d\d-\d\d \d\d:\S+|(?:[^\s{{\[(]|{NESTED}|[{{\[(])*+))"
)
_QUOTED = re.compile(r'(?s)"([\w.@\-]+)"\s*:\s*"(.*?)"(?=\s*,\s*"[\w.@\-]+"\s*:|\s*\}\s*\Z)')
_ESCAPED = re.compile(r"\\([nt\"'\\])")
_ESCAPES = {"n": "\n", "t": "\t"}
"""Of other letters the backslash is the value's own: structlog escapes quotes alone."""
_BASIC = re.compile(r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):(?P<logger>[A-Za-z_][\w.\-]*):")
MAX_DEPTH = 64
"""Levels of a JSON record at most; a deeper one is text."""


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


_decode_leniently = json.JSONDecoder(strict=False).decode


def decode_json(text: str) -> Any:
    """Return one JSON value; bare control characters, NaN and halves of characters are read, too.

    Raises ValueError where it is none, RecursionError where it is nested too deeply.
    """
    try:
        return msgspec.json.decode(text)  # many times as fast, and stricter
    except (ValueError, RecursionError):
        return _decode_leniently(text)


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
    """Return the members of a record that a formatter's text makes look like JSON: quotes and line ends in its message
    are bare."""
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
        if value and role_of(pair["key"]) == MESSAGE:  # written by a formatter that quotes nothing
            following = pairs[number].start() if number < len(pairs) else len(text)
            value = text[pair.start("bare") : following].rstrip()
        if value is None:
            quoted = pair["quoted"] if pair["quoted"] is not None else pair["single"][1:-1]
            value = _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), quoted)
        found.setdefault(pair["key"], value)
    return found


def inner_record(members: Members) -> Members:
    """Return the members that describe the record: GCP's jsonPayload, loguru's record, OpenTelemetry's attributes and
    tslog's _meta lie one level down; zap's development configuration calls them by letters."""
    if "L" in members and "M" in members:
        return Members({**members, **{_ZAP[key]: value for key, value in members.items() if key in _ZAP}})
    for name in ("jsonPayload", "record", "fields", "log"):
        inner = members.get(name)
        if isinstance(inner, dict) and any(key in inner for key in ("message", "msg", "event")):
            return Members({**members, **inner})
    meta = members.get("_meta")
    if isinstance(meta, dict) and "logLevelName" in meta:  # tslog's: what was logged has numbers for names
        logger: object = meta.get("name")
        first = 0
        bound = _bound(logger)
        if bound is not None:  # OpenClaw's loggers are named by what they are bound to, which is logged first
            first = int(members.get("0") == logger)
            logger = bound.get("subsystem") or bound.get("module")
        shown = {"level": meta["logLevelName"], "time": meta.get("date"), "logger": logger}
        told = {"message": members.get(str(first)), "error": members.get(str(first + 1))}
        return Members({**shown, **told, **members})
    for body, names in (("Body", "Attributes"), ("body", "attributes")):
        if body in members and isinstance(attributes := members.get(names), dict):
            return Members({**attributes, **members, **_formatted(str(members[body]), body)})
    return members


_ZAP = {"L": "level", "T": "time", "N": "logger", "M": "message", "S": "stacktrace"}


def _formatted(text: str, body: str) -> dict[str, str]:
    """What a body tells of itself that logging's basicConfig has formatted before OpenTelemetry's handler took it."""
    found = _BASIC.match(text)
    return {"logger": found["logger"], body: text[found.end() :]} if found is not None else {}


def _bound(name: object) -> dict[str, object] | None:
    """The members of a logger's name that is a JSON object."""
    if not isinstance(name, str) or not name.startswith("{"):
        return None
    try:
        value = decode_json(name)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def first_text(members: Members, names: tuple[str, ...]) -> tuple[str, str]:
    """Return (name, text) of the first of `names` that holds text."""
    for name in names:
        value = members.get(name)
        if isinstance(value, str) and value.strip():
            return name, value
    return "", ""


def message_of(members: Members) -> str:
    """Return the record's message, whatever the member is called."""
    text = first_text(members, _MESSAGE)[1] or _first_like(members, MESSAGE, _SAID)
    return text or first_text(members, ("error", "err", "exception.message", "debug"))[1]


_SAID = re.compile(r"(?s).*\S.*")
_CALLED = re.compile(r"[A-Za-z_][\w.$:<>\-]{0,120}")
_MOMENT = re.compile(
    r"\[?\d{4}[\-/]\d\d[\-/]\d\d[T ]\d[^\n]*|\d\d:\d\d:\d\d[^\n]*|1\d{9}(?:\d{3}){0,3}(?:\.\d+)?"
)


def _first_like(members: Members, role: int, shape: re.Pattern[str]) -> str:
    """Return the first text of this shape that a member holds whose name tells that it holds such."""
    texts = map(_printed, of_role(members, role))
    return next((text for text in texts if shape.fullmatch(text)), "")


def _printed(value: Any) -> str:
    """A text, or a number as text; empty for others."""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


_MONOLOG = 100
"""Its debug: it counts from there to 600, by hundreds."""


def _named(value: Any) -> Any:
    """A level, which loguru writes as an object."""
    return value.get("name") if isinstance(value, dict) else value


def level_of(members: Members) -> str:
    """Return the record's level, empty when it has none."""
    shown = [_named(members.get(name)) for name in _LEVEL]
    words = (value for value in (*shown, *of_role(members, LEVEL)) if isinstance(value, str))
    if word := next(filter(None, map(level_of_word, words)), ""):  # whose number it is, a word tells
        return word
    for value in shown:
        number = int(value) if isinstance(value, str) and value.isdigit() else value
        if isinstance(number, int) and not isinstance(number, bool):
            scale = "syslog" if number < 8 else "pino" if _is_pino(members) else "python"
            return level_of_number(number / 10 if number >= _MONOLOG else number, scale)
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
    if isinstance(number, int):
        return level_of_number(number, "python")
    if "@t" in members and ("@m" in members or "@mt" in members):  # Serilog leaves it out
        return "info"
    return "error" if _is_only_error(members) else ""


def _is_only_error(members: Members) -> bool:
    """Whether a record with a time tells nothing but an error, as Claude Code's logs do."""
    told = members.get("error")
    return (
        bool(told)
        and isinstance(told, str)
        and "timestamp" in members
        and not first_text(members, _MESSAGE)[0]
    )


_PINO = ("level", "time")
"""What its records begin with, whatever the others are called."""


def _is_pino(members: Members) -> bool:
    """Whether a record with a numeric level is pino's, bunyan's or roarr's: Python counts from 10 for debug, they for
    trace."""
    time = members.get("time")
    return (
        "hostname" in members
        or "v" in members
        or ("sequence" in members and "context" in members)
        or (isinstance(time, int) and time > 1e12 and ("msg" in members or tuple(members)[:2] == _PINO))
    )


_HOLDERS = (
    *((scope, key) for scope in ("InstrumentationScope", "Scope", "scope") for key in ("name", "Name")),
    ("logging.googleapis.com/labels", "python_logger"),
)


_PLACES = ("Name", "source", "src", "target", "scope", "category")
"""Members that hold a logger's name in some applications, and in others what a record is about."""
_NAME = re.compile(
    r"root|__main__|asyncio|httpx2?|uvicorn|openai|anthropic|LiteLLM|(?:[A-Za-z_]\w*(?:\.|::))+"
    r"(?!(?:py|js|ts|md|txt|pdf|html?|json|csv|docx?|xlsx?|log|com|org|net)$)[A-Za-z_]\w*"
)
"""Words with dots between, but no file's name and no host's."""


_PRINTED = re.compile(r"<class '|<[\w.<>]+ object at 0x")
"""A component itself, as Haystack logs it: who wrote it, stands elsewhere."""


def logger_of(members: Members) -> str:
    """Return the record's logger, empty when it has none."""
    key, text = first_text(members, _LOGGER)
    if _PRINTED.match(text):
        key, text = first_text(members, ("module",))
    stack = members.get("stack")
    thrown = key == "name" and isinstance(stack, str) and stack.startswith((f"{text}:", f"{text}\n"))
    name = "" if thrown else text.strip(" []")  # winston prints an error's members among the record's
    target = members.get("target")
    if not name and isinstance(target, str) and ("::" in target or isinstance(members.get("fields"), dict)):
        return target  # of Rust's tracing
    for holder, key in _HOLDERS:
        held = members.get(holder)
        name = str(held.get(key) or "") if not name and isinstance(held, dict) else name
    places = (str(members.get(place)) for place in _PLACES if not name)
    name = next(filter(_NAME.fullmatch, places), name)
    return name or _first_like(members, LOGGER, _CALLED) or nests(members)


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
                or _seconds(value.get("epochSecond"), value.get("nanoOfSecond"))
            )
        elif name == "timestampSeconds":
            value = _seconds(value, members.get("timestampNanos"))
        if isinstance(value, str) and len(value) >= 8:
            return value.strip("[]")  # as gunicorn writes it
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _printed(value)
    return _first_like(members, TIME, _MOMENT).strip("[]")


def _seconds(whole: Any, nanos: Any) -> Any:
    """Google's time in two numbers as one text."""
    return (
        f"{whole}.{nanos:09d}"
        if isinstance(whole, int) and isinstance(nanos, int) and 0 <= nanos < 10**9
        else whole
    )


def rest_lines(members: Members, skip: frozenset[str]) -> list[str]:
    """Return the other members as `key=value` lines, for patterns to search; not those that hold what somebody wrote,
    nor those to `skip`."""
    return [
        f"{key}={_plain(value)}" for key, value in members.items() if key not in skip and not _is_spoken(key)
    ]


def array_text(text: str) -> str:
    """An array of objects on one line, such as a bug report's list of errors: every text with real line ends, and what
    stands below it, such as the end of the fence around it."""
    lines = [line for item in _items(text) for line in rest_lines(item, frozenset())]
    return "\n".join([*lines, *text.split("\n")[1:]]) if lines else text


def first_of_array(text: str) -> Members | None:
    """The first object of such an array, which tells when it begins."""
    return next(iter(_items(text)), None)


def _items(text: str) -> list[Members]:
    found = members_of_json('{"items": ' + text.partition("\n")[0] + "}")
    items = found["items"] if found else []
    return [Members(item) for item in items if isinstance(item, dict)]


def _plain(value: Any) -> str:
    """A member's value, which was read from JSON and nests no deeper than MAX_DEPTH, as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


MESSAGES = frozenset(_MESSAGE[:3])
"""Members of which one stands in the search text already: the message."""
_USERS = frozenset(("messages", "q", "user_message", "user_text", "commit"))
_SPOKEN = frozenset(
    "input prompt query question utterance answer candidate completion draft quote reply snippet title "
    "transcript".split()
)
"""Words in names of members that hold what somebody wrote or asked: failures are only mentioned there."""
_TOLD = frozenset(
    "error errors err exception exc fail failed failure failures stack trace stderr reason cause detail "
    "details status code".split()
)
"""Words in names of those that tell what became of it."""
_WORD = re.compile(r"[A-Z]?[a-z]+")


@lru_cache(maxsize=4096)
def _is_spoken(name: str) -> bool:
    """Whether a member of this name holds what somebody wrote or asked: `question`, `prompt_text`, `userQuery`."""
    words = {word.lower() for word in _WORD.findall(name)}
    return name in _USERS or (not words.isdisjoint(_SPOKEN) and words.isdisjoint(_TOLD))


_RETURNED = tuple("result results tool_result tool_output output observation content arguments args".split())
_FOUND = ("chunks", "context", "documents", "example", "examples", "line", "row")
QUIET = frozenset(_RETURNED + _FOUND)
"""Those that hold what a tool returned or a search found: at info nothing has failed with them."""
