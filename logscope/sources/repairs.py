"""What other programs did to the text of a source, undone piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from logscope.sources.exports import EXPORTS
from logscope.sources.repair import Repair

_LONGEST = 1 << 20
"""Bytes that may go on in the next piece and are waited for, at most."""


def repairs_of(head: bytes) -> list[Repair]:
    """Return what a source's first bytes, which are UTF-8, ask for, in the order in which it is done."""
    copied = next((repair for repair in (*_MOJIBAKE, _WEB_COPY) if repair.applies(head)), None)
    found = [repair for repair in (_CARRIAGE_RETURNS, _NULS, _ARRAYS, *EXPORTS) if repair.applies(head)]
    return [*found, copied] if copied else found


def by_pieces(repairs: Sequence[Repair]) -> Callable[[bytes, bool], bytes]:
    """Return what does all of them: (bytes, whether they are the last) to bytes."""
    left = [b""] * len(repairs)

    def read(data: bytes, final: bool) -> bytes:
        for place, repair in enumerate(repairs):
            data = left[place] + data
            whole = len(data) if final else repair.whole(data)
            if len(data) - whole > _LONGEST:
                whole = len(data)
            left[place] = data[whole:]
            data = repair.repaired(data[:whole])
        return data

    return read


_CARRIAGE_RETURNS = Repair(
    "lone CR mended",
    lambda head: b"\n" not in head and head.count(b"\r") > 1,
    lambda data: data.replace(b"\r", b"\n"),
)
"""Lines that end in CR alone."""
_NULS = Repair("", lambda head: b"\0" in head, lambda data: data.translate(None, b"\0"))
"""Runs of NUL that a crash, or a truncation while the writer went on, has left."""

_ARRAY = re.compile(rb'("MESSAGE" ?: ?)\[((?: ?\d{1,3} ?,)* ?\d{1,3}) ?\]')


def _array_text(found: re.Match[bytes]) -> bytes:
    codes = [int(code) for code in found[2].split(b",")]
    if max(codes) > 255:
        return found[0]
    return found[1] + json.dumps(bytes(codes).decode("utf-8", "replace"), ensure_ascii=False).encode()


_ARRAYS = Repair(
    "",
    lambda head: b'"__REALTIME_TIMESTAMP"' in head,
    lambda data: _ARRAY.sub(_array_text, data),
    lambda data: data.rfind(b"\n") + 1,
)
"""Messages with colours or other unprintable bytes, which journald's JSON writes as a list of numbers: nothing that is
sought could be found in them."""

_RUN = re.compile(rb"(?:[\xc2-\xf4][\x80-\xbf]{1,3})+")
_HIGH = bytes(range(0x80, 0x100))


def _mojibake(codec: str, misread: str) -> Repair:
    """Undo that text was UTF-8, was read in `codec` by another program and written as UTF-8 again: `â”‚` for `│`.

    `misread` finds beginnings of letters, quotes, dashes, boxes and marks, as they look then.
    """
    misread_bytes = re.compile(misread.encode())
    codes = {chr(code): code for code in range(0x80, 0xA0)}  # they stand for those that cp1252 lacks
    codes |= {bytes([code]).decode(codec, "replace"): code for code in range(0x80, 0x100)}

    def mended(run: bytes) -> bytes:
        """Return the bytes that a run of characters stands for, where they are UTF-8; else the run."""
        try:
            plain = bytes(codes[character] for character in run.decode())
            plain.decode()
        except (KeyError, UnicodeDecodeError):
            return run
        return plain

    def applies(head: bytes) -> bool:
        """Whether that mends most of a source's first bytes."""
        if head.isascii() or not misread_bytes.search(head):
            return False
        runs: list[bytes] = _RUN.findall(head)
        return sum(mended(run) != run for run in runs) * 2 > len(runs)

    return Repair(
        "mojibake mended",
        applies,
        lambda data: _RUN.sub(lambda run: mended(run[0]), data),
        lambda data: len(data.rstrip(_HIGH)),  # a run may go on in the next piece
    )


_MOJIBAKE = (
    _mojibake(
        "cp1252",
        "(?:Ã[\u0080-¿]|â(?:€[\u0080-\u2122]|”[\u0080-\u2122]|•[\u0080-\u2122]|œ|š|†)|Â[\u00a0-¿])",
    ),
    _mojibake("mac_roman", "(?:√[\u0080-\uffff]|‚[ÄÜîïöùú]|¬[†∞-∫])"),
    _mojibake("cp437", "(?:Γ[ÇåÜöûò£¥]|├[⌐╝╢ñÑáí]|≡ƒ)"),  # consoles of Windows: America's, Western Europe's
    _mojibake("cp850", "(?:Ô[ÇåÜöûò£Ø]|├[®╝ÂñÑáí]|\u00adƒ)"),
)

_SPACE = b"\xc2\xa0"
_SPACED = re.compile(
    rb"(?m)^(?:\xc2\xa0|[^\n]{0,60}?\b(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)\b[\]:]?\xc2\xa0"
    rb"|\[?\d{4}-\d\d-\d\d\xc2\xa0\d\d:)"
)
"""Before a line's text, behind its level, within its time: no one's writing has them there."""
_WEB_COPY = Repair(
    "non-breaking spaces read as blanks",
    lambda head: _SPACE in head and _SPACED.search(head) is not None,
    lambda data: data.replace(_SPACE, b" "),
    lambda data: len(data) - data.endswith(_SPACE[:1]),  # it may go on in the next piece
)
"""Text copied from a web page, which has non-breaking spaces where the log had blanks."""
