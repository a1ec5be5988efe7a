"""Lines to events: formats, prefixes, folding, times, exceptions."""

from logscope.events.detection import detect_layout
from logscope.events.event import Event
from logscope.events.folding import Folder, Span
from logscope.events.layout import Layout
from logscope.events.reading import read_events

__all__ = ["Event", "Folder", "Layout", "Span", "detect_layout", "read_events"]
