"""What only speaks of a failure makes no rule fire; what reports one does, however it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from logscope.events import detect_layout
from logscope.quotations import QuotingFolder
from logscope.resources import data_dir
from logscope.rulebook.ruleset import load_ruleset
from logscope.scanner import Scanner
from logscope.selftest import find_in_text

CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "mentions.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def shipped() -> Scanner:
    return Scanner(load_ruleset([data_dir("rules")], None), None)


def fired(scanner: Scanner, log: str) -> set[str]:
    """The shipped rules, but for signals, that a log makes fire."""
    rules = [scanner.ruleset.rules[found.rule] for found in find_in_text(scanner, log)]
    return {rule.id for rule in rules if not rule.signal}


@pytest.mark.parametrize("case", CASES["spoken"], ids=lambda case: case["name"])
def test_what_is_only_spoken_of_is_no_finding(shipped: Scanner, case: dict[str, Any]) -> None:
    """Manuals, people, models, source code and tests name failures that did not happen."""
    assert fired(shipped, case["log"]) == set()


@pytest.mark.parametrize("case", CASES["failed"], ids=lambda case: f"{case['rule']}: {case['name']}")
def test_what_failed_is_found_however_it_is_told(shipped: Scanner, case: dict[str, Any]) -> None:
    """Prefixes, quotes around a provider's answer, other levels and words of users beside it hide no failure."""
    assert case["rule"] in fired(shipped, case["log"])


def quoted(log: str) -> list[str]:
    """The events of a log that stand within a quotation, by their first lines."""
    data = bytearray(log.encode())
    folder = QuotingFolder(detect_layout(bytes(data)), "app.log")
    events = [folder.event(data, span, 1) for span in folder.fold(data, 0, len(data))]
    return [event.text.partition("\n")[0] for event in events if event.quoted]


HEAD = "INFO:app:user wrote "


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ('"it', 'says"'),
        ("“it", "says”"),
        ("'it", "says'."),
        ("«it", "says»"),
        ("it\n```", "```"),
        ("'''", "'''"),
        ("<<<", ">>>"),
    ],
)
def test_a_quotation_goes_on_up_to_its_end(begins: str, ends: str) -> None:
    """Lines between a record's opening quotation mark, or a fence, and the closing one are somebody's words."""
    log = f"{HEAD}{begins}\nthe ledger is gone\n{ends}\nINFO:app:next\nthe ledger is gone\nINFO:app:end\n"
    assert "the ledger is gone" in quoted(log)
    assert quoted(log).count("the ledger is gone") == 1


@pytest.mark.parametrize(
    "first",
    [
        "the user's own words",
        'a screen of 5" or 6"',
        'a mark that nothing "closes',
        'a "closed" one',
        "no mark at all",
    ],
)
def test_what_is_no_open_quotation_quotes_nothing(first: str) -> None:
    """Apostrophes, inches, closed quotations and marks without an end leave the lines below as they are."""
    assert quoted(f"INFO:app:{first}\nthe ledger is gone\nand so on\nINFO:app:next\n") == []


def test_a_quotation_is_its_writers_own() -> None:
    """Behind a collector's prefix, lines of other writers in between neither quote nor are quoted."""
    log = (
        'a-1  | INFO:app:user wrote "it\nb-1  | the ledger is gone\na-1  | the stock is gone\na-1  | says"\n'
        "b-1  | INFO:app:next\na-1  | INFO:app:next\n"
    ) * 4
    assert set(quoted(log)) & {"the ledger is gone", "the stock is gone"} == {"the stock is gone"}
