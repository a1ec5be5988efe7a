"""One hand-made Report for the golden file of every renderer, each part filled, hostile log text included; and one in
which nothing was found.

The figures agree with each other, so that totals, counts and the gate can be checked against the parts.
"""

from __future__ import annotations

from msgspec.structs import replace

from logscope.report import (
    AGAIN,
    SCHEMA,
    Alternative,
    Bucket,
    Cause,
    Check,
    CodeLine,
    CodeLocation,
    Coverage,
    EvidenceLine,
    Finding,
    Frequency,
    Gate,
    Impact,
    Input,
    Lane,
    LaneStep,
    Metric,
    Option,
    Phase,
    Plan,
    PlanItem,
    PlanPart,
    Report,
    ReportNote,
    Sessions,
    Signal,
    Snippet,
    Unexplained,
)

HOSTILE = (
    '<script>alert("1")</script> "><img src=x onerror=alert(2)> [x](javascript:alert(3)) '
    "</pre></style><!-- ```` {{ 7 * 7 }} {% raw %} | cell | @maintainers #1 : :error::x # #[error] ]]>"
)
"""What a log may hold after neutralising: printable, and read as markup by somebody."""


def line(source: str, number: int, time: str | None, level: str, text: str, last: int = 0) -> EvidenceLine:
    """One evidence line with an exact time, or in order only where there is none."""
    return EvidenceLine(source, number, last or number, time, "exact" if time else "order", level, text)


def at(clock: str) -> str:
    """An ISO time on the day of the sample."""
    return f"2026-03-02T{clock}+00:00"


def columns(counts: dict[int, int], unit: str = "time") -> tuple[Bucket, ...]:
    """Twenty buckets over two hours, or over 2,000 lines."""
    if unit == "lines":
        return tuple(Bucket(f"line {1 + 100 * i}", counts.get(i, 0)) for i in range(20))
    starts = (divmod(16 * 60 + 54 + 6 * i, 60) for i in range(20))
    return tuple(Bucket(at(f"{h:02}:{m:02}:00"), counts.get(i, 0)) for i, (h, m) in enumerate(starts))


TIMEOUT_TEXT = """\
ERROR:mcp_manager:MCP session initialization timed out after 90 seconds
Traceback (most recent call last):
  File "/srv/app/core/mcp_manager.py", line 84, in start
    await asyncio.wait_for(self._ready.wait(), timeout=timeout)
  File "/usr/lib/python3.12/asyncio/tasks.py", line 520, in wait_for
    return await fut
asyncio.exceptions.CancelledError

The above exception was the direct cause of the following exception:

TimeoutError"""


def init_timeout() -> Finding:
    """Active, escalated, with ranked causes, code location, four options."""
    return Finding(
        rule="mcp-session-init-timeout",
        title="MCP session initialization timeout",
        severity="high",
        status="active",
        area="mcp",
        tags=("mcp", "startup"),
        occurrences=4,
        events=9,
        recovered=0,
        first_seen=at("17:02:11"),
        last_seen=at("18:52:40"),
        first_line=118,
        sources=("api.log",),
        frequency=Frequency(
            "4 times in 1 h 50 min, last at 18:52, all within 30 s of a restart",
            2.2,
            6629.0,
            columns({1: 1, 9: 1, 15: 1, 19: 1}),
            "time",
        ),
        impact=Impact(
            "MCP tools", "Tool calls are unavailable; **the application keeps running**.", blocking=False
        ),
        evidence=(
            EvidenceLine("api.log", 118, 138, at("17:02:11"), "exact", "error", TIMEOUT_TEXT, 9),
            line(
                "api.log",
                139,
                at("17:02:11"),
                "error",
                "ERROR:mcp_manager:Failed to start MCP server: MCP session initialization timeout",
            ),
            line(
                "api.log",
                1412,
                at("18:52:40"),
                "error",
                "ERROR:mcp_manager:MCP session initialization timed out after 90 seconds",
            ),
        ),
        captures={"seconds": "90"},
        causes=(
            Cause(
                "cold-start",
                "The first start downloads packages (`uvx` fills its cache).",
                True,
                (line("api.log", 101, at("17:00:52"), "info", "Installed 148 packages in 61.20s"),),
            ),
            Cause("child-died", "The server process failed and the wait ran out.", False),
            Cause("too-short", "90 s is shorter than a cold start takes.", False),
        ),
        code=(
            CodeLocation(
                "app/core/mcp_manager.py",
                84,
                84,
                "MCPManager.start",
                "traceback",
                4,
                "https://git.example.org/team/app/blob/3f2a91c/app/core/mcp_manager.py#L84",
                (
                    CodeLine(82, "        timeout = 90"),
                    CodeLine(83, "        try:"),
                    CodeLine(
                        84, "            await asyncio.wait_for(self._ready.wait(), timeout=timeout)", True
                    ),
                    CodeLine(85, "        except TimeoutError as error:"),
                    CodeLine(
                        86, '            raise MCPError("MCP session initialization timeout") from error'
                    ),
                ),
            ),
        ),
        options=timeout_options(),
        references=("https://github.com/modelcontextprotocol/python-sdk/issues/1041",),
        fingerprint="6f0d1c4be2a7",
        severity_reason="raised from medium: 4 occurrences or more",
    )


