"""Patterns that rules share are named in a condition, and count as its own."""

from __future__ import annotations

import pytest

from logscope.match.patterns import pattern
from rulebook.writing import problems_of, rule_of, spoiled

RETRIED = "detect:\n  incident: {retries: {usual: announced, regex: lent again}}\n"


def test_what_is_named_stands_beside_the_condition_s_own() -> None:
    """One of either is enough."""
    rule = rule_of(spoiled("detect:\n", RETRIED))
    assert rule.detect.incident.retries is not None
    own, *shared = rule.detect.incident.retries.regex
    assert own == "lent again"
    assert shared


@pytest.mark.parametrize(
    ("name", "text", "holds"),
    [
        ("announced", "Connection refused, retrying in 5 s", True),
        ("announced", "database not ready yet", True),
        ("announced", "attempt 2/5 failed", True),
        ("announced", "attempt 5/5 failed", False),
        ("announced", "database not ready (3/12): Connection refused", True),
        ("announced", "database not ready (12/12): Connection refused", False),
        ("announced", "timed out while waiting for the database", False),
        ("announced", "Rate limit reached. Please try again in 2s", False),
        ("retrying", "Attempt 2 failed. There are 4 retries left. Service Unavailable", True),
        ("retrying", "Attempt 6 failed. There are 0 retries left. Service Unavailable", False),
        ("retrying", "503 Service Unavailable, retrying", True),
        ("retrying", "Request failed with status code 503, retry #2", True),
        ("retrying", "failed after retry #3", False),
        ("retrying", "rates not there yet (503), trying again in 0.1 s", True),
        ("retrying", "sync failed after retry #3: Request failed with status code 503", False),
        ("retrying", "prices_retry", True),
        ("retrying", "retry 1: Request failed with status code 429", True),
        ("retrying", "prices_retry_failed", False),
        ("retrying", '"attemptNumber":2,"retriesLeft":4', True),
        ("retrying", '"attemptNumber":6,"retriesLeft":0', False),
        ("retrying", "failed after retrying 3 times", False),
        ("answered", 'HTTP Request: POST https://api.openai.com/v1/responses "HTTP/1.1 200 OK"', True),
        ("answered", 'HTTP Request: POST https://api.openai.com/v1/responses "HTTP/1.1 500 Internal"', False),
        ("answered", "request succeeded on attempt 2", True),
        ("answered", "request failed after 3 attempts", False),
        ("connected", "Connected to redis://cache:6379", True),
        ("connected", "database is ready", True),
        ("connected", "database is not ready", False),
        ("connected", "waiting until redis is ready", False),
        ("requested", 'HTTP Request: GET https://api.example.com/rates "HTTP/1.1 200 OK"', True),
        ("requested", 'HTTP Request: GET https://api.example.com/rates "HTTP/1.1 503 Down"', False),
    ],
)
def test_what_the_shared_ones_say(name: str, text: str, holds: bool) -> None:
    """Another try is announced; what was waited for is there."""
    rule = rule_of(spoiled("detect:\n", f"detect:\n  incident: {{retries: {{usual: {name}}}}}\n"))
    assert rule.detect.incident.retries is not None
    assert any(pattern(shared).search(text) for shared in rule.detect.incident.retries.regex) == holds


def test_another_name_is_refused() -> None:
    """With those that there are."""
    (problem,) = problems_of(spoiled("detect:\n", "detect:\n  also: [{usual: repeated}]\n"))
    assert "'announced', 'retrying', 'connected', 'answered' or 'requested'" in problem
