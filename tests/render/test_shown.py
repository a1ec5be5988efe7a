"""Events as reports show them: what stands for one in a line, and nothing said twice."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sample_report import sample_report
from timing import seconds

from logscope.render import html, markdown
from logscope.render.evidence import evidence_block, further_evidence, shown, telling_line, told_before
from logscope.report import Cause, EvidenceLine

TRACE = (
    'Traceback (most recent call last):\n  File "/srv/app/chat.py", line 7, in ask\n'
    "    await client.ask()\nValueError: no answer from <Client at 0x7fe81b3df210>"
)


def event(line: int, text: str, omitted: int = 0) -> EvidenceLine:
    """An event of app.log with as many lines as its text and what was left out."""
    last = line + text.count("\n") + omitted
    return EvidenceLine("app.log", line, last, None, "order", "error", text, omitted)


def test_a_traceback_is_shown_once() -> None:
    """An event whose lines below the first are those of an event above points there; addresses do not count."""
    again = TRACE.replace("0x7fe81b3df210", "0x7fe81b3d0001")
    assert evidence_block([event(1, f"ERROR a\n{TRACE}", 9), event(20, f"ERROR b\n{again}", 9)]).split(
        "\n"
    ) == [
        "app.log:1-14   ERROR a",
        "               Traceback (most recent call last):",
        '                 File "/srv/app/chat.py", line 7, in ask',
        "                   await client.ask()",
        "               ValueError: no answer from <Client at 0x7fe81b3df210>",
        "               (9 lines of this event left out)",
        "app.log:20-33  ERROR b",
        "               (13 more lines, as in app.log:1-14)",
    ]


def test_a_traceback_is_not_shown_again_among_what_proves_a_cause() -> None:
    """What an earlier finding, or the finding itself, has shown is pointed to; evidence of its own stands whole."""
    report = sample_report()
    first, second = report.findings[:2]
    proof = Cause(
        "known", "Seen twice", True, (event(40, f"ERROR c\n{TRACE}"), event(60, "ERROR d\n  e\n  f\n  g"))
    )
    first = replace(first, evidence=(event(1, f"ERROR a\n{TRACE}"),), causes=())
    second = replace(second, evidence=(event(20, "ERROR b"),), causes=(proof,))
    report = replace(report, findings=(first, second), unexplained=())

    before = told_before(second, report.findings)
    assert [item.line for item in before] == [1, 20]
    assert [(item.text, item.note) for item in shown(further_evidence(second), before)] == [
        ("ERROR c", "(4 more lines, as in app.log:1-5)"),
        ("ERROR d\n  e\n  f\n  g", ""),
    ]
    assert [page(report).count("await client.ask()") for page in (markdown.render, html.render)] == [1, 1]


@pytest.mark.parametrize(
    "second",
    [
        "ERROR b\n" + TRACE.replace("line 7", "line 9"),
        "ERROR b",
        "ERROR a\n  detail",
    ],
)
def test_another_event_is_shown_whole(second: str) -> None:
    """What differs in a frame, or is short, is shown as it is."""
    events = shown([event(1, f"ERROR a\n{TRACE}"), event(20, "ERROR a\n  detail"), event(30, second)])
    assert [(item.text, item.note) for item in events][2] == (second, "")


def test_a_message_under_a_known_traceback_is_shown() -> None:
    """Of a traceback that an event above shows, only what it says otherwise is left: the message."""
    other = TRACE.replace("no answer", "no room")
    (_, second) = shown([event(1, f"ERROR a\n{TRACE}"), event(20, f"ERROR b\n{other}", 9)])
    assert second.text == "ERROR b\nValueError: no room from <Client at 0x7fe81b3df210>"
    assert second.note == "(12 more lines, as in app.log:1-5)"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            "ERROR:    Exception in ASGI application\nTraceback (most recent call last):\nKeyError: 'a'",
            "KeyError: 'a'",
        ),
        (
            "ERROR:agent:run failed\nTraceback (most recent call last):\nTimeoutError",
            "run failed: TimeoutError",
        ),
        (
            "ERROR:agent:run failed\nTraceback (most recent call last):\nagents.exceptions.MaxTurnsExceeded: 10",
            "agents.exceptions.MaxTurnsExceeded: 10",
        ),
        (
            (
                "ERROR 11-19 16:22:03 [core.py:390] Traceback (most recent call last):\n"
                "ERROR 11-19 16:22:03 [core.py:390] torch.OutOfMemoryError: CUDA out of memory."
            ),
            "torch.OutOfMemoryError: CUDA out of memory.",
        ),
        ("12:20:57 - LiteLLM Proxy:ERROR: common.py:513 - p.handle(): Exception occured - gone", "gone"),
        ("2026-11-19 21:03:00 [error    ] agent.failed                  run=7", "agent.failed run=7"),
        (
            "Containers:\n  api:\n    Last State:     Terminated\n      Reason:       OOMKilled",
            "Reason: OOMKilled",
        ),
        ("[ERROR] Unexpected exit from worker-1", "Unexpected exit from worker-1"),
        ("2026/03/02 17:02:11 [error] 31#31: connect() failed", "31#31: connect() failed"),
        ("2026-03-02 17:02:11,100 - app.chat - ERROR - refused: no credit", "refused: no credit"),
        ("2026-03-02 17:02:11,100 ERROR    app.chat: refused: no credit", "refused: no credit"),
        ("2026-03-02 17:02:11,100 ERROR    openai.APIError: no credit", "openai.APIError: no credit"),
        ("2026-03-02 17:02:11,100 ERROR [app.db] refused: no credit", "refused: no credit"),
        ("2026-03-02 17:02:11,100 ERROR [Errno 98] in use", "[Errno 98] in use"),
        ("[2026-03-02 17:02:11 +0000] [71] [ERROR] Connection in use", "Connection in use"),
        ("[2026-03-02 17:02:11,100: ERROR/ForkPoolWorker-1] no broker", "no broker"),
        ('{"level": "error", "event": "chat failed"}', "chat failed"),
        (
            "openai.APIError: Error code: 400 - {'error': {'message': 'Too long', 'code': 1}}",
            "openai.APIError: Error code: 400 - Too long",
        ),
        (
            "ERROR:app:gave up: APIError(\"{'error': {'message': 'Overloaded'}, 'request_id': 'r'}\")",
            'gave up: APIError("Overloaded")',
        ),
        ("ERROR:app:gave up ({'message': 'Overloaded', 'code': 1}) at (3)", "gave up (Overloaded"),
        (
            "  + Exception Group Traceback:\n  | ExceptionGroup: x (1 sub-exception)\n    | ValueError: b",
            "ValueError: b",
        ),
        (
            (
                "  | ExceptionGroup: x (3 sub-exceptions)\n  +-+---------------- 1 ----------------\n"
                "    | asyncio.exceptions.CancelledError\n    +---------------- 2 ----------------\n"
                "    | openai.APIError: no credit\n    | app.AgentError: no answer\n"
                "    +---------------- 3 ----------------\n    | KeyError: 'x'\n"
                "    +------------------------------------"
            ),
            "app.AgentError: no answer",
        ),
        (
            'time=2026-03-02T17:02:11Z level=error logger=chat msg="model \\"x\\" refused" err="no credit"',
            'model "x" refused err="no credit"',
        ),
        ("level=error event=refused user=7", "refused user=7"),
        ("[\n  {\n    gone\n", "gone"),
        ('{"level": "error", "msg": "run failed", "err": "no credit"}', "run failed: no credit"),
        ('{"event": "refused: no credit", "error": "no credit"}', "refused: no credit"),
        ('{"textPayload": "no credit", "severity": "ERROR"}', "no credit"),
        ('{"jsonPayload": {"message": "run failed", "error": "no credit"}}', "run failed: no credit"),
        ('{"httpRequest": {"requestMethod": "GET", "requestUrl": "/a", "status": 503}}', "GET /a 503"),
        ('{"a":' * 3_000 + '"gone"' + "}" * 3_000, '{"a":' * 3_000 + '"gone"' + "}" * 3_000),
        (
            '{"message": "job failed", "error": {"type": "ConnectError", "message": "no route", "code": 7}}',
            "job failed: ConnectError: no route",
        ),
        ('{"message": "…", "level": "error"}\nno credit\nfor this', "no credit"),
        (
            "2026-11-20 10:00:00 worker 7 lost: connection error in pool",
            "worker 7 lost: connection error in pool",
        ),
        ("2026-11-20T10:00:00Z [error    ] order refused [shop]", "order refused [shop]"),
        ("2026-11-20 10:00:00,010 | ERROR | app.main | unhandled", "unhandled"),
        (
            (
                "ERROR x: chat failed\nTraceback (most recent call last):\n"
                "httpx.ConnectError: [Errno -2] Name not known\n\n"
                "The above exception was the direct cause of the following exception:\n\n"
                "Traceback (most recent call last):\nopenai.APIConnectionError: Connection error."
            ),
            "httpx.ConnectError: [Errno -2] Name not known",
        ),
        ('level=error msg=""', 'level=error msg=""'),
        ("refused: level=error msg=gone", "refused: level=error msg=gone"),
        ("a line about an error without any form", "a line about an error without any form"),
        (
            (
                "[2026-11-28 10:09:59,456: ERROR/MainProcess] Task handler raised error: TimeLimitExceeded(2)\n"
                'Traceback (most recent call last):\n  File "/v/billiard/pool.py", line 745, in on_hard_timeout\n'
                "    raise TimeLimitExceeded(job._timeout)\nbilliard.einfo.ExceptionWithTraceback: "
            ),
            "Task handler raised error: TimeLimitExceeded(2): billiard.einfo.ExceptionWithTraceback",
        ),
    ],
)
def test_telling_line_says_what_failed(event: str, told: str) -> None:
    """The line of an event that stands for it is the exception or the message, without what stands around."""
    assert telling_line(event) == told


def test_a_line_made_to_be_slow_is_not() -> None:
    """Bodies that begin over and over and never end cost no more than their length."""
    assert seconds(lambda: telling_line("ERROR:x:" + "{'message': '" * 1_200)) < 1
