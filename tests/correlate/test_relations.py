"""Between rules: the specific silences the general, a symptom stands under its cause."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from msgspec.structs import replace

from logscope.correlate.consequences import AHEAD, CAUSE_LINES, CAUSE_SECONDS, consequences
from logscope.correlate.silencing import silence_hits, silence_occurrences
from logscope.correlate.windows import near
from logscope.match.layers import ASGI, ASYNCIO, CLIENT, RETRY
from logscope.model import Hit, Occurrence, RuleHits, SequenceFigures
from logscope.packed import FoundHits
from logscope.rulebook.rule import Detect, Explain, Follows, Impact, Incident, Rule, Step


def rule(name: str, **more: Any) -> Rule:
    return Rule(name, "A rule", "low", more.pop("detect", Detect(text=("found",))), **more)


def hit(number: int, line: int, role: str = "primary", **more: Any) -> Hit:
    return replace(Hit(number, role, 0, line, line, None, "order", "", f"app{number}", False), **more)


def found(number: int, *hits: Hit, **more: Any) -> RuleHits:
    return RuleHits(number, tuple(Occurrence((hit,)) for hit in hits), **more)


def left(rules: Sequence[Rule], hits: Sequence[Hit]) -> list[Hit]:
    """The hits that are not silenced, in their order."""
    kept = [hit for own in silence_hits(rules, FoundHits(hits).by_rule).values() for hit in own]
    return [hit for hit in hits if hit in kept]


SPECIFIC, GENERAL = 0, 1
ROLES = ("primary", "also", "step:a:0", "between", "missing")
INHIBITS = [rule("specific", inhibits=("general",)), rule("general")]
SESSIONS = [
    INHIBITS[0],
    rule("general", kind="sequence", detect=Detect(steps=(Step("rejected", ()), Step("opened", ())))),
]
FALLBACK = [rule("specific"), rule("general", fallback=True), rule("alive", signal=True)]


class TestHits:
    """silence_hits: on the same event."""

    def test_inhibits(self) -> None:
        """The general rule is silent where the specific one spoke, and only there."""
        hits = [hit(SPECIFIC, 1), hit(GENERAL, 1), hit(GENERAL, 2)]
        assert left(INHIBITS, hits) == [hits[0], hits[2]]

    def test_fallback(self) -> None:
        """A fallback is silent on events that any other rule hit; a signal is no such rule."""
        hits = [hit(SPECIFIC, 1), hit(GENERAL, 1), hit(GENERAL, 2), hit(2, 2)]
        assert left(FALLBACK, hits) == [hits[0], hits[2], hits[3]]

    def test_fallbacks_leave_each_other_alone(self) -> None:
        """Two general rules on one event both stay."""
        both = [rule("one", fallback=True), rule("two", fallback=True)]
        hits = [hit(0, 1), hit(1, 1)]
        assert left(both, hits) == hits

    def test_cause_evidence_neither_silences_nor_is_silenced(self) -> None:
        """What speaks for a cause is no finding: it stands apart."""
        hits = [hit(SPECIFIC, 1, "cause:x"), hit(GENERAL, 1), hit(SPECIFIC, 2), hit(GENERAL, 2, "cause:y")]
        assert left(INHIBITS, hits) == hits[1:3]
        assert {key: list(own) for key, own in FoundHits(hits).by_cause.items()} == {
            (SPECIFIC, "x"): hits[:1],
            (GENERAL, "y"): hits[3:],
        }

    @pytest.mark.parametrize(("line", "stays"), [(96, True), (97, False), (103, False), (104, True)])
    def test_a_rejection_is_silenced_by_its_neighbours(self, line: int, stays: bool) -> None:
        """The reason of a rejection, a sequence's first step, stands within three lines of it."""
        step = hit(GENERAL, 100, "step:rejected:0")
        assert (step in left(SESSIONS, [hit(SPECIFIC, line), step])) == stays

    def test_what_stands_behind_a_further_step_is_no_reason(self) -> None:
        """A failure beside a later step is that one's: it takes neither the rejection nor the step away."""
        hits = [hit(GENERAL, 100, "step:rejected:0"), hit(GENERAL, 101, "step:opened:0"), hit(SPECIFIC, 102)]
        assert left(SESSIONS, hits) == hits

    def test_sources_are_apart(self) -> None:
        """The same line of another file is another event."""
        hits = [hit(SPECIFIC, 1), hit(GENERAL, 1, source=1)]
        assert left(INHIBITS, hits) == hits


