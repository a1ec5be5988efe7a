"""How a source's dates are meant, told from its first bytes: which number is the day, which the year, and until when
those without a year may be."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import islice

from logscope.events.text.times import DAY, Clock, told
from logscope.lazily import lazy

_EVIDENCE = re.compile(  # a colour ends in m
    rb"(?<![^\Wm])(?:20\d\d[-/](?:0\d|1[0-2])[-/][0-3]\d[T ]|\d\d[ /][A-Z][a-z]{2}[ /]20\d\d[: ])\d\d:\d\d:\d\d"
)
_DATES, _OWN = 20, 48
"""How many dates are looked at, and bytes before a line's own one at most."""
_WITHIN = re.compile(rb"\d\d:\d\d:\d\d|\w\(|[A-Z]\w*[a-z]\w*: ['\"]?$|[a-z] [a-z]+ ['\"]?$")
"""Before a date that is no line's own: the line's time, code, an exception's class, several words."""
_SLASHED = re.compile(rb"/(\d\d?)/(?:20)?\d\d[ ,T:]{1,2}\d\d?:\d\d:\d\d")
"""A date with slashes behind its first number, with its clock: what begins with a literal is sought fastest."""
_FIRST_NUMBER = re.compile(rb"(?<!\d)\d\d?$")
_SHORT = {
    mark: lazy(rb"%b(\d\d)%b\d\d[ T]\d\d:\d\d:\d\d" % (re.escape(mark), re.escape(mark)))
    for mark in (b"/", b"-", b".")
}
"""The same with a year of two digits, or its end, by what stands between the numbers."""
_SEARCHED = 1 << 16
"""Bytes in which dates with slashes, those without a year, and fractions are looked for."""
_SHORT_FRACTION = re.compile(
    rb":(?:(?<=\d[T ]\d\d:)|(?<=^\d\d:)|(?<=^[\[(]\d\d:))\d\d:\d\d([.,])(\d{1,3})(?!\d)", re.MULTILINE
)
_FRACTIONS = 10
"""Fractions of a second that are needed to tell how they are written."""


def writes_day_first(sample: bytes, written: float | None) -> bool:
    """Say whether dates like 07/12/2026 begin with the day: one of them can be no month, or the other way round they
    are later than the file was `written`, or so they are of the day on which it was.
    """
    found = _dates(_SLASHED, sample)
    if any(int(first) > 12 for first, _, _ in found):
        return True
    if not found or written is None or any(int(second) > 12 for _, second, _ in found):
        return False
    text, latest = found[-1][2].decode("ascii"), latest_written(written)
    month_first, day_first = Clock().read(text), Clock(day_first=True).read(text)
    if month_first is None or day_first is None or day_first > latest:
        return False
    return latest < month_first or latest - day_first <= 2 * DAY


def writes_year_first(sample: bytes, written: float | None) -> str:
    """Return the mark in dates like 26/07/12 that begin with the year: all begin with the one in which the file was
    `written`, and what would be the year the other way round is another one. Empty without such dates.
    """
    if written is None:
        return ""
    year = f"{datetime.fromtimestamp(told(written), UTC):%y}".encode()
    for mark, pattern in _SHORT.items():
        dates = [text for *_, text in _dates(pattern, sample)]
        if dates and all(text[:2] == year for text in dates) and any(text[6:8] != year for text in dates):
            return mark.decode()
    return ""


def writes_bare_millis(sample: bytes) -> bool:
    """Say whether milliseconds are written without zeros before them, as by `%(msecs)d`: some have one or two digits,
    none of several digits begins with 0, and some end in it, which what was cut off at the end would not.
    """
    shown = _SHORT_FRACTION.findall(sample, 0, _SEARCHED)
    found = [digits for _, digits in shown]
    sizes = {len(digits) for digits in found}
    return (
        len(found) >= _FRACTIONS
        and len({mark for mark, _ in shown}) == 1
        and 3 in sizes
        and len(sizes) > 1
        and not any(len(digits) > 1 and digits[:1] == b"0" for digits in found)
        and any(len(digits) > 1 and digits[-1:] == b"0" for digits in found)
    )


def _dates(pattern: re.Pattern[bytes], sample: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Return the first number, the second one and all of each date with its clock, of which the pattern reads what
    stands behind the first number."""
    found: list[tuple[bytes, bytes, bytes]] = []
    for date in pattern.finditer(sample, 0, _SEARCHED):
        first = _FIRST_NUMBER.search(sample, max(date.start() - 2, 0), date.start())
        if first is not None:
            found.append((first[0], date[1], first[0] + date[0]))
    return found


def latest_shown(sample: bytes, sure: bool) -> float | None:
    """Return half a year behind a full date that the sample shows, None without one: times without a year are the
    nearest to it.

    The first date before a line's text tells, or one within a text of a day that lines without a year show as well;
    when nothing needs to be `sure`, any date.
    """
    first: float | None = None
    asked: set[float] = set()
    for found in islice(_EVIDENCE.finditer(sample), _DATES):
        time = Clock().read(found[0].decode("ascii"))
        if time is None:
            continue
        line = sample[max(sample.rfind(b"\n", 0, found.start()) + 1, found.start() - _OWN) : found.start()]
        if len(line) < _OWN and not _WITHIN.search(line):
            return time + 183 * DAY
        first = time if first is None else first
        if time // DAY not in asked and _shows_day(sample, time):
            return time + 183 * DAY
        asked.add(time // DAY)
    return None if first is None or sure else first + 183 * DAY


def _shows_day(sample: bytes, time: float) -> bool:
    """Whether a line begins with the time's month and day, or the next ones, and no year."""
    days = [datetime.fromtimestamp(time + shift * DAY, UTC) for shift in (-1, 0, 1)]
    texts = "|".join(f"{day:%m-%d}|{day:%m/%d}|{day:%m%d}|{day:%b} [ 0]?{day.day}" for day in days)
    shown = re.compile(rf"^[^\d\n]{{0,12}}(?:{texts}) \d\d:".encode(), re.MULTILINE)
    return shown.search(sample, 0, _SEARCHED) is not None


def latest_written(modified: float) -> float:
    """Return up to when a file that was last written at `modified` shows times, whatever zone they are of."""
    return told(modified) + DAY
