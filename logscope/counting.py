"""Numbers with what they count, in words."""

from __future__ import annotations


def counted(value: int, noun: str) -> str:
    """`1 session`, `12 sessions`, `1,200 sessions`."""
    return f"{value:,} {noun if value == 1 else noun + 's'}"
