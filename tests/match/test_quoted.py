"""What only speaks of a failure makes no rule fire; what reports one does, however it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from scanning import scan_text

from logscope.events import detect_layout
from logscope.match.quoted.folder import QuotingFolder
from logscope.scan.scanner import Scanner
from logscope.selftest import find_in_text

CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "quoted.yaml").read_text(encoding="utf-8")
)


def fired(scanner: Scanner, log: str) -> set[str]:
    """The shipped rules, but for signals, that a log makes fire."""
    rules = [scanner.ruleset.rules[found.rule] for found in find_in_text(scanner, log)]
    return {rule.id for rule in rules if not rule.signal}


@pytest.mark.parametrize("case", CASES["spoken"], ids=lambda case: case["name"])
def test_what_is_only_spoken_of_is_no_finding(shipped: Scanner, case: dict[str, Any]) -> None:
    """Manuals, people, models, source code and tests name failures that did not happen."""
    assert fired(shipped, case["log"]) == set()


@pytest.mark.parametrize("case", CASES["failed"], ids=lambda case: f"{case['rule']}: {case['name']}")
def test_what_failed_is_found_however_it_is_told(shipped: Scanner, case: dict[str, Any]) -> None:
    """Prefixes, quotes around a provider's answer, other levels and words of users beside it hide no failure."""
    assert case["rule"] in fired(shipped, case["log"])


FAILURES = {
    "port-in-use": "[Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use",
    "anthropic-credit-balance": "Your credit balance is too low to access the Anthropic API. Please go to Plans "
    "& Billing to upgrade or purchase credits.",
    "mcp-session-init-timeout": "MCP session initialization timed out after 90 seconds",
    "cancel-scope": "RuntimeError: Attempted to exit cancel scope in a different task than it was entered in",
}
HEADS = (
    "INFO:app.help:",
    "2026-03-02 10:00:00.100 | INFO     | app.help:show:12 - ",
    "[2026-03-02 10:00:00 +0000] [12] [INFO] ",
    "INFO:     ",
)
MANUALS = (
    "Troubleshooting guide\n\nWhen the server prints\n    {}\nanother process runs.",
    "Known errors\n  {}\n    -> restart",
    "Common startup problems\n* `{}` – restart",
    'The log may say\n"{}"\nwhen something else runs.',
    "Release notes 1.2\n- Fixed: {}\n- Improved docs",
    "Notes\n> {}",
    "Checks\n- [ ] {}",
)
WARNINGS = (
    'unusual message from user bob: "Why do I see {}?"',
    'user_query="{}" took 5.2 s',
    'low confidence answer for "{}"',
    "query too long: '{}'",
    "no intent matched for text: {} what does that mean?",
    'toxic comment hidden: "{} again!!"',
    "customer wrote: {}",
    "failed to parse user message: '{}'",
    'could not classify email "{}"',
    'system prompt: You are an assistant for ops. Known issue: "{}" means restart.',
    "completion: The error `{}` usually means that the service must be restarted.",
    'tool search_docs returned: "## {}\\nStop the other process."',
    "LLM response: I found that {} is caused by a second instance.",
    "agent thought: the user reports {}, I should look at the port",
    "messages=[{{'role': 'user', 'content': '{}'}}]",
    "assistant message: Sure, {} happens when two servers start.",
    'prompt starts with "Explain {}"',
)
LINES = (
    '    if "{}" in line:',
    '+        logger.error("{}")',
    '- text: "{}"',
    '  "expected": "{}",',
    'src/app.py:12:    raise OSError("{}")',
    "README.md:40:{}",
    "tests/test_errors.py::test_message[{}] PASSED",
    "    # {}",
    '"""{}"""',
    '    message = "{}"',
    'E       AssertionError: assert "{}" in ""',
    'grep -r "{}" /var/log',
    "|  3 | {} | restart |",
    "<p>{}</p>",
    "TODO: handle {}",
    "Merge pull request #4 from ada/ports: {}",
    "fix: handle {} (#12)",
    "- fix(api): handle {}",
    "* 3f2a1bc Handle {}",
    "summary:     handle {}",
    "pick 3f2a1bc Handle {}",
    "Applying: handle {}",
    "3f2a1bc4 (Ada L 2026-01-02 10:00:00 +0100 12) # when {}",
    'echo "{}"',
    "- Fixed {} on restart",
    "12\tuser\t{}",
    "INSERT INTO errors VALUES ('{}');",
    "Note: {}",
    "Thought: the log says {}",
    "[user] {}",
    "_______ test_listen[{}] _______",
)
REPORTS = (
    "Failed to connect: {}",
    "could not reply to user 5: {}",
    "tool call search failed: {}",
    "retrying after error: {}",
    "{}",
    "agent step 3 failed ({})",
    "worker said: {}",
    'answer failed with "{}"',
    "exception while handling message: {}",
    "{} (see docs)",
    "{}; if this persists, contact support",
    "{}. Is another instance running?",
    "message processing failed; reason: {}",
    "server reported '{}'",
    "provider response: {}",
    'while answering "how do I reset?": {}',
    "task for ticket 88 failed: {}",
)


