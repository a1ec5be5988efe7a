"""Secrets whose name or mark stands elsewhere: in another line, or in another member."""

from __future__ import annotations

import re

from logscope.lazily import lazy
from logscope.redact.named import mask_named
from logscope.redact.values import MASK
from logscope.redact.words import STRONG

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

_DIAGNOSED = lazy(r"^([^\n└]*)\n((?:[ │]*└ [^\n]*(?:\n|\Z))+)", re.MULTILINE)
"""A line of code and the values of its names, as loguru shows them: each below its name, from the last to the first."""
_WORD = lazy(r"\w+")
_KEYWORD = lazy(r"\w+(?= ?= ?\Z)")


def mask_diagnosed(text: str) -> str:
    """Return `text` with the values masked that loguru shows below the names of secrets, or behind their keywords."""
    return _DIAGNOSED.sub(_mask_values, text) if "└ " in text else text


def _mask_values(found: re.Match[str]) -> str:
    code = found[1]
    shown = [code]
    for line in found[2].split("\n"):
        at = line.find("└ ")
        head, value = line[: at + 2], line[at + 2 :]
        names = (_KEYWORD.search(code[max(0, at - 80) : at]), _WORD.match(code[at:])) if at >= 0 else ()
        for name in names:
            if name is not None:
                value = mask_named(f"{name[0]}={value}")[len(name[0]) + 1 :]
        shown.append(head + value)
    return "\n".join(shown)


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