class TestOccurrences:
    """silence_occurrences: near each other."""

    RULES = (INHIBITS[0], rule("general", detect=Detect(text=("found",), incident=Incident(10.0, 20))))

    @pytest.mark.parametrize(("line", "left"), [(80, 0), (120, 0), (79, 1), (121, 1)])
    def test_within_the_general_rules_window(self, line: int, left: int) -> None:
        """The bound is that of the rule which is silenced, in both directions."""
        result = silence_occurrences(
            self.RULES, [found(SPECIFIC, hit(SPECIFIC, 100)), found(GENERAL, hit(GENERAL, line))]
        )
        assert len(result) == 1 + left

    def test_times_bind_where_there_are_some(self) -> None:
        """By time across sources, however far apart in lines."""
        over = found(SPECIFIC, hit(SPECIFIC, 1, time=100.0))
        near = hit(GENERAL, 9_000, source=1, time=110.0)
        far = hit(GENERAL, 2, time=110.5)
        result = silence_occurrences(self.RULES, [over, found(GENERAL, near, far)])
        assert [[o.first for o in item.occurrences] for item in result] == [
            [over.occurrences[0].first],
            [far],
        ]

    @pytest.mark.parametrize(
        ("general", "role", "recovered"), [(103, "also", False), (121, "also", True), (103, "primary", True)]
    )
    def test_what_an_answer_only_shows_has_not_recovered_beside_the_failure(
        self, general: int, role: str, recovered: bool
    ) -> None:
        """The request line tells which service refused, the general error that nothing came of it; what healed of
        itself has."""
        over = RuleHits(SPECIFIC, (Occurrence((hit(SPECIFIC, 100, role),), True),))
        result = silence_occurrences(self.RULES, [over, found(GENERAL, hit(GENERAL, general))])
        assert [o.recovered for o in result[0].occurrences] == [recovered]

    def test_a_signal_is_silenced_by_its_own_process_only(self) -> None:
        """That one service's port is taken says nothing of another one's start beside it."""
        signal = replace(self.RULES[1], signal=True)
        over = found(SPECIFIC, hit(SPECIFIC, 100, stream="mcp"))
        own, other = hit(GENERAL, 98, stream="mcp"), hit(GENERAL, 99, stream="api")
        result = silence_occurrences((self.RULES[0], signal), [over, found(GENERAL, own, other)])
        assert [o.first for o in result[1].occurrences] == [other]
        assert silence_occurrences(self.RULES, [over, found(GENERAL, own, other)]) == [over]

    def test_what_names_another_host_or_server_is_another_failure(self) -> None:
        """A name that differs tells two failures apart, whatever its port; an address may be any name's."""
        over = found(SPECIFIC, hit(SPECIFIC, 100, captures=(("host", "kafka-0"),)))
        for name, value, stays in (
            ("host4", "search.internal", True),
            ("host", "Kafka-0:9092", False),
            ("host", "10.3.0.4", False),
            ("server", "search.internal", False),
        ):
            other = found(GENERAL, hit(GENERAL, 101, captures=((name, value),)))
            assert (len(silence_occurrences(self.RULES, [over, other])) == 2) == stays

    def test_what_one_line_of_code_tells_twice_are_two_failures(self) -> None:
        """The server reports each request's exception once, an application each call's: two reports are no layers of
        one failure; but a client asks more than once, and asyncio tells of all that a failure takes along."""
        for layer, also, stays in (
            (ASGI, ASGI, True),
            ("svc|call failed", "svc|call failed", True),
            ("svc|stock service failed: …", "svc|tax service failed: timed out", True),
            (ASGI, "svc.db", False),
            (CLIENT, CLIENT, False),
            (ASYNCIO, ASYNCIO, False),
        ):
            over = found(SPECIFIC, hit(SPECIFIC, 100, layer=layer))
            other = found(GENERAL, hit(GENERAL, 101, layer=also))
            assert (len(silence_occurrences(self.RULES, [over, other])) == 2) == stays

    def test_what_a_client_was_answered_is_told_by_the_line_of_code_behind_it(self) -> None:
        """A call that ends in a 500 after another try is no layer of the call before, which was refused."""
        told = "svc|job … failed: Error code: …"
        over = found(SPECIFIC, hit(SPECIFIC, 100, layer=told))
        tries = [hit(GENERAL, 101, "also", layer=RETRY), hit(GENERAL, 102, "also", layer=CLIENT)]
        for layer, stays in ((told, True), ("svc.db|no answer", False)):
            other = RuleHits(GENERAL, (Occurrence((*tries, hit(GENERAL, 103, layer=layer))),))
            assert (len(silence_occurrences(self.RULES, [over, other])) == 2) == stays
        alone = RuleHits(GENERAL, (Occurrence(tuple(tries)),))
        assert silence_occurrences(self.RULES, [over, alone]) == [over]

    def test_where_a_cause_is_named_what_does_not_show_it_silences_nothing(self) -> None:
        """A broker that refuses is no reason why another host has no name."""
        rules = (rule("specific", inhibits=("general/unknown-name",)), self.RULES[1])
        both = [found(SPECIFIC, hit(SPECIFIC, 100)), found(GENERAL, hit(GENERAL, 101))]
        assert len(silence_occurrences(rules, both)) == 2
        told = {(SPECIFIC, "unknown-name"): [hit(SPECIFIC, 100, "cause:unknown-name")]}
        assert silence_occurrences(rules, both, told) == both[:1]
        assert left(rules, [hit(SPECIFIC, 1), hit(GENERAL, 1)]) == [hit(SPECIFIC, 1)]

    def test_sequences_are_counts(self) -> None:
        """Sessions that were counted are not taken away."""
        counted = found(GENERAL, hit(GENERAL, 100), sequence=SequenceFigures(1, 1, 1, 0))
        assert silence_occurrences(self.RULES, [found(SPECIFIC, hit(SPECIFIC, 100)), counted])[1] == counted

    def test_without_relations_nothing_changes(self) -> None:
        """Rules that do not know each other stay as they are."""
        plain = [rule("specific"), rule("general")]
        both = [found(SPECIFIC, hit(SPECIFIC, 1)), found(GENERAL, hit(GENERAL, 1))]
        assert silence_occurrences(plain, both) == both


