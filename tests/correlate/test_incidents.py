"""Occurrences as an operator counts them, in whole logs as the libraries print them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli_runner import report_of

TOO_LOW = (
    "Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', 'message': 'Your credit balance "
    "is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.'}}"
)
HANDLED = f"ERROR:app.chat:Error processing message: {TOO_LOW}"
UNHANDLED = f"""\
INFO:     10.0.0.7:50041 - "GET /chat HTTP/1.1" 500 Internal Server Error
ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/srv/app/chat.py", line 12, in ask
    return await client.messages.create(**params)
anthropic.BadRequestError: {TOO_LOW}"""


def read(*lines: str) -> dict[str, Any]:
    """The report of a log."""
    return report_of("-", stdin="\n".join((*lines, "")).encode())


def counted(rule: str, *lines: str) -> int:
    """The occurrences of a rule in a log."""
    return sum(found["occurrences"] for found in read(*lines)["findings"] if found["rule"] == rule)


def sequence(*lines: str) -> tuple[int, int, int, int]:
    """Sessions in a log: all, rejected first, recovered, stalled."""
    (found,) = [one for one in read(*lines)["findings"] if one["rule"] == "mcp-400-before-session"]
    told = found["sequence"]
    return told["sessions"], told["rejected_first"], told["recovered"], told["stalled"]


def signals(*lines: str) -> dict[str, int]:
    """The signs of health in a log, and how often each occurs."""
    return {signal["rule"]: signal["occurrences"] for signal in read(*lines)["signals"]}


@pytest.mark.parametrize("between", [0, 5, 150])
def test_a_time_taken_from_far_away_parts_nothing(between: int) -> None:
    """What stands below each other is told at once, though the next line with a clock is written hours later; where
    lines with a clock say what time has passed, two calls stay two."""
    at = "2026-03-02 {} - app.chat - {} - {}"
    other = ['INFO:     10.0.0.7:50041 - "GET /health HTTP/1.1" 200 OK'] * between
    quiet = [at.format("12:00:00,000", "INFO", "tick")]
    failed = [*other, at.format("10:00:00,000", "ERROR", TOO_LOW), *UNHANDLED.splitlines(), *other]
    again = [
        at.format("12:00:04,000", "INFO", "asks"),
        *UNHANDLED.splitlines(),
        at.format("12:00:05,000", "INFO", "asked"),
    ]

    assert counted("anthropic-credit-balance", *failed, *quiet) == 1
    assert counted("anthropic-credit-balance", *failed, *quiet, *again) == 2


class TestOneCall:
    """The provider's request id tells which call failed, whoever tells of it, and whatever was answered meanwhile."""

    SERVICE = "ERROR:llm.service:Claude call failed: {}"
    GATEWAY = "ERROR:gateway:llm-service returned 502: {}"
    ANSWERED = 'INFO:     10.0.0.7:50041 - "POST /v1/chat HTTP/1.1" 502 Bad Gateway'

    @staticmethod
    def failed(request: str) -> str:
        return TOO_LOW[:-1] + f", 'request_id': '{request}'}}"

    def told(self, *requests: str) -> int:
        lines = [
            line
            for request in requests
            for line in (
                self.SERVICE.format(self.failed(request)),
                self.ANSWERED,
                self.GATEWAY.format(self.failed(request)),
                self.ANSWERED,
            )
        ]
        return counted("anthropic-credit-balance", *lines)

    def test_the_service_behind_a_gateway_and_the_gateway_tell_one_failure(self) -> None:
        """The access line of the service stands between the two; each call is one."""
        assert self.told("req_011CSHoEeqs5C35K2UUqR7Fy", "req_011CTX4gN8GVNQopoal9PFN4") == 2

    def test_ids_that_are_all_the_same_join_no_calls(self) -> None:
        """A test server gives every answer the same id: what one logger tells twice is two failures."""
        assert self.told(*["req_011CSHoEeqs5C35K2UUqR7Fy"] * 3) == 3

    def test_the_server_tells_of_another_call(self) -> None:
        """A handled failure, and right behind it the traceback of a request that failed on its own."""
        one, other = "req_011CSHoEeqs5C35K2UUqR7Fy", "req_011CTX4gN8GVNQopoal9PFN4"
        handled = HANDLED.replace(TOO_LOW, self.failed(one))
        for request, incidents in ((one, 1), (other, 2)):
            unhandled = UNHANDLED.replace(TOO_LOW, self.failed(request))
            assert counted("anthropic-credit-balance", handled, unhandled) == incidents

    def test_tries_that_are_announced_are_one_failure_though_each_has_its_id(self) -> None:
        """Each try is a call of its own to the provider; the one who gave up failed once."""
        tries = [
            f"WARNING:llm.retry:attempt {number} of 3 failed: {self.failed(f'req_011CSHoEeqs5C35K2UUqR{number}')}"
            for number in (1, 2)
        ]
        last = self.SERVICE.format(self.failed("req_011CSHoEeqs5C35K2UUqR3"))
        assert counted("anthropic-credit-balance", *tries, last) == 1

    def test_without_an_id_the_answer_ends_the_incident(self) -> None:
        """Nothing tells that the two lines are about one call."""
        assert self.told("none", "none") == 4


