"""What a traceback says: classes, messages, frames, and which exception really failed."""

from __future__ import annotations

import re

from logscope.events.text.rich import join_below
from logscope.events.text.stacks import MAX_MESSAGE, is_own, javascript, listed, managed
from logscope.lazily import lazy
from logscope.model import ExceptionInfo, Frame

_FRAME = lazy(r'(?:> |\s)*File "(?P<file>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<function>.+?))?\s*$')
_UNRAISED = lazy(r"exception was never retrieved\nfuture: <.*\n(?:source_traceback: Object created at .*\n)?")
"""An exception that a future was given and nobody raised: its class line stands alone, or below where the future was
made."""
_WRAPPED_FRAME = lazy(
    r'^([ \t|]*(?:> )?File)\s+("[^"\n]+",)\s+line\s+(\d+),\s+in\s+(\S+)[ \t]*$', re.MULTILINE
)
"""A frame as a handler wrapped it, over up to four rows."""
_QUOTED = lazy(r"^(['\"])(Traceback \(most recent call last\):.*)\1\|?$", re.MULTILINE)
"""A traceback as a formatter writes it that makes one line of it: `repr` of its text, as in logging's cookbook."""
_JOINED = lazy(
    r"Traceback \(most recent call last\):"
    r"(?P<mark>(?P<blank>[^\S\n]?)[^\s\w\"'][^\s\"']{0,5}(?P=blank))(?:  (?:  )*\| )?(?:  )?File \""
)
"""A traceback on one line, and what its lines were joined by: `\\n`, ` | `, `#012` of rsyslog."""
_INDENTED = lazy(r"^( {8,})Traceback \(most recent call last\)", re.MULTILINE)
_TAIL = lazy(r'[ \t](?:[^\n]*\n[ \t|])*?[ \t|]*(?:> )?File "[^"\n]+", line \d+')
"""The text begins inside a traceback: the log does, or its header was not copied. Python prints a syntax error of the
main module so, too."""
_VALUES = lazy(r"^(?:[ │]*└|[ |]* {4}[ |]*->) .*\n", re.MULTILINE)
"""Loguru's, also where it may write nothing but ASCII."""
_BESIDE = lazy(
    r"^ *(?:│ )+(?: *\d{1,6} [^\n]*(?:\n *(?:│ )+ {4,}+(?!\d{1,6} )[^\n]*)*(?:\n|\Z)"
    r"|╭─+ locals ─[^\n]*\n(?:(?! *(?:│ )+╰)[^\n]*\n)*)",
    re.MULTILINE,
)
"""In rich's box: a line of code that is not the one that raised, over the rows that it takes, and a frame's local
variables."""
_STACKED = lazy(r'"stack": ?\["(?P<lines>(?:[^"\\]|\\.)*+(?:", ?"(?:[^"\\]|\\.)*+)*)"')
"""A JavaScript stack as a list of its lines, as AWS Lambda writes it within a record."""
_MARKED = lazy(r'^File "[^"\n]+", line \d+, in [^\n]+\n(?:(?!--> )[^\n]*\n){0,40}?--> \d', re.MULTILINE)
"""stackprinter's first frame: no header stands above it, and an arrow before the line at fault."""
_MARGIN = lazy(r"^(?P<depth> *)(?:\| ?|\+-(?:\+-)?-* ?|\+ (?=Exception Group))")
_BAR = lazy(r"^ {8,}│ ", re.MULTILINE)
_CLASS = lazy(
    r"(?P<type>(?!(?:None|True|False)\b)(?:[A-Za-z_<][\w<>]*\.)*[A-Za-z_]\w*)(?:: (?P<message>.*)|:?\s*$)",
    re.DOTALL,
)
_CLASS_BEFORE = lazy(r"(?:^|[\s\]])((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Timeout)(?:: .*|))$")
_HEADER = lazy(r"(?:.*?[\s:])?(?:Exception Group )?Traceback \(most recent call last\):?\s*$")
_CHAINED = ("During handling of the above exception", "The above exception was the direct cause")
_QUOTES = '"""'
_LOGGED_FROM = ("Call stack:", "Stack (most recent call last):")
"""Where a record was made: what logging prints behind its traceback."""
_RULE = lazy(r"^ *\+[+\-]*+(?<=----)(?: [\d.]+ -{4,}| -*)?\s*$")
_RULE_NUMBER = lazy(r"-{4,} (\d+|\.\.\.) -{4,}")
_DASHES = lazy(r"-{28}$")
"""Before each member of an anyio 3 group, which draws no margins."""
_BOX_ROW = lazy(r"^(?:│ ?)+|(?: │)+$")
_BOX_FRAME = lazy(r"^(?P<file>(?:/|[A-Za-z]:\\|<).+?):(?P<line>\d+) ?in (?P<function>\S+)")
"""Without the blank where it stood at the box's edge."""
_FRAMED = lazy(r"^╰ (?P<type>[A-Za-z_][\w.]*)(?: [a-z]+ [a-z]+)?: (?P<message>.*(?:\n +▐ .*)*)", re.MULTILINE)
"""The class line of Sanic's tracebacks: `╰ RuntimeError from previous: message`."""
_FRAMED_ROW = lazy(r"^│ (?P<file>\S+?):(?P<line>\d+) (?P<function>[\w.<>]+)", re.MULTILINE)
_CANCELLED = frozenset(
    ("CancelledError", "GeneratorExit", "WouldBlock", "EndOfStream", "BrokenResourceError")
)
MAX_NESTED = 50
"""Groups within groups at most; the last exception of a deeper one stands for it."""