class TestConsequences:
    """causes: a symptom under its cause."""

    RULES = (rule("cause", causes=("effect",)), rule("effect"))

    def test_every_occurrence_must_be_near(self) -> None:
        """One that stands alone makes it a problem of its own."""
        cause = found(0, hit(0, 100))
        assert consequences(self.RULES, [cause, found(1, hit(1, 150))]) == {1: ("cause",)}
        assert consequences(self.RULES, [cause, found(1, hit(1, 150), hit(1, 5_000))]) == {}

    def test_another_server_is_no_consequence(self) -> None:
        """That one server's command is missing does not explain why another one is late."""
        cause = found(0, hit(0, 100, captures=(("server", "files"),)))
        for server, explained in ("files", True), ("slow", False):
            effect = found(1, hit(1, 101, captures=(("server", server),)))
            assert consequences(self.RULES, [cause, effect]) == ({1: ("cause",)} if explained else {})

    def test_by_time(self) -> None:
        """Two minutes behind its cause; half a minute where the cause is told last."""
        cause = found(0, hit(0, 3, time=1_000.0))
        for line, time, explained in (4, 1_120, True), (4, 1_121, False), (2, 970, True), (2, 969, False):
            effect = found(1, hit(1, line, time=float(time)))
            assert consequences(self.RULES, [cause, effect]) == ({1: ("cause",)} if explained else {})

    def test_by_lines(self) -> None:
        """A thousand behind its cause without a clock, a quarter of these before it."""
        cause = found(0, hit(0, 2_000))
        for line, explained in (3_000, True), (3_001, False), (1_750, True), (1_749, False):
            assert consequences(self.RULES, [cause, found(1, hit(1, line))]) == (
                {1: ("cause",)} if explained else {}
            )

    def test_a_process_that_never_came_up(self) -> None:
        """Without a clock nearness tells nothing; what kept it from coming up explains what another saw all along, not
        what it told itself, nor what several saw, nor where its log shows that it runs, or a time."""
        stops = Explain(Impact("All", "Nobody is served", True))
        rules = (rule("cause", causes=("effect",), explain=stops), rule("effect"))
        cause, effect = found(0, hit(0, 9)), found(1, hit(1, 5_000, source=1, time=9_000.0))
        assert consequences(rules, [cause, effect]) == {1: ("cause",)}
        assert consequences(rules, [cause, effect], {0}) == {}
        assert consequences(rules, [found(0, hit(0, 9, time=1.0)), effect]) == {}
        assert consequences(rules, [cause, found(1, hit(1, 5_000))]) == {}
        harmless = replace(rules[0], explain=Explain(Impact("Some", "They wait", False)))
        assert consequences((harmless, rules[1]), [cause, effect]) == {}
        others = found(1, hit(1, 5_000, source=1, time=9_000.0), hit(1, 7, source=2))
        assert consequences(rules, [cause, others]) == {}

    def test_without_the_cause(self) -> None:
        """What did not occur explains nothing."""
        assert consequences(self.RULES, [found(1, hit(1, 1))]) == {}


