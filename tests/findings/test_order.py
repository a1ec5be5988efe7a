"""What follows from what: causes before consequences, in findings, in the plan and among the causes of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cli_runner import report_of, write

from logscope.resources import data_dir
from logscope.rulebook.rule import with_causes
from logscope.rulebook.ruleset import load_ruleset

REFUSED = """\
Nov 20 03:10:{0:02d} web1 systemd[1]: Started api.service - Example API.
Nov 20 03:10:{0:02d} web1 uvicorn[41{0:02d}]: ERROR:    [Errno 98] error while attempting to bind on address \
('127.0.0.1', 8000): address already in use
Nov 20 03:10:{0:02d} web1 systemd[1]: api.service: Scheduled restart job, restart counter is at {0}.
"""
LOOP = "".join(REFUSED.format(second) for second in range(5)) + (
    "Nov 20 03:10:10 web1 systemd[1]: api.service: Start request repeated too quickly.\n"
)
PROXY = (
    "2026/11/20 03:10:12 [error] 812#812: *900 connect() failed (111: Connection refused) while connecting to upstream,"
    ' client: 203.0.113.5, server: example.org, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8000/",'
    ' host: "example.org"\n'
)
CREDIT = (
    "Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', 'message': "
    "'Your credit balance is too low to access the Anthropic API.'}}"
)


def test_each_consequence_stands_behind_its_causes(tmp_path: Path) -> None:
    """A chain is told from its beginning, and only the beginning is planned for now."""
    write(tmp_path / "journal.log", LOOP)
    write(tmp_path / "proxy.log", PROXY)
    report = report_of(tmp_path)

    assert [(finding["rule"], finding["caused_by"]) for finding in report["findings"]] == [
        ("port-in-use", []),
        ("kubernetes-crashloop", ["port-in-use"]),
        ("nginx-upstream-error", ["kubernetes-crashloop"]),
    ]
    phases = report["plan"]["phases"]
    assert [(phase["name"], [item["findings"] for item in phase["items"]]) for phase in phases] == [
        ("Quick wins", [["port-in-use"]]),
        ("If seen again", [["kubernetes-crashloop"], ["nginx-upstream-error"]]),
    ]


def test_no_shipped_rule_is_its_own_cause_in_the_end() -> None:
    """Nothing follows from itself, over however many rules: each chain has a beginning."""
    causes = {
        rule.id: tuple(with_causes(rule.causes)) for rule in load_ruleset([data_dir("rules")], None).rules
    }

    def chains(rule: str, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if rule in before:
            yield (*before, rule)
            return
        for effect in causes[rule]:
            yield from chains(effect, (*before, rule))

    assert [chain for rule in causes for chain in chains(rule, ())] == []


def test_what_came_before_the_failure_is_its_cause(tmp_path: Path) -> None:
    """Of two causes that the log shows equally often the one that was told before the failure comes first."""
    log = """\
2026-11-20 11:00:00,100 - host.mcp - INFO - starting server papers
Traceback (most recent call last):
  File "/srv/papers/__main__.py", line 3, in <module>
    import rdkit
