"""Sessions whose lines are marked: by an id in brackets, a member, a thread's name; told in whole logs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cli_runner import report_of

REFUSED = 'HTTP Request: POST http://tools:8000/mcp "HTTP/1.1 400 Bad Request"'
READY = "MCP session initialized"
MANAGER = "mcp.server.streamable_http_manager"
STEPS = [
    ("a", REFUSED),
    ("b", READY),
    ("c", REFUSED),
    ("d", REFUSED),
    ("c", READY),
    ("e", READY),
    ("d", "tools are asked again"),
]
"""Of five sessions two work at once, one recovers and two give up; which, only the marks tell."""
NAMES = {"a": "3f9c21d0", "b": "7be0a914", "c": "c05d77e2", "d": "19aa4c3b", "e": "e8127f60"}

Write = Callable[[str, str], str]


def sequence(lines: list[str]) -> tuple[int, int, int, int] | None:
    """Sessions in a log: all, rejected first, recovered, stalled."""
    findings = report_of("-", stdin="\n".join([*lines, ""]).encode())["findings"]
    told = [one["sequence"] for one in findings if one["rule"] == "mcp-400-before-session"]
    if not told:
        return None
    assert not told[0]["ambiguous"]
    return told[0]["sessions"], told[0]["rejected_first"], told[0]["recovered"], told[0]["stalled"]


@pytest.mark.parametrize(
    "write",
    [
        lambda name, text: f"INFO:app.mcp:[{name}] {text}",
        lambda name, text: f"2026-03-02 10:00:00,100 INFO app.mcp [session={name}] {text}",
        lambda name, text: f"2026-03-02 10:00:00,100 [pool-1_{name}] INFO app.mcp - {text}",
        lambda name, text: f"2026-03-02 10:00:00.100 | INFO     | req-{name} | app.mcp | {text}",
        lambda name, text: f"2026-03-02 10:00:00,100 INFO app.mcp {text} trace_id={name}",
        lambda name, text: json.dumps(
            {"level": "info", "logger": "app.mcp", "session_id": name, "event": text}
        ),
        lambda name, text: json.dumps({"level": "info", "extra": {"task": name}, "message": text}),
        lambda name, text: f"agent-{name[0]}  | INFO:app.mcp:{text}",
        lambda name, text: f"INFO:agents.{name}:{text}",
        lambda name, text: f"INFO:pool:worker-{int(name[:2], 16)}: {text}",
        lambda name, text: f"2026-03-02 10:00:00,100 INFO app.mcp session {name} - {text}",
        lambda name, text: f"2026-03-02 10:00:00,100 INFO app.mcp Session #{int(name[:2], 16)}: {text}",
        lambda name, text: f"12:00:00 link#{int(name[:2], 16)} {text}",
        lambda name, text: f"{text} client=127.0.0.1:{50000 + int(name[:2], 16)}",
        lambda name, text: f"2026-03-02 10:00:00,100 INFO app.mcp {text} ({name}@acme.test)",
        lambda name, text: f"INFO:app.mcp:[agent {int(name[:2], 16)}] {text}",
        lambda name, text: f"2026-03-02 10:00:00,100 INFO app.mcp: käfer-{int(name[:2], 16)}: {text}",
        lambda name, text: f"INFO session{{id={int(name[:2], 16)}}}: app.mcp: {text}",
        lambda name, text: json.dumps({"logger": "app.mcp", "peer": f"10.0.0.{name}", "message": text}),
    ],
)
def test_a_mark_tells_whose_a_line_is(write: Write) -> None:
    """Whatever each line of a session shows beside its message tells sessions apart that overlap, timed or not."""
    names = dict(zip("abcde", "12345", strict=True)) if write("1", "").startswith("agent-") else NAMES
    assert sequence([write(names[one], text) for one, text in STEPS]) == (5, 3, 1, 2)


def test_words_that_differ_are_of_two_sessions_where_marks_do() -> None:
    """A GET and a POST that are refused in a row are one session's only under one mark."""
    refused = "{} http://tools:8000/mcp returned 400 Bad Request"
    told = [
        ("3f9c21d0", refused.format("GET")),
        ("7be0a914", refused.format("POST")),
        ("7be0a914", READY),
        ("48127705", refused.format("POST")),
        ("48127705", READY),
    ]
    lines = [f"2026-03-02 10:00:00,100 WARNING app.mcp [{name}] {text}" for name, text in told]
    assert sequence(lines) == (3, 3, 2, 1)


def test_what_several_sessions_share_is_no_mark() -> None:
    """Two processes whose ids stand in brackets are no two sessions: their lines are served in order."""
    texts = [REFUSED, REFUSED, REFUSED, READY, READY, READY]
    lines = [f"[10:00:0{at}] [{31 + at % 2}] [INFO] app.mcp: {text}" for at, text in enumerate(texts)]
    assert sequence(lines) == (3, 3, 3, 0)


