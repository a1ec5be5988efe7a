"""What a pattern asks for beside a word, on the same line: a common word is sought together with it.

The scan stops wherever a needle stands. `timeout` stands in every other line of a client's debug log;
`handshake[^\\n]*timeout` does not, and the prefilter seeks it as fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from typing import Any, NamedTuple

Node = tuple[Any, Any]
"""An operator and its argument, as Python's own parser gives them."""
UNSAFE = re.compile(r"[^ !#-%(-;=?-\[\]-~]+")
"""Quotes, backslashes, angle brackets, ampersands, and all but printable ASCII: JSON may write them otherwise."""
GAP = r"[^\n]*"
"""Anything on the same line."""
_GAPS = re.compile(rf"(?:{re.escape(GAP)}){{2,}}")
_ENOUGH, _LEAST = 20, 4
"""How much beside a word is plenty, and how much is worth it: 2 for each letter or digit, 1 for a class of them."""
_LETTERS, _CHOICES = 3, 16
"""Letters that what is sought before a word has at least, and the texts that it may be: the prefilter starts at any."""
_SHORT = 8
"""Characters that may be a line's end by a class such as `\\W`, but are none: quotes, and the blanks beside them."""
_REPEATED = 3
"""Times that what must be repeated is written, at most."""
_QUOTING = re.compile(r"\(\?i:|\\|\)$")
_WORD_END = re.compile(r"[a-z]\)*$")
_BLANK = (sre.IN, [(sre.CATEGORY, sre.CATEGORY_SPACE)])
_BLANKS = frozenset((sre.CATEGORY_SPACE, sre.CATEGORY_NOT_WORD, sre.CATEGORY_NOT_DIGIT))
"""Classes that hold a line's end."""


def escape(literal: str) -> str:
    """Quote a literal for the prefilter's regex dialect."""
    return re.sub(r"([^A-Za-z0-9 _/-])", r"\\\1", literal)


Choices = tuple[str, ...]
"""Texts of which one stands there, quoted for the prefilter."""


class _Part(NamedTuple):
    """What a node stands for on one line, for the prefilter, and how much it tells."""

    text: str
    told: int = 0
    exact: Choices = ()
    """It is one of these; empty where it may be something else."""
    holds: Choices = ()
    """One of these surely stands in it; empty where none is known that is worth to be sought."""


_ANYTHING = _Part(GAP)
_NOTHING = _Part("", exact=("",))


def before(nodes: Sequence[Node]) -> str:
    """Return of what stands, on the same line, before what follows the nodes, the fewest texts of which one surely
    does, as the prefilter goes on from each wherever it stands; empty where none is worth it."""
    holds = _sequence_of(_beside(nodes, range(len(nodes) - 1, -1, -1))[::-1]).holds
    return f"(?:{'|'.join(holds)})" if len(holds) > 1 else "".join(holds)


def behind(nodes: Sequence[Node]) -> str:
    """Return what stands, on the same line, behind what the nodes follow; empty where that says too little."""
    parts = _beside(nodes, range(len(nodes)))
    while parts and not parts[-1].told:
        parts.pop()
    whole = _sequence_of(parts)
    if whole.told < _LEAST:
        return ""
    return _GAPS.sub(lambda _: GAP, whole.text).removeprefix(GAP).removesuffix(GAP)


def _beside(nodes: Sequence[Node], order: Iterable[int]) -> list[_Part]:
    """Return what the nodes stand for, in that order, until it is plenty or may go on with another line."""
    parts: list[_Part] = []
    told = 0
    for at in order:
        part = None if _ends_name(nodes, at) else _part(*nodes[at])
        if part is None or told >= _ENOUGH:
            break
        parts.append(part)
        told += part.told
    return parts


def _ends_name(nodes: Sequence[Node], at: int) -> bool:
    """Whether a node is the colon behind a name, such as an exception's class: records may tell its message in another
    member, and before it."""
    if nodes[at] != (sre.LITERAL, ord(":")) or not at:
        return False
    name = _part(*nodes[at - 1])
    return name is None or _WORD_END.search(name.text) is not None


def _part(operator: Any, argument: Any) -> _Part | None:
    """Return what a node stands for on one line, None where it may go on with the next one."""
    if operator is sre.LITERAL:
        return _letter(argument)
    if operator in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return _NOTHING
    if operator is sre.ANY or operator is sre.GROUPREF or (operator, argument) == (sre.NOT_LITERAL, 10):
        return _ANYTHING
    if operator is sre.IN:
        return _class(argument)
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return _repeat(*argument)
    if operator is sre.BRANCH:
        return _branch([_sequence(branch) for branch in argument[1]])
    if operator is sre.ATOMIC_GROUP:
        return _sequence(argument)
    if operator is sre.SUBPATTERN:
        return _group(argument[1], _sequence(argument[3]))
    return None


