"""Private keys in PEM, line by line."""

from __future__ import annotations

import re

from logscope.lazily import lazy
from logscope.redact.values import MASK

_PEM = lazy(
    r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----)"
    r"(.*?)(?=-----END [A-Z0-9 ]{0,40}PRIVATE KEY|\Z)",
    re.DOTALL,
)
_REST = lazy(r"(?:(?:\\[nr]|[A-Za-z0-9+/=])*+(?:\n[ \t|>]*+(?=[A-Za-z0-9+/=]{16}|[A-Za-z-]+: ))?)*+")
_LINE = lazy(r"[^\s\"'][^\n]*")


def mask_pem(text: str) -> str:
    """Return `text` with each line between the first and last one of a private key masked."""

    def masked(match: re.Match[str]) -> str:
        head, body = match[1], match[2]
        if match.end() < len(match.string):
            return head + _LINE.sub(MASK, body)
        # Cut off before its end: only what can be a part of the key goes.
        inside = _REST.match(body)
        taken = inside.end() if inside else 0
        return head + _LINE.sub(MASK, body[:taken]) + body[taken:]

    return _PEM.sub(masked, text)
