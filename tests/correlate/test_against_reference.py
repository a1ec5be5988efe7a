"""Every kind of rule finds exactly what the slow reference finds, whatever the hits; of sequences, of which there is
none, what they promise holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from msgspec.structs import replace

from correlate import reference
from logscope.correlate import KINDS
from logscope.correlate.windows import Processes, in_order, near
from logscope.model import Hit, RuleHits
from logscope.rulebook.rule import Condition, Detect, Incident, Outcomes, Rule, Step, Window

LAYERS = ("app|failed", "app|ended", "main|failed", "client", "asgi", "asyncio", "asyncio.run", "retry")
CAPTURES = (("request", ("a", "b", "")), ("tool", ("x", "y", "z")))
CLOCK = (0.0, 0.5, 2.0, 4.0, 11.0, 130.0)
SEEN = (Condition(text=("found",)),)
windows = st.builds(
    Window, st.sampled_from((None, 0.0, 3.0, 10.0)), st.sampled_from((None, 0, 4, 20))
).filter(lambda window: window != Window())
many = settings(max_examples=120)


@st.composite
def captured(draw: DrawFn) -> tuple[tuple[str, str], ...]:
    chosen = [(name, draw(st.sampled_from((None, *values)))) for name, values in CAPTURES]
    return tuple((name, value) for name, value in chosen if value is not None)


@st.composite
def one_source(draw: DrawFn, source: int, roles: Sequence[str], wild: bool) -> tuple[list[Hit], list[Hit]]:
    """Hits and restarts of one source: all of them with a time or none; where it is wild, only some, and a clock that
    goes back."""
    timed = draw(st.sampled_from(((True,), (False,), (True, True, False))[: 3 if wild else 2]))
    steps = draw(st.sampled_from((CLOCK, (0.0, 2.0, 11.0, -4.0, -130.0))[: 2 if wild else 1]))
    line, time = 1, 1_000.0
    hits, restarts = [], []
    for _ in range(draw(st.integers(0, 10))):
        line += draw(st.sampled_from((1, 1, 2, 5, 30, 1_200)))
        time += draw(st.sampled_from(steps))
        known = draw(st.sampled_from(timed))
        last = line + draw(st.sampled_from((0, 0, 3)))
        off = (
            draw(st.sampled_from((None, None, None, (0.0, 2.0), (1.0, 50.0), (130.0, 4.0)))) if wild else None
        )
        stream = draw(st.sampled_from(("", "api", "worker")))
        hit = Hit(
            0,
            draw(st.sampled_from(roles)),
            source,
            line,
            last,
            time if known else None,
            ("interpolated" if off else "exact") if known else "order",
            stream,
            draw(st.sampled_from(LAYERS)),
            draw(st.sampled_from((False, False, False, True))),
            draw(captured()),
            (time - off[0], time + off[1]) if known and off else None,
        )
        if draw(st.sampled_from((False,) * 6 + (True,))):
            restarts.append(hit)
        else:
            hits.append(hit)
        line = last
    return hits, restarts


@st.composite
def logs(draw: DrawFn, *roles: str, wild: bool = False) -> tuple[list[Hit], list[Hit]]:
    """Hits and restarts of up to three sources, in any order."""
    parts = [draw(one_source(number, roles, wild)) for number in range(draw(st.integers(1, 3)))]
    hits = [hit for part, _ in parts for hit in part]
    return draw(st.permutations(hits)), [hit for _, part in parts for hit in part]


OFTEN = ("app|failed",) * 4 + ("client", "asgi", "asyncio", "retry")
"""Mostly one layer."""
IN_TURNS = ("app|failed",) * 3 + ("main|failed",) * 3 + ("asgi", "asgi", "edge|failed", "retry")
"""As layers of the same failures, told in parallel."""


@st.composite
def bursts(draw: DrawFn, layers: Sequence[str] = OFTEN) -> tuple[list[Hit], list[Hit]]:
    """Up to sixty hits of two sources, close together."""
    hits = []
    for source in range(draw(st.integers(1, 2))):
        time, untimed = 1_000.0, draw(st.integers(0, 3))
        for number in range(draw(st.integers(0, 30))):
            time += draw(st.sampled_from((0.0, 0.5, 2.0, 6.0)))
            known = number >= untimed
            layer = draw(st.sampled_from(layers))
            hits.append(
                Hit(
                    0,
                    draw(st.sampled_from(("primary", "primary", "also"))),
                    source,
                    3 * number + 1,
                    3 * number + 1 + draw(st.integers(0, 2)),
                    time if known else None,
                    "exact" if known else "order",
                    draw(st.sampled_from(("", "", "api"))),
                    layer,
                    draw(st.booleans()),
                )
            )
    return hits, []


def rule(kind: str, detect: Detect) -> Rule:
    return Rule("a-rule", "A rule", "low", detect, kind=kind)  # type: ignore[arg-type]


def incident() -> SearchStrategy[Incident]:
    return st.builds(
        Incident,
        st.sampled_from((0.0, 5.0, 200.0)),
        st.sampled_from((0, 10, 2_000)),
        st.sampled_from(((), ("request",), ("request", "tool"))),
        st.sampled_from(("new", "join")),
        apart=st.sampled_from(
            (None, Condition(regex=("(?P<tool>x)",)), Condition(regex=("(?P<tool>x)(?P<request>y)",)))
        ),
        call=st.sampled_from((None, None, Condition(regex=("(?P<request>x)",)))),
        retry_seconds=st.sampled_from((None, 60.0)),
        across_streams=st.sampled_from((True, True, False)),
    )


def by() -> SearchStrategy[tuple[str, ...]]:
    return st.sampled_from(((), ("request",), ("tool", "stream"), ("source",)))


def same(made: Rule, log: tuple[list[Hit], list[Hit]]) -> RuleHits:
    """Assert that code and reference find the same; return what was found."""
    hits, restarts = log
    found = KINDS[made.kind](0, made, in_order(hits), Processes(restarts))
    expected = reference.occurrences(made, hits, restarts)
    assert shown(occurrence.hits for occurrence in found.occurrences) == shown(expected)
    return found


def shown(found: Iterable[tuple[Hit, ...]]) -> list[list[str]]:
    """Occurrences as short text: no two hits of a log are at the same place."""
    return [[f"{hit.source}:{hit.line} {hit.role} {hit.time}" for hit in hits] for hits in found]


@many
@given(logs("primary", "also"))
def test_hits_are_read_in_the_same_order(log: tuple[list[Hit], list[Hit]]) -> None:
    """Lines keep their order, sources are merged by time, whatever order hits come in."""
    assert in_order(log[0]) == reference.in_order(log[0])


@many
@given(logs("primary", "primary", "also"), incident())
def test_match(log: tuple[list[Hit], list[Hit]], how: Incident) -> None:
    """Hits of one failure are one occurrence, and only supporting evidence is one that healed by itself."""
    found = same(rule("match", Detect(text=("found",), incident=how)), log)
    for occurrence in found.occurrences:
        assert occurrence.recovered == all(hit.role == "also" for hit in occurrence.hits)


@many
@given(logs("primary", "often", "often", "also", "missing"), windows, st.integers(1, 4), incident())
def test_match_of_what_is_repeated(
    log: tuple[list[Hit], list[Hit]], within: Window, least: int, how: Incident
) -> None:
    """Lines that only their repetition makes a failure are bursts beside the incidents, and join none; those that
    what they wait for follows are nothing."""
    detect = Detect(text=("found",), often=SEEN, missing=SEEN[0], at_least=least, within=within, incident=how)
    found = same(rule("match", detect), log)
    assert all(len({hit.role == "often" for hit in o.hits}) == 1 for o in found.occurrences)


def test_match_by_key_across_sources() -> None:
    """An incident that a shared key brings over from another source is as open there as those that began there."""

    def hit(line: int, layer: str, fresh: bool, **captures: str) -> Hit:
        source, stream = int(line > 6), "api" if line > 11 else ""
        base = Hit(0, "primary", source, line, line, 1_000.0 + line, "exact", stream, layer, fresh)
        return replace(base, captures=tuple(captures.items()))

    log = [
        hit(6, "asgi", False, request="c", tool="y"),
        hit(9, "client", True, request="c"),
        hit(10, "app|failed", True, tool="y"),
        hit(11, "client", False, request="b"),
        hit(12, "app|failed", True, request="c", tool="y"),
        hit(13, "client", False),
    ]
    how = Incident(5.0, 2_000, ("request", "tool"))
    found = same(rule("match", Detect(text=("found",), incident=how)), (log, []))
    assert [len(occurrence.hits) for occurrence in found.occurrences] == [3, 1, 1, 1]


@many
@given(
    bursts(),
    st.builds(Incident, st.sampled_from((0.0, 5.0)), st.sampled_from((0, 10)), repeats=st.just("new")),
)
def test_match_in_a_burst(log: tuple[list[Hit], list[Hit]], how: Incident) -> None:
    """Long bursts, mostly of incidents that begin anew, told again by server and asyncio, are grouped in the same way;
    the first lines of a source may have no time yet."""
    same(rule("match", Detect(text=("found",), incident=how)), log)


@many
@given(
    bursts(IN_TURNS),
    st.builds(Incident, st.sampled_from((0.0, 5.0)), st.sampled_from((0, 10, 2_000)), repeats=st.just("new")),
)
def test_match_told_in_turns(log: tuple[list[Hit], list[Hit]], how: Incident) -> None:
    """Layers that tell behind others of the source are known by what all of it tells."""
    same(rule("match", Detect(text=("found",), incident=how)), log)


@many
@given(logs("primary"), windows, by(), st.integers(1, 4), incident())
def test_count(
    log: tuple[list[Hit], list[Hit]], within: Window, names: tuple[str, ...], least: int, how: Incident
) -> None:
    """Windows with enough incidents of one key are occurrences, those that overlap one."""
    same(rule("count", Detect(at_least=least, within=within, by=names, incident=how)), log)


@many
@given(logs("primary"), st.one_of(st.none(), windows), by(), st.integers(1, 3))
def test_distinct(
    log: tuple[list[Hit], list[Hit]], within: Window | None, names: tuple[str, ...], least: int
) -> None:
    """Windows with enough different values of one key are occurrences, those that overlap one."""
    found = same(rule("distinct", Detect(of="tool", at_least=least, within=within, by=names)), log)
    values = [{dict(hit.captures)["tool"] for hit in o.hits} for o in found.occurrences]
    assert found.figures == {"distinct": max(map(len, values), default=0)}


@many
@given(logs("after", "missing"), windows, by())
def test_absence(log: tuple[list[Hit], list[Hit]], within: Window, names: tuple[str, ...]) -> None:
    """Starts that no end answers are occurrences."""
    same(rule("absence", Detect(after=SEEN[0], missing=SEEN[0], within=within, by=names)), log)


@many
@given(
    logs("part", "whole"),
    st.sampled_from((None, 0.2, 0.5, 1.0)),
    st.sampled_from((None, 0.5, 0.0)),
    st.sampled_from((None, 1, 5)),
)
def test_ratio(
    log: tuple[list[Hit], list[Hit]], below: float | None, above: float | None, least: int | None
) -> None:
    """A share beyond its bound is one occurrence of the whole log."""
    detect = Detect(part=SEEN[0], whole=SEEN[0], below=below, above=above, at_least=least)
    same(rule("ratio", detect), log)


STEPS = ("step:first:0", "step:second:0", "step:third:0", "step:last:0", "between")


def chain(*, optional: Sequence[str] = (), **detect: Any) -> Rule:
    """A sequence of the four steps, of which some may be left out."""
    made = [Step(role.split(":")[1], SEEN) for role in STEPS[:-1]]
    steps = tuple(replace(step, optional=step.name in optional) for step in made)
    return rule("sequence", Detect(steps=steps, **detect))


@settings(max_examples=400)
@given(
    one_source(0, STEPS, wild=True),
    windows,
    st.sampled_from(((), ("request",), ("request", "tool"), ("request", "stream"))),
    st.sampled_from((None, "second", "third", "last")),
    st.sets(st.sampled_from(("second", "third", "last"))),
    st.sampled_from(((), ("tool",), ("tool", "request"))),
)
def test_runs_are_what_a_sequence_promises(
    log: tuple[list[Hit], list[Hit]],
    within: Window,
    names: tuple[str, ...],
    goal: str | None,
    optional: set[str],
    like: tuple[str, ...],
) -> None:
    """No hit is of two runs; those of one come in the order of the steps, near each other (where no time is
    interpolated: a run then goes on as long as an older one may) and with no restart between; and the figures are those
    of the runs."""
    outcomes = Outcomes(goal) if goal else None
    made = chain(within=within, by=names, outcomes=outcomes, like=like, optional=tuple(optional))
    hits, restarts = log
    exact = all(hit.around is None for hit in hits)
    processes = Processes(restarts)
    found = KINDS["sequence"](0, made, in_order(hits), processes)
    order = [role for role in STEPS if role != "between"]
    taken = [hit for occurrence in found.occurrences for hit in occurrence.hits]
    assert len({hit.line for hit in taken}) == len(taken)
    reached = [[order.index(hit.role) for hit in occurrence.hits] for occurrence in found.occurrences]
    for occurrence, steps in zip(found.occurrences, reached, strict=True):
        for (one, other), (step, then) in zip(pairwise(occurrence.hits), pairwise(steps), strict=True):
            assert near(one, other, within.seconds, within.lines) or not exact
            assert not processes.restarted(one, other)
            assert step < then or (outcomes and step == then == 0)
            assert all(made.detect.steps[left].optional for left in range(step + 1, then))
    if outcomes is None:
        required = {place for place, step in enumerate(made.detect.steps) if not step.optional}
        assert all(required <= set(steps) for steps in reached)
    elif found.sequence is not None:
        done = sum(f"step:{goal}:0" in order[: max(steps) + 1] for steps in reached)
        figures = found.sequence
        assert (figures.rejected_first, figures.recovered) == (len(reached), done)
        assert (figures.stalled, figures.sessions >= len(reached)) == (len(reached) - done, True)
    else:
        assert not reached


WAYS = (("first",), ("first", "second"), ("second",), ("second", "last"), ("first", "second", "last"))
WAYS += (("first", "first", "second", "third", "last"), ("second", "third"))


@many
@given(st.lists(st.sampled_from(WAYS), max_size=8), st.randoms(use_true_random=False), st.booleans())
def test_sessions_that_lines_name_are_told_exactly(
    ways: list[tuple[str, ...]], random: Random, timed: bool
) -> None:
    """However the lines of sessions interleave, with or without a clock."""
    turns = [number for number, way in enumerate(ways) for _ in way]
    random.shuffle(turns)
    left = [list(way) for way in ways]
    hits = [
        Hit(
            0,
            f"step:{left[number].pop(0)}:0",
            0,
            line,
            line,
            float(line) if timed else None,
            "exact" if timed else "order",
            "",
            "app|a",
            False,
            (("request", str(number)),),
        )
        for line, number in enumerate(turns, 1)
    ]
    made = chain(within=Window(600, 600), by=("request",), outcomes=Outcomes("last"), optional=("third",))
    found = KINDS["sequence"](0, made, in_order(hits), Processes(()))
    rejected = [number for number, way in enumerate(ways) if way[0] == "first"]
    told = [[int(dict(hit.captures)["request"]) for hit in o.hits] for o in found.occurrences]
    assert sorted(told) == [[number] * len(ways[number]) for number in rejected]
    if rejected:
        assert found.sequence is not None
        recovered = sum(ways[number][-1] == "last" for number in rejected)
        assert (found.sequence.sessions, found.sequence.recovered) == (len(ways), recovered)
