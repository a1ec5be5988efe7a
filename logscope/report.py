"""The Report: all that a renderer may know, and the JSON that is written of it.

The nouns below *are* the schema `logscope/report@1`: `saved.to_json` writes their fields under their own
names, `saved.from_json` reads them back, so every other format can be rendered later with the same bytes.
Times are ISO 8601 strings with offset (UTC unless the log kept its own), durations are minutes.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from logscope.model import Outcome, SeverityName, TimeQuality

Status = Literal["active", "recovered", "consequence"]
CheckResult = Literal["passed", "failed", "not-exercised", "manual", "waived"]
Verdict = Literal["fixed", "not-exercised", "not-checked"]
SCHEMA = "logscope/report@1"
AGAIN = "If seen again"
"""The phase of what may need nothing: it follows from another finding, or healed by itself. In no total."""


class Input(Struct, frozen=True):
    """One source as it was read."""

    name: str
    """Of a rotated log the names of its files, or how many there are."""
    bytes: int
    lines: int
    format: str
    prefix: str
    encoding: str
    first_time: str | None
    last_time: str | None
    time_quality: TimeQuality
    """exact, or order where nothing in it shows a time."""


class EvidenceLine(Struct, frozen=True):
    """One event shown as proof."""

    source: str
    line: int
    last_line: int
    time: str | None
    time_quality: TimeQuality
    level: str
    text: str
    """Redacted and neutralised; several lines when the event has them."""
    omitted_lines: int = 0
    """Lines of the event left out of `text` in the middle."""
    told: str = ""
    """What it is about in one line: the exception that failed, or the message."""


class Cause(Struct, frozen=True):
    """A possible cause; `observed` when the log shows evidence for it."""

    id: str
    text: str
    observed: bool
    evidence: tuple[EvidenceLine, ...] = ()


class CodeLine(Struct, frozen=True):
    number: int
    text: str
    current: bool = False


class CodeLocation(Struct, frozen=True):
    """Where in the application's code the failure passes through."""

    file: str
    line: int | None
    last_line: int | None
    symbol: str
    origin: str
    """`traceback`, `warning`, `task`, `logger` or `rule`."""
    hits: int = 0
    """Occurrences whose traceback holds this frame."""
    url: str = ""
    excerpt: tuple[CodeLine, ...] = ()
    at_least: bool = False
    """Only some tracebacks were kept: the `hits` may be more."""


class Snippet(Struct, frozen=True):
    language: str
    code: str
    file: str = ""


class Option(Struct, frozen=True):
    """One way to resolve a finding."""

    id: str
    title: str
    recommended: bool
    priority: str
    effort_minutes: int
    impact: str
    risk: str
    steps: tuple[str, ...]
    snippet: Snippet | None
    reason: str = ""
    """Why it is, or is not, the recommended one, where the log decided."""
    fix: str = ""
    """What several findings share: it is done once."""


class Impact(Struct, frozen=True):
    feature: str
    users: str
    blocking: bool | None


class Sessions(Struct, frozen=True):
    """What a rule that follows sessions counted: those rejected first, and how they ended."""

    sessions: int
    rejected_first: int
    recovered: int
    stalled: int
    success_rate: float | None
    """First-try success, 0 to 1."""
    target: float | None
    ambiguous: bool
    steps: tuple[str, ...]
    """Names of the steps in order, for the arrows."""
    lanes: tuple[Lane, ...] = ()
    """One row per session, at most 50, for the swimlane picture."""


class LaneStep(Struct, frozen=True):
    step: str
    line: int
    time: str | None
    source: str = ""


class Lane(Struct, frozen=True):
    session: str
    outcome: Outcome
    """`first-try`, `recovered` or `stalled`."""
    steps: tuple[LaneStep, ...]


class Bucket(Struct, frozen=True):
    """One column of a timeline: from `start` (an ISO time, or `line N`), `count` occurrences."""

    start: str
    count: int


class Frequency(Struct, frozen=True):
    """How often, readable (`text`) and computed."""

    text: str
    per_hour: float | None
    span_seconds: float | None
    buckets: tuple[Bucket, ...]
    """20 equal parts of the time (or of the lines) that was read; by time, what has none is in no part."""
    bucket_unit: Literal["time", "lines"]
    """`time` or `lines`."""


class Finding(Struct, frozen=True):
    """A rule with all its occurrences."""

    rule: str
    title: str
    severity: SeverityName
    status: Status
    """`active`, `recovered` (healed by itself), `consequence` (shown under its cause). A session that recovered was
    rejected all the same: a sequence of sessions is not `recovered`."""
    area: str
    tags: tuple[str, ...]
    occurrences: int
    """Incidents, not lines."""
    events: int
    """Log events that reported those incidents."""
    recovered: int
    first_seen: str | None
    last_seen: str | None
    first_line: int
    """Line of the first occurrence in its source."""
    sources: tuple[str, ...]
    frequency: Frequency
    impact: Impact
    evidence: tuple[EvidenceLine, ...]
    captures: dict[str, str]
    causes: tuple[Cause, ...]
    """Ranked: those the log shows first."""
    code: tuple[CodeLocation, ...]
    options: tuple[Option, ...]
    """The recommended one first."""
    caused_by: tuple[str, ...] = ()
    """Rule ids of findings this one follows from."""
    sequence: Sessions | None = None
    references: tuple[str, ...] = ()
    fingerprint: str = ""
    """Stable over runs and versions: made of the rule's id alone."""
    severity_reason: str = ""
    waiver: str = ""
    """Reason, owner and expiry of the waiver that keeps it out of gate and plan; empty without one."""
    since_baseline: str = ""
    """`new`, `better 4 → 1`, `worse 1 → 4` or `same`, in occurrences; empty without a baseline."""
    several: dict[str, tuple[str, ...]] = {}
    """Of captures with several values the first ones, by name: log text."""
    services: tuple[str, ...] = ()
    """The containers, pods or units that told it, as their collector names them."""


