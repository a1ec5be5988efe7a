"""Reports that two handlers write one right behind the other, as where a logger has its own and also propagates: they
count once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby, islice, pairwise

from logscope.events import Event, Folder, Layout
from logscope.match.layers import ACCESS, CLIENT, layer_of
from logscope.match.quoted.folder import QuotingFolder
from logscope.model import Hit

_EVENTS, _FEW = 400, 3
"""Events of a source that are looked at, and messages that must be told twice where the handlers write alike: two tasks
in step also do."""
_REPEATING = (ACCESS, CLIENT)
"""Requests over a connection that is kept are told in the same words."""
_SECONDS = 0.005
"""Between the times of two handlers that do not take the record's own."""


class Duplicates:
    """What one source has told last, to know what comes again."""

    def __init__(self, layout: Layout, source: str, sample: bytes) -> None:
        """`sample` is how the source begins."""
        self._layout, self._source, self._sample = layout, source, sample
        self._latest: dict[tuple[int, str, str], Hit] = {}

    def without(self, hits: Iterable[Hit]) -> Iterator[Hit]:
        """Yield the next hits of the source, each report once."""
        latest = self._latest
        for hit in hits:
            key = hit.rule, hit.role, hit.stream
            before = latest.pop(key, None)
            if before is not None and _again(before, hit) and _writer(hit.layer) in self._doubled:
                continue
            latest[key] = hit
            yield hit

    @cached_property
    def _doubled(self) -> frozenset[str]:
        """The layers' writers whose records all come twice; few sources have to be looked at."""
        return _doubled(QuotingFolder(self._layout, self._source), self._sample)


def _again(before: Hit, hit: Hit) -> bool:
    """Whether a hit tells in the very next line what the one before it told."""
    return hit.line == before.last_line + 1 and hit.layer == before.layer and _same_time(before, hit)


def _same_time(one: Event | Hit, other: Event | Hit) -> bool:
    """Whether two tell the same time, or one of them none."""
    begin, end = [at.time if at.time_quality == "exact" else None for at in (one, other)]
    return begin is None or end is None or abs(end - begin) <= _SECONDS


def _writer(layer: str) -> str:
    return layer.partition("|")[0]


def _doubled(folder: Folder, sample: bytes) -> frozenset[str]:
    """Return the layers' writers whose records all come twice, or in two formats."""
    spans = islice(folder.fold(sample, 0, len(sample)), _EVENTS)
    events = [folder.event(sample, span, 0) for span in spans]
    runs: dict[str, list[list[Event]]] = defaultdict(list)
    asked, calls = 0, defaultdict[str, list[int]](lambda: [0])
    for own in _runs(event for event in events if event.level):
        writer = _writer(layer_of(own[-1]))
        runs[writer].append(own)
        asked += len(own) if writer == CLIENT else 0
        calls[writer].append(asked)
    if len(runs) > 1 and _all_twice([run for own in runs.values() for run in own]):
        return frozenset(runs)
    return frozenset(
        writer
        for writer, own in runs.items()
        if writer
        and (
            _twice(own, writer in _REPEATING)
            or (writer not in _REPEATING and _of_one_call(own, calls[writer]))
        )
    )


def _runs(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield records that say the same one behind the other, of one logger: some formats show none."""
    for _, told in groupby(events, key=_told):
        run: list[Event] = []
        for event in told:
            if run and "" != event.logger != run[-1].logger != "":
                yield run
                run = []
            run.append(event)
        yield run


def _told(event: Event) -> tuple[str, str, str, str]:
    """What a record says; boxes that the program prints go on with the second of two."""
    message = event.message.partition("\n")[0]
    return event.stream, event.level, message, str(event.exception)


def _twice(runs: Sequence[Sequence[Event]], repeating: bool) -> bool:
    """Whether two handlers write a logger's records: each in its own format, or every record twice; messages that
    repeat by themselves prove nothing."""
    if any(one.format != two.format for one, two in _pairs(runs)):
        return True
    return not repeating and _all_twice(runs)


def _all_twice(runs: Sequence[Sequence[Event]]) -> bool:
    """Whether all records come twice, and enough of them to tell: of one logger, or of all in the source."""
    pairs = _pairs(runs)
    return 2 * len(pairs) == sum(map(len, runs)) and len({one.message for one, _ in pairs}) >= _FEW


def _of_one_call(runs: Sequence[Sequence[Event]], asked: Sequence[int]) -> bool:
    """Whether a logger tells each failed call twice, in the same words: behind as many requests of clients, up to then,
    as two tasks in step do not make."""
    odd = all((later - before) % 2 for before, later in pairwise(asked))
    return odd and 2 * len(_pairs(runs)) == sum(map(len, runs)) and len(runs) > 1


def _pairs(runs: Sequence[Sequence[Event]]) -> list[tuple[Event, Event]]:
    pairs = [pair for run in runs for pair in zip(run[::2], run[1::2], strict=False)]
    return [(one, two) for one, two in pairs if _same_time(one, two)]
