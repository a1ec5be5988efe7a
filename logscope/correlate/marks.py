"""Sessions that lines are marked with: what a record shows beside its message, where it tells sessions apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from msgspec.structs import replace

from logscope.correlate.runs import Key
from logscope.correlate.steps import best_steps, showing
from logscope.correlate.windows import near
from logscope.match.layers import ACCESS
from logscope.model import MARK, Captures, Hit
from logscope.rulebook.parts import step_of
from logscope.rulebook.rule import Rule, Window

Place = tuple[int, int, str]
"""Of a hit: its source, line and role."""
Marks = Mapping[Place, Captures]
_COVERED, _LINKED = 0.9, 8
"""A mark tells sessions apart where so large a part of all lines that begin one show it, and of the values that begin
with a rejection one in so many goes on."""
_SESSION = frozenset(f"{MARK}{name}" for name in ("session", "session_id", "session-id", "mcp-session-id"))
"""A session's by their names: also of a single one, as any of several are where no rejection is first."""


def place_of(hit: Hit) -> Place:
    """Return where a hit stands."""
    return hit.source, hit.line, hit.role


def set_apart(hits: Sequence[Hit]) -> tuple[list[Hit], Marks]:
    """Return the hits without their marks, and these by place; a client's service, or container, is one, too."""
    bare: list[Hit] = []
    marks: dict[Place, Captures] = {}
    for hit in hits:
        own = tuple([pair for pair in hit.captures if pair[0].startswith(MARK)])
        if own:
            hit = replace(
                hit, captures=tuple([pair for pair in hit.captures if not pair[0].startswith(MARK)])
            )
        if hit.stream and hit.layer != ACCESS:
            own = (*own, (MARK, hit.stream))
        if own:
            marks[place_of(hit)] = own
        bare.append(hit)
    return bare, marks


class ToldApart(NamedTuple):
    """How the lines of a source are read so that sessions are told apart."""

    steps: Mapping[str, int]
    """By role, the step that it counts as."""
    sessions: dict[Place, Key]
    """The session that each hit is marked with."""
    hits: Sequence[Hit]
    in_words: bool
    """Whether other ways than the best are read."""
    torn: bool = False
    """Whether rejections are told of other sessions, by their names, than those that work."""


def told_apart(
    rule: Rule, marks: Marks, hits: Sequence[Hit], names: Mapping[str, int], goal: int
) -> ToldApart:
    """Tell sessions apart by their marks. Where the lines that show the best ways have none that does, as a library's,
    but those of other ways have, as an application's own words, these are read: ways that tell of the first step and
    the goal about as often, as logs begin and end in the midst of things. Of them each line counts that does not show
    the step in the best way."""
    best = best_steps(hits, names)
    sessions = sessions_of(rule, marks, hits, best, goal) if marks else {}
    if sessions or not marks:
        return ToldApart(best, sessions, hits, False)
    torn = False
    once = _shown_once(hits, best)
    others = {role: step for role, step in best.items() if step not in (0, goal)}
    firsts, goals = [
        [way for role in best if best[role] == step for way in _marked_ways(once, marks, role)]
        for step in (0, goal)
    ]
    for (first, first_marks), (last, last_marks) in product(firsts, goals):
        roles = others | {first: 0, last: goal}
        if roles == best or first_marks.isdisjoint(last_marks):
            continue
        if sessions := sessions_of(rule, marks, once, roles, goal, once=True):
            return ToldApart(roles, sessions, once, True)
        torn = torn or _torn(marks, once, roles, goal)
    return ToldApart(best, {}, hits, False, torn)


def _torn(marks: Marks, hits: Sequence[Hit], steps: Mapping[str, int], goal: int) -> bool:
    """Whether none of the sessions that rejections name is named where one works."""
    named: defaultdict[int, set[str]] = defaultdict(set)
    for hit in hits:
        if hit.role in steps:
            own = marks.get(place_of(hit), ())
            named[steps[hit.role]] |= {value for name, value in own if name in _SESSION}
    return bool(named[0] and named[goal]) and named[0].isdisjoint(named[goal])


