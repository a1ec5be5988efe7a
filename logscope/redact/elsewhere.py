"""Secrets whose name or mark stands elsewhere: in another line, or in another member."""

from __future__ import annotations

import re

from logscope.lazily import lazy
from logscope.redact.names import STRONG
from logscope.redact.values import MASK

_NAME = rf"[\w.\[\]-]{{0,80}}?(?:{STRONG}|token|secret)"
_VALUE = r"""(?!\[redacted)(?(quote)(?:(?!(?P=quote))[^\\\n]|\\[^\n]){1,4000}|[^\s,\]})"']{1,400})"""
_JUDGED = lazy(
    rf"""(?P<kept>(?:
        (?:^|(?<=\ )|(?<=\\n)){_NAME}(?:\n[^\n]{{1,400}}                     # pydantic: the field, its error below
            |(?:\\n|\ )\ {{0,8}}(?-i:[A-Z])[^\n\[]{{1,400}})                   # … or behind it, on one line
        \[type=\w{{1,60}},\ input_value=
      | ["']loc["']:\ ?[\[(][^\])\n]{{0,200}}["']{_NAME}["'][\])],\ ?        # FastAPI: the members of one error
        ["']msg["']:\ ?(?:"[^"\n]{{0,400}}"|'[^'\n]{{0,400}}'),\ ?["']input["']:\ ?
    )(?P<quote>["'])?){_VALUE}""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
"""A value that validation refused, behind the name of its field."""
_OF_KEY = lazy(
    r"""(?<![\w+/=.-])[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{6}){0,2}(?=[ \t"']*$)  # 64, 70 or 76: OpenSSL, OpenSSH, MIME
      | ^[A-Za-z0-9+/]{16,75}={1,2}$                                         # the last one
    """,
    re.VERBOSE | re.MULTILINE,
)
"""A line of a key in PEM, which is an event of its own where a log shows the key's lines one by one."""


def mask_elsewhere(text: str, low: str) -> str:
    """Return `text` with such values masked; `low` is the text in small letters."""
    if "input" in low:
        text = _JUDGED.sub(lambda found: found["kept"] + MASK, text)
    if len(text) >= 16:
        text = _OF_KEY.sub(lambda found: MASK if _is_mixed(found[0]) else found[0], text)
    return text


def _is_mixed(text: str) -> bool:
    """Say whether these are letters of both cases and digits: neither a checksum nor a word."""
    return all(any(map(test, text)) for test in (str.islower, str.isupper, str.isdigit))
