"""The protocol's name in a block, and what stands around it: bytes compared eight at a time.

It loads numpy, which takes longer than reading a small log: requests.py loads it where there are many lines.
"""

from __future__ import annotations

import numpy as np

from logscope.scan.arrays import Bools, Bytes, Ints, Words


def protocols(own: Bytes) -> Ints:
    """Return where `HTTP/` stands, in order: its last four bytes are sought at every alignment."""
    word = np.frombuffer(b"TTP/", np.uint32)[0]
    found = [np.zeros(0, np.int64)]
    for shift in range(min(4, len(own))):
        words = np.frombuffer(own.data, np.uint32, (len(own) - shift) // 4, shift)
        found.append(np.flatnonzero(words == word) * 4 + (shift - 1))
    near = np.concatenate(found)
    near.sort(kind="stable")  # each alignment's are in order
    near = near[near >= 0]
    places: Ints = near[own[near] == ord("H")]
    return places


def first_per_line(at: Ints, ends: Ints) -> Ints:
    """Return, in order, the first of the places on each line: sorting both at once costs less than searching."""
    both = np.concatenate((at << 1, (ends << 1) | 1))
    both.sort(kind="stable")  # runs that are in order are merged
    is_end = (both & 1).astype(np.bool_)
    places: Ints = both[~is_end & np.append(True, is_end[:-1])[: len(both)]] >> 1
    return places


def judged(own: Bytes, at: Ints) -> tuple[Bools, Ints]:
    """Say of each byte before a protocol whether a request was served for sure, and which must be looked at.

    Sure is a version and a status as usually written behind a blank, and nothing behind that which urllib3 may write.
    """
    sure = at < len(own) - 24
    edge, inner = np.flatnonzero(~sure), np.flatnonzero(sure)
    at = at[inner]
    eight = eights(own)
    before = own[at]
    usual = (before == ord(" ")) & like(eight[at + 6], b"9.")
    usual &= _status(eight, at + 8, b'9"')
    sure[inner] = usual
    other = np.flatnonzero(~usual & ((before == ord(" ")) | (before == ord('"'))))
    escaped = like(eight[at[other]], b" HTTP/9.") & _status(eight, at[other] + 9, b'\\"')
    sure[inner[other[escaped]]] = True
    other = other[~escaped]
    behind = at[other] - 1
    behind -= own[behind] == ord("\\")
    behind -= own[behind] == ord(" ")
    other = other[(before[other] == ord(" ")) | (own[behind] == ord(":"))]  # else a client's, or no member
    return sure, np.concatenate((inner[other], edge))


def _status(eight: Words, at: Ints, quote: bytes) -> Bools:
    """Say at which places a quoted request ends, with a status behind it and not `None` or a number that ends the line,
    which urllib3 has."""
    found = eight[at]
    usual = like(found, quote + b" 999")
    none = np.flatnonzero(like(found, quote + b" 999 N"))
    usual[none] = ~like(eight[at[none] + 2], b" 999 Non")
    number = np.flatnonzero(like(found, quote + b" 999 9"))
    tail = eight[at[number] + 7]
    usual[number] = _holds_byte(tail, ord(" ")) & ~_holds_byte(tail, ord("\n"))
    return usual


def _holds_byte(eight: Words, byte: int) -> Bools:
    """Say of each eight bytes whether a byte is among them: what it is taken from then borrows."""
    ones = np.uint64(0x0101010101010101)
    rest = eight ^ (ones * np.uint64(byte))
    holds: Bools = (rest - ones) & ~rest & (ones << np.uint64(7)) != 0
    return holds


def eights(own: Bytes) -> Words:
    """Return the eight bytes from each place on, as one number each."""
    return np.ndarray((max(len(own) - 7, 0),), "<u8", own.data, strides=(1,))


def like(eight: Words, form: bytes) -> Bools:
    """Say of each eight bytes whether they begin like a form, in which 9 is any digit."""
    digits = [byte == ord("9") for byte in form]
    known = _word(form.replace(b"9", b"0"))
    mask = _word(bytes(0xF0 if digit else 0xFF for digit in digits))
    beyond = _word(bytes(6 * digit for digit in digits))  # what is above 9 is then above 0x3F
    alike: Bools = (eight & mask == known) & ((eight + beyond) & mask == known)
    return alike


def _word(text: bytes) -> np.uint64:
    """Return up to eight bytes as one number."""
    return np.uint64(int.from_bytes(text, "little"))
