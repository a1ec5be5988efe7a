"""The plan: one option per finding, shared fixes once, an order that holds, a budget that is kept."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logscope.plan import Candidate, build_plan
from logscope.report import AGAIN, Option, Plan, PlanItem, PlanPart

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def option(
    name: str,
    *,
    minutes: int = 30,
    priority: str = "high",
    best: bool = False,
    fix: str = "",
) -> Option:
    return Option(name, name.title(), best, priority, minutes, "", "", (f"do {name}",), None, fix=fix)


def finding(
    rule: str, *options: Option, severity: str = "high", count: int = 1, status: str = "active"
) -> Candidate:
    return Candidate(rule, severity, count, status, options)


def plan(*candidates: Candidate, budget: int | None = None) -> Plan:
    return build_plan(candidates, budget_minutes=budget, generated=NOW)


def items(made: Plan) -> list[PlanItem]:
    return [item for phase in made.phases for item in phase.items]


def names(made: Plan) -> list[str]:
    return [item.option for item in items(made)]


def test_recommended_is_chosen_and_alternatives_are_not_added_up() -> None:
    """The recommended option stands in the plan, the others beside it."""
    made = plan(finding("a", option("slow", minutes=180), option("quick", minutes=5, best=True)))

    assert names(made) == ["quick"]
    assert made.total_minutes == 5
    assert [(a.finding, a.option, a.effort_minutes) for a in made.alternatives] == [("a", "slow", 180)]


def test_shared_fix_counts_once() -> None:
    """Two findings that need the same fix have one item, at the worse one's rank and the larger effort."""
    made = plan(
        finding("mild", option("x", fix="f", minutes=45, best=True), severity="low"),
        finding("bad", option("y", fix="f", minutes=20, best=True), severity="critical"),
    )

    assert [(i.option, i.findings, i.severity, i.effort_minutes) for i in items(made)] == [
        ("y", ("bad", "mild"), "critical", 45)
    ]


def test_shared_fix_keeps_the_steps_of_every_finding() -> None:
    """What only another finding's version of the fix says stands beside the steps of the worst, each step once."""
    made = plan(
        finding("bad", replace(option("x", fix="f", best=True), steps=("one", "two")), severity="critical"),
        finding("mild", replace(option("y", fix="f", best=True), steps=("two", "three")), severity="low"),
        finding("same", replace(option("z", fix="f", best=True), steps=("three", "one")), severity="info"),
    )

    (item,) = items(made)
    assert item.steps == ("one", "two")
    assert item.parts == (PlanPart("mild", "Y", ("three",)),)


def test_phases() -> None:
    """Short and important is a quick win, the worse the longer it may take; up to four hours or critical is this
    week, the rest later, and what is for a mere remark; what healed waits until it is seen again."""
    made = plan(
        finding("a", option("quick", best=True, minutes=30, priority="medium")),
        finding("b", option("unimportant", best=True, minutes=10, priority="low")),
        finding("c", option("grave", best=True, minutes=10, priority="low"), severity="critical"),
        finding("d", option("half-day", best=True, minutes=240)),
        finding("e", option("long", best=True, minutes=241)),
        finding("f", option("healed", best=True, minutes=5), status="recovered"),
        finding("g", option("long-and-grave", best=True, minutes=300), severity="critical"),
        finding("h", option("hour", best=True, minutes=60), severity="high"),
        finding("i", option("hours", best=True, minutes=61), severity="high"),
        finding("j", option("more", best=True, minutes=31), severity="medium"),
        finding("k", option("stands-still", best=True, minutes=120), severity="critical"),
        finding("l", option("remark", best=True, minutes=5), severity="info"),
    )

    assert [(phase.name, [i.option for i in phase.items]) for phase in made.phases] == [
        ("Quick wins", ["stands-still", "grave", "hour", "quick"]),
        ("This week", ["long-and-grave", "hours", "half-day", "unimportant", "more"]),
        ("Later", ["long", "remark"]),
        ("If seen again", ["healed"]),
    ]
    assert made.total_minutes == sum(phase.total_minutes for phase in made.phases) - 5


def test_consequence_shares_the_fix_of_its_cause() -> None:
    """A consequence is resolved by its cause's fix where they share one, and stands later where not."""
    cause = finding("cause", option("fix", fix="f", best=True))
    shared = finding("shared", option("own", best=True), option("same", fix="f"), status="consequence")
    apart = finding("apart", option("else", best=True, minutes=5), severity="critical", status="consequence")
    made = plan(shared, apart, cause)

    assert [(i.option, i.findings) for i in items(made)] == [
        ("fix", ("cause", "shared")),
        ("else", ("apart",)),
    ]
    assert [(phase.name, phase.total_minutes) for phase in made.phases[1:]] == [("If seen again", 5)]
    assert made.total_minutes == made.phases[0].total_minutes


def test_order_within_a_phase() -> None:
    """Severity first, then priority, then occurrences, then effort, then the name."""
    made = plan(
        finding("a", option("often", best=True), count=9),
        finding("b", option("seldom", best=True), count=1),
        finding("c", option("medium", best=True, priority="medium"), count=99),
        finding("d", option("critical", best=True), severity="critical"),
        finding("e", option("short", best=True, minutes=5), count=1),
    )

    assert names(made) == ["critical", "often", "short", "seldom", "medium"]


