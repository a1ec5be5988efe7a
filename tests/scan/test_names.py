"""Words that nothing looks for are blanked, length for length; what a rule may tell apart stays."""

from __future__ import annotations

import pytest

from logscope.rulebook.rule import Condition
from logscope.rulebook.vocabulary import vocabulary
from logscope.scan.bulk.masks import VARIES
from logscope.scan.bulk.names import Names

KNOWN = vocabulary(
    [Condition(text=("credit balance", "Errno 98"), regex=(r"tim(?:ed\s+out|e-?out)|\bbad\w+",))], []
)
NAMES = Names(KNOWN)


def test_a_vocabulary_is_what_conditions_look_for() -> None:
    """Of literals and patterns, with all that a pattern may stand for."""
    assert {"credit", "balance", "errno", "98", "timed", "timeout", "time", "out", "bad"} == KNOWN


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("for kaluto of zupaqo", "for ~~~~~~ of ~~~~~~"),
        ("the credits timed out", "the credits timed out"),
        ("badly kalu", "badly ~~~~"),
        ("session k7mq2xPw", "session 00000000"),
        ("ReadTimeout in GetOrders", "ReadTimeout in 000000000"),
        ("KALUTO and Kalutos, Timeouts", "KALUTO and ~~~~~~~, Timeouts"),
        ("kaluto_12 and kaluto12", "~~~~~~_12 and ~~~~~~~~"),
        ("deed and feed", "deed and feed"),
        ("    kaluto = 1", "    kaluto = 1"),
        (r"\nkaluto", r"\nkaluto"),
        ("an error at debug", "an error at debug"),
        ("in 5.44s, 37 rows", "in ~.~~s, ~~ rows"),
        ("in 120s or 120 ms for 120 rows", "in ~~~s or ~~~ ms for 1~~ rows"),
        ("line 8 column 306 (char 7)", "line ~ ~~~~~~ ~~~ (~~~~ ~)"),
        ("98 and 97", "98 and ~~"),
        ("404 and 417", "4~~ and 4~~"),
        ("0 failed, 1 failed, 2 failed", "0 failed, 1 failed, ~ failed"),
        ("try 3/3, 3 of 3", "try 3/3, 3 of 3"),
        ('"level":50,"status": 44', '"level":50,"status": 44'),
        ("v2.3.1 10.0.0.7 x86 -32", "v2.3.1 10.0.0.7 x86 -32"),
        ('  File "/srv/app.py", line 12, in run', '  File "/srv/app.py", line ~~, in run'),
        ("    at run (/srv/app.js:9:5)", "    at run (/srv/app.js:~:~)"),
    ],
)
def test_what_is_blanked(text: str, left: str) -> None:
    """Words and keys without any part that is known; no code, no class of several words, no hexadecimal word, no level.
    Numbers that measure or place; none that may be a level, a version, a part of an address or the last of some, and of
    what may be a status all but its class."""
    blanked = NAMES.blanked(text.encode()).replace(VARIES, b"0")
    assert blanked.translate(bytes.maketrans(b"\1\3\4", b"~~~")).decode() == left
