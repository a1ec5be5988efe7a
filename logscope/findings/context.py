"""What all findings of a run share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from msgspec import Struct

from logscope.findings.frequency import Extent
from logscope.findings.repository import Repository
from logscope.model import Hit, Parts, place_in
from logscope.packed import FoundHits
from logscope.rulebook.rule import Rule
from logscope.scan.tally import ShapeCount, SourceScan

if TYPE_CHECKING:
    from logscope.events import Event

    KeptEvents = Mapping[int, Sequence[tuple[Hit, Event]]]
    """By the number of an occurrence, in order: its hits of which the event was kept, with the event."""


class Context(Struct, frozen=True):
    """What all findings of a run share."""

    rules: Sequence[Rule]
    scans: Mapping[int, SourceScan]
    names: Sequence[str]
    """Names of the sources by index."""
    parts: Mapping[str, Parts]
    """The files of each source by its name."""
    extent: Extent
    zone: tzinfo | None
    repository: Repository | None
    hits: FoundHits
    """Of all sources, of each in order."""
    kept: Mapping[int, KeptEvents]
    """What was kept of the occurrences of each rule."""
    aftermath: Sequence[tuple[ShapeCount, int]] = ()
    """Error events that no rule matched, with the rule whose incidents they belong to."""

    def place(self, event: Event) -> tuple[str, int]:
        """Return the file of an event, and its first line in it."""
        return place_in(self.parts[event.source], event.line)

    def place_of(self, hit: Hit) -> tuple[str, int]:
        """Return the same of a hit."""
        return place_in(self.parts[self.names[hit.source]], hit.line)
