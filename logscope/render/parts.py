"""A document in named parts, shortened by leaving out whole ones, least important first.

A template writes `{{ part("kind", rank) }}` where a part begins. Rank 0 always stays; the higher the rank, the
less important, and within a rank the later ones are. A heading given as `stub` stays in the place of its part;
parts of one `group` stay only together with the most important of them.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from logscope.render.escape import Md

_MARK = "\x1e"


class Part(Struct, frozen=True):
    kind: str
    """What is left out, in the plural, as the note says it."""
    rank: int
    stub: str
    group: str
    text: str

    @property
    def rest(self) -> str:
        """What stays when the part is left out."""
        return f"{self.stub}\n\n" if self.stub else ""


def part(kind: str, rank: int, stub: str = "", group: str = "") -> Md:
    """Return the mark that begins a part; control characters cannot stand in a report's text."""
    return Md("".join(f"{_MARK}{field}" for field in (kind, rank, stub, group)) + _MARK)


def split_parts(document: str) -> tuple[Part, ...]:
    """Cut a rendered template at its marks; what stands before the first is of rank 0."""
    head, *fields = document.split(_MARK)
    parts = [Part("", 0, "", "", head)]
    for kind, rank, stub, group, text in zip(*[iter(fields)] * 5, strict=True):
        parts.append(Part(kind, int(rank), stub, group, text.removeprefix("\n")))
    return tuple(parts)


def shorten(
    parts: tuple[Part, ...], limit: int | None, measure: Callable[[str], int], note: Callable[[str], str]
) -> str:
    """Join the parts so that the document measures at most `limit`; the measure of a sum is the sum of measures.

    The most important parts that fit are kept. `note` words what was left out (`2 × log evidence, notes`); it
    is put after the first part. Parts of rank 0 stay even when they alone measure more.
    """
    whole = "".join(piece.text for piece in parts)
    if limit is None or measure(whole) <= limit:
        return whole
    kept = _choose(parts, limit - measure(note(_listed(parts, set()))), measure)
    texts = [piece.text if place in kept else piece.rest for place, piece in enumerate(parts)]
    texts.insert(1, note(_listed(parts, kept)))
    return "".join(texts)


def _choose(parts: tuple[Part, ...], room: int, measure: Callable[[str], int]) -> set[int]:
    """Return the places of the parts to keep, taken by importance as long as they fit."""
    kept = {place for place, piece in enumerate(parts) if not piece.rank}
    used = sum(measure(piece.text if place in kept else piece.rest) for place, piece in enumerate(parts))
    lead: dict[str, int] = {}
    for place in sorted(set(range(len(parts))) - kept, key=lambda place: (parts[place].rank, place)):
        piece = parts[place]
        first = lead.setdefault(piece.group, place) if piece.group else place
        more = measure(piece.text) - measure(piece.rest)
        if used + more <= room and (first == place or first in kept):
            kept.add(place)
            used += more
    return kept


def _listed(parts: tuple[Part, ...], kept: set[int]) -> str:
    """Name what is not kept, the most important first."""
    counts: dict[str, int] = {}
    for place in sorted(range(len(parts)), key=lambda place: (parts[place].rank, place)):
        if place not in kept and parts[place].rank:
            counts[parts[place].kind] = counts.get(parts[place].kind, 0) + 1
    return ", ".join(f"{count} × {kind}" if count > 1 else kind for kind, count in counts.items())