def exception_of(text: str) -> ExceptionInfo | None:
    """Return what the first to last traceback of `text` says, None when it holds none."""
    text = text.replace("\xa0", " ")  # of web copies
    if "│ Traceback (most" in text or "│   + Exception Group Traceback" in text:  # as logfire prints it
        text = _BAR.sub("", text)
    if "╭" in text and "Traceback" in text and "│" in text:
        found = _boxed(text)
        if found is not None:
            return found
    if text[:1] in (" ", "\t") and 'File "' in text and _TAIL.match(text):
        text = f"Traceback (most recent call last):\n{text}"
    if "\n╰ " in text and (framed := _FRAMED.search(text)) is not None:
        return _framed(text, framed["type"], re.sub(r"\n +▐ ", "\n", framed["message"]))
    if "Traceback (most recent call last)" in text:
        mark = joined_by(text)
        if mark == "\\n":
            text = _QUOTED.sub(r"\2", text)
            text = text.replace("\\n", "\n").replace('\\"', '"').replace("\\'", "'")
        elif mark:
            text = text.replace(mark, "\n")
        indented = _INDENTED.search(text)
        if indented is not None:  # a handler writes it below the message
            text = re.sub(rf"^ {{{len(indented[1])}}}", "", text, flags=re.MULTILINE)
        return _Reader().read(_WRAPPED_FRAME.sub(r"\1 \2 line \3, in \4", text).split("\n"))
    unraised = _UNRAISED.search(text)
    if unraised is not None:
        return _Reader().read(["Traceback (most recent call last):", *text[unraised.end() :].split("\n")])
    if "    at " in text:
        stacked = _STACKED.search(text) if '"    at ' in text else None
        if stacked is not None:
            text = re.sub('", ?"', "\n", stacked["lines"])
        # one line: the stack is a member of what was logged
        found = javascript(text.replace("\\n", "\n") if "\\n    at " in text else text)
        return managed(text) if found is None else found
    if "\n\tat " in text or "\n   at " in text:
        return managed(text)
    marked = _MARKED.search(text) if "\n--> " in text else None
    if marked is not None:
        return _Reader().read(["Traceback (most recent call last):", *text[marked.start() :].split("\n")])
    return listed(text) if "\nerror stack:" in text else None


def joined_by(text: str) -> str:
    """Return what stands for the line ends of a traceback on one line; empty where it has lines of its own."""
    found = _JOINED.search(text) if "Traceback (most recent call last)" in text else None
    return found["mark"] if found is not None else ""


def quoted_exception(text: str) -> ExceptionInfo | None:
    """Return what a traceback in quotes says, as `%r` and JSON within a message write it; None without one."""
    before, header, rest = text.partition("Traceback (most recent call last)")
    quote = before[-1:]
    if not header or not quote or quote not in "'\"":
        return None
    end = re.match(rf"(?:[^{quote}\\]|\\.)*", rest, re.DOTALL)
    return exception_of(header + end[0]) if end is not None else None


