"""Which files of a folder are rules, and what is said of one that is wrong."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from logscope.errors import UsageError

RULE_ENDINGS = (".yaml", ".yml")
MAX_BYTES = 1 << 20
"""A larger file is no rule."""


class Problem(Struct, frozen=True, order=True):
    """One thing wrong in a rule file: where (line and column from 1), what, and what to write instead."""

    path: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.text}"


def rule_files(path: Path) -> list[Path]:
    """Return the rule files of a folder (recursively, hidden ones not), sorted, or the file itself.

    Raises UsageError where there is none: nobody names rules and means none.
    """
    if os.path.isfile(path):
        return [path]
    if not os.path.isdir(path):
        problem = "neither a file nor a folder" if os.path.exists(path) else "no such rule file or folder"
        raise UsageError(f"{path}: {problem}", "Name a rule file or a folder of them.")
    try:
        files = sorted(file for file in _below(path) if file.suffix in RULE_ENDINGS)
    except OSError as error:
        hint = "Make it readable, or leave it out."
        raise UsageError(f"{error.filename}: cannot be read: {error.strerror}", hint) from error
    if not files:
        hint = f"Rule files end in {' or '.join(RULE_ENDINGS)}; hidden ones are not read."
        raise UsageError(f"{path}: no rule file in this folder", hint)
    return files


def _below(path: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise error

    files: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(folder, name) for name in names if not name.startswith(".")]
    return files
