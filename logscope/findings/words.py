"""Captures as the words of a rule's texts: one value to reckon with, and of several values all, named where they are
shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from logscope.model import Hit
from logscope.redact import MASK, clean, hides
from logscope.rulebook.texts import MARKS, several, stem_of

if TYPE_CHECKING:
    from logscope.events import Event

SHOWN = 3
"""Values of a capture that texts name; of further ones they say how many."""
_LOOKED_AT = 100
_CLEANED = 16
"""Events of a rule of which it is seen whether what they capture is masked in them."""
_CAPTURES = attrgetter("captures")


def captures_of(hits: Sequence[Hit]) -> dict[str, str]:
    """Return the captures of a rule's hits; of several values the last one seen, of numbers the largest."""
    captures: dict[str, str] = {}
    latest = dict.fromkeys(filter(None, map(_CAPTURES, reversed(hits))))  # equal ones need one look
    for pairs in reversed(latest):
        for name, value in pairs:
            if not _is_less(value, captures.get(name, "")):
                captures[name] = value
    return captures


def without_secrets(captures: Mapping[str, str], told: Iterable[tuple[Hit, Event]]) -> dict[str, str]:
    """Return the captures, masked where an event hides them; `told` are hits of the rule with their events."""
    secret: set[str] = set()
    for hit, event in islice(told if captures else (), _CLEANED):
        shown = clean(event.search_text) if hit.captures else ""
        secret |= {stem_of(name) for name, value in hit.captures if hides(shown, value)}
    return {name: MASK if stem_of(name) in secret else value for name, value in captures.items()}


class Values(NamedTuple):
    """Of a capture that has several values: the first ones, as they may leave the process, and how many there are."""

    shown: tuple[str, ...]
    total: int


def values_of(hits: Sequence[Hit]) -> dict[str, Values]:
    """Return by capture its values, in order of appearance, where it has several.

    `host` and `host2` are one: a pattern's alternatives cannot name two groups alike. Of measures, numbers with a
    point, only the largest tells something; they have none.
    """
    found: dict[str, dict[str, None]] = {}
    names: dict[str, None] = {}
    for pairs in dict.fromkeys(filter(None, map(_CAPTURES, hits))):
        for name, value in pairs:
            names[name] = None
            if value:
                found.setdefault(stem_of(name), {})[value] = None
    told = {stem: _told(values) for stem, values in found.items() if not any(map(_is_measure, values))}
    return {name: values for name in names if (values := told.get(stem_of(name))) and values.total > 1}


def _told(values: Collection[str]) -> Values:
    """What is told of distinct values; some may be the same once secrets are masked, which is seen of the first."""
    told = dict.fromkeys(clean(value) for value in islice(values, _LOOKED_AT))
    few = len(values) <= _LOOKED_AT or len(told) == 1
    return Values(tuple(told)[:SHOWN], len(told) if few else len(values))


def words_of(captures: Mapping[str, str], values: Mapping[str, Values]) -> dict[str, Any]:
    """Return what texts see of captures: numbers as numbers, and of several values all where they are shown."""
    words = {name: _value(text) for name, text in captures.items()}
    shown = [captures.values(), *(own.shown for own in values.values())]
    if any(mark in text for own in shown for text in own for mark in MARKS):
        return words
    named = {name: several(words[name], *own) for name, own in values.items() if name in words}
    return {**words, **named}


def _is_less(text: str, other: str) -> bool:
    """Whether both are numbers, and the first is less."""
    return _is_number(text) and _is_number(other) and float(text) < float(other)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _is_measure(text: str) -> bool:
    return "." in text and _is_number(text)


def _value(text: str) -> Any:
    """A captured number as a number, so that texts can reckon with it."""
    try:
        number = float(text)
    except ValueError:
        return clean(text)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
