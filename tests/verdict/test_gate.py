"""The exit code: from the very findings that are shown."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from render.sample_report import sample_report  # type: ignore[import-not-found]

from logscope.report import Check, Finding, ReportNote, Unexplained
from logscope.verdict.gate import FAIL_ON, decide, decide_checks

BASE: Finding = sample_report().findings[0]


def finding(severity: str, **more: Any) -> Finding:
    return replace(BASE, severity=severity, **{"waiver": "", "since_baseline": "", **more})


def unknown(count: int) -> Unexplained:
    return Unexplained("lost", count, "error", None, None, ("a.log",), ())


CUT = ReportNote("a.log", "truncated", "the gzip stream breaks off")
GONE = ReportNote("b.log", "unreadable", "not read: Permission denied")


@pytest.mark.parametrize(
    ("severity", "failing"),
    [
        ("critical", {"critical", "high", "medium", "low", "info"}),
        ("high", {"high", "medium", "low", "info"}),
        ("medium", {"medium", "low", "info"}),
        ("low", {"low", "info"}),
        ("info", {"info"}),
    ],
)
def test_a_finding_fails_at_its_severity_and_below(severity: str, failing: set[str]) -> None:
    """Each bound lets through what is less bad."""
    codes = {bound: decide([finding(severity)], [], [], bound, False).exit_code for bound in FAIL_ON}
    assert {bound for bound, code in codes.items() if code == 1} == failing
    assert set(codes.values()) <= {0, 1}


def test_nothing_found() -> None:
    """No bound fails on nothing."""
    assert {decide([], [], [], bound, False).exit_code for bound in FAIL_ON} == {0}


def test_unexplained_errors() -> None:
    """They fail only where that was asked for, and are counted always."""
    assert decide([], [unknown(3)], [], "unexplained", False).exit_code == 1
    gate = decide([], [unknown(3), unknown(1)], [], "high", False)
    assert (gate.exit_code, gate.counts["unexplained"]) == (0, 4)


def test_the_reason_is_a_sentence_whatever_it_counts() -> None:
    """One is singular, many have separators, as everywhere in the report."""
    reasons = [decide([], [unknown(count)], [], "unexplained", False).reason for count in (1, 1_200)]
    assert reasons == ["1 unexplained error event", "1,200 unexplained error events"]


def test_counts_are_those_of_the_findings() -> None:
    """Counted by severity; waived ones apart, and they do not fail."""
    gate = decide(
        [finding("high"), finding("high"), finding("low"), finding("critical", waiver="known")],
        [],
        [],
        "critical",
        False,
    )
    assert gate.exit_code == 0
    assert {name: count for name, count in gate.counts.items() if count} == {"high": 2, "low": 1, "waived": 1}


def test_new_since_the_baseline() -> None:
    """`new` asks for what the baseline does not have, whatever its severity."""
    assert decide([finding("critical", since_baseline="same")], [], [], "new", False).exit_code == 0
    assert decide([finding("low", since_baseline="new")], [], [], "new", False).exit_code == 1


@pytest.mark.parametrize("kind", ["unreadable", "truncated", "timeout", "switched-off"])
def test_strict(kind: str) -> None:
    """What was not read or not tried is 5, before anything else; other notes are not."""
    note = replace(CUT, kind=kind)
    assert decide([finding("critical")], [], [note], "high", True).exit_code == 5
    assert decide([finding("critical")], [], [note], "high", False).exit_code == 1
    assert decide([], [], [replace(CUT, kind="info")], "high", True).exit_code == 0


def test_checks() -> None:
    """A failed check is 1; one that was not exercised only with --strict; what was not read is 5."""

    def of(*results: str, strict: bool = False, notes: tuple[ReportNote, ...] = ()) -> int:
        checks = [Check(f"c{n}", "a-rule", "It works", result, "") for n, result in enumerate(results)]
        return decide_checks(checks, notes, {}, strict).exit_code

    assert of("passed", "manual", "not-exercised") == 0
    assert of("passed", "failed") == 1
    assert of("not-exercised", strict=True) == 1
    assert of("failed", strict=True, notes=(CUT,)) == 5
    assert of() == 0


def test_the_reason_counts_what_else_was_not_read() -> None:
    """The first input is named, so that one knows where to look; the others are not passed over in silence."""
    reasons = [decide([], [], notes, "high", True).reason for notes in ([CUT], [CUT, GONE, GONE])]
    assert reasons == [
        "--strict: a.log: the gzip stream breaks off",
        "--strict: a.log: the gzip stream breaks off, and 2 more notes like it",
    ]
