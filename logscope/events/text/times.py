"""Times as printed to seconds since the epoch."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime, tzinfo

from logscope.lazily import lazy

_CLOCK = r"(?P<h>\d\d?):(?P<mi>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?(?::? ?(?P<ap>[AP]M))?"
_BETWEEN = r"(?:[T ,:_@]{1,2}|-| at | [-|>] |\[T\]|\]\[)"
"""What stands between a day and a clock."""
_ZONE = r" ?(?P<z>Z|[A-Z]{3,4}|[+-](?:0\d|1[0-4]):?[0-5]\d)?"
_HOURS = {
    name: hours
    for hours, names in (
        *(
            (0, "UTC GMT WET"),
            (1, "CET WEST"),
            (2, "CEST EET"),
            (3, "EEST MSK"),
            (8, "SGT HKT"),
            (9, "JST KST"),
        ),
        *((-4, "EDT"), (-5, "EST CDT"), (-6, "MDT"), (-7, "MST PDT"), (-8, "PST"), (-10, "HST")),
        *((10, "AEST"), (11, "AEDT"), (12, "NZST"), (13, "NZDT")),
    )
    for name in names.split()
}
"""Hours east of UTC of zones whose names are one zone's only: CST, IST and BST are several's."""
_PATTERNS = (
    lazy(rf"(?P<y>\d{{4}})[-/.](?P<mo>\d\d?)[-/.](?P<d>\d\d?){_BETWEEN}{_CLOCK}{_ZONE}"),
    lazy(
        rf"(?P<d>\d\d?)[-/ ](?P<mon>[A-Z][a-z]{{2}})[a-z]*[-/ ](?P<y>\d{{4}}|\d\d){_BETWEEN}{_CLOCK}{_ZONE}"
    ),
    lazy(rf"(?P<a>\d\d?)(?P<sep>[/.-])(?P<b>\d\d?)[/.-](?P<y>\d{{4}}|\d\d){_BETWEEN}{_CLOCK}{_ZONE}"),
    lazy(
        rf"(?:[A-Z][a-z]{{2}} )?(?P<mon>[^\W\d_]{{3,10}})\.? {{1,2}}(?P<d>\d\d?) {_CLOCK}(?: (?P<y>\d{{4}}))?{_ZONE}"
    ),
    lazy(rf"(?P<d>\d\d) (?P<mon>[A-Z][a-z]{{2}}) {_CLOCK}{_ZONE}"),
    lazy(rf"(?P<y>\d{{4}}|\d\d)(?P<mo>\d\d)(?P<d>\d\d)[ T_\-]{_CLOCK}{_ZONE}"),
    lazy(
        r"(?P<y>20\d\d|\d\d)(?P<mo>\d\d)(?P<d>\d\d)[-_T ](?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)"
        rf"(?:[.,](?P<f>\d{{1,9}}))?(?P<ap>(?!))?{_ZONE}"
    ),
    lazy(rf"(?P<mo>\d\d)[-/]?(?P<d>\d\d)[ |]{_CLOCK}{_ZONE}"),
    lazy(
        r"(?P<y>\d{4})-(?P<mo>\d\d)-(?P<d>\d\d) (?P<h>\d\d):(?P<mi>\d\d)\.(?P<s>\d\d)(?P<ap>(?!))?(?P<z>(?!))?$"
    ),
    lazy(rf"(?P<mon>[A-Z][a-z]{{2}})[a-z]* (?P<d>\d\d?),? (?P<y>\d{{4}})[ >,\-]{{1,3}}{_CLOCK}{_ZONE}"),
    lazy(
        r"(?P<y>\d{4})[-/](?P<mo>\d\d)[-/](?P<d>\d\d) (?P<h>\d\d):(?P<mi>\d\d)(?P<s>(?!))?(?P<ap>(?!))?(?P<z>(?!))?$"
    ),
    lazy(r"(?P<mo>\d\d)-(?P<d>\d\d) (?P<h>\d\d):(?P<mi>\d\d)(?P<s>(?!))?(?P<ap>(?!))?(?P<z>(?!))?$"),
    lazy(
        r"(?P<a>\d\d)(?P<sep>[/.-])(?P<b>\d\d)[/.-](?P<y>\d{4}) (?P<h>\d\d):(?P<mi>\d\d)"
        r"(?P<s>(?!))?(?P<ap>(?!))?(?P<z>(?!))?$"
    ),
    lazy(rf"(?P<mon>[A-Z][a-z]{{2}})[-/](?P<d>\d\d)[-/](?P<y>\d{{4}}|\d\d){_BETWEEN}{_CLOCK}{_ZONE}"),
    lazy(rf"[A-Z][a-z]{{2}},? (?P<d>\d\d?) (?P<mon>[A-Z][a-z]{{2}}) (?P<y>\d{{4}}) {_CLOCK}{_ZONE}"),
)
_SHOWN_ZONE = re.compile(rf"\d{_ZONE}$")
_ONLY_CLOCK = re.compile(r"\d\d?:\d\d(?::\d\d(?:[.,]\d{1,9})?(?: ?[AP]M)?)?$")
_EPOCH = re.compile(r"\d{9,19}(?:\.\d{1,9})?$")
_POINTS = re.compile(r"(?<=[ _])(\d\d)([.-])(\d\d)\2(\d\d)$")
_DAY_BEHIND = re.compile(r"^(\d\d?:\d\d:\d\d(?: [AP]M)?) (\d\d[-/.]\d\d[-/.]\d{4}|\d{4}-\d\d-\d\d)$")
_FRACTION = re.compile(r"(?:(?<=:\d\d:\d\d)|(?<=\d[T_\- ]\d{6}))(?:[.,](?=\d)|:(?=\d{3}))(\d{1,9})")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: n for n, name in enumerate(_MONTH_NAMES, 1)} | {
    name: n
    for n, names in enumerate(
        (
            "jan janv ene gen sty янв",
            "feb fev fév févr lut фев",
            "mar mär mars mrt мар",
            "apr abr avr avril kwi апр",
            "mai may mag maj mei мая",
            "jun juin giu cze июн",
            "jul juil lug lip июл",
            "aug ago août sie авг",
            "sep sept set wrz сен",
            "okt oct out ott paź окт",
            "nov lis ноя",
            "dez dic dec déc gru дек",
        ),
        1,
    )
    for name in names.split()
}
"""In English, and in small letters as other languages shorten them in journalctl's output."""
EARLIEST, LATEST = (datetime(*day, tzinfo=UTC).timestamp() for day in ((2, 1, 1), (9998, 1, 1)))
"""Between these a time is one in every zone, also a year before and after."""
_KEEP = 8192
DAY = 86_400.0