def test_a_thread_works_for_one_session_after_another() -> None:
    """A name that is used again, by sessions with names of their own, tells which of them a rejection is of."""
    ready = "Initialized MCP session {} for key {}"
    told = [
        ("worker-1", ready.format("5d7dffeb38434223", "planner_1")),
        ("worker-2", REFUSED),
        ("worker-1", "Session planner_1 verified as ready"),
        ("worker-1", ready.format("6e8eaafc49545334", "planner_2")),
        ("worker-2", ready.format("7f9fbbad5a656445", "critic_1")),
    ]
    assert sequence([f"2026-03-02 10:00:00,100 [{name}] INFO app.mcp - {text}" for name, text in told]) == (
        3,
        1,
        1,
        0,
    )


def test_a_session_that_has_worked_is_not_rejected_first() -> None:
    """A 400 under the mark of a session that works is about something else."""
    told = [("3f9c21d0", READY), ("7be0a914", REFUSED), ("3f9c21d0", REFUSED), ("7be0a914", READY)]
    assert sequence([f"INFO:app.mcp:[{name}] {text}" for name, text in told]) == (2, 1, 1, 0)


@pytest.mark.parametrize("names", [["a", "a"], ["a", "b", "b", "a"]])
def test_a_session_that_its_name_shows_to_work_is_not_rejected_later(names: list[str]) -> None:
    """One request of a session that was initialized is refused: no session began so, even where the log has one."""
    texts = [READY] * (len(names) // 2) + [REFUSED] * (len(names) // 2)
    told = zip(names, texts, strict=True)
    lines = [f"2026-03-02 10:00:00,100 INFO app.mcp [session={NAMES[one]}] {text}" for one, text in told]
    assert sequence(lines) is None


@pytest.mark.parametrize(
    "write",
    [
        lambda name, text: f"{name}: {text}",
        lambda name, text: f"{name} -> {text}",
        lambda name, text: f"({name}) {text}",
        lambda name, text: text.replace("request", f"request for '{name}'").replace(
            "session", f"session '{name}'"
        ),
        lambda name, text: f"Agent {name} is told: {text}",
        lambda name, text: f"{text} for agent '{name}', really",
    ],
)
def test_a_name_without_digits_is_a_mark(write: Write) -> None:
    """Who speaks before a colon or an arrow, what is called an agent, or whom something was done for, tells sessions
    apart as an id does."""
    names = dict(zip("abcde", ("planner", "critic", "coder", "writer", "tester"), strict=True))
    texts = {REFUSED: "MCP request failed: 400 Bad Request"}
    lines = [write(names[one], texts.get(text, text)) for one, text in STEPS]
    assert sequence([f"2026-03-02 10:00:00,100 - app.pool - WARNING - {line}" for line in lines]) == (
        5,
        3,
        1,
        2,
    )


def test_words_that_are_marked_are_read_where_others_tell_as_often() -> None:
    """An application's words, whose loggers are sessions, go before a server's access lines and its client's words,
    unless these tell of more: then nobody can say whose those are."""
    access = 'INFO:     10.0.0.4:{} - "POST /mcp HTTP/1.1" {}'
    told = [
        ("planner", "400 Bad Request", "POST /mcp returned 400 Bad Request"),
        ("coder", "400 Bad Request", "POST /mcp returned 400 Bad Request"),
        ("critic", "202 Accepted", READY),
        ("coder", "400 Bad Request", "POST /mcp returned 400 Bad Request"),
        ("planner", "202 Accepted", READY),
    ]
    lines = []
    for at, (name, status, text) in enumerate(told):
        lines.append(access.format(50100 + at, status))
        if text == READY:
            lines.append(f"INFO:mcp.client.streamable_http:Received session ID: {at}a9b8c7d6e5f4031")
        lines.append(f"WARNING:agent.{name}:{text}")
    assert sequence(lines) == (3, 2, 1, 1)
    with pytest.raises(AssertionError):
        sequence([access.format(50200, "400 Bad Request"), *lines])


def test_who_comes_again_later_begins_another_session() -> None:
    """An agent that is refused minutes behind a session of its own that worked has not been refused within it."""
    told = [
        ("00:01", "7be0a914", REFUSED),
        ("00:01", "7be0a914", READY),
        ("00:02", "3f9c21d0", READY),
        ("00:09", "3f9c21d0", REFUSED),
        ("04:09", "3f9c21d0", REFUSED),
    ]
    lines = [f"2026-03-02 10:{time},100 INFO app.mcp [agent={name}] {text}" for time, name, text in told]
    assert sequence(lines) == (3, 2, 1, 1)


def test_an_application_tells_that_an_mcp_request_was_refused() -> None:
    """Its words are a rejection where they, or its logger, are of MCP and of requests, not of tools; as pairs, too."""
    lines = [
        "2026-03-02 10:00:00 WARNING mcp request rejected agent=planner status=400",
        "2026-03-02 10:00:00 WARNING mcp.pool: request refused: HTTP 400 Bad Request agent=coder",
        "2026-03-02 10:00:00 WARNING mcp request rejected agent=coder attempt=1 status_code=400",
        "2026-03-02 10:00:01 INFO mcp session initialized agent=critic session_id=0a9b8c7d6e5f4031",
        "2026-03-02 10:00:01 INFO mcp session initialized agent=planner session_id=1a9b8c7d6e5f4031",
        "2026-03-02 10:00:02 WARNING mcp tool call failed agent=critic status=400",
    ]
    assert sequence(lines) == (3, 2, 1, 1)


def test_one_line_of_code_tells_of_several_sessions() -> None:
    """Words that differ in a name are no second telling of the rejection before them."""
    named = "2026-03-02 10:00:00,100 - app.pool - WARNING - The job of {} met 400 Bad Request from http://tools:8000/mcp"
    lines = [named.format(name) for name in ("planner", "critic", "coder")]
    lines += ["2026-03-02 10:00:01,100 - app.pool - INFO - MCP session initialized"] * 3
    assert sequence(lines) == (3, 3, 3, 0)


def test_an_answer_that_names_nobody_is_the_furthest_session_s() -> None:
    """What sessions have done between, their own lines tell: the one that executes is answered, not the oldest."""
    told = "INFO:api.pool:Initialized MCP session {0}7dffeb38434223 for key planner_{0}", "INFO:api.pool:{}"
    lines = [
        'INFO:httpx:HTTP Request: POST http://localhost:8009/mcp "HTTP/1.1 400 Bad Request"',
        *[told[0].format(one) for one in (1, 2)],
        told[1].format("Executing planner agent with MCP tools (session: planner_2)"),
        'INFO:httpx:HTTP Request: POST http://localhost:8009/mcp "HTTP/1.1 200 OK"',
        told[1].format("Session planner_1 verified as ready"),
        told[1].format("Executing planner agent with MCP tools (session: planner_1)"),
    ]
    (finding,) = report_of("-", stdin="\n".join([*lines, ""]).encode())["findings"]
    lanes = {
        lane["session"][0]: [step["step"] for step in lane["steps"]] for lane in finding["sequence"]["lanes"]
    }
    assert lanes == {"1": ["400", "initialize", "verify", "execute"], "2": ["initialize", "execute", "200"]}


def woven(plan: str) -> list[str]:
    """Lines of a server and of its client: R recovers, S gives up, O works at once."""
    lines: list[str] = []
    for number, kind in enumerate(plan):
        session = f"{number:032x}"

        def asked(answer: str, port: int = 5000 + number) -> None:
            lines.extend(
                (
                    f'tools-1  | INFO:     127.0.0.1:{port} - "POST /mcp HTTP/1.1" {answer}',
                    f'agent-1  | INFO:httpx:HTTP Request: POST http://tools:8000/mcp "HTTP/1.1 {answer}"',
                )
            )

        for answer in {"R": ("400 Bad Request", "200 OK"), "S": ("400 Bad Request",), "O": ("200 OK",)}[kind]:
            lines.append(f"tools-1  | INFO:{MANAGER}:Created new transport with session ID: {session}")
            asked(answer)
        if kind != "S":
            lines.append(f"agent-1  | INFO:mcp.client.streamable_http:Received session ID: {session}")
            asked("202 Accepted")
            asked("200 OK")
    return lines


@pytest.mark.parametrize(
    ("plan", "told"),
    [("RS", (2, 2, 1, 1)), ("OS", (2, 1, 0, 1)), ("SRS", (3, 3, 1, 2)), ("SS", (2, 2, 0, 2))],
)
def test_a_service_that_begins_no_session_is_no_session(plan: str, told: tuple[int, int, int, int]) -> None:
    """A server's word for a transport marks its service; all sessions are then of the other one, the client's."""
    report = report_of("-", stdin="\n".join([*woven(plan), ""]).encode())
    (own,) = [one["sequence"] for one in report["findings"] if one["rule"] == "mcp-400-before-session"]
    assert (own["sessions"], own["rejected_first"], own["recovered"], own["stalled"]) == told


@pytest.mark.parametrize(("refused", "ambiguous"), [("writer_1", True), ("writer_2", False)])
def test_a_rejection_of_another_session_than_the_one_that_works_may_have_been_given_up(
    refused: str, ambiguous: bool
) -> None:
    """One session is too few to show that names tell sessions apart: the finding says that it is not sure."""
    log = (
        f"INFO:httpx:{REFUSED}\n"
        f"INFO:links:Session {refused}: tools/list refused (HTTP 400), will initialize\n"
        'INFO:httpx:HTTP Request: POST http://tools:8000/mcp "HTTP/1.1 200 OK"\n'
        "INFO:mcp.client.streamable_http:Received session ID: 6299ac29dea82a12db3ad49777bf2d9a\n"
        "INFO:links:Session writer_2 initialized\n"
    )
    findings = report_of("-", stdin=log.encode())["findings"]
    assert [one["sequence"]["ambiguous"] for one in findings if one["sequence"]] == [ambiguous]
