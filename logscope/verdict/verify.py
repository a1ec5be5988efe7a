"""Checks: what the log proves, what it disproves, and what it never exercised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from logscope.counting import counted
from logscope.expressions import parse_expression
from logscope.neutral import one_line
from logscope.report import Check, CheckResult, EvidenceLine
from logscope.rulebook.rule import Check as RuleCheck
from logscope.rulebook.rule import Exercise, Rule

TEAM = "team"
"""The rule, and the area, under which a team's own checks are listed."""
REQUESTS_TITLE = "Requests answered without a server error"
_NONE_EXPECTED = "occurrences == 0"
_RELATIONS = {
    "!=": "anything but",
    "<=": "at most",
    ">=": "at least",
    "<": "less than",
    ">": "more than",
}


class TeamCheck(Struct, frozen=True):
    """A check that a team adds to those of the rules."""

    id: str
    text: str
    rule: str = ""
    """The rule or signal whose figures `expect` asks."""
    expect: str = ""
    """An expression over the figures of `rule`; with a rule and without this, `occurrences == 0`."""
    exercised_by: Exercise | None = None
    """What shows that the trigger ran; without a rule, what alone passes the check."""
    manual: bool = False
    """Left for a person."""


class Seen(Struct, frozen=True):
    """What a run saw, as far as checks ask."""

    figures: Mapping[str, Mapping[str, float]]
    """Figures by rule id, signals too; a rule that found nothing is missing."""
    at_least: frozenset[str]
    """Signals of which there are more than were counted."""
    exercised: frozenset[str]
    """Literals that occur somewhere in the input."""
    lines: int
    evidence: Mapping[str, tuple[EvidenceLine, ...]]
    """First evidence by rule id, signals too."""
    stalled: Mapping[str, EvidenceLine]
    """Where the first session that did not recover began, by id of the rule that counts sessions."""
    titles: Mapping[str, str]
    """Titles of all rules that were applied, by id."""


class _Verdict(Struct, frozen=True):
    result: CheckResult
    reason: str
    evidence: tuple[EvidenceLine, ...] = ()


_MANUAL = _Verdict("manual", "the log cannot tell")


def run_checks(rules: Sequence[Rule], seen: Seen) -> tuple[Check, ...]:
    """Return every check of the rules with its result."""
    return tuple(
        _check(check, rule.id, _judge(rule.id, check.expect, check.exercised_by, seen), rule.area)
        for rule in rules
        for check in rule.verify.checks
    )


def run_team_checks(checks: Sequence[TeamCheck], seen: Seen) -> tuple[Check, ...]:
    """Return the team's own checks with their results; one of a rule that was not applied is not exercised."""
    own = [replace(check, text=one_line(check.text)) for check in checks]
    return tuple(_check(check, TEAM, _team_verdict(check, seen), TEAM) for check in own)


def was_exercised(rule: Rule, seen: Seen) -> bool:
    """Say whether the log came to the point where this rule would have found something.

    Without a check that could tell, a log with any line is taken to have come there.
    """
    asked = [check for check in rule.verify.checks if check.expect]
    return any(_exercised(check.exercised_by, seen)[0] for check in asked) if asked else seen.lines > 0


def _check(check: RuleCheck | TeamCheck, rule: str, verdict: _Verdict, area: str) -> Check:
    return Check(check.id, rule, check.text, verdict.result, verdict.reason, verdict.evidence, area=area)


def _team_verdict(check: TeamCheck, seen: Seen) -> _Verdict:
    if check.rule and check.rule not in seen.titles:
        return _Verdict("not-exercised", f"the rule {check.rule} is switched off")
    if check.rule:
        return _judge(check.rule, check.expect or _NONE_EXPECTED, check.exercised_by, seen)
    if check.manual or check.exercised_by is None:
        return _MANUAL
    exercised, why, proof = _exercised(check.exercised_by, seen)
    return _Verdict("passed" if exercised else "not-exercised", why, proof)


def _judge(rule: str, expect: str, trigger: Exercise | None, seen: Seen) -> _Verdict:
    if not expect:
        return _MANUAL
    figures = {"occurrences": 0.0, "events": 0.0, "recovered": 0.0, **seen.figures.get(rule, {})}
    holds = parse_expression(expect).holds(figures)
    found = _found(seen.titles.get(rule, rule), expect, figures)
    if holds is False:
        proof = seen.evidence.get(rule, ())[:1]
        if parse_expression(expect).figure == "stalled" and rule in seen.stalled:
            proof = (seen.stalled[rule],)
        return _Verdict("failed", f"{found}; expected {_expected(expect)}", proof)
    exercised, why, proof = _exercised(trigger, seen)
    if not exercised:
        return _Verdict("not-exercised", why)
    if holds is None:
        return _Verdict("not-exercised", f"the log gives no figure for {expect}")
    if figures.get(parse_expression(expect).figure):
        found += f", expected {_expected(expect)}"
    return _Verdict("passed", f"{found}; {why}", proof or seen.evidence.get(rule, ())[:1])


def _found(title: str, expect: str, figures: Mapping[str, float]) -> str:
    """What was counted, in words: `“Title” seen 4 times`, `“Title” never seen`, `“Title”, rejected first: 5`."""
    name = parse_expression(expect).figure
    value = figures.get(name)
    if value is None:
        return f"“{title}”, {_words(name)}: not known"
    if name == "occurrences":
        return f"“{title}” {f'seen {_times(int(value))}' if value else 'never seen'}"
    return f"“{title}”, {_words(name)}: {figure_text(name, value)}"


def _expected(expect: str) -> str:
    expression = parse_expression(expect)
    number = figure_text(expression.figure, expression.number)
    if expression.operator in ("==", "<=") and expression.number == 0:
        return "never" if expression.figure == "occurrences" else "none"
    return f"{_RELATIONS[expression.operator]} {number}" if expression.operator != "==" else number


def _exercised(trigger: Exercise | None, seen: Seen) -> tuple[bool, str, tuple[EvidenceLine, ...]]:
    if trigger is None or not (trigger.signals or trigger.text):
        return seen.lines > 0, f"{counted(seen.lines, 'line')} read", ()
    for signal in trigger.signals:
        count = int(seen.figures.get(signal, {}).get("occurrences", 0))
        if count:
            title = seen.titles.get(signal, signal)
            more = "more than " * (signal in seen.at_least)
            return True, f"“{title}” seen {more}{_times(count)}", seen.evidence.get(signal, ())[:1]
    for text in trigger.text:
        if text in seen.exercised:
            return True, f"“{text.strip()}” occurs", ()
    names = [seen.titles.get(signal, signal) for signal in trigger.signals]
    wanted = [f"“{name.strip()}”" for name in (*names, *trigger.text)]
    return False, f"waits for {' or '.join(wanted)}", ()


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _words(figure: str) -> str:
    return figure.replace("_", " ")


def figure_text(name: str, value: float) -> str:
    """A figure as it is written: shares as percent, whole numbers without a fraction."""
    if name in ("success_rate", "ratio"):
        return f"{value * 100:.0f} %"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
