"""`logscope checklist` from end to end: every result with what decided it, the exit code, every output."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cli_runner import run, write
from small_rules import DRIFT, LAG, LEAK, QUIET, STARTED, use_small_rules

import logscope.cli.common
from logscope.resources import data_dir

TEAM = """\
[[checks]]
id = "migrated"
text = "Migrations were applied"
exercised_by = {text = "Running upgrade"}

[[checks]]
id = "started-once"
text = "It starts exactly once"
rule = "app-started"
expect = "occurrences == 1"

[[checks]]
id = "rollback"
text = "Somebody can roll back"
manual = true

[[checks]]
id = "leaks-little"
text = "It leaks at most twice"
rule = "memory-leak"
expect = "occurrences <= 2"
exercised_by = {signals = ["app-started", "requests-served"]}
"""
REQUEST = 'INFO:     10.0.0.1:51000 - "GET / HTTP/1.1" 200 OK\n'


@pytest.fixture(autouse=True)
def place(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder with a few made-up rules, on 2026-03-02."""
    use_small_rules(tmp_path_factory.mktemp("book") / "rules", monkeypatch)
    monkeypatch.chdir(tmp_path)


def checks_of(log: str, config: str = "", *arguments: str) -> dict[str, dict[str, Any]]:
    """The checks of a checklist over one log, by `rule/check`."""
    write(Path("app.log"), log)
    write(Path("logscope.toml"), config)
    done = run("checklist", "app.log", "-q", "-o", "json:-", *arguments)
    assert done.code in (0, 1), done.err
    return {f"{check['rule']}/{check['id']}": check for check in json.loads(done.out)["checks"]}


def results(log: str, config: str = "") -> dict[str, str]:
    return {name: check["result"] for name, check in checks_of(log, config).items()}


def test_failed_with_evidence() -> None:
    """A check that does not hold failed: it says what was seen, what was expected, and the first line."""
    check = checks_of(STARTED + LAG + LAG)["queue-lag/never"]
    assert check["result"] == "failed"
    assert check["reason"] == "“Queue lag” seen 2 times; expected never"
    assert [(item["source"], item["line"]) for item in check["evidence"]] == [("app.log", 2)]


def test_passed_with_evidence() -> None:
    """A check that holds passed where its trigger ran: it says what shows that, with the line."""
    check = checks_of(QUIET + STARTED)["queue-lag/never"]
    assert check["result"] == "passed"
    assert check["reason"] == "“Queue lag” never seen; “Application started” seen once"
    assert [(item["source"], item["line"]) for item in check["evidence"]] == [("app.log", 2)]


def test_not_exercised_is_no_pass() -> None:
    """A check whose trigger never ran proves nothing, and says what would have shown it."""
    check = checks_of(QUIET)["queue-lag/never"]
    assert (check["result"], check["reason"]) == ("not-exercised", "waits for “Application started”")


def test_without_a_trigger_any_log_will_do() -> None:
    """A check that names no trigger is exercised by a log with any line."""
    check = checks_of(QUIET)["clock-drift/never"]
    assert (check["result"], check["reason"]) == ("passed", "“Clock drift” never seen; 1 line read")


def test_left_for_a_person() -> None:
    """A check that asks nothing of the log is left for a person, whatever the log holds."""
    for log in (QUIET, STARTED + LAG):
        assert results(log)["queue-lag/queue-lag-watched"] == "manual"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (QUIET, ("not-exercised", "failed", "manual", "not-exercised")),
        (STARTED, ("not-exercised", "passed", "manual", "passed")),
        (STARTED * 2 + LEAK * 2, ("not-exercised", "failed", "manual", "passed")),
        (STARTED + LEAK * 3, ("not-exercised", "passed", "manual", "failed")),
        (REQUEST + "INFO:alembic:Running upgrade a -> b\n", ("passed", "failed", "manual", "passed")),
    ],
)
def test_team_checks(log: str, expected: tuple[str, ...]) -> None:
    """A team's checks ask a rule's or signal's figures, or only whether something ran, or a person."""
    found = results(log, TEAM)
    names = ("migrated", "started-once", "rollback", "leaks-little")
    assert tuple(found[f"team/{name}"] for name in names) == expected