ModuleNotFoundError: No module named 'rdkit'
2026-11-20 11:01:30,120 - host.mcp - ERROR - MCP session initialization timed out after 90 seconds
2026-11-20 11:01:30,140 - host.mcp - ERROR - late answer: Unsupported protocol version
"""
    findings = report_of(write(tmp_path / "host.log", log))["findings"]
    timeout = next(finding for finding in findings if finding["rule"] == "mcp-session-init-timeout")

    assert [cause["id"] for cause in timeout["causes"] if cause["observed"]] == [
        "child-died",
        "version-mismatch",
    ]
    assert timeout["caused_by"] == ["module-not-found"]


def test_the_first_cause_is_what_the_recommended_option_is_for(tmp_path: Path) -> None:
    """Of two causes that the log shows equally often the one whose option is recommended comes first."""
    failed = "2026-03-02 10:0{0}:00 ERROR tls: failed to verify certificate: x509: certificate {1}\n"
    log = failed.format(0, "signed by unknown authority") + failed.format(
        5, "has expired or is not yet valid"
    )
    (finding,) = report_of(write(tmp_path / "app.log", log))["findings"]
    first, best = finding["causes"][0], finding["options"][0]

    assert [cause["id"] for cause in finding["causes"] if cause["observed"]] == ["private-ca", "expired"]
    assert best["reason"] == f"the log shows the cause that it is for: {first['text']}"


def test_room_for_a_pod_is_made_before_taints_are_touched(tmp_path: Path) -> None:
    """A scheduler names the taints of nodes that were never meant beside what is missing on those that were."""
    log = (
        "Warning  FailedScheduling  1m  default-scheduler  0/3 nodes are available: 1 node(s) had untolerated taint "
        "{node-role.kubernetes.io/control-plane: }, 2 Insufficient memory.\n"
    )
    (finding,) = report_of(write(tmp_path / "events.log", log))["findings"]

    assert (finding["causes"][0]["id"], finding["options"][0]["id"]) == (
        "requests-too-large",
        "measured-requests",
    )


def test_errors_that_no_rule_knows_come_as_they_stand_in_the_log(tmp_path: Path) -> None:
    """The most frequent first, of equal ones the earlier; with nothing else found they are the next thing to do."""
    words = ("zebra", "ape", "yak", "bear", "ape")
    log = "".join(f"2026-11-20 10:00:0{n} ERROR [zoo] the {word} is loose\n" for n, word in enumerate(words))
    report = report_of(write(tmp_path / "app.log", log))

    assert [(item["occurrences"], item["title"]) for item in report["unexplained"]] == [
        (2, "the ape is loose"),
        (1, "the zebra is loose"),
        (1, "the yak is loose"),
        (1, "the bear is loose"),
    ]
    assert report["plan"]["next_review"].startswith("When the unexplained errors are understood, by ")


def test_a_database_that_was_shut_down_is_started_again(tmp_path: Path) -> None:
    """The remedy follows from why it is away."""
    failed = 'psycopg2.OperationalError: connection to server at "db", port 5432 failed: Connection refused\n'
    stopped = "2026-11-20 10:12:03.410 UTC [1] LOG:  database system is shut down\n"

    def best(log: str) -> str:
        (finding,) = report_of(write(tmp_path / "app.log", log))["findings"]
        return str(finding["options"][0]["id"])

    assert best(f"2026-11-20 10:12:05 ERROR {failed}") == "wait-and-address"
    assert best(f"{stopped}2026-11-20 10:12:05 ERROR {failed}") == "start-it"


def test_evidence_shows_the_failure_beside_the_tries(tmp_path: Path) -> None:
    """Tries that say the same do not take the place of the event with the traceback."""
    tries = "".join(f"WARNING:app.llm:failed (attempt {n}/3), retrying: {CREDIT}\n" for n in (1, 2, 3))
    raised = 'Traceback (most recent call last):\n  File "/srv/app/run.py", line 8, in run\n    ask()\n'
    log = f"{tries}ERROR:app.run:gave up\n{raised}anthropic.BadRequestError: {CREDIT}\n"
    (finding,) = report_of(write(tmp_path / "app.log", log))["findings"]

    assert finding["occurrences"] == 1
    assert [event["line"] for event in finding["evidence"]] == [1, 2, 4]


ANSWERED = """\
2026-11-20 03:10:{0:02d},100 ERROR agent.run: step {1} failed
Traceback (most recent call last):
  File "/srv/agent/run.py", line 12, in step
    response.raise_for_status()
