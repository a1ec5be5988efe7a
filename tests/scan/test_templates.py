"""Events that differ in words only are told by what was told of others, however many words there are to be mixed."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest
from scanning import scan_text

import logscope.scan.source
from logscope.scan.answers import Answers
from logscope.scan.scanner import Scanner

MODULES = (
    "agent",
    "chat",
    "order",
    "session",
    "model",
    "export",
    "search",
    "user",
    "task",
    "worker",
    "cache",
    "list",
)
NAMES = ("kaluto", "morive", "zupa", "vexilomore", "Linda", "ashemo")
LINE = (
    "2026-03-02 08:00:{:02},{:03} - app.{} - ERROR - job {} of {}: Your credit balance is too low to access the "
    "Anthropic API\n"
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lines of the events that the rules were asked of."""
    monkeypatch.setattr(logscope.scan.source, "BLOCK", 70_000)
    lines: list[int] = []
    of = Answers.of

    def noted(self: Answers, event: Any, watching: set[int], needles: set[int]) -> Any:
        lines.append(event.line)
        return of(self, event, watching, needles)

    monkeypatch.setattr(Answers, "of", noted)
    return lines


def log_of(modules: tuple[str, ...]) -> list[str]:
    """Every mixture of modules, numbers and names, in any order."""
    mixed = [*product(modules, range(2, 16), NAMES)] * 4
    Random(1).shuffle(mixed)
    return [LINE.format(at // 1000 % 60, at % 1000, *words) for at, words in enumerate(mixed)]


def test_asking_grows_with_the_words_not_with_their_mixtures(shipped: Scanner, asked: list[int]) -> None:
    """Of modules, numbers and names of any length in all mixtures, a few dozen are asked."""
    lines = log_of(MODULES)
    found = scan_text(shipped, "".join(lines).encode())
    assert len(list(found.hits)) == len(lines) > 4_000
    assert len(asked) < 120


def test_a_word_that_was_not_there_before_is_asked(shipped: Scanner, asked: list[int]) -> None:
    """What stands for something elsewhere may change what an event says: here the request is waited for."""
    lines = log_of(MODULES)
    lines[3_000] = lines[3_000].replace(" - job ", " - retrying ")
    scan_text(shipped, "".join(lines).encode())
    assert 3_001 in asked


def test_the_layers_and_captures_of_mixtures_are_their_own(shipped: Scanner) -> None:
    """Each hit names the logger of its own event."""
    lines = log_of(MODULES[:4])
    found = scan_text(shipped, "".join(lines).encode())
    modules = [line.split(" - ")[1] for line in lines]
    assert [hit.layer.partition("|")[0] for hit in found.hits] == modules
