"""What people write (rule files, configuration) against the frozen nouns it becomes: every problem at once.

A value of the wrong form is replaced by a blank one, so that the meaning of the rest can be judged in the same run.
What would be judged by a blank is not told: it may be gone once the form is mended.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, ForwardRef, Literal, TypeVar, Union

import msgspec
from msgspec import NODEFAULT, Struct

if TYPE_CHECKING:
    from pydantic import BaseModel

Noun = TypeVar("Noun", bound=Struct)
KeyPath = tuple[str | int, ...]
"""Where a value stands: keys, and places in lists from 0."""
Reads = tuple[str | int | None, ...]
"""A path in which None is any part."""


class Problems:
    """The problems of one text, each with the path it stands at."""

    def __init__(self) -> None:
        self.found: list[tuple[KeyPath, str]] = []
        self.blank: list[KeyPath] = []
        """Values that were replaced."""
        self.unsure: list[KeyPath] = []
        """Values of which more may be written: twice, or under a key that nobody knows."""

    def add(self, path: KeyPath, text: str, *reads: Reads) -> None:
        """Add a problem of the value at `path`; not when it was replaced, or one of those that are read besides."""
        if self.stands(path) and not any(
            _meet(lost, read) for lost in (*self.blank, *self.unsure) for read in reads
        ):
            self.found.append((path, text))

    def stands(self, path: KeyPath) -> bool:
        """Whether the value at `path` is as it was written."""
        return not any(path[: len(blank)] == blank for blank in self.blank)


def _meet(path: KeyPath, read: Reads) -> bool:
    """Whether one of the two is, or lies below, the other."""
    return all(part in (mine, None) for mine, part in zip(path, read, strict=False))


def read(
    kind: type[Noun],
    data: dict[str, Any],
    unsure: Iterable[KeyPath] = (),
    hidden: Collection[str] = (),
    filters: Collection[str] = (),
) -> tuple[Noun, Problems]:
    """Return plain data (of JSON's types) as a noun, and every problem of its form.

    `unsure` are paths that `data` leaves out or holds once of twice, `hidden` fields of `kind` that nobody writes,
    `filters` keys that choose something: an empty one would choose everything.
    """
    from pydantic import ValidationError

    problems = Problems()
    data = _listed(kind, data)
    problems.unsure += [lost for path in unsure for lost in _lost(kind, data, path, hidden)]
    for path in _empty(data, filters):
        problems.add(path, f"{path[-1]} is empty: leave it out, or write what to look for")
        problems.blank.append(path)
    try:
        return validate(kind, data), problems
    except ValidationError as error:
        errors = [(_place(kind, item), item) for item in error.errors()]
    misspelt: set[KeyPath] = set()
    for path, item in errors:
        if item["type"] == "extra_forbidden":
            known = _fields_at(kind, path[:-1], hidden)
            problems.add(path, f"unknown key {path[-1]!r}: {nearest(str(path[-1]), known)}")
            problems.unsure += _lost(kind, data, path, hidden)
            misspelt |= {(*path[:-1], name) for name in _near(str(path[-1]), known)}
    problems.found += _of_values(errors, misspelt)
    for path, item in errors:
        if item["type"] != "extra_forbidden":
            problems.blank.append(path)
        data = _mended(kind, data, path)
    return validate(kind, data), problems


def _empty(value: Any, filters: Collection[str]) -> Iterator[KeyPath]:
    """Yield where a filter is written without anything in it."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if inner in ([], {}) and key in filters:
            yield (key,)
        elif isinstance(inner, (dict, list)):
            yield from ((key, *place) for place in _empty(inner, filters))


def _place(kind: Any, item: Any) -> KeyPath:
    """The path of pydantic's error, without the names it gives to the choices of a type."""
    path: KeyPath = tuple(item["loc"])
    while item["type"] != "extra_forbidden" and type_at(kind, path) is None:
        path = path[:-1]
    return path


def _of_values(errors: list[tuple[KeyPath, Any]], misspelt: set[KeyPath]) -> list[tuple[KeyPath, str]]:
    """Word pydantic's errors but unknown keys: what may stand at one path together, and missing is not misspelt."""
    said: dict[KeyPath, str] = {}
    for path, item in errors:
        name = ".".join(map(str, path)) or "the whole"
        if item["type"] == "missing":
            said |= {} if path in misspelt else {path: f"{name} is missing: add it"}
        elif item["type"] != "extra_forbidden":
            said[path] = f"{said[path]}, or {_worded(item)}" if path in said else f"{name}: {_worded(item)}"
    return list(said.items())


def _worded(item: Any) -> str:
    if item["input"] is None:
        return "has no value: write one"
    if item["type"].startswith("date"):
        return "is no date; write 2026-12-31"
    if item["type"] == "json_invalid":
        return "nested too deeply"
    text = f"{item['msg'][0].lower()}{item['msg'][1:]}"
    text = text.replace("a valid array", "a list").replace("an object", "keys with values")  # words of JSON
    if item["type"] == "literal_error":
        text += f", not {str(item['input'])[:60]!r}"
    scalar = item["type"] == "string_type" and not isinstance(item["input"], (dict, list))
    return f"{text}: write it in quotes" if scalar else text


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return what may have been meant by a name that is not known: the nearest one, else `otherwise`, else all."""
    names = sorted(known)
    near = _near(name, names)
    return f"did you mean {near[0]!r}?" if near else otherwise or f"known are {', '.join(names)}"


def _near(name: str, known: Iterable[str]) -> list[str]:
    import difflib  # only for what is wrong

    return difflib.get_close_matches(name, sorted(known), 1)


def _listed(kind: Any, value: Any) -> Any:
    """Return a copy in which one scalar, where a list of scalars may stand, is that list."""
    if isinstance(value, list):
        return [_listed(_inside(kind, place), item) for place, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _listed(_inside(kind, key), item) for key, item in value.items()}
    alone = typing.get_origin(kind) is tuple and isinstance(value, (str, int, float))
    return [value] if alone and noun_in(kind) is None else value


def type_at(kind: Any, path: KeyPath) -> Any:
    """Return the type of the value at a path, None where nothing may stand."""
    for part in path:
        kind = _inside(kind, part)
    return kind


def _inside(kind: Any, part: str | int) -> Any:
    """Return the type of one part of a value of a type."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (tuple, dict):
        return arguments[-1] if origin is dict else arguments[0]
    noun = noun_in(kind)
    return types_of(noun).get(str(part)) if noun else None


def _fields_at(kind: Any, path: KeyPath, hidden: Collection[str]) -> set[str]:
    noun = noun_in(type_at(kind, path))
    return set(noun.__struct_fields__).difference(hidden) if noun else set()


def _lost(kind: Any, data: Any, path: KeyPath, hidden: Collection[str]) -> list[KeyPath]:
    """Paths of values that may stand at `path`: itself or, where it is no known key, the nearest, or all that lack."""
    if type_at(kind, path) is not None:
        return [path]
    known = _fields_at(kind, path[:-1], hidden)
    for part in path[:-1] if known else ():
        data = data[part]
    names = _near(str(path[-1]), known) or [name for name in known if name not in data]
    return [(*path[:-1], name) for name in names]


def _mended(kind: Any, data: Any, path: KeyPath) -> Any:
    """Put a blank value in the place of a wrong one, drop what is not known; return the data, changed."""
    if not path:
        return _blank(kind)
    holder = data
    for part in path[:-1]:
        holder = holder[part]
    found = type_at(kind, path)
    if found is None:
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = _blank(found)
    return data


def _blank(kind: Any) -> Any:
    """The plain data of a value that says nothing."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if NoneType in arguments:
        return None
    if origin is Literal:
        return arguments[0]
    if origin in (Union, UnionType):
        return _blank(arguments[0])
    if _is_noun(kind):
        return {part.name: _blank(part.type) for part in _fields(kind) if part.required}
    return (origin or kind)()


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
