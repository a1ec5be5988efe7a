"""What each kind of rule counts, by example: bugs that other tools shipped, and the edges of windows."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from timing import assert_linear

from logscope.correlate import KINDS, correlate_hits
from logscope.correlate.windows import Processes, in_order, near
from logscope.match.layers import CLIENT, RETRY
from logscope.model import Hit, RuleHits
from logscope.packed import FoundHits
from logscope.rulebook.rule import Condition, Detect, Incident, Outcomes, Rule, Step, Window

SEEN = (Condition(text=("found",)),)


def hit(line: int, role: str = "primary", at: float | None = None, **more: Any) -> Hit:
    captures = tuple(more.pop("captures", {}).items())
    quality = "order" if at is None else "exact"
    base = Hit(0, role, 0, line, line, at, quality, "", "app|failed", False, captures)  # type: ignore[arg-type]
    return replace(base, **more)


def rule(kind: str, **detect: Any) -> Rule:
    return Rule("a-rule", "A rule", "low", Detect(**detect), kind=kind)  # type: ignore[arg-type]


def run(made: Rule, *hits: Hit, restarts: tuple[Hit, ...] = ()) -> RuleHits:
    return KINDS[made.kind](0, made, in_order(hits), Processes(restarts))


def lines(found: RuleHits) -> list[list[int]]:
    return [[hit.line for hit in occurrence.hits] for occurrence in found.occurrences]


def steps(*names: str, **more: Any) -> Rule:
    made = tuple(Step(name, SEEN) for name in names)
    return rule("sequence", steps=made, within=more.pop("within", Window(60, 400)), **more)


def over_connections(*aside: str) -> Rule:
    """Sessions that connections tell, of which some steps belong to no run."""
    outcomes = Outcomes("complete", **dict(zip(aside, aside, strict=True)))
    return steps("rejected", "complete", *aside, like=("connection", "client"), outcomes=outcomes)


def step(line: int, name: str, at: float | None = None, way: int = 0, **captures: str) -> Hit:
    return hit(line, f"step:{name}:{way}", at, captures=captures)


class TestSequence:
    """sequence: steps in order, by session."""

    ABC = steps("a", "b", "c", by=("session",))
    OVER = over_connections()

    def test_steps_out_of_order_are_no_sequence(self) -> None:
        """A-C-B does not match A-B-C."""
        assert lines(run(self.ABC, step(1, "a"), step(2, "c"), step(3, "b"))) == []
        assert lines(run(self.ABC, step(1, "a"), step(2, "b"), step(3, "c"))) == [[1, 2, 3]]

    def test_keyed_steps_out_of_order_are_no_sequence(self) -> None:
        """Having the right key does not let a step skip a required one."""
        hits = [step(number, name, session="s1") for number, name in enumerate("acb", 1)]
        assert lines(run(self.ABC, *hits)) == []

    def test_sessions_do_not_leak_into_each_other(self) -> None:
        """Every keyed step must carry the run's key, not only the first."""
        hits = [step(1, "a", session="s1"), step(2, "b", session="s2"), step(3, "c", session="s1")]
        assert lines(run(self.ABC, *hits)) == []

    def test_interleaved_sessions_are_told_apart(self) -> None:
        """Two sessions that overlap are two sequences, each with its own lines."""
        names = [("a", "s1"), ("a", "s2"), ("b", "s2"), ("b", "s1"), ("c", "s1"), ("c", "s2")]
        hits = [step(number, name, session=key) for number, (name, key) in enumerate(names, 1)]
        assert lines(run(self.ABC, *hits)) == [[1, 4, 5], [2, 3, 6]]

    def test_a_session_that_the_server_has_begun_is_new_over_any_connection(self) -> None:
        """A connection that has worked, or whose session is over, carries another one; without the server's word the
        first step belongs to what it has carried before."""
        made = over_connections("over", "opened")
        own = {"connection": "c:1", "client": "c"}
        before = [step(1, "complete", **own)]
        for ended in ([], [step(2, "over", **own)]):
            rejected = step(4, "rejected", **own)
            assert run(made, *before, *ended, rejected).sequence is None
            told = run(made, *before, *ended, step(3, "opened"), rejected).sequence
            assert told is not None
            assert (told.sessions, told.rejected_first, told.stalled) == (2, 1, 1)

    def test_one_word_of_the_server_is_one_session(self) -> None:
        """What is rejected behind it takes it, and what another process of the stream's name said tells nothing."""
        made = over_connections("opened")
        own = {"connection": "c:1", "client": "c"}
        hits = [step(1, "complete", **own), step(2, "opened"), step(4, "rejected", **own)]
        assert lines(run(made, *hits)) == [[4]]
        assert lines(run(made, *hits, step(3, "rejected", connection="c:2", client="c"))) == [[3]]
        hits[1] = replace(hits[1], stream="web-2")
        assert lines(run(made, *hits)) == []

    def test_a_word_of_the_server_that_another_session_completes_is_no_rejected_ones(self) -> None:
        """What is rejected while its session goes on begins none, unless the server has begun one more than others
        complete."""
        made = over_connections("opened")
        own, other = {"connection": "c:1", "client": "c"}, {"connection": "c:2", "client": "c"}
        begun = [step(1, "opened"), step(2, "complete", **own), step(3, "opened"), step(4, "rejected", **own)]
        assert lines(run(made, *begun, step(5, "complete", **other))) == []
        assert lines(run(made, *begun)) == [[4]]

    def test_what_was_begun_for_a_request_refused_otherwise_is_no_session(self) -> None:
        """A broken request of a session that works is not taken for the one which the server has begun."""
        made = over_connections("opened", "refused")
        own, other = ({"connection": f"{name}:1", "client": name} for name in "cd")
        works = [step(1, "opened"), step(2, "complete", **own), step(3, "opened")]
        assert lines(run(made, *works, step(5, "rejected", **own))) == [[5]]
        assert lines(run(made, *works, step(4, "refused", **other), step(5, "rejected", **own))) == []
        assert lines(run(made, *works, step(4, "refused", **own), step(5, "rejected", **other))) == [[5]]

    def test_sessions_that_overlap_are_those_that_the_server_has_begun_in_order(self) -> None:
        """What it has begun behind the first of two rejections is the first one's, though it has begun more since."""
        made = over_connections("opened")
        names = ("opened", "rejected", "opened", "opened", "rejected", "opened", "complete", "complete")
        hits = [
            step(line, name, connection=f"c:{line}", client="c")
            if name in ("rejected", "complete")
            else step(line, name)
            for line, name in enumerate(names, 1)
        ]
        assert lines(run(made, *hits)) == [[2, 7], [5, 8]]

    def test_a_server_without_sessions_has_none_to_reject(self) -> None:
        """Where it says that it keeps none, access lines are no session's, also if a client tells of them; where it
        says that it has begun one, they are."""
        made = over_connections("opened", "without")
        own = {"connection": "c:1", "client": "c"}
        rejected = replace(step(1, "rejected", **own), layer="access")
        said = step(2, "without")
        client = replace(step(1, "rejected", way=1), layer="client", source=1)
        assert lines(run(made, rejected)) == [[1]]
        assert run(made, rejected, said).sequence is None
        assert run(made, rejected, said, client).sequence is None
        assert lines(run(made, rejected, said, step(9, "opened"))) == [[1]]
        assert lines(run(made, rejected, replace(said, stream="web-2"))) == [[1]]

    def test_what_the_server_shows_of_a_running_session_its_client_does_not_reject(self) -> None:
        """A first step over a connection whose session works is none, also where the client tells of it."""
        own = {"connection": "c:1", "client": "c"}
        served = [
            step(1, "rejected", 1.0, **own),
            step(2, "complete", 2.0, **own),
            step(3, "rejected", 9.0, **own),
        ]
        asked = [step(1, "rejected", 1.0, 1), step(2, "complete", 2.0, 1), step(3, "rejected", 9.0, 1)]
        hits = [replace(one, layer="access") for one in served]
        hits += [replace(one, layer="client", source=1) for one in asked]
        assert lines(run(self.OVER, *hits[3:])) == [[1, 2], [3]]
        assert lines(run(self.OVER, *hits)) == [[1, 2]]

    def test_connections_of_a_pool_tell_nothing(self) -> None:
        """A connection that ends a session which it has not completed is a proxy's: rejections over it count."""
        made = over_connections("over")
        one, two = ({"connection": f"p:{number}", "client": "p"} for number in (1, 2))
        hits = [step(1, "rejected", **one), step(2, "complete", **two), step(3, "rejected", **two)]
        assert lines(run(made, *hits)) == [[1, 2]]
        assert lines(run(made, *hits, step(5, "over", **one))) == [[1, 2], [3]]

    @pytest.mark.parametrize(
        ("clients", "count", "ends"),
        [("abc", 2, True), ("abc", 1, False), ("abb", 6, False), ("aaa", 6, True)],
    )
    def test_addresses_tell_nothing_where_strangers_complete_sessions(
        self, clients: str, count: int, ends: bool
    ) -> None:
        """Behind a balancer with several addresses nobody who completes a session was answered before, more than
        once; a prober that is only rejected beside a client whose lines are all its own stays apart."""
        made = steps(
            "rejected", "complete", "answered", like=("connection", "client"), outcomes=Outcomes("complete")
        )
        hits = [
            step(begin + number, name, connection=f"{client}:{begin}{number}", client=client)
            for begin in range(0, 10 * count, 10)
            for number, (name, client) in enumerate(
                zip(("rejected", "answered", "complete"), clients, strict=True)
            )
        ]
        found = run(made, *hits).sequence
        assert found is not None
        assert (found.rejected_first, found.recovered) == (count, count if ends else 0)

    @pytest.mark.parametrize(("addresses", "ports", "own"), [(50, 30_000, False), (3, 2000, True)])
    def test_what_is_drawn_by_lot_tells_nothing(self, addresses: int, ports: int, own: bool) -> None:
        """A session's requests may each come from one of many addresses, heard before or not, or from its own over
        connections whose numbers come again by chance."""
        made = steps(
            "rejected", "complete", "answered", like=("connection", "client"), outcomes=Outcomes("complete")
        )
        draw = Random(1).randrange
        hits = [
            step(begin + place, name, connection=f"{client}:{draw(ports)}", client=str(client))
            for begin in range(0, 1000, 10)
            for home in [draw(addresses)]
            for place, name in enumerate(("rejected", "answered", "complete", "answered"))
            for client in [home if own else draw(addresses)]
        ]
        found = run(made, *hits).sequence
        assert found is not None
        assert (found.sessions, found.rejected_first, found.recovered) == (100, 100, 100)

    @pytest.mark.parametrize(("clients", "recovered"), [("abcd", 1), ("abca", 0)])
    def test_one_session_is_enough_where_each_request_comes_from_another_address(
        self, clients: str, recovered: int
    ) -> None:
        """Where no address is heard twice, the only session completed is the one that was rejected."""
        made = steps(
            "rejected", "complete", "answered", like=("connection", "client"), outcomes=Outcomes("complete")
        )
        names = ("rejected", "answered", "complete", "answered")
        hits = [
            step(line, name, connection=f"{client}:{line}", client=client)
            for line, (name, client) in enumerate(zip(names, clients, strict=True))
        ]
        found = run(made, *hits).sequence
        assert found is not None
        assert (found.rejected_first, found.recovered) == (1, recovered)

    def test_a_handshake_behind_a_rejection_where_a_session_goes_on_is_another_session_s(self) -> None:
        """A proxy's connection, or that of a client that ends no session, is rejected and completes anew: what is
        only rejected there belongs to the session that goes on."""
        made = over_connections()
        own, other = ({"connection": f"p:{number}", "client": "p"} for number in (1, 2))
        hits = [step(1, "complete", **own), step(2, "rejected", **own)]
        assert run(made, *hits).sequence is None
        assert run(made, *hits, step(3, "complete", **other)).sequence is None
        assert lines(run(made, *hits, step(3, "complete", **own))) == [[2, 3]]

    def test_a_connection_with_lines_of_two_sessions_tells_nothing(self) -> None:
        """Where each line names its session, a connection may be shared; one session may use several."""
        made = replace(self.OVER, detect=replace(self.OVER.detect, by=("session",)))
        own = {"connection": "p:1", "client": "p"}
        hits = [step(1, "complete", session="a", **own), step(2, "rejected", **own)]
        assert run(made, *hits).sequence is None
        assert lines(run(made, *hits, step(3, "complete", session="b", **own))) == [[2, 3]]
        moved = [step(1, "rejected", **own), step(2, "complete", session="a", connection="p:2", client="p")]
        assert lines(run(made, *moved, step(3, "complete", session="a", **own))) == [[1, 2]]

    def test_the_word_of_a_rejection_has_the_connection_of_its_access_line(self) -> None:
        """Each word takes that of the next line of its stream; one that is too far behind is another's."""
        made = over_connections()
        one, two = ({"connection": f"p:{number}", "client": "p"} for number in (1, 2))
        words = [step(1, "rejected"), step(2, "rejected")]
        told = [step(3, "rejected", way=1, **one), step(4, "rejected", way=1, **two)]
        ready = step(5, "complete", **two)
        assert lines(run(made, *words, *told, ready)) == [[1], [2, 5]]
        assert lines(run(made, *words, *[replace(one, stream="b") for one in told], ready)) == [[1, 5], [2]]
        far = [replace(one, line=one.line + 10, last_line=one.line + 10) for one in told]
        assert lines(run(made, *words, *far, replace(ready, line=15, last_line=15))) == [[1, 15], [2]]

    def test_the_word_of_a_session_has_the_connection_of_its_access_line(self) -> None:
        """Where a source tells sessions in words and in access lines near them, each word takes those of one: a session
        that worked at once leaves the one that was rejected before it. Further lines are sessions of clients that write
        no such words."""
        made = over_connections()
        one, two, new = ({"connection": f"{name}:1", "client": name} for name in "abc")
        told = [
            step(1, "rejected", **one),
            step(2, "rejected", **two),
            step(3, "complete"),
            step(5, "complete"),
        ]
        beside = [
            replace(step(line, "complete", way=1, **own), layer="access")
            for line, own in ((4, two), (6, new))
        ]
        assert lines(run(made, *told)) == [[1, 3], [2, 5]]
        assert lines(run(made, *told, *beside)) == [[1], [2, 3]]
        more = replace(step(7, "complete", way=1, **one), layer="access")
        far = [replace(hit, line=hit.line + 900, last_line=hit.line + 900) for hit in beside]
        assert lines(run(made, *told, *beside, more)) == [[1, 7], [2, 3]]
        again = replace(more, captures=tuple(sorted(new.items())))
        assert lines(run(made, *told, *beside, again)) == [[1], [2, 3]]
        for other in (far, [replace(hit, layer="client") for hit in beside]):
            assert lines(run(made, *told, *other)) == [[1, 3], [2, 5]]

    def test_a_connection_that_is_rejected_again_had_not_gone_on(self) -> None:
        """What seemed to complete its session, or another one that waited, was somebody else's: figures are doubted."""
        made = over_connections()
        tries = [step(line, "rejected", connection=f"a:{line}", client="a") for line in (1, 2)]
        ready = [step(line, "complete", connection=f"a:{line}", client="a") for line in (3, 4)]
        again = step(5, "rejected", connection="a:1", client="a")
        done = step(6, "complete", connection="a:6", client="a")
        for hits, ambiguous in ((ready, False), ([*ready, again, done], True)):
            found = run(made, *tries, *hits).sequence
            assert found is not None
            assert found.ambiguous == ambiguous

    def test_a_key_that_is_rejected_again_is_one_session(self) -> None:
        """Two rejections of one session are its two tries, and none once it has worked."""
        made = steps("rejected", "complete", by=("session",), outcomes=Outcomes("complete"))
        tries = [step(line, "rejected", session="a") for line in (1, 2)]
        other = step(3, "rejected", session="b")
        ready = [step(4, "complete", session="a"), step(5, "rejected", session="a")]
        assert lines(run(made, *tries, other, *ready)) == [[1, 2, 4], [3]]

    def test_a_client_whose_sessions_are_completed_in_words_pools_nothing(self) -> None:
        """Where no connection is known to have completed a session, one that ends one may be its own."""
        made = over_connections("over")
        own = {"connection": "c:1", "client": "c"}
        hits = [
            step(1, "rejected", **own),
            step(2, "rejected", **own),
            step(3, "complete"),
            step(4, "over", **own),
        ]
        assert lines(run(made, *hits)) == [[1, 2, 3]]

    def test_two_handlers_do_not_make_two_sessions(self) -> None:
        """Where the server's word of one session stands twice, so does every other line; it need not without it."""
        made = over_connections("over", "opened")
        own = {"connection": "c:1", "client": "c"}
        names = ("opened", "rejected", "opened", "complete", "over")
        once = [(name, {"id": str(place)} if name == "opened" else own) for place, name in enumerate(names)]
        twice = [pair for pair in once for _ in range(2)]
        for told in (once, twice):
            hits = [step(line, name, **captures) for line, (name, captures) in enumerate(told, 1)]
            figures = run(made, *hits).sequence
            assert figures is not None
            assert (figures.sessions, figures.rejected_first, figures.recovered) == (1, 1, 1)

    def test_the_source_that_sees_most_is_read_first(self) -> None:
        """A server's lines name the connection over which a client tries again, the client's own do not."""
        made = over_connections()
        client = [replace(step(line, "rejected", float(line), way=1), layer="client") for line in (1, 2)]
        own = {"connection": "c:1", "client": "c"}
        server = [
            replace(step(line, "rejected", float(line), **own), source=1, layer="access") for line in (1, 2)
        ]
        assert lines(run(made, *client, *server)) == [[1, 2]]

    def test_equal_values_of_different_captures_are_different_keys(self) -> None:
        """Session 7 and port 7 have nothing to do with each other."""
        made = steps("a", "b", by=("session", "port"))
        assert lines(run(made, step(1, "a", session="7"), step(2, "b", port="7"))) == []

    @pytest.mark.parametrize(("seconds", "found"), [(10.0, [[1, 2]]), (10.001, [])])
    def test_the_window_admits_nothing_beyond(self, seconds: float, found: list[list[int]]) -> None:
        """A step exactly at the end of the window counts, one after it does not."""
        made = steps("a", "b", within=Window(seconds=10))
        assert lines(run(made, step(1, "a", 0.0), step(2, "b", seconds))) == found

    def test_lines_count_where_there_is_no_clock(self) -> None:
        """Without times, the window's lines bind."""
        made = steps("a", "b", within=Window(seconds=10, lines=5))
        assert lines(run(made, step(1, "a"), step(6, "b"))) == [[1, 6]]
        assert lines(run(made, step(1, "a"), step(7, "b"))) == []

    def test_a_restart_ends_a_run(self) -> None:
        """What the old process began, the new one does not finish."""
        made = steps("a", "b")
        assert lines(run(made, step(1, "a"), step(3, "b"), restarts=(hit(2),))) == []
        assert lines(run(made, step(1, "a"), step(3, "b"), restarts=(hit(2, stream="worker"),))) == [[1, 3]]

    def test_none_between_ends_a_run(self) -> None:
        """An event of `none_between` ends the runs with its key, or all where it has none."""
        made = steps("a", "b", by=("session",), none_between=SEEN)
        both = [step(1, "a", session="s1"), step(2, "a", session="s2")]
        ends = [step(4, "b", session="s1"), step(5, "b", session="s2")]
        assert lines(run(made, *both, hit(3, "between"), *ends)) == []
        assert lines(run(made, *both, hit(3, "between", captures={"session": "s1"}), *ends)) == [[2, 5]]

    def test_a_field_in_by_reads_each_value_by_itself(self) -> None:
        """`by: stream` keeps the containers of one file apart."""
        made = steps("a", "b", by=("stream",))
        parts = [hit(1, "step:a:0", stream="api"), hit(2, "step:b:0", stream="worker")]
        assert lines(run(made, *parts)) == []
        assert lines(run(made, *parts, hit(3, "step:b:0", stream="api"))) == [[1, 3]]

    def test_optional_steps_may_be_left_out(self) -> None:
        """A run may pass over optional steps, and takes them where they are."""
        made = rule("sequence", steps=(Step("a", SEEN), Step("b", SEEN, optional=True), Step("c", SEEN)))
        assert lines(run(made, step(1, "a"), step(2, "c"), step(3, "a"), step(4, "b"), step(5, "c"))) == [
            [1, 2],
            [3, 4, 5],
        ]