def without_values(text: str) -> str:
    """Return a traceback without what loguru and rich show beside it: values of variables, and lines of code around
    the one that raised; what rich wrapped of messages is joined."""
    if "Traceback" not in text:
        return text
    if "└" in text or " -> " in text:
        text = _VALUES.sub("", text)
    return join_below(_BESIDE.sub("", text)) if "─ Traceback" in text else text


class _Entry:
    """One exception as printed."""

    def __init__(self, depth: int, path: tuple[int, ...]) -> None:
        self.depth = depth
        self.path = path
        self.type = ""
        self.lines: list[str] = []

    def pair(self) -> tuple[str, str]:
        return self.type, "\n".join(self.lines).rstrip()[:MAX_MESSAGE]

    @property
    def group(self) -> bool:
        return self.type.endswith("ExceptionGroup")


class _Reader:
    """Reads plain tracebacks and exception groups line by line."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.entries: list[_Entry] = []
        self._waiting = False  # inside a traceback, the class line is still to come
        self._current: _Entry | None = None
        self._depth = 0
        self._path: list[int] = []
        self._member = 0  # of a group without margins

    def read(self, lines: list[str]) -> ExceptionInfo | None:
        started, before = False, ""
        for line in lines:
            if not started:
                started = _HEADER.match(line) is not None
                if started:
                    self._enter()
                else:
                    before = line
                continue
            if line.startswith(_LOGGED_FROM):
                break
            self._line(line.rstrip())
        if not self.entries and self.frames:
            self._class_before(before)
        if not self.entries:
            return None
        leaf = _leaf_of(self.entries)
        chain = tuple(entry.pair() for entry in self.entries)
        kind, message = leaf.pair()
        return ExceptionInfo(kind, message, chain, tuple(self.frames))

    def _enter(self) -> None:
        self._waiting = True
        self._current = None

    def _line(self, line: str) -> None:
        if _RULE.match(line):
            self._rule(line)
            return
        if _DASHES.match(line):
            self._current, self._waiting = None, False
            self._member += 1
            return
        margin = _MARGIN.match(line)
        depth = len(margin["depth"]) // 2 if margin and (self._depth or line.startswith("  ")) else 0
        body = line[margin.end() :] if margin and depth else line
        if not depth and self._current is not None and self._depth and body and not body.startswith(" "):
            if _HEADER.match(body) or body.startswith(_CHAINED):
                self._depth = 0
            else:
                self._current.lines.append(body)  # a message's later lines carry no margin
                return
        self._depth = depth
        if depth:
            del self._path[depth - 1 :]  # no rule closes a group whose last member is one
        self._body(body, depth)

    def _rule(self, line: str) -> None:
        """A line between a group's members: `+-+---- 1 ----`, `+---- 2 ----`, or the closing `+------`."""
        number = _RULE_NUMBER.search(line)
        # a member without traceback is its class line alone
        self._current, self._waiting = None, number is not None and number[1].isdigit()
        depth = (len(line) - len(line.lstrip(" "))) // 2
        level = depth if line.lstrip().startswith("+-+") else depth - 1
        del self._path[max(level - 1, 0) :]
        if number is not None and number[1].isdigit():
            while len(self._path) < level - 1:
                self._path.append(0)
            self._path.append(int(number[1]))

    def _body(self, body: str, depth: int) -> None:
        frame = _FRAME.match(body)
        if frame is not None:
            file = frame["file"]
            self.frames.append(Frame(file, int(frame["line"]), frame["function"] or "<module>", is_own(file)))
            self._current = None
            self._waiting = True
        elif _HEADER.match(body):
            self._enter()
        elif body.startswith(_CHAINED):
            self._current, self._waiting = None, False
        elif body == _QUOTES:  # around what another process told
            self._current = None
        elif self._waiting and body and not body.startswith((" ", ">", "│", "└")):
            self._class(body, depth)
        elif self._current is not None and (body or self._current.lines):
            self._current.lines.append(body)

    def _class_before(self, line: str) -> None:
        """AWS Lambda prints the class line before the traceback."""
        found = _CLASS_BEFORE.search(line)
        if found is not None:
            self._class(found[1], 0)

    def _class(self, body: str, depth: int) -> None:
        found = _CLASS.match(body)
        wrapped = found is not None and found["type"].islower() and "." not in found["type"]  # a source line
        if found is None or wrapped:
            return
        entry = _Entry(depth, tuple(self._path) if depth else (self._member,) if self._member else ())
        entry.type = found["type"]
        if found["message"]:
            entry.lines.append(found["message"])
        self.entries.append(entry)
        self._current, self._waiting = entry, False


