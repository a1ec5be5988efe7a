"""What a finding says of all its hits together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from cli_runner import report_of, run
from hypothesis import given
from hypothesis import strategies as st

from logscope.findings.words import captures_of, values_of, without_secrets, words_of
from logscope.model import Hit
from logscope.rulebook.texts import fill

VALUES = st.sampled_from(("", "a", "b", "3", "3.0", "12", "0.5"))


def hit(captures: tuple[tuple[str, str], ...]) -> Hit:
    return Hit(0, "primary", 0, 1, 1, None, "order", "", "app", False, captures)


@given(st.lists(st.lists(st.tuples(st.sampled_from("xy"), VALUES), max_size=2).map(tuple), max_size=12))
def test_of_numbers_the_largest_is_told_else_the_last_value(seen: list[tuple[tuple[str, str], ...]]) -> None:
    """Values replace what was seen before, but a number no larger one that stands right before it."""

    def number(text: str) -> float | None:
        return float(text) if text.replace(".", "").isdecimal() else None

    expected: dict[str, str] = {}
    for name, value in (pair for captures in seen for pair in captures):
        new, old = number(value), number(expected.get(name, ""))
        if new is None or old is None or new >= old:
            expected[name] = value
    assert captures_of([hit(captures) for captures in seen]) == expected


def filled(text: str, *captures: dict[str, str], code: bool = False) -> str:
    """A rule's text with what hits captured."""
    hits = [hit(tuple(own.items())) for own in captures]
    return fill(text, words_of(captures_of(hits), values_of(hits)), code)


@pytest.mark.parametrize(
    ("log", "captured", "told"),
    [
        ("login failed password=hunter2xyz", {"word": "hunter2xyz"}, {"word": "[redacted]"}),
        (
            "user ada password=hunter2xyz",
            {"user": "ada", "x": "hunter2xyz"},
            {"user": "ada", "x": "[redacted]"},
        ),
        (
            "at postgresql://ada:pw9@db/x",
            {"url": "postgresql://ada:pw9@db/x"},
            {"url": "postgresql://ada:pw9@db/x"},
        ),
        ("the word is hunter2xyz", {"word": "hunter2xyz"}, {"word": "hunter2xyz"}),
    ],
)
def test_what_the_log_shows_to_be_secret_is_one_in_a_capture(
    log: str, captured: dict[str, str], told: dict[str, str]
) -> None:
    """Its name stands before it in the log, and no more in the capture; what a capture shows to be one itself is
    masked where it leaves."""
    event: Any = SimpleNamespace(search_text=log)
    assert without_secrets(captured, [(hit(tuple(captured.items())), event)]) == told


PORTS = [{"port": port} for port in ("8001", "8000", "8001", "9000", "7000", "7001")]


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (1, "on port 8001"),
        (2, "on ports 8001 and 8000"),
        (4, "on ports 8001, 8000 and 9000"),
        (5, "on ports 8001, 8000, 9000 and 1 more"),
        (6, "on ports 8001, 8000, 9000 and 2 more"),
    ],
)
def test_several_values_are_all_named(count: int, told: str) -> None:
    """In order of appearance, each once, three at most, and how many there are beside them."""
    text = "on port{% if port.several %}s{% endif %} {{ port|default('PORT') }}"
    assert filled(text, *PORTS[:count]) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Add `{{ name }}` to", "Add `a` and `b` to"),
        ("Find it: `command -v {{ name }}`.", "Find it: `command -v b`."),
        ("`x` and {{ name }}", "`x` and a and b"),
        ("{{ name }}{{ other }}", "a and b"),
        ("{{ other or name2 }}", "a and b"),
        ("{{ seconds * 2 }} of {{ seconds|float }}", "120 of 60.0"),
        ("{{ [seconds|default(1)|float * 2, 60]|max|int }}", "120"),
        ("{{ waited }}", "2.5"),
    ],
)
def test_where_one_value_is_meant_one_stands(text: str, told: str) -> None:
    """In code that is more than the value, in sums, and of measures; the alternatives of a pattern are one capture."""
    first = {"name": "a", "seconds": "30", "waited": "2.5"}
    assert filled(text, first, {"name2": "b", "seconds": "60", "waited": "1.5", "name": "b"}) == told


def test_code_holds_one_value() -> None:
    """A proposed command is one that can be run."""
    assert filled("port={{ port }}", *PORTS, code=True) == "port=9000"


def test_log_text_makes_no_list() -> None:
    """Marks that stand in the log do not pass for those of a list."""
    marked = filled(
        "{{ name }}, {{ other }}", {"name": "a", "other": "\ue000x\ue001y\ue001\ue002"}, {"name": "b"}
    )
    assert marked == "b, \ue000x\ue001y\ue001\ue002"


def test_a_text_is_no_number_to_reckon_with() -> None:
    """A text times a number would be a text of any length: such a template is shown as it stands."""
    wild = "{{ name * 999999999 }} {{ '%999999999d' % seconds }}"
    assert fill(wild, {"name": "a", "seconds": 3}) == wild
    assert fill("{{ seconds * 2 }} {{ -seconds // 2 }}", {"seconds": 3}) == "6 -2"


def test_where_services_are_woven_into_one_log_the_finding_names_those_that_told_it() -> None:
    """Its lines are shown without the collector's prefix."""
    log = (
        b'api-1     | INFO:     10.0.0.4:4000 - "GET / HTTP/1.1" 200 OK\n'
        b"worker-1  | ERROR:    [Errno 98] Address already in use\n"
        b'api-1     | INFO:     10.0.0.4:4000 - "GET / HTTP/1.1" 200 OK\n'
    )
    (finding,) = report_of("-", stdin=log)["findings"]
    assert finding["services"] == ["worker-1"]
    assert "first in line 2, told by `worker-1`\n" in run("analyze", "-", "-o", "md:-", "-q", stdin=log).out
