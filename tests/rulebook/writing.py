"""Rule files for tests: one that is right, and ways to spoil it."""

from __future__ import annotations

from pathlib import Path

from logscope.rulebook.loader import load_texts
from logscope.rulebook.rule import Rule

RIGHT = """\
id: ledger-timeout
title: The ledger times out
severity: medium
detect:
  regex: 'Ledger call timed out after (?P<seconds>\\d+)s'
explain:
  impact: {feature: Payments, users: Payments fail}
  causes:
    - {id: busy, text: The ledger is busy}
resolve:
  - id: retry
    title: Retry after {{ seconds }} s
    recommended: true
    priority: high
    effort: 1h
    impact: Payments succeed
verify:
  checks:
    - {id: none-left, text: No timeouts, expect: occurrences == 0}
  metrics:
    - {id: timeouts, label: Timeouts, value: occurrences, target: '0'}
samples:
  - name: fires
    fires: 1
    log: "ERROR:pay:Ledger call timed out after 30s\\n"
  - name: quiet
    fires: 0
    log: "ERROR:pay:Mail call timed out after 30s\\n"
"""
SIGNAL = """\
id: {id}
title: A signal
severity: info
signal: true
detect: {{text: {text}, where: {{level: [any]}}}}
samples:
  - {{name: fires, fires: 1, log: "INFO:app:{text}\\n"}}
  - {{name: quiet, fires: 0, log: "INFO:app:nothing of the kind\\n"}}
"""


def spoiled(old: str, new: str) -> str:
    """Return the right rule with one part replaced."""
    assert RIGHT.count(old) == 1
    return RIGHT.replace(old, new)


def problems_of(text: str, name: str = "ledger-timeout.yaml") -> list[str]:
    """Return every problem of one rule file, as shown."""
    _, problems = load_texts([(name, "area", text.encode())])
    return [str(problem) for problem in problems]


def rule_of(text: str, name: str = "ledger-timeout.yaml") -> Rule:
    """Return the rule of a text without problems."""
    (rule,), problems = load_texts([(name, "area", text.encode())])
    assert problems == []
    return rule


def write_rule(folder: Path, text: str = RIGHT, name: str = "ledger-timeout") -> Path:
    """Write a rule file below a folder, with parents; return its path."""
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
