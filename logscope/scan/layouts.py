"""How a source is written, of which the scan knows how it begins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from logscope.counting import counted
from logscope.errors import UnfitError
from logscope.events import Layout, detect_layout
from logscope.events.formats import PLAIN
from logscope.events.text.rich import BOXED
from logscope.model import Note
from logscope.options import ScanOptions

if TYPE_CHECKING:
    from logscope.sources import Reader

SAMPLE = 1 << 16
"""First bytes of a source, which tell how it is written."""
_WITHOUT = "; read without it. "


def layout_of(sample: bytes, reader: Reader, options: ScanOptions) -> Layout:
    """Detect how a source is written; what is no file is written when it is read. UnfitError where the forced format
    fits none of its lines and there is no other source."""
    written = options.now if reader.modified is None else reader.modified
    detect = partial(
        detect_layout, sample, timezone=options.timezone, written=written, source=reader.source.name
    )
    try:
        return detect(forced="" if options.log_format == PLAIN else options.log_format)
    except UnfitError as error:
        if not options.several:
            raise
        reader.notes.append(Note(reader.source.name, "unfit", f"{error}{_WITHOUT}{error.hint}"))
        return detect()


def refuse_unfit(notes: Sequence[Note], sources: int, options: ScanOptions) -> None:
    """Raise UnfitError where the forced format fits none of the `sources` that were read, as `notes` say."""
    hints = [note.text.partition(_WITHOUT)[2] for note in notes if note.kind == "unfit"]
    if hints and len(hints) == sources:
        said = f"--log-format {options.log_format}: fits no line of {counted(sources, 'source')}"
        raise UnfitError(said, " ".join([*dict.fromkeys(hints)][:3]))


def is_wrapped(layout: Layout, sample: bytes) -> bool:
    """Whether sentences may be broken by a handler that wraps, or by a terminal, from which nobody copies much: single
    words are sought then. `sample` is how the source begins."""
    if "rich" in layout.formats or BOXED.encode() in sample:
        return True
    return not layout.formats and len(sample) < SAMPLE
