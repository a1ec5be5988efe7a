"""Every document of the sample report against its reviewed file (UPDATE_GOLDEN=1 writes them anew: read the change)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

import pytest
from sample_report import sample_report

from logscope.render import handoff, html, markdown, terminal, terminal_checklist
from logscope.report import Report

GOLDEN = Path(__file__).parents[1] / "golden"


def charts(report: Report) -> str:
    """What Mermaid charts change in the plan, line by line."""
    plain, drawn = (markdown.render(report, mermaid=mermaid).splitlines() for mermaid in (False, True))
    changes = [line for line in unified_diff(plain, drawn, n=0, lineterm="") if not line.startswith("@@")]
    return "\n".join(changes[2:]) + "\n"


def page(report: Report) -> str:
    """The HTML page without its style and script, which stand in files of their own, and their hashes."""
    assets = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", html.render(report), flags=re.DOTALL)
    return re.sub(r"'sha256-[^']+'", "'sha256-…'", assets)


DOCUMENTS: dict[str, Callable[[Report], str]] = {
    "plan.md": markdown.render,
    "plan-charts.diff": charts,
    "plan.html": page,
    "handoff.md": handoff.render,
    "checklist.md": markdown.render_checklist,
    "checklist.txt": terminal_checklist.render,
    "summary.txt": terminal.render,
    "full.txt": lambda report: terminal.render(report, full=True),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_golden(name: str) -> None:
    """The sample report gives the same bytes as the reviewed file."""
    document = DOCUMENTS[name](sample_report())
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(document, "utf-8")
    assert document == (GOLDEN / name).read_text("utf-8")


def test_every_golden_file_is_tested() -> None:
    """No file lies in the folder that nothing is compared with."""
    assert {file.name for file in GOLDEN.iterdir()} == DOCUMENTS.keys()