class TestOneCallOfTwoServices:
    """The service that called the provider tells of it, then the one that had asked that service, in other words."""

    WORKER = f"worker-1  | 2026-03-04 10:15:%s,100 ERROR worker.llm Claude failed: {TOO_LOW}"
    ANSWERED = (
        'worker-1  | 2026-03-04 10:15:%s,110 INFO uvicorn.access 10.0.0.7:50041 - "POST /chat HTTP/1.1" 502'
    )
    GATEWAY = f"gateway-1 | 2026-03-04 10:15:%s,130 ERROR gateway.chat the worker answered 502: {TOO_LOW}"

    def told(self, gateway: str, *seconds: str) -> int:
        lines = [line % second for second in seconds for line in (self.WORKER, self.ANSWERED, gateway)]
        return counted("anthropic-credit-balance", *lines)

    def test_it_failed_once(self) -> None:
        """Also where no id names the call, each time that both tell of it."""
        assert self.told(self.GATEWAY, "30", "34", "47") == 3

    def test_another_process_of_the_same_service_tells_of_its_own(self) -> None:
        """It is no caller of the first one: each of its failures is one more."""
        assert self.told(self.WORKER.replace("worker-1 ", "worker-2 "), "30", "34") == 4


class TestServedRequests:
    """The server reports an unhandled failure last, behind the access line of its 500."""

    def test_calls_that_fail_in_parallel_are_counted_once_each(self) -> None:
        """An outer layer is no new failure because others have asked or were answered since the inner one told."""
        asked = (
            'INFO:httpx:HTTP Request: POST https://api.anthropic.com/v1/messages "HTTP/1.1 400 Bad Request"'
        )
        call, turn = f"WARNING:app.llm:call rejected: {TOO_LOW}", f"ERROR:app.agent:turn failed ({TOO_LOW})"
        edge = f"ERROR:app.api:no answer: {TOO_LOW}"
        answer = 'INFO:     10.0.0.7:50041 - "POST /chat HTTP/1.1" 503 Service Unavailable'
        log = [
            asked,
            call,
            asked,
            call,
            turn,
            asked,
            call,
            edge,
            answer,
            turn,
            asked,
            call,
            turn,
            edge,
            answer,
        ]
        log += [turn, edge, answer, edge, answer, asked, call, turn, edge, answer]
        assert counted("anthropic-credit-balance", *log) == 5

    def test_what_was_answered_well_between_two_layers_is_of_others(self) -> None:
        """A busy server answers other clients while a failure is told from within; its answer is the end of it."""
        healthy = 'INFO:     10.0.0.9:50100 - "GET /items HTTP/1.1" 200 OK'
        answer = 'INFO:     10.0.0.7:50041 - "POST /chat HTTP/1.1" 503 Service Unavailable'
        call, edge = f"ERROR:app.llm:call rejected: {TOO_LOW}", f"ERROR:app.api:no answer: {TOO_LOW}"
        assert counted("anthropic-credit-balance", call, healthy, edge, answer) == 1
        assert counted("anthropic-credit-balance", call, answer, edge, answer) == 2

    def test_two_agents_that_ask_in_turns_fail_each(self) -> None:
        """Nothing is told behind a layer whose failures never stand right before it."""
        asked = (
            'INFO:httpx:HTTP Request: POST https://api.anthropic.com/v1/messages "HTTP/1.1 400 Bad Request"'
        )
        planner = f"ERROR:app.planner:no plan could be made: {TOO_LOW}"
        writer = f"ERROR:app.writer:draft was given up: {TOO_LOW}"
        assert counted("anthropic-credit-balance", *(asked, planner, asked, writer) * 4) == 8

    def test_application_and_server_tell_one_failure(self) -> None:
        """The application logs and raises, the server logs the traceback again."""
        assert counted("anthropic-credit-balance", HANDLED, UNHANDLED) == 1

    def test_another_request_fails_right_behind_the_traceback(self) -> None:
        """Two requests at a time: the second one's failure does not belong to the traceback of the first."""
        answered = 'INFO:     10.0.0.8:50050 - "GET /ask HTTP/1.1" 502 Bad Gateway'
        assert counted("anthropic-credit-balance", UNHANDLED, HANDLED, answered) == 2

    def test_a_failure_answered_with_502_is_no_traceback_of_a_500(self) -> None:
        """The first request is handled and answered; the second one is not."""
        answered = 'INFO:     10.0.0.8:50050 - "GET /ask HTTP/1.1" 502 Bad Gateway'
        assert counted("anthropic-credit-balance", HANDLED, answered, UNHANDLED) == 2


