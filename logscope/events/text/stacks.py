"""What the stacks of JavaScript, Java and .NET say, and those that tslog lists; and whose code a frame is."""

from __future__ import annotations

from itertools import takewhile

from logscope.lazily import lazy
from logscope.model import ExceptionInfo, Frame

_JS_FRAME = lazy(
    r"^\s+at (?:async )?(?:(?P<function>.+?) \()?"
    r"(?P<file>[^\s()]+?|(?:file://)?(?:/|[A-Za-z]:[\\/])[^\n]+?(?=:\d+:\d+\)?\s*$)):(?P<line>\d+)(?::\d+)?\)?"
)
_JS_ERROR = lazy(
    r"(?:^|[\s:\[\]('\"])(?P<type>(?:[A-Z]\w*)?(?:Error|Exception)|[A-Z]\w+(?= \[\w*Error\]: ))"
    r"(?: \[\w+\])?: (?P<message>.*)"
)
_JS_RAISED = lazy(r"(?:Uncaught )?(?P<type>[A-Z]\w*(?:Error|Exception))(?: \[\w+\])?: (?P<message>.*)")
"""The beginning of a line: where the message may go on for many."""
_JS_NEAR, _JS_FAR = 8, 200
"""Lines above a stack among which its error is looked for, in a line or as its beginning."""
_INSIDE = ("", " ", "]", "}")
"""What lines of an object begin with, which ends a message."""
_LISTED_ERROR = lazy(r"(?m)^ ?(?P<type>[A-Z]\w*) +(?P<message>[^\n]*)\nerror stack:[ \r]*$")
_LISTED_FRAME = lazy(r"• [^\t\n]*\t(?P<function>[^\n]*)\n\s+(?P<file>[^\s:]+):(?P<line>\d+)")
"""As tslog prints an error."""
_MANAGED_ERROR = lazy(
    r'(?m)^[ \t]*(?:Exception in thread "[^"\n]*" |Unhandled exception\. |Caused by: |Suppressed: |---> )?'
    r"(?P<type>(?:[A-Za-z_]\w*\.)+[A-Z][\w$`+]*)(?: \(0x[\dA-Fa-f]+\))?"
    r"(?:: (?P<message>[^\n]*(?:\n(?![ \t]*(?:at |---> |\.\.\. |Caused by: ))[^\n]*){0,20}))?"
    r"\n(?=[ \t]+(?:at |---> |\.\.\. \d))"
)
_CLASS_LINE = lazy(
    r"[ \t]*(?:Uncaught )?(?:(?:[A-Za-z_]\w*\.)+[A-Z][\w$`+]*|(?:[A-Z]\w*)?(?:Error|Exception))(?: \[\w+\])?(?:: |$)"
)
_MANAGED_FRAME = lazy(
    r"(?m)^[ \t]+at (?P<function>[\w.$/@<>`+\-]+)\((?:(?P<file>[\w\-]+\.(?:java|kt|scala|groovy|clj)):(?P<line>\d+)\)"
    r"|[^)\n]*\)(?: in (?P<path>[^\n]+?):line (?P<number>\d+))?)"
)
_MANAGED_LIBRARY = lazy(
    r"[\w.\-]*@?[\w.\-]*/|(?:javax?|jdk|sun|kotlinx?|scala|reactor|System|Microsoft)\."
    r"|(?:org\.(?:springframework|apache)|io\.netty)\."
)
_LIBRARY = lazy(
    r"(?:^|[/\\])(?:site-packages|dist-packages|node_modules)[/\\]|[/\\]lib(?:64)?[/\\](?:python|pypy)\d[\d.]*t?[/\\]"
    r"|[/\\][Pp]ython[\d.]*[/\\][Ll]ib[/\\]|^<(?!ipython-input-)|\.pyx$|^node:|^internal/|\.whl[/\\]|^/var/runtime/"
    r"|[/\\]Lib[/\\](?:asyncio|concurrent|runpy|threading)"
    # before Node.js 16
    r"|^(?:_\w+|bootstrap_node|child_process|cluster|dgram|dns|events|fs|https?|module|net|node|readline|stream|timers"
    r"|tls|util|vm|zlib)\.js$"
    # console scripts
    r"|(?:^/usr(?:/local)?|[/\\]\.?v?env[\w.\-]*)[/\\](?:bin|Scripts)[/\\][\w\-]+(?:\.exe[/\\]__main__\.py)?$"
    r"|[/\\]bin[/\\](?:uvicorn|gunicorn|hypercorn|fastapi|flask|celery|pytest|mcp|litellm)$"
)
MAX_MESSAGE = 20_000


