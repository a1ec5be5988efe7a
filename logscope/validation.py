"""What people write (rule files, configuration) against the frozen nouns it becomes: every problem at once."""

from __future__ import annotations

import json
import typing
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, ForwardRef, Literal, TypeVar, Union

import msgspec
from msgspec import NODEFAULT, Struct

if TYPE_CHECKING:
    from pydantic import BaseModel

Noun = TypeVar("Noun", bound=Struct)


def validate(kind: type[Noun], data: dict[str, Any]) -> Noun:
    """Return plain data (of JSON's types) as a noun. Raises pydantic's ValidationError with all problems."""
    written = model_of(kind).model_validate_json(json.dumps(data, default=str))
    return msgspec.convert(written.model_dump(exclude_unset=True), kind)


@cache
def model_of(kind: type[Struct]) -> type[BaseModel]:
    """Return pydantic's model of a noun and all that it holds: unknown keys and wrong types are errors."""
    from pydantic import ConfigDict, create_model

    config = ConfigDict(extra="forbid", strict=True)
    models: dict[str, type[BaseModel]] = {}
    for noun in _held(kind, {}):
        fields: dict[str, Any] = {part.name: (_named(part.type), _default(part)) for part in _fields(noun)}
        models[noun.__name__] = create_model(noun.__name__, __doc__=noun.__doc__, __config__=config, **fields)
    for model in models.values():
        model.model_rebuild(_types_namespace=models)
    return models[kind.__name__]


def noun_in(hint: Any) -> type[Struct] | None:
    """Return the noun that a type is, or is a list or an option of."""
    return next((one for one in (hint, *typing.get_args(hint)) if _is_noun(one)), None)


def _is_noun(hint: Any) -> bool:
    return typing.get_origin(hint) is None and isinstance(hint, type) and issubclass(hint, Struct)


@cache
def types_of(noun: type[Struct]) -> dict[str, Any]:
    """Return the type of each field of a noun, by name."""
    return {part.name: part.type for part in _fields(noun)}


def _fields(noun: type[Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(noun)


def _held(noun: type[Struct], found: dict[type[Struct], None]) -> dict[type[Struct], None]:
    if noun not in found:
        found[noun] = None
        for hint in types_of(noun).values():
            for part in _parts(hint):
                _held(part, found)
    return found


def _parts(hint: Any) -> typing.Iterator[type[Struct]]:
    if _is_noun(hint):
        yield hint
    for argument in typing.get_args(hint):
        yield from _parts(argument)


def _named(hint: Any) -> Any:
    """Return a type with the names of nouns for the nouns themselves."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if _is_noun(hint):
        return ForwardRef(hint.__name__)
    if not arguments or origin is Literal:
        return hint
    named = tuple(map(_named, arguments))
    return Union[named] if origin in (Union, UnionType) else origin[named]  # noqa: UP007


def _default(part: msgspec.structs.FieldInfo) -> Any:
    from pydantic import Field

    if part.default_factory is not NODEFAULT:
        return Field(default_factory=part.default_factory)
    if isinstance(part.default, Struct):
        return Field(default_factory=type(part.default))
    return ... if part.default is NODEFAULT else part.default
