"""Numbers with what they count, in words."""

from __future__ import annotations


def counted(value: int, noun: str, plural: str = "") -> str:
    """`1 session`, `12 sessions`, `1,200 sessions`; `plural` where an s is not enough."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"