@pytest.mark.parametrize("manual", MANUALS)
@pytest.mark.parametrize("head", HEADS)
def test_manuals_below_a_record_report_nothing(shipped: Scanner, head: str, manual: str) -> None:
    """Help, release notes and checklists that the program prints at info."""
    for failure in FAILURES.values():
        assert fired(shipped, f"{head}{manual.format(failure)}\n{head}next\n") == set()


@pytest.mark.parametrize("words", WARNINGS)
def test_words_of_people_and_models_report_nothing(shipped: Scanner, words: str) -> None:
    """Warnings about what was asked, searched, prompted or answered."""
    for failure in FAILURES.values():
        assert fired(shipped, f"WARNING:chat:{words.format(failure)}\n") == set()


@pytest.mark.parametrize("line", LINES)
def test_lines_of_files_report_nothing(shipped: Scanner, line: str) -> None:
    """Source code, tests and texts whose lines stand in a log."""
    for failure in FAILURES.values():
        assert fired(shipped, f"{line.format(failure)}\n") == set()


@pytest.mark.parametrize("words", REPORTS)
def test_reports_are_found_among_like_words(shipped: Scanner, words: str) -> None:
    """The same words around a failure that happened, as a warning and printed below a record."""
    for rule, failure in FAILURES.items():
        assert rule in fired(shipped, f"WARNING:chat:{words.format(failure)}\n")
        assert rule in fired(shipped, f"INFO:app:starting\n{words.format(failure)}\n")


def quoted(log: str) -> list[str]:
    """The events of a log that stand within a quotation, by their first lines."""
    data = bytearray(log.encode())
    folder = QuotingFolder(detect_layout(bytes(data)), "app.log")
    events = [folder.event(data, span, 1) for span in folder.fold(data, 0, len(data))]
    return [event.text.partition("\n")[0] for event in events if event.quoted]


HEAD = "INFO:app:user wrote "


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ('"it', 'says"'),
        ("“it", "says”"),
        ("'it", "says'."),
        ("«it", "says»"),
        ("'''", "'''"),
        ("<<<", ">>>"),
    ],
)
def test_a_quotation_goes_on_up_to_its_end(begins: str, ends: str) -> None:
    """Lines between a record's opening quotation mark and the closing one are somebody's words."""
    log = f"{HEAD}{begins}\nthe ledger is gone\n{ends}\nINFO:app:next\nthe ledger is gone\nINFO:app:end\n"
    assert "the ledger is gone" in quoted(log)
    assert quoted(log).count("the ledger is gone") == 1


def test_what_a_record_shows_between_fences_reports_nothing(shipped: Scanner) -> None:
    """A failure in a code block is the text's, behind a blank line, too; the same behind its end happened."""
    for rule, failure in FAILURES.items():
        block = f"{HEAD}it\n```\nfirst\n\n{failure}\n```\n"
        assert fired(shipped, f"{block}INFO:app:end\n") == set()
        assert rule in fired(shipped, f"{block}{failure}\nINFO:app:end\n")


@pytest.mark.parametrize(
    "first",
    [
        "the user's own words",
        'a screen of 5" or 6"',
        'a mark that nothing "closes',
        'a "closed" one',
        "no mark at all",
    ],
)
def test_what_is_no_open_quotation_quotes_nothing(first: str) -> None:
    """Apostrophes, inches, closed quotations and marks without an end leave the lines below as they are."""
    assert quoted(f"INFO:app:{first}\nthe ledger is gone\nledger 2 of 3\nINFO:app:next\n") == []


