"""The other tools on the same file: ripgrep and GNU grep with the rules' own patterns, lnav headless."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from logscope.resources import data_dir
from logscope.rulebook.index import conditions_in
from logscope.rulebook.parts import parts_of
from logscope.rulebook.ruleset import load_ruleset

_FOR_GREP = ((r"(?:", "("), (r"\d", "[0-9]"), (r"(?i)", ""), (r"(?m)", ""), (r"(?s)", ""))
RG = ("rg", "-c", "-j1", "--regex-size-limit", "1G")
"""`rg -c -f` with one thread; all patterns at once are beyond its default size."""
RG_TUNED = (*RG, "--dfa-size-limit", "1G", "--no-unicode")
"""The quickest that it can be made: room for its automaton, and bytes instead of the Unicode that the rules mean."""
LNAV = ("lnav", "-n", "-N", "-c", ";SELECT log_level, count(*) FROM all_logs GROUP BY log_level")
"""lnav without its screen, reading a file and counting its events by level."""
PROBE_LIMIT = 5.0
"""Seconds in which a tool must have read one pattern."""
_NAMED = re.compile(r"\(\?P<\w+>")


@dataclass(frozen=True, slots=True)
class Patterns:
    """The rules' patterns as one tool takes them."""

    file: Path
    used: int
    refused: tuple[str, ...]


def rule_patterns() -> tuple[str, ...]:
    """Return every literal (escaped) and regular expression of the shipped rules, sorted."""
    found: set[str] = set()
    for rule in load_ruleset([data_dir("rules")], None).rules:
        own = [part.condition for part in parts_of(rule) if part.path[0] == "detect"]
        for condition in conditions_in(own):
            found |= {re.escape(text).replace("\\ ", " ") for text in condition.text}
            found |= set(condition.regex)
    return tuple(sorted(found))


def patterns_for(tool: str, folder: Path) -> Patterns:
    """Write the patterns that `tool` (rg or grep) accepts to a file, one per line."""
    used: list[str] = []
    refused: list[str] = []
    for pattern in rule_patterns():
        known = _NAMED.sub("(", pattern)
        if tool == "grep":
            for old, new in _FOR_GREP:
                known = known.replace(old, new)
        probe = [*RG_TUNED, "-e", known] if tool == "rg" else ["grep", "-E", "-c", "-e", known]
        taken = "\n" not in known and _takes(probe)
        (used if taken else refused).append(known)
    file = folder / f"patterns-{tool}.txt"
    file.write_text("".join(f"{pattern}\n" for pattern in used), encoding="utf-8")
    return Patterns(file, len(used), tuple(refused))


def _takes(probe: Sequence[str]) -> bool:
    """Whether a tool reads a pattern without a word, and in time: grep compiles some long ones for minutes."""
    try:
        done = subprocess.run(probe, input=b"\n", capture_output=True, check=False, timeout=PROBE_LIMIT)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode < 2 and not done.stderr


def version(tool: str) -> str:
    """Return a tool's name and version, or that it is not installed."""
    if shutil.which(tool) is None:
        return f"{tool}: not installed"
    done = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or [tool])[0]
