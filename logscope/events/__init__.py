"""Lines to events: formats, prefixes, folding, times, exceptions."""

from logscope.events.ansi import Colourless, strip_colours
from logscope.events.detection import detect_layout
from logscope.events.event import Event
from logscope.events.folding import Folder, Span
from logscope.events.layout import Layout
from logscope.events.neighbours import NEIGHBOUR_BYTES, NEIGHBOUR_LINES
from logscope.events.reading import read_events
from logscope.events.times import Clock

__all__ = [
    "NEIGHBOUR_BYTES",
    "NEIGHBOUR_LINES",
    "Clock",
    "Colourless",
    "Event",
    "Folder",
    "Layout",
    "Span",
    "detect_layout",
    "read_events",
    "strip_colours",
]
