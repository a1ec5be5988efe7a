"""Reduce: scans of all sources to the one Report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from logscope import __version__
from logscope.correlate import APP_STARTED, SERVER_STARTED, restarts_of
from logscope.correlate.consequences import consequences
from logscope.correlate.copies import Copies, without_copies
from logscope.correlate.databases import from_both_sides, of_databases
from logscope.correlate.silencing import find_occurrences
from logscope.correlate.windows import in_order
from logscope.counting import counted
from logscope.findings.aftermath import find_aftermath
from logscope.findings.aggregate import build_finding, figures_of
from logscope.findings.causes import told_by
from logscope.findings.context import Context
from logscope.findings.evidence import choose_events, evidence_line, first_stalled, kept_events
from logscope.findings.frequency import Extent, iso
from logscope.findings.order import depth_of, in_order_of_reading, symptoms_of, worst_severities
from logscope.findings.repository import find_repository
from logscope.findings.unexplained import unexplained_errors
from logscope.model import Hit, Note, RuleHits, Source
from logscope.options import RunOptions
from logscope.packed import FoundHits
from logscope.plan import Candidate, build_plan
from logscope.redact import clean
from logscope.report import (
    SCHEMA,
    Check,
    Coverage,
    Finding,
    Input,
    Plan,
    Report,
    ReportNote,
    Signal,
    Unexplained,
)
from logscope.rulebook.rule import REQUESTS, Rule
from logscope.rulebook.ruleset import RuleSet
from logscope.scan.tally import SourceScan
from logscope.verdict.baseline import compare, resolved, run_metrics
from logscope.verdict.gate import decide, decide_checks, done
from logscope.verdict.verify import REQUESTS_TITLE, TEAM, Seen, run_checks, run_team_checks
from logscope.verdict.waivers import waive

MAX_ROTATED = 4
"""Files of one log that are named, at most."""


class Assembly(Struct, frozen=True):
    """All that was read."""

    sources: tuple[Source, ...]
    skipped: dict[str, int]
    notes: tuple[Note, ...]
    scans: tuple[SourceScan, ...]
    ruleset: RuleSet


def build_report(read: Assembly, options: RunOptions) -> Report:
    """Return the report of a run."""
    rules = read.ruleset.rules
    hits = FoundHits()
    for scan in read.scans:
        hits.join(scan.hits)
    hits, copies = without_copies(hits) if len(read.scans) > 1 else (hits, {})
    own = of_databases((scan.source, event) for scan in read.scans for event in scan.events.values())
    found = from_both_sides(find_occurrences(rules, hits), own)
    context = _context(read, found, hits, options)
    context = replace(context, aftermath=find_aftermath(found, context))
    findings = _findings([item for item in found if not rules[item.rule].signal], rules, context)
    signals = _signals([item for item in found if rules[item.rule].signal], read, context)
    unexplained = unexplained_errors(read.scans, context)
    seen = _seen(found, findings, signals, read, context)
    if options.baseline:
        findings = compare(findings, options.baseline)
    checks = _checks(rules, findings, seen, options)
    findings, checks, notes = _agreed(findings, checks, read, copies, options)
    plan = _plan(findings, unexplained, rules, options)
    gate = decide(findings, unexplained, notes, options.fail_on, options.strict)
    if options.all_checks:
        gate = decide_checks(checks, notes, gate.counts, options.strict)
    return Report(
        schema=SCHEMA,
        version=__version__,
        generated=options.generated.astimezone(context.zone or UTC).isoformat(timespec="seconds"),
        title="Pre-release checklist" if options.all_checks else "Log analysis and resolution plan",
        status=f"Checklist {done(notes)}: {gate.reason}"
        if options.all_checks
        else _status(findings, unexplained, read, options),
        inputs=tuple(_input(scan, read.sources, context.zone) for scan in read.scans),
        findings=findings,
        unexplained=unexplained,
        signals=signals,
        plan=plan,
        checks=_by_plan(checks, findings, plan),
        metrics=run_metrics(rules, findings, seen, options.baseline),
        coverage=_coverage(read, unexplained),
        notes=notes,
        gate=gate,
        baseline=options.baseline.generated if options.baseline else "",
        resolved=resolved(rules, findings, seen, options.baseline) if options.baseline else (),
    )


def _checks(
    rules: Sequence[Rule], findings: Sequence[Finding], seen: Seen, options: RunOptions
) -> tuple[Check, ...]:
    """Checks of every rule, or only of those that found something; the team's own in the same way."""
    found = {finding.rule for finding in findings}
    every = options.all_checks
    own = run_team_checks([check for check in options.team_checks if every or check.rule in found], seen)
    return (*own, *run_checks([rule for rule in rules if every or rule.id in found], seen))


