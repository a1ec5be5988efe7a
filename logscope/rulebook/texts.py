"""Texts of rules as templates over captures and figures, in Jinja's sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from logscope.rulebook.rule import Rule

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment


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


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import ChainableUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        undefined=ChainableUndefined, autoescape=False
    )  # plain text; sinks escape


def undeclared(text: str) -> set[str]:
    """Return the names a template text uses; jinja2.TemplateError when it is none."""
    if "{" not in text:
        return set()
    from jinja2 import meta

    return meta.find_undeclared_variables(_environment().parse(text))


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Return the text with its values; a text that fails for a strange value is given as it stands."""
    if "{{" not in text and "{%" not in text:
        return text
    from jinja2 import TemplateError

    try:
        return _environment().from_string(text).render(values)
    except (TemplateError, ArithmeticError, TypeError, ValueError, SyntaxError, RecursionError):
        return text
