"""The nouns of the rule language. These frozen nouns *are* the language: the loader validates YAML against them,
the JSON Schema is made of them, the cache stores them.

Field order is the order of a rule file: detect, explain, resolve, verify, samples.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from logscope.model import SeverityName

PriorityName = Literal["high", "medium", "low"]
Level = Literal["critical", "error", "warning", "info", "debug", "trace", "none", "any"]
Kind = Literal["match", "count", "distinct", "sequence", "absence", "ratio"]
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""What rules, and checks, are named by: words in lower case with hyphens between them."""
FIELDS = ("source", "stream", "logger")
"""What `by` may name beside captures: every hit has it."""
_GROUP = re.compile(r"\(\?P<(\w+)>")


class Where(Struct, frozen=True):
    """Fields of the event that must hold; a list means any of these."""

    level: tuple[Level, ...] = ()
    """Levels; `none` is an event without one, `any` lifts the default (error, critical, warning, none)."""
    logger: tuple[str, ...] = ()
    """Regular expressions, found anywhere in the logger's name."""


Usual = Literal["announced", "retrying", "connected", "answered", "requested"]


class HttpWhere(Struct, frozen=True):
    """A request seen in an access line (side server) or a client's request line (side client)."""

    status: tuple[int | str, ...] = ()
    """Codes (400) or classes ("5xx")."""
    side: Literal["server", "client"] | None = None
    method: tuple[str, ...] = ()
    path: str | None = None
    """Regular expression, searched in path and query."""
    host: str | None = None
    """Regular expression, searched in the host of a client line."""
    client: str | None = None
    """Regular expression, searched in the address that an access line gives, mostly `host:port`."""


class Condition(Struct, frozen=True):
    """True when everything that is given holds. `any`, `all` and `none` nest at will."""

    text: tuple[str, ...] = ()
    """Literals, any of them, found anywhere in the event; runs of blanks and line breaks count as one blank."""
    regex: tuple[str, ...] = ()
    """Regular expressions, any of them, searched in the event; named groups are captures."""
    usual: tuple[Usual, ...] = ()
    """Names of regular expressions that rules share, any of them beside `regex`: `announced` (another try is announced,
    or waited for), `retrying` (the event says that the failed call is tried again), `connected` (what was waited for is
    there), `answered` (a call to a model was), `requested` (httpx was answered with 2xx)."""
    exception: tuple[str, ...] = ()
    """Class names, any of them, of any exception in the event's chain or group (last dotted part)."""
    leaf: tuple[str, ...] = ()
    """Class names, any of them, of the exception that really failed."""
    frame: tuple[str, ...] = ()
    """Regular expressions, any of them, searched in `file:function` of each traceback frame."""
    http: HttpWhere | None = None
    fields: dict[str, str] = {}
    """Members of a JSON or logfmt record: name to regular expression."""
    where: Where | None = None
    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()


class Window(Struct, frozen=True):
    """Seconds where both ends have a time, lines where not."""

    seconds: float | None = None
    lines: int | None = None


class Incident(Struct, frozen=True):
    """Which hits are one occurrence."""

    seconds: float = 5.0
    """Two exact times further apart are two incidents."""
    lines: int = 60
    """Without times: lines of the same source further apart are two incidents."""
    by: tuple[str, ...] = ()
    """Captures that identify the operation (a request id): equal is one incident, different is two. Where repeats
    join, equal ones must also be near."""
    repeats: Literal["new", "join"] = "new"
    """The same layer reporting again: a new incident, or (retries of one operation) the same."""
    across_requests: bool = False
    """Join hits of different layers even when a request or an access line stands between them."""
    across_streams: bool = True
    """Join what different streams of one source (services, containers) tell; not where a process fails for itself."""
    ends: Condition | None = None
    """An event between two hits that ends the first incident, say a completed request."""
    apart: Condition | None = None
    """Whose captures, asked of every hit, tell whom it is about (a server): different ones are different incidents."""
    call: Condition | None = None
    """Whose captures, asked of every hit, name the call that failed (the provider's request id): layers that tell of
    the same are one incident, also behind its answer, and in another source."""
    retries: Condition | None = None
    """Hits that announce another try of the same operation: they join, and what comes next is the same incident."""
    retry_seconds: float | None = None
    """How far behind an announced retry that may be; as far as any other hit where it is not given."""


def names_in(pattern: Condition | str) -> tuple[str, ...]:
    """Return the names of all that a pattern, or the patterns of a condition, capture."""
    return tuple(dict.fromkeys(_GROUP.findall(str(pattern))))


