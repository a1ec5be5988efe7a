"""Hits by the values that `by` names: captures, or source, stream and logger."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.model import Hit


def by_key(hits: Sequence[Hit], names: Sequence[str]) -> dict[tuple[str, ...], list[Hit]]:
    """Return hits per key in order of first appearance; a hit that lacks a named capture belongs to no key."""
    result: dict[tuple[str, ...], list[Hit]] = {}
    for hit in hits:
        captures = dict(hit.captures)
        own = {"source": str(hit.source), "stream": hit.stream, "logger": hit.layer.partition("|")[0]}
        values = tuple(captures.get(name, own.get(name, "")) for name in names)
        if all(name in captures or name in own for name in names):
            result.setdefault(values, []).append(hit)
    return result