def test_a_quotation_is_its_writers_own() -> None:
    """Behind a collector's prefix, lines of other writers in between neither quote nor are quoted."""
    log = (
        'a-1  | INFO:app:user wrote "it\nb-1  | the ledger is gone\na-1  | the stock is gone\na-1  | says"\n'
        "b-1  | INFO:app:next\na-1  | INFO:app:next\n"
    ) * 4
    assert set(quoted(log)) & {"the ledger is gone", "the stock is gone"} == {"the stock is gone"}


def test_what_a_test_that_passed_has_logged_is_quoted() -> None:
    """pytest's section PASSES tells of tests, up to the next section; what a test that failed has logged is told."""
    logged = "ERROR    app.chat:chat.py:31 LLM call failed: no credit\n"
    captured = "---------------------------- Captured log call -----------------------------\n"
    failures, passes, summary = (
        f" {name} ".center(80, "=") + "\n" for name in ("FAILURES", "PASSES", "short test summary info")
    )
    test = " test_credit ".center(80, "_") + "\n"
    assert quoted(failures + test + captured + logged) == []
    assert quoted(passes + test + captured + logged) == [logged.rstrip("\n")]
    assert quoted(passes + test + summary + logged) == []


def test_what_a_test_logs_live_is_quoted_when_it_passes() -> None:
    """pytest's `log_cli` shows records before the verdict, which may be another one for the next test."""
    logged = "ERROR    app.chat:chat.py:31 LLM call failed: no credit\n"
    section = " live log call ".center(80, "-") + "\n"
    passed, failed = (f"{word:<73}[ 50%]\n" for word in ("PASSED", "FAILED"))
    one, two = "tests/test_a.py::test_one \n", "tests/test_a.py::test_two \n"
    assert quoted(one + section + logged + passed) == [logged.rstrip("\n")]
    assert quoted(one + section + logged + failed + two + section + passed) == []
    assert quoted(one + section + passed + logged) == []


def test_the_console_of_a_file_that_fails_is_told(shipped: Scanner) -> None:
    """Jest shows what tests have printed below the file's verdict."""
    console = "tests/a.test.ts (5.1 s)\n  ● Console\n\n    console.error\n"
    error = (
        "      Error: listen EADDRINUSE: address already in use :::3000\n"
        "          at Server.setupListenHandle [as _listen2] (node:net:1908:16)\n"
    )
    assert fired(shipped, f"PASS {console}{error}") == set()
    assert fired(shipped, f"FAIL {console}{error}") == {"port-in-use"}


def test_why_a_test_has_failed_is_told(shipped: Scanner) -> None:
    """Behind the test's name; the name itself tells of nothing."""
    name = "src/address already in use (os error 98).test.ts"
    error = "    listen EADDRINUSE: address already in use :::3000\n"
    assert fired(shipped, f"FAIL {name}\n  ● starts\n\n{error}") == {"port-in-use"}
    assert fired(shipped, f"FAIL {name}\n  ● starts\n\n    boom\n") == set()
    assert fired(shipped, f"--- FAIL: TestStart (0.00s)\n{error}") == {"port-in-use"}
    assert fired(shipped, f"not ok 1 - {name}\n  ---\n{error}  ...\n") == {"port-in-use"}


def test_an_error_logged_in_a_test_that_passed_is_not_left_unexplained(shipped: Scanner) -> None:
    """Nothing has failed, so there is nothing to explain; in a test that failed there is."""
    logged = "ERROR    app.chat:chat.py:31 the ledger is gone\n"
    test = "tests/test_a.py::test_one \n" + " live log call ".center(80, "-") + "\n"
    for verdict, errors in (("PASSED", 0), ("FAILED", 1)):
        scan = scan_text(shipped, f"{test}{logged}{verdict:<73}[ 50%]\n")
        assert (scan.error_events, len(scan.unexplained)) == (errors, errors)


RECORDS = "[2026-03-02 13:24:39 +0000] [7] [INFO] Booting\n[2026-03-02 13:24:41 +0000] [7] [ERROR] {}\n"


