"""What a well-formed rule can still get wrong: meaning, references, patterns, samples."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Collection, Iterator

from jinja2 import TemplateError
from msgspec.structs import replace

from logscope.expressions import FIGURES, parse_expression
from logscope.neutral import holds_control
from logscope.rulebook.kinds import PATTERNS, check_kind, check_steps
from logscope.rulebook.needles import GENEROUS, SPARING, NeedleFinder
from logscope.rulebook.parts import parts_of
from logscope.rulebook.patterns import parse_pattern
from logscope.rulebook.rule import ID, REQUESTS, Condition, Rule, Window, minutes, names_in, with_causes
from logscope.rulebook.texts import rule_texts, shown_texts, undeclared
from logscope.validation import KeyPath, Problems, nearest

MAX_PATTERN = 2_000
MAX_REPEAT_PRODUCT = 10_000
MAX_GROUPS = 100
_SOUGHT = ("text", "regex", "exception", "leaf", "frame", "http", "fields", "any", "all")
_RECOMMENDED = re.compile(r"(?:if|unless) cause is ([a-z0-9-]+)")
_FUZZY = re.compile(r"(?<!\\)\{[\d<=+,\s]*[ides][\d<=+,\sides]*(?::[^}]*)?\}")
_EMPTY = "an empty literal matches everything: write what to look for"
_ONE_LINE = {"title", "tags", "references", "feature", "file", "symbol", "language", "label", "target"}
"""Texts that stand in headings, cells and beside others."""
_MAY_BE_EMPTY = ("users", "risk")
_STATUS = re.compile(r"[1-5](?:\d[\dx]|xx)")


def check_rule(rule: Rule, problems: Problems) -> None:
    """Report the problems of one rule, in any order, each with what it reads beside the value it stands at."""
    _check_head(rule, problems)
    captures = _check_patterns(rule, problems)
    check_kind(rule.kind, rule.detect, captures, problems)
    check_steps(rule.detect, captures, problems)
    _check_bounds(rule, problems)
    _check_names(rule, problems)
    _check_resolution(rule, problems)
    _check_expressions(rule, problems)
    _check_texts(rule, captures, problems)
    _check_several(rule, problems)
    _check_samples(rule, problems)


def check_references(rule: Rule, known: Collection[str], problems: Problems) -> None:
    """Report references to rules that do not exist among `known` ids."""
    places: list[tuple[KeyPath, str]]
    places = [(("causes", i), name.partition("/")[0]) for i, name in enumerate(rule.causes)]
    places += [(("inhibits", i), name.partition("/")[0]) for i, name in enumerate(rule.inhibits)]
    places += [
        (("follows", "also", i), name) for i, name in enumerate(rule.follows.also if rule.follows else ())
    ]
    places += [
        (("explain", "causes", i, "evidence", "until"), cause.evidence.until)
        for i, cause in enumerate(rule.explain.causes if rule.explain else ())
        if cause.evidence and cause.evidence.until is not None
    ]
    for number, check in enumerate(rule.verify.checks):
        if check.exercised_by:
            path: KeyPath = ("verify", "checks", number, "exercised_by", "signals")
            signals = enumerate(check.exercised_by.signals)
            places += [((*path, i), name) for i, name in signals if name != REQUESTS]
    for path, name in places:
        if name not in known:
            near = nearest(name, known, "write the id of a rule that is loaded")
            problems.add(path, f"there is no rule {name!r}: {near}")


def _check_head(rule: Rule, problems: Problems) -> None:
    if not ID.fullmatch(rule.id):
        problems.add(("id",), _no_id("id", rule.id))
    if rule.signal:
        if rule.severity != "info":
            problems.add(("severity",), "a signal proves health: its severity is info", ("signal",))
        return
    if rule.explain is None:
        problems.add((), "explain is missing: say impact and causes", ("signal",), ("explain",))
    if not rule.resolve:
        problems.add((), "resolve is missing: give at least one option", ("signal",), ("resolve",))


def _no_id(key: str, name: str) -> str:
    return f"{key} {name!r}: write words in lower case with hyphens between them"


def _nested(condition: Condition, path: KeyPath) -> Iterator[tuple[KeyPath, Condition]]:
    yield path, condition
    for name in ("any", "all", "none"):
        for number, part in enumerate(getattr(condition, name)):
            yield from _nested(part, (*path, name, number))


def _patterns(condition: Condition) -> Iterator[tuple[KeyPath, str]]:
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


def _searched(rule: Rule) -> Iterator[tuple[KeyPath, Condition, NeedleFinder | None]]:
    """Yield every condition of a rule with what derives its needles: none for evidence in the event itself."""
    for path, _, condition, lazy, own in parts_of(rule):
        yield path, condition, None if own else GENEROUS if lazy else SPARING
    for name, finder in (("ends", GENEROUS), ("retries", None), ("apart", None), ("call", None)):
        condition = getattr(rule.detect.incident, name)
        if condition is not None:
            yield ("detect", "incident", name), condition, finder


def _check_patterns(rule: Rule, problems: Problems) -> set[str]:
    """Report bad patterns and conditions without needles; return the names of all captures."""
    captures: set[str] = set()
    if not any(part.path[0] == "detect" for part in parts_of(rule)):
        text = "detect looks for nothing: give text, regex, exception, http or steps"
        problems.add(("detect",), text, ("detect",))
    for path, condition, finder in _searched(rule):
        good = True
        for place, part in _nested(condition, path):
            for inner, pattern in _patterns(part):
                captures.update(names_in(pattern))
                if problem := _pattern_problem(pattern, inner[0] == "regex"):
                    good = False
                    problems.add((*place, *inner), problem)
                    problems.unsure.append((*place, *inner))  # what it captures
            for number, status in enumerate(part.http.status if part.http else ()):
                if not _STATUS.fullmatch(str(status).lower()):
                    good = False
                    problems.add(
                        (*place, "http", "status", number), f"{status} is no status: write 429 or 5xx"
                    )
            for number, literal in enumerate(part.text):
                if not literal.strip():
                    problems.add((*place, "text", number), _EMPTY)
        if good and finder is not None and finder.condition(condition) is None:
            text = (
                "nothing to search for: add an uncommon word of 4 letters or more, free of quotes, <, > and &"
            )
            for place in _lacking(condition, finder):
                problems.add((*path, *place), text, path)
    return captures


def _lacking(condition: Condition, finder: NeedleFinder) -> Iterator[KeyPath]:
    """Yield where a condition without needles lacks them: its alternatives, or all of it where one of several keys
    would be enough."""
    given = [name for name in _SOUGHT if getattr(condition, name)]
    if len(given) != 1 or given[0] not in ("text", "regex", "any"):
        yield ()
        return
    (name,) = given
    for number, one in enumerate(getattr(condition, name)):
        part = one if name == "any" else replace(Condition(), **{name: (one,)})
        if finder.condition(part) is None:
            yield from (
                (name, number, *place) for place in (_lacking(one, finder) if name == "any" else [()])
            )


def _pattern_problem(pattern: str, searched: bool) -> str:
    if len(pattern) > MAX_PATTERN:
        return f"pattern of {len(pattern)} characters: at most {MAX_PATTERN}"
    if pattern.count("(") > MAX_GROUPS:
        return f"pattern of {pattern.count('(')} groups: at most {MAX_GROUPS}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            tree = parse_pattern(pattern)
    except FutureWarning as warning:
        return f"{str(warning).lower()}: write \\ before a [, -, &, ~ or | that stands for itself"
    except (re.error, ValueError, OverflowError, RecursionError) as error:
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


def _check_bounds(rule: Rule, problems: Problems) -> None:
    """Report numbers that no log can reach."""
    detect = rule.detect
    windows: list[tuple[KeyPath, Window]] = [(("detect", "within"), detect.within)] if detect.within else []
    windows += [(("follows",), rule.follows)] if rule.follows else []
    windows += [
        (("explain", "causes", number, "evidence", "near"), cause.evidence.near)
        for number, cause in enumerate(rule.explain.causes if rule.explain else ())
        if cause.evidence and cause.evidence.near
    ]
    for path, window in windows:
        if window.seconds is None and window.lines is None:
            problems.add(path, "a window without bounds: give seconds, lines or both", path)
    incident = detect.incident
    windows.append((("detect", "incident"), Window(incident.seconds, incident.lines)))
    bounds = [(path, "seconds", window.seconds) for path, window in windows]
    bounds += [(path, "lines", window.lines) for path, window in windows]
    bounds.append((("detect", "incident"), "retry_seconds", incident.retry_seconds))
    for path, name, bound in bounds:
        if bound is not None and not 0 <= bound < math.inf:
            problems.add((*path, name), f"{name} is no bound: write a number from 0 on")
    if detect.at_least is not None and detect.at_least < 1:
        problems.add(("detect", "at_least"), "at_least is 1 or more")


def _check_names(rule: Rule, problems: Problems) -> None:
    """Report names used twice in a list, and causes that `inhibits` names and the rule lacks."""
    lists: list[tuple[KeyPath, str, list[str]]] = [
        (("detect", "steps"), "name", [step.name for step in rule.detect.steps]),
        (("explain", "causes"), "id", [cause.id for cause in rule.explain.causes] if rule.explain else []),
        (("resolve",), "id", [option.id for option in rule.resolve]),
        (("verify", "checks"), "id", [check.id for check in rule.verify.checks]),
        (("verify", "metrics"), "id", [metric.id for metric in rule.verify.metrics]),
        (("samples",), "name", [sample.name for sample in rule.samples]),
    ]
    causes = lists[1][2]
    for number, (name, cause) in enumerate(with_causes(rule.inhibits).items()):
        if cause and cause not in causes:
            near = nearest(cause, causes, "write the id of a cause of this rule")
            problems.add(("inhibits", number), f"{name!r} cannot be told by a cause {cause!r}: {near}")
    for number, option in enumerate(rule.resolve):
        if option.fix and not ID.fullmatch(option.fix):
            problems.add(("resolve", number, "fix"), _no_id("fix", option.fix))
    for path, key, names in lists:
        for number, name in enumerate(names):
            if key == "id" and not ID.fullmatch(name):
                problems.add((*path, number, key), _no_id(key, name))
            if name in names[:number]:
                text = f"{name!r} is used twice in {path[-1]}: names are unique"
                problems.add((*path, number), text, (*path, number, key))


def _check_resolution(rule: Rule, problems: Problems) -> None:
    causes = {cause.id for cause in rule.explain.causes} if rule.explain else set()
    for number, option in enumerate(rule.resolve):
        at: KeyPath = ("resolve", number)
        try:
            minutes(option.effort)
        except ValueError as error:
            problems.add((*at, "effort"), f"effort {error}")
        if isinstance(option.recommended, str):
            match = _RECOMMENDED.fullmatch(option.recommended)
            if not match:
                text = f"recommended {option.recommended!r} is no condition: write true, false, "
                problems.add((*at, "recommended"), text + "`if cause is ID` or `unless cause is ID`")
            elif match[1] not in causes:
                known = f"causes are {', '.join(sorted(causes))}" if causes else "explain names none"
                text = f"there is no cause {match[1]!r}; {known}"
                problems.add((*at, "recommended"), text, ("explain", "causes", None, "id"))
    if rule.resolve and not any(option.recommended for option in rule.resolve):
        text = "no option is recommended: mark one with recommended: true"
        problems.add(("resolve",), text, ("resolve", None, "recommended"))


def _check_expressions(rule: Rule, problems: Problems) -> None:
    for number, check in enumerate(rule.verify.checks):
        for i, literal in enumerate(check.exercised_by.text if check.exercised_by else ()):
            if not literal.strip():
                problems.add(("verify", "checks", number, "exercised_by", "text", i), _EMPTY)
    texts: list[tuple[KeyPath, str]] = [
        (("escalate", n, "when"), e.when) for n, e in enumerate(rule.escalate)
    ]
    texts += [
        (("verify", "checks", n, "expect"), c.expect) for n, c in enumerate(rule.verify.checks) if c.expect
    ]
    for path, text in texts:
        try:
            parse_expression(text)
        except ValueError as error:
            problems.add(path, str(error))
    for number, metric in enumerate(rule.verify.metrics):
        if metric.value not in FIGURES:
            problems.add(
                ("verify", "metrics", number, "value"), f"unknown figure; known are {', '.join(FIGURES)}"
            )


def _check_texts(rule: Rule, captures: set[str], problems: Problems) -> None:
    filled = {path for path, _ in rule_texts(rule)}
    for path, text in shown_texts(rule):
        if holds_control(text):
            problems.add(path, "control characters are not shown: write plain text")
        if not text.strip() and path[-1] not in _MAY_BE_EMPTY:
            problems.add(path, "is shown, and is empty: write a text")
        if "\n" in text and not _ONE_LINE.isdisjoint(path):
            problems.add(path, "is shown on one line: write it without line breaks")
        if path not in filled and "{{" in text:
            problems.add(path, "is shown as it stands: write it without {{ }}")
    for path, text in rule_texts(rule):
        try:
            unknown = undeclared(text) - captures - set(FIGURES)
        except TemplateError as error:
            problems.add(path, f"bad template: {error}")
            continue
        except RecursionError:
            problems.add(path, "bad template: nested too deeply")
            continue
        for name in sorted(unknown):
            text = f"no pattern captures {name!r}, which this text uses"
            problems.add(path, text, *PATTERNS)


def _check_several(rule: Rule, problems: Problems) -> None:
    for number, cause in enumerate(rule.explain.causes if rule.explain else ()):
        name = cause.evidence.several if cause.evidence else None
        if cause.evidence and name and name not in names_in(cause.evidence):
            path = ("explain", "causes", number, "evidence", "several")
            problems.add(path, f"no pattern of this evidence captures {name!r}", *PATTERNS)


def _check_samples(rule: Rule, problems: Problems) -> None:
    for number, sample in enumerate(rule.samples):
        if sample.fires < 0:
            problems.add(("samples", number, "fires"), "fires is 0 or more")
    if not any(sample.fires > 0 for sample in rule.samples):
        text = "no sample fires: add one real log that the rule must find"
        problems.add(("samples",), text, ("samples", None, "fires"))
    if all(sample.fires for sample in rule.samples):
        text = "no quiet sample: add a near miss that the rule must not find (fires: 0)"
        problems.add(("samples",), text, ("samples", None, "fires"))
