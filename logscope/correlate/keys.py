"""Hits by the values that `by` names: captures, or source, stream and logger."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.model import Hit


def own_fields(hit: Hit) -> dict[str, str]:
    """Return the fields of a hit that are no captures, by name."""
    return {"source": str(hit.source), "stream": hit.stream, "logger": hit.layer.partition("|")[0]}


def by_key(hits: Sequence[Hit], names: Sequence[str]) -> dict[tuple[str, ...], list[Hit]]:
    """Return hits per key in order of first appearance; a hit that lacks a named capture belongs to no key."""
    result: dict[tuple[str, ...], list[Hit]] = {}
    for hit in hits:
        values = {**own_fields(hit), **dict(hit.captures)} if names else {}
        if all(name in values for name in names):
            result.setdefault(tuple(values[name] for name in names), []).append(hit)
    return result