def test_team_check_of_a_rule_that_is_off() -> None:
    """A check of a rule that is not looked for is not exercised: its silence is no proof."""
    off = f"{TEAM}\n[rules.memory-leak]\nenabled = false\n"
    check = checks_of(STARTED + LEAK * 3, off)["team/leaks-little"]
    assert (check["result"], check["reason"]) == ("not-exercised", "the rule memory-leak is switched off")


def test_team_checks_of_rule_files() -> None:
    """Rules of --rules bring their checks."""
    write(
        Path("own/tide.yaml"),
        """\
id: tide
title: Tide
severity: low
detect: {text: the tide turns}
explain: {impact: {feature: Ships, users: They wait}, causes: [{id: moon, text: The moon}]}
resolve: [{id: wait, title: Wait, priority: low, effort: 1h, impact: Calm, recommended: true}]
verify: {checks: [{id: calm, text: The sea is calm, expect: occurrences == 0}]}
samples: [{name: turns, fires: 1, log: 'ERROR:sea:the tide turns'}, {name: calm, fires: 0, log: 'INFO:sea:calm'}]
""",
    )
    assert checks_of("ERROR:sea:the tide turns\n", "", "--rules", "own")["tide/calm"]["result"] == "failed"


def test_waived() -> None:
    """A waiver takes a failed check, or one that was not exercised, and leaves one that passed."""
    waivers = "".join(
        f'[[waivers]]\ncheck = "{name}"\nreason = "known"\nowner = "ops"\nexpires = 2026-12-31\n'
        for name in ("queue-lag/never", "no-memory-leak", "clock-drift/never", "rollback")
    )
    found = checks_of(LAG, TEAM + waivers)
    said = "known; owner: ops; until 2026-12-31"
    names = ("queue-lag/never", "memory-leak/no-memory-leak", "clock-drift/never", "team/rollback")
    assert [(found[name]["result"], found[name]["waiver"]) for name in names] == [
        ("waived", said),
        ("waived", said),
        ("passed", ""),
        ("waived", said),
    ]
    assert found["queue-lag/never"]["evidence"]
    assert "“Queue lag” seen once" in found["queue-lag/never"]["reason"]
    assert "waiver for clock-drift/never is not used" in run("checklist", "app.log").err


@pytest.mark.parametrize(("day", "code"), [("2026-03-01", 1), ("2026-03-02", 0), ("2026-03-03", 0)])
def test_waiver_holds_until_its_day(day: str, code: int) -> None:
    """A waiver of the rule keeps its check from failing through the day it expires on, and no longer."""
    write(Path("app.log"), STARTED + LAG)
    write(Path("logscope.toml"), f'[[waivers]]\nrule = "queue-lag"\nreason = "r"\nexpires = {day}\n')
    done = run("checklist", "app.log")
    assert done.code == code
    assert ("expired on 2026-03-01" in done.err) == (code == 1)


@pytest.mark.parametrize(
    ("log", "arguments", "code"),
    [
        (STARTED, [], 0),
        (STARTED, ["--strict"], 0),
        (QUIET, [], 0),
        (QUIET, ["--strict"], 1),
        (STARTED + DRIFT, [], 1),
        (STARTED + LEAK, ["--strict"], 1),
    ],
)
def test_exit_code(log: str, arguments: list[str], code: int) -> None:
    """1 when a check failed, whatever its severity; with --strict also when one was not exercised."""
    write(Path("app.log"), log)
    assert run("checklist", "app.log", *arguments).code == code
    for output in ("a.md", "a.html", "a.txt", "a.json"):
        assert run("checklist", "app.log", *arguments, "-q", "-o", output).code == code


