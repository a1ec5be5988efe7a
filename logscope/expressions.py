"""`occurrences >= 4`: one figure, one operator, one number. Used by escalation, checks and metrics."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping

from msgspec import Struct

FIGURES = tuple(
    "occurrences events recovered per_hour sessions rejected_first stalled success_rate ratio distinct".split()
)
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_SHAPE = re.compile(r"\s*(\w+)\s*(==|!=|<=|>=|<|>)\s*(\d+(?:\.\d+)?)(%?)\s*")


class Expression(Struct, frozen=True):
    figure: str
    operator: str
    number: float

    def holds(self, figures: Mapping[str, float]) -> bool | None:
        """Whether it holds; None when the figure is not known."""
        value = figures.get(self.figure)
        return None if value is None else _OPERATORS[self.operator](value, self.number)


def parse_expression(text: str) -> Expression:
    """Read an expression; ValueError says what is wrong and what to write."""
    match = _SHAPE.fullmatch(text)
    if not match:
        raise ValueError(
            f"{text!r} is no expression; write a figure, an operator and a number: occurrences >= 4"
        )
    figure, symbol, number, percent = match.groups()
    if figure not in FIGURES:
        raise ValueError(f"unknown figure {figure!r}; known are {', '.join(FIGURES)}")
    return Expression(figure, symbol, float(number) / (100 if percent else 1))
