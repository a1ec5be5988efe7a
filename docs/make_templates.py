"""Write docs/templates.md: the hand-written head below, then every field of the Report from its source."""

from __future__ import annotations

import ast
from pathlib import Path

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "logscope" / "report.py"
ROOT = "Report"
PLAIN = {
    "area": "Folder of the rule: mcp, llm, server, …",
    "bytes": "Bytes read, after decompression.",
    "captures": "What the rule's pattern captured, by name: log text.",
    "checks": "The testing checklist.",
    "code": "Where it happens in the application's code.",
    "Snippet.code": "The proposed lines.",
    "count": "Occurrences in it.",
    "coverage": "What was read, skipped, not understood.",
    "current": "The line itself, not one around it.",
    "effort_minutes": "Estimated work.",
    "encoding": "Text encoding.",
    "evidence": "Real log lines.",
    "excerpt": "The source lines around it.",
    "exit_code": "What the run ended with; see docs/exit-codes.md.",
    "feature": "What part of the product it touches.",
    "file": "Path, relative to the repository where it is known.",
    "finding": "Rule id of the finding.",
    "first_seen": "Time of the first one; none without a clock.",
    "first_time": "Time of the first event; none without a clock.",
    "format": "Log format that was detected.",
    "gate": "The verdict.",
    "generated": "When the report was made.",
    "id": "Stable identifier.",
    "impact": "What it means, or what it brings.",
    "inputs": "The sources as they were read.",
    "items": "In the order to do them.",
    "kind": "unreadable, binary, truncated, cut, document, timeout, switched-off, copy, time, configuration or waiver.",
    "label": "What the figure counts.",
    "language": "python, bash, …",
    "last_line": "Last line, when it spans several.",
    "last_seen": "Time of the last one; none without a clock.",
    "last_time": "Time of the last event; none without a clock.",
    "level": "Log level, lower case; empty when unknown.",
    "line": "Line number, from 1.",
    "lines": "Lines read.",
    "metrics": "Figures with a target.",
    "name": "Name as shown.",
    "notes": "Whatever was skipped, shortened or guessed.",
    "number": "Line number.",
    "occurrences": "How many.",
    "option": "Id of the option.",
    "per_hour": "Rate; none without a clock, or where the log covers less than ten minutes.",
    "plan": "What to do, in which order.",
    "frequency": "How often.",
    "next_review": "When to look again.",
    "observed": "Whether the log shows evidence for it.",
    "start": "An ISO time, or `line N`.",
    "phases": "Quick wins, this week, later.",
    "prefix": "What the log collector put before each line: compose, cri, journald, …",
    "priority": "high, medium or low.",
    "reason": "Why.",
    "recommended": "The one the plan takes.",
    "recovered": "How many healed by themselves; of a sequence, sessions that recovered.",
    "references": "Addresses where a maintainer says so.",
    "rejected_first": "Sessions whose first request was refused.",
    "requests_5xx": "Of those, answered with a status of 500 or more.",
    "risk": "What may go wrong with it.",
    "rule": "Id of the rule.",
    "rules_loaded": "Rules that were applied.",
    "rules_off": "Ids of rules that were switched off.",
    "schema": "`logscope/report@1`.",
    "sequence": "Only for rules that follow sessions.",
    "session": "Its key in the log: log text.",
    "sessions": "Sessions seen.",
    "severity": "critical, high, medium, low or info.",
    "severity_reason": "Why it was raised, when it was.",
    "signals": "What works, seen in the log.",
    "snippet": "Code to start from.",
    "source": "Name of the source.",
    "sources": "Names of the sources it was seen in.",
    "Coverage.sources": "Sources read.",
    "span_seconds": "From the first to the last; none without a clock.",
    "stalled": "Sessions that never got through.",
    "step": "Name of the step.",
    "steps": "What to do, in order; inline Markdown.",
    "symbol": "Function, method or class.",
    "tags": "Of the rule.",
    "target": "What it should be.",
    "Sessions.target": "The first-try success to reach, 0 to 1.",
    "text": "In words; inline Markdown where a rule wrote it.",
    "CodeLine.text": "The line as it is.",
    "time": "When; none without a clock.",
    "time_quality": "exact, interpolated or order.",
    "title": "One line of plain text.",
    "total_minutes": "Sum of the efforts; of a plan without those of `If seen again`.",
    "unexplained": "Errors that no rule matched.",
    "unexplained_events": "Error events that no rule matched.",
    "url": "Link to the forge; empty without one.",
    "users": "What users notice.",
    "waiver": "Reason, owner and expiry, when it is waived.",
    "where": "Source, or source:line, or rule.",
    "ambiguous": "More than one reading is possible.",
    "before": "The value of this log, or of the baseline.",
    "blocking": "Whether the application stops working; none when unknown.",
    "budget_minutes": "What --budget allowed; none without it.",
}
"""Meanings of fields that report.py leaves to their names, by name or by class and name."""