class TestStarts:
    """Starts and restarts of the server."""

    def test_a_start_that_dies_on_its_port_is_no_sign_of_health(self) -> None:
        """Uvicorn says that the startup is complete before it binds, and shuts down in good order after."""
        lines = [
            "INFO:     Started server process [412]",
            "INFO:     Waiting for application startup.",
            "INFO:     Application startup complete.",
            "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use",
            "INFO:     Waiting for application shutdown.",
            "INFO:     Application shutdown complete.",
        ]
        good = [*lines[:3], "INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)"]
        assert signals(*lines) == {}
        assert signals(*lines, *good) == {"app-started": 1, "server-listening": 1}

    def test_no_session_goes_on_behind_a_restart(self) -> None:
        """The process that rejected the request is gone; the session that follows is another one."""
        rejected = 'INFO:     10.0.0.4:50100 - "POST /mcp HTTP/1.1" 400 Bad Request'
        ready = 'INFO:     10.0.0.4:50104 - "POST /mcp HTTP/1.1" 202 Accepted'
        started = "INFO:     Started server process [9]"
        assert sequence(rejected, ready) == (1, 1, 1, 0)
        assert sequence(rejected, started, ready) == (2, 1, 0, 1)

    def test_a_session_outlives_the_end_of_the_startup(self) -> None:
        """A client that connects in the lifespan talks before and behind "Application startup complete"."""
        lines = [
            "INFO:     Started server process [9]",
            'INFO:httpx:HTTP Request: POST http://tools:8000/mcp "HTTP/1.1 400 Bad Request"',
            "INFO:     Application startup complete.",
            'INFO:httpx:HTTP Request: POST http://tools:8000/mcp "HTTP/1.1 202 Accepted"',
        ]
        assert sequence(*lines) == (1, 1, 1, 0)

    def test_logs_of_two_servers_and_their_clients_are_told_apart(self, tmp_path: Path) -> None:
        """Without times a client's log is told from the port that it asked; in whatever order the logs are given."""
        listens = "INFO:     Uvicorn running on http://127.0.0.1:{}\n"
        server = listens + 'INFO:     127.0.0.1:5010{} - "POST /mcp HTTP/1.1" {}\n'
        client = 'INFO:httpx:HTTP Request: POST http://localhost:{}/mcp "HTTP/1.1 400 Bad Request"\n'
        logs = (
            server.format(8000, 1, "400 Bad Request"),
            server.format(9000, 2, "202 Accepted"),
            client.format(8000),
            client.format(9100),
        )
        paths = [tmp_path / f"{name}.log" for name in "abcd"]
        for path, text in zip(paths, logs, strict=True):
            path.write_text(text)
        for order in (paths, paths[::-1]):
            (found,) = report_of(*map(str, order))["findings"]
            assert (found["rule"], found["occurrences"]) == ("mcp-400-before-session", 2)

    def test_the_retries_of_gunicorn_are_part_of_the_failure(self) -> None:
        """Up to version 22 an error line announces each of its tries: nothing is left unexplained."""
        head = "[2026-03-02 10:00:0{} +0000] [71] [ERROR] "
        tries = ("Connection in use: ('0.0.0.0', 8000)", "Retrying in 1 second.")
        lines = [head.format(n) + text for n in range(3) for text in tries]
        report = read(*lines, head.format(3) + "Can't connect to ('0.0.0.0', 8000)")
        assert [(found["rule"], found["occurrences"]) for found in report["findings"]] == [("port-in-use", 1)]
        assert report["unexplained"] == []


