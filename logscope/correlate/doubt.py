"""Whether the log can tell which session a completed handshake belongs to, where its line names nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from logscope.correlate.connections import connection_capture
from logscope.correlate.runs import Run
from logscope.match.layers import ACCESS, CLIENT
from logscope.model import Hit
from logscope.rulebook.rule import Rule


class Doubt:
    """Holds request lines that name no connection against what else goes on: a rejected session that seems to have
    recovered may have been given up, and another one have worked at once, where several overlap."""

    def __init__(self, rule: Rule) -> None:
        self._sure, self._client = connection_capture(rule), rule.detect.like[-1] if rule.detect.like else ""
        self._gone_on: Counter[str] = Counter()  # by client, how often a session of its went on
        self._before: dict[int, int] = {}  # by run, how often before it was rejected
        self.raised = False
        """Whether more than one reading is possible, also where each session seems to have recovered."""

    def rejected(self, run: Run, captures: Mapping[str, str]) -> None:
        """Take up that a run was rejected."""
        self._before[run.number] = self._gone_on[captures.get(self._client, "")]

    def goes_on(self, captures: Mapping[str, str]) -> None:
        """Take up that a session was completed, or answered."""
        self._gone_on[captures.get(self._client, "")] += 1

    def completes(self, run: Run, hit: Hit, captures: Mapping[str, str], waiting: Sequence[Run]) -> None:
        """Take up that a run seems to be completed by a hit without key, one of those that waited for it alike."""
        connection = captures.get(self._sure)
        known = connection is not None and connection == run.captures.get(self._sure)
        if known or not run.rejected or hit.layer not in (ACCESS, CLIENT):
            return
        meanwhile = self._gone_on[captures.get(self._client, "")] - self._before[run.number]
        self.raised = self.raised or len(waiting) > 1 or meanwhile > 1  # its own handshake was answered
