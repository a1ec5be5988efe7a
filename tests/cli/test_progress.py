"""The bar that shows how far a long reading is."""

from __future__ import annotations

import io
import os
import re
import sys
import time

import pytest

from logscope.cli.common import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 2


def shown(monkeypatch: pytest.MonkeyPatch, columns: int) -> str:
    """What a bar that was begun more than a second ago writes to a terminal of so many columns."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((columns, 24)))
    bar = Progress(100, quiet=False)
    bar._start = bar._start.replace(year=2000)
    for _ in range(4):
        bar(25)
        time.sleep(0.11)  # click redraws no faster
    bar.close()
    return terminal.getvalue()


@pytest.mark.parametrize("columns", [20, 32, 40, 80, 300, 0])
def test_the_bar_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """One that is wider than its terminal would leave a line behind at every step; a size of 0 says nothing."""
    bare = re.sub(r"\x1b\[[^a-z]*[a-zA-Z]", "", shown(monkeypatch, columns))
    rows = re.split(r"[\r\n]+", bare)
    assert any("100%" in row for row in rows)
    assert max(map(len, rows)) <= (columns or 80)


def test_a_terminal_without_escapes_gets_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """`TERM=dumb` knows none, and a bar hides the cursor by one."""
    monkeypatch.setenv("TERM", "dumb")
    assert shown(monkeypatch, 80) == ""
