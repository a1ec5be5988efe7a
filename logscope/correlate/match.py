"""match: every event that fits is a hit, hits of one failure are one occurrence."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.correlate.incidents import incidents
from logscope.correlate.windows import Restarts
from logscope.model import Hit, RuleHits
from logscope.rulebook.rule import Rule


def correlate(index: int, rule: Rule, hits: Sequence[Hit], restarts: Restarts) -> RuleHits:
    return RuleHits(index, incidents(hits, rule.detect.incident))
