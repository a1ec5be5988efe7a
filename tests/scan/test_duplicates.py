"""A logger that two handlers write reports each failure once; failures that happen together stay several."""

from __future__ import annotations

import pytest

from logscope.scan.scanner import Scanner
from logscope.selftest import find_in_text

DASHED = "2026-03-02 10:00:{:06.3f} - app.mcp - {} - {}"
BASIC = "{1}:app.mcp:{2}"
RECORDS = (
    (0.1, "INFO", "starting"),
    (0.2, "INFO", "connecting to the tool server"),
    (5.2, "ERROR", "MCP session initialization timed out after 5 seconds"),
    (20.2, "ERROR", "MCP session initialization timed out after 5 seconds"),
    (20.3, "INFO", "giving up"),
)


def timeouts(scanner: Scanner, lines: list[str], rule: str = "mcp-session-init-timeout") -> int:
    found = find_in_text(scanner, "\n".join(lines) + "\n")
    rules = scanner.ruleset.rules
    return sum(len(item.occurrences) for item in found if rules[item.rule].id == rule)


def written(*formats: str) -> list[str]:
    return [form.format(*record) for record in RECORDS for form in formats]


@pytest.mark.parametrize("formats", [(DASHED,), (DASHED, DASHED), (DASHED, BASIC), (BASIC, DASHED)])
def test_two_handlers_report_once(shipped: Scanner, formats: tuple[str, ...]) -> None:
    """A logger with a handler of its own that propagates, and one that was given its handler twice."""
    assert timeouts(shipped, written(*formats)) == 2


def test_tracebacks_stand_between(shipped: Scanner) -> None:
    """Each handler writes the whole record."""
    trace = [
        "Traceback (most recent call last):",
        '  File "/srv/app/mcp.py", line 3, in start',
        "TimeoutError",
    ]
    lines = [line for form in (DASHED, BASIC) for line in (form.format(*RECORDS[2]), *trace)]
    assert timeouts(shipped, lines) == 1


def test_one_of_two_handlers_may_leave_the_logger_out(shipped: Scanner) -> None:
    """uvicorn's own handler does; its reports of requests that failed are one layer, whoever writes them."""
    trace = [
        "Traceback (most recent call last):",
        '  File "/srv/app/main.py", line 7, in orders',
        "TypeError: Object of type set is not JSON serializable",
    ]
    told = "Exception in ASGI application"
    lines = [f"ERROR:    {told}", *trace, f"2026-03-02 10:00:01.100 ERROR uvicorn.error - {told}", *trace]
    access = ['INFO:     10.0.0.7:41300 - "GET /orders HTTP/1.1" 500 Internal Server Error']
    assert timeouts(shipped, [*access, *lines] * 2, "json-not-serializable") == 2


def test_two_tasks_in_step_are_two(shipped: Scanner) -> None:
    """Where the logger tells something once, equal records are failures that happened together."""
    lines = written(DASHED)
    assert timeouts(shipped, [lines[0], *[line for line in lines[1:4] for _ in range(2)], lines[4]]) == 4


def test_all_loggers_of_a_source_are_written_twice(shipped: Scanner) -> None:
    """The root logger has two handlers: a logger that says little is doubled as the others are, unless one is not."""
    other = DASHED.replace("app.mcp", "app.main")
    late = DASHED.format(*RECORDS[2])
    lines = [*[other.format(*record) for record in RECORDS[:2] for _ in range(2)], late, late]
    assert timeouts(shipped, lines) == 1
    assert timeouts(shipped, [*lines, other.format(30.0, "INFO", "stopped")]) == 2


def test_the_same_again_later_is_another(shipped: Scanner) -> None:
    """Two handlers write at once: equal records in a row at other times are failures of their own."""
    lines = [line for line in written(DASHED, DASHED) if "connecting" not in line and "starting" not in line]
    later = [lines[0], lines[0].replace(":00:05.2", ":00:05.9")]
    assert timeouts(shipped, [*written(DASHED)[:2], *later]) == 2


@pytest.mark.parametrize(("requests", "calls"), [(1, 3), (3, 3), (2, 6)])
def test_a_call_fails_once_that_was_made_once(shipped: Scanner, requests: int, calls: int) -> None:
    """CrewAI's logger tells each failed call twice, tried again or not; two tasks in step make two requests."""
    request = (
        'INFO:httpx:HTTP Request: POST https://api.openai.com/v1/chat/completions "HTTP/1.1 401 Unauthorized"'
    )
    told = "ERROR:crew:call failed: Error code: 401 - {'error': {'message': 'Incorrect API key provided: x'}}"
    box = ["╭──── LLM Error ────╮", "│ call failed       │", "╰───────────────────╯"]
    lines = [*[request] * requests, told, told, *box]
    assert timeouts(shipped, lines * 3, "openai-invalid-api-key") == calls
