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


TIMEOUT = (
    "2026-03-02 {:02}:{:02}:{:02},{:03} - app.mcp - ERROR - MCP session initialization timed out after {} "
    "seconds\n"
)


def test_a_capture_is_the_one_although_its_text_stands_elsewhere_by_chance(
    shipped: Scanner, asked: list[int]
) -> None:
    """`14 seconds` at 14 minutes past the hour are still those that were waited."""
    choose = Random(2)
    waited = [choose.randint(10, 59) for _ in range(4_000)]
    lines = [
        TIMEOUT.format(at // 360, at // 6 % 60, at * 10 % 60, at % 1000, n) for at, n in enumerate(waited)
    ]
    found = scan_text(shipped, "".join(lines).encode())
    assert [dict(hit.captures)["seconds"] for hit in found.hits] == [str(n) for n in waited]
    assert len(asked) < 300


def test_messages_in_json_strings_are_mixed_as_others_are(shipped: Scanner, asked: list[int]) -> None:
    """Quotes in a message are escaped there, and its logger may stand behind it."""
    choose = Random(3)
    line = (
        '{{"event": "{} asked \\"{}\\" for {}: Your credit balance is too low to access the Anthropic API", '
        '"level": "error", "logger": "app.{}", "timestamp": "2026-03-02T08:00:{:02}.{:03}Z"}}\n'
    )
    names = [[*choose.choices(NAMES, k=3), choose.choice(MODULES)] for _ in range(4_000)]
    lines = [line.format(*four, at // 1000 % 60, at % 1000) for at, four in enumerate(names)]
    found = scan_text(shipped, "".join(lines).encode())
    assert [hit.layer.partition("|")[0] for hit in found.hits] == [f"app.{four[3]}" for four in names]
    assert len(asked) < 200


def test_tracebacks_are_mixed_with_addresses_of_any_length(shipped: Scanner, asked: list[int]) -> None:
    """Also where one stands by itself, below what an access log wrote."""
    choose = Random(4)
    text = (
        '2026-03-02 08:{:02}:{:02},{:03} INFO uvicorn.access 10.{}.{}.{}:{} - "POST /chat HTTP/1.1" 500\n'
        "Traceback (most recent call last):\n"
        '  File "/app/chat.py", line {}, in chat\n    return await service.handle(request)\n'
        '  File "/app/service.py", line {}, in handle\n    await self.client.send(request)\n'
        "httpx.ConnectError: All connection attempts failed\n"
    )
    written = [
        text.format(
            at // 60 % 60,
            at % 60,
            at % 1000,
            *(choose.randint(1, 254) for _ in range(3)),
            choose.randint(1024, 65535),
            choose.randint(1, 999),
            choose.randint(1, 999),
        )
        for at in range(3_000)
    ]
    found = scan_text(shipped, "".join(written).encode())
    assert len(list(found.hits)) >= len(written)
    assert len(asked) < 200


def test_what_repeats_itself_late_is_mixed_all_the_same(shipped: Scanner, asked: list[int]) -> None:
    """Behind hundreds of errors each of which was another one: it takes a while until that is tried again."""
    choose = Random(5)
    others = [
        "2026-03-02 07:00:00,000 - app.jobs - ERROR - "
        + " ".join(
            "".join(choose.choices("aeioudfgklmnprst", k=choose.randint(4, 9))) for _ in range(at % 30)
        )
        + "\n"
        for at in range(2_000)
    ]
    lines = [*others, *log_of(MODULES)]
    scan_text(shipped, "".join(lines).encode())
    assert sum(line > len(lines) - 1_000 for line in asked) < 200
