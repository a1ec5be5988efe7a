"""The checklist: what counts as passed, what does not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sample_report import empty_report, sample_report

from logscope.render import figures, markdown, terminal_checklist


def test_only_a_pass_is_ticked() -> None:
    """Failed, not exercised, manual and waived checks keep an empty box."""
    boxes = [
        line[:5] for line in markdown.render_checklist(sample_report()).splitlines() if line.startswith("- [")
    ]

    assert sorted(boxes) == ["- [ ]"] * 4 + ["- [x]"]


def test_summary_counts_each_result() -> None:
    """The summary has every count, and never calls an unexercised check a pass."""
    assert figures.check_summary(sample_report()) == (
        "5 checks: 1 passed, 1 waived, 1 for a person, 1 not exercised, 1 failed. "
        "A check failed. What was not exercised is not a pass."
    )


def test_waiver_is_shown() -> None:
    """A waived check shows its reason, owner and expiry in both forms."""
    waiver = "known upstream, owner: platform, until 2026-06-30"

    assert f"({waiver})" in markdown.render_checklist(sample_report())
    assert f"Waived: {waiver}" in terminal_checklist.render(sample_report())


@pytest.mark.parametrize("render", [markdown.render_checklist, terminal_checklist.render])
def test_without_checks(render: object) -> None:
    """A list without checks says why it is empty."""
    assert callable(render)
    assert "No check applies" in render(replace(empty_report(), checks=()))
