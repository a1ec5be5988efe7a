"""Which layers of a source tell behind which others: what an outer layer tells is no new failure, whatever requests of
others were made or answered since the inner one told of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from logscope.correlate.windows import near
from logscope.match.layers import RETRY
from logscope.model import Hit

_MOST = 8
"""Inner layers that one layer is held against: those that it was seen behind most often."""
_Pair = tuple[int, str, str]
"""A source, an inner layer and an outer one."""
Behind = dict[tuple[int, str], frozenset[str]]
"""By source and layer, the layers that it tells behind."""


def told_behind(hits: Sequence[Hit], layers: Sequence[str], seconds: float, lines: int) -> Behind:
    """Return who tells behind whom, of hits in order and their layers: seen right behind it, near and with nothing
    between that ended the incident, twice, or once where both tell equally often; told half as often at least, and, but
    for an eighth, never more often up to then."""
    ended = {hit.source for hit in hits if hit.fresh}
    if not ended:
        return {}
    own = [
        (hit, layer)
        for hit, layer in zip(hits, layers, strict=True)
        if hit.role == "primary" and layer != RETRY
    ]
    pairs = _seen(own, seconds, lines)
    told = Counter([(hit.source, layer) for hit, layer in own])
    inner: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for (source, first, then), seen in pairs.most_common():
        one, other = told[source, first], told[source, then]
        often = 2 * other >= one and (seen > 1 or one == other)
        if often and source in ended and len(inner[source, then]) < _MOST:
            inner[source, then].append(first)
    return _ahead(own, inner) if inner else {}


def _seen(hits: Sequence[tuple[Hit, str]], seconds: float, lines: int) -> Counter[_Pair]:
    """Return how often a layer was seen right behind another one."""
    pairs: Counter[_Pair] = Counter()
    latest: dict[int, tuple[str, Hit]] = {}
    for hit, layer in hits:
        if not hit.fresh and hit.source in latest:
            first, before = latest[hit.source]
            if first != layer and before.stream == hit.stream and near(before, hit, seconds, lines):
                pairs[hit.source, first, layer] += 1
        latest[hit.source] = layer, hit
    return pairs


def _ahead(hits: Sequence[tuple[Hit, str]], inner: dict[tuple[int, str], list[str]]) -> Behind:
    """Keep the inner layers that have told more often than the outer one whenever that tells, but for an eighth."""
    told: Counter[tuple[int, str]] = Counter()
    ahead: Counter[_Pair] = Counter()
    for hit, layer in hits:
        own = hit.source, layer
        for first in inner.get(own, ()):
            ahead[hit.source, first, layer] += told[hit.source, first] > told[own]
        told[own] += 1
    kept = {
        own: frozenset([one for one in first if 8 * ahead[own[0], one, own[1]] >= 7 * told[own]])
        for own, first in inner.items()
    }
    return {own: first for own, first in kept.items() if first}


def returns(layer: str, told: Sequence[str]) -> bool:
    """Whether a logger has told an incident before another one did: layers tell from within, none comes back."""
    logger, named, _ = layer.partition("|")
    if not named or logger in ("", "root"):
        return False
    loggers = [other.partition("|")[0] for other in told]
    return logger in loggers and logger != loggers[-1]
