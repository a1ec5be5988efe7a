"""Checks: passed, failed, not exercised, left for a person."""

from __future__ import annotations

from typing import Any

import pytest

from logscope.report import EvidenceLine
from logscope.rulebook.rule import Check, Detect, Exercise, Rule, Verify
from logscope.verdict.verify import Seen, TeamCheck, run_checks, run_team_checks, was_exercised

SIGNAL = Exercise(signals=("app-started",))
TEXT = Exercise(text=("POST /mcp",))


def seen(**more: Any) -> Seen:
    given: dict[str, Any] = {
        "figures": {},
        "at_least": frozenset(),
        "exercised": frozenset(),
        "lines": 10,
        "evidence": {},
        "stalled": {},
        "titles": {"a-rule": "A"},
    }
    return Seen(**{**given, **more})


def rule(expect: str, exercised_by: Exercise | None = None) -> Rule:
    checks = (Check("a-check", "It works", expect, exercised_by),)
    return Rule("a-rule", "A", "low", Detect(text=("found",)), verify=Verify(checks), area="area")


STARTED = {"app-started": {"occurrences": 1.0}}
FOUND = {"a-rule": {"occurrences": 2.0, "success_rate": 0.5}}
CASES = {
    "nothing found, lines read": ("occurrences == 0", None, seen(), "passed"),
    "nothing found, nothing read": ("occurrences == 0", None, seen(lines=0), "not-exercised"),
    "found": ("occurrences == 0", None, seen(figures=FOUND), "failed"),
    "found, and not exercised": ("occurrences == 0", SIGNAL, seen(figures=FOUND), "failed"),
    "the trigger ran": ("occurrences == 0", SIGNAL, seen(figures=STARTED), "passed"),
    "the trigger did not run": ("occurrences == 0", SIGNAL, seen(), "not-exercised"),
    "the words occur": ("occurrences == 0", TEXT, seen(exercised=frozenset({"POST /mcp"})), "passed"),
    "the words do not occur": ("occurrences == 0", TEXT, seen(), "not-exercised"),
    "few enough": ("occurrences <= 2", None, seen(figures=FOUND), "passed"),
    "a share": ("success_rate >= 95%", None, seen(figures=FOUND), "failed"),
    "no such figure": ("success_rate >= 95%", None, seen(), "not-exercised"),
    "for a person": ("", None, seen(figures=FOUND), "manual"),
}


@pytest.mark.parametrize("name", CASES)
def test_results(name: str) -> None:
    """What the log proves, disproves, or does not tell."""
    expect, trigger, log, result = CASES[name]
    (check,) = run_checks([rule(expect, trigger)], log)
    assert (check.id, check.rule, check.result, check.area) == ("a-check", "a-rule", result, "area")
    assert check.reason


def test_a_missing_figure_is_the_reason() -> None:
    """That the trigger ran is not why a check stayed open."""
    (check,) = run_checks([rule("success_rate >= 95%", SIGNAL)], seen(figures=STARTED))
    assert "success_rate" in check.reason


def test_a_failed_check_of_stalled_sessions_names_one_that_stalled() -> None:
    """The rule's first evidence may be of a session that recovered."""
    first, later = (EvidenceLine("a.log", line, line, None, "order", "info", "400") for line in (3, 9))
    log = seen(figures={"a-rule": {"stalled": 1.0}}, evidence={"a-rule": (first,)}, stalled={"a-rule": later})
    (stalled,) = run_checks([rule("stalled == 0")], log)
    (rejected,) = run_checks([rule("events < 0")], log)
    assert (stalled.result, stalled.evidence) == ("failed", (later,))
    assert (rejected.result, rejected.evidence) == ("failed", (first,))


def test_team_checks() -> None:
    """A team's own check asks a rule, or only whether something ran; of a rule that is off it stays open."""
    log = seen(figures=FOUND, exercised=frozenset({"POST /mcp"}))
    checks = [
        TeamCheck("one", "A", rule="a-rule"),
        TeamCheck("two", "A", rule="a-rule", expect="occurrences <= 2"),
        TeamCheck("three", "A", exercised_by=TEXT),
        TeamCheck("four", "A", manual=True),
        TeamCheck("five", "A", rule="off"),
    ]
    results = [check.result for check in run_team_checks(checks, log)]
    assert results == ["failed", "passed", "passed", "manual", "not-exercised"]


def test_what_is_passed_in_spite_of_findings_says_its_bound() -> None:
    """Nobody wonders why a check is ticked beside what it counted."""
    (check,) = run_checks([rule("occurrences <= 2")], seen(figures=FOUND))
    assert check.reason == "“A” seen 2 times, expected at most 2; 10 lines read"
    (check,) = run_checks([rule("occurrences <= 2")], seen())
    assert check.reason == "“A” never seen; 10 lines read"


def test_a_signal_that_was_not_counted_to_its_end_is_told_so() -> None:
    """The reason names no number of which there are more."""
    often = {"app-started": {"occurrences": 200.0}}
    for known, told in (
        (frozenset(), "seen 200 times"),
        (frozenset({"app-started"}), "seen more than 200 times"),
    ):
        log = seen(figures=often, at_least=known)
        (check,) = run_checks([rule("occurrences == 0", SIGNAL)], log)
        assert told in check.reason


def test_whether_a_rule_was_exercised() -> None:
    """For *fixed* against *not exercised*: any check whose trigger ran, else any line."""
    assert was_exercised(rule("occurrences == 0", SIGNAL), seen(figures=STARTED))
    assert not was_exercised(rule("occurrences == 0", SIGNAL), seen())
    assert was_exercised(rule(""), seen())
    assert not was_exercised(rule(""), seen(lines=0))
