"""The states of `flow`: what may follow an event's lines."""

from __future__ import annotations

from logscope.events.text.levels import BAD, level_of_word

CLOSED = 0
"""Indented lines only: the record is info or debug, or plain text."""
TEXT = 1
"""Also a traceback: the record has no level, or text that reads like a traceback's header."""
OPEN = 2
"""Also a traceback and unrecognised lines: the record is a warning or worse."""
TRACED = 3
"""Unrecognised lines and chain sentences, but no traceback without such a sentence."""
CHAINED = 4
"""A chain sentence was read: the next traceback belongs to it."""
ENDED = 5
"""As TRACED, but the exception's message is known to be whole: of unrecognised lines only notes go on with it."""
ANNOUNCED = 6
"""As OPEN: the record's first line ends in a colon, or says nothing. Behind a blank line text goes on, no traceback."""
OVER = 7
"""Blank lines only: a crash report's last line was read."""

_modes: dict[bytes, int] = {b"": TEXT}


def mode_of(level: bytes) -> int:
    """After a record of this level (as printed): OPEN or CLOSED."""
    mode = _modes.get(level)
    if mode is None:
        name = level_of_word(level.decode("ascii", "replace"))
        mode = _modes[level] = OPEN if name in BAD else CLOSED if name else TEXT
    return mode
