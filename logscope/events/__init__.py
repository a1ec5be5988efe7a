"""Lines to events: formats, prefixes, folding, times, exceptions."""

from logscope.events.ansi import Colourless, strip_colours
from logscope.events.detection import detect_layout
from logscope.events.event import MAX_RAW, Event
from logscope.events.flow import MAX_LINES
from logscope.events.folding import Folder, Span
from logscope.events.layout import Layout
from logscope.events.neighbours import NEIGHBOUR_BYTES
from logscope.events.reading import read_events

__all__ = [
    "MAX_LINES",
    "MAX_RAW",
    "NEIGHBOUR_BYTES",
    "Colourless",
    "Event",
    "Folder",
    "Layout",
    "Span",
    "detect_layout",
    "read_events",
    "strip_colours",
]