def test_budget_takes_the_best_set() -> None:
    """The budget holds the most valuable set, not the first that fits; the rest is deferred with later numbers."""
    made = plan(
        finding("big", option("big", best=True, minutes=60), severity="high"),
        finding("one", option("one", best=True, minutes=30), severity="high"),
        finding("two", option("two", best=True, minutes=30), severity="high"),
        budget=60,
    )

    assert sorted(names(made)) == ["one", "two"]
    assert [(i.option, i.number) for i in made.deferred] == [("big", 3)]
    assert made.total_minutes == 60


def test_what_is_only_for_what_is_seen_again_costs_no_budget() -> None:
    """It stands beside the plan."""
    made = plan(
        finding("a", option("now", best=True, minutes=60)),
        finding("b", option("healed", best=True, minutes=60), status="recovered"),
        finding("c", option("dear", best=True, minutes=90)),
        budget=60,
    )

    assert [(phase.name, [i.option for i in phase.items]) for phase in made.phases] == [
        ("Quick wins", ["now"]),
        ("If seen again", ["healed"]),
    ]
    assert made.total_minutes == 60
    assert [i.option for i in made.deferred] == ["dear"]
    assert made.next_review == "After the phase “Quick wins”, by 2026-11-21."
    healed = plan(finding("b", option("healed", best=True), status="recovered"))
    assert (healed.total_minutes, healed.next_review) == (
        0,
        "Nothing is to be done now: look again by 2026-12-20.",
    )


def test_next_review_names_dates() -> None:
    """The next review follows from the phases and the time of the report."""
    made = plan(finding("a", option("x", best=True)), finding("b", option("y", best=True, minutes=300)))

    assert (
        made.next_review == "After the phase “Quick wins”, by 2026-11-21; again after “Later”, by 2026-12-20."
    )
    assert plan().next_review == "Nothing is planned: look again by 2026-12-20."
    assert plan().phases == ()


OPTION = st.builds(
    Option,
    id=st.sampled_from("abcdef"),
    fix=st.sampled_from(["", "", "f1", "f2", "f3"]),
    title=st.just("T"),
    recommended=st.booleans(),
    priority=st.sampled_from(["high", "medium", "low"]),
    effort_minutes=st.sampled_from([0, 5, 7, 15, 30, 60, 300]),
    impact=st.just(""),
    risk=st.just(""),
    steps=st.just(()),
    snippet=st.none(),
)
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        rule=st.text("rstuvwx", min_size=1, max_size=3),
        severity=st.sampled_from(["critical", "high", "medium", "low", "info"]),
        occurrences=st.integers(1, 500),
        status=st.sampled_from(["active", "active", "consequence", "recovered"]),
        options=st.lists(OPTION, max_size=4, unique_by=lambda o: o.id).map(tuple),
    ),
    max_size=8,
    unique_by=lambda c: c.rule,
)


@settings(max_examples=200)
@given(CANDIDATES, st.one_of(st.none(), st.integers(0, 200)), st.randoms(use_true_random=False))
def test_laws(candidates: list[Candidate], budget: int | None, shuffle: random.Random) -> None:
    """Totals add up, nothing stands twice, the budget holds, the order given is no matter."""
    made = plan(*candidates, budget=budget)
    done = items(made)
    everything = [*done, *made.deferred]

    assert all(p.total_minutes == sum(i.effort_minutes for i in p.items) for p in made.phases)
    assert made.total_minutes == sum(p.total_minutes for p in made.phases if p.name != AGAIN)
    assert [i.number for i in everything] == list(range(1, len(everything) + 1))
    assert budget is None or made.total_minutes <= budget
    assert not {(f, i.option) for i in everything for f in i.findings[:1]} & {
        (a.finding, a.option) for a in made.alternatives
    }
    assert {c.rule for c in candidates if c.options} <= {f for i in everything for f in i.findings}
    again = list(candidates)
    shuffle.shuffle(again)
    assert plan(*again, budget=budget) == made


@given(
    st.lists(st.tuples(st.sampled_from([5, 10, 25, 40]), st.integers(1, 300)), min_size=1, max_size=7),
    st.integers(0, 90),
)
def test_budget_is_as_good_as_trying_everything(wanted: list[tuple[int, int]], budget: int) -> None:
    """No other set of steps that fits is worth more; the more often something failed, the more it is worth."""
    found = [
        finding(f"rule{n}", option(f"do{n}", best=True, minutes=effort), count=count)
        for n, (effort, count) in enumerate(wanted)
    ]

    def worth(numbers: Iterable[int]) -> float:
        return sum(1 + math.log2(wanted[n][1]) for n in numbers)

    kept = [int(item.option[2:]) for item in items(plan(*found, budget=budget))]
    sets = [own for size in range(len(wanted) + 1) for own in combinations(range(len(wanted)), size)]
    assert sum(wanted[n][0] for n in kept) <= budget
    assert worth(kept) == pytest.approx(
        max(worth(own) for own in sets if sum(wanted[n][0] for n in own) <= budget)
    )
