"""One hand-made Report for the golden file of every renderer, each part filled, hostile log text included; and one in
which nothing was found.

The figures agree with each other, so that totals, counts and the gate can be checked against the parts.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec.structs import replace

from logscope.report import (
    AGAIN,
    SCHEMA,
    Alternative,
    Bucket,
    Coverage,
    EvidenceLine,
    Finding,
    Gate,
    Option,
    Phase,
    Plan,
    PlanItem,
    PlanPart,
    Report,
)

HOSTILE = (
    '<script>alert("1")</script> "><img src=x onerror=alert(2)> [x](javascript:alert(3)) '
    "</pre></style><!-- ```` {{ 7 * 7 }} {% raw %} | cell | @maintainers #1 : :error::x # #[error] ]]>"
)
"""What a log may hold after neutralising: printable, and read as markup by somebody."""
_STEPS = ("rejected", "initialize", "verify", "execute", "ok")
_TIMES = ("time", "first_time", "last_time", "first_seen", "last_seen")


def line(source: str, number: int, time: str | None, level: str, text: str, last: int = 0) -> EvidenceLine:
    """One evidence line with an exact time, or in order only where there is none."""
    return EvidenceLine(source, number, last or number, time, "exact" if time else "order", level, text)


def at(clock: str) -> str:
    """An ISO time on the day of the sample."""
    return f"2026-03-02T{clock}+00:00"


def columns(counts: dict[int, int], unit: str = "time") -> tuple[Bucket, ...]:
    """Twenty buckets over two hours, or over 2,000 lines."""
    if unit == "lines":
        return tuple(Bucket(f"line {1 + 100 * i}", counts.get(i, 0)) for i in range(20))
    starts = (divmod(16 * 60 + 54 + 6 * i, 60) for i in range(20))
    return tuple(Bucket(at(f"{h:02}:{m:02}:00"), counts.get(i, 0)) for i, (h, m) in enumerate(starts))


def _whole(value: Any, key: str = "") -> Any:
    """What the file writes in short, written out."""
    if isinstance(value, str):
        return at(value) if key in _TIMES else value.replace("<hostile>", HOSTILE)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if not isinstance(value, dict):
        return value
    whole = {name: _whole(item, name) for name, item in value.items()}
    if "bucket_unit" in whole:
        counts = whole.pop("counts", None)
        buckets = columns(counts, whole["bucket_unit"]) if counts else ()
        return {"per_hour": None, "span_seconds": None, **whole, "buckets": msgspec.to_builtins(buckets)}
    if "level" in whole and "text" in whole:
        time = whole.get("time")
        return {
            "last_line": whole["line"],
            "time": time,
            "told": re.sub(r"\A[A-Z]+:\s*(?:[\w.]+:)?|\n.*", "", whole["text"], flags=re.DOTALL),
            "time_quality": "exact" if time else "order",
            **whole,
        }
    if "outcome" in whole:
        begin, names = whole.pop("first_line"), _STEPS[whole["outcome"] == "first-try" :][: whole["steps"]]
        whole["steps"] = [
            {
                "step": name,
                "line": begin + 3 * i,
                "time": at(f"17:48:{i:02}"),
                "source": "worker.log" if name == "ok" else "api.log",
            }
            for i, name in enumerate(names)
        ]
    return whole


_REPORT = _whole(yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8")))


def sample_finding(rule: str) -> Finding:
    """The finding of a rule."""
    return next(found for found in msgspec.convert(_REPORT["findings"], list[Finding]) if found.rule == rule)


init_timeout = partial(sample_finding, "mcp-session-init-timeout")
first_400 = partial(sample_finding, "mcp-400-before-session")
port_in_use = partial(sample_finding, "port-in-use")
team_rule = partial(sample_finding, "team-queue-lag")


def item(number: int, option: Option, found: Finding) -> PlanItem:
    """A plan item that takes its words from the option."""
    return PlanItem(
        number,
        option.id,
        option.title,
        (found.rule,),
        option.effort_minutes,
        option.priority,
        found.severity,
        option.steps,
    )


def plan() -> Plan:
    """Three phases, what waits until it is seen again, alternatives, and one item that did not fit the budget."""
    credit, timeout = sample_finding("anthropic-credit-balance"), init_timeout()
    first, port, scope = first_400(), port_in_use(), sample_finding("cancel-scope")
    shared = PlanPart(
        scope.rule, "Close in the task that opened", ("Wait for `stop()` before the next start.",)
    )
    prewarm = item(4, timeout.options[1], timeout)
    others = ((credit, 1), (timeout, 2), (timeout, 3))
    return Plan(
        (
            Phase(
                "Quick wins", 45, (item(1, credit.options[0], credit), item(2, timeout.options[0], timeout))
            ),
            Phase("This week", 60, (item(3, first.options[0], first),)),
            Phase("Later", 60, (replace(prewarm, findings=(timeout.rule, scope.rule), parts=(shared,)),)),
            Phase(AGAIN, 20, (item(5, port.options[0], port),)),
        ),
        165,
        tuple(
            Alternative(found.rule, option.id, option.title, option.effort_minutes, option.priority)
            for found, option in ((found, found.options[place]) for found, place in others)
        ),
        "After the quick wins, on a log of the next restart.",
        200,
        (item(6, scope.options[0], scope),),
    )


def sample_report() -> Report:
    """The sample: six findings, one unexplained error, two signals, a plan of 185 minutes, notes."""
    return msgspec.convert({**_REPORT, "schema": SCHEMA, "plan": msgspec.to_builtins(plan())}, Report)


def empty_report() -> Report:
    """A Report of a quiet log: what the sections say when they have nothing to say."""
    return replace(
        sample_report(),
        findings=(),
        unexplained=(),
        signals=(),
        plan=Plan((), 0, (), ""),
        checks=(),
        metrics=(),
        notes=(),
        inputs=(),
        coverage=Coverage(1, 10, 2, 0, 0, 0, None, 0, {}, 70, ()),
        gate=Gate(0, "no active finding at or above high", {}),
    )
