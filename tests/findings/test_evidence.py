"""What of an event is shown: messages and the application's own frames, whatever else is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_runner import report_of, write
from timing import seconds

LIBRARY = (
    '  File "/srv/app/.venv/lib/python3.12/site-packages/anthropic/client.py", line {0}, in call_{0}\n'
    "    step_{0}()\n"
)
OWN = '  File "/srv/app/app/chat.py", line 31, in chat\n    reply = await ask(text)\n    ^^^^^^^^^^^^^^^\n'
LEAF = (
    "anthropic.BadRequestError: Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', "
    "'message': 'Your credit balance is too low to access the Anthropic API.'}}"
)
TRACEBACK = (
    "Traceback (most recent call last):\n"
    + "".join(LIBRARY.format(n) for n in range(1, 20))
    + OWN
    + "".join(LIBRARY.format(n) for n in range(20, 40))
    + LEAF
)


def finding_of(folder: Path, log: str) -> dict[str, Any]:
    """The only finding of a log."""
    report = report_of(write(folder / "app.log", log))
    (finding,) = report["findings"]
    return dict(finding)


def test_long_traceback_keeps_own_frames_and_message(tmp_path: Path) -> None:
    """Of a long traceback the frames of libraries are left out, but for the one that raised."""
    (event,) = finding_of(tmp_path, f"ERROR:app.chat:failed\n{TRACEBACK}\n")["evidence"]

    assert event["text"].split("\n") == [
        "ERROR:app.chat:failed",
        "Traceback (most recent call last):",
        "  […]",
        *OWN.split("\n")[:2],
        "  […]",
        *LIBRARY.format(39).rstrip().split("\n"),
        LEAF,
    ]
    assert (event["line"], event["last_line"], event["omitted_lines"]) == (1, 84, 76)


def test_json_record_shows_its_traceback(tmp_path: Path) -> None:
    """A traceback inside a JSON record is written out below the record, so that it can be read."""
    record = {"level": "error", "event": "failed", "exception": TRACEBACK}
    (event,) = finding_of(tmp_path, json.dumps(record) + "\n")["evidence"]

    lines = event["text"].split("\n")
    assert json.loads(lines[0]) == {**record, "exception": "…"}
    assert [lines[1], lines[3], lines[-1]] == [TRACEBACK.split("\n")[0], OWN.split("\n")[0], LEAF]


def test_innermost_own_frame_comes_first(tmp_path: Path) -> None:
    """Code locations name each function once, the one nearest to the failure first."""
    outer = '  File "/srv/app/app/main.py", line 12, in handle\n    await chat()\n'
    log = f"ERROR:app.chat:failed\n{TRACEBACK.replace(OWN, outer + OWN)}\n"

    assert [
        (place["file"], place["line"], place["symbol"]) for place in finding_of(tmp_path, log)["code"]
    ] == [
        ("/srv/app/app/chat.py", 31, "chat"),
        ("/srv/app/app/main.py", 12, "handle"),
    ]


def test_logger_stands_in_for_a_traceback(tmp_path: Path) -> None:
    """Without a traceback the application's logger says where; a library's logger says nothing."""
    own = finding_of(tmp_path, f"ERROR:app.chat:failed: {LEAF}\n")["code"]
    library = finding_of(tmp_path, f"ERROR:uvicorn.error:failed: {LEAF}\n")["code"]

    assert [(place["file"], place["origin"]) for place in own] == [("app.chat", "logger")]
    assert library == []


def test_the_name_of_an_mcp_server_is_no_module(tmp_path: Path) -> None:
    """What Claude Desktop writes before a message names the server that it started, no place in the code."""
    log = "2026-03-02T10:00:10.197Z [fetch] [error] spawn python ENOENT\n"

    assert finding_of(tmp_path, log)["code"] == []


def test_a_warning_names_its_line(tmp_path: Path) -> None:
    """What Python's warnings stand for is a place in the code, where it is the application's own."""
    warning = "{}: RuntimeWarning: coroutine 'notify' was never awaited\n  notify()\n"
    log = warning.format("/srv/app/app/misc.py:67") + warning.format(
        "/usr/lib/python3.12/asyncio/events.py:88"
    )
    log += "2026-11-20 19:00:01,000 - py.warnings - WARNING - " + warning.format("/srv/app/app/jobs.py:9")
    code = finding_of(tmp_path, log)["code"]
    assert [(c["file"], c["line"], c["symbol"], c["origin"]) for c in code] == [
        ("/srv/app/app/jobs.py", 9, "", "warning"),
        ("/srv/app/app/misc.py", 67, "", "warning"),
    ]


def test_a_long_word_costs_no_more_than_its_length(tmp_path: Path) -> None:
    """What is looked for in an event's text, such as a warning's file, begins where words do."""
    log = f"ERROR:app:[Errno 98] address already in use {'a.b.' * 4_000}\n"
    assert seconds(lambda: finding_of(tmp_path, log)) < 1


def test_who_gives_up_after_announced_tries_tells_of_the_same(tmp_path: Path) -> None:
    """Its own word that it gives up is part of the incident, another logger's where it follows at once; one that comes
    first, or later, is not."""
    tries = "".join(
        f"2026-03-02 10:00:{10 * n:02d},000 WARNING app.link: MCP initialize attempt {n}/2 failed: TimeoutError()\n"
        for n in (1, 2)
    )
    ends = "2026-03-02 10:00:21,000 ERROR app.{}: no session after 2 attempts, giving up\n"
    at_once = ends.format("main").replace(":21,000", ":20,004")
    for log in (tries + ends.format("link"), tries + at_once):
        own = report_of(write(tmp_path / "own.log", log))
        assert [item["occurrences"] for item in own["findings"]] == [1]
        assert own["unexplained"] == []
    before = ends.format("link").replace(":21", ":05")
    for log in (tries + ends.format("mail"), before + tries):
        assert len(report_of(write(tmp_path / "other.log", log))["unexplained"]) == 1


def test_cancellation_belongs_to_its_incident(tmp_path: Path) -> None:
    """A CancelledError beside a cancel scope failure is part of it; one that stands alone stays unexplained."""
    cancelled = (
        "Traceback (most recent call last):\n"
        '  File "/srv/app/agent.py", line 142, in opening\n    await session.initialize()\n'
        "asyncio.exceptions.CancelledError: Cancelled by cancel scope 7f0a\n"
    )
    scope = (
        "ERROR:asyncio:unhandled exception\nTraceback (most recent call last):\n"
        '  File "/srv/app/agent.py", line 9, in run\n    await link.close()\n'
        "RuntimeError: Attempted to exit cancel scope in a different task than it was entered in\n"
    )
    together = report_of(write(tmp_path / "both.log", scope + cancelled))
    alone = report_of(write(tmp_path / "alone.log", cancelled))

    assert [(f["rule"], f["occurrences"], f["events"]) for f in together["findings"]] == [
        ("cancel-scope", 1, 2)
    ]
    assert [line["line"] for line in together["findings"][0]["evidence"]] == [1, 6]
    assert together["unexplained"] == []
    assert [item["occurrences"] for item in alone["unexplained"]] == [1]


def test_gunicorn_s_guess_about_its_own_kill_shows_no_lack_of_memory(tmp_path: Path) -> None:
    """After a timeout gunicorn itself sends SIGKILL to what does not end; the kernel's word is evidence."""
    timeout = "[2026-03-02 13:24:03 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:9)\n"
    guess = (
        "[2026-03-02 13:24:04 +0000] [7] [ERROR] Worker (pid:9) was sent SIGKILL! Perhaps out of memory?\n"
    )
    kernel = "Memory cgroup out of memory: Killed process 9 (gunicorn) total-vm:2048kB\n"
    shown = []
    for log in (timeout + guess, timeout + kernel):
        findings = report_of(write(tmp_path / "app.log", log))["findings"]
        (finding,) = (item for item in findings if item["rule"] == "gunicorn-worker-timeout")
        shown.append([cause["id"] for cause in finding["causes"] if cause["observed"]])
    assert shown == [[], ["out-of-memory"]]


