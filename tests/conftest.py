"""What holds for all tests: how long an example takes says more of the machine than of logscope."""

from __future__ import annotations

import pytest
from hypothesis import settings

from logscope.resources import data_dir
from logscope.rulebook.ruleset import load_ruleset
from logscope.scan.scanner import Scanner

settings.register_profile("any machine", settings.default, deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def shipped() -> Scanner:
    """The shipped rules, made ready once: it takes seconds."""
    return Scanner(load_ruleset([data_dir("rules")], None), None)
