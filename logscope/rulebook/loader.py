"""Rule files to rules: every problem of every file at once, each with path, line and what to write instead."""

from __future__ import annotations

import ast
import difflib
import inspect
import itertools
import typing
from typing import Any

from msgspec import Struct

from logscope.rulebook import rule as language
from logscope.rulebook.checks import check_rule, check_together
from logscope.rulebook.rule import Rule
from logscope.rulebook.yaml_reader import Document, Problem, read_yaml
from logscope.validation import model_of, noun_in, types_of, validate


class Loaded(Struct, frozen=True):
    """A rule with the document it came from (for the place of later problems)."""

    rule: Rule
    document: Document


def load_texts(texts: list[tuple[str, str, str]]) -> tuple[list[Loaded], list[Problem]]:
    """Load rules from (name shown, area, YAML text); problems cover form, types and meaning of each file."""
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    for where, area, text in texts:
        document, found = read_yaml(text, where)
        problems += found
        if document is None:
            continue
        rule, found = _validate(document, where, area)
        problems += found
        if rule is not None:
            problems += check_rule(rule, document, where)
            loaded.append(Loaded(rule, document))
    problems += check_together([(item.rule, item.document) for item in loaded])
    return loaded, sorted(problems)


def rule_schema() -> dict[str, Any]:
    """Return the JSON Schema of a rule file, each key with what the rule language says of it."""
    schema: dict[str, Any] = model_of(Rule).model_json_schema()
    said = _field_texts()
    for title, noun in [("Rule", schema), *schema["$defs"].items()]:
        for name, field in noun.get("properties", {}).items():
            field.pop("title", None)
            items = field.get("items", {})
            if field.get("type") == "array" and not items.get("$ref"):
                default = {"default": field.pop("default")} if "default" in field else {}
                field = noun["properties"][name] = {"anyOf": [field, items], **default}
            if (title, name) in said:
                noun["properties"][name] = {**field, "description": said[title, name]}
    for name in ("area", "path"):
        schema["properties"].pop(name, None)
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "logscope rule"}


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


def _validate(document: Document, where: str, area: str) -> tuple[Rule | None, list[Problem]]:
    from pydantic import ValidationError

    if not isinstance(document.data, dict):
        return None, [Problem(where, 1, 1, "a rule file holds one mapping: id, title, severity, detect, …")]
    if problems := [
        Problem(where, *document.place((name,)), f"unknown key {name!r}: the loader sets it")
        for name in ("area", "path")
        if name in document.data
    ]:
        return None, problems
    data = {**_wrap(Rule, document.data), "area": area, "path": where}
    try:
        return validate(Rule, data), []
    except ValidationError as error:
        return None, [_problem(item, document, where) for item in error.errors()]


def _wrap(kind: Any, value: Any) -> Any:
    """A scalar where a list of scalars stands is that list; everything else is left as it is."""
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        if isinstance(value, list):
            return [_wrap(arguments[0], item) for item in value]
        scalar = isinstance(value, (str, int)) and noun_in(arguments[0]) is None
        return [value] if scalar else value
    noun = noun_in(kind)
    if noun is not None and isinstance(value, dict):
        hints = types_of(noun)
        return {key: _wrap(hints.get(key), item) for key, item in value.items()}
    return value


def _problem(item: Any, document: Document, where: str) -> Problem:
    path = tuple(part for part in item["loc"])
    line, column = document.place(path)
    if item["type"] == "extra_forbidden":
        return Problem(where, line, column, _unknown_key(str(path[-1]), path[:-1]))
    if item["type"] == "missing":
        return Problem(where, line, column, f"{'.'.join(map(str, path))} is missing: add it")
    name = ".".join(str(part) for part in path) or "the rule"
    hint = (
        ": write it in quotes"
        if item["type"] == "string_type" and not isinstance(item["input"], (dict, list))
        else ""
    )
    return Problem(where, line, column, f"{name}: {item['msg'][0].lower()}{item['msg'][1:]}{hint}")


def _unknown_key(key: str, path: tuple[Any, ...]) -> str:
    known = sorted(_known_keys(path) - {"area", "path"})
    near = difflib.get_close_matches(key, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"unknown key {key!r}: {hint}"


def _known_keys(path: tuple[Any, ...]) -> set[str]:
    """Names of the fields of the noun that stands at `path` in a rule."""
    noun: type[Struct] = Rule
    for part in path:
        noun = noun_in(types_of(noun).get(part)) or noun
    return set(noun.__struct_fields__)
