"""Rule files to rules: every problem of every file at once, each with path, line and what to write instead."""

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from logscope.rulebook import rule as language
from logscope.rulebook.checks import check_references, check_rule
from logscope.rulebook.files import Problem
from logscope.rulebook.rule import Condition, Exercise, HttpWhere, Rule, Where
from logscope.rulebook.usual import with_usual
from logscope.rulebook.yaml_reader import Document, read_yaml
from logscope.validation import Problems, read

_SET_HERE = ("area", "path")
"""Fields of a rule that say where it was read."""
_FILTERS = {name for noun in (Condition, Where, HttpWhere, Exercise) for name in noun.__struct_fields__} - {
    "any"
}
"""What chooses events or triggers; a step's `any` is empty where only lazy ways show it."""


class _Loaded(Struct, frozen=True):
    """A rule as far as it can be read, the document it came from, and what is wrong with it."""

    rule: Rule
    document: Document
    problems: Problems

    @property
    def placed(self) -> list[Problem]:
        """The problems, each with its place in the file."""
        found = self.problems.found
        return [Problem(self.rule.path, *self.document.place(path), text) for path, text in found]


def load_texts(
    *folders: Sequence[tuple[str, str, bytes]], unread: Sequence[Problem] = ()
) -> tuple[list[Rule], list[Problem]]:
    """Return the rules of folders of (path shown, area, content), and every problem of form and meaning.

    A rule replaces one of an earlier folder that has its id. `unread` are problems of files that cannot be read.
    """
    problems = list(unread)
    every: list[_Loaded] = []
    merged: dict[str, _Loaded] = {}
    for files in folders:
        loaded = [item for file in files if (item := _load(*file, problems)) is not None]
        _check_ids(loaded)
        merged |= {item.rule.id: item for item in loaded}
        every += loaded
    paths = [*(path for files in folders for path, *_ in files), *(problem.path for problem in unread)]
    known = merged.keys() | {
        PurePath(path).stem for path in paths
    }  # of files that are not read, the id to be
    for item in every:
        check_references(item.rule, known, item.problems)
    problems += [problem for item in every for problem in item.placed]
    return [merged[name].rule for name in sorted(merged)], sorted(problems)


def _load(where: str, area: str, data: bytes, unusable: list[Problem]) -> _Loaded | None:
    """Return the rule of a file; None, and the problem among those `unusable`, where it is no mapping at all."""
    document, found = read_yaml(data, where)
    unusable += found
    if document is None:
        return None
    if not isinstance(document.data, dict):
        text = "a rule file holds one mapping: id, title, severity, detect, …"
        unusable.append(Problem(where, 1, 1, text))
        return None
    written = {key: value for key, value in document.data.items() if key not in _SET_HERE}
    rule, problems = read(Rule, written, document.unsure, hidden=_SET_HERE, filters=_FILTERS)
    for name in document.data.keys() - written.keys():
        problems.add((name,), f"unknown key {name!r}: the loader sets it")
    rule = with_usual(rule)
    check_rule(rule, problems)
    return _Loaded(replace(rule, area=area, path=where), document, problems)


def _check_ids(loaded: Iterable[_Loaded]) -> None:
    first: dict[str, str] = {}
    for item in loaded:
        name = item.rule.id
        if name in first:
            item.problems.add(("id",), f"id {name!r} is also that of {first[name]}: ids are unique")
        elif item.problems.stands(("id",)):
            first[name] = item.rule.path


def rule_schema() -> dict[str, Any]:
    """Return the JSON Schema of a rule file, each key with what the rule language says of it."""
    _, nouns = msgspec.json.schema_components([Rule])
    said = _field_texts()
    for title, noun in nouns.items():
        noun["additionalProperties"] = False
        for name, field in noun["properties"].items():
            items = field.get("items", {})
            if items and "$ref" not in items:
                default = {"default": field.pop("default")} if "default" in field else {}
                field = noun["properties"][name] = {"anyOf": [field, items], **default}
            if (title, name) in said:
                field["description"] = said[title, name]
    schema = nouns.pop("Rule") | {"title": "logscope rule"}
    for name in _SET_HERE:
        del schema["properties"][name]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "$defs": nouns}


def _field_texts() -> dict[tuple[str, str], str]:
    """Return what stands below each field in the source of the language, by (class, field)."""
    texts: dict[tuple[str, str], str] = {}
    for noun in ast.parse(inspect.getsource(language)).body:
        for field, below in itertools.pairwise(noun.body if isinstance(noun, ast.ClassDef) else ()):
            if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
                name, text = ast.unparse(field.target), ast.literal_eval(below.value)
                texts[noun.name, name] = " ".join(str(text).split())  # type: ignore[attr-defined]
    for (noun_name, name), text in list(texts.items()):
        if noun_name == "Condition":
            texts |= {("Detect", name): text, ("CauseEvidence", name): text}
    return texts
