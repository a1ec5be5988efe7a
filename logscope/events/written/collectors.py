"""Which collector's prefix a source's lines carry, and which others behind it."""

from __future__ import annotations

import re
from collections import Counter

from logscope.events.formats import GENERIC, match_head
from logscope.events.formats.format import UPPER
from logscope.events.text.ansi import has_colours, strip_colours
from logscope.events.text.entries import ENTRIES
from logscope.events.text.shapes import INDENTED, LOOSE, PROGRESS, TRACEBACK, shape_of
from logscope.events.written.prefixes import BY_NAME, PREFIXES, Prefix
from logscope.events.written.unlisted import unlisted
from logscope.events.written.unwrapping import unwrap
from logscope.lazily import lazy

_LINES = 60
"""Lines that are asked for a prefix at once."""
_STRONG, _WEAK = 0.6, 0.9
"""Share of lines that must carry a prefix; a bare time needs more."""
_BLANK, _ENOUGH = 32, 5
_COLUMN = b" " * 9
"""What RichHandler at least leaves blank in place of a time that it has just shown."""
_NUMBERED = re.compile(rb"[-_]\d+ *\||std(?:out|err)|pid=")
"""What makes a second prefix sure: a container's number, a stream, a process."""
_ALIGNED_LEVEL = lazy(rb" {1,3}(?:" + UPPER.encode() + rb")\b")
_LEVEL_BAR = lazy(rb"(?:" + UPPER.encode() + rb"|[DIWEC]) *\| ")
_TELLING = frozenset(("uvicorn", "basicConfig", "json", "logfmt", "rich", "access-bare"))
"""Formats that a time before them makes a prefix: they print none, or one of their own within."""
_SINGLE = frozenset(("compose", "cri", "docker-json", "gcp-entry", "kubectl", "pm2", "process", "stern"))
"""Collectors of one program's lines: a bar that follows is mostly the program's own."""
_SHORT = "aligned-short"
"""One blank alone: behind a time it may be what stands between two words."""
_ALIGNED = ("aligned-level", _SHORT, "aligned-number", "aligned-time")
_FRAMES = (b'  File "', b"    at ")
_COPIED = ("border", "quote")
"""Around what was copied whole."""
NO_COLLECTORS = frozenset((*_ALIGNED, *_COPIED))
"""Read as prefixes, but no collector wrote them."""
_OBJECTS = ("docker-json", "journald-json", "gcp-entry", "fluent")
_BEHIND_TIME = (*_OBJECTS, "compose", "cri", "foreman", "pm2", "process", *_ALIGNED)
"""What is told behind a time alone."""


def coloured(lines: list[bytes]) -> bool:
    """Say whether colour codes occur, none of which goes on over a line's end."""
    text = b"\n".join(lines)
    return has_colours(text, 0, len(text))


def prefix_of(lines: list[bytes], forced: str) -> tuple[Prefix | None, list[str]]:
    """Return the prefix that most lines of a sample carry, or the `forced` one, and why; None without one."""
    if forced in BY_NAME:
        return BY_NAME[forced], [f"prefix {forced}: forced"]
    for start in range(0, len(lines), _LINES):
        probe = lines[start : start + _LINES]
        if start and len(probe) < _LINES // 2:
            break
        prefix, count = _prefix_before(probe, later=start > 0)
        if prefix is not None:
            whole = _with_second(prefix, lines)
            longer = _unlisted(probe) if prefix.weak and whole is prefix else None
            prefix = longer if longer and _reads_more(longer, prefix, probe) else whole
            where = f"lines {start + 1} to {start + len(probe)}" if start else f"the first {len(probe)} lines"
            return prefix, [f"prefix {prefix.name}: before {count} of {where}"]
    found = _unlisted(lines[:_LINES])
    return found, [f"prefix {found.name}: before the first lines"] if found else []


def _reads_more(longer: Prefix, prefix: Prefix, probe: list[bytes]) -> bool:
    """Whether a prefix reads every line further that another one reads."""
    for line in probe:
        far, near = longer.pattern.match(line), prefix.pattern.match(line)
        if near is not None and (far is None or far.end() <= near.end()):
            return False
    return True


