"""What a run is asked for, gathered before it starts: nothing below reads clock, environment or configuration."""

from __future__ import annotations

from datetime import datetime, tzinfo
from pathlib import Path

from msgspec import Struct, field

from logscope.report import Report, ReportNote
from logscope.verdict.verify import TeamCheck
from logscope.verdict.waivers import Waiver


class ScanOptions(Struct, frozen=True):
    """What the user forces or bounds. Times are seconds since the epoch, UTC."""

    log_format: str = ""
    several: bool = False
    """Of several sources, one that the forced format does not fit is read as it shows itself, with a note."""
    timezone: tzinfo | None = None
    now: float | None = None
    """When the run is: times without a year are no later, where neither log nor file tells."""
    since: float | None = None
    until: float | None = None


class RunOptions(Struct, frozen=True):
    """What a run is asked for, beside paths and rules."""

    generated: datetime
    scan: ScanOptions = field(default_factory=ScanOptions)
    fail_on: str = "high"
    strict: bool = False
    budget_minutes: int | None = None
    repo: Path | None = None
    repo_explicit: bool = False
    all_checks: bool = False
    """A checklist: checks of every rule, not only of those that found something."""
    team_checks: tuple[TeamCheck, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    config_name: str = ""
    """Where checks and waivers were read, for notes."""
    baseline: Report | None = None
    notes: tuple[ReportNote, ...] = ()
    """What was noted before the run."""
