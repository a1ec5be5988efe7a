"""Secrets masked before any output sees them: names and prefixes stay, values go.

A secret shows itself in three ways: by its shape (`sk-ant-…`), by the name before it (`password=…`), by its
place (`scheme://user:…@host`). A long random string alone is none: logs are full of session and request ids.
"""

from __future__ import annotations

from logscope.neutral import neutralize
from logscope.redact.broken import mask_across, mask_broken
from logscope.redact.elsewhere import mask_diagnosed, mask_elsewhere
from logscope.redact.named import lower, mask_named, may_name
from logscope.redact.pem import mask_pem
from logscope.redact.placed import mask_credentials, mask_cut_userinfo, mask_schemes, mask_userinfo
from logscope.redact.shapes import mask_shapes
from logscope.redact.values import MASK

__all__ = ["MASK", "clean", "hides", "redact"]


def clean(text: str) -> str:
    """Return log text as it may leave the process: no secrets, no control characters."""
    return redact(neutralize(text))


def hides(shown: str, text: str) -> bool:
    """Whether `shown`, which went through `clean`, hides a text that was found in it: what surrounds it there, a name
    before it, says that it is a secret, which the text alone does not show."""
    return MASK in shown and bool(text) and text not in shown and clean(text) not in shown


def redact(text: str) -> str:
    """Return `text` with the value of every secret replaced by `[redacted]`; the lines keep their number.

    Expects text without control sequences (see `neutralize`); redacting twice changes nothing more.
    """
    if "\n" in text:
        text = mask_across(mask_diagnosed(text))  # before what moves the names
    low = lower(text)
    if "-----BEGIN" in text:
        text = mask_pem(text)
    text = mask_credentials(text, low)
    if may_name(low):
        text = mask_named(text)
    text = mask_schemes(text, low)
    text = mask_shapes(text)
    text = mask_elsewhere(text, low)
    text = mask_userinfo(text)
    if "\n" in text:
        text = mask_broken(text)
    return mask_cut_userinfo(text)
