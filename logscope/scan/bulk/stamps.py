"""Many times of one form, read at once."""

from __future__ import annotations

import re

import numpy as np

from logscope.events import Clock, is_only_clock
from logscope.scan.arrays import Bools, Bytes, Floats, Ints
from logscope.scan.bulk.columns import different

_SHAPE = re.compile(
    rb"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,](?P<fraction>\d{1,9}))?(?:Z| ?[+-]\d\d:?\d\d|)"
)
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_SECONDS = 17
_FEW = 4


class Ways:
    """The ways in which one source writes times, by number."""

    def __init__(self, clock: Clock) -> None:
        self._ways: list[Stamps] = []
        self._clock = clock
        self._numbers: dict[bytes, int] = {}

    def way_of(self, text: bytes) -> int:
        """Return the number of the way in which a time is written."""
        shape = text.translate(_DIGITS)
        if shape not in self._numbers:
            self._numbers[shape] = len(self._ways)
            self._ways.append(Stamps(text, self._clock))
        return self._numbers[shape]

    def read(self, data: Bytes, places: Ints, ways: Ints) -> Floats:
        """Return seconds since the epoch of the times at the places, each written in its way; NaN where one is none."""
        times = np.full(len(places), np.nan)
        for number in different(ways).tolist():
            own = ways == number
            times[own] = self._ways[number].read(data, places[own])
        return times

    def read_near(self, data: Bytes, places: Ints, ways: Ints, near: Floats) -> Floats:
        """Return the same of times without a date, the nearest to others; NaN where one is none."""
        rows = zip(places.tolist(), ways.tolist(), near.tolist(), strict=True)
        return np.array([self._ways[way].read_near(data, place, other) for place, way, other in rows])

    def lacks_date(self, way: int) -> bool:
        """Whether times of a way show no date."""
        return self._ways[way].lacks_date

    def lack_date(self, ways: Ints) -> Bools:
        """Return which of the ways show no date."""
        lacking = np.array([stamps.lacks_date for stamps in self._ways], bool)
        return lacking[ways]


class Stamps:
    """Reads times that are written alike: digits stand at the same places in all of them."""

    def __init__(self, text: bytes, clock: Clock) -> None:
        """`text` is one of them."""
        self.size = len(text)
        self._clock = clock
        self._digits = np.array([place for place, byte in enumerate(text) if 48 <= byte < 58], np.int64)
        self._shape = _SHAPE.fullmatch(text)
        self.lacks_date = is_only_clock(text.decode("ascii", "replace"))

    def read(self, data: Bytes, places: Ints) -> Floats:
        """Return seconds since the epoch of the times at the places, NaN where one is none."""
        if self.lacks_date:
            return np.full(len(places), np.nan)
        texts = data[places[:, None] + np.arange(self.size)]
        if self._shape is None or len(places) < _FEW:
            return np.array([self._one(text) for text in texts], np.float64)
        plain = ((texts[:, self._digits] - np.uint8(48)) < 10).all(axis=1) & (texts[:, _SECONDS] < ord("6"))
        times = np.empty(len(places))
        times[plain] = self._alike(texts[plain])
        times[~plain] = [self._one(text) for text in texts[~plain]]
        return times

    def read_near(self, data: Bytes, place: int, near: float) -> float:
        """Return the one at a place where it shows no date: that nearest to another time, NaN where it is none."""
        time = self._clock.read_near(_decoded(data[place : place + self.size]), near)
        return float("nan") if time is None else time

    def _one(self, text: Bytes) -> float:
        time = self._clock.read(_decoded(text))
        return float("nan") if time is None else time

    def _alike(self, texts: Bytes) -> Floats:
        """Few minutes are read one by one; their seconds are added."""
        assert self._shape is not None
        begin, end = self._shape.span("fraction") if self._shape["fraction"] else (_SECONDS + 2, _SECONDS + 2)
        rest = self._digits[(self._digits < _SECONDS) | (self._digits >= end)]
        _, first, which = np.unique(_number(texts, rest), return_index=True, return_inverse=True)
        whole = texts[first]
        whole[:, _SECONDS : _SECONDS + 2] = ord("0")
        kept = np.r_[0 : _SECONDS + 2, end : self.size]
        times = np.array([self._one(text) for text in whole[:, kept]])[which]
        times += _number(texts, np.arange(_SECONDS, _SECONDS + 2))
        if end == begin:
            return times
        return times + _number(texts, np.arange(begin, end)) / self._clock.scale(end - begin)


def _decoded(text: Bytes) -> str:
    return text.tobytes().decode("ascii", "replace")


def _number(texts: Bytes, places: Ints) -> Ints:
    """Return the digits at the places as one number."""
    number = np.zeros(len(texts), np.int64)
    for place in places.tolist():
        number = number * 10 + (texts[:, place] - np.uint8(48))
    return number