def write_manual() -> str:
    """Return the text of docs/templates.md."""
    classes = _classes(ast.parse(SOURCE.read_text("utf-8")))
    sections = [_section(name, classes) for name in _reachable(ROOT, classes)]
    return (DOCS / "templates.head.md").read_text("utf-8") + "\n" + "\n".join(sections)


def _classes(module: ast.Module) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}


def _reachable(root: str, classes: dict[str, ast.ClassDef]) -> list[str]:
    """Class names in the order in which a reader meets them."""
    found = [root]
    for name in found:
        for field in _fields(classes[name]):
            used = [node.id for node in ast.walk(field.annotation) if isinstance(node, ast.Name)]
            found += [other for other in used if other in classes and other not in found]
    return found


def _fields(node: ast.ClassDef) -> list[ast.AnnAssign]:
    return [statement for statement in node.body if isinstance(statement, ast.AnnAssign)]


def _section(name: str, classes: dict[str, ast.ClassDef]) -> str:
    node = classes[name]
    lines = [f"### {name}", ""]
    if summary := ast.get_docstring(node):
        lines += [" ".join(summary.split()), ""]
    lines += ["| Field | Type | Meaning |", "|-------|------|---------|"]
    for field, note in _documented(node):
        own = ast.unparse(field.target)
        meaning = note or PLAIN.get(f"{name}.{own}") or PLAIN.get(own, "")
        lines.append(f"| `{own}` | {_type(field.annotation, classes)} | {meaning} |")
    return "\n".join([*lines, ""])


def _documented(node: ast.ClassDef) -> list[tuple[ast.AnnAssign, str]]:
    pairs = []
    for place, statement in enumerate(node.body):
        if isinstance(statement, ast.AnnAssign):
            following = node.body[place + 1] if place + 1 < len(node.body) else None
            pairs.append((statement, _note(following)))
    return pairs


def _note(statement: ast.stmt | None) -> str:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return " ".join(str(statement.value.value).split()).replace("|", "\\|") if is_text else ""


def _type(annotation: ast.expr, classes: dict[str, ast.ClassDef]) -> str:
    """A Python annotation in the words of the manual."""
    if isinstance(annotation, ast.BinOp):
        return f"{_type(annotation.left, classes)} or none"
    if isinstance(annotation, ast.Subscript):
        inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        if ast.unparse(annotation.value) == "Literal":
            return "text"
        if ast.unparse(annotation.value) == "tuple":
            return f"list of {_type(inner[0], classes)}"
        return f"object of {_type(inner[-1], classes)} by name"
    name = ast.unparse(annotation)
    words = {"int": "integer", "float": "number", "bool": "true or false"}
    return f"[{name}](#{name.lower()})" if name in classes else words.get(name, "text")


if __name__ == "__main__":
    (DOCS / "templates.md").write_text(write_manual(), "utf-8")