class TestSessions:
    """sequence with outcomes: who was rejected first, who recovered, who stalled."""

    MADE = steps("rejected", "ready", "done", by=("session",), outcomes=Outcomes("ready", ("unproven",)))

    def figures(self, *hits: Hit) -> tuple[int, int, int, int, bool]:
        found = run(self.MADE, *hits).sequence
        assert found is not None
        return found.sessions, found.rejected_first, found.recovered, found.stalled, found.ambiguous

    def test_every_outcome_is_counted(self) -> None:
        """One recovered, one stalled, one that worked at once; only the rejected ones are occurrences."""
        hits = [step(1, "rejected"), step(2, "ready", session="s1"), step(3, "ready", session="s2")]
        hits.append(step(9, "rejected"))
        assert self.figures(*hits) == (3, 2, 1, 1, False)
        assert lines(run(self.MADE, *hits)) == [[1, 2], [9]]
        assert [outcome for _, outcome, _ in run(self.MADE, *hits).lanes] == [
            "recovered",
            "first-try",
            "stalled",
        ]

    def test_lines_without_key_are_served_first_come(self) -> None:
        """Two rejections wait; the first `ready` goes to the first of them."""
        hits = [step(1, "rejected"), step(2, "rejected"), step(3, "ready", session="s1")]
        assert lines(run(self.MADE, *hits)) == [[1, 3], [2]]

    def test_more_than_one_reading_is_called_ambiguous(self) -> None:
        """Where a line could finish either of two runs and one stalls or another worked at once, the figures say so."""
        assert self.figures(step(1, "rejected"), step(2, "rejected"), step(3, "ready")) == (2, 2, 1, 1, True)
        keyed = [step(1, "rejected"), step(2, "rejected"), step(3, "ready", session="s1")]
        assert self.figures(*keyed) == (2, 2, 1, 1, True)
        own = [step(n, "rejected", session=f"s{n}") for n in (1, 2)]
        assert self.figures(*own, step(3, "ready", session="s2")) == (2, 2, 1, 1, False)
        both = [step(1, "rejected"), step(2, "rejected"), step(3, "ready"), step(4, "ready")]
        assert self.figures(*both) == (2, 2, 2, 0, False)

    def test_words_that_nothing_works_behind_are_called_ambiguous(self) -> None:
        """A writer may tell in unknown words that sessions work; request lines would show them."""
        waiting = [step(1, "rejected"), step(2, "rejected")]
        assert self.figures(*waiting) == (2, 2, 0, 2, True)
        assert self.figures(*[replace(one, layer="access") for one in waiting]) == (2, 2, 0, 2, False)
        assert self.figures(*waiting, step(900, "ready")) == (3, 2, 0, 2, False)

    def test_request_lines_that_name_nobody_are_ambiguous_where_sessions_overlap(self) -> None:
        """One that seems to have recovered may have been given up, and another one have worked at once."""

        def lines_of(*steps: str, connections: str = "") -> tuple[Hit, ...]:
            names = [{"connection": name, "peer": "a"} for name in connections] or [{}] * len(steps)
            return tuple(
                replace(hit(n, f"step:{name}:0", captures=own), layer="access")
                for n, (name, own) in enumerate(zip(steps, names, strict=True), 1)
            )

        for hits, ambiguous in (
            (lines_of("rejected", "ready", "rejected", "ready"), False),
            (lines_of("rejected", "rejected", "ready", "ready"), True),
            (lines_of("rejected", "done", "ready", "done", "rejected", "done", "done", "ready"), True),
            (lines_of("rejected", "rejected", "ready", "ready", connections="xyyx"), False),
        ):
            found = run(self.OWN, *hits).sequence
            assert found is not None
            assert (found.rejected_first, found.recovered, found.ambiguous) == (2, 2, ambiguous)

    def test_what_is_completed_long_behind_a_rejection_may_be_another_session(self) -> None:
        """Where others of the log, or clients in general, try again sooner; unless the client always waits so."""

        def told(*delays: float, answered: bool = False) -> bool:
            hits: list[Hit] = []
            for place, delay in enumerate(delays):
                at, line = 100.0 * place, 10 * place
                own, other = ({"connection": f"a:{line + port}", "peer": "a"} for port in (1, 2))
                hits.append(step(line + 1, "rejected", at, **own))
                hits += [step(line + 2, "done", at + delay, **own)] if answered else []
                hits.append(step(line + 3, "ready", at + delay, **other))
            found = run(self.OWN, *[replace(hit, layer="access") for hit in hits]).sequence
            assert found is not None
            assert (found.rejected_first, found.recovered) == (len(delays), len(delays))
            return found.ambiguous

        assert not told(0.1, 0.9, 0.1)
        assert told(0.1, 1.4, 0.1)
        assert not told(1.4)
        assert told(2.5)
        assert not told(2.5, 2.5, 2.6)
        assert not told(0.1, 2.5, 0.1, answered=True)

    def test_a_key_may_pass_on_to_the_next_session(self) -> None:
        """A worker that connects again gets a session of its own, within the window too."""
        made = replace(self.MADE, detect=replace(self.MADE.detect, by=("session", "worker")))
        hits: list[Hit] = []
        for line, session in ((1, "s1"), (11, "s2")):
            hits.append(step(line, "rejected"))
            hits.append(step(line + 1, "ready", session=session, worker="w"))
            hits.append(step(line + 2, "done", worker="w"))
        assert lines(run(made, *hits)) == [[1, 2, 3], [11, 12, 13]]
        again = step(14, "ready", session="s2", worker="w")
        assert lines(run(made, *hits, again)) == [[1, 2, 3], [11, 12, 13]]

    def test_a_word_that_names_its_session_long_behind_a_rejection_may_be_another_ones(self) -> None:
        """A client that gave up, and one that works at once, are seen alike where the rejection names no session."""
        for delay, ambiguous in ((0.5, False), (4.0, True)):
            found = run(
                self.MADE, step(1, "rejected", 1.0), step(2, "ready", 1.0 + delay, session="s1")
            ).sequence
            assert found is not None
            assert (found.recovered, found.ambiguous) == (1, ambiguous)

    def test_the_latest_of_several_rejections_is_completed_where_it_stands_apart(self) -> None:
        """One long before has been given up: nobody guesses between the two."""

        def ambiguous(before: float) -> tuple[list[list[int]], bool]:
            times = (("rejected", 9.0 - before), ("rejected", 9.0), ("done", 9.1), ("ready", 9.2))
            hits = [replace(step(line, name, at), layer="access") for line, (name, at) in enumerate(times, 1)]
            found = run(self.OWN, *hits)
            assert found.sequence is not None
            return lines(found), found.sequence.ambiguous

        assert ambiguous(5.0) == ([[1], [2, 4]], False)
        assert ambiguous(0.5) == ([[1, 4], [2]], True)

    def test_sessions_that_go_on_over_their_own_connections_are_told_apart_by_them(self) -> None:
        """Whichever is completed first: a request of each was answered over the connection that was rejected."""
        names = ("rejected", "rejected", "done", "done", "ready", "ready")
        hits = [
            replace(step(line, name, connection=f"a:{port}", peer="a"), layer="access")
            for line, (name, port) in enumerate(zip(names, (1, 2, 1, 2, 3, 4), strict=True), 1)
        ]
        found = run(self.OWN, *hits).sequence
        assert found is not None
        assert (found.sessions, found.recovered, found.ambiguous) == (2, 2, False)

    def test_a_source_is_read_in_its_best_way_only(self) -> None:
        """The server's and the client's line of one rejection are one session."""
        hits = [step(1, "rejected", way=1), step(2, "rejected", way=0), step(3, "ready", session="s1")]
        assert self.figures(*hits) == (1, 1, 1, 0, False)

    def test_a_client_in_another_stream_tells_of_the_same_sessions_or_of_another_server_s(self) -> None:
        """What it is refused stands beside the server's lines where it asks this one, and not where it does not."""
        server = [step(n, name, float(n), connection="a:1") for n, name in ((1, "rejected"), (2, "ready"))]
        server = [replace(one, stream="tools", layer="access") for one in server]
        for away, sessions in ((0.5, 1), (30.0, 2)):
            client = [
                replace(one, stream="agent", layer="client", role=one.role[:-1] + "1", line=one.line + 4)
                for one in server
            ]
            client = [replace(one, time=(one.time or 0) + away) for one in client]
            assert self.figures(*server, *client) == (sessions, sessions, sessions, 0, False)

    def test_one_rejection_that_several_layers_tell_in_words_is_one_session(self) -> None:
        """The same layer tells the next one; so does any layer later on, or of another port."""
        words = [replace(step(n, "rejected", 100.0 + n), layer=f"app|{n}") for n in (1, 2, 3)]
        assert self.figures(*words) == (1, 1, 0, 1, True)
        assert self.figures(*words, replace(words[0], line=4)) == (2, 2, 0, 2, True)
        assert self.figures(*words, replace(words[0], line=4, time=130.0, layer="app|4"))[0] == 2
        ports = [
            replace(one, captures=(("port", port),))
            for one, port in zip(words, ("8000", "9000"), strict=False)
        ]
        assert self.figures(*ports)[0] == 2

    def test_two_sources_of_one_session_count_once(self) -> None:
        """The client's log tells what the server's log told: the same key, or the same time in another layer."""
        server = [step(1, "rejected", 100.0), step(2, "ready", 101.0, session="s1")]
        client = [replace(h, source=1, layer="client") for h in server]
        assert self.figures(*server, *client) == (1, 1, 1, 0, False)
        later = [replace(h, time=(h.time or 0) + 30, captures=()) for h in client]
        assert self.figures(*server, *later) == (2, 2, 2, 0, False)

    def test_two_sources_without_times_count_once(self) -> None:
        """Where no time can tell, each of the client's runs is one of the server's, and what is left over counts."""
        server = [step(1, "rejected"), step(2, "ready", session="s1"), step(3, "rejected")]
        client = [replace(step(n, "rejected"), source=1, layer="client") for n in (1, 2, 3)]
        assert self.figures(*server, *client) == (3, 3, 1, 2, False)
        timed = [replace(hit, time=100.0 + hit.line) for hit in server]
        assert self.figures(*timed, *client[:2]) == (2, 2, 1, 1, False)

    def test_sources_that_name_other_sessions_in_the_same_words_tell_of_others(self) -> None:
        """Without a clock no run of one is one of the other's, also where it shows no name; names in words of their
        own may be of different kinds, and tell nothing."""
        server = [step(1, "rejected"), step(2, "ready", session="s1"), step(3, "rejected")]
        client = [replace(h, source=1, layer="client", captures=()) for h in server]
        client[1] = replace(client[1], captures=(("session", "s2"),))
        assert self.figures(*server, *client) == (4, 4, 2, 2, False)
        client[1] = replace(client[1], role="step:ready:1")
        assert self.figures(*server, *client) == (2, 2, 1, 1, False)

    def test_what_only_one_source_knows_of_a_session_is_true(self) -> None:
        """Where the server's lines show no handshake, its client tells of it; where a handshake's rejection is told by
        the client only, the server's session was rejected first; what the server shows is surer than first come."""
        for at in (None, 100.0):
            server = [replace(step(n, "rejected", at), layer="access") for n in (1, 2)]
            client = [step(1, "rejected", at), step(2, "ready", at, session="s1"), step(3, "rejected", at)]
            client = [replace(one, source=1, layer="client") for one in client]
            assert self.figures(*server, *client) == (2, 2, 1, 1, False)
            worked = replace(step(9, "ready", at, session="s1"), layer="access")
            assert self.figures(worked, *client[:2]) == (1, 1, 1, 0, False)
            own = [
                replace(step(n, name, at, connection=f"a:{n % 5}", peer="a"), layer="access")
                for n, name in ((1, "rejected"), (2, "rejected"), (7, "ready"))
            ]
            found = run(self.OWN, *own, *client).sequence
            assert found is not None
            assert (found.sessions, found.rejected_first, found.recovered) == (2, 2, 1)
            assert lines(run(self.OWN, *own, *client)) == [[1], [2, 7]]

    def test_another_server_s_client_tells_of_other_sessions(self) -> None:
        """A client that asked one port tells nothing of a server that listens on another, nor do two such servers."""
        server = replace(step(1, "rejected"), layer="access")
        asked = [
            replace(step(1, "rejected", port=port), source=1, layer="client") for port in ("8000", "9000")
        ]
        words = replace(step(1, "rejected"), source=1, layer="app|rejected")
        listens = [hit(9, captures={"port": "8000"}), hit(9, source=1, captures={"port": "9000"})]
        for told, listening, sessions in (
            (asked[0], listens[:1], 1),
            (asked[1], listens[:1], 2),
            (asked[1], [hit(9)], 1),
            (words, listens, 2),
            (words, listens[:1], 1),
        ):
            for turned in (0, 1):  # whichever source is read first
                hits = [replace(one, source=one.source ^ turned) for one in (server, told)]
                ports = [replace(one, source=one.source ^ turned) for one in listening]
                found = KINDS["sequence"](0, self.MADE, hits, Processes((), ports)).sequence
                assert found is not None
                assert found.sessions == sessions

    def test_a_first_try_told_by_server_and_client_counts_once(self) -> None:
        """The server has an access line, the client names the session: with and without times they are one."""
        for at in (None, 100.0):
            server = [step(n, name, at) for n, name in ((1, "rejected"), (2, "ready"), (3, "ready"))]
            server = [replace(one, layer="access") for one in server]
            named = [step(2, "ready", at, session="s1"), step(3, "ready", at, session="s2")]
            client = [replace(step(1, "rejected", at), layer="client"), *named]
            for first, second in ((server, client), (client, server)):
                told = [*first, *(replace(one, source=1) for one in second)]
                assert self.figures(*told) == (2, 1, 1, 0, False)

    def test_likeness_goes_before_age(self) -> None:
        """A line without key goes to the run of its connection, then of its client, never to another client's."""
        made = replace(self.MADE, detect=replace(self.MADE.detect, like=("connection", "peer")))
        waiting = [
            step(1, "rejected", connection="a:1", peer="a"),
            step(2, "rejected", connection="b:1", peer="b"),
            step(3, "rejected", connection="b:2", peer="b"),
        ]
        assert lines(run(made, *waiting, step(4, "ready", connection="b:2", peer="b"))) == [[1], [2], [3, 4]]
        assert lines(run(made, *waiting, step(4, "ready", connection="b:9", peer="b"))) == [[1], [2, 4], [3]]
        assert lines(run(made, *waiting, step(4, "ready", connection="c:1", peer="c"))) == [[1], [2], [3]]
        assert lines(run(made, *waiting, step(4, "ready"))) == [[1, 4], [2], [3]]

    OWN = replace(MADE, detect=replace(MADE.detect, like=("connection", "peer")))

    def test_a_client_that_keeps_its_connections_recovers_over_none_but_its_own(self) -> None:
        """Where one rejected connection has carried the handshake, another one's handshake is another session."""
        gone = step(1, "rejected", connection="a:1", peer="a")
        kept = [step(n, name, connection="a:2", peer="a") for n, name in ((2, "rejected"), (3, "ready"))]
        first = step(4, "ready", connection="a:3", peer="a")
        found = run(self.OWN, gone, *kept, first)
        assert lines(found) == [[1], [2, 3]]
        assert found.sequence is not None
        figures = found.sequence
        assert (figures.sessions, figures.recovered, figures.stalled, figures.ambiguous) == (3, 1, 1, True)

    def test_a_connection_that_is_closed_by_then_tells_nothing(self) -> None:
        """Servers and clients close idle ones after five seconds: what comes over another one may be anybody's."""
        kept = [
            step(2 * n + more, name, float(n), connection=f"a:{n}", peer="a")
            for n in (1, 2)
            for more, name in enumerate(("rejected", "ready"))
        ]
        gone = step(6, "rejected", 3.0, connection="a:3", peer="a")
        for at, ambiguous in ((7.0, False), (9.0, True)):
            figures = run(self.OWN, *kept, gone, step(7, "ready", at, connection="a:4", peer="a")).sequence
            assert figures is not None
            assert (figures.recovered, figures.stalled, figures.ambiguous) == (2, 1, ambiguous)

    def test_a_client_that_was_never_seen_to_keep_a_connection_may_recover_over_another(self) -> None:
        """Another client's habit says nothing of it."""
        kept = [step(n, name, connection="b:2", peer="b") for n, name in ((1, "rejected"), (2, "ready"))]
        other = [step(n, name, connection=f"a:{n}", peer="a") for n, name in ((3, "rejected"), (4, "ready"))]
        assert lines(run(self.OWN, *kept, *other)) == [[1, 2], [3, 4]]

    def test_a_session_that_has_worked_is_not_rejected_first(self) -> None:
        """What is rejected later, by its key or over its connection, was no first request, with and without times."""
        for at in (None, 100.0):
            keyed = [step(1, "ready", at, session="s1"), step(2, "rejected", at, session="s1")]
            assert run(self.MADE, *keyed).occurrences == ()
            over = [
                step(n, name, at, connection="a:1", peer="a") for n, name in ((1, "ready"), (2, "rejected"))
            ]
            assert run(self.OWN, *over).occurrences == ()
            first = step(3, "rejected", at, connection="a:2", peer="a")
            assert lines(run(self.OWN, *over, first)) == [[3]]

    def test_a_session_that_recovered_is_not_rejected_first_again(self) -> None:
        """After rejection and handshake the same connection's next rejection is one of a session that works."""
        hits = [step(n, name, connection="a:1", peer="a") for n, name in ((1, "rejected"), (2, "ready"))]
        again = step(9, "rejected", connection="a:1", peer="a")
        assert lines(run(self.OWN, *hits, again)) == [[1, 2]]
        assert run(self.OWN, *hits, again).sequence == run(self.OWN, *hits).sequence

    def test_interleaved_sessions_have_worked_each_for_itself(self) -> None:
        """One client's handshake excuses no rejection of another's, nor of a line that tells nobody's connection."""
        ready = step(1, "ready", connection="a:1", peer="a")
        other = step(2, "rejected", connection="b:1", peer="b")
        own = step(3, "rejected", connection="a:1", peer="a")
        anonymous = step(4, "rejected")
        assert lines(run(self.OWN, ready, other, own, anonymous)) == [[2], [4]]

    def test_a_connection_is_somebody_elses_later(self) -> None:
        """Behind a restart or the window a port may be another client's; a key never is."""
        over = [step(1, "ready", connection="a:1", peer="a"), step(9, "rejected", connection="a:1", peer="a")]
        assert lines(run(self.OWN, *over, restarts=(hit(5),))) == [[9]]
        assert lines(run(self.OWN, over[0], replace(over[1], line=900, last_line=900))) == [[900]]
        keyed = [step(1, "ready", session="s1"), step(900, "rejected", session="s1")]
        assert run(self.MADE, *keyed, restarts=(hit(5),)).occurrences == ()

    def test_a_client_that_shares_its_address_is_no_connection(self) -> None:
        """Where only an address tells, several sessions may come from it."""
        made = replace(self.MADE, detect=replace(self.MADE.detect, like=("peer",)))
        assert lines(run(made, step(1, "ready", peer="a"), step(2, "rejected", peer="a"))) == [[2]]

    def test_an_unproven_rejection_counts_when_it_recovers(self) -> None:
        """A 400 that may not concern MCP at all is a session only when a session follows."""
        maybe = step(1, "rejected", unproven="messages")
        assert run(self.MADE, maybe).occurrences == ()
        assert self.figures(maybe, step(2, "ready", session="s1")) == (1, 1, 1, 0, False)
        others = [step(3, "rejected", unproven="messages"), step(4, "rejected", unproven="sse")]
        assert self.figures(maybe, step(2, "ready", session="s1"), *others) == (2, 2, 1, 1, False)

    def test_an_unproven_rejection_is_not_proven_by_a_session_elsewhere(self) -> None:
        """A 400 of `/api/messages` does not recover by a session over `/messages/`."""
        maybe = step(1, "rejected", unproven="/api/")
        assert run(self.MADE, maybe, step(2, "ready", session="s1", unproven="/")).occurrences == ()
        assert self.figures(step(1, "rejected"), step(2, "ready", unproven="/")) == (1, 1, 1, 0, False)

    def test_what_another_server_is_asked_belongs_to_another_session(self) -> None:
        """A line that tells no server may be any session's."""
        outcomes = replace(self.MADE.detect.outcomes, apart=("server",))
        made = replace(self.MADE, detect=replace(self.MADE.detect, outcomes=outcomes))
        rejected = step(1, "rejected", server="a")
        for server, told in (({"server": "b"}, (2, 1, 0)), ({"server": "a"}, (1, 1, 1)), ({}, (1, 1, 1))):
            # whose values differ at all is told by what else the log shows
            more = step(3, "ready", **server), step(4, "done", server="b")
            figures = run(made, rejected, *more).sequence
            assert figures is not None
            assert (figures.sessions, figures.rejected_first, figures.recovered) == told

    def test_a_rejection_while_its_client_goes_on_with_a_session_may_be_of_that(self) -> None:
        """Over another connection nothing tells; not where the client is not heard of any more, or has begun anew."""
        own = replace(self.MADE, detect=replace(self.MADE.detect, like=("connection", "peer")))
        ready, rejected, done, again = (
            step(n, name, connection=f"a:{n}", peer="a")
            for n, name in enumerate(("ready", "rejected", "done", "ready"), 1)
        )
        for hits, ambiguous in (
            ((ready, rejected, done), True),
            ((ready, rejected), False),
            ((ready, rejected, again), False),
        ):
            figures = run(own, *hits).sequence
            assert figures is not None
            assert figures.ambiguous == ambiguous

    def test_a_connection_that_is_tried_again_is_one_session(self) -> None:
        """Three rejections over one connection are one session, and the handshake after the next is another's."""
        own = replace(self.MADE, detect=replace(self.MADE.detect, like=("connection", "peer")))
        tries = [step(n, "rejected", connection="a:1", peer="a") for n in (1, 2, 3)]
        ready = [step(n, "ready", connection=f"a:{n}", peer="a", session=f"s{n}") for n in (4, 5)]
        assert lines(run(own, *tries)) == [[1, 2, 3]]
        assert lines(run(own, *tries, ready[0])) == [[1, 2, 3, 4]]
        found = run(own, *tries, *ready)
        assert lines(found) == [[1, 2, 3, 4]]
        assert found.sequence is not None
        assert (found.sequence.sessions, found.sequence.stalled) == (2, 0)
        other = step(2, "rejected", connection="a:2", peer="a")
        assert lines(run(own, tries[0], other)) == [[1], [2]]

    def test_success_rate(self) -> None:
        """The share of sessions that worked at the first try."""
        found = run(self.MADE, step(1, "rejected"), *[step(n, "ready", session=f"s{n}") for n in range(2, 6)])
        assert found.sequence is not None
        assert found.sequence.success_rate == 0.75


