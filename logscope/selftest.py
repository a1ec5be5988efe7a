"""A rule's own samples through the same stages as any log, each against all rules."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import BinaryIO, cast

from msgspec import Struct

from logscope.correlate.silencing import find_occurrences
from logscope.model import RuleHits, Source
from logscope.options import ScanOptions
from logscope.rulebook.rule import Rule, Sample
from logscope.scan.scanner import Scanner
from logscope.scan.source import scan_source
from logscope.sources import Reader

_WRITTEN = 1.8e9
"""When samples are taken to be written: always the same, so that a sample proves the same every year."""


class SampleResult(Struct, frozen=True):
    """What a sample's log made fire."""

    rule: str
    sample: Sample
    failures: tuple[str, ...]
    """What is not as the sample says; empty when it holds."""
    others: tuple[tuple[str, int], ...]
    """Other rules (no signals) that fired, with their occurrences."""


def test_samples(scanner: Scanner, rules: Sequence[Rule]) -> list[SampleResult]:
    """Run every sample of the given rules against all rules of the scanner."""
    return [_test_sample(scanner, rule, sample) for rule in rules for sample in rule.samples]


def find_in_text(scanner: Scanner, log: str) -> list[RuleHits]:
    """Return what all rules find in a text."""
    stream = cast(BinaryIO, io.BytesIO(log.encode("utf-8", "surrogateescape")))
    scan = scan_source(scanner, 0, Reader(Source("sample", None), stream, None), ScanOptions(now=_WRITTEN))
    if scan is None:
        return []
    rules = scanner.ruleset.rules
    return find_occurrences(rules, scan.hits)


def _test_sample(scanner: Scanner, rule: Rule, sample: Sample) -> SampleResult:
    found = find_in_text(scanner, sample.log)
    ids = {scanner.ruleset.rules[item.rule].id: item for item in found}
    own = ids.get(rule.id)
    fired = len(own.occurrences) if own else 0
    failures = []
    if fired != sample.fires:
        failures.append(f"fired {fired} times, expected {sample.fires}")
    if own:
        failures += _wrong_captures(own, sample)
        failures += _wrong_figures(own, sample)
    others = tuple(
        (name, len(item.occurrences))
        for name, item in sorted(ids.items())
        if name != rule.id and not scanner.ruleset.rules[item.rule].signal
    )
    return SampleResult(rule.id, sample, tuple(failures), others)


def _wrong_captures(own: RuleHits, sample: Sample) -> list[str]:
    captures: dict[str, str] = {}
    for occurrence in own.occurrences:
        for hit in occurrence.hits:
            captures.update(hit.captures)
    return [
        f"captured {name} = {captures.get(name)!r}, expected {str(value)!r}"
        for name, value in sample.captures.items()
        if captures.get(name) != str(value)
    ]


def _wrong_figures(own: RuleHits, sample: Sample) -> list[str]:
    if not sample.sequence:
        return []
    if own.sequence is None:
        return ["no sequence was counted"]
    return [
        f"{name} is {getattr(own.sequence, name)}, expected {value}"
        for name, value in sample.sequence.items()
        if getattr(own.sequence, name) != value
    ]
