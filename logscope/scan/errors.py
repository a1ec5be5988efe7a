"""Which events are errors, and the shape by which those that no rule explains are counted together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logscope.events.text.shapes import OF_TROUBLE
from logscope.events.text.tracebacks import quoted_exception
from logscope.lazily import lazy
from logscope.match.layers import shape
from logscope.match.quoted.event import is_quoted, shows_traceback

if TYPE_CHECKING:
    from logscope.events import Event

SHOWN = 160
"""Characters that an error is called by."""
_CLASS_LINE = lazy(
    r"[^\w\n'\"`({\[<]{0,8}(?:Uncaught |Unhandled )?(?:[A-Za-z_]\w*\.)*(?P<name>(?:_?[A-Z]\w*)?(?:Error|Exception)): "
    r"(?P<message>(?!(?:0|[Nn]one|null|nil|undefined)\b[\s.]*$)\S[^\n]*)"
)
"""Python's and JavaScript's, with what programs put before it."""
_CUT_OFF = lazy(r'(?P<said>[^\n]+\n)?Traceback \(most recent call last\):\n[ \t]+File "[^"\n]+", line \d')
_FRAME = lazy(r'(?m)^[ \t]+(File "[^"\n]+", line \d+[^\n]*)')
_CODE = lazy(r"code E[A-Z\d]+\s*")
_NPM = lazy(r"(?m)^npm (?:ERR!|error) (?!(?:syscall|path|errno|dest) )(?:enoent )?(\S[^\n]*)")
_MARKS = lazy(r"(?=[ \t]*[\^~])(?:[ \t^~]+(?:\n|\Z))+")


def is_error(event: Event) -> bool:
    """Whether an event is at level error or worse, or has a traceback (which at debug is no failure) or what is left
    of one, its beginning or its end; not where it is only shown, nor in a test that passed, nor where an editor calls
    all errors that a server prints."""
    raised = event.exception is not None or _raised_alone(event) is not None or _cut_off(event) is not None
    failed = event.level in ("error", "critical") or (raised and event.level != "debug")
    if failed and not raised and (_is_request(event) or _is_printed(event)):
        return False
    return failed and not shows_traceback(event) and not event.quoted


def _is_printed(event: Event) -> bool:
    """Whether an editor gives its level to what a server prints, and that tells of no trouble."""
    return event.handed_on and OF_TROUBLE.search(event.message) is None


def _is_request(event: Event) -> bool:
    """Whether it is an access log's, by its logger's name or for telling nothing else: requests are counted."""
    alone = not event.message or not (event.fields or "\n" in event.message)
    told = alone or "access" in event.logger.split(".")
    return told and event.answered


def _raised_alone(event: Event) -> re.Match[str] | None:
    """Return the class and message that a text without head and traceback begins with: all that was kept of one."""
    if event.level or event.format or event.exception is not None:
        return None
    found = _CLASS_LINE.match(event.text)
    return None if found is None or is_quoted(event, found.start("name"), found.end("name")) else found


def _cut_off(event: Event) -> re.Match[str] | None:
    """Return the beginning of a traceback without a level of which nothing was kept that it says at its end."""
    return _CUT_OFF.match(event.text) if not event.level and event.exception is None else None


def error_shape(event: Event) -> str:
    """Return what unexplained errors that are alike are called: the exception with the message's shape, or the
    message's shape.

    Empty for the marks below a source line, and for what only rules off: they say nothing by themselves.
    """
    name, text = _said(event)
    return name + shape(text)[:SHOWN] if name or any(map(str.isalnum, text)) else ""


def error_name(event: Event) -> str:
    """Return what an unexplained error says, in its own words and at any length."""
    name, text = _said(event)
    return name + text.partition("\n")[0]


def _said(event: Event) -> tuple[str, str]:
    """Return the exception's class, if there is one, and the message."""
    info = event.exception or quoted_exception(event.message)
    if info is not None:
        name = info.type.rpartition(".")[2]
        return (f"{name}: ", info.message) if info.message else (name, "")
    alone = _raised_alone(event)
    if alone is not None:
        return f"{alone['name']}: ", alone["message"]
    cut = _cut_off(event)
    if cut is not None and not cut["said"]:
        return "", _FRAME.findall(event.text)[-1]
    text = event.message or event.text
    marks = _MARKS.match(text)
    return "", _telling(text[marks.end() :] if marks else text)


def _telling(text: str) -> str:
    """Return an error's text, npm's from behind its code."""
    first, _, rest = text.partition("\n")
    told = _NPM.search(rest) if _CODE.fullmatch(first) else None
    return told[1] if told else text
