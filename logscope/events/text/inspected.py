"""Records printed as objects by Node's util.inspect, as winston's prettyPrint does."""

from __future__ import annotations

import json
import re

_TOKEN = re.compile(
    r"(?P<quoted>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`)"
    r"|(?P<joint>\s*\+\s*(?=['\"`]))|(?P<moment>\d{4}-\d\d-\d\dT[\d:.]+Z)|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))"
    r"|(?P<word>[A-Za-z_$][\w$]*)|(?P<mark>[{}\[\],:]|\s+)"
)
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b"}
_VALUES = ("true", "false", "null")


_RECORD = re.compile(r"^[ \t]+level: '", re.MULTILINE)


def json_of_inspected(text: str) -> str:
    """Return a record that is such an object as JSON; empty where the text is none, or holds what JSON cannot tell."""
    if _RECORD.search(text) is None:
        return ""
    parts: list[str] = []
    string: str | None = None  # one that may go on behind a plus
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            return ""
        place = token.end()
        kind, word = token.lastgroup, token[0]
        if kind == "quoted":
            string = (string or "") + _ESCAPED.sub(_unescaped, word[1:-1])
        elif kind != "joint" or string is None:
            parts += _told(string)
            string = None
            key = kind == "word" and text.startswith(":", place)
            bare = kind in ("number", "mark") or (word in _VALUES and not key)
            parts.append(word if bare else "null" if word == "undefined" and not key else json.dumps(word))
    return "".join(parts + _told(string))


def _told(string: str | None) -> list[str]:
    return [] if string is None else [json.dumps(string)]


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _LETTERS.get(found[3], found[3])