def test_a_worker_that_has_started_is_not_still_loading(tmp_path: Path) -> None:
    """A start counts for the worker that it is of, until the application is up; a stop only before the timeout."""
    at = "[2026-03-02 13:24:{0:02d} +0000] [{1}] [INFO] "
    boot = (at + "Booting worker with pid: {1}\n").format
    waits = (at + "Waiting for application startup.\n").format
    up = (at + "Application startup complete.\n").format
    stops = (at + "Waiting for application shutdown.\n").format
    timeout = "[2026-03-02 13:24:40 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:9)\n"
    logs = [
        boot(1, 9) + timeout,
        boot(1, 9) + waits(2, 9) + timeout,
        boot(1, 9) + waits(2, 9) + up(3, 9) + timeout,
        boot(1, 9) + waits(2, 9) + up(3, 9) + boot(30, 12) + timeout,
        boot(1, 9) + waits(2, 9) + up(3, 9) + timeout + stops(50, 9),
        up(3, 9) + stops(10, 9) + timeout,
    ]
    shown = []
    for log in logs:
        finding = finding_of(tmp_path, log)
        causes = [cause["id"] for cause in finding["causes"] if cause["observed"]]
        shown.append((causes, finding["options"][0]["id"]))

    loading, usual = (["slow-startup"], "preload-or-longer-boot"), "unblock-event-loop"
    assert shown == [loading, loading, ([], usual), ([], usual), ([], usual), (["stuck-shutdown"], usual)]


