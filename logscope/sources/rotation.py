"""The files of a rotated log, told by their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path

from msgspec.structs import replace

from logscope.model import Source

_PACKED = r"(?:\.(?:gz|bz2|xz))?"
_NUMBERED = re.compile(rf"(?P<log>.+)\.(?P<number>[1-9]\d{{0,2}}){_PACKED}")
"""As logrotate, Docker and `RotatingFileHandler` name them: the higher the number, the older. What `split` cuts begins
with zeros, and goes on upwards."""
_DATE = r"\d{4}-?\d\d-?\d\d(?:[T_-]\d\d(?:[-:]?\d\d){0,2})?(?:[_-]\d{6,10})?"
_DATED = re.compile(rf"(?P<log>.+?)[.-](?P<date>{_DATE}){_PACKED}")
"""As `TimedRotatingFileHandler`, logrotate's `dateext` and the kubelet do."""
_DATED_WITHIN = re.compile(rf"(?P<log>.+?)[._-]+(?P<date>{_DATE})(?P<ending>\.\w+?){_PACKED}")
"""As loguru and pm2 do, who keep the ending."""
_CALLED_LOG = re.compile(r"log|messages|journal|std|\.(?:out|err|txt|jsonl?)\b", re.IGNORECASE)


def join_rotated(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return the sources, those that are one log's files as one: the newest, with the `older` ones.

    Where no file goes on without number and date, dated ones may be runs of their own, and numbers grow either way:
    pino-roll's newest file has the highest.
    """
    there = {source.path: source for source in sources if source.path is not None}
    numbered: dict[str, dict[int, Source]] = defaultdict(dict)
    dated: dict[str, list[tuple[str, Source]]] = defaultdict(list)
    for path, source in there.items():
        log, number, date = _rotated_name(path)
        if number is not None:
            # the same number twice, as when it is being packed: only one of them has its place
            numbered[log].setdefault(number, source)
        elif date:
            dated[log].append((date, source))
    older: dict[Source, tuple[Source, ...]] = {}
    for log in sorted({*numbered, *dated} & {*there}):
        files = _in_a_row(numbered[log]) if log in numbered else _by_date(dated[log])
        if files:
            older[there[log]] = files
    joined = {source for own in older.values() for source in own}
    return tuple(replace(s, older=older.get(s, ())) for s in sources if s not in joined)


def _rotated_name(path: str) -> tuple[str, int | None, str]:
    """Return the path of the log that a file was rotated from, and its number or date; those of no other file where it
    does not look so, or that log's own name does: then nobody knows which is older."""
    name = Path(path).name
    log, number, date = name, None, ""
    if found := _NUMBERED.fullmatch(name):
        log, number = found["log"], int(found["number"])
    elif found := _DATED.fullmatch(name):
        log, date = found["log"], found["date"]
    elif found := _DATED_WITHIN.fullmatch(name):
        log, date = found["log"] + found["ending"], found["date"]
    of_itself = any(form.fullmatch(log) for form in (_NUMBERED, _DATED, _DATED_WITHIN))
    if log == name or of_itself or not _CALLED_LOG.search(log):
        return path, None, ""
    return path[: -len(name)] + log, number, date


def _in_a_row(files: dict[int, Source]) -> tuple[Source, ...]:
    """Return those that are numbered from 1 on without a gap, the oldest first."""
    last = next(number for number in range(1, len(files) + 2) if number not in files)
    return tuple([files[number] for number in range(last - 1, 0, -1)])


def _by_date(files: Iterable[tuple[str, Source]]) -> tuple[Source, ...]:
    """Return them in order."""
    return tuple([source for _, source in sorted(files, key=itemgetter(0))])
