"""ratio: the share of one count in another, above or below a bound. One occurrence, the whole log."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.correlate.windows import Processes
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule


def correlate(index: int, rule: Rule, hits: Sequence[Hit], processes: Processes) -> RuleHits:
    detect = rule.detect
    part = [hit for hit in hits if hit.role == "part"]
    whole = [hit for hit in hits if hit.role == "whole"]
    if not whole or len(whole) < (detect.at_least or 1):
        return RuleHits(index, ())
    share = len(part) / len(whole)
    beyond = (detect.above is not None and share > detect.above) or (
        detect.below is not None and share < detect.below
    )
    occurrences = (Occurrence(tuple(part or whole)),) if beyond else ()
    return RuleHits(index, occurrences, figures={"ratio": share})