httpx.HTTPStatusError: Server error '500 Internal Server Error' for url 'http://api:8000/{1}'
For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/500
"""
COLUMN = '2026-11-20 03:10:{0:02d}.050 UTC [93] shop@shop ERROR:  column "discount" does not exist at character 12\n'


def test_what_a_service_answered_stands_under_what_it_logged(tmp_path: Path) -> None:
    """The caller's 500 right behind the failure in another log waits for it; one that stands alone is a problem too,
    but behind the others of its severity."""
    write(tmp_path / "postgres.log", COLUMN.format(1) + COLUMN.format(30))
    write(tmp_path / "agent.log", ANSWERED.format(1, "orders") + ANSWERED.format(30, "orders"))
    findings = report_of(tmp_path)["findings"]
    assert [(finding["rule"], finding["caused_by"]) for finding in findings] == [
        ("database-schema-mismatch", []),
        ("http-upstream-5xx", ["database-schema-mismatch"]),
    ]

    write(tmp_path / "agent.log", "".join(ANSWERED.format(second, "orders") for second in (1, 20, 30)))
    write(tmp_path / "postgres.log", "")
    write(tmp_path / "api.log", "2026-11-20 03:10:01,050 ERROR api: failed\nKeyError: 'price'\n")
    shield = "2026-11-20 03:12:00,000 ERROR api: cannot connect\nhttpx.ConnectError: All connection attempts failed\n"
    write(tmp_path / "other.log", shield)
    report = report_of(tmp_path)
    assert [(finding["rule"], finding["occurrences"]) for finding in report["findings"]] == [
        ("httpx-connect-error", 1),
        ("http-upstream-5xx", 3),
    ]
    assert [item["findings"][0] for phase in report["plan"]["phases"] for item in phase["items"]] == [
        "httpx-connect-error",
        "http-upstream-5xx",
    ]


def test_what_another_process_tells_long_after_the_failure_is_no_cause(tmp_path: Path) -> None:
    """A service that cannot connect a minute later has a trouble of its own; right behind the failure, or in the same
    process, it tells why."""
    failure = "{}  | 2026-11-20T11:00:00.000Z ERROR:mcp_manager:MCP session initialization timed out after 20 seconds\n"
    refused = (
        "{}  | 2026-11-20T11:{}.000Z ERROR:feed:no MCP server: ConnectError: All connection attempts failed\n"
    )
    shown = []
    for service, clock in ("worker-1", "01:02"), ("worker-1", "00:02"), ("mcp-1   ", "01:02"):
        log = failure.format("mcp-1   ") + refused.format(service, clock)
        findings = report_of(write(tmp_path / "compose.log", log))["findings"]
        timeout = next(finding for finding in findings if finding["rule"] == "mcp-session-init-timeout")
        shown.append([cause["id"] for cause in timeout["causes"] if cause["observed"]])

    assert shown == [[], ["child-died"], ["child-died"]]


def test_an_outage_is_told_until_it_ends(tmp_path: Path) -> None:
    """An effect that began behind its cause and goes on without a long pause follows from it, however long it lasts;
    one that was there before, or comes again much later, does not."""
    died = "ERROR 11-20 16:22:04 [async_llm.py:396] EngineDeadError: EngineCore encountered an issue.\n"
    refused = (
        "2026-11-20 16:{0:02d}:10,000 ERROR [agent.llm] httpx.ConnectError: All connection attempts failed\n"
    )
    write(tmp_path / "vllm.log", died)

    def causes(*minutes: int) -> list[str]:
        write(tmp_path / "app.log", "".join(map(refused.format, minutes)))
        found = {finding["rule"]: finding["caused_by"] for finding in report_of(tmp_path)["findings"]}
        return list(found["httpx-connect-error"])

    assert causes(22, 23, 25, 26, 28, 29) == ["vllm-engine-dead"]
    assert causes(22, 23, 25, 26, 28, 32) == []
    assert causes(18, 22, 23, 25) == []


def test_names_that_do_not_resolve_are_behind_every_client_that_says_so(tmp_path: Path) -> None:
    """A resolver that is away is one problem, whichever clients tell of it; what else a client tells of is another."""
    down = "Temporary failure in name resolution"
    refused = "ERROR:memory:redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.\n"
    log = (
        f"ERROR:chat:httpx.ConnectError: [Errno -3] {down}\n"
        f"ERROR:memory:redis.exceptions.ConnectionError: Error -3 connecting to redis:6379. {down}.\n"
        f"ERROR:chat:httpx.ConnectError: [Errno -3] {down}\n"
    )
    findings = report_of(write(tmp_path / "app.log", log))["findings"]
    assert [(finding["rule"], finding["occurrences"], finding["caused_by"]) for finding in findings] == [
        ("dns-resolution-failure", 2, []),
        ("redis-connection-refused", 1, ["dns-resolution-failure"]),
    ]
    others = report_of(write(tmp_path / "app.log", log.splitlines(keepends=True)[0] + refused))["findings"]
    assert [(finding["rule"], finding["caused_by"]) for finding in others] == [
        ("dns-resolution-failure", []),
        ("redis-connection-refused", []),
    ]
