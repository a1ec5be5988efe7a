"""Reports at and beyond the bounds of a page, made from the sample."""

from __future__ import annotations

from msgspec.structs import replace
from sample_report import init_timeout, line, sample_report

from logscope.render.text import SEVERITIES
from logscope.report import Report


def big_report(findings: int, evidence: int, characters: int = 160) -> Report:
    """The sample with `findings` findings that share `evidence` lines of `characters` each."""
    base = init_timeout()
    text = ("ERROR:mcp_manager:MCP session initialization timed out <after> 90 seconds & more " * 1000)[
        :characters
    ]
    each, rest = divmod(evidence, findings)
    made = tuple(
        replace(
            base,
            rule=f"made-{i}",
            severity=SEVERITIES[min(i * 5 // findings, 4)],
            first_line=10 * i + 1,
            evidence=tuple(
                line("api.log", 10 * i + n + 1, "2026-03-02T17:02:11+00:00", "error", f"{n} {text}")
                for n in range(each + (i < rest))
            ),
        )
        for i in range(findings)
    )
    return replace(sample_report(), findings=made)
