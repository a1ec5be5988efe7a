"""Waivers: what a team has agreed to live with, by whom and until when."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from logscope.neutral import one_line
from logscope.report import Check, Finding, ReportNote


class Waiver(Struct, frozen=True):
    """One agreement about one check, or about a rule with its finding and all its checks."""

    reason: str
    check: str = ""
    """Id of a check, or `rule/check` where several rules have a check of that id."""
    rule: str = ""
    paths: tuple[str, ...] = ()
    """Patterns of source names; given, the waiver holds only where all sources of the finding match."""
    owner: str = ""
    expires: datetime.date | None = None
    """The last day on which it holds."""

    @property
    def target(self) -> str:
        """What it is about, as the team wrote it."""
        return self.check or self.rule

    @property
    def said(self) -> str:
        """Reason, owner and expiry in one line."""
        owner = f"owner: {self.owner}" if self.owner else ""
        until = f"until {self.expires.isoformat()}" if self.expires else ""
        return one_line("; ".join(part for part in (" ".join(self.reason.split()), owner, until) if part))


def waive(
    findings: Sequence[Finding],
    checks: Sequence[Check],
    waivers: Sequence[Waiver],
    today: datetime.date,
    where: str,
    every: bool,
) -> tuple[tuple[Finding, ...], tuple[Check, ...], tuple[ReportNote, ...]]:
    """Return findings and checks with their waivers, and notes on waivers that are expired or not needed.

    Of several waivers the first counts. A waived check had failed, was not exercised, or (named itself) waits for a
    person; one that passed stays passed. `where` names the configuration in the notes; `every`: these are all checks,
    so a waiver of none of them is not needed.
    """
    valid = [waiver for waiver in waivers if waiver.expires is None or waiver.expires >= today]
    sources = {finding.rule: finding.sources for finding in findings}
    used: set[Waiver] = set()

    def first(holds: Callable[[Waiver], bool]) -> str:
        waiver = next((waiver for waiver in valid if holds(waiver)), None)
        if waiver is None:
            return ""
        used.add(waiver)
        return waiver.said

    new_findings = [
        replace(finding, waiver=first(lambda waiver, finding=finding: _holds_finding(waiver, finding)))  # type: ignore[misc]
        for finding in findings
    ]
    new_checks = []
    for check in checks:
        said = first(lambda waiver, check=check: _holds_check(waiver, check, sources))  # type: ignore[misc]
        new_checks.append(replace(check, result="waived", waiver=said) if said else check)
    needed = used if every else used.union(waiver for waiver in waivers if waiver.check)
    return tuple(new_findings), tuple(new_checks), _notes(waivers, needed, today, where)


def _holds_finding(waiver: Waiver, finding: Finding) -> bool:
    return waiver.rule == finding.rule and not waiver.check and _covers(waiver, finding.sources)


def _holds_check(waiver: Waiver, check: Check, sources: Mapping[str, tuple[str, ...]]) -> bool:
    if check.result == "passed" or not _covers(waiver, sources.get(check.rule, ())):
        return False
    if waiver.check:
        return waiver.check in (check.id, f"{check.rule}/{check.id}") and waiver.rule in ("", check.rule)
    return waiver.rule == check.rule and check.result != "manual"


def _covers(waiver: Waiver, sources: Sequence[str]) -> bool:
    if not waiver.paths:
        return True
    return bool(sources) and all(any(fnmatchcase(name, path) for path in waiver.paths) for name in sources)


def _notes(
    waivers: Sequence[Waiver], needed: set[Waiver], today: datetime.date, where: str
) -> tuple[ReportNote, ...]:
    notes = []
    for waiver in waivers:
        if waiver.expires is not None and waiver.expires < today:
            owner = f"; owner: {waiver.owner}" if waiver.owner else ""
            text = f"waiver for {waiver.target} expired on {waiver.expires.isoformat()}{owner}"
        elif waiver not in needed:
            text = f"waiver for {waiver.target} is not used: nothing to waive in this log"
        else:
            continue
        notes.append(ReportNote(where, "waiver", one_line(text)))
    return tuple(notes)
