"""Errors that no rule matched, but that follow from an incident."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from logscope.correlate.windows import near
from logscope.findings.context import Context
from logscope.lazily import lazy
from logscope.match.layers import RETRY
from logscope.model import Hit, RuleHits
from logscope.rulebook.usual import GIVES_UP
from logscope.scan.tally import ShapeCount

if TYPE_CHECKING:
    from logscope.events import Event

_CANCELLED = frozenset(("CancelledError", "GeneratorExit", "KeyboardInterrupt"))
"""Exceptions that only say that work was given up: something else is the reason."""
_GIVES_UP = lazy(GIVES_UP)
"""What ends a row of announced tries."""
_ENDS = lazy(
    r"(?:^|[\s\]])(?:Process completed with exit code [1-9]\d*\.?"
    r"|(?:error )?Command failed with exit code [1-9]\d*\.?|ELIFECYCLE\b.{0,80}"
    r"|g?make(?:\[\d+\])?: \*\*\* .{1,200}Error \d+)$"
)
"""How the runner of a command says that it failed; the command has told why."""
_NO_REASON = lazy(r"\A[^\n]{8,200}\w[\"'`)\]]?:\s*\Z")
"""An error whose reason has no text, as a TimeoutError has none: `Error initializing server files:`."""

_AT_ONCE = 0.5, 2
"""Seconds and lines within which one part of a program gives up what another has just told."""
_CLASS = lazy(r"\b[A-Z]\w*(?:Error|Exception|Timeout)\b(?![:(]? ?[\w'\"(\[{])")
"""An exception's class, and nothing of its message: an outer layer leaves the reason to an inner one."""


def find_aftermath(found: Sequence[RuleHits], context: Context) -> tuple[tuple[ShapeCount, int], ...]:
    """Return the error events that no rule matched but that belong to a finding's incidents: within their window, and
    telling the same exception again, or its class alone, only that work was cancelled where the incident is about that,
    that the tries of which it consists are over, that the command failed, or no reason at all."""
    unexplained = [
        (n, item)
        for n, scan in context.scans.items()
        for item in scan.unexplained
        if item.first.exception or _only_announces(item.first)
    ]
    if not unexplained:
        return ()
    kept = [
        pair
        for item in found
        if not context.rules[item.rule].signal
        for told in context.kept[item.rule].values()
        for pair in told
    ]
    owned = []
    for source, item in unexplained:
        owner = _owner(item.first, source, kept, context)
        if owner is not None and owner == _owner(item.last, source, kept, context):
            owned.append((item, owner))
    return tuple(owned)


def _owner(event: Event, source: int, kept: Sequence[tuple[Hit, Event]], context: Context) -> int | None:
    """Return the rule whose incident the event belongs to, None where it stands alone."""
    for hit, other in kept:
        window = context.rules[hit.rule].detect.incident
        seconds = max(window.seconds, (hit.layer == RETRY and window.retry_seconds) or 0.0)
        here = replace(hit, source=source, line=event.line, last_line=event.last_line, time=event.time)
        if _tells_of(event, hit, other, near(hit, here, *_AT_ONCE)) and near(
            hit, here, seconds, window.lines
        ):
            return hit.rule
    return None


def _only_announces(event: Event) -> bool:
    return bool(
        _GIVES_UP.search(event.message)
        or _ENDS.search(event.message)
        or _NO_REASON.match(event.message)
        or _CLASS.search(event.search_text)
    )


def _tells_of(event: Event, hit: Hit, other: Event, at_once: bool) -> bool:
    """Whether an event, if it is near, or follows at once, tells of the same as a hit and its event."""
    if event.exception is None:
        if event.line < other.line:
            return False
        if event.stream == other.stream and _names(event, other):
            return True
        if _ENDS.search(event.message):
            return True
        if event.stream != other.stream:
            return False
        if event.logger != other.logger:
            return at_once and _GIVES_UP.search(event.message) is not None
        return hit.layer == RETRY or _NO_REASON.match(event.message) is not None
    told = (event.exception.type, event.exception.message)
    if other.exception is not None and told == (other.exception.type, other.exception.message):
        return True
    return told[0].rpartition(".")[2] in _CANCELLED and "cancel" in other.text.lower()


def _names(event: Event, other: Event) -> bool:
    """Whether an event names the class of another one's exception, and no more of it."""
    if other.exception is None:
        return False
    return other.exception.type.rpartition(".")[2] in _CLASS.findall(event.search_text)
