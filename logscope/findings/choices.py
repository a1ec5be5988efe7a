"""A rule's options in words, the one that the log recommends first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from logscope.neutral import one_line
from logscope.report import Cause, Option, Snippet
from logscope.rulebook import rule as language
from logscope.rulebook.texts import fill

_WHY = {
    ("if", True): "the log shows the cause that it is for",
    ("if", False): "it is for a cause that the log does not show",
    ("unless", True): "another option fits better, because the log shows this cause",
    ("unless", False): "the usual remedy, as long as the log does not show this cause",
}
"""Why an option is recommended or not: by how it depends on a cause, and whether the log shows that."""


def choose_options(
    rule: language.Rule, causes: Sequence[Cause], words: Mapping[str, Any], rare: Collection[str]
) -> tuple[Option, ...]:
    """Return options in words, the recommended one first; exactly one is recommended.

    One for a cause that is not among `causes`, as the log rules it out, is left out; `rare` causes, of which the log
    tells less often than of another one, decide nothing.
    """
    by_id = {cause.id: replace(cause, text=fill(cause.text, words)) for cause in causes}
    options = [option for option in rule.resolve if _is_open(option, by_id)]
    verdicts = [_verdict(option, by_id, rare) for option in options]
    chosen = next((place for place, (good, _) in enumerate(verdicts) if good), 0)
    order = [chosen, *(place for place in range(len(options)) if place != chosen)] if options else []
    # A reason belongs to the chosen option, and to those that it speaks against.
    reasons = [why if place == chosen or not good else "" for place, (good, why) in enumerate(verdicts)]
    return tuple(_option(options[place], place == chosen, reasons[place], words) for place in order)


def _is_open(option: language.Option, causes: Collection[str]) -> bool:
    condition = str(option.recommended).split()
    return condition[0] != "if" or condition[-1] in causes


def _verdict(option: language.Option, causes: Mapping[str, Cause], rare: Collection[str]) -> tuple[bool, str]:
    """Whether the log recommends an option, and in words why it does or does not."""
    if isinstance(option.recommended, bool):
        return option.recommended, ""
    word, _, _, name = option.recommended.split()
    if name not in causes:
        return True, ""
    cause = causes[name]
    if name in rare:
        return word != "if", f"the log tells of another cause more often than of this one: {cause.text}"
    good = cause.observed if word == "if" else not cause.observed
    return good, f"{_WHY[word, cause.observed]}: {cause.text}"


def _option(option: language.Option, recommended: bool, reason: str, words: Mapping[str, Any]) -> Option:
    snippet = option.snippet
    return Option(
        id=option.id,
        title=one_line(fill(option.title, words)),
        recommended=recommended,
        priority=option.priority,
        effort_minutes=language.minutes(option.effort),
        impact=fill(option.impact, words),
        risk=fill(option.risk, words),
        steps=tuple(fill(step, words) for step in option.steps),
        snippet=None
        if snippet is None
        else Snippet(snippet.language, fill(snippet.code, words, code=True), snippet.file),
        reason=reason,
        fix=option.fix,
    )
