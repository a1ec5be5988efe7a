"""Events that differ in nothing but long numbers, ids and times: what they have in common, and where they differ.

A log in trouble repeats itself: the same line of code writes the same text with another time and another request id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from logscope.model import Captures

Part = tuple[int, int]
"""Start and end of a part that varies."""
_WORD = re.compile(rb"[0-9A-Za-z_]+")
_WORD_BYTES = bytes(byte for byte in range(128) if _WORD.match(bytes((byte,))))
_ANYTHING, _NO_WORD = re.compile(b""), re.compile(rb"(?![0-9A-Za-z_])")
_UNIT = re.compile(rb"(?:[0-9]{3}\s?ms|[A-Za-z]{0,12})(?![0-9A-Za-z_])")
_WHOLE = "(?<![0-9][0-9])"
"""The digit before is a number's first."""
_NO_CODE = "(?:(?<=[A-Za-z_][0-9])|(?![0-9]{2}[A-Za-z_:,-]))"
"""And no code of three digits begins with it, as in `404:NotFound`."""
_NO_COLOUR = r"(?!(?<=[\[;][0-9])[0-9]{0,2}m)"
"""And it is no colour's, as in `ESC[1mPOST`."""
_JOINT = "[.:,-](?![A-Fa-f]*[G-Zg-z_])"
"""Between the words of an address, a time or an id; a formatter may also write it before a level or a name."""


def varying_parts(named: Sequence[str]) -> re.Pattern[bytes]:
    """Return the pattern of what varies: times, addresses, ids, and numbers of four digits and more.

    Status and error codes are shorter and stay; so do the numbers that rules look for, which are `named`.
    """
    kept = "".join(f"(?<![^0-9]{number})" for number in named)
    port = f"(?!(?<=:)(?=[0-9]{{4}})(?:{'|'.join(named)})(?![0-9A-Za-z_]))" if named else ""
    joint = _JOINT + port  # nor is a port that they name a part of its address
    long, number = "(?=[0-9]*[A-Za-z_.:,-][0-9A-Za-z_.:,-]{3})", f"[0-9]{{3,}}+{kept}"
    mixed = f"{long}[0-9]*(?:[A-Za-z_]|{joint})[0-9A-Za-z_]*(?:{joint}[0-9A-Za-z_]*)*"
    identifier = "(?=[A-Za-z]{0,15}[0-9])[0-9A-Za-z]{16,}"
    # One set of first bytes, and more of the same behind it: what makes the search half as quick again.
    ahead = "[0-9_](?=[0-9A-Za-z_.:,-]{3})"
    return re.compile(
        f"{ahead}(?:(?<=[0-9]){_WHOLE}{_NO_CODE}{_NO_COLOUR}(?:{mixed}|{number})|(?<=_){identifier})".encode()
    )


class Anchor(NamedTuple):
    """A place in an event, told from a part that varies, so that it is the same place in all events that are alike."""

    part: int
    """Which part, -1 for the event's start."""
    end: int
    """0: from where the part starts, 1: from where it ends."""
    distance: int
    word: int = -1
    """Which word of the part (`10.0.0.7:4242` has five) it is told from instead, -1: the part."""
    words: int = 0
    """How many words the part has, then."""


class Place(NamedTuple):
    """Where a capture stands."""

    start: Anchor
    end: Anchor


Places = tuple[Place | None, ...] | None
"""One per capture, None where it is the same in all alike events; None alone: only asking again tells."""


def places_of(raw: bytes, captures: Captures, varying: re.Pattern[bytes]) -> Places:
    """Return where the captures of an event stand; () when none of them varies."""
    if not captures:
        return ()
    parts = [found.span() for found in varying.finditer(raw)]
    places: list[Place | None] = []
    for _, value in captures:
        found = standing(value, raw) if value.isascii() else []
        if not found:
            return None
        if any(start < last and first < end for first, last in found for start, end in parts):
            start = _anchor(raw, found[0][0], parts, 0)
            end = _anchor(raw, found[0][1], parts, 1)
            if len(found) > 1 or start is None or end is None:
                return None
            places.append(Place(start, end))
        else:
            places.append(None)
    return tuple(places) if any(places) else ()


def read_places(raw: bytes, captures: Captures, places: Places, parts: Sequence[Part]) -> Captures | None:
    """Return the captures of an event from those of one that is alike; None when only asking again tells.

    A pattern may count characters: captures of other lengths than those seen so far are to be checked once.
    """
    if places is None:
        return None
    read: list[tuple[str, str]] = []
    for (name, value), place in zip(captures, places, strict=True):
        if place is None:
            read.append((name, value))
            continue
        start, end = _offset(raw, place.start, parts), _offset(raw, place.end, parts)
        if start < 0 or end < start:
            return None
        read.append((name, raw[start:end].decode("ascii")))
    return tuple(read)


def standing(value: str, raw: bytes) -> list[Part]:
    """Return where a value stands that is no piece of a longer word; a number may have its unit behind it, or be one
    of seconds where `20000ms` are told."""
    if not value:
        return []
    text = value.encode("utf-8", "replace")
    before = _WORD_BYTES if value[0].isalnum() else b""
    behind = _UNIT if value[-1].isdecimal() else _NO_WORD if value[-1].isalnum() else _ANYTHING
    found: list[Part] = []
    start = raw.find(text)
    while start >= 0:
        end = start + len(text)
        whole = not (start and raw[start - 1] in before) and behind.match(raw, end)
        if whole:
            found.append((start, end))
        start = raw.find(text, end if whole else start + 1)
    return found


def _anchor(raw: bytes, offset: int, parts: Sequence[Part], end: int) -> Anchor | None:
    """The anchor of an offset where a capture starts (`end` 0) or ends (1); None inside a word of a part."""
    for number, part in enumerate(parts):
        if part[end] == offset:
            return Anchor(number, end, 0)
        if part[0] < offset < part[1]:
            words = [word.span()[end] for word in _WORD.finditer(raw, *part)]
            return Anchor(number, end, 0, words.index(offset), len(words)) if offset in words else None
    before = [number for number, part in enumerate(parts) if part[1] <= offset]
    return Anchor(before[-1], 1, offset - parts[before[-1]][1]) if before else Anchor(-1, 0, offset)


def _offset(raw: bytes, anchor: Anchor, parts: Sequence[Part]) -> int:
    """The place of an anchor in an event, -1 where its parts have other words."""
    part, end, distance, word, words = anchor
    if part < 0:
        return distance
    if word < 0:
        return parts[part][end] + distance
    spans = [match.span() for match in _WORD.finditer(raw, *parts[part])]
    return spans[word][end] if len(spans) == words else -1
