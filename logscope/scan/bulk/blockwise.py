"""A block's events all at once: where a log repeats itself, what is alike is counted by the processor, not looked at.

The same as source.py does event by event; all that differs is the speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import repeat
from typing import NamedTuple

import numpy as np

from logscope.events import Event, Folder
from logscope.match.layers import RETOLD, RETRY
from logscope.model import Hit
from logscope.scan.answers import Answers
from logscope.scan.arrays import Bools, Ints
from logscope.scan.between import BETWEEN, Between, left_out
from logscope.scan.blocks import Block
from logscope.scan.bulk.columns import apart, different
from logscope.scan.bulk.page import QUALITIES, Hits, Page, Rows
from logscope.scan.bulk.repeats import Repeats
from logscope.scan.bulk.writers import Writers, writers_of, wrote_all
from logscope.scan.candidates import Candidates
from logscope.scan.lookups import Found, Lookups
from logscope.scan.scanner import Scanner
from logscope.scan.tally import KEEP_FIRST, KEEP_LAST, Kept, Tally

_OUTER = [*range(KEEP_FIRST), *range(-KEEP_LAST, 0)]
"""Of many hits of one rule and role in a block, those that may be among the first or last."""
_SHORTEST = 8
"""Bytes that lines have on average at least: columns of shorter ones would be larger than their text."""
_FOUND = 1 / 8
"""Of the lines of several writers: what is found in so many at least so that telling the writers of all lines pays."""


class Back(NamedTuple):
    """What a hit's rule wanted and stands before it."""

    row: int
    """The row and slot that asked."""
    asking: int
    slot: int
    hit: Hit
    event: Event


class Stretches(NamedTuple):
    """What stands between hits of a rule, by the hit behind it."""

    since: Ints
    """Where the hit before it ends."""
    start: Ints
    streams: Ints
    """Which of the writers' streams the hit is of."""
    retold: Bools
    """Whether the hit tells again what was told before."""

    def where(self, chosen: Ints) -> Stretches:
        """Return some of them."""
        return Stretches(self.since[chosen], self.start[chosen], self.streams[chosen], self.retold[chosen])


