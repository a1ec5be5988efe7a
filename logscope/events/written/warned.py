"""What Python's warnings module prints of one warning, over several lines."""

from __future__ import annotations

from logscope.events.formats import WARNS
from logscope.events.text.shapes import INDENTED, shape_of
from logscope.events.written.alike import Sample


def outside_warnings(lines: Sample) -> Sample:
    """Return the lines without those of a warning's message, which the source line below it ends."""
    if not any(head is not None and head[0].name == WARNS for _, head, _ in lines):
        return lines
    told: set[int] = set()
    held: dict[bytes, list[int]] = {}
    """By writer: unknown lines behind a warning."""
    for number, (writer, head, line) in enumerate(lines):
        if head is not None:
            held.pop(writer, None)
            if head[0].name == WARNS:
                held[writer] = []
        elif writer in held and shape_of(line, 0, len(line)) == INDENTED:
            told.update(held.pop(writer))
        elif writer in held:
            held[writer].append(number)
    return [line for number, line in enumerate(lines) if number not in told]