class TestSeveralServers:
    """What several servers fail with is told by the same line of code, once each."""

    def test_a_name_in_the_message_makes_no_other_layer(self) -> None:
        """Two servers run into the same limit at once."""
        line = "2026-03-02 10:11:12,342 ERROR tools: MCP server {} failed to start: timed out after 30 s"
        assert counted("mcp-session-init-timeout", line.format("search"), line.format("files")) == 2
        assert counted("mcp-session-init-timeout", line.format("'search'"), line.format("'files'")) == 2

    def test_a_host_relays_for_each_of_its_servers(self) -> None:
        """The host's log names the server in front of each message."""
        reason = "McpError: MCP error -32001: Request timed out"
        message = f'{{"method":"notifications/cancelled","params":{{"requestId":0,"reason":"{reason}"}}}}'
        line = "2026-03-02T10:11:12.345Z [{}] [info] Message from client: {}"
        lines = [line.format(name, message) for name in ("weather", "files")]
        assert counted("mcp-session-init-timeout", *lines) == 2


class TestNames:
    """One line of code tells of several agents, tools or servers, each by its name."""

    @pytest.mark.parametrize("line", ["app.agents:{} agent failed: ", "app.llm:Answer of {}: "])
    def test_agents_that_fail_at_once_fail_each(self, line: str) -> None:
        """The same words of the same logger but for one, a name, are the same layer again."""
        told = [f"ERROR:{line.format(name)}{TOO_LOW}" for name in ("planner", "writer", "critic")]
        assert counted("anthropic-credit-balance", *told) == 3

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("Agent failed: ", "Request failed: "),
            ("planner failed: ", "run failed: "),
            ("planner: ", "chat: "),
        ],
    )
    def test_words_of_an_operation_are_no_names(self, first: str, second: str) -> None:
        """The agent tells, then the run that it belongs to: two layers of one failure."""
        told = [f"ERROR:app.agents:{text}{TOO_LOW}" for text in (first, second)]
        assert counted("anthropic-credit-balance", *told) == 1

    def test_a_logger_of_everybody_tells_nothing_by_a_word(self) -> None:
        """Different code writes to the root logger."""
        told = [f"ERROR:root:{name} failed: {TOO_LOW}" for name in ("planner", "pipeline")]
        assert counted("anthropic-credit-balance", *told) == 1


LATE = "MCP session initialization timed out after 30 seconds"
TWO_SERVERS = (
    "2026-03-02 10:11:12,{ms} ERROR app.tools: [{name}] " + LATE,
    "2026-03-02 10:11:12,{ms} ERROR app.tools: {name}: " + LATE,
    "2026-03-02 10:11:12,{ms} - mcp.{name} - ERROR - " + LATE,
    "ERROR:mcp.{name}:" + LATE,
    "ERROR:tools:[{name}] " + LATE,
    "ERROR:tools:{name}: " + LATE,
    "[{name}] " + LATE,
    "{name}: " + LATE,
    "2026-03-02T10:11:12.{ms}Z [{name}] [error] " + LATE,
    "ERROR:tools:MCP server {name} initialization timed out after 30 s",
    'ERROR:tools:MCP server "{name}": initialization timed out after 30 s',
    "ERROR:tools:Failed to initialize MCP server {name}: timed out after 30 s",
    "ERROR:tools:Timed out waiting for MCP server {name} to start",
    "ERROR:tools:MCP session for {name} initialization timed out after 30 s",
    f"ERROR:tools:{LATE} (server={{name}})",
    f"ERROR:tools:{LATE} for {{name}}",
    '{{"level": "error", "event": "MCP session initialization timed out", "server": "{name}"}}',
    '{{"level": "error", "logger": "mcp.{name}", "event": "MCP session initialization timed out"}}',
    "WARNING:tools:{name} MCP session initialization timed out after 30 s",
)
ONE_SERVER = (
    (
        "ERROR:mcp.weather:" + LATE,
        "ERROR:app:MCP server 'weather' failed to start: MCP session initialization timeout",
    ),
    ("ERROR:tools:[weather] " + LATE, "ERROR:app:MCP server Weather failed to start: timed out after 30 s"),
    ("ERROR:tools:weather: " + LATE, 'ERROR:app:Failed to initialize MCP server "weather": timed out'),
    (
        "2026-03-02 10:11:12,100 [ERROR] [mcp_manager] " + LATE,
        "2026-03-02 10:11:12,300 [ERROR] [app.main] Failed to start MCP server: MCP session initialization timeout",
    ),
    ("ERROR:mcp.client.session:" + LATE, "ERROR:mcp.manager:MCP session initialization timeout"),
    ("ERROR:tools:startup: " + LATE, "ERROR:main:lifespan: MCP session initialization timeout"),
    (
        "ERROR:tools:MCP server 'weather' initialization timed out after 30 s",
        "ERROR:app:no tools: MCP session initialization timed out",
    ),
)


