"""Which files of a folder are rules."""

from __future__ import annotations

from pathlib import Path

RULE_ENDINGS = (".yaml", ".yml")


def rule_files(path: Path) -> list[Path]:
    """Return the rule files of a folder (recursively, hidden ones not) or of a single file, sorted."""
    if path.is_file():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.suffix in RULE_ENDINGS
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