def _leaf_of(entries: list[_Entry], nested: int = 0) -> _Entry:
    """The last exception printed outside groups; of a group, its first member that really failed."""
    depth = min(len(entry.path) for entry in entries)
    last = [number for number, entry in enumerate(entries) if len(entry.path) == depth][-1]
    inside = entries[last + 1 :]
    if not entries[last].group or not inside:
        return entries[last]
    if nested == MAX_NESTED:
        return inside[-1]
    members: dict[int, list[_Entry]] = {}
    for entry in inside:
        members.setdefault(entry.path[depth], []).append(entry)
    leaves = [_leaf_of(member, nested + 1) for member in members.values()]
    leaves = [leaf for leaf in leaves if not leaf.group] or leaves
    failed = [leaf for leaf in leaves if leaf.type.rpartition(".")[2] not in _CANCELLED]
    return (failed or leaves)[0]


def _framed(text: str, kind: str, message: str) -> ExceptionInfo:
    """Sanic's: a frame drawn at the left."""
    pair = kind, message[:MAX_MESSAGE]
    rows = [(row["file"], int(row["line"]), row["function"]) for row in _FRAMED_ROW.finditer(text)]
    return ExceptionInfo(*pair, (pair,), tuple(Frame(*row, is_own(row[0])) for row in rows))


def _boxed(text: str) -> ExceptionInfo | None:
    """Read rich's boxed tracebacks: frames inside the box, the class below it."""
    frames: list[Frame] = []
    chain: list[tuple[str, str]] = []
    paragraph = ""
    below: list[str] | None = None
    for line in [*join_below(text).split("\n"), "╭"]:
        bare = line.strip()
        if bare.startswith(("╭", "Traceback (most recent", *_CHAINED)):
            _close(below, chain)
            below = None
        elif bare.startswith("╰"):
            _box_frame(paragraph, frames)
            paragraph, below = "", []
        elif bare.startswith("│") and below is None:
            row = _BOX_ROW.sub("", bare)  # a group's members have boxes of their own inside
            inner = row.strip()
            if not inner or re.match(r"(?:❱ )?\s*\d+ │|[╭╰]", inner):
                _box_frame(paragraph, frames)
                paragraph = ""
            else:  # a row that is not full was broken at a blank
                paragraph = (paragraph + row.rstrip() + " " * row.endswith(" ")).lstrip()
        elif below is not None:
            below.append(bare)
    if not chain:
        return None
    last = len(chain)
    if chain[-1][0].endswith("ExceptionGroup"):
        chain += _boxed_members(text)
    failed = [pair for pair in chain[last:] if pair[0].rpartition(".")[2] not in _CANCELLED]
    kind, message = next((pair for pair in failed if not pair[0].endswith("ExceptionGroup")), chain[last - 1])
    return ExceptionInfo(kind, message, tuple(chain), tuple(frames))


def _boxed_members(text: str) -> list[tuple[str, str]]:
    """A group's members: each in a box of its own, the class in the first line or below an inner box."""
    members: list[tuple[str, str]] = []
    before = ""
    inside = going = False
    for line in text.split("\n"):
        bare = line.strip(" │")
        inside = inside or "Sub-exception #" in bare
        if not bare or bare.startswith(("╭", "╰", *_CHAINED)):
            going = False
        elif going:  # the message goes on where the box is narrow
            members[-1] = members[-1][0], f"{members[-1][1]} {bare}".strip()
        elif inside and (before.startswith("╰") or "Sub-exception #" in before):
            found = _CLASS.match(bare)
            if found is not None:
                members.append((found["type"], found["message"] or ""))
                going = True
        before = bare
    return members


def _box_frame(paragraph: str, frames: list[Frame]) -> None:
    found = _BOX_FRAME.match(paragraph)
    if found is not None:
        frames.append(Frame(found["file"], int(found["line"]), found["function"], is_own(found["file"])))


def _close(below: list[str] | None, chain: list[tuple[str, str]]) -> None:
    text = "\n".join(below or ()).strip().replace(":\n", ": ", 1)
    found = _CLASS.match(text)
    if text and found is not None:
        chain.append((found["type"], (found["message"] or "")[:MAX_MESSAGE]))