@pytest.mark.parametrize(
    ("begins", "ends"), [("```", "```"), ("```text", "```"), ('<log of="api">', "</log>")]
)
def test_records_between_the_lines_of_a_fence_or_a_tag_are_quoted(
    shipped: Scanner, begins: str, ends: str
) -> None:
    """Another program's log in an answer or a prompt; behind the end, and without one, it is the log's own."""
    for rule, failure in FAILURES.items():
        record = RECORDS.format(failure)
        log = f"INFO:app:the model says\n{begins}\n{record}{ends}\nINFO:app:next\nINFO:app:end\n"
        assert fired(shipped, log) == set()
        assert rule in fired(shipped, f"{log}ERROR:app:{failure}\nINFO:app:end\n")
        assert rule in fired(
            shipped, f"INFO:app:the model says\n{begins}\n{record}INFO:app:next\nINFO:app:end\n"
        )


def test_a_page_that_is_never_closed_hides_nothing_behind_it(shipped: Scanner) -> None:
    """The next page has the same tags; what the log itself says between them is told."""
    page = "ERROR:app:refused by the proxy:\n<html>\n<body>\n<h1>Bad Gateway</h1>\n</body></html>\n"
    for rule, failure in FAILURES.items():
        log = f"{page}ERROR:app:{failure}\n{page}</body>\n</html>\nINFO:app:end\n"
        assert rule in fired(shipped, log)


def test_a_record_of_the_log_between_two_fences_is_told(shipped: Scanner) -> None:
    """Answers have fences, too, before a failure and behind it."""
    answer = "INFO:app:the model says\n```\nx = 1\n```\n"
    for rule, failure in FAILURES.items():
        assert rule in fired(shipped, f"{answer}ERROR:app:{failure}\n{answer}INFO:app:end\n")
        assert rule in fired(shipped, f"{answer}{RECORDS.format(failure)}{answer}INFO:app:end\n")


@pytest.mark.parametrize("member", ["result", "output", "chunks", "content"])
def test_what_a_tool_returned_has_not_failed_at_info(shipped: Scanner, member: str) -> None:
    """A member of the record that tells of the call; in one at error it is the reason."""
    for level, rules in (("info", set()), ("error", {"websocket-403"})):
        log = f'{{"level":"{level}","msg":"tool done","{member}":"connection rejected (403 Forbidden)"}}\n'
        assert fired(shipped, log) == rules


OUTPUT = "ERROR:app:[Errno 98] Address already in use\n"
JUNIT = '<testsuite name="a" tests="1" errors="0" failures="{}">\n<testcase><system-out>\n'


@pytest.mark.parametrize(
    ("before", "passed", "failed"),
    [
        (
            "",
            f"{'-' * 70}\nRan 2 tests in 0.001s\n\nOK\n",
            f"{'-' * 70}\nRan 2 tests in 0.001s\n\nFAILED (errors=1)\n",
        ),
        (".", ".\n2 passed in 0.02s\n", ".\n1 failed, 1 passed in 0.02s\n"),
        (
            "",
            "1 passed and 0 failed.\nTest passed.\n",
            "1 passed and 1 failed.\n***Test Failed*** 1 failures.\n",
        ),
        ("", "\nRan 2 tests in 0.001s\nOK\n", "\nRan 2 tests in 0.001s\nFAILED (errors=1)\n"),
        ("", "nox > Session tests was successful.\n", "nox > Session tests failed.\n"),
        (
            "",
            "  py: OK (0.7=setup[0.5]+cmd[0.2] seconds)\n  congratulations :) (0.8 seconds)\n",
            "  py: FAIL code 1 (0.7=setup[0.5]+cmd[0.2] seconds)\n  evaluation failed :( (0.8 seconds)\n",
        ),
    ],
)
def test_what_the_output_of_one_quiet_run_shows_is_quoted_when_it_ends_well(
    shipped: Scanner, before: str, passed: str, failed: str
) -> None:
    """unittest, pytest, doctest, nox and tox tell no beginning then; what goes on behind the outcome is no
    run's output."""
    assert fired(shipped, f"{before}{OUTPUT}{passed}") == set()
    assert fired(shipped, f"{before}{OUTPUT}{failed}") == {"port-in-use"}
    assert fired(shipped, f"{before}{OUTPUT}{passed}INFO:app:Booting\n") == {"port-in-use"}
    for step in ("$ pytest -q\n", "2026-03-02T10:00:00.0000000Z ##[group]Run pytest -q\n", "+ pytest -q\n"):
        assert fired(shipped, f"{OUTPUT}{step}{before}{passed}") == {"port-in-use"}


