"""Streams that end before we do: `logscope analyze logs/ | head -1`, messages to a full disk."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click


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