class Step(Struct, frozen=True):
    """One step of a sequence."""

    name: str
    any: tuple[Condition, ...]
    """Ways to see the step, best first: of those that a source has, the first is counted."""
    optional: bool = False
    lazy: tuple[Condition, ...] = ()
    """Further ways, looked for only behind another hit of the rule: lines that healthy traffic is full of."""


class Outcomes(Struct, frozen=True):
    """When a run of a sequence is complete: the step that must be reached."""

    complete: str
    """Name of the step that ends a run well; runs that never reach it within the window are stalled."""
    unproven: tuple[str, ...] = ()
    """Captures: a run whose first step has one counts only when it, or one with the same value, is completed; a line
    that has another value of it is somebody else's."""
    apart: tuple[str, ...] = ()
    """Captures that tell which server is asked: a line that has another value of one than a run is somebody else's."""
    over: str | None = None
    """Name of a step that ends a session and belongs to no run: its connection may carry another session."""
    opened: str | None = None
    """Name of a step at which the server says that it has begun a session; it belongs to no run, and the next first or
    completing step of its stream is that session's."""
    refused: str | None = None
    """Name of a step at which a request is refused for a reason of its own; it belongs to no run, and what the server
    said that it has begun for it, as `opened`, is no session's."""
    without: str | None = None
    """Name of a step at which the server says that it keeps no sessions; it belongs to no run, and neither do access
    lines of its stream where nothing says `opened`."""
    answered: str | None = None
    """Name of a step that stands for `complete` in a source that never shows that, where most connections that were
    rejected show it; elsewhere it is none."""
    listens: str | None = None
    """Name of a step that clients take right behind `complete` and that belongs to no run; of those who do, a line that
    shows `complete` and is not followed by it begins no run."""
    usual: tuple[str, ...] = ()
    """Names of steps behind `complete`: a run that lacks one is stalled, where its lines say whose they are, and most
    of the completed ones have taken it, one completed later among them."""

    @property
    def aside(self) -> tuple[str, ...]:
        """Names of the steps that belong to no run."""
        names = self.over, self.opened, self.refused, self.without, self.answered, self.listens
        return tuple(name for name in names if name)

    @property
    def inner(self) -> frozenset[str]:
        """Captures that only tell sessions apart, and are not told."""
        return frozenset((*self.unproven, *self.apart))


class Detect(Condition, frozen=True):
    """What to look for. Keys of a condition, and those of the kinds."""

    also: tuple[Condition, ...] = ()
    """Supporting evidence: joins an incident near it; alone it is an incident that healed by itself."""
    often: tuple[Condition, ...] = ()
    """match: what only its repetition makes a failure; at least `at_least` hits `within` a window are one incident."""
    incident: Incident = Incident()
    healed: Condition | None = None
    """match: an event behind announced tries that shows that the last one succeeded; looked for only there."""
    by_restart: bool = False
    """match: a start of the process anew is a try as well, of what is about the same port."""
    at_least: int | None = None
    """count, distinct, ratio, and match with `often`: fewer are nothing."""
    within: Window | None = None
    by: tuple[str, ...] = ()
    """Captures or fields (`source`, `stream`, `logger`) that must be equal."""
    of: str | None = None
    """distinct: the capture whose values are counted."""
    steps: tuple[Step, ...] = ()
    none_between: tuple[Condition, ...] = ()
    outcomes: Outcomes | None = None
    like: tuple[str, ...] = ()
    """sequence: captures that tell whose line it is where it has no key, the surest first: a run that shares one is
    preferred, a run with another value of the last one is somebody else's."""
    after: Condition | None = None
    missing: Condition | None = None
    part: Condition | None = None
    whole: Condition | None = None
    below: float | None = None
    above: float | None = None


class Impact(Struct, frozen=True):
    feature: str
    users: str
    blocking: bool | None = None


class CauseEvidence(Condition, frozen=True):
    """A condition on the occurrence's own events, or on events near it."""

    near: Window | None = None
    until: str | None = None
    """Only what stands before the failure counts, captures nothing that the failure has another value of, and is not
    answered by a hit of that rule (a signal) in between."""
    several: str | None = None
    """A capture of the condition (a worker's id): a source that tells only one value of it does not count."""

    @property
    def own(self) -> bool:
        """Whether it is the occurrence's own events alone that can show it."""
        return not (self.near or self.until or self.several)


class Cause(Struct, frozen=True):
    id: str
    text: str
    evidence: CauseEvidence | None = None
    """What in the log speaks for it; without, the cause is only possible."""
    unless: Condition | None = None
    """What the occurrence's own events say where it is ruled out."""