def test_what_djangos_tests_that_passed_have_logged_is_quoted(shipped: Scanner) -> None:
    """Its run begins with how many were found; the test database goes behind the outcome."""
    begins = "Found 2 test(s).\nSystem check identified no issues (0 silenced).\n."
    ends = f"\n{'-' * 70}\nRan 2 tests in 0.001s\n\n{{}}\nDestroying test database for alias 'default'...\n"
    assert fired(shipped, begins + OUTPUT + ends.format("OK")) == set()
    assert fired(shipped, begins + OUTPUT + ends.format("FAILED (errors=1)")) == {"port-in-use"}


@pytest.mark.parametrize(("failures", "rules"), [(0, set()), (1, {"port-in-use"})])
def test_a_report_of_tests_quotes_what_a_suite_that_passed_has_written(
    shipped: Scanner, failures: int, rules: set[str]
) -> None:
    """In the form of JUnit within the suite, behind its figures; what stands behind the suite is told."""
    suite = JUNIT.format(failures)
    ends = "</system-out></testcase></testsuite>\n"
    assert fired(shipped, f"{suite}{OUTPUT}{ends}") == rules
    assert fired(shipped, f"{JUNIT.format(0)}{ends}{OUTPUT}") == {"port-in-use"}


@pytest.mark.parametrize(("failures", "rules"), [(0, set()), (1, {"port-in-use"})])
@pytest.mark.parametrize(
    "report",
    [
        '{{\n  "stats": {{\n    "tests": 2,\n    "passes": 1,\n    "failures": {}\n  }}\n}}\n',
        '<testsuite name="Mocha Tests" tests="2" failures="{}" errors="0">\n</testsuite>\n',
        '["end",{{"suites":1,"tests":2,"passes":1,"pending":0,"failures":{}}}]\n',
        "1..2\n# pass 1\n# skip 0\n# todo 0\n# fail {}\n",
    ],
)
def test_what_stands_before_the_report_of_tests_that_passed_is_quoted(
    shipped: Scanner, report: str, failures: int, rules: set[str]
) -> None:
    """Mocha reports at the end, also as JSON or XML; QUnit counts."""
    printed = "Error: listen EADDRINUSE: address already in use :::3000\n"
    assert fired(shipped, printed + report.format(failures)) == rules


def test_what_stands_before_the_figures_of_tests_that_passed_is_quoted(shipped: Scanner) -> None:
    """As tape counts."""
    printed = "Error: listen EADDRINUSE: address already in use :::3000\n"
    assert fired(shipped, f"{printed}1..1\n# tests 1\n# pass  1\n\n# ok\n") == set()
    assert fired(shipped, f"{printed}1..2\n# tests 2\n# pass  1\n# fail  1\n") == {"port-in-use"}


