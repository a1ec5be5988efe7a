"""What is undone in a source's text, as a noun."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Repair(NamedTuple):
    """One thing that is undone."""

    named: str
    """What `inspect` says of it beside the encoding, empty for what needs no word."""
    applies: Callable[[bytes], bool]
    """Whether a source's first bytes ask for it."""
    repaired: Callable[[bytes], bytes]
    """Returns some whole bytes repaired."""
    whole: Callable[[bytes], int] = len
    """Says how many of some bytes can be repaired before more are read."""
