"""Log text that can do nothing where it is shown: no colour, no cursor, no link, no hidden direction.

Control sequences and characters without width are removed, single control characters are shown as escapes
(`\\x1b`, `\\u202e`).
Every output gets its text through here once, so that no writer has to remember it.
"""

from __future__ import annotations

import re

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_INVISIBLE = "\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff\U000e0000-\U000e007f"
_SURROGATES = "\ud800-\udfff"

_SUSPECT = re.compile(f"[{_CONTROLS}{_INVISIBLE}{_SURROGATES}]")
_SEQUENCE = re.compile(
    r"""(?:\x1b\[|\x9b) [0-?]*+ [ -/]*+ [@-~]                  # CSI: colours, cursor
      | (?:\x1b[P\]X^_]|[\x90\x9d\x98\x9e\x9f])                # DCS, OSC, SOS, PM, APC …
        [^\x00-\x08\x0a-\x1f\x7f-\x9f]*+ (?:\x07|\x1b\\|\x9c)  # … up to their terminator on the same line
      | \x1b [ -/]++ [0-~]                                     # character sets
      | \x1b [0-OQ-WYZ\\`-~]                                   # single functions, and a stray terminator
    """,
    re.VERBOSE,
)
_WIDTHLESS = re.compile(r"[\xad\u180e\u200b\u2060-\u2064\ufeff]|(?<=[!-~])[\u200c\u200d](?=[!-~])")
"""What is not seen and parts words, a secret's too; joiners stay in the scripts and emoji that need them."""
_COMMAND = re.compile(r"(?<![\w>)\].]):(?=:[A-Za-z])|#(?=#(?:vso)?\[)")
"""What a build server takes for a command, `::error::` and `##[error]`: parted by a blank it is none."""
_LINE_BREAK = re.compile(r"[ \t]*\n[ \t]*|\t")


def neutralize(text: str) -> str:
    """Return `text` without control sequences, its remaining control characters as visible escapes.

    Tab and line feed stay, CRLF becomes a line feed; the number of lines never changes.
    The result is valid Unicode: it can be encoded as UTF-8 and written into XML 1.0, and no build server takes
    a part of it for a command.
    """
    if not text.isascii():
        text = _WIDTHLESS.sub("", text)
    if "::" in text or "##" in text:
        text = _COMMAND.sub(r"\g<0> ", text)
    if (text.isascii() and text.isprintable()) or not _SUSPECT.search(text):
        return text
    if "\x1b" in text or not text.isascii():
        text = _SEQUENCE.sub("", text)
    return _SUSPECT.sub(_visible, text.replace("\r\n", "\n"))


def holds_control(text: str) -> bool:
    """Whether a text holds a control character, or one that hides or turns what stands beside it."""
    return _SUSPECT.search(text) is not None


def one_line(text: str) -> str:
    """Return `text` neutralised and on one line: a line break or tab becomes one blank."""
    return _LINE_BREAK.sub(" ", neutralize(text).strip("\n\t "))


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