def timeout_options() -> tuple[Option, ...]:
    """The recommended one first; one without a snippet, one without steps."""
    return (
        Option(
            "raise-timeout",
            "Wait 180 s instead of 90 s, and log progress",
            True,
            "high",
            15,
            "Slow first starts succeed.",
            "Real failures surface 90 s later.",
            (
                "Raise `timeout` in `MCPManager.start` from 90 to 180.",
                "Log what is being waited for, so that a slow start can be told from a dead one.",
            ),
            Snippet(
                "python",
                "timeout = 180  # a cold start downloads packages\n"
                'logger.info("Waiting up to %d s for the MCP server", timeout)\n',
                "app/core/mcp_manager.py",
            ),
            "The log shows a download before each timeout.",
        ),
        Option(
            "prewarm",
            "Start the server once when the image is built",
            False,
            "medium",
            60,
            "The first start finds its packages.",
            "The image grows.",
            ("Run the server with `--help` in the image build.", "Check a start without network."),
            Snippet("bash", "uvx --offline mcp-server --help\n"),
        ),
        Option(
            "lazy-start",
            "Start the server on first use, with backoff",
            False,
            "low",
            180,
            "Startup never blocks.",
            "",
            ("Start on the first tool call.", "Retry with exponential backoff, three times."),
            None,
        ),
        Option("optional", "Make the MCP server optional", False, "medium", 30, "", "", (), None),
    )


def cancel_scope() -> Finding:
    """Follows from the timeout; only the order of its lines is known."""
    return Finding(
        rule="cancel-scope",
        title="Cancel scope left in another task",
        severity="low",
        status="consequence",
        area="asyncio",
        tags=("asyncio", "shutdown"),
        occurrences=1,
        events=1,
        recovered=0,
        first_seen=at("18:52:41"),
        last_seen=at("18:52:41"),
        first_line=1420,
        sources=("api.log",),
        frequency=Frequency("once, at 18:52", None, 0.0, columns({19: 1}), "time"),
        impact=Impact("Background clean-up", "None: an internal clean-up stops half-way.", blocking=None),
        evidence=(
            line(
                "api.log",
                1420,
                at("18:52:41"),
                "error",
                "RuntimeError: Attempted to exit cancel scope in a different task than it was entered in",
            ),
        ),
        captures={},
        causes=(Cause("foreign-task", "`stop()` runs in another task than `start()`.", False),),
        code=(CodeLocation("app/core/mcp_manager.py", None, None, "MCPManager.stop", "rule"),),
        options=(
            Option(
                "own-task",
                "Open and close the session in one task",
                True,
                "low",
                60,
                "Shutdown is clean.",
                "Touches the start and stop path.",
                ("Keep an `AsyncExitStack` in the task that entered it, and signal that task to leave.",),
                None,
            ),
        ),
        caused_by=("mcp-session-init-timeout",),
        fingerprint="a81c09d3ff10",
    )


