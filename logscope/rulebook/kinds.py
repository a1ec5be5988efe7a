"""What each kind of rule needs and uses."""

from __future__ import annotations

import re

from logscope.rulebook.rule import FIELDS, Condition, Detect, Outcomes, names_in
from logscope.validation import KeyPath, Problems, Reads

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_OTHER_KEYS = ("at_least", "within", "by", "of", "outcomes", "like", "below", "above")
PATTERNS: tuple[Reads, ...] = (
    *(("detect", name) for name in Detect.__struct_fields__ if name not in _OTHER_KEYS),
    ("explain", "causes", None, "evidence"),
)
"""Where captures come from."""
_NEEDS: dict[str, tuple[str, ...]] = {
    "match": (),
    "count": ("at_least", "within"),
    "distinct": ("of", "at_least"),
    "sequence": ("steps",),
    "absence": ("after", "missing", "within"),
    "ratio": ("part", "whole"),
}
_CONDITION = Condition.__struct_fields__
_OUTCOMES = ("complete", "over", "opened", "refused", "without", "answered", "listens")
"""What names a step."""
_REPEATED = ("at_least", "within")
"""What `often` needs beside it; it may have `missing`."""
_USES: dict[str, tuple[str, ...]] = {
    "match": (*_CONDITION, "also", "incident", "often", "healed", "by_restart"),
    "count": (*_CONDITION, "also", "incident", "at_least", "within", "by"),
    "distinct": (*_CONDITION, "of", "at_least", "within", "by"),
    "sequence": ("steps", "within", "by", "none_between", "outcomes", "like"),
    "absence": ("after", "missing", "within", "by"),
    "ratio": ("part", "whole", "below", "above", "at_least"),
}


def check_kind(kind: str, detect: Detect, captures: set[str], problems: Problems) -> None:
    """Report what the kind lacks, what means nothing to it, and names that are none of the `captures`."""
    for name in _NEEDS[kind]:
        if not getattr(detect, name):
            text = f"{name} is missing: kind {kind} needs {', '.join(_NEEDS[kind])}"
            problems.add(("detect",), text, ("kind",), ("detect", name))
    if kind == "ratio" and detect.below is None and detect.above is None:
        text = "below or above is missing: kind ratio needs one of them"
        problems.add(("detect",), text, ("kind",), ("detect", "below"), ("detect", "above"))
    for name in _REPEATED if detect.often else ():
        if not getattr(detect, name):
            text = f"{name} is missing: often needs {', '.join(_REPEATED)}"
            problems.add(("detect",), text, ("detect", "often"), ("detect", name))
    uses = (*_USES[kind], *_REPEATED, "missing") if detect.often else _USES[kind]
    for name in Detect.__struct_fields__:
        if name not in uses and getattr(detect, name) != getattr(Detect(), name):
            kinds = [other for other, uses in _USES.items() if name in uses]
            text = f"{name} means nothing to kind {kind}, only to {', '.join(kinds)}"
            problems.add(("detect", name), text, ("kind",))
    for key, what in (("apart", "tells apart"), ("call", "names the call")):
        condition = getattr(detect.incident, key)
        if condition is not None and not names_in(condition):
            text = f"nothing is captured: write (?P<name>…) around what {what}"
            problems.add(("detect", "incident", key), text)
    _check_names(detect, captures, problems)


def _check_names(detect: Detect, captures: set[str], problems: Problems) -> None:
    """Report names that are none of the `captures`."""
    named: list[tuple[KeyPath, str]] = [(("detect", "incident", "by"), name) for name in detect.incident.by]
    named += [(("detect", "by"), name) for name in detect.by if name not in FIELDS]
    named += [(("detect", "like"), name) for name in detect.like]
    if detect.of:
        named.append((("detect", "of"), detect.of))
    for path, name in named:
        if name not in captures:
            more = f" or one of {', '.join(FIELDS)}" if path == ("detect", "by") else ""
            problems.add(path, f"no pattern captures {name!r}: write (?P<{name}>…){more}", *PATTERNS)


def check_steps(detect: Detect, captures: set[str], problems: Problems) -> None:
    """Report steps of a sequence that nothing shows, and outcomes that name none of them."""
    names = [step.name for step in detect.steps]
    for number, step in enumerate(detect.steps):
        at: KeyPath = ("detect", "steps", number)
        if not _NAME.fullmatch(step.name):
            problems.add((*at, "name"), f"step {step.name!r}: write letters, digits, - and _")
        if not (step.any if number == 0 else step.any or step.lazy):
            text = "a step that nothing shows: give any" + (" or lazy" if number else "")
            problems.add((*at, "any"), text, (*at, "any"), (*at, "lazy"))
    if detect.steps and detect.steps[0].optional:
        problems.add(
            ("detect", "steps", 0, "optional"), "the first step begins the sequence: it cannot be optional"
        )
    if detect.outcomes is not None:
        _check_outcomes(detect.outcomes, names, len(detect.like), captures, problems)


def _check_outcomes(
    outcomes: Outcomes, names: list[str], like: int, captures: set[str], problems: Problems
) -> None:
    """Report outcomes that name no step, one step for two things, or what `like` does not tell; `names` are the
    steps', `like` is how many captures it names."""
    at: KeyPath = ("detect", "outcomes")
    named = [getattr(outcomes, key) for key in _OUTCOMES]
    for key, name in zip(_OUTCOMES, named, strict=True):
        if names and name is not None and name not in names:
            text = f"there is no step {name!r}; steps are {', '.join(names)}"
            problems.add((*at, key), text, ("detect", "steps", None, "name"))
    taken = {outcomes.complete, *names[:1]}
    for key, name in zip(_OUTCOMES[1:-1], named[1:-1], strict=True):
        if name in taken:
            text = f"step {name!r} has another part already: it cannot be what this names as well"
            problems.add((*at, key), text)
        taken |= {name} if name else set()
    for key, name, what in (("over", outcomes.over, "ends"), ("opened", outcomes.opened, "begins")):
        if name and like < 2:
            text = (
                f"{key} {what} the session of a connection: like must name two captures, a connection first"
            )
            problems.add((*at, key), text)
    for key in ("unproven", "apart"):
        for name in getattr(outcomes, key):
            if name not in captures:
                problems.add((*at, key), f"no pattern captures {name!r}", *PATTERNS)
    complete = outcomes.complete
    behind = names[names.index(complete) + 1 :] if complete in names else names
    for name in outcomes.usual:
        if name not in behind:
            problems.add((*at, "usual"), f"no step {name!r} stands behind {complete!r}")