def test_cause_that_no_log_shows_stands_before_one_that_this_log_lacks(tmp_path: Path) -> None:
    """The recommended option and the likeliest cause agree where the log shows none."""
    finding = finding_of(
        tmp_path, "ERROR:mcp_manager:MCP session initialization timed out after 90 seconds\n"
    )

    assert [cause["observed"] for cause in finding["causes"]] == [False] * len(finding["causes"])
    assert finding["causes"][0]["id"] != "child-died"
    assert finding["options"][0]["reason"].startswith(
        "the usual remedy, as long as the log does not show this cause: "
    )


def test_what_speaks_for_a_cause_fills_texts_too(tmp_path: Path) -> None:
    """The unit that systemd starts again is named where the plan stops it; who tells no unit is left to name it."""
    start = "Nov 20 19:19:4{0} api-01 systemd[1]: "
    failed = (
        "Nov 20 19:19:4{0} api-01 uvicorn[7]: ERROR:    [Errno 98] error while attempting to bind on address "
    )
    failed += "('127.0.0.1', 8000): address already in use\n"
    again = "support-api.service: Scheduled restart job, restart counter is at {0}.\n"

    def unit(log: str) -> str:
        snippet = finding_of(tmp_path, log)["options"][0]["snippet"]["code"]
        return str(next(line for line in snippet.split("\n") if line.startswith("unit=")).split()[0])

    loop = "".join((failed + start + again).format(n) for n in range(1, 4))
    assert unit(loop) == "unit=support-api.service"
    assert unit(failed.format(1)) == "unit=UNIT"


SCOPE = "RuntimeError: Attempted to exit cancel scope in a different task than it was entered in"
PROBED = """\
2026-11-20 19:32:47,904 - {logger} - INFO - HTTP Request: POST http://127.0.0.1:8000/mcp "HTTP/1.1 400 Bad Request"
2026-11-20 19:32:47,909 - {logger} - INFO - HTTP Request: POST http://127.0.0.1:8000/mcp "HTTP/1.1 200 OK"
2026-11-20 19:32:47,913 - {logger} - INFO - HTTP Request: POST http://127.0.0.1:8000/mcp "HTTP/1.1 202 Accepted"
"""


