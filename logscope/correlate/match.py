"""match: every event that fits is a hit, and hits of one failure are one occurrence. What is a failure only when
repeated is an occurrence once it is repeated and nothing behind it shows that it came to a good end. Announced tries
of which the last one succeeded healed by themselves."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import attrgetter

from msgspec.structs import replace

from logscope.correlate.count import bursts
from logscope.correlate.incidents import incidents
from logscope.correlate.windows import PORT, Processes, near, occurrences_in_order
from logscope.match.layers import CLIENT, RETRY
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.parts import BEHIND
from logscope.rulebook.rule import Detect, Rule, Window

_BESIDE = BEHIND | {"often", "missing"}
"""Roles of what opens no incident."""
_Teller = tuple[int, str, str]
"""A process, by source and stream, and a layer of it."""
_LINE = attrgetter("line")
_LINES_BEHIND, _SECONDS_BEHIND = 2, 1.0
"""Within which another try is announced of what has just been told to have failed."""
_OF_SDK = "|Retrying request "
"""What the SDKs of OpenAI and Anthropic say before anybody else tells: who does tells of a call that they gave up."""


def correlate(index: int, rule: Rule, hits: Sequence[Hit], processes: Processes) -> RuleHits:
    detect = rule.detect
    announced = any(hit.role == "announced" for hit in hits)
    if not (detect.often or detect.healed is not None or announced):
        return RuleHits(index, incidents(hits, detect.incident))
    heals = detect.healed is not None
    told = _announcing(hits) if heals or announced else [hit for hit in hits if hit.role not in _BESIDE]
    found = incidents(told, detect.incident)
    if heals:
        found = _refused_last(found, hits, detect, processes)
    if ends := [hit for hit in hits if hit.role in ("healed", "given-up")]:
        found = _healed(found, ends, detect, processes)
    if not detect.often:
        return RuleHits(index, found)
    often = [hit for hit in hits if hit.role == "often"]
    repeated = bursts(often, detect.within, processes, detect.at_least or 1)
    ends = [hit for hit in hits if hit.role == "missing"]
    ended = set(map(id, _answered(repeated, ends, detect.within or Window(), processes)))
    return RuleHits(
        index, occurrences_in_order([*found, *(burst for burst in repeated if id(burst) not in ended)])
    )


def _refused_last(
    found: Sequence[Occurrence], hits: Sequence[Hit], detect: Detect, processes: Processes
) -> tuple[Occurrence, ...]:
    """Return the occurrences; that of which the last word is a client's that was refused healed only where the process
    tells of another try behind it."""
    refused = [item for item in found if item.recovered and item.hits[-1].layer == CLIENT]
    again = [hit for hit in hits if hit.role == "announced"]
    window = Window(seconds=detect.incident.seconds, lines=detect.incident.lines)
    tried = set(map(id, _answered(refused, again, window, processes)))
    left = {id(item) for item in refused} - tried
    return tuple([replace(item, recovered=False) if id(item) in left else item for item in found])


def _healed(
    found: Sequence[Occurrence], ends: Sequence[Hit], detect: Detect, processes: Processes
) -> tuple[Occurrence, ...]:
    """Return the occurrences; those that only announced tries tell, of which the log shows the last one to have
    succeeded, are healed, and so may be those behind which the process started anew."""
    rule = detect.incident
    tries = [occurrence for occurrence in found if all(map(_tries_again, occurrence.hits))]
    window = Window(seconds=max(rule.seconds, rule.retry_seconds or 0.0), lines=rule.lines)
    healed = set(map(id, _answered(tries, ends, window, processes)))
    if detect.by_restart:
        healed.update(map(id, _started_anew(found, ends, window, processes)))
    return tuple([replace(item, recovered=True) if id(item) in healed else item for item in found])


def _started_anew(
    found: Sequence[Occurrence], ends: Sequence[Hit], window: Window, processes: Processes
) -> Iterator[Occurrence]:
    """Give the occurrences behind which the same process started anew within the window, and has its port."""
    told: defaultdict[tuple[int, str], list[Hit]] = defaultdict(list)
    for end in sorted(ends, key=_LINE):
        told[end.source, end.stream].append(end)
    for occurrence in found:
        last = occurrence.hits[-1]
        answer = _told_behind(last, told[last.source, last.stream], window)
        if answer is not None and answer.role != "given-up" and processes.restarted(last, answer):
            yield occurrence


def _told_behind(last: Hit, ends: Sequence[Hit], window: Window) -> Hit | None:
    """The first of the ends behind a hit, within the window, that is not of another port."""
    port = dict(last.captures).get(PORT)
    for end in islice(ends, bisect_right(ends, last.line, key=_LINE), None):
        if not near(last, end, window.seconds, window.lines):
            return None
        if port in (None, dict(end.captures).get(PORT, port)):
            return end
    return None


def _tries_again(hit: Hit) -> bool:
    """Whether a hit tells of no failure but one behind which another try is announced."""
    return hit.layer == RETRY or hit.role == "also"


def _announcing(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits that tell of failures; as announced tries also those right behind which the same process tells of
    another one: on a line of its own, or where a library tells first."""
    announced: dict[tuple[int, str], Hit] = {}  # the next announcement of the process
    tries, told, before = Counter[tuple[int, str]](), Counter[_Teller](), Counter[_Teller]()
    found: list[Hit] = []
    behind = set[int]()
    for hit in reversed(hits):
        process = hit.source, hit.stream
        if hit.layer == RETRY or hit.role == "announced":
            announced[process] = hit
            tries[process] += 1
        elif hit.role not in _BESIDE:
            told[*process, hit.layer] += hit.role == "primary"
            if process in announced and _right_behind(announced[process], hit):
                behind.add(len(found))
                before[*process, hit.layer] += hit.role == "primary"
        if hit.role not in _BESIDE:
            found.append(hit)
    # who tells before few of them, and also last, gives a call up, behind which the next one begins
    last = {
        teller for teller, times in before.items() if times < told[teller] and 2 * times < tries[teller[:2]]
    }
    return [
        replace(hit, layer=RETRY)
        if place in behind and (hit.source, hit.stream, hit.layer) not in last
        else hit
        for place, hit in enumerate(found)
    ][::-1]


def _right_behind(other: Hit, hit: Hit) -> bool:
    behind = 0 < other.line - hit.last_line <= _LINES_BEHIND
    tries = hit.layer == CLIENT or _OF_SDK not in other.layer
    return behind and tries and near(hit, other, _SECONDS_BEHIND, _LINES_BEHIND)


def _answered(
    found: Sequence[Occurrence], ends: Sequence[Hit], window: Window, processes: Processes
) -> Iterator[Occurrence]:
    """Give the occurrences that an end of the same process follows within the window."""
    later: dict[tuple[int, str], Hit] = {}  # the next end behind the occurrence that is looked at
    waiting = sorted(ends, key=lambda hit: hit.line)
    for occurrence in sorted(found, key=lambda item: item.hits[-1].line, reverse=True):
        last = occurrence.hits[-1]
        while waiting and waiting[-1].line > last.line:
            end = waiting.pop()
            later[end.source, end.stream] = end
        answer = later.get((last.source, last.stream))
        answered = answer is not None and near(last, answer, window.seconds, window.lines)
        if answer is None or not answered or answer.role == "given-up":
            continue
        if not processes.restarted(last, answer):
            yield occurrence