def told(time: float) -> float:
    """Return the time, or the one nearest to it that can be told in every zone."""
    return min(max(time, EARLIEST), LATEST)


def is_only_clock(text: str) -> bool:
    """Whether a time shows no date."""
    return _ONLY_CLOCK.match(text) is not None


class Clock:
    """Reads a source's times.

    `zone` is taken where a time shows none (UTC when None). A time without a year is the last one of its day and month
    that is not behind `latest` (seconds since the epoch); without `latest` it is none. Of dates like 07/12/2026 the
    first number is the month, unless `day_first`; of those like 26/07/12 it is the year where `year_first` is the
    mark in them. With `bare_millis` a fraction of up to three digits is a number of milliseconds.
    """

    def __init__(
        self,
        zone: tzinfo | None = None,
        latest: float | None = None,
        day_first: bool = False,
        year_first: str = "",
        bare_millis: bool = False,
    ) -> None:
        self.zone = zone
        self.day_first = day_first
        self.year_first = year_first
        self._least = 3 if bare_millis else 0
        self.latest = latest
        self.guessed = False
        """Some time showed no year, and one was supplied."""
        self._ahead = 0.0
        self._known: dict[str, float | None] = {}

    def set_ahead(self, seconds: float) -> None:
        """Say how far ahead of the others those times are that show neither year nor zone: a collector's, which writes
        them in the zone of its host."""
        if seconds:
            self._ahead = seconds
            self._known.clear()

    def set_zone(self, zone: tzinfo) -> None:
        """Read times that show no zone in this one from now on."""
        self.zone = zone
        self._known.clear()

    def read(self, text: str) -> float | None:
        """Return seconds since the epoch, None where the text is no full time."""
        fraction = _FRACTION.search(text)
        if fraction is None:
            return self._whole(text)
        whole = self._whole(text[: fraction.start()] + text[fraction.end() :])
        return None if whole is None else whole + int(fraction[1]) / self.scale(len(fraction[1]))

    def scale(self, digits: int) -> int:
        """Return what a fraction of so many digits, read as one number, is divided by."""
        return int(10 ** max(digits, self._least))

    def read_near(self, text: str, near: float) -> float | None:
        """Return when a clock without a date showed `text`, nearest to a time; None where the text is no clock's."""
        if not is_only_clock(text):
            return None
        day = datetime.fromtimestamp(near, self.zone or UTC).strftime("%Y-%m-%d")
        time = self.read(f"{day} {text}")
        return None if time is None else time + round((near - time) / DAY) * DAY

    def _whole(self, text: str) -> float | None:
        """The same without a fraction of seconds: few texts, so they are remembered, ISO ones by the minute."""
        seconds = 0
        if (
            text[13:14] == text[16:17] == ":"
            and text[17:19].isdecimal()
            and text[17:19] < "60"
            and text[4:5] in "-/"
        ):
            seconds = int(text[17:19])
            text = f"{text[:17]}00{text[19:]}"
        known = self._known
        if text not in known:
            if len(known) >= _KEEP:
                known.clear()
            known[text] = self._parse(text)
        whole = known[text]
        return whole + seconds if whole is not None else None

    def _parse(self, text: str) -> float | None:
        text = _DAY_BEHIND.sub(r"\2 \1", _POINTS.sub(r"\1:\3:\4", text.strip()))
        if _EPOCH.match(text):
            return epoch_seconds(float(text))
        for pattern in _PATTERNS:
            found = pattern.match(text)
            if found is not None:
                return self._seconds_of(found.groupdict())
        return None

    def _seconds_of(self, part: dict[str, str | None]) -> float | None:
        text = part.get("y")
        if text and len(text) == 2 and part.get("sep") == self.year_first:
            text, part = part["a"] or "", {"mo": part["b"], "d": text, **_clock_of(part)}
        if text:
            return self._in_year(int(text) + (2000 if len(text) == 2 else 0), part)
        if self.latest is None:
            return None
        self.guessed = True
        year = datetime.fromtimestamp(self.latest, UTC).year
        time = self._in_year(year, part)
        if time is None or time - self._ahead > self.latest:
            time = self._in_year(year - 1, part)
        return time - self._ahead if time is not None and part["z"] is None else time

    def _in_year(self, year: int, part: dict[str, str | None]) -> float | None:
        month, day = _month_and_day(part, self.day_first)
        hour = int(part["h"] or 0)
        if part["ap"]:
            hour = hour % 12 + (12 if part["ap"] == "PM" else 0)
        minute, second = int(part["mi"] or 0), int(part["s"] or 0)
        if not 2 < year < 9998:
            return None  # in another zone it would lie in a year that there is not
        try:
            moment = datetime(year, month, day, hour, minute, min(second, 59))
        except ValueError:
            return None
        leap = second - min(second, 59)
        zone = part["z"]
        if zone is not None and zone.isalpha() and zone != "Z" and zone not in _HOURS:
            zone = None  # several zones' name is as good as none
        if zone is None and self.zone is not None:
            return moment.replace(tzinfo=self.zone).timestamp() + leap
        return float(timegm(moment.timetuple()) - _offset(zone) + leap)


