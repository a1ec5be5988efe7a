"""What is blanked to tell that events are alike: long numbers, ids and times.

A log in trouble repeats itself: the same line of code writes the same text with another time and another request id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