def credit_balance() -> Finding:
    """The worst one, with hostile text in its capture and its evidence."""
    return Finding(
        rule="anthropic-credit-balance",
        title="Anthropic credit balance is too low",
        severity="critical",
        status="active",
        area="llm",
        tags=("anthropic", "llm"),
        occurrences=2,
        events=4,
        recovered=0,
        first_seen=at("17:31:05"),
        last_seen=at("17:44:19"),
        first_line=502,
        sources=("api.log",),
        frequency=Frequency("twice within 14 min, last at 17:44", 8.6, 794.0, columns({6: 1, 8: 1}), "time"),
        impact=Impact("Scientific chat", "Every chat with a Claude model fails.", blocking=True),
        evidence=(
            line(
                "api.log",
                502,
                at("17:31:05"),
                "error",
                "ERROR:scientific_chat:Error processing message: Error code: 400 - {'type': 'error', "
                "'error': {'type': 'invalid_request_error', 'message': 'Your credit balance is too low to "
                "access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.'}}",
            ),
            line("api.log", 503, at("17:31:05"), "error", f"ERROR:scientific_chat:prompt was {HOSTILE}"),
        ),
        captures={"status": "400", "prompt": HOSTILE},
        causes=(
            Cause(
                "empty",
                "The account has no credit left.",
                True,
                (
                    line(
                        "api.log", 502, at("17:31:05"), "error", "Your credit balance is too low to access …"
                    ),
                ),
            ),
        ),
        code=(
            CodeLocation(
                "app/routers/scientific_chat.py", 41, 66, "send", "logger", 0, "", (CodeLine(41, HOSTILE),)
            ),
        ),
        options=(
            Option(
                "say-it",
                "Tell the user what happened, and offer another model",
                True,
                "high",
                30,
                "Users get a message they can act on.",
                "None known.",
                (
                    "Catch `anthropic.BadRequestError` where the message is sent.",
                    f"Answer with the reason instead of {HOSTILE}",
                ),
                Snippet(
                    "python",
                    "except anthropic.BadRequestError as error:\n"
                    '    if "credit balance" not in str(error).lower():\n'
                    "        raise\n"
                    '    await websocket.send_json({"type": "error", "error": "credits-depleted"})\n',
                    "app/routers/scientific_chat.py",
                ),
            ),
            Option(
                "buy",
                "Add credit to the account",
                False,
                "low",
                5,
                "Claude models answer again.",
                "Costs money.",
                ("Open [Plans & Billing](https://console.anthropic.com/settings/billing).",),
                None,
            ),
        ),
        references=("https://docs.anthropic.com/en/api/errors", "javascript:alert(4)"),
        fingerprint="0c77b2e91d55",
    )


def first_400() -> Finding:
    """A sequence per session: two first tries, three recovered, one stalled, one reading ambiguous."""
    steps = ("rejected", "initialize", "verify", "execute", "ok")
    lanes = (
        lane("simplifier_89883fe2", "recovered", 600, 5),
        lane("grammar_1c04aa97", "recovered", 604, 5),
        lane("style_77be02d1", "first-try", 611, 5),
        lane('"><svg onload=alert(5)>', "stalled", 615, 2),
        lane("summary_0af3d1ee", "recovered", 630, 5),
        lane("critic_5512e0b4", "first-try", 640, 5),
    )
    return Finding(
        rule="mcp-400-before-session",
        title="400 Bad Request before the MCP session",
        severity="medium",
        status="active",
        area="mcp",
        tags=("mcp", "session"),
        occurrences=4,
        events=22,
        recovered=3,
        first_seen=at("17:48:00"),
        last_seen=at("17:48:09"),
        first_line=600,
        sources=("api.log", "worker.log"),
        frequency=Frequency("4 times within 9 s, at 17:48", None, 9.0, columns({9: 4}), "time"),
        impact=Impact("Agents", "The first call of a session is refused and sent again.", blocking=False),
        evidence=(
            line(
                "api.log",
                600,
                at("17:48:00"),
                "info",
                'INFO:httpx:HTTP Request: GET http://localhost:8009/sse/ "HTTP/1.1 400 Bad Request"',
            ),
            line(
                "api.log",
                601,
                at("17:48:01"),
                "info",
                "INFO:api.agents.universal:Initialized MCP session 5d7dffeb for key simplifier_89883fe2",
            ),
        ),
        captures={},
        causes=(
            Cause("no-handshake", "The client posts before it has initialized a session.", True),
            Cause("cold-server", "The server is not ready yet.", False),
        ),
        code=(CodeLocation("api/agents/universal.py", 71, 170, "CustomMCPServerSSE", "rule"),),
        options=(
            Option(
                "initialize-first",
                "Initialize the session before the first call",
                True,
                "high",
                60,
                "First tries succeed.",
                "One request more per session.",
                ("Await `session.initialize()` before the tools are listed.",),
                None,
            ),
        ),
        sequence=Sessions(6, 4, 3, 1, 2 / 6, 0.95, True, steps, lanes),
        fingerprint="51d2aa0b7c3e",
    )