def _agreed(
    findings: tuple[Finding, ...],
    checks: tuple[Check, ...],
    read: Assembly,
    copies: Copies,
    options: RunOptions,
) -> tuple[tuple[Finding, ...], tuple[Check, ...], tuple[ReportNote, ...]]:
    """Findings and checks with the team's waivers, and every note of the run."""
    findings, checks, more = waive(
        findings,
        checks,
        options.waivers,
        options.generated.date(),
        clean(options.config_name),
        options.all_checks,
    )
    notes = {ReportNote(clean(n.where), n.kind, clean(n.text)) for n in read.notes}
    notes |= {*more, *options.notes, *_window(read, options), *_repeated(copies, read)}
    return findings, checks, tuple(sorted(notes, key=lambda note: (note.where, note.kind, note.text)))


def _repeated(copies: Copies, read: Assembly) -> list[ReportNote]:
    """Say which sources repeat the records of others."""
    name = [clean(source.name) for source in read.sources]
    notes: list[ReportNote] = []
    for copy, ((first, *others), count) in copies.items():
        more = f" and {counted(len(others), 'other source')}" if others else ""
        text = f"repeats {name[first]}{more}: {counted(count, 'hit')} counted once"
        notes.append(ReportNote(name[copy], "copy", text))
    return notes


def _window(read: Assembly, options: RunOptions) -> list[ReportNote]:
    """Say what --since and --until left out."""
    zone = options.scan.timezone or UTC
    limits = [("from", options.scan.since), ("to", options.scan.until)]
    bounds = [
        f"{word} {datetime.fromtimestamp(time, zone):%Y-%m-%d %H:%M:%S %Z}"
        for word, time in limits
        if time is not None
    ]
    if not bounds:
        return []
    looked = sum(scan.examined for scan in read.scans)
    outside = sum(scan.events_outside for scan in read.scans)
    untimed = sum(scan.events_without_time for scan in read.scans)
    text = f"only events {' '.join(bounds)}: {outside} of {looked} looked at lie outside"
    text += f", {untimed} without a time {'is' if untimed == 1 else 'are'} kept" if untimed else ""
    if _looked_past(read, options):
        text += "; no log reaches into this window, so nothing is proven"
    return [ReportNote("time window", "time", text)]


def _looked_past(read: Assembly, options: RunOptions) -> bool:
    """Say whether every source ends before --since or begins after --until, as far as its times tell."""
    since, until = options.scan.since, options.scan.until
    return all(
        (since is not None and scan.last_time is not None and scan.last_time < since)
        or (until is not None and scan.first_time is not None and scan.first_time > until)
        for scan in read.scans
    )


def _context(
    read: Assembly,
    found: Sequence[RuleHits],
    hits: FoundHits,
    options: RunOptions,
) -> Context:
    rules = read.ruleset.rules
    scans = {scan.source: scan for scan in read.scans}
    events = [event for scan in read.scans for event in scan.events.values()] if options.repo else []
    frames = [frame for event in events if event.exception for frame in event.exception.frames]
    return Context(
        rules=rules,
        scans=scans,
        names=[source.name for source in read.sources],
        parts={read.sources[scan.source].name: scan.parts for scan in read.scans},
        extent=_extent(read, in_order(restarts_of(rules, hits.by_rule)), options.scan.until),
        zone=options.scan.timezone,
        repository=find_repository(options.repo, options.repo_explicit, frames),
        hits=hits,
        kept=kept_events(found, scans),
    )