@pytest.mark.parametrize(
    ("log", "cause", "option"),
    [
        (f"ERROR:app.tools:Error during cleanup: {SCOPE}\n", "closed-elsewhere", "owner-task"),
        (
            (
                "ERROR:asyncio:an error occurred during closing of asynchronous generator <async_generator object "
                f'stdio_client at 0x7f74a42f1bc0>\nTraceback (most recent call last):\n  File "/srv/app/a.py", line 3, '
                f"in a\n    x()\n{SCOPE}\n"
            ),
            "garbage-collected",
            "owner-task",
        ),
        (PROBED.format(logger="httpx2"), "version-probe", "answer-the-probe"),
        (PROBED.format(logger="httpx"), "", "initialize-first"),
        (
            "Loading embedding model ...\nERROR:hub:MCP server 'files' initialization timed out after 5s\n",
            "cold-start",
            "raise-limit",
        ),
    ],
)
def test_the_cause_that_the_log_shows_decides(tmp_path: Path, log: str, cause: str, option: str) -> None:
    """The rules of the core families name the cause whose trace stands in the log, and the remedy for it."""
    (found,) = report_of(write(tmp_path / "app.log", log))["findings"]
    assert [one["id"] for one in found["causes"] if one["observed"]] == ([cause] if cause else [])
    assert [one["id"] for one in found["options"] if one["recommended"]] == [option]


CHAINED = (
    "ERROR x: chat failed\nTraceback (most recent call last):\nhttpx.ConnectError: [Errno -2] Name not known\n\n"
    "The above exception was the direct cause of the following exception:\n\n"
    "Traceback (most recent call last):\nopenai.APIConnectionError: Connection error."
)


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (
            "ERROR:    Exception in ASGI application\nTraceback (most recent call last):\nKeyError: 'a'",
            "KeyError: 'a'",
        ),
        (
            "ERROR:agent:run failed\nTraceback (most recent call last):\nTimeoutError",
            "run failed: TimeoutError",
        ),
        (CHAINED, "httpx.ConnectError: [Errno -2] Name not known"),
        ("2026-11-19 21:03:00 [error    ] agent.failed                  run=7", "agent.failed run=7"),
        ("[ERROR] Unexpected exit from worker-1", "Unexpected exit from worker-1"),
        ("2026-03-02 17:02:11,100 - app.chat - ERROR - refused: no credit", "refused: no credit"),
        ("2026-03-02 17:02:11,100 ERROR    openai.APIError: no credit", "openai.APIError: no credit"),
        ("[2026-03-02 17:02:11 +0000] [71] [ERROR] Connection in use", "Connection in use"),
        (f"ERROR:app:failed: {LEAF}", f"failed: {LEAF.partition('{')[0]}Your credit balance is too low to …"),
        (
            "ERROR:app:gave up: APIError(\"{'error': {'message': 'Overloaded'}, 'request_id': 'r'}\")",
            'gave up: APIError("Overloaded")',
        ),
        ('time=2026-03-02T17:02:11Z level=error msg="no chat" err="no credit"', 'no chat err="no credit"'),
        ('{"level": "error", "msg": "run failed", "err": "no credit"}', "run failed: no credit"),
        (
            '{"level": "error", "message": "failed", "error": {"type": "ConnectError", "message": "no route"}}',
            "ConnectError: no route",
        ),
        ("ERROR:app:login failed: password=hunter22 for ada", "login failed: password=[redacted] for ada"),
        ("ERROR:password:hunter22", "[redacted]"),
    ],
)
def test_an_event_is_told_in_a_line(tmp_path: Path, log: str, told: str) -> None:
    """The exception, or the message, without what stands around; no secret that only what stands around tells."""
    report = report_of(write(tmp_path / "app.log", f"{log}\n"))
    (event,) = (event for item in report["unexplained"] + report["findings"] for event in item["evidence"])
    assert event["told"].startswith(told.removesuffix("…"))


def test_a_body_made_to_be_slow_is_not(tmp_path: Path) -> None:
    """Bodies that begin over and over and never end cost no more than their length."""
    path = write(tmp_path / "app.log", "ERROR:x:" + "{'message': '" * 1_200 + "\n")
    assert seconds(lambda: report_of(path), runs=1) < 3
