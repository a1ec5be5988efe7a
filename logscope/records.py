"""Plain JSON values to frozen dataclasses, by their type hints. Used for saved reports and for cached rules."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, Union


def from_plain(kind: Any, value: Any) -> Any:
    """Return `value` (JSON types) as `kind`: a dataclass, tuple, dict, union with None, or plain type.

    Raises TypeError or ValueError naming the field when the value does not fit.
    """
    return _builder(kind)(value)


@cache
def _builder(kind: Any) -> Callable[[Any], Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_builder(kind)
    if origin is typing.Annotated:
        return _builder(arguments[0])
    if origin is tuple:
        return _tuple_builder(arguments)
    if origin in (Union, types.UnionType):
        return _union_builder(arguments)
    if origin is Literal or kind is Any:
        return lambda value: value
    return _plain_builder(origin or kind)


def _dataclass_builder(kind: type) -> Callable[[Any], Any]:
    fields: dict[str, Callable[[Any], Any]] = {}  # filled at first use: a noun may hold itself

    def build(value: Any) -> Any:
        if not fields:
            fields.update({name: _builder(hint) for name, hint in typing.get_type_hints(kind).items()})
        if not isinstance(value, Mapping):
            raise TypeError(f"{kind.__name__} is no object")
        unknown = value.keys() - fields.keys()
        if unknown:
            raise ValueError(f"{kind.__name__} has no field {min(unknown)!r}")
        return kind(**{name: fields[name](item) for name, item in value.items()})

    return build


def _tuple_builder(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _builder(arguments[0])
        return lambda value: tuple([item(part) for part in value])
    items = [_builder(argument) for argument in arguments]
    return lambda value: tuple([build(part) for build, part in zip(items, value, strict=True)])


def _union_builder(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    kinds = [argument for argument in arguments if argument is not type(None)]
    if len(kinds) > 1:
        return lambda value: value
    build = _builder(kinds[0])
    return lambda value: None if value is None else build(value)


def _plain_builder(kind: Any) -> Callable[[Any], Any]:
    accepted = (int, float) if kind is float else kind

    def build(value: Any) -> Any:
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
        return value

    return build