def _letter(code: int) -> _Part | None:
    """A character; what formats escape may be anything."""
    letter = chr(code)
    if letter == "\n":
        return None
    if UNSAFE.match(letter):
        return _ANYTHING
    return _Part(escape(letter), 2 * letter.isalnum(), exact=(escape(letter),))


def _class(items: Sequence[Node]) -> _Part | None:
    if items[0] == (sre.NEGATE, None):
        stops = (sre.LITERAL, 10) in items or (sre.CATEGORY, sre.CATEGORY_SPACE) in items
        return _ANYTHING if stops else None
    texts = [_class_item(*item) for item in items]
    if all(texts):
        return _Part(f"[{''.join(map(str, texts))}]", 1)
    return None if (sre.LITERAL, 10) in items else _ANYTHING


def _class_item(operator: Any, argument: Any) -> str | None:
    """A member of a class as the prefilter knows it: of ASCII, and nothing that formats escape."""
    if operator is sre.LITERAL and not UNSAFE.match(chr(argument)):
        return re.escape(chr(argument))
    if operator is sre.RANGE and all(chr(end).isascii() and chr(end).isalnum() for end in argument):
        return f"{chr(argument[0])}-{chr(argument[1])}"
    return "0-9" if (operator, argument) == (sre.CATEGORY, sre.CATEGORY_DIGIT) else None


def _may_be_blank(items: Sequence[Node]) -> bool:
    return any(operator is sre.CATEGORY and kind in _BLANKS for operator, kind in items)


def _repeat(low: int, high: int, nodes: Sequence[Node]) -> _Part | None:
    if list(nodes) == [_BLANK]:  # as between the words of a needle
        return _Part(" ", exact=(" ",)) if low else _ANYTHING
    part = _sequence(nodes)
    long = int(high) > _SHORT and any(kind is sre.IN and _may_be_blank(items) for kind, items in nodes)
    if part is None or long:
        return None
    if (low, high) == (0, 1) and part.text != GAP:
        return _Part(f"(?:{part.text})?", exact=(*part.exact, "") if part.exact else ())
    times = min(low, _REPEATED)
    rest = GAP if int(high) > times else ""
    return _Part(part.text * times + rest, part.told * times, holds=part.holds if times else ())


def _known(parts: Sequence[_Part | None]) -> list[_Part] | None:
    """The parts, None where one of them is."""
    known = [part for part in parts if part is not None]
    return known if len(known) == len(parts) else None


def _branch(parts: Sequence[_Part | None]) -> _Part | None:
    known = _known(parts)
    if known is None:
        return None
    exact = tuple(text for part in known for text in part.exact)
    holds = tuple(text for part in known for text in part.holds)
    return _Part(
        f"(?:{'|'.join(part.text for part in known)})",
        min(part.told for part in known),
        exact if all(part.exact for part in known) and len(exact) <= _CHOICES else (),
        _shortest(holds) if all(part.holds for part in known) and len(holds) <= _CHOICES else (),
    )


def _group(flags: int, part: _Part | None) -> _Part | None:
    if part is None or flags & re.DOTALL:
        return None
    if not (flags & re.IGNORECASE and part.told):
        return part
    return part._replace(
        text=f"(?i:{part.text})",
        exact=tuple(f"(?i:{text})" for text in part.exact),
        holds=tuple(f"(?i:{text})" for text in part.holds),
    )


def _sequence(nodes: Iterable[Node]) -> _Part | None:
    known = _known([_part(*node) for node in nodes])
    return None if known is None else _sequence_of(known)


def _sequence_of(parts: Sequence[_Part]) -> _Part:
    found = [part.holds for part in parts if part.holds]
    run: Choices = ("",)
    exact = True
    for part in parts:
        longer = tuple(begin + end for begin in run for end in part.exact)
        if longer and len(longer) <= _CHOICES:
            run = longer
            continue
        found.append(run)
        run, exact = ("",), False
    found.append(run)
    told = [_shortest(choices) for choices in found if min(map(_letters, choices)) >= _LETTERS]
    return _Part(
        "".join(part.text for part in parts),
        sum(part.told for part in parts),
        run if exact else (),
        min(told, key=lambda choices: (len(choices), -min(map(_letters, choices))), default=()),
    )


def _letters(text: str) -> int:
    """The characters that the prefilter has to begin with."""
    return len(_QUOTING.sub("", text))


def _shortest(choices: Choices) -> Choices:
    """Leave out what stands only where a shorter one does."""
    return tuple(
        text
        for at, text in enumerate(choices)
        if not any(other in text and (other != text or place < at) for place, other in enumerate(choices))
    )
