"""YAML text to plain data with the place of every value, safely.

libyaml crashes on deep nesting and neither limits aliases nor refuses duplicate keys, so the event stream is checked
before anything is composed.
"""

from __future__ import annotations

from typing import Any

import yaml
from msgspec import Struct

MAX_BYTES = 1 << 20
MAX_DEPTH = 40

Path = tuple[str | int, ...]


class Problem(Struct, frozen=True, order=True):
    """One thing wrong in a rule file: where (line and column from 1), what, and what to write instead."""

    path: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.text}"


class Document(Struct, frozen=True):
    """A file's data, and the place (line, column from 1) of each value by its path."""

    data: Any
    marks: dict[Path, tuple[int, int]]

    def place(self, path: Path) -> tuple[int, int]:
        """Return the place of `path`, or of the nearest value around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))


def read_yaml(text: str, where: str) -> tuple[Document | None, list[Problem]]:
    """Return the one document of a YAML text, and every problem of its form. None when it cannot be used."""
    if len(text) > MAX_BYTES:
        return None, [Problem(where, 1, 1, f"larger than {MAX_BYTES >> 20} MiB: a rule file holds one rule")]
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
        return None, [_yaml_problem(error, where)]
    if node is None:
        return None, [Problem(where, 1, 1, "empty: a rule file holds one rule")]
    marks: dict[Path, tuple[int, int]] = {}
    problems: list[Problem] = []
    data = _plain(node, (), marks, problems, where)
    return Document(data, marks), problems


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


def _yaml_problem(error: yaml.YAMLError, where: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    text = " ".join(
        part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part
    )
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(where, line, column, f"not YAML: {text or error}")


_SCALARS = yaml.SafeLoader("")


def _plain(
    node: yaml.Node, path: Path, marks: dict[Path, tuple[int, int]], problems: list[Problem], where: str
) -> Any:
    marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, index), marks, problems, where) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, path, marks, problems, where)
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    try:
        return _SCALARS.construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        problems.append(Problem(where, *marks[path], f"unreadable value: {error}"))
        return None


def _plain_mapping(
    node: yaml.MappingNode,
    path: Path,
    marks: dict[Path, tuple[int, int]],
    problems: list[Problem],
    where: str,
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
        key = key_node.value
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != "tag:yaml.org,2002:str":
            problems.append(
                Problem(where, line, column, f"the key {key!r} is no text to YAML: write it in quotes")
            )
            continue
        value = _plain(value_node, (*path, key), marks, problems, where)
        marks[(*path, key)] = (line, column)
        if key in result:
            problems.append(Problem(where, line, column, f"duplicate key {key!r}: keep one"))
            continue
        result[key] = value
    return result
