"""A report as JSON, and back: what was saved renders to the same bytes as what was just made."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from logscope.errors import UsageError
from logscope.neutral import neutralize
from logscope.report import SCHEMA, Report


def to_json(report: Report) -> str:
    """Return the report as strict JSON, one stable form: two-space indent, fields in declared order, final newline."""
    return json.dumps(msgspec.to_builtins(report), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def from_json(text: str, where: str) -> Report:
    """Read a saved report back, its text made free of control characters once more: anybody may have written it.

    `where` names it in errors. Raises UsageError for what is no report of this schema, or says words that no renderer
    knows.
    """
    try:
        raw = _neutral(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not JSON: {error}", "Give a report written with -o FILE.json.") from error
    schema = raw.get("schema") if isinstance(raw, dict) else None
    if schema != SCHEMA:
        raise UsageError(
            f"{where}: its schema is {repr(schema) if schema else 'not named'}, this version reads {SCHEMA!r}",
            _schema_hint(schema),
        )
    try:
        return msgspec.convert(raw, Report)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{where}: not a complete report: {error}", "Write it again with logscope analyze."
        ) from error


def _neutral(value: Any) -> Any:
    if isinstance(value, str):
        return neutralize(value)
    if isinstance(value, dict):
        return {_neutral(key): _neutral(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_neutral(item) for item in value]
    return value


def _schema_hint(schema: object) -> str:
    prefix, _, number = str(schema).partition("@")
    if (
        prefix == SCHEMA.partition("@")[0]
        and number.isdigit()
        and int(number) > int(SCHEMA.partition("@")[2])
    ):
        return "It was written by a newer logscope: upgrade to read it."
    return "Give a report written by logscope analyze -o FILE.json."
