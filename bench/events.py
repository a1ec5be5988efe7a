"""The events of made logs: what a healthy backend writes, and failures as the libraries word them.

Each maker returns one event or a short run of events. An event is (level, logger, message, traceback); the logger
`uvicorn.access` stands for an access line, `uvicorn.error` for uvicorn's own lines.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from itertools import cycle, islice
from random import Random

Event = tuple[str, str, str, str]
Maker = Callable[[Random], list[Event]]

_ROUTES = (
    "/health",
    "/items/{}",
    "/api/chat",
    "/api/users/{}",
    "/api/agents/{}/runs",
    "/static/app.{}.js",
    "/docs",
)
_NOTES = (
    ("app.chat", "answered conversation {} with {} tokens"),
    ("app.cache", "hit key user:{}:profile age={}s"),
    ("app.db", "SELECT took {} ms, {} rows"),
    ("app.agents", "planner chose tool search_{} after {} steps"),
    ("app.jobs", "job {} finished in {} ms"),
)
_REFUSED = re.compile(r'HTTP/1\.1"? [45]')
_TRACEBACK = "Traceback (most recent call last):\n"
_MIDDLEWARE = (
    ("base", 191),
    ("cors", 85),
    ("errors", 187),
    ("exceptions", 63),
    ("gzip", 29),
    ("sessions", 86),
)
_USERS = (
    "alice",
    "bob",
    "carol",
    "dave",
    "erin",
    "frank",
    "grace",
    "heidi",
    "ivan",
    "judy",
    "mallory",
    "olivia",
)
_LETTERS = string.ascii_letters + string.digits
_SUBJECTS = """
    account agent batch billing cart catalog chat client customer delivery document export feed
    import index invoice job key list mail model order page payment plan price profile queue quota
    report request search session shop stock sync task team tenant token tool user vendor worker
