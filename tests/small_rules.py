"""A rule book of a few made-up rules, so that a test knows every rule, check and figure of its run."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runner import write

import logscope.cli.common
from logscope.resources import data_dir

RULE = """\
id: {id}
title: {title}
severity: {severity}
detect:
  text: {text}
  incident: {{seconds: 0, lines: 0}}
explain:
  impact: {{feature: The {area}, users: They wait}}
  causes:
    - {{id: unknown, text: Nobody knows}}
resolve:
  - {{id: fix-{id}, title: Mend the {id}, priority: high, effort: 30m, impact: It works, recommended: true}}
verify:
  checks:
    - {{id: {check}, text: No {id} happens, expect: {expect}{exercised}}}
    - {{id: {id}-watched, text: Somebody watches the {id}}}
  metrics:
    - {{id: {id}-count, label: Times of {id}, value: occurrences, target: '0'}}
samples:
  - {{name: it happens, fires: 1, log: "ERROR:app:{text}"}}
  - {{name: it does not, fires: 0, log: "INFO:app:all is well"}}
"""
SIGNAL = """\
id: app-started
title: Application started
severity: info
signal: true
detect: {text: Application startup complete, where: {level: [info]}}
samples:
  - {name: it starts, fires: 1, log: "INFO:     Application startup complete."}
  - {name: it does not, fires: 0, log: "INFO:     Waiting for application startup."}
"""
STARTED = "INFO:     Application startup complete.\n"
QUIET = "INFO:app:nothing to see\n"
LAG = "ERROR:app.queue:queue lags behind\n"
LEAK = "ERROR:app.memory:memory leaks away\n"
DRIFT = "ERROR:app.clock:clock drifts apart\n"


def rule(name: str, text: str, area: str, severity: str = "high", check: str = "", by: str = "") -> str:
    """A rule that finds each line with `text`; `by` is the signal or rule that exercises its check."""
    exercised = f", exercised_by: {{signals: [{by}]}}" if by else ""
    return RULE.format(
        id=name,
        title=name.replace("-", " ").capitalize(),
        text=text,
        area=area,
        severity=severity,
        check=check or f"no-{name}",
        expect="occurrences == 0",
        exercised=exercised,
    )


RULES = {
    "data/queue-lag.yaml": rule("queue-lag", "queue lags behind", "data", check="never", by="app-started"),
    "server/memory-leak.yaml": rule("memory-leak", "memory leaks away", "server", "medium", by="app-started"),
    "server/clock-drift.yaml": rule("clock-drift", "clock drifts apart", "server", "low", check="never"),
    "signals/app-started.yaml": SIGNAL,
}


def use_small_rules(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs of this test load the rules above, from `folder`, instead of the shipped ones."""
    for name, text in RULES.items():
        write(folder / name, text)
    monkeypatch.setattr(
        logscope.cli.common, "data_dir", lambda name: folder if name == "rules" else data_dir(name)
    )
    monkeypatch.setenv("LOGSCOPE_NO_CACHE", "1")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772452800")  # 2026-03-02 12:00 UTC
