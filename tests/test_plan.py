"""The plan: one option per finding, shared fixes once, an order that holds, a budget that is kept."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from itertools import combinations
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logscope.budget import fit
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
    requires: tuple[str, ...] = (),
    conflicts: tuple[str, ...] = (),
) -> Option:
    steps = (f"do {name}",)
    shared = {"fix": fix, "requires": requires, "conflicts_with": conflicts}
    return Option(name, name.title(), best, priority, minutes, "", "", steps, None, **shared)


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


def test_conflict_keeps_the_worse_finding_and_takes_the_others_next_best() -> None:
    """Of two options that exclude each other the worse finding's stays; the other finding gets its alternative."""
    made = plan(
        finding(
            "mild",
            option("drop", best=True, conflicts=("keep",)),
            option("other", priority="low"),
            severity="low",
        ),
        finding("bad", option("keep", best=True), severity="high"),
    )

    assert sorted(names(made)) == ["keep", "other"]
    assert [a.option for a in made.alternatives] == ["drop"]


def test_conflict_without_alternative_leaves_the_finding_out() -> None:
    """A finding whose only option is excluded has no item, its option is listed as an alternative."""
    made = plan(
        finding("bad", option("keep", best=True, conflicts=("drop",)), severity="critical"),
        finding("mild", option("drop", best=True), severity="low"),
    )

    assert names(made) == ["keep"]
    assert [a.option for a in made.alternatives] == ["drop"]


def test_requirement_is_pulled_in_and_comes_first() -> None:
    """What an option requires is part of the plan, before it, as urgent as it, and named by number."""
    made = plan(
        finding("bad", option("second", best=True, minutes=10, requires=("first",)), severity="critical"),
        finding(
            "mild", option("own", best=True), option("first", minutes=180, priority="low"), severity="low"
        ),
    )

    assert [(i.number, i.option, i.severity, i.requires) for i in items(made)][:2] == [
        (1, "own", "low", ()),
        (2, "first", "critical", ()),
    ]
    assert [(i.option, i.requires) for i in items(made)][2] == ("second", (2,))
    assert [phase.name for phase in made.phases] == ["Quick wins", "This week"]


def test_circle_of_requirements_ends() -> None:
    """Options that require each other are both done, each once."""
    made = plan(
        finding("a", option("x", best=True, requires=("y",))),
        finding("b", option("y", best=True, requires=("x",))),
    )

    assert sorted(names(made)) == ["x", "y"]


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
    """It stands beside the plan, with what it requires; where that does not fit, it is deferred too."""
    made = plan(
        finding("a", option("now", best=True, minutes=60)),
        finding("b", option("healed", best=True, minutes=60), status="recovered"),
        finding("c", option("dear", best=True, minutes=90)),
        finding("d", option("behind", best=True, requires=("dear",)), status="consequence"),
        budget=60,
    )

    assert [(phase.name, [i.option for i in phase.items]) for phase in made.phases] == [
        ("Quick wins", ["now"]),
        ("If seen again", ["healed"]),
    ]
    assert made.total_minutes == 60
    assert [i.option for i in made.deferred] == ["dear", "behind"]
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
    requires=st.lists(st.sampled_from(["a", "b", "f1", "f2", "none"]), max_size=2).map(tuple),
    conflicts_with=st.lists(st.sampled_from(["c", "d", "f3"]), max_size=1).map(tuple),
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
    """Totals add up, nothing stands twice, requirements come first, the budget holds, the order given is no matter."""
    made = plan(*candidates, budget=budget)
    done = items(made)
    everything = [*done, *made.deferred]

    assert all(p.total_minutes == sum(i.effort_minutes for i in p.items) for p in made.phases)
    assert made.total_minutes == sum(p.total_minutes for p in made.phases if p.name != AGAIN)
    assert [i.number for i in everything] == list(range(1, len(everything) + 1))
    assert all(number < i.number for i in everything for number in i.requires)
    assert budget is None or made.total_minutes <= budget
    assert all(number <= len(done) for i in done for number in i.requires)
    assert not {(f, i.option) for i in everything for f in i.findings[:1]} & {
        (a.finding, a.option) for a in made.alternatives
    }
    if not any(o.conflicts_with for c in candidates for o in c.options):
        assert {c.rule for c in candidates if c.options} <= {f for i in everything for f in i.findings}
    again = list(candidates)
    shuffle.shuffle(again)
    assert plan(*again, budget=budget) == made


class Job(NamedTuple):
    """What a budget asks of a job."""

    key: str
    effort: int
    value: float
    requires: frozenset[str]

    @property
    def rank(self) -> tuple[str]:
        return (self.key,)


@given(
    st.lists(st.tuples(st.sampled_from([5, 10, 25, 40]), st.integers(1, 300)), min_size=1, max_size=7),
    st.integers(0, 90),
    st.booleans(),
)
def test_budget_is_as_good_as_trying_everything(
    wanted: list[tuple[int, int]], budget: int, chained: bool
) -> None:
    """No other set of jobs that fits, and holds what it requires, is worth more."""
    jobs = {
        f"job{n}": Job(f"job{n}", effort, value, frozenset({f"job{n - 1}"} if chained and n % 2 else ()))
        for n, (effort, value) in enumerate(wanted)
    }

    def worth(keys: Iterable[str]) -> float:
        return sum(jobs[key].value for key in keys)

    def allowed(keys: Collection[str]) -> bool:
        needed = frozenset[str]().union(*(jobs[key].requires for key in keys))
        return needed <= set(keys) and sum(jobs[key].effort for key in keys) <= budget

    found = fit(jobs, budget)
    sets = [keys for size in range(len(jobs) + 1) for keys in combinations(jobs, size)]
    assert allowed(found)
    assert worth(found) == max(worth(keys) for keys in sets if allowed(keys))


def test_a_budget_holds_where_trying_everything_takes_too_long() -> None:
    """Many jobs that require others: what is chosen fits, is whole, and leaves no room for a further pair."""
    pairs = range(15)
    jobs = {f"first{n}": Job(f"first{n}", 10, 1.0 + n, frozenset()) for n in pairs}
    jobs |= {f"then{n}": Job(f"then{n}", 5, 50.0 + n, frozenset({f"first{n}"})) for n in pairs}
    assert fit(jobs, 70) == {f"{part}{n}" for n in (11, 12, 13, 14) for part in ("first", "then")} | {
        "first10"
    }
