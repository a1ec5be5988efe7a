"""What a well-formed rule can still get wrong: meaning, references, patterns, samples."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import PurePath

from jinja2 import TemplateError

from logscope.expressions import FIGURES, parse_expression
from logscope.rulebook.needles import GENEROUS, SPARING, NeedleFinder, parse_pattern
from logscope.rulebook.rule import Condition, Detect, Rule, Window, minutes, names_in
from logscope.rulebook.texts import rule_texts, undeclared
from logscope.rulebook.yaml_reader import Document, Path, Problem

MAX_PATTERN = 2_000
MAX_REPEAT_PRODUCT = 10_000
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_RECOMMENDED = re.compile(r"(?:if|unless) cause is ([a-z0-9-]+)")
_FIELDS = ("source", "stream", "logger")
_GROUP = re.compile(r"\(\?P<(\w+)>")
_FUZZY = re.compile(r"(?<!\\)\{[\d<=+,\s]*[ides][\d<=+,\sides]*(?::[^}]*)?\}")
_STATUS = re.compile(r"[1-5](?:\d[\dx]|xx)")
Report = Callable[[Path, str], None]


def check_rule(rule: Rule, document: Document, where: str) -> list[Problem]:
    """Return the problems of one rule, in any order."""
    problems: list[Problem] = []

    def report(path: Path, text: str) -> None:
        problems.append(Problem(where, *document.place(path), text))

    _check_head(rule, where, report)
    captures = _check_patterns(rule, report)
    _check_kind(rule.kind, rule.detect, captures, report)
    _check_steps(rule.detect, captures, report)
    _check_bounds(rule, report)
    _check_resolution(rule, report)
    _check_expressions(rule, report)
    _check_texts(rule, captures, report)
    _check_samples(rule, report)
    return problems


def check_together(rules: list[tuple[Rule, Document]]) -> list[Problem]:
    """Return problems between rules: ids used twice."""
    problems = []
    first: dict[str, str] = {}
    for rule, document in rules:
        if rule.id in first:
            text = f"id {rule.id!r} is also that of {first[rule.id]}: ids are unique"
            problems.append(Problem(rule.path, *document.place(("id",)), text))
        first.setdefault(rule.id, rule.path)
    return problems


def check_references(rules: list[tuple[Rule, Document]], known: set[str]) -> list[Problem]:
    """Return references to rules that do not exist among `known` ids."""
    problems = []
    for rule, document in rules:
        places: list[tuple[Path, str]] = [(("causes", i), name) for i, name in enumerate(rule.causes)]
        places += [(("inhibits", i), name) for i, name in enumerate(rule.inhibits)]
        for number, check in enumerate(rule.verify.checks):
            if check.exercised_by:
                path: Path = ("verify", "checks", number, "exercised_by", "signals")
                places += [((*path, i), name) for i, name in enumerate(check.exercised_by.signals)]
        for path, name in places:
            if name not in known:
                text = f"there is no rule {name!r}: {_nearest(name, known)}"
                problems.append(Problem(rule.path, *document.place(path), text))
    return problems


def _nearest(name: str, known: set[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"did you mean {near[0]!r}?" if near else "write the id of a rule that is loaded"


def _check_head(rule: Rule, where: str, report: Report) -> None:
    if not _ID.fullmatch(rule.id):
        report(("id",), f"id {rule.id!r}: write words in lower case with hyphens between them")
    elif PurePath(where).stem != rule.id:
        report(("id",), f"id {rule.id!r} differs from the file's name: name the file {rule.id}.yaml")
    if rule.signal:
        if rule.severity != "info":
            report(("severity",), "a signal proves health: its severity is info")
        return
    if rule.explain is None:
        report(("id",), "explain is missing: say impact and causes")
    if not rule.resolve:
        report(("id",), "resolve is missing: give at least one option")


def conditions(detect: Detect) -> Iterator[tuple[Path, Condition]]:
    """Yield every condition a rule looks for by itself, with its path."""
    at: Path = ("detect",)
    own = dict.fromkeys(("text", "regex", "exception", "leaf", "frame", "http", "fields", "any", "all"))
    if any(getattr(detect, name) for name in own):
        yield at, detect
    for name in ("also", "none_between"):
        for number, condition in enumerate(getattr(detect, name)):
            yield (*at, name, number), condition
    for name in ("after", "missing", "part", "whole"):
        if getattr(detect, name) is not None:
            yield (*at, name), getattr(detect, name)
    for number, step in enumerate(detect.steps):
        for name in ("any", "lazy"):
            for place, condition in enumerate(getattr(step, name)):
                yield (*at, "steps", number, name, place), condition


def _nested(condition: Condition, path: Path) -> Iterator[tuple[Path, Condition]]:
    yield path, condition
    for name in ("any", "all", "none"):
        for number, part in enumerate(getattr(condition, name)):
            yield from _nested(part, (*path, name, number))


def _patterns(condition: Condition) -> Iterator[tuple[Path, str]]:
    for name in ("regex", "frame"):
        for number, pattern in enumerate(getattr(condition, name)):
            yield (name, number), pattern
    for member, pattern in condition.fields.items():
        yield ("fields", member), pattern
    if condition.http is not None:
        for name in ("path", "host", "client"):
            if getattr(condition.http, name):
                yield ("http", name), getattr(condition.http, name)
    if condition.where is not None:
        for number, pattern in enumerate(condition.where.logger):
            yield ("where", "logger", number), pattern


def _searched(rule: Rule) -> Iterator[tuple[Path, Condition, NeedleFinder | None]]:
    """Yield every condition of a rule with what derives its needles: none for evidence in the event itself."""
    for path, condition in conditions(rule.detect):
        yield path, condition, GENEROUS if "lazy" in path else SPARING
    if rule.detect.incident.ends is not None:
        yield ("detect", "incident", "ends"), rule.detect.incident.ends, GENEROUS
    if rule.detect.incident.retries is not None:
        yield ("detect", "incident", "retries"), rule.detect.incident.retries, None
    if rule.detect.incident.apart is not None:
        yield ("detect", "incident", "apart"), rule.detect.incident.apart, None
    for number, cause in enumerate(rule.explain.causes if rule.explain else ()):
        if cause.evidence is not None:
            near = GENEROUS if cause.evidence.near is not None else None
            yield ("explain", "causes", number, "evidence"), cause.evidence, near


def _check_patterns(rule: Rule, report: Report) -> set[str]:
    """Report bad patterns and conditions without needles; return the names of all captures."""
    captures: set[str] = set()
    if not any(path[0] == "detect" and path[1:2] != ("incident",) for path, _, _ in _searched(rule)):
        report(("detect",), "detect looks for nothing: give text, regex, exception, http or steps")
    for path, condition, finder in _searched(rule):
        good = True
        for place, part in _nested(condition, path):
            for inner, pattern in _patterns(part):
                problem, names = _check_pattern(pattern, inner[0] == "regex")
                captures |= names
                if problem:
                    good = False
                    report((*place, *inner), problem)
            for number, status in enumerate(part.http.status if part.http else ()):
                if not _STATUS.fullmatch(str(status).lower()):
                    good = False
                    report((*place, "http", "status", number), f"{status} is no status: write 429 or 5xx")
            for number, literal in enumerate(part.text):
                if not literal.strip():
                    text = "an empty literal matches everything: write what to look for"
                    report((*place, "text", number), text)
        if good and finder is not None and finder.condition(condition) is None:
            text = (
                "nothing to search for: add an uncommon word of 4 letters or more, free of quotes, <, > and &"
            )
            report(path, text)
    return captures


def _check_pattern(pattern: str, searched: bool) -> tuple[str, set[str]]:
    """Return what is wrong with a pattern, and the names of its captures (as far as they can be read)."""
    problem = _pattern_problem(pattern, searched)
    return problem, set(_GROUP.findall(pattern))


def _pattern_problem(pattern: str, searched: bool) -> str:
    if len(pattern) > MAX_PATTERN:
        return f"pattern of {len(pattern)} characters: at most {MAX_PATTERN}"
    try:
        tree = parse_pattern(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"bad regular expression: {error}"
    if "{" in pattern and _repeat_product(tree) > MAX_REPEAT_PRODUCT:
        return f"counted repeats multiply to more than {MAX_REPEAT_PRODUCT}: make them smaller"
    if _FUZZY.search(pattern):
        return "a brace like this means fuzzy matching: write \\{"
    if searched and tree.getwidth()[0] == 0:
        return "matches the empty string, so everything: make a part of it required"
    return ""


def _repeat_product(tree: object) -> int:
    """The largest product of nested counted repeats, an upper bound for what compiling unrolls."""
    worst = 1
    if (
        isinstance(tree, (tuple, list))
        and len(tree) == 3
        and isinstance(tree[0], int)
        and isinstance(tree[1], int)
    ):
        bound = int(tree[1]) if int(tree[1]) < 4_000_000_000 else max(int(tree[0]), 1)
        return max(bound, 1) * _repeat_product(tree[2])
    parts = getattr(tree, "data", tree)
    if isinstance(parts, (tuple, list)):
        worst = max([worst, *map(_repeat_product, parts)])
    return worst


_NEEDS: dict[str, tuple[str, ...]] = {
    "match": (),
    "count": ("at_least", "within"),
    "distinct": ("of", "at_least"),
    "sequence": ("steps",),
    "absence": ("after", "missing", "within"),
    "ratio": ("part", "whole"),
}
_CONDITION = Condition.__struct_fields__
_USES: dict[str, tuple[str, ...]] = {
    "match": (*_CONDITION, "also", "incident"),
    "count": (*_CONDITION, "also", "incident", "at_least", "within", "by"),
    "distinct": (*_CONDITION, "of", "at_least", "within", "by"),
    "sequence": ("steps", "within", "by", "none_between", "outcomes", "like"),
    "absence": ("after", "missing", "within", "by"),
    "ratio": ("part", "whole", "below", "above", "at_least"),
}


def _check_kind(kind: str, detect: Detect, captures: set[str], report: Report) -> None:
    for name in _NEEDS[kind]:
        if not getattr(detect, name):
            report(("detect",), f"{name} is missing: kind {kind} needs {', '.join(_NEEDS[kind])}")
    if kind == "ratio" and detect.below is None and detect.above is None:
        report(("detect",), "below or above is missing: kind ratio needs one of them")
    for name in Detect.__struct_fields__:
        if name not in _USES[kind] and getattr(detect, name) != getattr(Detect(), name):
            kinds = [other for other, uses in _USES.items() if name in uses]
            text = f"{name} means nothing to kind {kind}, only to {', '.join(kinds)}"
            report(("detect", name), text)
    if detect.incident.apart is not None and not names_in(detect.incident.apart):
        report(
            ("detect", "incident", "apart"), "nothing is captured: write (?P<name>…) around what tells apart"
        )
    named: list[tuple[Path, str]] = [(("detect", "incident", "by"), name) for name in detect.incident.by]
    named += [(("detect", "by"), name) for name in detect.by if name not in _FIELDS]
    named += [(("detect", "like"), name) for name in detect.like]
    if detect.of:
        named.append((("detect", "of"), detect.of))
    for path, name in named:
        if name not in captures:
            more = f" or one of {', '.join(_FIELDS)}" if path == ("detect", "by") else ""
            report(path, f"no pattern captures {name!r}: write (?P<{name}>…){more}")


def _check_steps(detect: Detect, captures: set[str], report: Report) -> None:
    names = [step.name for step in detect.steps]
    for number, step in enumerate(detect.steps):
        at: Path = ("detect", "steps", number)
        if not _NAME.fullmatch(step.name):
            report((*at, "name"), f"step {step.name!r}: write letters, digits, - and _")
        if not (step.any if number == 0 else step.any or step.lazy):
            report((*at, "any"), "a step that nothing shows: give any" + (" or lazy" if number else ""))
    if detect.steps and detect.steps[0].optional:
        report(
            ("detect", "steps", 0, "optional"), "the first step begins the sequence: it cannot be optional"
        )
    outcomes = detect.outcomes
    if outcomes and names and outcomes.complete not in names:
        text = f"there is no step {outcomes.complete!r}; steps are {', '.join(names)}"
        report(("detect", "outcomes", "complete"), text)
    if outcomes and outcomes.unproven and outcomes.unproven not in captures:
        report(("detect", "outcomes", "unproven"), f"no pattern captures {outcomes.unproven!r}")


def _check_bounds(rule: Rule, report: Report) -> None:
    """Report numbers that no log can reach, and ids used twice."""
    detect = rule.detect
    windows: list[tuple[Path, Window]] = [(("detect", "within"), detect.within)] if detect.within else []
    windows += [
        (("explain", "causes", number, "evidence", "near"), cause.evidence.near)
        for number, cause in enumerate(rule.explain.causes if rule.explain else ())
        if cause.evidence and cause.evidence.near
    ]
    for path, window in windows:
        if window.seconds is None and window.lines is None:
            report(path, "a window without bounds: give seconds, lines or both")
    windows.append((("detect", "incident"), Window(detect.incident.seconds, detect.incident.lines)))
    for path, window in windows:
        for name, bound in (("seconds", window.seconds), ("lines", window.lines)):
            if bound is not None and not 0 <= bound < math.inf:
                report((*path, name), f"{name} is no bound: write a number from 0 on")
    if detect.at_least is not None and detect.at_least < 1:
        report(("detect", "at_least"), "at_least is 1 or more")
    lists: list[tuple[Path, list[str]]] = [
        (("detect", "steps"), [step.name for step in detect.steps]),
        (("explain", "causes"), [cause.id for cause in rule.explain.causes] if rule.explain else []),
        (("resolve",), [option.id for option in rule.resolve]),
        (("verify", "checks"), [check.id for check in rule.verify.checks]),
        (("verify", "metrics"), [metric.id for metric in rule.verify.metrics]),
        (("samples",), [sample.name for sample in rule.samples]),
    ]
    for path, names in lists:
        for number, name in enumerate(names):
            if name in names[:number]:
                report((*path, number), f"{name!r} is used twice in {path[-1]}: names are unique")


def _check_resolution(rule: Rule, report: Report) -> None:
    causes = {cause.id for cause in rule.explain.causes} if rule.explain else set()
    ids = {option.id for option in rule.resolve} | {option.fix for option in rule.resolve}
    for number, option in enumerate(rule.resolve):
        at: Path = ("resolve", number)
        try:
            minutes(option.effort)
        except ValueError as error:
            report((*at, "effort"), f"effort {error}")
        if isinstance(option.recommended, str):
            match = _RECOMMENDED.fullmatch(option.recommended)
            if not match:
                report((*at, "recommended"), "write true, false, `if cause is ID` or `unless cause is ID`")
            elif match[1] not in causes:
                report(
                    (*at, "recommended"),
                    f"there is no cause {match[1]!r}; causes are {', '.join(sorted(causes))}",
                )
        for name in option.conflicts_with:
            if name not in ids:
                report((*at, "conflicts_with"), f"there is no option {name!r} in this rule")
    if rule.resolve and not any(option.recommended for option in rule.resolve):
        report(("resolve",), "no option is recommended: mark one with recommended: true")


def _check_expressions(rule: Rule, report: Report) -> None:
    texts: list[tuple[Path, str]] = [(("escalate", n, "when"), e.when) for n, e in enumerate(rule.escalate)]
    texts += [
        (("verify", "checks", n, "expect"), c.expect) for n, c in enumerate(rule.verify.checks) if c.expect
    ]
    for path, text in texts:
        try:
            parse_expression(text)
        except ValueError as error:
            report(path, str(error))
    for number, metric in enumerate(rule.verify.metrics):
        if metric.value not in FIGURES:
            report(("verify", "metrics", number, "value"), f"unknown figure; known are {', '.join(FIGURES)}")


def _check_texts(rule: Rule, captures: set[str], report: Report) -> None:
    values = {code.name for code in (rule.explain.code if rule.explain else ()) if code.name}
    for path, text in rule_texts(rule):
        try:
            unknown = undeclared(text) - captures - values - set(FIGURES)
        except TemplateError as error:
            report(path, f"bad template: {error}")
            continue
        for name in sorted(unknown):
            report(path, f"no pattern captures {name!r}, which this text uses")


def _check_samples(rule: Rule, report: Report) -> None:
    for number, sample in enumerate(rule.samples):
        if sample.fires < 0:
            report(("samples", number, "fires"), "fires is 0 or more")
    if not any(sample.fires > 0 for sample in rule.samples):
        report(("samples",), "no sample fires: add one real log that the rule must find")
    if all(sample.fires for sample in rule.samples):
        report(("samples",), "no quiet sample: add a near miss that the rule must not find (fires: 0)")