class TestFollows:
    """follows: what another service answered, under what that one logged as failed right before."""

    BAD, WORSE, MINOR, ALSO, ANSWER, OTHER = range(6)
    RULES = (
        replace(rule("bad"), severity="medium"),
        replace(rule("worse"), severity="high"),
        rule("minor"),
        rule("also"),
        replace(rule("answer", follows=Follows(3, 60, ("also",))), severity="medium"),
        replace(rule("other", follows=Follows(3, 60)), severity="medium"),
    )

    def causes(self, *told: RuleHits, answers: tuple[Hit, ...] = ()) -> tuple[str, ...]:
        answer = found(self.ANSWER, *(answers or (hit(self.ANSWER, 1, time=100.5),)))
        return consequences(self.RULES, [*told, answer]).get(self.ANSWER, ())

    @pytest.mark.parametrize(
        ("number", "time", "causes"),
        [
            (BAD, 98.0, ("bad",)),
            (BAD, 97.4, ()),
            (BAD, 100.55, ("bad",)),
            (BAD, 100.7, ()),
            (MINOR, 100.0, ()),
            (ALSO, 100.0, ("also",)),
            (OTHER, 100.0, ()),
        ],
    )
    def test_a_failure_elsewhere_right_before(
        self, number: int, time: float, causes: tuple[str, ...]
    ) -> None:
        """Of at least medium, or named; not one that only tells of another service itself."""
        assert self.causes(found(number, hit(number, 9, source=1, time=time))) == causes

    def test_not_of_the_same_process(self) -> None:
        """What the caller logged itself is no answer of another service; another stream of the source is one."""
        assert self.causes(found(self.BAD, hit(self.BAD, 1, time=100.0))) == ()
        assert self.causes(found(self.BAD, hit(self.BAD, 1, time=100.0, stream="api"))) == ("bad",)

    def test_without_a_clock(self) -> None:
        """The lines before in the same source tell it, those of other sources do not."""
        answers = (hit(self.ANSWER, 100, stream="agent"),)
        before, behind = hit(self.BAD, 60, stream="api"), hit(self.BAD, 101, stream="api")
        assert self.causes(found(self.BAD, before), answers=answers) == ("bad",)
        assert self.causes(found(self.BAD, behind), answers=answers) == ()
        assert self.causes(found(self.BAD, replace(before, source=1)), answers=answers) == ()

    def test_what_healed_by_itself_is_no_cause(self) -> None:
        """A retry that succeeded made no answer fail."""
        healed = RuleHits(self.BAD, (Occurrence((hit(self.BAD, 9, source=1, time=100.0),), True),))
        assert self.causes(healed) == ()

    def test_what_fails_all_the_time_explains_little(self) -> None:
        """Behind one of many there is always one: only the nearest quarter of their distance tells something."""
        often = found(self.BAD, *(hit(self.BAD, n, source=1, time=4.0 * n) for n in range(300)))
        soon, later = (hit(self.ANSWER, 1, time=400.0 + gap) for gap in (0.9, 2.0))
        assert self.causes(often, answers=(soon,)) == ("bad",)
        assert self.causes(often, answers=(later,)) == ()

    def test_as_many_failures_elsewhere(self) -> None:
        """Answers in a log without a clock are those of the one rule that tells of as many failures in another log."""
        answers = (hit(self.ANSWER, 6), hit(self.ANSWER, 90))
        bad = found(self.BAD, hit(self.BAD, 1, source=1, time=100.0), hit(self.BAD, 9, source=1, time=101.0))
        worse = found(self.WORSE, hit(self.WORSE, 2, source=1, time=100.0))
        assert self.causes(bad, worse, answers=answers) == ("bad",)
        assert self.causes(worse, answers=answers) == ()
        assert self.causes(worse, answers=answers[:1]) == ()
        also = replace(bad, rule=self.ALSO)
        assert self.causes(bad, also, answers=answers) == ()
        beside = found(self.BAD, hit(self.BAD, 500), hit(self.BAD, 900))
        assert self.causes(beside, answers=answers) == ()

    def test_unhandled_exceptions_without_a_clock(self) -> None:
        """Each was answered with 500: as many as there are such answers elsewhere, they are their cause; not where two
        rules have as many, where there are too few, and not of another status."""
        status = (("status", "500"),)
        answers = tuple(hit(self.ANSWER, n, time=float(n), captures=status) for n in (1, 2))
        bad, worse = (
            [hit(number, n, source=1, layer="asgi") for n in (1, 2)] for number in (self.BAD, self.WORSE)
        )
        assert self.causes(found(self.BAD, *bad), answers=answers) == ("bad",)
        assert self.causes(found(self.BAD, *bad), found(self.WORSE, worse[0]), answers=answers) == ("bad",)
        both = found(self.BAD, bad[0]), found(self.WORSE, worse[0])
        assert self.causes(*both, answers=answers) == ("bad", "worse")
        assert self.causes(found(self.BAD, *bad), found(self.WORSE, *worse), answers=answers) == ()
        assert self.causes(found(self.BAD, bad[0]), answers=answers) == ()
        many = [hit(self.BAD, n, source=1, layer="asgi") for n in range(9)]
        assert self.causes(found(self.BAD, *many[:8]), answers=answers) == ("bad",)
        assert self.causes(found(self.BAD, *many), answers=answers) == ()
        other = tuple(replace(answer, captures=(("status", "502"),)) for answer in answers)
        assert self.causes(found(self.BAD, *bad), answers=other) == ()
        own = [replace(hit, source=0) for hit in bad]
        assert self.causes(found(self.BAD, *own), answers=answers) == ()

    def test_as_few_causes_as_explain_every_answer(self) -> None:
        """One that explains all stands alone, the worst of several; an answer that nothing explains is its own."""
        answers = tuple(hit(self.ANSWER, line, time=100.0 * line + 0.5) for line in (1, 2))
        both = [hit(self.BAD, line, source=1, time=100.0 * line) for line in (1, 2)]
        once = found(self.WORSE, hit(self.WORSE, 7, source=1, time=100.4))
        assert self.causes(once, found(self.BAD, *both), answers=answers) == ("bad",)
        assert self.causes(once, found(self.BAD, both[1]), answers=answers) == ("bad", "worse")
        assert self.causes(once, answers=answers) == ()
        assert self.causes(once, found(self.BAD, both[0])) == ("worse",)