REPORTS = {
    "jest": '{"numFailedTests":@,"success":%,"message":"Error: listen EADDRINUSE: address already in use :::80"}',
    "pytest": '{"created": 1.5, "duration": 0.1, "exitcode": @, "root": "/", '
    '"message": "[Errno 98] Address already in use"}',
    "node": '<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n'
    '\t<testcase name="listen EADDRINUSE: address already in use :::80"/>\n'
    "\t<!-- pass 1 -->\n\t<!-- fail @ -->\n</testsuites>",
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_report_of_a_good_run_only_names_failures(shipped: Scanner, report: str) -> None:
    """Of Jest and Vitest as JSON, of pytest-json-report, of Node as XML."""
    assert fired(shipped, report.replace("@", "0").replace("%", "true") + "\n") == set()
    assert fired(shipped, report.replace("@", "1").replace("%", "false") + "\n") == {"port-in-use"}


TEST = "tests/test_a.py::test_one \n"
LIVE = " live log call ".center(80, "-") + "\n"
STARTS = " test session starts ".center(80, "=") + "\n"


@pytest.mark.parametrize("prefix", ["", "ci-1  | "])
@pytest.mark.parametrize(("verdict", "rules"), [("PASSED", set()), ("FAILED", {"port-in-use"})])
def test_what_a_test_logs_in_a_format_of_its_own_is_quoted_when_it_passes(
    shipped: Scanner, prefix: str, verdict: str, rules: set[str]
) -> None:
    """pytest's `log_cli_format` may be any; a traceback belongs to its record; a collector may stand before all."""
    logged = (
        "09:47:10 ERROR app.llm call failed: [Errno 98] Address already in use\n"
        'Traceback (most recent call last):\n  File "/srv/a.py", line 10, in test_one\n    bind()\n'
        "OSError: [Errno 98] Address already in use\n"
    )
    log = f"{STARTS}collected 1 item\n\n{TEST}{LIVE}{logged}{verdict:<73}[ 50%]\n"
    assert fired(shipped, "".join(f"{prefix}{line}\n" for line in log.splitlines())) == rules


def test_what_a_test_that_passed_has_printed_is_quoted(shipped: Scanner) -> None:
    """pytest's `-rA` and `-rP` show it below the log's section, or above."""
    captured = "---------------------------- Captured stdout call -----------------------------\n"
    failure = FAILURES["port-in-use"] + "\n"
    for section, rules in ((" PASSES ", set()), (" FAILURES ", {"port-in-use"})):
        log = STARTS + section.center(80, "=") + "\n" + " test_x ".center(80, "_") + f"\n{captured}{failure}"
        assert fired(shipped, log) == rules


def test_what_pytest_tells_again_of_a_failing_test_counts_once(shipped: Scanner) -> None:
    """Its log stands live where it ran, and once more in the section FAILURES."""
    logged = "ERROR    app.net:net.py:4 cannot listen: [Errno 98] Address already in use\n"
    failures = " FAILURES ".center(80, "=") + "\n" + " test_one ".center(80, "_") + "\n"
    captured = "----------------------------- Captured log call ------------------------------\n"
    live = f"{STARTS}{TEST}{LIVE}{logged}{'FAILED':<73}[100%]\n"
    for log, times in ((live + failures + captured + logged, 1), (STARTS + failures + captured + logged, 1)):
        assert [len(found.occurrences) for found in find_in_text(shipped, log)] == [times]


@pytest.mark.parametrize(("verdict", "rules"), [("PASS", set()), ("FAIL", {"port-in-use"})])
def test_a_console_that_jest_shows_while_tests_run_is_its_files(
    shipped: Scanner, verdict: str, rules: set[str]
) -> None:
    """With one file, or `--verbose`, it stands above the file's verdict."""
    console = (
        "  console.error\n    failed Error: listen EADDRINUSE: address already in use :::3000\n"
        "        at Object.<anonymous> (/srv/a.test.js:2:61)\n\n      at error (a.test.js:1:28)\n\n"
    )
    assert fired(shipped, f"{console}{verdict} ./a.test.js\n  ✓ falls back (47 ms)\n") == rules
    assert fired(shipped, f"PASS ./b.test.js\n  ✓ works\n\n{console}{verdict} ./a.test.js\n") == rules


@pytest.mark.parametrize(("mark", "rules"), [("✓", set()), ("❯", {"port-in-use"})])
def test_what_vitest_shows_of_a_file_that_passed_is_quoted(
    shipped: Scanner, mark: str, rules: set[str]
) -> None:
    """Its streams have headings, with colours where it may."""
    stream = (
        "failed Error: listen EADDRINUSE: address already in use :::3000\n    at /srv/b.test.mjs:3:61\n\n"
    )
    for heading in (
        "stderr | b.test.mjs > starts",
        "\x1b[90mstderr\x1b[2m | b.test.mjs\x1b[2m > \x1b[22mstarts",
    ):
        log = f" RUN  v4.0.0 /srv\n\n{heading}\n{stream} {mark} b.test.mjs (2 tests) 26ms\n"
        assert fired(shipped, log) == rules


def test_a_traceback_that_a_record_shows_is_not_left_unexplained(shipped: Scanner) -> None:
    """In a fence, or quoted, at info: an answer's; logged with it, it is an error of its own."""
    trace = (
        'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\nLedgerGone: it\'s gone\n'
    )
    shown = trace.replace("\n", "\\n").replace("'", "\\'")
    for record, titles in (
        (f"INFO:app:answer 1: ```\n{trace}```\n", []),
        (f"INFO:app:answer 'Look:\\n```\\n{shown}```'\n", []),
        (f"ERROR:app:failed with '{shown}'\n", ["LedgerGone: it's gone"]),
        (f"INFO:app:{trace}", ["LedgerGone: it's gone"]),
        (f'INFO:app:tried again with "b"\n{trace}', ["LedgerGone: it's gone"]),
    ):
        scan = scan_text(shipped, f"INFO:app:start\n{record}INFO:app:end\n")
        assert [error.shape for error in scan.unexplained] == titles


@pytest.mark.parametrize(
    ("verdict", "rules"),
    [("PASSED", set()), ("XFAIL (known)", set()), ("FAILED", {"port-in-use", "disk-full"})],
)
def test_what_a_fixture_logs_belongs_to_its_test(shipped: Scanner, verdict: str, rules: set[str]) -> None:
    """Setup stands above the verdict, teardown below it; without `-v`, no share of the tests behind that."""
    setup, teardown = (LIVE.replace("call", part) for part in ("setup", "teardown"))
    for form, ending in (("ERROR    app:a.py:5 ", f"{verdict:<73}[ 50%]"), ("ERROR:app:", verdict)):
        first = f"{STARTS}{TEST}{setup}{form}[Errno 98] Address already in use\n{LIVE}{form}boom\n{ending}\n"
        assert fired(shipped, f"{first}{teardown}{form}[Errno 28] No space left on device\n") == rules


@pytest.mark.parametrize("margin", ["", "  | "])
def test_source_code_below_a_frame_reports_nothing(shipped: Scanner, margin: str) -> None:
    """The record is an error, and its traceback shows the line that failed: what that line says is none."""
    for failure in FAILURES.values():
        rows = ("Traceback (most recent call last):", '  File "/srv/app/ask.py", line 3, in ask')
        code = (f'    answer = ask(f"{failure}",', "                 model)", "ValueError: no answer")
        traceback = "".join(f"{margin}{row}\n" for row in (*rows, *code))
        assert fired(shipped, f"ERROR:app:failed\n{traceback}") == set()


PORT = "OSError: [Errno 98] Address already in use\n"
RUNS = {
    "pytest -s": (
        "=== test session starts ===\na.py ..{}.\n",
        "=== {} in 0.25s ===\n",
        "3 passed",
        "2 passed, 1 failed",
    ),
    "unittest": (
        "test_a (test_net.Net.test_a) ... \n{}ok\n",
        "Ran 2 tests in 0.002s\n\n{}\n",
        "OK (skipped=1)",
        "FAILED (errors=1)",
    ),
    "behave": (
        "Feature: net # features/net.feature:1\n\n  Scenario: start # features/net.feature:2\n{}",
        "\n1 feature passed, {0}\n1 scenario passed, {0}\n2 steps passed, {0}\nTook 0m0.000s\n",
        "0 failed, 0 skipped",
        "1 failed, 0 skipped",
    ),
    "cucumber": (
        "Feature: net # features/net.feature:1\n\n  Scenario: start # features/net.feature:2\n{}",
        "\n1 scenario ({0})\n2 steps ({0})\n0m00.012s\n",
        "2 passed",
        "1 failed, 1 passed",
    ),
    "go": ("=== RUN   TestA\n{}--- PASS: TestA (0.00s)\n", "{}\texample.org/net\t0.007s\n", "ok  ", "FAIL"),
    "go as JSON": (
        '{{"Action":"run","Package":"net","Test":"TestA"}}\n{}',
        '{{"Action":"{}","Package":"net","Elapsed":0.01}}\n',
        "pass",
        "fail",
    ),
    "rust": ("\nrunning 1 test\n{}test t::a ... ok\n", "\ntest result: {}. 1 passed\n", "ok", "FAILED"),
    "mocha": ("  net\n{}    ✔ starts\n", "\n  1 passing (3ms)\n  1 {}\n", "pending", "failing"),
}


@pytest.mark.parametrize("run", RUNS)
def test_what_a_run_of_tests_wrote_of_which_none_failed_is_quoted(shipped: Scanner, run: str) -> None:
    """The run's end decides, also for what is written past the runner; before and behind it all is told."""
    begins, ends, good, bad = RUNS[run]
    assert fired(shipped, begins.format(PORT) + ends.format(good)) == set()
    assert fired(shipped, begins.format(PORT) + ends.format(bad)) == {"port-in-use"}
    assert fired(shipped, begins.format("") + ends.format(good) + "INFO:app:up\n" + PORT) == {"port-in-use"}
    if run != "mocha":
        assert fired(shipped, "INFO:app:up\n" + PORT + "INFO:app:x\n" + begins.format("") + ends.format(good))
