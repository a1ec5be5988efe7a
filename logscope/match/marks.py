"""Whose a record is, as its writer marks it: by a member, a pair or what stands in brackets, that each line of one
session, task or thread shows, whatever it says. Which of these marks tell sessions apart, only all lines together show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from logscope.lazily import lazy
from logscope.model import MARK

if TYPE_CHECKING:
    from logscope.events import Event

_WHOSE = (
    r"(?:mcp[_-]?)?(?:session|request|req|trace|correlation|corr|conversation|conn(?:ection)?|context|ctx|thread|task"
    r"|run|job|client|agent|worker|user|chat|channel|slot|tenant|peer|remote|key|sid|cid|rid|tid)s?"
    r"[_-]?(?:id|name|key|no|nr|ip|addr(?:ess)?)?"
)
_MEMBER = lazy(rf"(?i)(?:mdc\.|extra\.|context\.|ctx\.)?{_WHOSE}")
_PAIR = lazy(
    rf"(?i)(?<![\w?&/.-])({_WHOSE})[\"']?(?:=|: ?|\{{\w{{1,20}}=| ?#(?=\d)| (?=[\w-]{{0,40}}\d))"
    r"[\"']?([\w.@#-]{1,80}(?::\d{1,5})?)(?![\w.@#-])"
)
_BRACKETS = lazy(r"[\[(]([\w.:@#/-]{2,80}(?: #?\d{1,6})?)[\])]")
_WORD = lazy(r"(?=[^\s\w]{0,8}\w)[^\s\[\](){}<>|,;]+")
_GLUED = lazy(r"\A[A-Z]{4,8}:[\w.]{1,80}:(?=\S)")
"""basicConfig's head, behind which no blank stands."""
_BARE = lazy(
    r"(?:(?=[\w-]*[A-Za-z])(?=[\w#-]*\d)(?!\d{4}-\d\d)(?!v?\d+[hms]?s?$)[\w#-]{4,80}|[0-9a-f]{8,80}):?"
)
"""A word with letters and digits that is no time, and no version; an id that happens to have only one of these."""
_NAMED = lazy(
    r"^(?:(?i:agent|client|worker|session|task|(?:mcp )?server) )?\(?([^\W\d_][\w.-]{1,40})(?:: |\) | (?:[-=]>|<[-=]) )"
    r"|^(?i:agent|client|worker|task) ([A-Za-z][\w.-]{1,40}) "
    r"|\bfor (?:(?:the|agent|session|client|worker|user|key)[ :]+)?[\"'`]?([A-Za-z][\w.-]{1,40})"
    r"|\b(?i:session|connection|agent|client|worker) [\"'`]([A-Za-z][\w.-]{1,40})[\"'`]"
)
"""A name before a colon or an arrow, or in brackets, behind what it is called, or for whom something was done."""
_SERVER = lazy(r"\b(?i:mcp server|server) [\"'`]?([^\W\d_][\w.-]{1,40})")
_HEAD = lazy(r"^([^\s:][^:\n]{1,39}): ")
"""Whatever a message begins with, before a colon."""
_NO_NAME = lazy(
    r"(?i)\d{1,7}|\d{4}-\d\d.*|\d+[:.,][\d:.,]*|trace|debug|info|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|notice|-"
)
_SEARCHED, _WORDS, _MEMBERS = 400, 8, 40
"""How much of a record's first line is looked at, how many of its words, and how many of its members."""


def marks_of(event: Event) -> dict[str, str]:
    """Return the marks of an event by their places, as captures."""
    marks = {f"{MARK}{name}": value for name, value in _members(event.fields)}
    text = (event.message if event.fields else event.text)[:_SEARCHED].partition("\n")[0]
    for name, value in _PAIR.findall(text):
        marks.setdefault(f"{MARK}{name.lower()}", value)
    for place, value in enumerate(_BRACKETS.findall(text)):
        if not _NO_NAME.fullmatch(value):
            marks[f"{MARK}[{place}"] = value
    for place, word in enumerate(_WORD.findall(_GLUED.sub("", text))[:_WORDS]):
        if _BARE.fullmatch(word):
            marks[f"{MARK} {place}"] = word.rstrip(":")
    if named := _NAMED.search(event.message[:_SEARCHED]) or _HEAD.match(event.message):
        marks[f"{MARK}name"] = named[named.lastindex or 0].rstrip(".-")
    if server := _SERVER.search(event.message[:_SEARCHED]):
        marks[f"{MARK}server"] = server[1].rstrip(".-")
    if event.logger:
        marks[f"{MARK}logger"] = event.logger
    return marks


def _members(fields: Mapping[str, Any], deep: bool = True) -> Iterator[tuple[str, str]]:
    for name, value in list(fields.items())[:_MEMBERS]:
        if isinstance(value, dict) and deep:
            yield from _members(value, deep=False)
        elif isinstance(value, str | int) and _MEMBER.fullmatch(name) and 2 <= len(str(value)) <= _SEARCHED:
            yield name.lower(), str(value)
