"""Errors that no rule matched, but that follow from an incident."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from logscope.correlate.windows import near
from logscope.findings.context import Context
from logscope.model import Hit, RuleHits
from logscope.scan.tally import ShapeCount

if TYPE_CHECKING:
    from logscope.events import Event

_CANCELLED = frozenset(("CancelledError", "GeneratorExit", "KeyboardInterrupt"))
"""Exceptions that only say that work was given up: something else is the reason."""


def find_aftermath(found: Sequence[RuleHits], context: Context) -> tuple[tuple[ShapeCount, int], ...]:
    """Return the error events that no rule matched but that belong to a finding's incidents: within their window, and
    telling the same exception again, or only that work was cancelled where the incident is about that."""
    unexplained = [
        (n, item) for n, scan in context.scans.items() for item in scan.unexplained if item.first.exception
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
    if event.exception is None:
        return None
    told = (event.exception.type, event.exception.message)
    cancelled = told[0].rpartition(".")[2] in _CANCELLED
    for hit, other in kept:
        window = context.rules[hit.rule].detect.incident
        same = other.exception is not None and told == (other.exception.type, other.exception.message)
        if not same and not (cancelled and "cancel" in other.text.lower()):
            continue
        here = replace(hit, source=source, line=event.line, last_line=event.last_line, time=event.time)
        if near(hit, here, window.seconds, window.lines):
            return hit.rule
    return None
