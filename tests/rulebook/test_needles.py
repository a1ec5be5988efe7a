"""Needles: what the prefilter seeks stands in every line where the condition can hold."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import regex
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from logscope.rulebook.index import conditions_in
from logscope.rulebook.needles import GENEROUS, SPARING
from logscope.rulebook.rule import Condition, HttpWhere
from logscope.rulebook.ruleset import load_ruleset


def flat(condition: Condition) -> set[str]:
    return {needle.flat() for needle in SPARING.condition(condition) or ()}


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        (r"credit balance is too low", {"credit balance is"}),
        (r"(?:alpha|bravo)-service", {"alpha-service", "bravo-service"}),
        (r"Overloaded by traffic.*?Retrying", {"Overloaded by traffic"}),
        (r"wait(?:ed)? forever", {"wait forever", "waited forever"}),
        (r"a|b|charlie", None),
        (r"[a-z]+\d+", None),
        (r"request", None),
        (r"(?:charlie)*", None),
        (r"(?:charlie)+", {"charlie"}),
        (r"alpha\s+bravo", {"alpha bravo"}),
        (r"alpha +bravo", {r"alpha[^\n]* [^\n]*bravo"}),
    ],
)
def test_needles_of_patterns(pattern: str, needles: set[str] | None) -> None:
    """Every alternative offers one; what may be left out, classes and everyday words offer none."""
    assert flat(Condition(regex=(pattern,))) == (needles or set())


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        (r"handshake[^\n]{0,60}?\btimeout", {r"handshake[^\n]*timeout"}),
        (r"(?i)spawn\s+\S{1,40}\s+ENOENT", {r"spawn [^\n]*ENOENT"}),
        (r"missing\b.{0,20}(?:key|token) (?P<n>\d{2,6})", {r"missing[^\n]*(?:key|token) [0-9][0-9]"}),
        (r"(?:exited|died) with \w+ code [1-9]", {rf"{w} with[^\n]* code [1-9]" for w in ("exited", "died")}),
        (r"\d{3} is \w+ \btimeout", {r" is [^\n]*timeout"}),
        (r"\d{3}:\w+ \btimeout", {"timeout"}),
        (r"\bshutdown[^\"]{0,90}raised", {"shutdown"}),
        (r"(?s)handshake.{0,60}timeout", {"handshake"}),
        (r"KeyError: [^\n]*\btimeout", {r"KeyError\:"}),
        (r"(?:Red|Old):[^\n]*\btimeout", {"timeout"}),
        (r'the "[^"\n]{1,9}" timeout', {r"the [^\n]*timeout"}),
        (r"(?:charlie-mcp\w+|open\w*_mcp) is timeout", {r"(?:charlie-mcp|open)[^\n]*is timeout"}),
        (r"(?:open|start)\w*_mcp \w*timeout", {r"_mcp [^\n]*timeout"}),
        (r"(?:init\w*|start-?up|initial) timeout", {r"(?:init|start-up|startup)[^\n]*timeout"}),
    ],
)
def test_what_tells_little_is_sought_with_what_stands_beside_it(pattern: str, needles: set[str]) -> None:
    """On the same line, as far as that can be told; a class's name may stand in another member than its message."""
    assert flat(Condition(regex=(pattern,))) == needles


def _sharp_patterns() -> list[str]:
    """The patterns of shipped rules of which some needle is sought with what stands beside it."""
    slots = load_ruleset([Path(__file__).parents[2] / "rules"], None).slots
    conditions = conditions_in([slot.condition for slot in slots if not slot.lazy])
    patterns = {text for c in conditions for text in (*c.regex, *c.fields.values())}
    return sorted(text for text in patterns if any(n.before or n.behind for n in SPARING.regex(text) or ()))