class Resolved(Struct, frozen=True):
    """A finding of the baseline that this log does not show."""

    rule: str
    title: str
    before: int
    """Its occurrences in the baseline."""
    verdict: Verdict
    """`fixed`; `not-exercised` when its trigger never ran here; `not-checked` when its rule was not applied."""


class Unexplained(Struct, frozen=True):
    """Error events of one shape that no rule matched."""

    title: str
    """Exception and message, or the message, with varying parts shown as …"""
    occurrences: int
    level: str
    first_seen: str | None
    last_seen: str | None
    sources: tuple[str, ...]
    evidence: tuple[EvidenceLine, ...]
    code: tuple[CodeLocation, ...] = ()


class Signal(Struct, frozen=True):
    """Proof of health: something that works, seen in the log."""

    rule: str
    title: str
    occurrences: int
    last_seen: str | None
    """None also where not all were counted."""
    evidence: tuple[EvidenceLine, ...] = ()
    at_least: bool = False
    """There are more than were counted: enough is proved."""


class PlanPart(Struct, frozen=True):
    """What a shared fix asks for one more of its findings, beside the steps of the first."""

    finding: str
    """Rule id."""
    title: str
    steps: tuple[str, ...]


class PlanItem(Struct, frozen=True):
    """One option chosen for one or more findings."""

    number: int
    """Place in the implementation order, from 1."""
    option: str
    title: str
    findings: tuple[str, ...]
    """Rule ids it resolves."""
    effort_minutes: int
    priority: str
    severity: SeverityName
    steps: tuple[str, ...]
    parts: tuple[PlanPart, ...] = ()
    """What the fix means for those of its findings that need more."""


class Phase(Struct, frozen=True):
    name: str
    """Quick wins, This week, Later, If seen again."""
    total_minutes: int
    items: tuple[PlanItem, ...]


class Alternative(Struct, frozen=True):
    finding: str
    option: str
    title: str
    effort_minutes: int
    priority: str


class Plan(Struct, frozen=True):
    phases: tuple[Phase, ...]
    total_minutes: int
    """Of all phases but `If seen again`."""
    alternatives: tuple[Alternative, ...]
    """Options shown but not added up."""
    next_review: str
    budget_minutes: int | None = None
    deferred: tuple[PlanItem, ...] = ()
    """What did not fit the budget."""


class Check(Struct, frozen=True):
    """One line of the checklist."""

    id: str
    rule: str
    text: str
    result: CheckResult
    """`passed`, `failed`, `not-exercised`, `manual`, or `waived`."""
    reason: str
    """What in the log decided it."""
    evidence: tuple[EvidenceLine, ...] = ()
    waiver: str = ""
    area: str = ""
    """Folder of its rule; `team` for a check of the team's own."""


class Metric(Struct, frozen=True):
    id: str
    rule: str
    label: str
    before: str
    now: str
    """Empty without a baseline."""
    target: str


class Coverage(Struct, frozen=True):
    """What was read and what was not."""

    sources: int
    bytes: int
    lines: int
    events_examined: int
    """Events that a pattern pointed at and that were folded and matched."""
    error_events: int
    """Events at level error or worse, or with a traceback."""
    unexplained_events: int
    requests: int | None
    """Requests seen in access lines; none where there is no access log."""
    requests_5xx: int
    skipped: dict[str, int]
    """Files passed over, by reason: hidden, other type, no regular file, report, duplicate, unreadable, binary."""
    rules_loaded: int
    rules_off: tuple[str, ...]
    events_without_time: int = 0
    """Events that --since/--until could not compare."""


class ReportNote(Struct, frozen=True):
    where: str
    kind: str
    text: str


class Gate(Struct, frozen=True):
    exit_code: int
    reason: str
    counts: dict[str, int]
    """Findings by severity without the waived ones, `unexplained` events, and `waived` findings."""


class Report(Struct, frozen=True):
    schema: str
    version: str
    """logscope's own."""
    generated: str
    title: str
    status: str
    """One sentence: what this report is and what comes next."""
    inputs: tuple[Input, ...]
    findings: tuple[Finding, ...]
    """Worst first; consequences after their causes."""
    unexplained: tuple[Unexplained, ...]
    signals: tuple[Signal, ...]
    plan: Plan
    checks: tuple[Check, ...]
    metrics: tuple[Metric, ...]
    coverage: Coverage
    notes: tuple[ReportNote, ...]
    gate: Gate
    baseline: str = ""
    """When the report was made that this one is compared with; empty without a baseline."""
    resolved: tuple[Resolved, ...] = ()
    """What the baseline found and this log does not show, worst first."""