def is_own(file: str) -> bool:
    """Say whether a frame's file is the application's own: neither installed package nor standard library."""
    return _LIBRARY.search(file) is None


def is_frame(line: str) -> bool:
    """Say whether a line is one of such a stack's."""
    if line.startswith("    at "):
        return not line.startswith("    at the")
    if line.endswith("(<anonymous>)"):  # of JavaScript's own code
        return line.lstrip().startswith("at ")
    return _MANAGED_FRAME.match(line) is not None


def last_class(lines: list[str]) -> int:
    """Return which of the lines above a stack begins what it says of its error; their number where that is the first
    line, or none."""
    for number in range(len(lines) - 1, max(len(lines) - _JS_NEAR, 1) - 1, -1):
        if _CLASS_LINE.match(lines[number]):
            return number
    return len(lines)


def listed(text: str) -> ExceptionInfo | None:
    """Read class and message above a list of frames."""
    found = _LISTED_ERROR.search(text)
    if found is None:
        return None
    frames = tuple(
        Frame(frame["file"], int(frame["line"]), frame["function"], is_own(frame["file"]))
        for frame in _LISTED_FRAME.finditer(text, found.end())
    )
    error = found["type"], found["message"].rstrip()[:MAX_MESSAGE]
    return ExceptionInfo(*error, (error,), frames)


def _javascript_error(before: list[str]) -> tuple[str, str] | None:
    """The class and message that end the lines above a stack; a message may have several, as an object printed has."""
    text = max((number for number, line in enumerate(before) if line[:1] not in _INSIDE), default=0)
    for number in reversed(range(len(before))):
        near = number >= min(len(before) - _JS_NEAR, text)
        found = _JS_ERROR.search(before[number]) if near else _JS_RAISED.match(before[number])
        if found is not None:
            rest = takewhile(lambda line: not is_frame(line), before[number + 1 :])
            return found["type"], "\n".join((found["message"], *rest)).rstrip(" {\n")
    return None


def javascript(text: str) -> ExceptionInfo | None:
    """Read `Error: message` with its `at` lines."""
    lines = text.split("\n")
    frames: list[Frame] = []
    chain: list[tuple[str, str]] = []
    for number, line in enumerate(lines):
        found = _JS_FRAME.match(line)
        if found is None:
            continue
        if not frames or not _JS_FRAME.match(lines[number - 1]):
            error = _javascript_error(lines[max(number - _JS_FAR, 0) : number])
            if error is not None and error not in chain:
                chain.append(error)
        file = found["file"].removeprefix("file://")
        function = found["function"] or "<anonymous>"
        frames.append(Frame(file, int(found["line"]), function, is_own(file)))
    if not chain or not frames:
        return None
    kind, message = next((pair for pair in chain if not pair[0].endswith("AggregateError")), chain[0])
    return ExceptionInfo(kind, message, tuple(chain), tuple(frames))


def managed(text: str) -> ExceptionInfo | None:
    """Read a stack of Java's or .NET's: the last of its causes is what really failed."""
    chain = tuple(
        (each["type"], (each["message"] or "")[:MAX_MESSAGE]) for each in _MANAGED_ERROR.finditer(text)
    )
    if not chain:
        return None
    frames = tuple(
        Frame(
            each["file"] or each["path"] or "",
            int(each["line"] or each["number"] or 0),
            each["function"],
            _MANAGED_LIBRARY.match(each["function"]) is None,
        )
        for each in _MANAGED_FRAME.finditer(text)
    )
    return ExceptionInfo(*chain[-1], chain, frames)
