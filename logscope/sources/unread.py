"""Notes of files that are not read."""

from __future__ import annotations

from logscope.model import Note, Source


def unopened(source: Source, error: OSError) -> Note:
    """Return the note of a file that cannot be opened."""
    return Note(source.name, "unreadable", f"not read: {error.strerror or error}")


def no_text(source: Source, content: str) -> Note:
    """Return the note of a file that holds something else than text: who names a file wants it read, a folder may hold
    other things than logs."""
    return Note(source.name, "unreadable" if source.named else "binary", f"not read: {content}")
