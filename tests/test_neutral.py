"""Neutralising: what a terminal, a browser or an XML reader would act upon becomes harmless."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing import assert_linear

from logscope.neutral import neutralize, one_line

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
SEQUENCES = {
    "colour": ("\x1b[32mINFO\x1b[0m: up", "INFO: up"),
    "256 colours": ("\x1b[38;5;196mred\x1b[39m", "red"),
    "colon colours": ("\x1b[38:2::1:2:3mred\x1b[m", "red"),
    "eight-bit CSI": ("\x9b31mred\x9b0m", "red"),
    "clear screen": ("a\x1b[2J\x1b[Hb", "ab"),
    "private mode": ("\x1b[?25lx\x1b[?25h", "x"),
    "window title": ("\x1b]0;owned\x07text", "text"),
    "clipboard": ("\x1b]52;c;ZXZpbA==\x07text", "text"),
    "hyperlink": ("\x1b]8;;https://example.com\x1b\\label\x1b]8;;\x1b\\", "label"),
    "eight-bit OSC": ("\x9d0;owned\x9ctext", "text"),
    "device control": ("\x1bPq#0;2;0;0;0\x1b\\text", "text"),
    "application command": ("\x1b_Gf=100;AAAA\x1b\\text", "text"),
    "character set": ("\x1b(Btext", "text"),
    "reset": ("\x1bctext", "text"),
    "no width": ("sk-\u200bant\u2060-\ufeffapi\xad03", "sk-ant-api03"),
    "joiner in a word": ("pass\u200dword\u200c=x", "password=x"),
    "keypad": ("\x1b=text\x1b>", "text"),
}
VISIBLE = {
    "lone escape": ("a\x1b", "a\\x1b"),
    "unfinished CSI": ("a\x1b[12", "a\\x1b[12"),
    "unfinished OSC": ("\x1b]0;title", "\\x1b]0;title"),
    "OSC over lines": ("\x1b]0;a\nb\x07", "\\x1b]0;a\nb\\x07"),
    "sequence made by removal": ("\x1b\x1b[0m[31mred", "\\x1b[31mred"),
    "backspace": ("pass\x08\x08", "pass\\x08\\x08"),
    "bell": ("\x07", "\\x07"),
    "NUL": ("a\x00b", "a\\x00b"),
    "carriage return": ("shown\rhidden", "shown\\x0dhidden"),
    "vertical tab and form feed": ("a\x0bb\x0cc", "a\\x0bb\\x0cc"),
    "delete": ("\x7f", "\\x7f"),
    "next line": ("a\x85b", "a\\x85b"),
    "bidi override": ("user\u202etxt.exe", "user\\u202etxt.exe"),
    "bidi isolate": ("\u2066a\u2069", "\\u2066a\\u2069"),
    "direction mark": ("\u200fa", "\\u200fa"),
    "line separators": ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
    "lone surrogate": ("a\ud800b", "a\\ud800b"),
    "noncharacters": ("\ufffe\uffff", "\\ufffe\\uffff"),
    "tag characters": ("hi\U000e0041", "hi\\U000e0041"),
}


@pytest.mark.parametrize(("text", "shown"), SEQUENCES.values(), ids=SEQUENCES)
def test_sequences_are_removed(text: str, shown: str) -> None:
    """A complete control sequence leaves nothing behind."""
    assert neutralize(text) == shown


@pytest.mark.parametrize(("text", "shown"), VISIBLE.values(), ids=VISIBLE)
def test_single_characters_are_shown(text: str, shown: str) -> None:
    """A control character that belongs to no complete sequence is shown as an escape."""
    assert neutralize(text) == shown


@pytest.mark.parametrize("text", ["", "plain", "tab\tand\nlines\n", "Grüße, 你好 🎉 👩‍👩‍👧 Ω", "a\u00a0b"])
def test_clean_text_is_kept(text: str) -> None:
    """Text without control characters comes back as the same object."""
    assert neutralize(text) is text


def test_crlf_is_a_line_end() -> None:
    """CRLF counts as one line end."""
    assert neutralize("a\r\nb") == "a\nb"


def test_one_line() -> None:
    """Several lines become one, with single blanks where they broke."""
    assert one_line("Error:\n    not found\tat\x1b[0m 5\n") == "Error: not found at 5"


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\x1b[]0;m\x07\\\x9b\x9c\r\n\ud800"))))
def test_any_text_becomes_harmless(text: str) -> None:
    """Whatever comes in, nothing forbidden is left, lines are kept, and a second pass changes nothing."""
    safe = neutralize(text)

    assert not FORBIDDEN.search(safe)
    assert safe.count("\n") == text.count("\n")
    assert neutralize(safe) == safe
    safe.encode()
    ElementTree.fromstring(f"<a>{safe.replace('&', '').replace('<', '').replace(']]>', '')}</a>")


@pytest.mark.parametrize("unit", ["\x1b[", "\x1b]", "\x9d", "\x1b[0", "\x1bP;", "1;", "\x1b ", "\x00"])
def test_hostile_megabyte_is_quick(unit: str) -> None:
    """A line made of beginnings of sequences costs time in proportion to its length."""
    assert_linear(lambda size: neutralize(unit * (size // len(unit))), 1 << 18)
