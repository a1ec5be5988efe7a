"""Write the golden text files anew from the sample report; read the difference before keeping it."""

from __future__ import annotations

from pathlib import Path

from sample_report import sample_report

from logscope.render import checklist, handoff, markdown, terminal, terminal_checklist

GOLDEN = Path(__file__).parents[1] / "golden"

if __name__ == "__main__":
    report = sample_report()
    for name, text in {
        "plan.md": markdown.render(report),
        "plan-mermaid.md": markdown.render(report, mermaid=True),
        "handoff.md": handoff.render(report),
        "checklist.md": checklist.render(report),
        "checklist.txt": terminal_checklist.render(report),
        "summary.txt": terminal.render(report),
        "full.txt": terminal.render(report, full=True),
    }.items():
        (GOLDEN / name).write_text(text, "utf-8")