@settings(max_examples=500)
@given(st.sampled_from(_sharp_patterns()), st.data())
def test_what_matches_a_pattern_holds_its_needles(pattern: str, data: st.DataObject) -> None:
    """Whatever the shipped patterns match on one line is sought, as logged plainly and within JSON."""
    try:
        text = data.draw(st.from_regex(pattern, alphabet=st.characters(max_codepoint=0xFF)))
    except re.error:
        assume(False)
    text = " ".join(text.split())
    assume(regex.search(pattern, text))
    needles = [(n.flat(), re.IGNORECASE if n.ignore_case else 0) for n in SPARING.regex(pattern) or ()]
    for written in (text, json.dumps(text)):
        assert any(re.search(sought, written, flags) for sought, flags in needles)


def test_the_most_selective_part_is_taken() -> None:
    """Of what must all hold, one is enough; of what may hold, each is needed."""
    both = Condition(text=("the request timed out",), all=(Condition(text=("anthropic-ratelimit",)),))
    assert len(flat(both)) == 1
    either = Condition(any=(Condition(text=("charlie",)), Condition(text=("delta-four",))))
    assert flat(either) == {"charlie", "delta-four"}
    assert flat(Condition(any=(Condition(text=("charlie",)), Condition(text=("the",))))) == set()
    assert flat(Condition(none=(Condition(text=("charlie",)),))) == set()


def test_exceptions_are_sought_by_their_last_part() -> None:
    """Tracebacks print the module in front of some classes and not of others."""
    assert flat(Condition(leaf=("httpx.ReadTimeout", "ConnectError"))) == {"ReadTimeout", "ConnectError"}


ACCESS = 'INFO:     10.0.0.7:50000 - "POST /mcp HTTP/1.1" 429 Too Many Requests'


def test_a_status_is_sought_in_its_place() -> None:
    """`429` alone stands in every log; behind the request line it does not."""
    needles = flat(Condition(http=HttpWhere(status=(429,), side="server")))
    assert any(re.search(needle, ACCESS) for needle in needles)
    assert all(re.search("429.|.429|TOO_MANY_REQUESTS", needle) for needle in needles)
    assert flat(Condition(http=HttpWhere(side="server"))) == set()


@pytest.mark.parametrize("method", ["DELETE", "("])
def test_a_frequent_status_is_sought_with_its_request(method: str) -> None:
    """Lines with 200 are many: method and path stand in what is sought, whatever a rule writes there."""
    needles = SPARING.condition(Condition(http=HttpWhere(status=(200,), method=(method,), path="/mcp$")))
    line = f'INFO:     10.0.0.4:50100 - "{method} /mcp HTTP/1.1" 200 OK'
    for seen, text in (
        (True, line),
        (False, line.replace(method, "PUT")),
        (False, line.replace("/mcp", "/")),
    ):
        assert any(re.search(needle.sought(False), text) for needle in needles or ()) is seen


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("our ledger was", r"\sledger\b"),
        ("profile has expired", r"\sexpired"),
        ("ledger lost", r"ledger\b"),
        ("ledger: lost", r"ledger\:"),
        ("ledger", "ledger"),
    ],
)
def test_in_wrapped_lines_one_whole_word_is_sought(text: str, sought: str) -> None:
    """The longest, where a row may break beside it, rather one that another one stands before; the run's own ends may
    be pieces of words."""
    assert {needle.wrapped() for needle in SPARING.text(text) or ()} == {sought}


def test_near_a_hit_everyday_words_do() -> None:
    """What is searched in a few bytes only may be common."""
    assert SPARING.text("request") is None
    assert GENEROUS.text("request") is not None


texts = st.text(st.sampled_from("abcdefgxyz ABC 0123456789 \"'\\<>&\n\tåé→.:-_"), min_size=6, max_size=60)


@settings(max_examples=200)
@given(texts)
def test_a_literals_needles_survive_formats(text: str) -> None:
    """They stand in the literal as logged plainly, as JSON escapes it, and as docker escapes JSON."""
    needles = SPARING.text(text)
    assume(needles)
    plain = " ".join(text.split())
    escaped = json.dumps(plain)
    docker = json.dumps(escaped).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    for written in (plain, escaped, docker):
        assert any(re.search(needle.flat(), written) for needle in needles or ())
