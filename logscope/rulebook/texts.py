"""Texts of rules as templates over captures and figures, in Jinja's sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from logscope.rulebook.rule import Rule

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

MARKS = _BEGIN, _PART, _END = "\ue000", "\ue001", "\ue002"
"""Around and between several values that a template has shown; no log text in such a text may hold one."""
_SHOWN = re.compile(f"(`?){_BEGIN}([^{_END}]*){_END}(`?)")

OPERATORS = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%"}
FILTERS = tuple(
    "abs capitalize d default first float int join last length lower max min round "
    "string title trim truncate upper".split()
)
_ALLOWED = "a text shows captures and figures, reckons with + - * / // % and chooses with if"
_HARMLESS = frozenset(
    "Template Output TemplateData Name Const List Tuple Getattr Getitem Slice If CondExpr Assign Compare Operand "
    "And Or Not Neg Pos Concat Filter Test Keyword".split()
)
"""What a template may be made of: nothing that repeats, calls, or makes more than it was given."""


class _Several:
    """What is one value to reckon with, and all of them where it is shown."""

    parts: tuple[str, ...]
    several = True
    """What a template may ask, for a plural."""

    def __str__(self) -> str:
        return f"{_BEGIN}{_PART.join(self.parts)}{_END}"


class _SeveralTexts(_Several, str):
    pass


class _SeveralNumbers(_Several, int):
    pass


def stem_of(name: str) -> str:
    """Return the name that the captures `host` and `host2` share."""
    return name.rstrip("0123456789")


def several(value: str | int, named: Sequence[str], count: int) -> Any:
    """Return the value, to be shown as those `named` of `count` values."""
    made: Any = _SeveralNumbers(value) if isinstance(value, int) else _SeveralTexts(value)
    made.parts = (str(value), *named, f"{count - len(named)} more" if count > len(named) else "")
    return made


def rule_texts(rule: Rule) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text of a rule that may hold a template, with its path."""
    if rule.explain:
        yield ("explain", "impact", "feature"), rule.explain.impact.feature
        yield ("explain", "impact", "users"), rule.explain.impact.users
        for number, cause in enumerate(rule.explain.causes):
            yield ("explain", "causes", number, "text"), cause.text
    for number, option in enumerate(rule.resolve):
        for name in ("title", "impact", "risk"):
            yield ("resolve", number, name), getattr(option, name)
        for place, step in enumerate(option.steps):
            yield ("resolve", number, "steps", place), step
        if option.snippet:
            yield ("resolve", number, "snippet", "code"), option.snippet.code


def shown_texts(rule: Rule) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text of a rule that reports show, with its path."""
    yield ("title",), rule.title
    for name in ("tags", "references"):
        for number, text in enumerate(getattr(rule, name)):
            yield (name, number), text
    yield from rule_texts(rule)
    for number, code in enumerate(rule.explain.code if rule.explain else ()):
        for name in ("file", "symbol"):
            if (place := getattr(code, name)) is not None:
                yield ("explain", "code", number, name), place
    for number, option in enumerate(rule.resolve):
        if option.snippet:
            yield ("resolve", number, "snippet", "language"), option.snippet.language
            if option.snippet.file:
                yield ("resolve", number, "snippet", "file"), option.snippet.file
    for number, check in enumerate(rule.verify.checks):
        yield ("verify", "checks", number, "text"), check.text
    for number, metric in enumerate(rule.verify.metrics):
        yield ("verify", "metrics", number, "label"), metric.label
        yield ("verify", "metrics", number, "target"), metric.target


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import ChainableUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Reckoning(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(OPERATORS.values())

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if isinstance(left, int | float) and isinstance(right, int | float):
                return super().call_binop(context, operator, left, right)
            raise TypeError(f"{operator} is for numbers")  # a text times a number is a text of any length

    return Reckoning(undefined=ChainableUndefined, autoescape=False)  # plain text; sinks escape


def undeclared(text: str) -> set[str]:
    """Return the names a template text uses; jinja2.TemplateError when it is none, or may take long to fill."""
    if "{" not in text:
        return set()
    from jinja2 import TemplateError, meta, nodes

    tree = _environment().parse(text)
    for node in tree.find_all(nodes.Node):
        kind = type(node).__name__
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise TemplateError(f"there is no filter {node.name!r} in a rule: known are {', '.join(FILTERS)}")
        if isinstance(node, nodes.Getattr) and node.attr != "several":
            raise TemplateError(f"{node.attr!r} is no part of a capture")
        if kind not in _HARMLESS and kind not in OPERATORS:
            raise TemplateError(f"{kind.lower()} is not for rules: {_ALLOWED}")
    made = [node.target.name for node in tree.find_all(nodes.Assign) if isinstance(node.target, nodes.Name)]
    for node in tree.find_all(nodes.Assign):
        if any(name.name in made for name in node.node.find_all(nodes.Name)):  # it could double each time
            raise TemplateError("a name that was set cannot be set from another one")
    return meta.find_undeclared_variables(tree)


def fill(text: str, values: Mapping[str, Any], code: bool = False) -> str:
    """Return the text with its values; a text that fails for a strange value is given as it stands.

    In `code`, and in the text's own code that is more than the value, stands one of several values.
    """
    if "{{" not in text and "{%" not in text:
        return text
    from jinja2 import TemplateError

    try:
        filled = _environment().from_string(text).render(values)
    except (TemplateError, ArithmeticError, TypeError, ValueError, SyntaxError, RecursionError):
        return text
    if not any(isinstance(value, _Several) for value in values.values()):
        return filled
    return _SHOWN.sub(lambda shown: _listed(shown, code), filled)


def _listed(shown: re.Match[str], code: bool) -> str:
    """Several values as one sees them: `a, b and c`, each in the marks of code that stand around them."""
    before, after = shown[1], shown[3]
    one, *named, more = shown[2].split(_PART)
    whole = before == after
    if code or not whole or (not before and shown.string.count("`", 0, shown.start()) % 2):
        return f"{before}{one}{after}"
    told = [*(f"{before}{value}{after}" for value in named), *([more] if more else [])]
    return f"{', '.join(told[:-1])} and {told[-1]}"
