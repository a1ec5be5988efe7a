"""Streams that end before we do, as in `logscope analyze logs/ | head -1`, or that do not know every sign."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

ASCII_SIGNS = "logscope.ascii-signs"
"""The error handler of streams: our own signs become those of ASCII, everything else `?`."""
_SIGNS = dict(zip("×·–—“”‘’✓✗□▸→▁▂▃▄▅▆▇█◆▲■●○", "x.--\"\"''x! >>:-=+*#%@*****", strict=True))
_SIGNS |= {"…": "...", "≥": ">=", "≤": "<="}


def _ascii_signs(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_SIGNS.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


codecs.register_error(ASCII_SIGNS, _ascii_signs)


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Write to standard output as long as it is read: a reader that has seen enough changes no exit code."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(text: str) -> None:
    """Print one line on standard error; a message that cannot be written changes nothing else."""
    from logscope.neutral import one_line

    with messages_may_be_lost():
        click.echo(one_line(text), err=True)


@contextmanager
def messages_may_be_lost() -> Iterator[None]:
    """Write to standard error as long as that takes anything."""
    try:
        yield
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