@st.composite
def runs(draw: DrawFn) -> list[Hit]:
    """Hits of two rules in two sources, all of them with a time or none."""
    timed = draw(st.booleans())
    places = st.tuples(
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(1, 3_000),
        st.integers(0, 400),
        st.sampled_from(ROLES),
    )
    return [
        hit(number, line, role, source=source, time=float(seconds) if timed else None)
        for number, source, line, seconds, role in draw(st.lists(places, max_size=12))
    ]


@given(runs())
def test_hits_are_silenced_as_by_comparing_each_with_each(hits: list[Hit]) -> None:
    """A hit is silent where a specific one that speaks lies on its line."""

    def silent(one: Hit) -> bool:
        return one.rule == GENERAL and any(
            other.rule == SPECIFIC
            and other.source == one.source
            and other.role not in ("between", "missing")
            and other.line == one.line
            for other in hits
        )

    assert left(INHIBITS, hits) == [one for one in hits if not silent(one)]


@given(runs())
def test_consequences_are_found_as_by_comparing_each_with_each(hits: list[Hit]) -> None:
    """An effect is one where each of its occurrences is near some hit of the cause, nearer where it is told first, or
    by the clock as near behind one of the same process that is."""
    rules = TestConsequences.RULES
    causes, effects = ([one for one in hits if one.rule == number] for number in (0, 1))

    def explains(cause: Hit, effect: Hit) -> bool:
        timed = cause.time is not None and effect.time is not None
        first = effect.time < cause.time if timed else effect.line < cause.line  # type: ignore[operator]
        share = AHEAD if first else 1
        return near(cause, effect, CAUSE_SECONDS * share, int(CAUSE_LINES * share))

    explained: list[Hit] = []
    for effect in sorted(effects, key=lambda one: -inf if one.time is None else one.time):
        goes_on = (
            before.time is not None
            and effect.time is not None
            and (before.source, before.stream) == (effect.source, effect.stream)
            and effect.time - before.time <= CAUSE_SECONDS
            for before in explained
        )
        if any(explains(cause, effect) for cause in causes) or any(goes_on):
            explained.append(effect)
    expected = {1: ("cause",)} if effects and len(explained) == len(effects) else {}
    assert consequences(rules, [found(0, *causes), found(1, *effects)]) == expected