@pytest.mark.parametrize("line", TWO_SERVERS)
def test_two_servers_are_two_incidents_however_they_are_named(line: str) -> None:
    """Their timeouts stand 0.2 s apart; a prefix, a logger, a member or the sentence names whose each is."""
    lines = [line.format(name=name, ms=ms) for name, ms in (("weather", 100), ("files", 300))]
    assert counted("mcp-session-init-timeout", *lines) == 2
    assert counted("mcp-session-init-timeout", lines[0]) == 1


@pytest.mark.parametrize("lines", ONE_SERVER)
def test_one_server_is_one_incident_whoever_tells_of_it(lines: tuple[str, ...]) -> None:
    """Layers that name the same server, or none, or only themselves, tell of one failure."""
    assert counted("mcp-session-init-timeout", *lines) == 1


def test_two_servers_told_by_different_code_are_two_incidents() -> None:
    """The names differ, and so do all other words."""
    first = "ERROR:a:MCP server 'weather' initialization timed out after 30 s"
    second = "ERROR:b:Failed to initialize MCP server 'files': timed out"
    assert counted("mcp-session-init-timeout", first, second) == 2


@pytest.mark.parametrize("names", [("weather", "search"), ("'weather'", "'search'")])
def test_two_servers_that_close_badly_are_two_incidents(names: tuple[str, str]) -> None:
    """The name at the end of a message is no other layer of the same failure, however soon the second one follows."""
    tail = [
        "Traceback (most recent call last):",
        '  File "/srv/app/agent.py", line 120, in close',
        "    await stack.aclose()",
        "RuntimeError: Attempted to exit cancel scope in a different task than it was entered in",
    ]
    log = [line for name in names for line in (f"ERROR:pool:Error during cleanup of server {name}", *tail)]
    assert counted("cancel-scope", *log) == 2


def test_a_timeout_that_is_tried_again_and_works_has_healed() -> None:
    """The announced retry is no failure where nothing fails behind it: it is told at info, as recovered."""
    again = (
        "2026-03-02 10:11:00,100 WARNING mcp_manager: MCP session init timed out after 30 s, retrying (1/3)"
    )
    good = "2026-03-02 10:11:05,100 INFO mcp_manager: MCP session initialized"
    (found,) = read(again, good)["findings"]
    assert (found["status"], found["severity"], found["recovered"]) == ("recovered", "info", 1)


def test_gunicorn_that_gets_its_port_at_a_later_try_has_recovered() -> None:
    """It says so on its own line; where it gives up, or where another service does, the failure is there."""
    head = "web-1 | [2026-03-02 10:00:0{} +0000] [71] "
    tries = [head.format(n) + "[ERROR] Connection in use: ('0.0.0.0', 8000)" for n in range(3)]
    last = head.format(4) + "[INFO] Listening at: http://0.0.0.0:8000 (71)"
    for line, status in (
        (last, "recovered"),
        (last.replace("web-1", "web-2"), "active"),
        (head.format(4) + "[ERROR] Can't connect to ('0.0.0.0', 8000)", "active"),
    ):
        (found,) = read(*tries, line)["findings"]
        assert (found["rule"], found["occurrences"], found["status"]) == ("port-in-use", 1, status)


def test_one_worker_is_not_several() -> None:
    """gunicorn tells of each worker that it starts, also of the only one."""
    booted = "[2026-03-02 10:00:00 +0000] [7] [INFO] Booting worker with pid: {}"
    rejected = [f'INFO:     10.0.0.4:50100 - "POST /mcp HTTP/1.1" {status}' for status in (400, 200, 202)]
    for workers in (1, 2):
        (found,) = read(*map(booted.format, range(8, 8 + workers)), *rejected)["findings"]
        shown = [cause["id"] for cause in found["causes"] if cause["observed"]]
        assert shown == ["several-workers"] * (workers > 1)


