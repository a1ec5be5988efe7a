"""Words that nothing looks for are blanked, length for length; what a rule may tell apart stays."""

from __future__ import annotations

import pytest

from logscope.rulebook.rule import Condition
from logscope.rulebook.vocabulary import vocabulary
from logscope.scan.bulk.names import Names

KNOWN = vocabulary([Condition(text=("credit balance",), regex=(r"tim(?:ed\s+out|e-?out)|\bbad\w+",))], [])
NAMES = Names(KNOWN)


def test_a_vocabulary_is_what_conditions_look_for() -> None:
    """Of literals and patterns, with all that a pattern may stand for."""
    assert {"credit", "balance", "timed", "timeout", "time", "out", "bad"} == KNOWN


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("for kaluto of zupaqo", "for ~~~~~~ of ~~~~~~"),
        ("the credits timed out", "the credits timed out"),
        ("badly kalu", "badly ~~~~"),
        ("session k7mq2xPw", "session 00000000"),
        ("ReadTimeout in GetOrders", "ReadTimeout in 000000000"),
        ("KALUTO and Kalutos", "KALUTO and Kalutos"),
        ("kaluto_12 and kaluto12", "~~~~~~_12 and ~~~~~~~~"),
        ("deed and feed", "deed and feed"),
        ("    kaluto = 1", "    kaluto = 1"),
        (r"\nkaluto", r"\nkaluto"),
        ("an error at debug", "an error at debug"),
    ],
)
def test_what_is_blanked(text: str, left: str) -> None:
    """Small words and keys without any part that is known; no code, no class, no hexadecimal word, no level."""
    assert NAMES.blanked(text.encode()).replace(b"\1", b"~").decode() == left
