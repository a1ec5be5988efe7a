"""What people write (rule files, configuration) against the frozen nouns it becomes: every problem at once.

A value of the wrong form is replaced by a blank one, so that the meaning of the rest can be judged in the same run.
What would be judged by a blank is not told: it may be gone once the form is mended.
"""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union

from msgspec import Struct
from msgspec.structs import FieldInfo, fields

Noun = TypeVar("Noun", bound=Struct)
KeyPath = tuple[str | int, ...]
"""Where a value stands: keys, and places in lists from 0."""
Reads = tuple[str | int | None, ...]
"""A path in which None is any part."""
_SCALARS = (str, int, float, bool)
_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date such as 2026-12-31",
    tuple: "a list",
    dict: "keys with values",
}


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

    def replace(self, path: KeyPath, text: str) -> None:
        """Add a problem of a value that a blank one takes the place of."""
        self.add(path, text)
        self.blank.append(path)

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
    """Return plain data as a noun, and every problem of its form.

    `unsure` are paths that `data` leaves out or holds once of twice, `hidden` fields of `kind` that nobody writes,
    `filters` keys that choose something: an empty one would choose everything.
    """
    reader = _Reader(tuple(unsure), hidden, filters)
    noun: Noun = reader.noun(kind, data, ())
    return noun, reader.problems


class _Reader:
    """Makes nouns of plain data, and notes what does not fit them."""

    def __init__(
        self, unsure: tuple[KeyPath, ...], hidden: Collection[str], filters: Collection[str]
    ) -> None:
        self.problems = Problems()
        self.problems.unsure += unsure
        self._unsure, self._hidden, self._filters = unsure, hidden, filters

    def noun(self, kind: type[Struct], data: dict[str, Any], path: KeyPath) -> Any:
        """Return a noun of what is written at `path`."""
        known = {name: field for name, field in _fields(kind).items() if path or name not in self._hidden}
        unknown = data.keys() - known.keys()
        for key in unknown:
            self.problems.add((*path, key), f"unknown key {key!r}: {nearest(key, known)}")
        for key in (*unknown, *(str(place[-1]) for place in self._unsure if place[:-1] == path)):
            names = _near(key, known) or known.keys() - data.keys()
            self.problems.unsure += [(*path, name) for name in names]
        made = {}
        for name, field in known.items():
            place = (*path, name)
            if name in data:
                made[name] = self._value(field.type, data[name], place)
            elif field.required:
                if name not in {near for key in unknown for near in _near(key, known)}:
                    self.problems.add(place, f"{_named(place)} is missing: add it")
                self.problems.blank.append(place)
                made[name] = _blank(field.type)
        return kind(**made)

    def _value(self, kind: Any, value: Any, path: KeyPath) -> Any:
        """Return a value as its type has it, a blank one where it does not fit; one scalar may stand for a list."""
        if value in ([], {}) and path[-1] in self._filters:
            self.problems.replace(path, f"{path[-1]} is empty: leave it out, or write what to look for")
            return _blank(kind)
        arm = next((arm for arm in _arms(kind) if _fits(arm, value)), None)
        if arm is None:
            self.problems.replace(path, f"{_named(path)}: {_asked(kind, value)}")
            return _blank(kind)
        if _is_noun(arm):
            return self.noun(arm, value, path)
        origin, arguments = typing.get_origin(arm), typing.get_args(arm)
        if origin is tuple:
            items = enumerate(value if isinstance(value, list) else [value])
            return tuple([self._value(arguments[0], item, (*path, place)) for place, item in items])
        if origin is dict:
            return {key: self._value(arguments[1], item, (*path, key)) for key, item in value.items()}
        if arm is date:
            return date.fromisoformat(str(value))
        return float(value) if arm is float else value


def _arms(kind: Any) -> tuple[Any, ...]:
    """The types of which a value has one."""
    return typing.get_args(kind) if typing.get_origin(kind) in (Union, UnionType) else (kind,)


def _fits(arm: Any, value: Any) -> bool:
    """Whether a value is, on the outside, of a type."""
    kind = typing.get_origin(arm) or arm
    if kind is Literal:
        return value in typing.get_args(arm)
    if kind is tuple:
        return isinstance(value, list) or (type(value) in _SCALARS and not _is_noun(typing.get_args(arm)[0]))
    if kind is date:
        with contextlib.suppress(ValueError):
            return type(value) in (str, date) and date.fromisoformat(str(value)) is not None
        return False
    if _is_noun(kind):
        return isinstance(value, dict)
    return type(value) is kind or (type(value), kind) == (int, float)


def _asked(kind: Any, value: Any) -> str:
    """What to write in the place of a value that has another type."""
    if value is None:
        return "has no value: write one"
    asked = []
    for arm in _arms(kind):
        origin = typing.get_origin(arm) or arm
        if origin is Literal:
            *words, last = map(repr, typing.get_args(arm))
            asked.append(f"{', '.join(words)} or {last}, not {str(value)[:60]!r}")
        elif origin is not NoneType:
            asked.append(_WORDS[dict if _is_noun(arm) else origin])
    quoted = ", in quotes" * (str in _arms(kind) and type(value) in _SCALARS)
    return f"write {', or '.join(asked)}{quoted}"


def _blank(kind: Any) -> Any:
    """A value of a type that says nothing."""
    arm = _arms(kind)[0]
    origin, arguments = typing.get_origin(arm), typing.get_args(arm)
    if NoneType in _arms(kind):
        return None
    if origin is Literal:
        return arguments[0]
    if _is_noun(arm):
        return arm(**{name: _blank(field.type) for name, field in _fields(arm).items() if field.required})
    return (origin or arm)()


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return what may have been meant by a name that is not known: the nearest one, else `otherwise`, else all."""
    names = sorted(known)
    near = _near(name, names)
    return f"did you mean {near[0]!r}?" if near else otherwise or f"known are {', '.join(names)}"


def _near(name: str, known: Iterable[str]) -> list[str]:
    import difflib  # only for what is wrong

    return difflib.get_close_matches(name, sorted(known), 1)


def _named(path: KeyPath) -> str:
    return ".".join(map(str, path))


def _is_noun(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


@cache
def _fields(noun: type[Struct]) -> dict[str, FieldInfo]:
    return {field.name: field for field in fields(noun)}