def _extent(read: Assembly, restarts: Sequence[Hit], until: float | None) -> Extent:
    lines = [0] * len(read.sources)
    for scan in read.scans:
        lines[scan.source] = scan.lines
    firsts = [scan.first_time for scan in read.scans if scan.first_time is not None]
    lasts = {scan.source: scan.last_time for scan in read.scans if scan.last_time is not None}
    return Extent(
        first=min(firsts, default=None),
        last=max(lasts.values(), default=None),
        starts=[0, *accumulate(lines)],
        restarts=restarts,
        ends={source: last if until is None else min(last, until) for source, last in lasts.items()},
        named=any(event.offset for scan in read.scans for event in scan.events.values()),
    )


def _findings(found: Sequence[RuleHits], rules: Sequence[Rule], context: Context) -> tuple[Finding, ...]:
    """Return findings, worst first, each consequence behind its causes."""
    running = {n for n, scan in context.scans.items() if scan.requests}
    running |= {
        hit.source for n, own in context.hits.by_rule.items() if rules[n].id == APP_STARTED for hit in own
    }
    effects = consequences(rules, found, running, lambda item, cause: told_by(item, cause, context))
    built = [build_finding(item, effects.get(item.rule, ()), context) for item in found]
    return in_order_of_reading(built, symptoms_of(rules))


def _signals(found: Sequence[RuleHits], read: Assembly, context: Context) -> tuple[Signal, ...]:
    signals = []
    for item in found:
        rule = context.rules[item.rule]
        if rule.id == SERVER_STARTED:
            continue  # where it ends well, the application says so
        times = [
            hit.time
            for occurrence in item.occurrences
            for hit in occurrence.hits
            if hit.time is not None and hit.time_quality == "exact"
        ]
        first = {number: told for number, told in context.kept[item.rule].items() if number == 0}
        events = choose_events(first, 1)
        evidence = tuple(evidence_line(event, context) for event in events[:1])
        more = any(item.rule in scan.saturated for scan in read.scans)
        last = None if more else iso(max(times, default=None), context.zone)
        signals.append(Signal(rule.id, rule.title, len(item.occurrences), last, evidence, more))
    requests = sum(scan.requests - scan.requests_5xx for scan in read.scans)
    if requests > 0:
        signals.append(Signal(REQUESTS, REQUESTS_TITLE, requests, None))
    return tuple(sorted(signals, key=lambda signal: signal.rule))


def _seen(
    found: Sequence[RuleHits],
    findings: Sequence[Finding],
    signals: Sequence[Signal],
    read: Assembly,
    context: Context,
) -> Seen:
    figures = {context.rules[item.rule].id: figures_of(item, context) for item in found}
    figures |= {s.rule: {"occurrences": float(s.occurrences)} for s in signals if s.rule == REQUESTS}
    evidence = {finding.rule: finding.evidence for finding in findings} | {
        s.rule: s.evidence for s in signals
    }
    return Seen(
        figures=figures,
        at_least=frozenset(signal.rule for signal in signals if signal.at_least),
        exercised=frozenset().union(*(scan.exercised for scan in read.scans)),
        lines=sum(scan.lines for scan in read.scans),
        evidence=evidence,
        stalled={
            context.rules[item.rule].id: evidence_line(event, context)
            for item in found
            if (event := first_stalled(item, context.scans))
        },
        titles={rule.id: rule.title for rule in context.rules} | {REQUESTS: REQUESTS_TITLE},
    )


def _plan(
    findings: Sequence[Finding],
    unexplained: Sequence[Unexplained],
    rules: Sequence[Rule],
    options: RunOptions,
) -> Plan:
    """The plan for everything that is not waived; what it leaves out in the order of the findings."""
    worst = worst_severities([finding for finding in findings if not finding.waiver])
    urgent = [
        replace(finding, severity=worst[finding.rule].label) for finding in findings if not finding.waiver
    ]
    depths = depth_of(findings, symptoms_of(rules))
    plan = build_plan(
        [Candidate(f.rule, f.severity, f.occurrences, f.status, f.options, depths[f.rule]) for f in urgent],
        budget_minutes=options.budget_minutes,
        generated=options.generated,
    )
    if unexplained and not findings:
        soon = f"{options.generated + timedelta(days=1):%Y-%m-%d}"
        plan = replace(plan, next_review=f"When the unexplained errors are understood, by {soon}.")
    place = {finding.rule: number for number, finding in enumerate(findings)}
    others = sorted(plan.alternatives, key=lambda other: place[other.finding])
    return replace(plan, alternatives=tuple(others))


