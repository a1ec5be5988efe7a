"""Lazy patterns: they do what compiled ones do, and are compiled by their first use."""

from __future__ import annotations

import re

import pytest

from logscope.lazily import lazy


def test_a_lazy_pattern_is_used_like_a_compiled_one() -> None:
    """Of text and of bytes, with flags, groups and substitution."""
    assert lazy(r"a(?P<n>B+)", re.IGNORECASE).fullmatch("AbB") is not None
    assert lazy(rb"(?P<n>\d+)").findall(b"1 22") == [b"1", b"22"]
    assert lazy(r"(?P<n>\d)").groupindex == {"n": 1}
    assert lazy(r"\d").sub("#", "a1b2") == "a#b#"


def test_what_is_never_used_is_never_compiled() -> None:
    """A pattern's mistakes come up with its first use, which tells that nothing was compiled before."""
    broken = lazy("(")
    with pytest.raises(re.error, match="unterminated"):
        broken.search("x")