def _marked_ways(hits: Sequence[Hit], marks: Marks, role: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the ways that show a role's step about as often as the role does, each with its marks."""
    own = showing(hits, step_of(role))
    told = Counter(hit.role for hit in own)
    shown = Counter((hit.role, name) for hit in own for name, _ in marks.get(place_of(hit), ()))
    for way in sorted(told):
        marked = {name for one, name in shown if one == way and shown[one, name] >= _COVERED * told[way]}
        if told[way] >= _COVERED * told[role] and marked:
            yield way, marked


def _shown_once(hits: Sequence[Hit], best: Mapping[str, int]) -> list[Hit]:
    """Leave out what a line that shows a step in the best way shows of it in others."""
    shown = {(hit.source, hit.line, step_of(hit.role)) for hit in hits if hit.role in best}
    return [hit for hit in hits if hit.role in best or (hit.source, hit.line, step_of(hit.role)) not in shown]


def sessions_of(
    rule: Rule, marks: Marks, hits: Sequence[Hit], steps: Mapping[str, int], goal: int, once: bool = False
) -> dict[Place, Key]:
    """Return the session that each hit is marked with: by the mark that links most rejections with what follows them;
    none where no mark tells sessions apart. `once`: by one that no two sessions share."""
    own = [hit for hit in hits if hit.role in steps]
    begin = [hit for hit in own if steps[hit.role] in (0, goal)]
    shown = Counter(name for hit in begin for name, _ in marks.get(place_of(hit), ()))
    best: dict[Place, Key] = {}
    named: dict[Place, Key] = {}
    most = 0
    for name in sorted(name for name, count in shown.items() if count >= _COVERED * len(begin)):
        lines: defaultdict[str, list[tuple[int, Hit]]] = defaultdict(list)
        for hit in own:
            if value := dict(marks.get(place_of(hit), ())).get(name):
                lines[value].append((steps[hit.role], hit))
        told = _Told(rule, lines, goal, name in _SESSION)
        if told.linked > most and told.apart and not (once and told.again):
            best, most = told.sessions, told.linked
        elif (name in _SESSION or told.several) and told.unbroken:
            named = told.sessions
    return best or named


class _Told:
    """What one mark tells: sessions by its values."""

    def __init__(
        self, rule: Rule, lines: Mapping[str, Sequence[tuple[int, Hit]]], goal: int, lasts: bool
    ) -> None:
        """`lasts`: the mark is the session's own, by its name; others may have several, one after another."""
        self._by, self._goal, self._lasts = frozenset(rule.detect.by), goal, lasts
        self._window = rule.detect.within or Window()
        self.sessions: dict[Place, Key] = {}
        self.linked = self._rejected = 0
        """Sessions that were rejected first and went on; and all that were."""
        self.several = sum(any(step in (0, goal) for step, _ in own) for own in lines.values()) > 1
        self._crossed = self._named = False
        self.again = any(_reached_again([hit for step, hit in own if step == goal]) for own in lines.values())
        """Whether a value is used for one session after another, as a thread's name is."""
        for value, own in lines.items():
            self._read(value, own)

    @property
    def apart(self) -> bool:
        """Whether it tells sessions apart: none shows two at once, which only their names prove where values are used
        again, and enough of them link a rejection with what follows."""
        proven = self._named or not self.again
        return self.several and not self._crossed and proven and _LINKED * self.linked >= self._rejected

    @property
    def unbroken(self) -> bool:
        """Whether all sessions that it tells were initialized first, each once."""
        return not (self._crossed or self.again or self._rejected)

    def _read(self, value: str, lines: Sequence[tuple[int, Hit]]) -> None:
        """Read the lines that show one value: those of one session, or of several, one after another."""
        number, rejected, complete = 0, False, False  # of the session that is told of
        names = frozenset[Key]()  # of the latest session that has worked
        before: set[Key] = set()  # those of the sessions before it
        tellers: set[str] = set()  # layers that told its goal: one says what it does, another that it is done
        last = max((hit.line for step, hit in lines if step == self._goal), default=0)
        latest: Hit | None = None
        for step, hit in lines:
            later = latest is not None and self._begins_anew(latest, hit)
            latest = hit
            own = frozenset([pair for pair in hit.captures if pair[0] in self._by])
            if step == 0:
                # behind the last goal a rejection is that session's own, about something else
                if complete and (self.again or hit.line <= last or later):
                    number, complete = number + 1, False
                if not complete:
                    self._rejected += not rejected
                    rejected = True
            elif step == self._goal:
                told_again = (own and own == names) or (complete and hit.layer not in tellers)
                if not told_again:
                    number += complete
                    self.linked += rejected
                    rejected, complete = False, True
                    before |= names
                    names, tellers = own, set()
                    self._named = self._named or bool(own)
                tellers.add(hit.layer)
            elif step > self._goal:
                self._crossed = self._crossed or not own.isdisjoint(before)
            self.sessions[place_of(hit)] = (f"{MARK}{hit.source}:{number}", value)

    def _begins_anew(self, latest: Hit, hit: Hit) -> bool:
        """Whether a hit stands so far behind the latest one of its value that another session may have begun."""
        return not (self._lasts or near(latest, hit, self._window.seconds, self._window.lines))


def _reached_again(goals: Sequence[Hit]) -> bool:
    """Whether the same line of code has reached the goal again."""
    return len({hit.layer for hit in goals}) < len(goals)
