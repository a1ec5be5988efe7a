"""Which cause a log shows, and which remedy is recommended for it: true lines, by rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runner import report_of, write

SPAWN = (
    "2026-11-19T09:22:00.400Z [notes] [error] spawn {0} ENOENT {{ metadata: {{ context: 'connection', "
    "stack: 'Error: spawn {0} ENOENT\\n    at onErrorNT (node:internal/child_process:483:16)' }} }}\n"
)
CANCELLED = (
    '2026-11-19T09:41:00.000Z [search] [info] Message from client: {"jsonrpc":"2.0","method":"notifications/cancelled",'
    '"params":{"requestId":5,"reason":"McpError: MCP error -32001: Request timed out"}} { metadata: undefined }\n'
)
MODULE = """\
Traceback (most recent call last):
  File "{0}/tickets/__main__.py", line 3, in <module>
    from tickets.server import mcp
ModuleNotFoundError: No module named 'tickets.jira_client'
"""
COLUMN = "2026-11-20 10:00:00,000 ERROR [app] asyncpg.UndefinedColumnError: column runs.cost does not exist\n"
MIGRATED = (
    "2026-11-20 10:12:00,000 INFO [alembic.runtime.migration] Running upgrade 7c1a -> 91be, add runs.cost\n"
)
BOOTED = "[2026-11-20 10:00:00 +0000] [{0}] [INFO] Booting worker with pid: {0}\n"
SERVED = "[2026-11-20 10:00:20 +0000] [8] [INFO] served\n" * 60
LOST = "2026-11-20 10:01:00,000 - mcp.server.sse - WARNING - Could not find session for ID: 7c1e\n"
OUT_OF_FILES = (
    "ERROR:asyncio:socket.accept() out of system resource\nOSError: [Errno 24] Too many open files\n"
)
UNCLOSED = (
    "ERROR:asyncio:Unclosed client session\nclient_session: <aiohttp.client.ClientSession object at 0x7f>\n"
)
REFUSED = "ERROR:app.memory:redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.\n"
TLS = "ERROR:app.hook:[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {0} (_ssl.c:1010)\n"
GPU = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 1.00 GiB free. "
NODE = "Error: Cannot find module '@modelcontextprotocol/sdk/server/index.js'\n    at node:loader:1\n"
CLOSED = "ERROR:agent.mcp:calendar failed to initialize: mcp.shared.exceptions.McpError: Connection closed\n"
FALLBACK = "ERROR:app.router:provider failed, falling back to {0}\n"
RATE = (
    "ERROR:app.router:openai.RateLimitError: Error code: 429 - {'error': {'code': 'rate_limit_exceeded'}}\n"
)
NGINX = (
    "2026/11/28 10:13:{0} [error] 7#7: *{0} {1} while connecting to upstream, client: 10.0.0.1, server: , "
    'request: "GET /report HTTP/1.1", upstream: "http://127.0.0.1:8397/report", host: "api"\n'
)
SLOW = NGINX.format(11, "upstream timed out (110: Connection timed out)")
AWAY = "".join(NGINX.format(n, "connect() failed (111: Connection refused)") for n in (20, 31, 42))
TIMEOUT = (
    "[2026-11-28 10:11:40 +0000] [10] [INFO] Booting worker with pid: 11\n"
    "[2026-11-28 10:11:45 +0000] [10] [CRITICAL] WORKER TIMEOUT (pid:11)\n"
)
IN_REQUEST = (
    "[2026-11-28 10:11:45 +0000] [11] [ERROR] Error handling request GET /slow\nTraceback (most recent call last):\n"
    '  File "/v/gunicorn/workers/sync.py", line 184, in handle_request\n    respiter = self.wsgi(environ, start)\n'
    '  File "/v/gunicorn/workers/base.py", line 200, in handle_abort\n    sys.exit(1)\nSystemExit: 1\n'
)
GONE = (
    "ERROR:ide:MCP server {0} failed to start\nTraceback (most recent call last):\n"
    '  File "/v/anyio/_core/_subprocesses.py", line 190, in open_process\n'
    "FileNotFoundError: [Errno 2] No such file or directory: 'uvx'\n"
    "ERROR:ide:MCP server 'slow' failed: MCP session initialization timed out after 2 seconds\n"
)
SERVING = "INFO:     Started server process [{}]\nINFO:     Application startup complete.\n"
RELOADED = "WARNING:  StatReload detected changes in 'a.py'. Reloading...\n" + SERVING.format(12)
REJECTED = 'INFO:     127.0.0.1:50210 - "POST /mcp HTTP/1.1" 400 Bad Request\n'
PROBED = '10.0.0.1 - - [02/Mar/2026:10:00:01 +0000] "GET /mcp HTTP/1.1" 400 122 "-" "{}"\n'
DENIED = "ERROR:agent.crm:Client error '401 Unauthorized' for url 'https://mcp.crm.example.com/mcp'\n"


@pytest.mark.parametrize(
    ("rule", "log", "shown", "recommended"),
    [
        ("mcp-spawn-enoent", SPAWN.format("npx"), [], "absolute-path"),
        ("mcp-spawn-enoent", SPAWN.format("npx -y notes"), ["arguments-in-command"], "split-arguments"),
        ("mcp-request-timeout", CANCELLED, ["host-limit"], "report-progress"),
        ("module-not-found", MODULE.format("/srv/mcp"), ["first-party"], "fix-path"),
        ("module-not-found", MODULE.format("/srv/site-packages"), ["part-removed"], "fit-release"),
        ("module-not-found", MODULE.format("/usr/lib/python3.12"), ["part-removed"], "fit-release"),
        ("database-schema-mismatch", COLUMN, [], "run-migrations"),
        ("database-schema-mismatch", COLUMN + MIGRATED, ["not-migrated"], "run-migrations"),
        ("too-many-open-files", UNCLOSED + OUT_OF_FILES, ["clients-per-request"], "reuse-clients"),
        ("redis-connection-refused", REFUSED, ["not-listening"], "address-and-wait"),
        (
            "redis-connection-refused",
            "redis-1 exited with code 137\n" + REFUSED,
            ["down", "not-listening"],
            "address-and-wait",
        ),
        ("cuda-oom", f"ERROR:x:{GPU}\nINFO:     Started server process [1]\n", [], "bound-work"),
        (
            "cuda-oom",
            f"ERROR:x:{GPU}Process 11 has 9.10 GiB memory in use. Process 12 has 9.30 GiB memory in use.\n",
            ["several-processes"],
            "bound-work",
        ),
        (
            "mcp-session-not-found",
            BOOTED.format(8) + BOOTED.format(9) + LOST,
            ["several-workers"],
            "stateless-or-sticky",
        ),
        (
            "mcp-session-not-found",
            BOOTED.format(8) + SERVED + BOOTED.format(9).replace(":00 ", ":40 ") + LOST,
            [],
            "stateless-or-sticky",
        ),
        ("mcp-server-process-exited", NODE + CLOSED, ["import-failed"], "repair-start"),
        ("openai-rate-limit", FALLBACK.format("openai") + RATE, ["fallback-traffic"], "retry-with-backoff"),
        ("openai-rate-limit", FALLBACK.format("claude") + RATE, [], "retry-with-backoff"),
        ("nginx-upstream-error", AWAY + SLOW, ["not-running", "too-slow"], "service-reachable"),
        ("nginx-upstream-error", SLOW, ["too-slow"], "fit-timeouts"),
        ("gunicorn-worker-timeout", TIMEOUT, ["slow-startup"], "preload-or-longer-boot"),
        ("gunicorn-worker-timeout", TIMEOUT + IN_REQUEST, [], "unblock-event-loop"),
        ("mcp-session-init-timeout", GONE.format("'git'"), [], "raise-limit"),
        ("mcp-session-init-timeout", GONE.format("'slow'"), ["child-died"], "find-dead-child"),
        ("mcp-session-init-timeout", GONE.format("process"), ["child-died"], "find-dead-child"),
        (
            "mcp-400-before-session",
            SERVING.format(11) + REJECTED + "INFO:     Finished server process [11]\n",
            [],
            "initialize-first",
        ),
        (
            "mcp-400-before-session",
            SERVING.format(11) + RELOADED + REJECTED,
            ["session-lost"],
            "reinitialize-on-rejection",
        ),
        ("mcp-400-before-session", PROBED.format("kube-probe/1.29"), ["health-probe"], "probe-elsewhere"),
        ("mcp-400-before-session", PROBED.format("python-httpx/0.28.1"), [], "initialize-first"),
        ("mcp-unauthorized", DENIED, [], "give-token"),
        ("mcp-unauthorized", DENIED + "INFO:agent.crm:token refreshed\n", ["late-renewal"], "renew-early"),
    ],
)
def test_the_log_tells_the_cause(
    tmp_path: Path, rule: str, log: str, shown: list[str], recommended: str
) -> None:
    """What the log says of a cause is taken for it, and what only looks like it is not."""
    findings = report_of(write(tmp_path / "app.log", log))["findings"]
    finding = next(item for item in findings if item["rule"] == rule)
    assert [cause["id"] for cause in finding["causes"] if cause["observed"]] == shown
    assert finding["options"][0]["id"] == recommended


@pytest.mark.parametrize(
    ("rule", "log", "causes", "options"),
    [
        (
            "ssl-certificate-verify-failed",
            TLS.format("certificate has expired"),
            ["expired"],
            ["renew", "watch-expiry"],
        ),
        (
            "redis-connection-refused",
            REFUSED,
            ["not-listening", "down"],
            ["address-and-wait", "retry-and-degrade"],
        ),
        (
            "celery-broker-unreachable",
            "ERROR:api:kombu.exceptions.OperationalError: [Errno 111] Connection refused\n",
            ["wrong-address", "broker-down"],
            ["fix-broker", "bounded-publish"],
        ),
        (
            "ssl-certificate-verify-failed",
            (TLS.format("certificate has expired") + "\n" * 70) * 30,
            ["expired"],
            ["renew", "watch-expiry"],
        ),
        (
            "celery-broker-unreachable",
            "[2026-11-28 10:10:10,570: WARNING/MainProcess] consumer: Connection to broker lost (localhost:6379)\n",
            ["broker-down"],
            ["fix-broker", "bounded-publish"],
        ),
        (
            "ssl-certificate-verify-failed",
            TLS.format("certificate has expired") + "\n" * 400 + TLS.format("certificate is odd"),
            ["expired", "chain", "private-ca", "wrong-host"],
            ["renew", "trust-ca", "right-name", "watch-expiry"],
        ),
    ],
)
def test_a_failure_that_tells_its_cause_rules_out_others(
    tmp_path: Path, rule: str, log: str, causes: list[str], options: list[str]
) -> None:
    """Causes that the message would name as well are not listed, nor are their options; unless one leaves it open."""
    findings = report_of(write(tmp_path / "app.log", log))["findings"]
    finding = next(item for item in findings if item["rule"] == rule)
    assert [cause["id"] for cause in finding["causes"]] == causes
    assert [option["id"] for option in finding["options"]] == options


@pytest.mark.parametrize(
    ("log", "rules"),
    [
        (
            "aiohttp.ClientConnectorError: Cannot connect to host a.example:443 ssl:default [Too many open files]\n",
            ["too-many-open-files"],
        ),
        (
            (
                "ERROR:    Exception in ASGI application\nTraceback (most recent call last):\n"
                "uvicorn.protocols.utils.ClientDisconnected\n\n"
                "During handling of the above exception, another exception occurred:\n\n"
                "Traceback (most recent call last):\nstarlette.websockets.WebSocketDisconnect\n"
            ),
            ["websocket-disconnect-unhandled"],
        ),
    ],
)
def test_a_failure_is_told_once(tmp_path: Path, log: str, rules: list[str]) -> None:
    """What runs out is told, not each call that meets it; a socket that closes is no stream of events."""
    findings = report_of(write(tmp_path / "app.log", log))["findings"]
    assert [finding["rule"] for finding in findings] == rules
