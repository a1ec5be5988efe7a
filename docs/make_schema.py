"""Writes schema/rule.schema.json, the JSON Schema of rule files, from the rule language in logscope/rulebook/rule.py.

Run it after a change of the language: python docs/make_schema.py
"""

from __future__ import annotations

import json
from pathlib import Path

from logscope.rulebook.loader import rule_schema

TARGET = Path(__file__).resolve().parent.parent / "schema" / "rule.schema.json"


def schema_text() -> str:
    """Return what the file holds: what `logscope rules schema` prints."""
    return json.dumps(rule_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(schema_text(), encoding="utf-8")