def lane(session: str, outcome: str, start: int, length: int) -> Lane:
    """A lane of `length` steps from line `start`; a first try has no rejected step."""
    steps = ("rejected", "initialize", "verify", "execute", "ok")
    names = steps[1:length] if outcome == "first-try" else steps[:length]
    return Lane(
        session,
        outcome,
        tuple(
            LaneStep(name, start + 3 * i, at(f"17:48:{i:02}"), "worker.log" if name == "ok" else "api.log")
            for i, name in enumerate(names)
        ),
    )


def port_in_use() -> Finding:
    """Healed by itself, in a log without a clock."""
    return Finding(
        rule="port-in-use",
        title="Address already in use",
        severity="low",
        status="recovered",
        area="server",
        tags=("startup", "uvicorn"),
        occurrences=2,
        events=2,
        recovered=2,
        first_seen=None,
        last_seen=None,
        first_line=1204,
        sources=("worker.log",),
        frequency=Frequency(
            "twice, both at a restart (the log has no times)",
            None,
            None,
            columns({12: 1, 17: 1}, "lines"),
            "lines",
        ),
        impact=Impact("Service start", "", blocking=None),
        evidence=(
            line(
                "worker.log",
                1204,
                None,
                "error",
                "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): "
                "address already in use",
            ),
        ),
        captures={"host": "0.0.0.0", "port": "8000"},
        causes=(),
        code=(),
        options=(
            Option(
                "wait-for-port",
                "Wait for the old process to end before starting the new one",
                True,
                "medium",
                20,
                "Restarts do not collide.",
                "Restarts take a few seconds longer.",
                ("Stop by the id in the PID file, then wait until port `8000` is free.",),
                Snippet(
                    "bash",
                    'kill -TERM "$(cat backend.pid)" && tail --pid="$(cat backend.pid)" -f /dev/null\n',
                ),
            ),
        ),
        fingerprint="e4470b6d8a21",
    )


def team_rule() -> Finding:
    """A team's own rule that explains and resolves nothing: no times, causes, code or options."""
    return Finding(
        rule="team-queue-lag",
        title=f"Queue lag {HOSTILE}",
        severity="info",
        status="active",
        area="team",
        tags=(),
        occurrences=1,
        events=1,
        recovered=0,
        first_seen=None,
        last_seen=None,
        first_line=77,
        sources=("worker.log",),
        frequency=Frequency("once", None, None, (), "lines"),
        impact=Impact("", "", blocking=None),
        evidence=(line("worker.log", 77, None, "warning", "WARNING:queue:lag is 4711"),),
        captures={"lag": "4711"},
        causes=(),
        code=(),
        options=(),
        sequence=Sessions(0, 0, 0, 0, None, None, False, ("enqueued", "taken")),
        fingerprint="9a0be1c2d3f4",
    )


def item(number: int, option: Option, finding: Finding, requires: tuple[int, ...] = ()) -> PlanItem:
    """A plan item that takes its words from the option."""
    return PlanItem(
        number,
        option.id,
        option.title,
        (finding.rule,),
        option.effort_minutes,
        option.priority,
        finding.severity,
        option.steps,
        requires,
    )


def plan(findings: dict[str, Finding]) -> Plan:
    """Three phases, what waits until it is seen again, alternatives, and one item that did not fit the budget."""
    credit, timeout = findings["anthropic-credit-balance"], findings["mcp-session-init-timeout"]
    first, port, scope = (
        findings[rule] for rule in ("mcp-400-before-session", "port-in-use", "cancel-scope")
    )
    quick = (
        item(1, credit.options[0], credit),
        item(2, timeout.options[0], timeout),
    )
    week = (item(3, first.options[0], first, (2,)),)
    shared = PlanPart(
        scope.rule, "Close in the task that opened", ("Wait for `stop()` before the next start.",)
    )
    later = (item(4, timeout.options[1], timeout, (2, 3)),)
    later = (replace(later[0], findings=(timeout.rule, scope.rule), parts=(shared,)),)
    again = (item(5, port.options[0], port),)
    return Plan(
        (
            Phase("Quick wins", 45, quick),
            Phase("This week", 60, week),
            Phase("Later", 60, later),
            Phase(AGAIN, 20, again),
        ),
        165,
        tuple(
            Alternative(f.rule, o.id, o.title, o.effort_minutes, o.priority)
            for f, o in (
                (credit, credit.options[1]),
                (timeout, timeout.options[2]),
                (timeout, timeout.options[3]),
            )
        ),
        "After the quick wins, on a log of the next restart.",
        200,
        (item(6, scope.options[0], scope),),
    )