def _unlisted(probe: list[bytes]) -> Prefix | None:
    """The prefix that nobody listed, behind which most lines are known to be records, as they are not with it."""
    if len(probe) < _ENOUGH or sum(_is_known(strip_colours(line)) for line in probe) * 2 > len(probe):
        return None
    best, most = None, int(_STRONG * len(probe))
    for prefix in unlisted(probe[0]):
        carried = _carrying(prefix, probe, _WEAK * len(probe))
        bare = [unwrap(prefix, line, 0, len(line)) for line in probe] if carried else []
        rests = [strip_colours(bytes(line.data[line.start : line.end])) for line in bare]
        timed = "time" in prefix.pattern.groupindex
        if any(_ALIGNED_LEVEL.match(rest) for rest in rests):
            continue  # the records' own columns
        told = known = sum(_is_known(rest, timed) for rest in rests)
        told += sum(shape_of(rest, 0, len(rest)) not in (LOOSE, PROGRESS) for rest in rests)
        if known and told > most:
            best, most = prefix, told
    return _with_second(best, probe) if best is not None else None


def _is_known(line: bytes, behind_time: bool = False) -> bool:
    """Whether a line by itself is surely some program's record; `behind_time`: with a time of its own it is, as nobody
    writes two."""
    head = match_head(line, 0, len(line))
    if head is None:
        return False
    form, _, level = head
    sure = form.name not in GENERIC and (form.timed or level != b"" or form.name in _TELLING)
    return sure or (behind_time and form.timed)


def _prefix_before(probe: list[bytes], later: bool) -> tuple[Prefix | None, int]:
    """The prefix that stands before so many of the lines that it is theirs; one that comes later must be sure."""
    firsts = Counter(line[0] for line in probe).items()
    flush = [line for line in probe if line[0] != _BLANK]
    for prefix in PREFIXES:
        lines = probe
        if prefix.first == b" ":  # of frames and other indented lines only those that carry it count
            lines = flush + [line for line in probe if line[0] == _BLANK and prefix.pattern.match(line)]
        least = (prefix.least or (_WEAK if prefix.weak or later else _STRONG)) * len(lines)
        if prefix.first and sum(count for first, count in firsts if first in prefix.first) < least:
            continue
        if later and not prefix.least and not any(prefix.pattern.match(line) for line in probe[:3]):
            continue
        count = _carrying(prefix, lines, least)
        if count and prefix.name == "compose" and _are_loggers(prefix, probe):
            continue
        if count and prefix.name == "tilt" and not _are_right_aligned(prefix, probe):
            continue
        if count and prefix.name in ENTRIES and not any(_inside(prefix, line) for line in probe):
            continue
        if count and not (prefix.weak and (later or not _is_prefix(prefix, probe))):
            return prefix, count
    return None, 0


def _are_loggers(prefix: Prefix, lines: list[bytes]) -> bool:
    """Whether what looks like compose's services are times, or loggers: names with dots whose bars compose would have
    aligned, or names before a level and a bar, with dots or without the two blanks that compose writes before its
    own."""
    found = [match for line in lines if (match := prefix.pattern.match(line)) is not None]
    if all(not match["stream"].strip(b"0123456789.") for match in found):
        return True  # seconds since the epoch
    dotted = any(
        b"." in match["stream"] and b"@" not in match["stream"] for match in found
    )  # a swarm's: at a node
    if dotted and len({match.end("key") for match in found}) > 1:
        return True
    near = all(match["key"].count(b" ") == 1 for match in found)
    return (near or dotted) and all(
        _LEVEL_BAR.match(strip_colours(match.string[match.end() :])) for match in found
    )


def _are_right_aligned(prefix: Prefix, lines: list[bytes]) -> bool:
    """Whether the names before all bars end in one column, some behind blanks: no text is written so, line by line."""
    found = [match for line in lines if (match := prefix.pattern.match(line)) is not None]
    columns = {len(match.string[: match.end("key")].decode("utf-8", "replace")) for match in found}
    return len(columns) == 1 and any(match.start("key") for match in found)


def _inside(prefix: Prefix, line: bytes) -> bytes:
    """The line that a collector's object holds; none where the members are those of an object within."""
    inside = unwrap(prefix, line, 0, len(line))
    return bytes(inside.data[inside.start : inside.end])


def _carrying(prefix: Prefix, probe: list[bytes], least: float) -> int:
    """How many of the lines carry the prefix; 0 as soon as it cannot be so many as `least`."""
    match = prefix.pattern.match
    count = len(probe)
    for line in probe:
        if match(line) is None:
            count -= 1
            if count < least:
                return 0
    return count