def test_what_proves_a_cause_is_shown_once() -> None:
    """Two incidents beside one line that explains them both."""
    down = "2026-03-02 10:11:00,100 WARNING mcp: Server transport closed unexpectedly"
    late = "2026-03-02 10:11:0{},100 ERROR mcp_manager: MCP session initialization timed out after 30 s"
    (found,) = [
        one
        for one in read(down, late.format(1), late.format(2))["findings"]
        if one["rule"] == "mcp-session-init-timeout"
    ]
    assert [len(cause["evidence"]) for cause in found["causes"] if cause["observed"]] == [1]


def test_services_that_close_badly_at_once_are_one_incident_each() -> None:
    """What goes wrong within a process is no other one's, though a collector weaves their lines."""
    failed = "Attempted to exit cancel scope in a different task than it was entered in"
    api, worker = (
        f"api-1    | ERROR:pool:closing: {failed}",
        f"worker-1 | ERROR:mcp:session not left ({failed})",
    )
    assert counted("cancel-scope", api, worker) == 2
    assert counted("cancel-scope", api, worker.replace("worker-1", "api-1   ")) == 1


@pytest.mark.parametrize(
    ("refused", "proved"),
    [
        ("ERROR:cache:redis.exceptions.ConnectionError: Error 111 connecting to redis:6379.", False),
        ("ERROR:tools:cannot reach MCP server at http://tools:8000: httpx.ConnectError", True),
    ],
)
def test_only_what_speaks_of_mcp_says_that_its_server_cannot_be_reached(refused: str, proved: bool) -> None:
    """A database that refuses connections is no reason for a handshake without an answer."""
    report = read(refused, "ERROR:tools:MCP session initialization timed out after 30 seconds")
    (found,) = [one for one in report["findings"] if one["rule"] == "mcp-session-init-timeout"]
    assert [cause["observed"] for cause in found["causes"] if cause["id"] == "child-died"] == [proved]


def test_a_traceback_of_one_service_is_not_what_another_one_told_before() -> None:
    """The server's report tells again what its own process has told."""
    job = f"worker-1 | ERROR:worker.jobs:job 7 failed: {TOO_LOW}"
    assert (
        counted("anthropic-credit-balance", job, *[f"api-1    | {line}" for line in UNHANDLED.split("\n")])
        == 2
    )


def test_pytest_s_summary_tells_the_failures_again() -> None:
    """However much of other tests stands between; what only the summary tells, and each of two tests, counts."""
    rule, told = "port-in-use", "OSError: [Errno 98] Address already in use"
    failed = [
        "___________________________ ERROR at setup of test_{} ___________________________",
        f"E       {told}",
    ]
    shown = [line.format(name) for name in ("start", "reload") for line in failed]
    other = [f"tests/test_page.py::test_case_{number} PASSED" for number in range(600)]
    head = "=========================== short test summary info ============================"
    summary = [head, *(f"ERROR tests/test_server.py::test_{name} - {told}" for name in ("start", "reload"))]
    assert counted(rule, *shown) == counted(rule, *summary) == counted(rule, *shown, *other, *summary) == 2


@pytest.mark.parametrize(
    "asked",
    ["", "INFO:httpx:HTTP Request: POST https://api.anthropic.com/v1/messages "],
    ids=["bare", "httpx"],
)
def test_a_line_of_code_that_tells_each_announced_try_tells_one_failure(asked: str) -> None:
    """As many tries as were announced, each told in the same words; what fails behind the last of them is another."""
    failed = f"ERROR:app.llm:API call failed: {TOO_LOW}"
    again = f"WARNING:app.llm:Retrying app.llm.ask in 2.0 seconds as it raised BadRequestError: {TOO_LOW}"
    line = [f'{asked}"HTTP/1.1 400 Bad Request"'] if asked else []
    one = [*line, failed, again, *line, failed, again, *line, failed]
    assert counted("anthropic-credit-balance", *one) == 1
    assert counted("anthropic-credit-balance", *one, *line, failed) == 2


@pytest.mark.parametrize("told", ["chat", "get_response"])
def test_boxes_of_one_title_are_told_apart_by_their_first_row(told: str) -> None:
    """Two rows that differ are two layers of one failure, the same row again is the next one."""
    box = "╭─────── ⚠ Error ───────╮\n│ Error in {}: │\n│ {} │\n╰───────────────────────╯"
    lines = [box.format(name, TOO_LOW) for name in ("get_response", told)]
    assert counted("anthropic-credit-balance", *lines) == 1 + (told == "get_response")