def _clock_of(part: dict[str, str | None]) -> dict[str, str | None]:
    return {name: part[name] for name in ("h", "mi", "s", "ap", "z")}


def _month_and_day(part: dict[str, str | None], slashed: bool) -> tuple[int, int]:
    """`slashed`: with slashes, too, the day comes first where both may be either."""
    if part.get("a"):
        first, second = int(part["a"] or 0), int(part["b"] or 0)
        marked = part["sep"] in ("-", ".") and not part["ap"]  # but who writes AM and PM puts the month first
        day_first = slashed or marked if first <= 12 and second <= 12 else first > 12
        return (second, first) if day_first else (first, second)
    if part.get("mon"):
        name = part["mon"] or ""
        return _MONTHS.get(name) or _MONTHS.get(name.lower(), 0), int(part["d"] or 0)
    return int(part["mo"] or 0), int(part["d"] or 0)


def shown_offset(text: str) -> int | None:
    """Return the seconds east of UTC of the zone that a time ends in; None where it shows none."""
    found = _SHOWN_ZONE.search(text)
    zone = found["z"] if found is not None else None
    known = zone is not None and (not zone.isalpha() or zone == "Z" or zone in _HOURS)
    return _offset(zone) if known else None


def _offset(zone: str | None) -> int:
    """Seconds east of UTC."""
    if zone is None or zone == "Z":
        return 0
    if zone in _HOURS:
        return _HOURS[zone] * 3600
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def epoch_seconds(number: float) -> float | None:
    """Return seconds for a number of seconds, milli-, micro- or nanoseconds since the epoch."""
    for scale in (1.0, 1e3, 1e6, 1e9):
        if 1e8 <= number / scale < 1e10:
            return number / scale
    return None