def checks() -> tuple[Check, ...]:
    """One check of every result."""
    started = line("worker.log", 4, None, "info", "INFO:     Application startup complete.")
    return (
        Check(
            "starts",
            "app-started",
            "The application starts.",
            "passed",
            "Seen 3 times; no failed start.",
            (started,),
        ),
        Check(
            "cold-start",
            "mcp-session-init-timeout",
            "The MCP server initializes on a cold start, or fails with its real error.",
            "failed",
            "4 timeouts, 3 of them after a download.",
            (
                line(
                    "api.log",
                    1412,
                    at("18:52:40"),
                    "error",
                    "ERROR:mcp_manager:MCP session initialization timed out after 90 seconds",
                ),
            ),
        ),
        Check(
            "rate-limit",
            "llm-rate-limit",
            "A rate limit is retried with backoff.",
            "not-exercised",
            "No rate limit occurred in this log.",
        ),
        Check("tunnel", "team-checks", "The tunnel answers from outside.", "manual", "The log cannot tell."),
        Check(
            "clean-stop",
            "cancel-scope",
            "The application stops without an error.",
            "waived",
            "1 occurrence.",
            (),
            "known upstream, owner: platform, until 2026-06-30",
        ),
    )


def metrics() -> tuple[Metric, ...]:
    """With and without a baseline."""
    return (
        Metric("init-timeouts", "mcp-session-init-timeout", "MCP initialization timeouts", "7", "4", "0"),
        Metric("first-try", "mcp-400-before-session", "First-try success", "33 %", "", "95 %"),
        Metric("credit", "anthropic-credit-balance", "Calls refused for credit", "2", "", "0"),
    )


def sample_report() -> Report:
    """The sample: six findings, one unexplained error, two signals, a plan of 185 minutes, notes."""
    findings = (
        credit_balance(),
        init_timeout(),
        cancel_scope(),
        first_400(),
        port_in_use(),
        team_rule(),
    )
    return Report(
        schema=SCHEMA,
        version="0.1.0",
        generated="2026-03-02T19:08:00+00:00",
        title="Resolution plan for api.log and worker.log",
        status="Analysis complete: 6 findings, plan of 3 h 5 min ready.",
        inputs=(
            Input(
                "api.log",
                182_340,
                1_466,
                "basicConfig",
                "compose",
                "utf-8",
                at("16:54:00"),
                at("18:53:30"),
                "exact",
            ),
            Input("worker.log", 84_120, 2_000, "uvicorn", "", "utf-8", None, None, "order"),
        ),
        findings=findings,
        unexplained=(
            Unexplained(
                f"KeyError: 'tenant' while handling … {HOSTILE}",
                3,
                "error",
                at("17:20:00"),
                at("18:01:12"),
                ("api.log",),
                (line("api.log", 377, at("17:20:00"), "error", "KeyError: 'tenant'"),),
                (CodeLocation("app/deps.py", 12, 12, "tenant", "traceback", 3),),
            ),
        ),
        signals=(
            Signal(
                "app-started",
                "Application started",
                3,
                None,
                (line("worker.log", 4, None, "info", "INFO:     Application startup complete."),),
            ),
            Signal("mcp-session-initialized", "MCP session initialized", 5, at("17:48:09")),
        ),
        plan=plan({finding.rule: finding for finding in findings}),
        checks=checks(),
        metrics=metrics(),
        coverage=Coverage(
            2, 266_460, 3_466, 41, 23, 3, 812, 2, {"binary": 1, "hidden": 2}, 72, ("celery-redis-lost",), 2
        ),
        notes=(
            ReportNote("api.log.3.gz", "truncated", "gzip stream ends early; 1.2 MB were analysed."),
            ReportNote(f"{HOSTILE}.log", "unreadable", "permission denied"),
        ),
        gate=Gate(
            1,
            "2 active findings at or above high",
            {"critical": 1, "high": 1, "medium": 1, "low": 0, "info": 1, "unexplained": 1},
        ),
    )


def empty_report() -> Report:
    """A Report of a quiet log: what the sections say when they have nothing to say."""
    return replace(
        sample_report(),
        findings=(),
        unexplained=(),
        signals=(),
        plan=Plan((), 0, (), ""),
        checks=(),
        metrics=(),
        notes=(),
        inputs=(),
        coverage=Coverage(1, 10, 2, 0, 0, 0, None, 0, {}, 70, ()),
        gate=Gate(0, "no active finding at or above high", {}),
    )
