"""Frames: which of them are the application's own."""

from __future__ import annotations

import pytest

from logscope.events.text.stacks import is_own
from logscope.events.text.tracebacks import exception_of

OWN = (
    "/srv/app/main.py",
    "app/main.py",
    "/srv/my app/bin/run.py",
    "/srv/app/bin/serve",
    r"C:\Users\u\proj\app\main.py",
    r"\\srv\share\app\main.py",
    "/srv/app.pyz/app/main.py",
    "/home/u/src/mylib/src/mylib/core.py",
    "/tmp/ipykernel_1234/123456.py",
    "<ipython-input-3-0a1b2c>",
    "/var/task/app.py",
    "/srv/python3.12-demo/main.py",
    "/srv/app/net.js",
    "server.js",
)
FOREIGN = (
    "/opt/envs/prod-3.12/lib/python3.12/site-packages/httpx/_client.py",
    r"C:\Users\u\AppData\Local\Programs\Python\Python312\Lib\socket.py",
    "/usr/lib/pypy3.10/asyncio/tasks.py",
    "/srv/app.pex/.deps/httpx-0.27-py3-none-any.whl/httpx/_client.py",
    "/var/runtime/bootstrap.py",
    "<frozen importlib._bootstrap>",
    "<string>",
    "/usr/local/bin/uvicorn",
    "/srv/app/.venv/bin/gunicorn",
    "/opt/conda/bin/uvicorn",
    r"C:\proj\.venv\Scripts\uvicorn.exe\__main__.py",
    "net.js",
    "internal/process/next_tick.js",
    "_http_server.js",
)


@pytest.mark.parametrize(
    ("file", "own"), [*((file, True) for file in OWN), *((file, False) for file in FOREIGN)]
)
def test_whose_code_a_frame_is(file: str, own: bool) -> None:
    """Packages, the standard library, console scripts and what a runtime brings are not the application's."""
    assert is_own(file) == own


def test_a_javascript_groups_member_is_what_failed() -> None:
    """An AggregateError says only that all failed: its first member says why."""
    info = exception_of(
        "AggregateError [ECONNREFUSED]: \n"
        "    at internalConnectMultiple (node:net:1139:18) {\n"
        "  code: 'ECONNREFUSED',\n"
        "  [errors]: [\n"
        "    Error: connect ECONNREFUSED ::1:8765\n"
        "        at createConnectionError (node:net:1675:14) {\n"
        "      errno: -111\n"
        "    },\n"
        "    Error: connect ECONNREFUSED 127.0.0.1:8765\n"
        "        at createConnectionError (node:net:1675:14) {\n"
        "      errno: -111\n"
        "    }\n"
        "  ]\n"
        "}"
    )
    assert info is not None
    assert (info.type, info.message) == ("Error", "connect ECONNREFUSED ::1:8765")


def test_a_javascript_message_may_go_on_for_many_lines() -> None:
    """What is far above a stack begins a line, as Zod's list of what is wrong does."""
    wrong = "".join(f'  {{"path": ["{name}"], "message": "none"}},\n' for name in "ABCDEFGHIJKL")
    info = exception_of(
        f"env.mjs:3\nparse(env)\n  ^\n\nZodError: [\n{wrong}]\n    at file:///srv/env.mjs:3:7"
    )
    assert info is not None
    assert (info.type, info.message[:4], info.message[-1]) == ("ZodError", "[\n  ", "]")


def test_javascript_files_may_lie_in_folders_with_blanks() -> None:
    """As they do on Windows and in the packages of macOS, with a function's name before them or without."""
    info = exception_of(
        "spawn failed Error: no docker\n"
        r"    at C:\Program Files (x86)\Docker\cli.cjs:5:53" + "\n"
        r"    at async run (C:\Program Files\Docker\cli.cjs:6:1)" + "\n"
        "    at file:///Applications/My App.app/main.js:7:2\n"
    )
    assert info is not None
    assert (info.type, info.message) == ("Error", "no docker")
    assert [(frame.file, frame.line, frame.function) for frame in info.frames] == [
        (r"C:\Program Files (x86)\Docker\cli.cjs", 5, "<anonymous>"),
        (r"C:\Program Files\Docker\cli.cjs", 6, "run"),
        ("/Applications/My App.app/main.js", 7, "<anonymous>"),
    ]
