"""Tracebacks that rich draws in boxes."""

from __future__ import annotations

import pytest

from logscope.events.text.tracebacks import exception_of
from tests.events.test_formats import read

GROUP = """\
╭─────────── Traceback (most recent call last) ───────────╮
│ /srv/app/agent.py:22 in init                            │
│                                                         │
│ ❱ 22 │   async with stdio_client(par) as s:             │
╰─────────────────────────────────────────────────────────╯
ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
╭──────────────────── Sub-exception #1 ───────────────────╮
│ ╭───────── Traceback (most recent call last) ─────────╮ │
│ │ /srv/venv/lib/python3.12/site-packages/mcp/client/s │ │
│ │ ession.py:151 in initialize                         │ │
│ │                                                     │ │
│ │ ❱ 151 │   │   result = await self.send_request(     │ │
│ │                                                     │ │
│ │ /srv/venv/lib/python3.12/site-packages/mcp/shar.py: │ │
│ │ 274 in                                              │ │
│ │ send_request                                        │ │
│ ╰─────────────────────────────────────────────────────╯ │
│ McpError: Timed out                                     │
╰─────────────────────────────────────────────────────────╯"""


def test_frames_of_a_groups_members_are_read_wherever_their_rows_break() -> None:
    """A full row goes on without a blank, any other was broken at one."""
    info = exception_of(GROUP)
    assert info is not None
    assert info.type == "McpError"
    assert [(frame.file, frame.line, frame.function) for frame in info.frames] == [
        ("/srv/app/agent.py", 22, "init"),
        ("/srv/venv/lib/python3.12/site-packages/mcp/client/session.py", 151, "initialize"),
        ("/srv/venv/lib/python3.12/site-packages/mcp/shar.py", 274, "send_request"),
    ]


BOX = """\
╭─ Traceback (most recent call last) ─╮
│ /srv/app/agent.py:{n} in init       │
╰─────────────────────────────────────╯
{leaf}: {n}
"""


@pytest.mark.parametrize(
    "sentence",
    [
        "During handling of the above exception, another exception\noccurred:",
        "During handling of the above exception,\nanother exception occurred:   ",
        "The above exception was the direct cause of the following\nexception:",
        "The above exception was the direct cause\nof the following exception:",
    ],
)
def test_a_chains_sentence_that_a_narrow_terminal_wraps_goes_on(sentence: str) -> None:
    """What stands below it is the same event, and its exception the one that tells."""
    boxes = [BOX.format(n=n, leaf=leaf) for n, leaf in enumerate(("KeyError", "RuntimeError"))]
    events = read(f"ERROR:app:failed\n{boxes[0]}\n{sentence}\n\n{boxes[1]}INFO:app:on\n".encode())
    assert [event.line for event in events] == [1, 14]
    assert events[0].exception is not None
    assert (events[0].exception.type, len(events[0].exception.frames)) == ("RuntimeError", 2)


def test_code_around_the_line_that_raised_is_not_what_failed() -> None:
    """Whatever it says, and over however many rows a long line of it goes; the line that raised stays."""
    box = """\
ERROR:app:failed
╭──────────── Traceback (most recent call last) ────────────╮
│ /srv/app/agent.py:48 in ask                               │
│                                                           │
│    47 │   say("the ledger ran dry, as it does at night;   │
│       it is filled again in the morning")                 │
│ ❱  48 │   return ask("how full the shelf is, and whether  │
│       anybody looked at it")                              │
│    49 │   say("the harbour is closed")                    │
╰───────────────────────────────────────────────────────────╯
ValueError: nobody answers
"""
    told = read(box.encode())[0].search_text
    assert [word in told for word in ("anybody looked", "nobody answers")] == [True, True]
    assert [word in told for word in ("ran dry", "filled again", "harbour")] == [False, False, False]


SYNTAX = """\
2026-11-20 19:00:21 [error    ] load failed
╭─ Traceback (most recent call last) ─╮
│ /srv/app/agent.py:9 in load         │
╰─────────────────────────────────────╯
╭─────────────────────────────────────╮
│ def f(:                             │
│       ▲                             │
╰─────────────────────────────────────╯
SyntaxError: invalid syntax
2026-11-20 19:00:22 [info     ] next
"""


def test_what_a_syntax_error_quotes_stands_in_a_box_between_the_traceback_and_its_class() -> None:
    """It is no panel of another record, as the class is still to come."""
    first, second = read(SYNTAX.encode())
    assert (first.line, first.last_line, second.line) == (1, 9, 10)
    assert first.exception is not None
    assert first.exception.type == "SyntaxError"


def test_a_message_that_rich_wraps_below_its_box_is_one_sentence_again() -> None:
    """Rows go on with a blank where the next word did not fit, and keep the line ends that the message has itself; so
    do those of a group's members, within their boxes."""
    wrapped = (
        "╭──────── Traceback (most recent call last) ────────╮\n"
        "│ /srv/app/chat.py:12 in ask                        │\n"
        "╰───────────────────────────────────────────────────╯\n"
        "RateLimitError: You are sending too many requests for\n"
        "this plan, which allows twenty\n"
        "See the manual.\n"
    )
    said = "You are sending too many requests for this plan, which allows twenty\nSee the manual."
    info = exception_of(wrapped)
    assert info is not None
    assert (info.type, info.message) == ("RateLimitError", said)
    (event,) = read(f"2026-03-01T10:00:00Z [error    ] no answer [app.chat]\n{wrapped}".encode())
    assert f"RateLimitError: {said}" in event.search_text
    inner = GROUP.replace(
        "│ McpError: Timed out                                     │\n",
        "│ McpError: Timed out while waiting for the response to   │\n"
        "│ ClientRequest                                           │\n",
    )
    (event,) = read(f"2026-03-01T10:00:00Z [error    ] no server [app.mcp]\n{inner}\n".encode())
    assert "McpError: Timed out while waiting for the response to ClientRequest\n" in event.search_text