def test_unread_input_comes_first_under_strict() -> None:
    """With --strict, an input that was not read whole is 5, before failed checks; without, it is a note."""
    whole = gzip.compress((LAG + "".join(f"INFO:app:{n * n}\n" for n in range(9000))).encode())
    write(Path("app.log.gz"), whole[: len(whole) // 2])
    assert run("checklist", "app.log.gz").code == 1
    done = run("checklist", "app.log.gz", "--strict")
    assert done.code == 5
    assert "app.log.gz" in done.err


def test_no_input_is_no_pass() -> None:
    """An empty log is 4, not a list of passed checks."""
    write(Path("app.log"), "")
    assert run("checklist", "app.log").code == 4


def test_outputs() -> None:
    """Terminal, Markdown, HTML, text and JSON hold every check once, with the same results."""
    write(Path("app.log"), STARTED + LAG)
    write(Path("logscope.toml"), TEAM)
    specs = [argument for name in ("c.md", "c.html", "c.txt", "c.json") for argument in ("-o", name)]
    shown = run("checklist", "app.log", *specs).out
    checks = json.loads(Path("c.json").read_text())["checks"]
    counted = {
        name: sum(check["result"] == name for check in checks) for name in ("passed", "failed", "manual")
    }
    assert counted == {"passed": 4, "failed": 1, "manual": 4}
    assert len(checks) == 10
    markdown = Path("c.md").read_text("utf-8")
    assert len(re.findall(r"^- \[[x ]\] ", markdown, re.MULTILINE)) == 10
    assert len(re.findall(r"^- \[x\] ", markdown, re.MULTILINE)) == 4
    assert all(f"`{check['rule']}/{check['id']}`" in markdown for check in checks)
    page = Path("c.html").read_text("utf-8")
    assert all(f"{check['rule']}/{check['id']}" in page for check in checks)
    for text in (shown, Path("c.txt").read_text("utf-8")):
        assert all(check["text"] in text for check in checks)


def test_order_of_the_list() -> None:
    """What needs somebody comes first: failed, not exercised, for a person, passed; the team's own lead each."""
    write(Path("app.log"), STARTED + LAG)
    write(Path("logscope.toml"), TEAM)
    run("checklist", "app.log", "-o", "c.md")
    headings = re.findall(r"^(#{2,3}) (.+)$", Path("c.md").read_text("utf-8"), re.MULTILINE)
    assert headings == [
        ("##", "Failed (1)"),
        ("###", "Data"),
        ("##", "Not exercised (1)"),
        ("###", "The team's own"),
        ("##", "For a person (4)"),
        ("###", "The team's own"),
        ("###", "Data"),
        ("###", "Server"),
        ("##", "Passed (4)"),
        ("###", "The team's own"),
        ("###", "Server"),
    ]


def test_order_is_that_of_the_plan() -> None:
    """The team's own come first, then what the plan does first, whatever the ids; what found nothing comes last."""
    names = list(checks_of(STARTED + DRIFT + DRIFT + LEAK, TEAM))
    rules = list(dict.fromkeys(name.partition("/")[0] for name in names))
    assert rules == ["team", "memory-leak", "clock-drift", "queue-lag"]


def test_saved_checklist_renders_the_same() -> None:
    """A saved checklist rendered later has the same bytes."""
    write(Path("app.log"), STARTED + LAG)
    run("checklist", "app.log", "-q", "-o", "c.md", "-o", "c.json", "-o", "c.html")
    run("render", "c.json", "--template", "checklist", "-o", "later.md", "-o", "later.html")
    assert Path("later.md").read_bytes() == Path("c.md").read_bytes()
    assert Path("later.html").read_bytes() == Path("c.html").read_bytes()


@pytest.mark.parametrize("output", ["c.pdf", "c"])
def test_an_ending_that_no_format_has_is_refused(output: str) -> None:
    """As in analyze: Markdown under another name would open as a broken file."""
    write(Path("app.log"), STARTED)
    done = run("checklist", "app.log", "-o", output)
    assert (done.code, done.out, Path(output).exists()) == (2, "", False)
    assert done.err.startswith(f"error: {output}: ")


SHIPPED = {
    "a log that begins behind the start": (
        'INFO:     10.0.0.1:51000 - "GET /orders HTTP/1.1" 200 OK\n',
        {
            "postgres-connection-refused/database-reachable": "passed",
            "asgi-unhandled-exception/no-unhandled": "passed",
            "module-not-found/no-missing-module": "not-exercised",
        },
    ),
    "a start that nobody has asked anything": (
        "INFO:     Application startup complete.\n",
        {
            "postgres-connection-refused/database-reachable": "passed",
            "asgi-unhandled-exception/no-unhandled": "not-exercised",
            "module-not-found/no-missing-module": "passed",
        },
    ),
    "Claude Desktop, whose server answered": (
        '2026-03-02T10:00:02.374Z [files] [info] Message from client: {"method":"notifications/initialized"}\n',
        {"mcp-session-init-timeout/init-completes": "passed"},
    ),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_exercises_the_shipped_checks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs while requests are answered needs no start in the log; what fails at the start does, and what fails in
    a request needs one."""
    monkeypatch.setattr(logscope.cli.common, "data_dir", data_dir)
    log, expected = SHIPPED[name]
    found = results(log)
    assert {check: found.get(check) for check in expected} == expected
