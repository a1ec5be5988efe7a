"""Tracebacks that rich draws in boxes."""

from __future__ import annotations

from logscope.events.tracebacks import exception_of

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