class Bulk:
    """Takes down what the blocks of one source hold."""

    def __init__(
        self,
        scanner: Scanner,
        folder: Folder,
        answers: Answers,
        sought: Candidates,
        looks: Lookups,
        between: Between,
        tally: Tally,
    ) -> None:
        self._scanner = scanner
        self._folder = folder
        self._sought = sought
        self._looks = looks
        self._between = between
        self._tally = tally
        self._repeats = Repeats(scanner, folder, answers, sought, tally)
        self._rule = np.array(scanner.rule_of)
        self._main = np.array([role in ("primary", "also") for role in scanner.roles])
        self._asks = np.array([looks.may_ask(slot) for slot in range(len(scanner.roles))])
        groups: dict[tuple[int, str], int] = {}
        kept = zip(scanner.rule_of, scanner.roles, strict=True)
        self._group = np.array([groups.setdefault(key, len(groups)) for key in kept])
        """By slot: of hits that are kept together."""

    @property
    def pays(self) -> bool:
        """Whether what was read last repeats itself often enough for reading it at once to pay."""
        return self._repeats.pay

    def scan(self, block: Block, lo: int, hi: int, previous: dict[int, int]) -> bool:
        """Take down what stands in the block from `lo` to `hi`; False when that is to be done event by event.

        `previous` says by rule where its last hit ends, and is brought up to date.
        """
        ends = block.all_ends()
        if len(ends) * _SHORTEST >= hi - block.begin:
            return False
        writers = self._writers(block.data, lo, hi, ends)
        if writers is None:
            return False
        found = self._sought.matches(block.data, lo, hi)
        if found is None:
            return False
        if not len(found[0]) and not self._looks.pending:
            return True
        repeats, tally = self._repeats, self._tally
        repeats.forget()
        number = tally.lines + block.line_ends(lo) + 1
        page = Page(block, lo, hi, ends, number, writers, repeats.joins)
        every = repeats.rows(page, *found)
        rows = every.where(tally.admit_all(every.time, np.ones(len(every.seen), np.bool_)))
        hits = repeats.hits(rows)
        backs, more = self._look(page, rows, hits)
        later = repeats.rows(page, *more)
        new = ~np.isin(later.at.start, every.at.start)
        later = later.where(tally.admit_all(later.time, new))
        later_hits = repeats.hits(later)
        tally.examined += len(every.seen) + int(np.count_nonzero(new))
        self._errors(page, rows, later.at.start[later_hits.row])
        fresh = self._fresh(page, rows, hits, previous)
        told = self._told(page, rows, hits, fresh)
        self._emit(page, (rows, hits, told), backs, (later, later_hits, self._told(page, later, later_hits)))
        return True

    def _writers(self, data: bytearray, lo: int, hi: int, ends: Ints) -> Writers | None:
        """Return who wrote the lines of data[lo:hi]; None where they are to be read event by event."""
        prefix = self._folder.layout.prefix
        if prefix is None:
            return Writers([""])
        own = ends[ends.searchsorted(lo) : ends.searchsorted(hi)]
        starts = np.append(lo, own[own < hi - 1] + 1)
        if prefix.plain and wrote_all(prefix, data, starts):
            writers = Writers([self._folder.stream(data, lo)])
        elif len(own) == len(starts) and self._sought.estimate(data, lo, hi) >= len(starts) * _FOUND:
            writers = writers_of(prefix, data, starts, own)
        else:
            return None
        return None if self._sought.splits(data, lo, hi) else writers

    def _errors(self, page: Page, rows: Rows, explained: Ints) -> None:
        """Count answers of 500 and more, and errors; by their shapes those that nothing matched, but for those that
        start at the `explained` bytes."""
        known, tally = self._repeats.known, self._tally
        tally.server_errors += int(known.server_error.array()[rows.seen].sum())
        failed = known.error.array()[rows.seen] > 0
        tally.errors += int(np.count_nonzero(failed))
        failed &= (known.hits.array()[rows.seen] == 0) & ~np.isin(rows.at.start, explained)
        shapes: dict[str, list[int]] = {}
        for row in np.flatnonzero(failed).tolist():
            shapes.setdefault(known.seen[rows.seen[row]].answer.error, []).append(row)
        for name, own in shapes.items():
            first = self._repeats.kept(page, rows, own[0])
            last = self._repeats.kept(page, rows, own[-1]) if len(own) > 1 else first
            tally.unmatched(name, len(own), first, last)

    def _look(self, page: Page, rows: Rows, hits: Hits) -> tuple[list[Back], tuple[Ints, Ints]]:
        """Let hits ask for what their rules want looked up around them.

        Return what stands before them; and of what stands behind the places and the lazy slots, as needles.
        """
        looks, lo, hi = self._looks, page.lo, page.hi
        asking = np.flatnonzero(self._asks[hits.slot])
        more = looks.ahead(page.data, lo, hi)
        backs: list[Back] = []
        for row, slot in zip(hits.row[asking].tolist(), hits.slot[asking].tolist(), strict=True):
            if looks.wants(slot):
                read = partial(self._repeats.event, page, rows, row)
                line = page.number_of(int(rows.at.line[row]))
                for item in looks.around(page.data, rows.span(row), line, slot, read):
                    backs.append(Back(row, slot, item.slot, self._hit_of(item), item.event))
                more += looks.ahead(page.data, lo, hi) if looks.asked else []
        more.sort()
        found = np.array(more, np.int64).reshape(-1, 2)
        return backs, (found[:, 0], found[:, 1] + self._repeats.lazy_from)

    def _hit_of(self, found: Found) -> Hit:
        rule, role = self._scanner.rule_of[found.slot], self._scanner.roles[found.slot]
        return self._tally.hit_of(found.event, rule, role, found.layer, found.captures)

    def _fresh(self, page: Page, rows: Rows, hits: Hits, previous: dict[int, int]) -> Bools:
        """Say of each hit whether something behind the rule's last hit ended the incident."""
        retrying, matched = self._between.retrying, self._repeats.known.matched
        fresh = np.zeros(len(hits.row), np.bool_)
        main = np.flatnonzero(self._main[hits.slot])
        rules = self._rule[hits.slot[main]]
        layers = [matched[hit][0].layer for hit in hits.hit[main].tolist()]
        retries = np.array([layer == RETRY for layer in layers], np.bool_)
        retold = np.array([layer in RETOLD for layer in layers], np.bool_)
        for rule in different(rules).tolist():
            own = np.flatnonzero(rules == rule)
            row = hits.row[main[own]]
            start, end = rows.at.start[row], rows.at.end[row]
            since = np.concatenate(([previous.get(rule, int(start[0]))], end[:-1]))
            announced = np.concatenate(([retrying.get(rule, False)], retries[own][:-1]))
            stretches = Stretches(since, start, page.streams(rows.at.line[row]), retold[own])
            fresh[main[own]] = self._ended(page, rule, stretches, announced)
            retrying[rule] = bool(retries[own[-1]])
            previous[rule] = int(end[-1])
        return fresh

    def _ended(self, page: Page, rule: int, between: Stretches, announced: Bools) -> Bools:
        """The same as `Between.ended` for each stretch between two hits of a rule."""
        since, start, streams, retold = between
        incident = self._scanner.ruleset.rules[rule].detect.incident
        ended = start - since > BETWEEN
        near = np.flatnonzero((start > since) & ~ended)
        if len(near) and since[near[0]] < page.lo:  # it begins in the block before
            layer = next(iter(RETOLD)) if retold[0] else ""
            stream = page.names[streams[0]]
            ended[0] = self._between.ended(page.data, rule, int(since[0]), int(start[0]), stream, layer)
            near = near[1:]
        if incident.ends is not None and len(near):
            ended[near] = self._ends(page, rule, between.where(near))
            near = near[~ended[near]]
        near = near[~announced[near]] if not incident.across_requests else near[:0]
        for place in near.tolist():
            stretch = page.data, int(since[place]), int(start[place]), page.names[streams[place]]
            again = bool(retold[place])
            if self._between.request(*stretch, left_out(incident, again)):
                ended[place] = not (again and self._between.stopped(*stretch))
        return ended

    def _ends(self, page: Page, rule: int, between: Stretches) -> Bools:
        """Say of each stretch whether an event of its stream stands in it that ends an incident of the rule."""
        since, start, streams, _ = between
        begin, end = int(since.min()), int(start.max())
        found = self._sought.ends(rule).find(page.data, begin, end, self._folder.layout.ansi)
        places = np.array([place for place, _ in found], np.int64)
        slot = self._repeats.ends_from + rule
        rows = self._repeats.rows(page, places, np.full(len(places), self._repeats.lazy_from + slot))
        hits = self._repeats.hits(rows)
        held = hits.row[hits.slot == slot]
        starts, wrote = rows.at.start[held], page.streams(rows.at.line[held])
        ended = np.zeros(len(since), np.bool_)
        for stream in different(streams).tolist():
            own = streams == stream
            ends = np.append(starts[wrote == stream], np.iinfo(np.int64).max)
            ended[own] = ends[ends.searchsorted(since[own])] < start[own]
        return ended

    def _told(self, page: Page, rows: Rows, hits: Hits, fresh: Bools | None = None) -> list[Hit]:
        """Return the hits one by one."""
        scanner, known = self._scanner, self._repeats.known
        slots, numbers, at = hits.slot.tolist(), hits.hit.tolist(), hits.row
        captures = [known.matched[hit][0].captures for hit in numbers]
        for place in known.varies.array()[hits.hit].nonzero()[0].tolist():
            captures[place] = self._repeats.captures(page, rows, int(at[place]), numbers[place])
        layers = [known.matched[hit][0].layer for hit in numbers]
        for place in known.layered.array()[hits.hit].nonzero()[0].tolist():
            layers[place] = self._repeats.layer(page, rows, int(at[place]))
        lines, lasts = page.numbers_of(rows.at.line[at]), page.numbers_of(rows.at.last[at])
        return list(
            map(
                Hit,
                [scanner.rule_of[slot] for slot in slots],
                [scanner.roles[slot] for slot in slots],
                repeat(self._tally.number),
                lines,
                [line if line == last else last for line, last in zip(lines, lasts, strict=True)],
                [None if time != time else time for time in rows.time[at].tolist()],
                [QUALITIES[quality] for quality in rows.quality[at].tolist()],
                [page.names[stream] for stream in page.streams(rows.at.line[at]).tolist()],
                layers,
                repeat(False) if fresh is None else fresh.tolist(),
                captures,
                rows.bounds(at),
            )
        )

    def _emit(
        self,
        page: Page,
        found: tuple[Rows, Hits, list[Hit]],
        backs: Sequence[Back],
        sought: tuple[Rows, Hits, list[Hit]],
    ) -> None:
        """Take hits down in the order in which reading event by event comes to them: by event and slot, what stands
        before a hit behind it."""
        (rows, hits, told), (later, later_hits, more) = found, sought
        every = [*told, *(back.hit for back in backs), *more]
        asking = np.array([(rows.at.start[back.row], back.asking) for back in backs], np.int64).reshape(-1, 2)
        starts = np.concatenate((rows.at.start[hits.row], asking[:, 0], later.at.start[later_hits.row]))
        under = np.concatenate((hits.slot, asking[:, 1], later_hits.slot))
        kinds = np.repeat((0, 1, 0), (len(told), len(backs), len(more)))
        order = np.lexsort((kinds, under, starts))
        self._tally.add([every[place] for place in order.tolist()])

        def event(place: int) -> Event | Kept:
            if place < len(told):
                return self._repeats.kept(page, rows, int(hits.row[place]))
            back = place - len(told)
            if back < len(backs):
                return backs[back].event
            return self._repeats.kept(page, later, int(later_hits.row[back - len(backs)]))

        slots = np.concatenate(
            (hits.slot, np.array([back.slot for back in backs], np.int64), later_hits.slot)
        )
        groups = self._group[slots[order]]
        lines = np.array([hit.line for hit in every], np.int64)
        for group in different(groups).tolist():
            own = order[groups == group]
            own = own[apart(lines[own])]
            for place in own if len(own) < len(_OUTER) else own[_OUTER]:
                self._tally.keep(every[place], event(int(place)))
