"""A Report in which nothing was found: what the sections say when they have nothing to say."""

from __future__ import annotations

from msgspec.structs import replace
from sample_report import sample_report

from logscope.report import Coverage, Gate, Plan, Report


def empty_report() -> Report:
    """A report of a quiet log."""
    return replace(
        sample_report(),
        findings=(),
        unexplained=(),
        signals=(),
        plan=Plan((), 0, (), ""),
        checks=(),
        metrics=(),
        notes=(),
        inputs=(),
        coverage=Coverage(1, 10, 2, 0, 0, 0, None, 0, {}, 70, ()),
        gate=Gate(0, "no active finding at or above high", {}),
    )