""".split()
_NUMBERED = re.compile(r"line \d+")
_SITE = "/srv/app/.venv/lib/python3.12/site-packages"


def hexes(rng: Random, count: int) -> str:
    """Return `count` hexadecimal digits."""
    return f"{rng.getrandbits(4 * count):0{count}x}"


def access(rng: Random, request: str, status: str) -> Event:
    """Return an access line from a client with a random port."""
    port = 32768 + int(rng.random() * 28000)
    return (
        "INFO",
        "uvicorn.access",
        f'10.0.{port & 7}.{port & 63}:{port} - "{request} HTTP/1.1" {status}',
        "",
    )


def fails(event: Event) -> bool:
    """Whether an event of a failure is itself one: an error, or a request answered with 4xx or 5xx."""
    return event[0] == "ERROR" or _REFUSED.search(event[2]) is not None


def traffic(rng: Random) -> list[Event]:
    """One event of a healthy backend: mostly requests, then the application, the LLM client and MCP."""
    pick = rng.random()
    if pick < 0.62:
        route = _ROUTES[int(pick * 7 / 0.62)].format(int(rng.random() * 10_000))
        status = "404 Not Found" if rng.random() < 0.02 else "200 OK"
        return [access(rng, f"{'POST' if route == '/api/chat' else 'GET'} {route}", status)]
    if pick < 0.84:
        logger, text = _NOTES[int((pick - 0.62) * 5 / 0.22)]
        return [("INFO", logger, text.format(int(rng.random() * 1e6), int(rng.random() * 900)), "")]
    if pick < 0.93:
        request = 'HTTP Request: POST https://api.anthropic.com/v1/messages "HTTP/1.1 200 OK"'
        return [("INFO", "httpx", request, "")]
    if pick < 0.96:
        return [("INFO", "mcp.server.lowlevel.server", "Processing request of type CallToolRequest", "")]
    if pick < 0.995:
        return [access(rng, "POST /mcp", "200 OK")]
    return [("WARNING", "app.db", f"slow query: {int(rng.random() * 9000)} ms, retrying is not needed", "")]


def credit_handled(rng: Random) -> list[Event]:
    body = (
        "{'type': 'error', 'error': {'type': 'invalid_request_error', 'message': 'Your credit balance is too low to "
        "access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.'}, "
        f"'request_id': 'req_{hexes(rng, 20)}'}}"
    )
    return [("ERROR", "app.chat", f"Error processing message: Error code: 400 - {body}", "")]


def credit_unhandled(rng: Random) -> list[Event]:
    leaf = "anthropic.BadRequestError: " + credit_handled(rng)[0][2].partition(": ")[2]
    frames = [
        ("uvicorn/protocols/http/httptools_impl.py", 409, "run_asgi", "result = await app("),
        ("fastapi/applications.py", 1054, "__call__", "await super().__call__(scope, receive, send)"),
        (
            "starlette/routing.py",
            76,
            "app",
            "await wrap_app_handling_exceptions(app, request)(scope, receive, send)",
        ),
        ("/srv/app/app/routers/chat.py", 40, "chat", "response = await client.messages.create(**params)"),
        (
            "anthropic/_base_client.py",
            1594,
            "request",
            "raise self._make_status_error_from_response(err.response)",
        ),
    ]
    failed = access(rng, "POST /api/chat", "500 Internal Server Error")
    return [failed, ("ERROR", "uvicorn.error", "Exception in ASGI application", traceback(frames, leaf))]


def mcp_init_timeout(rng: Random) -> list[Event]:
    seconds = 5 * (1 + int(rng.random() * 18))
    logger = "app.mcp_manager"
    return [
        ("ERROR", logger, f"MCP session initialization timed out after {seconds} seconds", ""),
        ("ERROR", logger, "Failed to start MCP server: MCP session initialization timeout", ""),
    ]


def mcp_init_timeout_traceback(rng: Random) -> list[Event]:
    frames = [
        ("/srv/app/app/mcp_client.py", 58, "connect", "await session.initialize()"),
        ("mcp/client/session.py", 151, "initialize", "result = await self.send_request("),
        ("mcp/shared/session.py", 294, "send_request", "raise McpError("),
    ]
    leaf = "mcp.shared.exceptions.McpError: Timed out while waiting for response to ClientRequest. Waited 30.0 seconds."
    return [
        (
            "ERROR",
            "app.mcp_client",
            f"cannot connect to tools-{int(rng.random() * 9)}",
            traceback(frames, leaf),
        )
    ]


def port_in_use(rng: Random) -> list[Event]:
    address = f"('0.0.0.0', {8000 + int(rng.random() * 10)})"
    text = f"[Errno 98] error while attempting to bind on address {address}: address already in use"
    return [("ERROR", "uvicorn.error", text, "")]


def cancel_scope(rng: Random) -> list[Event]:
    margin = "  | "
    text = "Attempted to exit cancel scope in a different task than it was entered in"
    group = [
        "  + Exception Group Traceback (most recent call last):",
        f'{margin}  File "{_SITE}/anyio/_backends/_asyncio.py", line 772, in __aexit__',
        f"{margin}    raise BaseExceptionGroup(",
        f"{margin}ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)",
        "  +-+---------------- 1 ----------------",
        "    | Traceback (most recent call last):",
        f'    |   File "{_SITE}/mcp/client/stdio/__init__.py", line 187, in stdio_client',
        "    |     yield read_stream, write_stream",
        f'    |   File "{_SITE}/anyio/_backends/_asyncio.py", line 457, in __exit__',
        "    |     raise RuntimeError(",
        f"    | RuntimeError: {text}",
        "    +------------------------------------",
    ]
    return [("ERROR", "app.session", f"closing link {int(rng.random() * 90)} failed", "\n".join(group))]


def rejected_session(rng: Random) -> list[Event]:
    session = hexes(rng, 32)
    transport = "mcp.server.streamable_http_manager"
    return [
        access(rng, "POST /mcp", "400 Bad Request"),
        ("INFO", transport, f"Created new transport with session ID: {session}", ""),
        access(rng, "POST /mcp", "200 OK"),
        access(rng, "POST /mcp", "202 Accepted"),
        ("INFO", "mcp.server.lowlevel.server", "Processing request of type ListToolsRequest", ""),
        access(rng, "POST /mcp", "200 OK"),
    ]


def rate_limit(rng: Random) -> list[Event]:
    body = (
        "{'type': 'error', 'error': {'type': 'rate_limit_error', 'message': 'This request would exceed the rate limit "
        f"for your organization of 50,000 input tokens per minute.'}}, 'request_id': 'req_{hexes(rng, 20)}'}}"
    )
    request = 'HTTP Request: POST https://api.anthropic.com/v1/messages "HTTP/1.1 429 Too Many Requests"'
    return [("INFO", "httpx", request, ""), ("ERROR", "app.chat", f"Error code: 429 - {body}", "")]


def overloaded(rng: Random) -> list[Event]:
    body = "{'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}"
    return [("ERROR", "app.chat", f"Error code: 529 - {body}, 'request_id': 'req_{hexes(rng, 20)}'}}", "")]


def openai_quota(rng: Random) -> list[Event]:
    body = (
        "{'error': {'message': 'You exceeded your current quota, please check your plan and billing details.', "
        "'type': 'insufficient_quota', 'param': None, 'code': 'insufficient_quota'}}"
    )
    return [("ERROR", "app.agents", f"run {hexes(rng, 8)} failed: Error code: 429 - {body}", "")]


def read_timeout(rng: Random) -> list[Event]:
    low = traceback(
        [("httpcore/_async/http11.py", 217, "_receive_event", "data = await stream.read(")],
        "httpcore.ReadTimeout",
    )
    high = traceback(
        [
            ("/srv/app/app/tools/fetch.py", 31, "fetch", "response = await client.get(url)"),
            (
                "httpx/_transports/default.py",
                118,
                "map_httpcore_exceptions",
                "raise mapped_exc(message) from exc",
            ),
        ],
        "httpx.ReadTimeout",
    )
    joint = "\n\nThe above exception was the direct cause of the following exception:\n\n"
    return [("ERROR", "app.tools", f"fetch {int(rng.random() * 1e5)} failed", low + joint + high)]


def connect_error(rng: Random) -> list[Event]:
    frames = [
        ("httpx/_transports/default.py", 118, "map_httpcore_exceptions", "raise mapped_exc(message) from exc")
    ]
    leaf = "httpx.ConnectError: [Errno 111] Connection refused"
    return [("ERROR", "app.tools", f"tool call {hexes(rng, 6)} failed", traceback(frames, leaf))]


def unprocessable(rng: Random) -> list[Event]:
    return [access(rng, "POST /api/chat", "422 Unprocessable Entity")]


def lost_task(rng: Random) -> list[Event]:
    name = int(rng.random() * 1e4)
    head = f"future: <Task finished name='Task-{name}' coro=<refresh() done> exception=KeyError('profile')>\n"
    frames = [("/srv/app/app/cache.py", 77, "refresh", "return self.entries[key]")]
    return [
        (
            "ERROR",
            "asyncio",
            "Task exception was never retrieved",
            head + traceback(frames, "KeyError: 'profile'"),
        )
    ]


def unknown_error(rng: Random) -> list[Event]:
    """An error of the application that no rule can know."""
    frames = [("/srv/app/app/orders.py", 112, "total", "return sum(item.price for item in order)")]
    leaf = "TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'"
    return [
        ("ERROR", "app.orders", f"order {int(rng.random() * 1e6)} cannot be priced", traceback(frames, leaf))
    ]


def traceback(frames: list[tuple[str, int, str, str]], leaf: str) -> str:
    """Return a traceback; files without a leading slash lie in site-packages."""
    lines = [_TRACEBACK.rstrip()]
    for file, number, function, code in frames:
        path = file if file.startswith("/") else f"{_SITE}/{file}"
        lines += [f'  File "{path}", line {number}, in {function}', f"    {code}"]
    return "\n".join([*lines, leaf])


def deepened(event: Event, depth: int) -> Event:
    """Return an event whose traceback, if it has one, begins with `depth` more frames of middleware."""
    level, logger, message, trace = event
    if not trace.startswith(_TRACEBACK) or not depth:
        return event
    frames = (
        f'  File "{_SITE}/starlette/middleware/{name}.py", line {number}, in __call__\n'
        "    await self.app(scope, receive_or_disconnect, send_no_error)\n"
        for name, number in islice(cycle(_MIDDLEWARE), depth)
    )
    return level, logger, message, _TRACEBACK + "".join(frames) + trace.removeprefix(_TRACEBACK)


def as_made(event: Event, rng: Random) -> Event:
    """Return the event itself."""
    return event


def signed(event: Event, rng: Random) -> Event:
    """Return an event whose message says for whom and in which session: a name, and a key drawn by lot."""
    level, logger, message, trace = event
    if logger.startswith("uvicorn."):
        return event
    key = "".join(rng.choices(_LETTERS, k=8))
    return level, logger, f"{message} user={rng.choice(_USERS)} session={key}", trace


def varied(event: Event, rng: Random) -> Event:
    """Return an event as of a large application: its module, what it is about, and its places in code drawn by lot."""
    level, logger, message, trace = event
    if not logger.startswith("uvicorn."):
        first, second, third = rng.choices(_SUBJECTS, k=3)
        logger = f"{logger}.{first}"
        message = f"{second} {third} {rng.randrange(1000)}: {message} after {rng.randrange(90_000)} ms"
    return level, logger, message, _NUMBERED.sub(lambda _: f"line {rng.randrange(1, 900)}", trace)


FAILURES: tuple[Maker, ...] = (
    credit_handled,
    credit_unhandled,
    mcp_init_timeout,
    mcp_init_timeout_traceback,
    port_in_use,
    cancel_scope,
    rejected_session,
    rate_limit,
    overloaded,
    openai_quota,
    read_timeout,
    connect_error,
    unprocessable,
    lost_task,
    unknown_error,
)
