"""Lines to events: formats, prefixes, folding, times, exceptions.

`formats` are the ways in which records begin; `written` learns which of them a source uses (`detect_layout`);
`folding` groups lines into events (`Folder`); `record` reads the fields of one (`Event`); `text` is what a piece of
text says by itself, which all of them ask.
"""

from logscope.events.folding.folder import Folder, Span
from logscope.events.folding.reading import read_events
from logscope.events.record.event import Event
from logscope.events.text.ansi import Colourless, strip_colours
from logscope.events.text.times import Clock, is_only_clock
from logscope.events.written.detection import detect_layout
from logscope.events.written.layout import Layout
from logscope.events.written.neighbours import NEIGHBOUR_BYTES, NEIGHBOUR_LINES, ROW_BYTES

__all__ = [
    "NEIGHBOUR_BYTES",
    "NEIGHBOUR_LINES",
    "ROW_BYTES",
    "Clock",
    "Colourless",
    "Event",
    "Folder",
    "Layout",
    "Span",
    "detect_layout",
    "is_only_clock",
    "read_events",
    "strip_colours",
]
