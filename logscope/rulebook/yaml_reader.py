"""YAML text to plain data with the place of every value, safely.

libyaml crashes on deep nesting and neither limits aliases nor refuses duplicate keys, so the event stream is checked
before anything is composed.
"""

from __future__ import annotations

from typing import Any

import yaml
from msgspec import Struct

from logscope.rulebook.files import MAX_BYTES, Problem
from logscope.validation import KeyPath

MAX_DEPTH = 40


class Document(Struct, frozen=True):
    """A file's data, and the place (line, column from 1) of each value by its path."""

    data: Any
    marks: dict[KeyPath, tuple[int, int]]
    unsure: tuple[KeyPath, ...] = ()
    """Keys that `data` lacks, because YAML takes them for no text, or holds once of twice."""

    def place(self, path: KeyPath) -> tuple[int, int]:
        """Return the place of `path`, or of the nearest value around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))


def read_yaml(data: bytes, where: str) -> tuple[Document | None, list[Problem]]:
    """Return the one document of a file, and every problem of its form. None when it cannot be used."""
    if len(data) > MAX_BYTES:
        return None, [Problem(where, 1, 1, f"larger than {MAX_BYTES >> 20} MiB: a rule file holds one rule")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, [Problem(where, line, 1, "not UTF-8: save it as UTF-8")]
    try:
        problem = _refuse_traps(text, where)
        if problem:
            return None, [problem]
        loader = yaml.CSafeLoader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        return None, [_yaml_problem(error, text, where)]
    if node is None:
        return None, [Problem(where, 1, 1, "empty: a rule file holds one rule")]
    composer = _Composer()
    plain = composer.plain(node, ())
    problems = [Problem(where, line, column, text) for _, line, column, text in composer.problems]
    return Document(plain, composer.marks, tuple(path for path, *_ in composer.problems)), problems


def _refuse_traps(text: str, where: str) -> Problem | None:
    try:
        return _first_trap(text, where)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None or "nesting depth" not in str(error):
            raise
        return _first_trap(
            text[: mark.index], where
        )  # newer parsers stop there, and earlier than at our bound


def _first_trap(text: str, where: str) -> Problem | None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        mark: Any = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if isinstance(event, yaml.AliasEvent):
            return Problem(where, line, column, "aliases (*name) are not supported: write the value again")
        tag = getattr(event, "tag", None)
        if tag and not (isinstance(event, yaml.ScalarEvent) and tag == "tag:yaml.org,2002:str"):
            return Problem(where, line, column, f"tags ({tag}) are not supported")
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > MAX_DEPTH:
                return Problem(where, line, column, f"nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
    return None


def _yaml_problem(error: yaml.YAMLError, text: str, where: str) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        before = text.encode()[: error.position].decode(errors="replace")
        said = f"the character U+{error.character:04X} cannot stand in YAML: write it as an escape in double quotes"
        return Problem(where, before.count("\n") + 1, len(before) - before.rfind("\n"), said)
    begun: Any = getattr(error, "context_mark", None)
    mark: Any = getattr(error, "problem_mark", None)
    said = " ".join(
        part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part
    )
    if mark and text[mark.index : mark.index + 1] == "\t":
        said = "a tab stands where the line begins: indent with blanks"
    elif "not allowed in this context" in said or "cannot start any token" in said:
        said += ": write the value in quotes"
    elif said.startswith("while") and begun.line < mark.line:
        said += f" (it begins on line {begun.line + 1})"
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(where, line, column, f"not YAML: {said or error}")


_SCALARS = yaml.SafeLoader("")


class _Composer:
    """Makes plain data of nodes, and notes where each value stands and which keys cannot be used."""

    def __init__(self) -> None:
        self.marks: dict[KeyPath, tuple[int, int]] = {}
        self.problems: list[tuple[KeyPath, int, int, str]] = []

    def plain(self, node: yaml.Node, path: KeyPath) -> Any:
        self.marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*path, place)) for place, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if node.tag == "tag:yaml.org,2002:timestamp":
            return node.value
        try:
            return _SCALARS.construct_object(node)
        except (yaml.YAMLError, ValueError):  # `=`, `<<`, a number of thousands of digits
            return node.value

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            text = isinstance(key_node, yaml.ScalarNode)
            key = key_node.value if text else "[…]"
            if not text or key_node.tag != "tag:yaml.org,2002:str":
                said = f"the key {key!r} is no text to YAML: write it in quotes"
                self.problems.append(((*path, key), *place, said))
                continue
            if key in result:
                self.problems.append(((*path, key), *place, f"duplicate key {key!r}: keep one"))
                continue
            result[key] = self.plain(value_node, (*path, key))
            self.marks[(*path, key)] = place
        return result