class TestCount:
    """count and distinct: enough within a window, by key."""

    MADE = rule("count", text=("found",), at_least=3, within=Window(seconds=10))

    def test_the_window_slides(self) -> None:
        """Three within ten seconds fire; three over more than ten do not, wherever the window starts."""
        assert lines(run(self.MADE, hit(1, at=0.0), hit(2, at=5.0), hit(3, at=10.0))) == [[1, 2, 3]]
        assert lines(run(self.MADE, hit(1, at=0.0), hit(2, at=5.0), hit(3, at=10.5))) == []
        late = [hit(1, at=0.0), hit(2, at=8.0), hit(3, at=11.0), hit(4, at=17.0)]
        assert lines(run(self.MADE, *late)) == [[2, 3, 4]]

    def test_a_burst_that_goes_on_is_one_occurrence(self) -> None:
        """Windows that overlap are one burst, and every hit stands in it once."""
        burst = [hit(n, at=n * 2.0) for n in range(1, 9)]
        assert lines(run(self.MADE, *burst)) == [[1, 2, 3, 4, 5, 6, 7, 8]]
        again = [hit(n, at=100 + n * 2.0) for n in range(20, 23)]
        assert lines(run(self.MADE, *burst, *again)) == [[1, 2, 3, 4, 5, 6, 7, 8], [20, 21, 22]]

    def test_keys_are_counted_apart(self) -> None:
        """Three hits of two keys are not three of one; a hit without the key counts for none."""
        made = rule("count", text=("found",), at_least=2, within=Window(lines=9), by=("user",))
        hits = [
            hit(n, captures={"user": name} if name else {}) for n, name in enumerate(["a", "b", "", "a"], 1)
        ]
        assert lines(run(made, *hits)) == [[1, 4]]

    def test_layers_of_one_failure_count_once(self) -> None:
        """Incidents are counted, not lines."""
        told_twice = [
            hit(n, at=float(n // 2), layer="client" if n % 2 else "app|failed") for n in range(2, 6)
        ]
        assert lines(run(self.MADE, *told_twice)) == []

    def test_lines_of_another_source_do_not_break_a_window(self) -> None:
        """A window of lines is counted within each source, also where times interleave them."""
        made = rule("count", text=("found",), at_least=2, within=Window(lines=5))
        hits = [hit(1, at=0.0), hit(1, at=1.0, source=1), hit(2, at=2.0), hit(2, at=3.0, source=1)]
        assert len(run(made, *hits).occurrences) == 2

    def test_a_restart_ends_a_window(self) -> None:
        """Hits of the old process do not count for the new one."""
        hits = [hit(n, at=float(n)) for n in (1, 2, 4)]
        assert lines(run(self.MADE, *hits, restarts=(hit(3),))) == []

    def test_distinct_counts_values_not_hits(self) -> None:
        """The same value twice is one; the most values of an occurrence are a figure."""
        made = rule("distinct", text=("found",), of="tool", at_least=2, within=Window(seconds=10))
        same = [hit(n, at=float(n), captures={"tool": "x"}) for n in range(1, 4)]
        assert run(made, *same).occurrences == ()
        found = run(made, *same, hit(4, at=4.0, captures={"tool": "y"}))
        assert (lines(found), found.figures) == ([[1, 2, 3, 4]], {"distinct": 2.0})

    def test_distinct_without_window_reads_everything(self) -> None:
        """Without `within`, values of all sources count together."""
        made = rule("distinct", text=("found",), of="tool", at_least=2)
        hits = [hit(1, captures={"tool": "x"}), hit(9_000, source=1, captures={"tool": "y"})]
        assert len(run(made, *hits).occurrences) == 1

    def test_many_hits_are_counted_quickly(self) -> None:
        """A dense log of one failure costs time in proportion to its hits."""
        hits = [hit(n, at=n / 1_000, fresh=True) for n in range(1, 20_000)]
        match = rule("match", text=("found",))
        assert len(run(self.MADE, *hits).occurrences) == 1
        assert len(run(match, *hits).occurrences) == len(hits)
        assert_linear(lambda count: (run(self.MADE, *hits[:count]), run(match, *hits[:count])), 4_999)


class TestAbsence:
    """absence: a start without its end."""

    MADE = rule("absence", after=SEEN[0], missing=SEEN[0], within=Window(10, 50), by=("job",))

    def after(self, line: int, at: float | None, job: str) -> Hit:
        return hit(line, "after", at, captures={"job": job})

    def end(self, line: int, at: float | None, job: str) -> Hit:
        return hit(line, "missing", at, captures={"job": job})

    def test_a_start_with_its_end_is_fine(self) -> None:
        """Each end answers one start of its key."""
        assert lines(run(self.MADE, self.after(1, 0.0, "a"), self.end(2, 10.0, "a"))) == []
        assert lines(
            run(self.MADE, self.after(1, 0.0, "a"), self.after(2, 0.0, "a"), self.end(3, 1.0, "a"))
        ) == [[2]]

    def test_an_end_too_late_or_of_another_key_is_none(self) -> None:
        """What comes after the window, or for another job, does not answer."""
        assert lines(run(self.MADE, self.after(1, 0.0, "a"), self.end(2, 10.5, "a"))) == [[1]]
        assert lines(run(self.MADE, self.after(1, 0.0, "a"), self.end(2, 1.0, "b"))) == [[1]]
        assert lines(run(self.MADE, self.after(1, None, "a"), self.end(52, None, "a"))) == [[1]]

    def test_an_end_before_its_start_is_none(self) -> None:
        """Order matters."""
        assert lines(run(self.MADE, self.end(1, 0.0, "a"), self.after(2, 1.0, "a"))) == [[2]]

    def test_a_restart_between_leaves_the_start_unanswered(self) -> None:
        """The new process does not end what the old one began."""
        hits = [self.after(1, 0.0, "a"), self.end(3, 2.0, "a")]
        assert lines(run(self.MADE, *hits, restarts=(hit(2),))) == [[1]]


class TestRatio:
    """ratio: one count over another."""

    @pytest.mark.parametrize(
        ("bounds", "parts", "wholes", "fires"),
        [
            ({"above": 0.5}, 6, 10, True),
            ({"above": 0.5}, 5, 10, False),
            ({"below": 0.5}, 4, 10, True),
            ({"below": 0.5}, 5, 10, False),
            ({"below": 0.5}, 0, 10, True),
            ({"above": 0.5, "at_least": 11}, 6, 10, False),
            ({"below": 0.5}, 0, 0, False),
        ],
    )
    def test_bounds(self, bounds: dict[str, Any], parts: int, wholes: int, fires: bool) -> None:
        """Above is more than, below is less than; too small a whole says nothing."""
        made = rule("ratio", part=SEEN[0], whole=SEEN[0], **bounds)
        hits = [hit(n, "part") for n in range(1, parts + 1)] + [
            hit(n, "whole") for n in range(50, 50 + wholes)
        ]
        found = run(made, *hits)
        assert len(found.occurrences) == fires
        if wholes:
            assert found.figures.get("ratio", parts / wholes) == parts / wholes


class TestIncidents:
    """match: which hits are one failure."""

    def test_layers_join_and_repeats_do_not(self) -> None:
        """Three layers telling one failure are one; one layer telling three times is three."""
        made = rule("match", text=("found",))
        assert len(run(made, *[hit(n, layer=f"layer {n}") for n in range(1, 4)]).occurrences) == 1
        assert len(run(made, *[hit(n) for n in range(1, 4)]).occurrences) == 3

    def test_a_logger_does_not_come_back_to_a_failure(self) -> None:
        """Layers tell from within: what a logger tells behind another one's words is the next failure; in a row, and
        where no logger is known, it may be one."""
        made = rule("match", text=("found",))
        names = ("mcp|close failed", "main|request failed", "mcp|connection lost")
        inner, outer, other = (hit(n, layer=layer) for n, layer in enumerate(names, 1))
        assert lines(run(made, inner, outer, other)) == [[1, 2], [3]]
        assert lines(run(made, inner, replace(other, line=2), replace(outer, line=3))) == [[1, 2, 3]]
        assert lines(run(made, *(hit(n, layer=f"|words {n}") for n in range(1, 4)))) == [[1, 2, 3]]

    def test_repeats_join(self) -> None:
        """Retries of one operation are one failure where the rule says so."""
        made = rule("match", text=("found",), incident=Incident(repeats="join"))
        assert lines(run(made, hit(1, at=0.0), hit(2, at=5.0), hit(3, at=10.5))) == [[1, 2], [3]]

    def test_what_only_its_repetition_makes_a_failure(self) -> None:
        """Three waiting lines are one incident beside the others, two are none; what is far away does not count."""
        made = rule("match", text=("found",), often=SEEN, at_least=3, within=Window(seconds=60, lines=9))
        waiting = [hit(n, "often", at=n * 5.0) for n in range(1, 5)]
        assert lines(run(made, *waiting, hit(9, at=900.0))) == [[1, 2, 3, 4], [9]]
        assert lines(run(made, *waiting[:2], hit(40, "often", at=200.0))) == []

    def test_announced_tries_of_which_the_last_succeeded_healed(self) -> None:
        """What shows it stands behind the last of them, told by the same process, in time; one failure that announces
        no further try is no better for it."""
        how = Incident(retry_seconds=60)
        made = rule("match", text=("found",), healed=SEEN[0], incident=how)
        tries = [hit(n, at=n * 20.0, layer=RETRY) for n in (1, 2, 3)]

        def healed(*more: Hit, restarts: tuple[Hit, ...] = ()) -> list[bool]:
            found = run(made, *tries, *more, restarts=restarts)
            assert lines(found)[0][:3] == [1, 2, 3]
            return [occurrence.recovered for occurrence in found.occurrences]

        shown = hit(8, "healed", at=100.0)
        assert healed(shown) == [True]
        assert healed() == [False]
        assert healed(replace(shown, line=2, time=50.0)) == [False]
        assert healed(replace(shown, time=130.0)) == [False]
        assert healed(replace(shown, stream="web")) == [False]
        assert healed(shown, restarts=(hit(7, at=90.0),)) == [False]
        assert healed(hit(4, at=61.0), shown) == [False]
        assert healed(hit(4, at=61.0), hit(5, at=61.0, layer=RETRY), shown) == [True]
        assert healed(hit(4, at=61.0), hit(7, at=61.0, layer=RETRY), shown) == [False]
        assert healed(hit(4, at=61.0), hit(5, at=63.0, layer=RETRY), shown) == [False]

    def test_a_refusal_that_ends_the_calls_has_not_healed(self) -> None:
        """A client's refused call is supporting evidence, and healed by itself where another try is announced behind
        it, or answered well; of a rule that knows no good answer nobody can tell."""
        made = rule("match", text=("found",), healed=SEEN[0])
        refused = hit(3, "also", at=60.0, layer=CLIENT)

        def healed(*more: Hit, rule: Rule = made, first: Hit = refused) -> list[bool]:
            return [occurrence.recovered for occurrence in run(rule, first, *more).occurrences]

        assert healed() == [False]
        assert healed(hit(4, "announced", at=60.5)) == [True]
        assert healed(hit(4, "announced", at=60.5), hit(5, "also", at=61.0, layer=CLIENT)) == [False]
        assert healed(hit(4, "healed", at=62.0)) == [True]
        assert healed(first=hit(3, "also", at=60.0, layer="app|found")) == [True]
        assert healed(rule=rule("match", text=("found",))) == [True]

    def test_a_start_anew_is_a_try_where_the_rule_says_so(self) -> None:
        """Within the window, of the same process and port, and unless it gave up."""
        how = Incident(seconds=5, retry_seconds=60)
        failed, started = hit(3, at=60.0, captures={"port": "8000"}), hit(7, at=90.0)

        def healed(end: Hit, *starts: Hit, by_restart: bool = True) -> list[bool]:
            made = rule("match", text=("found",), healed=SEEN[0], incident=how, by_restart=by_restart)
            found = run(made, failed, end, restarts=starts)
            return [occurrence.recovered for occurrence in found.occurrences]

        shown = hit(8, "healed", at=100.0, captures={"port": "8000"})
        assert healed(shown, started) == [True]
        assert healed(replace(shown, captures=()), started) == [True]
        assert healed(shown, started, by_restart=False) == [False]
        assert healed(shown) == [False]
        assert healed(replace(shown, time=130.0), started) == [False]
        assert healed(replace(shown, captures=(("port", "9000"),)), started) == [False]
        assert healed(replace(shown, role="given-up"), started) == [False]

    def test_another_try_is_announced_on_a_line_of_its_own(self) -> None:
        """What failed is a try that announces another one where the next line does; one that none follows failed."""
        how = Incident(retry_seconds=60)
        made = rule("match", text=("found",), healed=SEEN[0], incident=how)
        tried = [hit(1, at=20.0), hit(2, "announced", at=20.0), hit(4, at=40.0)]
        again, shown = hit(5, "announced", at=40.0), hit(8, "healed", at=60.0)
        found = run(made, *tried, again, shown)
        assert lines(found) == [[1, 4]]
        assert [occurrence.recovered for occurrence in found.occurrences] == [True]
        assert [o.recovered for o in run(made, *tried, shown).occurrences] == [False]
        given_up = hit(7, "given-up", at=50.0)
        assert [o.recovered for o in run(made, *tried, again, given_up, shown).occurrences] == [False]
        beside = hit(3, "also", at=40.0, layer="client")
        assert [o.recovered for o in run(made, *tried, beside, again, shown).occurrences] == [True]
        assert [o.recovered for o in run(made, *tried, replace(again, stream="web"), shown).occurrences] == [
            False
        ]

    def test_a_refused_call_behind_which_another_try_is_announced_waits_for_it(self) -> None:
        """However long the SDK was told to wait, up to the window of tries; one that it does not try again does not."""
        made = rule("match", text=("found",), healed=SEEN[0], incident=Incident(seconds=10, retry_seconds=60))
        calls = [
            hit(1, "also", at=0.0, layer=CLIENT),
            hit(2, "announced", at=0.1),
            hit(3, "also", at=45.0, layer=CLIENT),
            hit(4, at=45.1, layer="app|found"),
            hit(5, "also", at=60.0, layer=CLIENT),
        ]
        assert lines(run(made, *calls)) == [[1, 3, 4], [5]]

    def test_who_gives_a_call_up_announces_no_try_of_the_next_one(self) -> None:
        """The first try of the next call fails right behind: it stands behind few of those that are announced, and
        behind the last none."""
        made = rule("match", text=("found",), healed=SEEN[0], incident=Incident(retry_seconds=60))
        tries = [hit(line, at=float(line), layer=RETRY) for line in (1, 2, 5, 6)]
        given_up = [hit(line, at=line + 0.5, layer="app|could not tag") for line in (3, 7)]
        found = run(made, *sorted([*tries, *given_up], key=lambda one: one.line))
        assert lines(found) == [[1, 2, 3, 5, 6], [7]]
        assert [occurrence.recovered for occurrence in found.occurrences] == [False, False]

    @pytest.mark.parametrize("often", [(), SEEN])
    def test_incidents_stand_in_the_order_of_their_first_hits(self, often: tuple[Condition, ...]) -> None:
        """An incident that begins with supporting evidence begins there, whatever else the rule looks for."""
        made = rule("match", text=("found",), often=often)
        early = hit(5, "also", at=1.0, source=1), hit(6, at=2.5, source=1)
        assert lines(run(made, hit(2, at=2.0), *early)) == [[5, 6], [2]]

    def test_a_finished_request_separates(self) -> None:
        """What a fresh hit tells belongs to no earlier incident of its source."""
        made = rule("match", text=("found",))
        assert lines(run(made, hit(1), hit(2, layer="client", fresh=True))) == [[1], [2]]

    def test_captures_decide_before_distance(self) -> None:
        """The same request id is one failure however far apart, another id is another however near."""
        made = rule("match", text=("found",), incident=Incident(by=("id",)))
        hits = [hit(1, captures={"id": "a"}), hit(2, layer="client", captures={"id": "b"})]
        assert lines(run(made, *hits, hit(9_000, captures={"id": "a"}))) == [[1, 9_000], [2]]

    def test_an_incident_has_the_keys_of_all_its_hits(self) -> None:
        """A hit that names less of the operation, joined by its call, does not lose what the others have named."""
        call = Condition(regex=("(?P<request>x)",))
        how = Incident(by=("request", "tool"), repeats="join", call=call)
        more = {"request": "b", "tool": "x"}
        hits = [
            hit(1, at=0.0, captures={"request": "b"}),
            hit(2, at=0.0, captures=more, layer="app|ended"),
            hit(3, at=0.0, captures={"request": "b"}),
        ]
        assert lines(run(rule("match", text=("found",), incident=how), *hits)) == [[1, 2, 3]]

    def test_many_failures_at_once_that_a_layer_behind_leaves_out_cost_no_more(self) -> None:
        """Two calls in three are told by both layers, each behind a finished request, by a clock that jumps back."""
        made = rule("match", text=("found",))
        hits = [
            hit(
                3 * number + place,
                at=number / 100 - number % 7 / 10,
                layer=layer,
                fresh=number % 2 == 0 or not place,
            )
            for number in range(12_000)
            for place, layer in enumerate(("app|failed", "gateway|gave up"))
            if place == 0 or number % 3
        ]
        assert_linear(lambda count: run(made, *hits[:count]), 4_999)

    def test_whom_it_is_about_keeps_apart_and_joins_nothing(self) -> None:
        """Another server's failure is another one; the same server's later one is too; one without name is any's."""
        about = Condition(regex=(r"server (?P<name>\w+)",))
        made = rule("match", text=("found",), incident=Incident(apart=about))
        a, b = ({"name": name} for name in ("a", "b"))
        hits = [
            hit(1, captures=a),
            hit(2, layer="x", captures=b),
            hit(3, layer="y", captures=b),
            hit(4, layer="z"),
        ]
        assert lines(run(made, *hits)) == [[1, 4], [2, 3]]
        assert lines(run(made, hit(1, captures=a), hit(900, layer="x", captures=a))) == [[1], [900]]
        assert lines(run(made, hit(1), hit(2, layer="x", captures=a), hit(3, layer="y", captures=b))) == [
            [1, 2],
            [3],
        ]
        late = [hit(1, captures=a), hit(2, layer="asgi", captures=b), hit(3, layer="asyncio", captures=a)]
        assert lines(run(made, *late)) == [[1, 3], [2]]

    def test_the_server_tells_again_later(self) -> None:
        """An ASGI or asyncio report within two minutes is the newest failure told again, once."""
        made = rule("match", text=("found",))
        hits = [hit(1, at=0.0), hit(40, at=90.0, layer="asyncio"), hit(41, at=91.0, layer="asyncio")]
        assert lines(run(made, *hits)) == [[1, 40], [41]]
        assert lines(run(made, hit(1, at=0.0), hit(2, at=121.0, layer="asgi"))) == [[1], [2]]
        assert lines(run(made, hit(1, at=0.0), hit(2, at=1.0, layer="asyncio", fresh=True))) == [[1], [2]]

    def test_reports_in_a_row_behind_a_new_one_are_new(self) -> None:
        """What a request rules out for the first of asyncio's reports, it rules out for those that follow at once."""
        made = rule("match", text=("found",))
        told = [hit(1, at=0.0), hit(2, at=50.0, layer="asyncio", fresh=True)]
        assert lines(run(made, *told, hit(3, at=50.1, layer="asyncio"))) == [[1], [2], [3]]
        assert lines(run(made, *told, hit(3, at=90.0, layer="asyncio"))) == [[1, 3], [2]]

    def test_the_server_tells_last(self) -> None:
        """What is logged behind an ASGI or asyncio report of the same process is another failure."""
        made = rule("match", text=("found",))
        assert lines(run(made, hit(1, layer="asgi"), hit(2), hit(3, layer="asgi"))) == [[1], [2, 3]]
        assert lines(run(made, hit(1, layer="asyncio"), hit(2))) == [[1], [2]]
        assert lines(run(made, hit(1, layer="asyncio.run"), hit(2))) == [[1, 2]]
        assert lines(run(made, hit(1, layer="asgi", stream="api"), hit(2, stream="web"))) == [[1, 2]]

    def test_supporting_evidence_alone_has_healed(self) -> None:
        """Only `also` hits: an incident that recovered; beside a primary hit it is part of a failure."""
        made = rule("match", text=("found",))
        alone, beside = run(made, hit(1, "also")), run(made, hit(1, "also"), hit(2, layer="client"))
        assert [o.recovered for o in alone.occurrences] == [True]
        assert [(o.recovered, o.first.line) for o in beside.occurrences] == [(False, 2)]


def test_two_hits_that_cannot_be_compared_are_not_near() -> None:
    """No time and different sources: nothing says that they are close."""
    assert not near(hit(1), hit(1, source=1), 1e9, 10**9)
    assert not near(hit(1, at=0.0), hit(1, source=1), 1e9, 10**9)
    assert near(hit(1, at=0.0), hit(1, at=5.0, source=1), 5.0, 0)


def test_restarts_come_from_the_signal_of_a_started_application() -> None:
    """`app-started` ends windows of every rule, and cause evidence is no hit of its own."""
    started = Rule("app-started", "Started", "info", Detect(text=("started",)), signal=True)
    rules = [started, rule("count", text=("found",), at_least=2, within=Window(lines=50))]
    apart = [hit(1, rule=1), hit(2, rule=0, layer="app|started"), hit(3, rule=1), hit(4, "cause:x", rule=1)]
    assert [len(item.occurrences) for item in correlate_hits(rules, FoundHits(apart).by_rule)] == [1, 0]
    alone = FoundHits(h for h in apart if h.rule).by_rule
    assert [len(item.occurrences) for item in correlate_hits(rules, alone)] == [1]


def test_another_source_in_between_cuts_no_incident() -> None:
    """Lines with and without a time are one incident, also when another source's hit stands between them."""
    made = rule("match", text=("found",), incident=Incident(5.0, 10, (), "join"))
    hits = [hit(1, at=100.0), hit(2), hit(3, at=100.5), hit(5, at=100.2, source=1)]
    assert lines(run(made, *hits)) == [[1, 2, 3], [5]]