def _behind(prefix: Prefix) -> tuple[Prefix, ...]:
    """The prefixes that may follow `prefix`."""
    if prefix.weak and prefix.name != "github-actions":
        return tuple(BY_NAME[name] for name in _BEHIND_TIME if name not in (prefix.name, _SHORT))
    return tuple(
        other
        for other in PREFIXES
        if (not other.weak or other.name in _ALIGNED) and other.name not in (prefix.name, *_COPIED)
    )


def _needs_number(outer: Prefix, inner: Prefix) -> bool:
    """Whether what `inner` reads may as well be the program's own, unless it shows a number."""
    return inner.name == "compose" and (outer.weak or outer.name in _SINGLE)


def _with_second(prefix: Prefix, lines: list[bytes], most: int = 2) -> Prefix:
    """The prefix together with a second one behind it, where most lines of some stretch carry one, and so on: `most`
    at most."""
    bare = [
        bytes(line.data[line.start : line.end])
        for line in (unwrap(prefix, line, 0, len(line)) for line in lines if prefix.pattern.match(line))
    ]
    for start in range(0, len(bare), _LINES):
        probe = [line for line in bare[start : start + _LINES] if line]
        firsts = Counter(line[0] for line in probe).items()
        for second in _behind(prefix):
            least = ((not prefix.weak and second.least) or _STRONG) * len(probe)
            if second.first and sum(count for first, count in firsts if first in second.first) < least:
                continue
            if _carrying(second, probe, least) and _is_second(prefix, second, probe):
                inner = _with_second(second, bare, most - 1) if most > 1 else second
                return prefix.before(inner)
    return prefix


def _is_second(prefix: Prefix, second: Prefix, lines: list[bytes]) -> bool:
    """Whether what `second` reads in the lines behind `prefix` is another collector's."""
    if second.name == "compose" and _are_loggers(second, lines):
        return False
    if not _needs_number(prefix, second):
        return True
    found = [match for line in lines if (match := second.pattern.match(line)) is not None]
    keys = [match.groupdict().get("key") for match in found]  # None: it names no writer
    sure = any(key is None or _NUMBERED.search(key) for key in keys)
    return sure or (prefix.name == "github-actions" and _are_aligned(keys))


def _are_aligned(keys: list[bytes | None]) -> bool:
    """Whether several names end in one column, as compose's do."""
    return len(set(keys)) > 1 and len({len(key) for key in keys if key is not None}) == 1


def _is_prefix(prefix: Prefix, lines: list[bytes]) -> bool:
    """Whether a bare time before the lines is a collector's: known lines or pieces of tracebacks lie behind it."""
    telling = whole = flush = 0
    frames = False  # no record is one of a traceback's lines
    for line in [strip_colours(line) for line in lines] if coloured(lines) else lines:
        if prefix.pattern.match(line) is None:  # a collector leaves none without
            continue
        bare = unwrap(prefix, line, 0, len(line))
        head = match_head(bare.data, bare.start, bare.end)
        row = head is not None and head[0].kind == "rich" and bare.data.startswith(_COLUMN, bare.start)
        flush += row or shape_of(bare.data, bare.start, bare.end) != INDENTED
        own = match_head(line, 0, len(line))
        known = own is not None and own[0].name not in GENERIC
        if head is not None:
            sure = head[0].name not in GENERIC or (prefix.json_text and head[2] != b"")
            level = prefix.name == "timestamps" and head[2] != b""  # nobody else writes nine digits
            shown = head[0].timed or (prefix.json_text and head[2] != b"")
            telling += level or head[0].name in _TELLING or (shown and sure and not prefix.bare)
        elif not known or prefix.json_text:  # else blanks that align a level
            frames = frames or bare.data.startswith(_FRAMES, bare.start)
            telling += shape_of(bare.data, bare.start, bare.end) in (INDENTED, TRACEBACK)
        whole += own is not None and known and own[0].name not in ("asctime-level", "asctime-colon")
    if not prefix.json_text and flush <= (1 - _WEAK) * len(lines):
        return False  # blanks align a level, or are the collector's
    told = prefix.name == "github-actions" or frames or (telling > 0 and telling * 2 >= whole)
    return told or _with_second(prefix, lines) is not prefix
