"""What each kind of rule needs and uses."""

from __future__ import annotations

import re

from logscope.rulebook.rule import FIELDS, Condition, Detect, names_in
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
_REPEATED = ("at_least", "within")
"""What `often` needs beside it; it may have `missing`."""
_USES: dict[str, tuple[str, ...]] = {
    "match": (*_CONDITION, "also", "incident", "often"),
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
    outcomes = detect.outcomes
    for key in ("complete", "over", "opened", "without"):
        name = getattr(outcomes, key, None)
        if names and name is not None and name not in names:
            text = f"there is no step {name!r}; steps are {', '.join(names)}"
            problems.add(("detect", "outcomes", key), text, ("detect", "steps", None, "name"))
    if outcomes and outcomes.over and outcomes.over in (outcomes.complete, *names[:1]):
        text = f"step {outcomes.over!r} begins or completes a session: it cannot end it"
        problems.add(("detect", "outcomes", "over"), text)
    if outcomes and outcomes.opened and outcomes.opened in (outcomes.complete, outcomes.over, *names[:1]):
        text = f"step {outcomes.opened!r} rejects, completes or ends a session: it cannot only open it"
        problems.add(("detect", "outcomes", "opened"), text)
    others = (outcomes.complete, outcomes.over, outcomes.opened, *names[:1]) if outcomes else ()
    if outcomes and outcomes.without and outcomes.without in others:
        text = f"step {outcomes.without!r} is one of a session: it cannot say that there are none"
        problems.add(("detect", "outcomes", "without"), text)
    for key, what in (("over", "ends"), ("opened", "begins")):
        if getattr(outcomes, key, None) and len(detect.like) < 2:
            text = (
                f"{key} {what} the session of a connection: like must name two captures, a connection first"
            )
            problems.add(("detect", "outcomes", key), text)
    for name in outcomes.unproven if outcomes else ():
        if name not in captures:
            problems.add(("detect", "outcomes", "unproven"), f"no pattern captures {name!r}", *PATTERNS)