class Code(Struct, frozen=True):
    """Where to look in the application's code, beside what tracebacks show."""

    file: str
    """Glob below the repository."""
    symbol: str | None = None


class Explain(Struct, frozen=True):
    impact: Impact
    causes: tuple[Cause, ...] = ()
    code: tuple[Code, ...] = ()


class Snippet(Struct, frozen=True):
    language: str
    code: str
    file: str = ""


class Option(Struct, frozen=True):
    id: str
    title: str
    priority: PriorityName
    effort: str
    """A duration: 15m, 2h, 1d (8 working hours)."""
    impact: str
    recommended: bool | str = False
    """true, false, `if cause is ID`, `unless cause is ID` (cause: one that the log shows)."""
    risk: str = ""
    steps: tuple[str, ...] = ()
    snippet: Snippet | None = None
    fix: str = ""
    """Name of a fix that several rules share: counted once in the plan."""


REQUESTS = "requests-served"
"""The signal that no rule tells of: requests are counted."""


class Exercise(Struct, frozen=True):
    """What shows that the trigger of a check ran at all."""

    signals: tuple[str, ...] = ()
    """Ids of rules (signals or others) with at least one occurrence, or REQUESTS."""
    text: tuple[str, ...] = ()
    """Literals found anywhere in the input."""


class Check(Struct, frozen=True):
    id: str
    text: str
    expect: str = ""
    """An expression over the figures, `occurrences == 0`; empty: left for a person."""
    exercised_by: Exercise | None = None
    """Without: a log with any event exercises it."""


class Metric(Struct, frozen=True):
    id: str
    label: str
    value: str
    """Name of a figure: occurrences, events, recovered, per_hour, sessions, rejected_first, stalled, success_rate."""
    target: str


class Verify(Struct, frozen=True):
    checks: tuple[Check, ...] = ()
    metrics: tuple[Metric, ...] = ()


class Escalation(Struct, frozen=True):
    when: str
    """An expression over the figures, `occurrences >= 4`."""
    to: SeverityName


class Sample(Struct, frozen=True):
    """A log that proves the rule: `fires` is the number of occurrences in it, 0 for a near miss."""

    name: str
    fires: int
    log: str
    captures: dict[str, str | int | float] = {}
    sequence: dict[str, int] = {}
    """sessions, rejected_first, recovered, stalled."""


class Follows(Window, frozen=True):
    """How shortly before an occurrence another service must have failed to be its cause."""

    also: tuple[str, ...] = ()
    """Rules below medium that may be the cause, too."""


class Rule(Struct, frozen=True):
    """One rule file."""

    id: str
    title: str
    severity: SeverityName
    detect: Detect
    kind: Kind = "match"
    signal: bool = False
    """Proof of health: no finding, feeds *what works*, checks and ratios. Needs only title, detect and samples."""
    fallback: bool = False
    """General: silent for an event that any other rule has matched."""
    status: Literal["stable", "test", "deprecated"] = "stable"
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    causes: tuple[str, ...] = ()
    """Rules whose occurrences near one of this rule are its consequences; `RULE/CAUSE`: those that tell of that cause
    themselves."""
    follows: Follows | None = None
    """It tells what another service answered: whatever that one logged as failed right before is the cause."""
    inhibits: tuple[str, ...] = ()
    """More general rules that are silent for the same incident; `RULE/CAUSE`: for one whose own events tell that cause
    of this rule."""
    explain: Explain | None = None
    resolve: tuple[Option, ...] = ()
    verify: Verify = Verify()
    samples: tuple[Sample, ...] = ()
    area: str = ""
    """Name of the folder; set by the loader."""
    path: str = ""
    """Where it was read; set by the loader."""


def with_causes(names: Iterable[str]) -> dict[str, str]:
    """Return the rules that `causes` or `inhibits` names, each with the cause that it asks for, if any."""
    return {rule: cause for rule, _, cause in (name.partition("/") for name in names)}


_UNITS = {"m": 1, "h": 60, "d": 480}


def minutes(duration: str) -> int:
    """Return a duration such as 15m, 1.5h or 2d in minutes (a day is 8 hours); ValueError on anything else."""
    try:
        value = float(duration[:-1]) * _UNITS[duration[-1:]]
    except (KeyError, ValueError):
        raise ValueError(f"{duration!r} is no duration; write 15m, 2h or 1d") from None
    if not 0 < value <= 100_000:
        raise ValueError(f"{duration!r} is no effort between 1m and 200d")
    return round(value)
