"""What records tell of their formatter: those of a whole source, and of each writer where it has several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from logscope.events.formats import Head
from logscope.events.written.alike import Sample
from logscope.events.written.behind import SAMPLE_HEADS, Behind, learn, placed
from logscope.events.written.doubt import doubted
from logscope.events.written.layout import Layout
from logscope.events.written.prints import Prints, printed
from logscope.events.written.punctuation import usual_marks
from logscope.events.written.usual import usual_formats

_ENOUGH = 8
"""Records of a writer and format that are needed: fewer are read as those of all writers are."""
_MANY = 40
"""Records that tell what is printed beside them."""

Record = tuple[bytes, Head, bytes]
"""Who wrote a record, how it begins, and its first line."""


def learned(records: Iterable[Record], forced: bool) -> dict[str, Any]:
    """Return the members of a Layout that records tell."""
    known = list(records)
    heads = [(head, line) for _, head, line in known][:SAMPLE_HEADS]
    marks = usual_marks(heads)
    return {
        "behind": learn(heads, marks),
        "usual": () if forced else usual_formats(heads),
        "marks": marks,
        "doubted": doubted(heads, several=len({writer for writer, _, _ in known}) > 1),
    }


def messages_of(lines: Sample, behind: Mapping[str, Behind]) -> Sample:
    """Return the lines with heads that end where the message begins."""
    return [(writer, head and placed(behind, head, line), line) for writer, head, line in lines]


def layouts_of_writers(layout: Layout, lines: Sample) -> Mapping[bytes, Layout]:
    """Return, by writer, how its lines are written, for those of several of which the sample holds enough."""
    all_of: dict[bytes, list[tuple[bytes, Head | None, bytes]]] = {}
    of: dict[bytes, list[Record]] = {}
    for writer, head, line in lines:
        all_of.setdefault(writer, []).append((writer, head, line))
        if head is not None:
            of.setdefault(writer, []).append((writer, head, line))
    if len(of) < 2:
        return {}
    found = {}
    for writer, own in of.items():
        often = {
            name for name, count in Counter(head[0].name for _, head, _ in own).items() if count >= _ENOUGH
        }
        if often:
            told = learned(own, layout.forced)
            prints = printed(messages_of(all_of[writer], told["behind"]))
            told["prints"] = _prints_of(prints, layout.prints, many=len(own) >= _MANY)
            for member, all_of_them in (("behind", layout.behind), ("marks", layout.marks)):
                others = {n: v for n, v in all_of_them.items() if n.split(" ")[0] not in often}
                told[member] = others | told[member]
            found[writer] = replace(layout, **told)
    return found


def _prints_of(own: Prints, of_all: Prints, many: bool) -> Prints:
    """What a writer's own lines tell, where they are `many`; where it has no texts, or they tell of nothing printed, or
    there are few, all lines tell more: but a writer that prints nothing does not because others do."""
    if not many:
        return of_all if own.things else of_all._replace(things=0)
    if own.texts:
        return of_all if own.known else own
    return own._replace(known=own.known | of_all.known)