def _by_plan(checks: Sequence[Check], findings: Sequence[Finding], plan: Plan) -> tuple[Check, ...]:
    """Return the team's own checks, then those of findings as the plan resolves them, then the others by area."""
    items = [item for phase in plan.phases for item in phase.items]
    rules = [rule for item in items for rule in item.findings] + [finding.rule for finding in findings]
    place = {rule: number for number, rule in enumerate(dict.fromkeys(rules))}
    return tuple(sorted(checks, key=lambda c: (c.rule != TEAM, place.get(c.rule, len(place)), c.area)))


def _input(scan: SourceScan, sources: Sequence[Source], zone: tzinfo | None) -> Input:
    timed = scan.first_time is not None
    whole = all(event.time_quality == "exact" for event in scan.events.values())
    files = [name for _, name in reversed(scan.parts)] or [sources[scan.source].name]
    *newer, oldest = files if len(files) <= MAX_ROTATED else (files[0], f"{len(files) - 1} older files")
    return Input(
        name=clean(f"{', '.join(newer)} and {oldest}" if newer else oldest),
        bytes=scan.bytes,
        lines=scan.lines,
        format=", ".join(scan.layout.formats) or "text",
        prefix=scan.layout.collector,
        encoding=scan.layout.encoding or scan.encoding,
        first_time=iso(scan.first_time, zone),
        last_time=iso(scan.last_time, zone),
        time_quality="order" if not timed else "exact" if whole else "interpolated",
    )


def _coverage(read: Assembly, unexplained: Sequence[Unexplained]) -> Coverage:
    scans = read.scans
    skipped = dict(read.skipped)
    names = {file.name for source in read.sources for file in (source, *source.older)}
    for note in read.notes:
        if note.kind in ("binary", "unreadable") and note.where in names:
            skipped[note.kind] = skipped.get(note.kind, 0) + 1
    requests = sum(scan.requests for scan in scans)
    return Coverage(
        sources=sum(len(scan.parts) for scan in scans),
        bytes=sum(scan.bytes for scan in scans),
        lines=sum(scan.lines for scan in scans),
        events_examined=sum(scan.examined for scan in scans),
        error_events=sum(scan.error_events for scan in scans),
        unexplained_events=sum(item.occurrences for item in unexplained),
        requests=requests or None,
        requests_5xx=sum(scan.requests_5xx for scan in scans if scan.requests),
        skipped={reason: count for reason, count in sorted(skipped.items()) if count},
        rules_loaded=len(read.ruleset.rules),
        rules_off=read.ruleset.off,
        events_without_time=sum(scan.events_without_time for scan in scans),
    )


def _status(
    findings: Sequence[Finding], unexplained: Sequence[Unexplained], read: Assembly, options: RunOptions
) -> str:
    analysis = f"Analysis {done(read.notes)}"
    active = [finding for finding in findings if finding.status != "recovered" and not finding.waiver]
    if active:
        return f"{analysis}: {counted(len(active), 'problem')} found, the plan is ready"
    if unexplained:
        return f"{analysis}: no known problem, but errors that no rule explains"
    if any(finding.waiver for finding in findings):
        return f"{analysis}: no problem found that is not waived or healed by itself"
    if _looked_past(read, options):
        return "Nothing to judge: no log reaches into the time window"
    failed = sum(scan.requests_5xx for scan in read.scans)
    if failed and not findings:
        return f"{analysis}: no known problem, but {counted(failed, 'request')} answered with 5xx"
    if findings:
        return f"{analysis}: no problem found that did not heal by itself"
    known = any(scan.layout.formats for scan in read.scans)
    return f"{analysis}: no problem found" + ("" if known else ", in lines of no known format")
