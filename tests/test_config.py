"""logscope.toml: what it sets, what its mistakes get, waivers, and the comparison with an earlier report."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from cli_runner import counts, report_of, run, write
from small_rules import DRIFT, LAG, LEAK, QUIET, STARTED, rule, use_small_rules

from logscope.config import read_zone

DOCS = Path(__file__).parents[1] / "docs"
ALL = STARTED + LAG + LAG + LEAK + DRIFT


@pytest.fixture(autouse=True)
def place(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder, alone in its parent, with a few made-up rules, on 2026-03-02."""
    use_small_rules(tmp_path_factory.mktemp("book") / "rules", monkeypatch)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)


def configure(text: str, name: str = "logscope.toml") -> Path:
    """A configuration and a log in the working directory."""
    write(Path("app.log"), ALL)
    return write(Path(name), text)


def finding(report: dict[str, Any], name: str) -> dict[str, Any]:
    """The finding of one rule."""
    (found,) = (item for item in report["findings"] if item["rule"] == name)
    return dict(found)


def notes(report: dict[str, Any]) -> list[str]:
    return [note["text"] for note in report["notes"]]


# What it sets


def test_documented_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of docs/configuration.md is a configuration, and every table of it does what it says."""
    example = re.search(r"```toml\n(.*?)```", (DOCS / "configuration.md").read_text("utf-8"), re.DOTALL)
    assert example
    configure(example[1])
    write(
        Path("my-rules/queue-lag.yaml"), rule("queue-lag", "queue lags behind", "data", "low", check="no-lag")
    )
    for name in ("http-429-unspecified", "anthropic-rate-limit"):
        write(Path(f"my-rules/{name}.yaml"), rule(name, f"{name} is seen", "llm"))
    write(
        Path("app.log"),
        f"{LAG}ERROR:app:http-429-unspecified is seen\nERROR:app:anthropic-rate-limit is seen\n",
    )
    report = report_of("app.log")
    assert counts(report) == {"queue-lag": 1, "anthropic-rate-limit": 1}
    assert finding(report, "queue-lag")["severity"] == "high"
    assert finding(report, "anthropic-rate-limit")["waiver"].endswith("; owner: platform; until 2027-01-31")
    assert report["coverage"]["rules_off"] == ["http-429-unspecified"]
    assert report["plan"]["budget_minutes"] == 240
    assert [check["id"] for check in report["checks"] if check["rule"] == "team"] == ["no-queue-lag"]


@pytest.mark.parametrize(
    ("setting", "arguments", "code"),
    [
        ('fail_on = "never"', [], 0),
        ('fail_on = "never"', ["--fail-on", "high"], 1),
        ('fail_on = "low"', ["--fail-on", "never"], 0),
        ('fail_on = "never"', ["--no-config"], 1),
    ],
)
def test_command_line_wins(setting: str, arguments: list[str], code: int) -> None:
    """A setting is the default of its option; what the command line says counts more."""
    configure(f"[analyze]\n{setting}\n")
    assert run("analyze", "app.log", *arguments).code == code


def test_strict_can_be_set_and_unset() -> None:
    """strict = true is --strict, and --no-strict takes it back."""
    configure("[analyze]\nstrict = true\n")
    write(Path("logs/app.log"), QUIET)
    assert run("checklist", "logs").code == 1  # not exercised
    assert run("checklist", "logs", "--no-strict").code == 0


def test_time_zone_and_format() -> None:
    """timezone and log_format are those of the options."""
    configure('[analyze]\ntimezone = "+02:00"\n')
    write(Path("app.log"), "2026-03-02 10:00:00,000 - app - ERROR - queue lags behind\n")
    assert finding(report_of("app.log"), "queue-lag")["first_seen"].endswith("+02:00")
    configure('[analyze]\nlog_format = "json"\n')
    assert run("analyze", "app.log").code == 2  # no line of this log is JSON
    configure('[analyze]\nlog_format = "text"\n')
    assert run("analyze", "app.log").code != 2


def test_paths_are_relative_to_the_file() -> None:
    """Rule folders and repo lie beside the configuration, wherever the run is started."""
    configure('[analyze]\nrules = "own"\nrepo = "code"\n', "team/logscope.toml")
    write(Path("team/own/tide-turns.yaml"), rule("tide-turns", "tide turns now", "own"))
    Path("team/code").mkdir()
    write(Path("app.log"), "ERROR:app:tide turns now\n")
    assert counts(report_of("app.log", "--config", "team/logscope.toml")) == {"tide-turns": 1}


def test_rules_command_line_replaces_configured_rules() -> None:
    """--rules comes after the configured folders, so its rule of the same id counts."""
    configure('[analyze]\nrules = ["one"]\n')
    write(Path("one/tide-turns.yaml"), rule("tide-turns", "tide turns now", "own", "low"))
    write(Path("two/tide-turns.yaml"), rule("tide-turns", "tide turns now", "own", "critical"))
    write(Path("app.log"), "ERROR:app:tide turns now\n")
    assert finding(report_of("app.log"), "tide-turns")["severity"] == "low"
    assert finding(report_of("app.log", "--rules", "two"), "tide-turns")["severity"] == "critical"


def test_rules_are_tuned_and_switched_off() -> None:
    """A rule gets another severity or is not looked for; rules list shows the rules as they are then."""
    configure('[rules.queue-lag]\nseverity = "info"\n\n[rules.memory-leak]\nenabled = false\n')
    report = report_of("app.log")
    assert {item["rule"]: item["severity"] for item in report["findings"]} == {
        "queue-lag": "info",
        "clock-drift": "low",
    }
    assert report["coverage"]["rules_off"] == ["memory-leak"]
    assert run("analyze", "app.log").code == 0
    listed = run("rules", "list").out
    assert "memory-leak" not in listed
    assert re.search(r"queue-lag +info", listed)
    assert "memory-leak" in run("rules", "list", "--no-config").out
    shown = run("rules", "show", "memory-leak")
    assert shown.code == 2
    assert "switched off" in shown.err


def test_configuration_in_scanned_data_is_not_read() -> None:
    """A logscope.toml in a scanned folder changes nothing unless it is named; a note says so."""
    configure('[analyze]\nfail_on = "never"\n')
    for scanned in (".", os.path.abspath("."), "..", "../*"):
        done = run("analyze", scanned)
        assert done.code == 1
        assert "logscope.toml" in done.err
        assert "--config" in done.err
    assert run("analyze", ".", "--config", "logscope.toml").code == 0
    assert run("analyze", "app.log").code == 0
    assert run("analyze", ".", "--no-config").err == ""


def test_linked_configuration_in_scanned_data_is_not_read() -> None:
    """A link in the working directory that leads into the scanned folder is not trusted either."""
    write(Path("logs/evil.toml"), '[analyze]\nfail_on = "never"\n')
    write(Path("logs/app.log"), ALL)
    Path("logscope.toml").symlink_to("logs/evil.toml")
    assert run("analyze", "logs").code == 1


# What its mistakes get


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[analyse]\nstrict = true\n", ["logscope.toml:1:", "'analyse'", "'analyze'"]),
        ("[analyze]\n# why\nfail_om = 'high'\n", ["logscope.toml:3:", "'fail_om'", "'fail_on'"]),
        ("[analyze]\nfail_on = 'hihg'\n", ["logscope.toml:2:", "'hihg'", "'high'"]),
        ("[analyze]\nstrict = 'yes'\n", ["logscope.toml:2:", "analyze.strict", "true or false"]),
        ("[analyze]\ntimezone = 'Mars/Olympus'\n", ["logscope.toml:2:", "Mars/Olympus", "Europe/Berlin"]),
        ("[analyze]\nbudget = 'soon'\n", ["logscope.toml:2:", "'soon'", "15m"]),
        ("[analyze]\nlog_format = 'uvcorn'\n", ["logscope.toml:2:", "'uvcorn'", "'uvicorn'"]),
        ("[analyze]\nrepo = 'gone'\n", ["logscope.toml:2:", "gone"]),
        ("[analyze]\nrules = ['gone']\n", ["logscope.toml:2:", "gone"]),
        ("rules = ['mine']\n", ["logscope.toml:1:", "[analyze]"]),
        ("[rules.queue-leg]\nenabled = false\n", ["logscope.toml:1:", "'queue-leg'", "'queue-lag'"]),
        ("[rules.queue-lag]\nseverty = 'low'\n", ["logscope.toml:2:", "'severty'", "'severity'"]),
        ("[rules.queue-lag]\nseverity = 'worst'\n", ["logscope.toml:2:", "'critical'"]),
        ("[rules.queue-lag]\nenabled = 0\n", ["logscope.toml:2:", "rules.queue-lag.enabled"]),
        ("[[checks]]\nid = 'a'\n", ["logscope.toml:1:", "text"]),
        ("[[checks]]\nid = 'A b'\ntext = 't'\n", ["logscope.toml:2:", "'A b'"]),
        ("[[checks]]\nid = 'a'\ntext = 't'\nexpect = 'occurrences == 0'\n", ["logscope.toml:4:", "rule"]),
        ("[[checks]]\nid = 'a'\ntext = 't'\nrule = 'queue-lag'\nexpect = 'x'\n", ["logscope.toml:5:", "'x'"]),
        ("[[checks]]\nid = 'a'\ntext = 't'\nrule = 'queue-leg'\n", ["logscope.toml:4:", "'queue-lag'"]),
        ("[[checks]]\nid = 'a'\ntext = 't'\nexercised_by = {signal = 'x'}\n", ["'signal'", "'signals'"]),
        ("[[checks]]\nid = 'a'\ntext = 't'\nexercised_by = {signals = 'x'}\n", ["logscope.toml:4:", "'x'"]),
        ("[[checks]]\nid = 'a'\ntext = 't'\nexercised_by = {text = ''}\n", ["logscope.toml:4:", "''"]),
        ("[[checks]]\nid = 'a'\ntext = 't'\nexercised_by = {}\n", ["logscope.toml:4:", "empty"]),
        ("[[checks]]\nid = 'a'\ntext = 't'\nrule = 'queue-lag'\nmanual = true\n", ["logscope.toml:5:"]),
        ("[[checks]]\nid = 'a'\ntext = 't'\n" * 2, ["logscope.toml:5:", "twice"]),
        ("[[waivers]]\nrule = 'queue-lag'\n", ["logscope.toml:1:", "reason"]),
        ("[[waivers]]\nrule = 'queue-lag'\nreason = ' '\n", ["logscope.toml:3:", "reason"]),
        ("[[waivers]]\nreason = 'r'\n", ["logscope.toml:1:", "rule"]),
        (
            "[[waivers]]\nrule = 'queue-lag'\ncheck = 'no-memory-leak'\nreason = 'r'\n",
            ["logscope.toml:3:", "drop one of them"],
        ),
        ("[[waivers]]\nrule = 'queue-leg'\nreason = 'r'\n", ["logscope.toml:2:", "'queue-lag'"]),
        ("[[waivers]]\ncheck = 'no-memory-lek'\nreason = 'r'\n", ["logscope.toml:2:", "'no-memory-leak'"]),
        ("[[waivers]]\ncheck = 'never'\nreason = 'r'\n", ["queue-lag/never", "clock-drift/never"]),
        (
            "[[waivers]]\nrule = 'queue-lag'\nreason = 'r'\nexpires = 'soon'\n",
            ["logscope.toml:4:", "2026-12-31"],
        ),
        ("[[waivers]]\nrule = 'queue-lag'\nreason = 'r'\nexpires = '2026-02-30'\n", ["logscope.toml:4:"]),
        ("[[waivers]]\nrule = 'queue-lag'\nreason = 'r'\nexpires = 7\n", ["logscope.toml:4:", "expires"]),
        (
            "[[waivers]]\nrule = 'queue-lag'\nreason = 'r'\nexpires = 2026-02-30\n",
            ["logscope.toml:4:", "date"],
        ),
        ("[analyze\n", ["logscope.toml:1:"]),
        ("a = 1\na = 2\n", ["logscope.toml:2:"]),
        ("a = " + "[" * 100_000, ["logscope.toml", "deep"]),
        ("a = " + "[" * 250 + "]" * 250, ["logscope.toml:1:", "'a'"]),
        ("waivers = 3\n", ["logscope.toml:1:", "a list"]),
        ("[[analyze]]\n", ["logscope.toml:1:", "keys with values"]),
    ],
)
def test_mistakes(text: str, said: list[str]) -> None:
    """A mistake ends with 2 and its place, what is wrong and what to write; nothing is analysed."""
    configure(text)
    done = run("analyze", "app.log", "-o", "report.md")
    assert (done.code, done.out) == (2, "")
    assert all(word in done.err for word in said), done.err
    assert "Traceback" not in done.err
    assert not Path("report.md").exists()


def lines_told(err: str) -> list[int]:
    """The lines of the configuration in which a problem is told."""
    return [int(line) for line in re.findall(r"^logscope\.toml:(\d+): ", err, re.MULTILINE)]


def test_every_mistake_at_once() -> None:
    """Of form, of meaning and of names: all are listed, each on a line of its own, in their order, and counted."""
    configure(
        "[analyze]\nfail_on = 'hihg'\nbudget = 4\n\n[rules.queue-lag]\nseverity = 1\n\n"
        "[rules.queue-leg]\nenabled = false\n\n"
        "[[checks]]\nid = 'A b'\ntxet = 't'\nmanual = true\n\n"
        "[[waivers]]\nrule = 'queue-lug'\nexpires = 'soon'\n"
    )
    done = run("analyze", "app.log", "--timezone", "nowhere")
    assert done.code == 2
    assert lines_told(done.err) == [2, 3, 6, 8, 12, 13, 16, 17, 18]
    assert done.err.splitlines()[9:] == ["error: 9 problems in the configuration"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[analyze]\nrules = ['gone']\n[rules.tide-turns]\nenabled = false\n", [2]),
        ("[analyze]\nruls = ['own']\n[rules.tide-turns]\nenabled = false\n", [2]),
        ("rules = ['own']\n[[waivers]]\nrule = 'tide-turns'\nreason = 'r'\n", [1]),
        ("[[checks]]\nid = 'a'\ntext = 't'\nrul = 'queue-lag'\nexpect = 'occurrences == 0'\n", [4]),
        ("[[waivers]]\nchek = 'no-memory-leak'\nreason = 'r'\n", [2]),
        ("[[checks]]\nid = 1\ntext = 't'\n[[waivers]]\ncheck = 'a'\nreason = 'r'\n", [2]),
    ],
)
def test_what_follows_from_a_mistake_is_not_told(text: str, lines: list[int]) -> None:
    """A rule that may be in a folder that is not read, a key that may be the misspelt one: no mistake of its own."""
    configure(text)
    done = run("analyze", "app.log")
    assert (done.code, lines_told(done.err)) == (2, lines)


def test_mistakes_beside_those_of_rule_files() -> None:
    """Both are told in one run, which ends as rule files with errors do."""
    configure("[analyze]\nfail_on = 'hihg'\nrules = ['own']\n")
    write(Path("own/one.yaml"), "[")
    done = run("analyze", "app.log")
    assert done.code == 3
    assert lines_told(done.err) == [2]
    assert re.findall(r"^own/one\.yaml:\d+", done.err, re.MULTILINE) == ["own/one.yaml:2"]
    assert done.err.splitlines()[2:] == ["error: 2 problems in the configuration and rule files"]


def test_a_folder_without_rules() -> None:
    """Is told as the mistake it is; nobody configures rules and means none."""
    Path("own").mkdir()
    configure("[analyze]\nrules = ['own']\n")
    done = run("analyze", "app.log")
    assert (done.code, lines_told(done.err)) == (2, [2])
    assert "no rule file" in done.err


@pytest.mark.parametrize("data", [b"a = '\xff'\n", b"\x00", b"# " + b"x" * (1 << 20)])
def test_files_that_are_no_configuration(data: bytes) -> None:
    """Bytes that are no text, and a file that is far too large, end with 2 and the file's name."""
    write(Path("app.log"), ALL)
    write(Path("logscope.toml"), data)
    done = run("analyze", "app.log")
    assert done.code == 2
    assert "logscope.toml" in done.err
    assert "Traceback" not in done.err


def test_a_configuration_that_is_no_file_is_not_passed_over() -> None:
    """A link that leads nowhere and a folder are told; --no-config asks for neither."""
    write(Path("app.log"), ALL)
    here = Path("logscope.toml")
    for put in (lambda: here.symlink_to("gone.toml"), here.mkdir):
        put()
        done = run("analyze", "app.log")
        assert (done.code, "logscope.toml" in done.err) == (2, True)
        assert run("analyze", "app.log", "--no-config").code != 2
        here.unlink() if here.is_symlink() else here.rmdir()


def test_config_option_needs_a_file() -> None:
    """A --config that cannot be read, or beside --no-config, is a usage error."""
    write(Path("app.log"), ALL)
    for arguments in (["--config", "gone.toml"], ["--config", "."], ["--config", "x.toml", "--no-config"]):
        done = run("analyze", "app.log", *arguments)
        assert (done.code, done.out) == (2, "")
        assert arguments[-1] in done.err


@pytest.mark.parametrize(
    ("name", "hours"), [("+02:00", 2), ("-0530", -5.5), ("UTC", 0), ("utc", 0), ("Z", 0)]
)
def test_zones(name: str, hours: float) -> None:
    """Offsets are read with and without a colon, with their sign; UTC also as ISO times write it."""
    zone = read_zone(name)
    offset = zone.utcoffset(None) if hours else None
    assert (offset.total_seconds() / 3600 if offset else 0) == hours


# Waivers


def waiver(**fields: str) -> str:
    return "[[waivers]]\n" + "".join(f'{name} = "{value}"\n' for name, value in fields.items())


def test_waived_finding_stays_visible_and_does_not_fail() -> None:
    """A waived finding is in every report with its waiver; gate, counts and plan leave it out."""
    configure(waiver(rule="queue-lag", reason="known upstream", owner="platform", expires="2026-03-02"))
    report = report_of("app.log")
    said = "known upstream; owner: platform; until 2026-03-02"
    assert finding(report, "queue-lag")["waiver"] == said
    assert (report["gate"]["exit_code"], report["gate"]["counts"]["high"]) == (0, 0)
    assert report["gate"]["counts"]["waived"] == 1
    planned = [
        rule for phase in report["plan"]["phases"] for item in phase["items"] for rule in item["findings"]
    ]
    assert sorted(planned) == ["clock-drift", "memory-leak"]
    assert {check["id"]: check["result"] for check in report["checks"] if check["rule"] == "queue-lag"} == {
        "never": "waived",
        "queue-lag-watched": "manual",
    }
    assert run("analyze", "app.log", "--fail-on", "medium").code == 1
    write(Path("quiet.log"), LAG)
    for output in ("a.md", "a.html", "handoff:b.md", "a.txt"):
        assert run("analyze", "quiet.log", "-o", output).code == 0
    for path in ("a.md", "a.html", "b.md", "a.txt"):
        assert "known upstream" in Path(path).read_text("utf-8")
    assert "known upstream" in run("analyze", "quiet.log").out


def test_expired_waiver_resurfaces() -> None:
    """The day after it expires, everything is as without it, and a note names the day and the owner."""
    configure(waiver(rule="queue-lag", reason="r", owner="platform", expires="2026-03-01"))
    report = report_of("app.log")
    assert finding(report, "queue-lag")["waiver"] == ""
    assert report["gate"]["exit_code"] == 1
    assert notes(report) == ["waiver for queue-lag expired on 2026-03-01; owner: platform"]
    assert "expired on 2026-03-01" in run("analyze", "app.log").err


def test_unused_waiver_is_reported() -> None:
    """A waiver that nothing needed is named; one that was needed is not."""
    configure(waiver(rule="queue-lag", reason="r") + waiver(rule="memory-leak", reason="r"))
    write(Path("app.log"), LAG)
    assert notes(report_of("app.log")) == ["waiver for memory-leak is not used: nothing to waive in this log"]


def test_only_the_checklist_tells_that_a_check_needs_no_waiver() -> None:
    """A plan does not list the checks that were not exercised, nor those left for a person."""
    configure(
        '[[checks]]\nid = "rollback"\ntext = "Somebody can roll back"\nmanual = true\n'
        + waiver(check="rollback", reason="r")
        + waiver(check="clock-drift/never", reason="r")
    )
    write(Path("app.log"), "INFO:app:all is well\n")
    assert notes(report_of("app.log")) == []
    assert "waiver for clock-drift/never is not used" in run("checklist", "app.log").err


def test_waiver_by_path() -> None:
    """With paths, it holds only where all sources of the finding match."""
    configure(waiver(rule="queue-lag", reason="r").replace("reason", 'paths = ["old/*"]\nreason'))
    write(Path("logs/old/a.log"), LAG)
    write(Path("old/a.log"), LAG)
    assert finding(report_of("old/a.log"), "queue-lag")["waiver"] == "r"
    assert finding(report_of("old/a.log", "logs"), "queue-lag")["waiver"] == ""


def test_an_empty_filter_is_refused() -> None:
    """No paths are not all of them, and no text is not any."""
    configure(waiver(rule="queue-lag", reason="r") + "paths = []\n" + '[[checks]]\nid = "a"\ntext = "A"\n')
    with Path("logscope.toml").open("a") as file:
        file.write("exercised_by = {text = []}\n")
    done = run("analyze", "app.log")
    said = "is empty: leave it out, or write what to look for"
    assert (done.code, done.err.splitlines()[:2]) == (
        2,
        [f"logscope.toml:4: paths {said}", f"logscope.toml:8: text {said}"],
    )


def test_first_valid_waiver_counts() -> None:
    """Of several waivers for one finding an expired one is passed over."""
    configure(
        waiver(rule="queue-lag", reason="old", expires="2026-01-01")
        + waiver(rule="queue-lag", reason="new", expires="2026-12-31")
    )
    assert finding(report_of("app.log"), "queue-lag")["waiver"] == "new; until 2026-12-31"


# Comparison with an earlier report


def compared(before: str, now: str, *arguments: str) -> dict[str, Any]:
    """The report of `now` with that of `before` as its baseline."""
    write(Path("before.log"), before)
    write(Path("now.log"), now)
    assert run("analyze", "before.log", "-o", "before.json", "-q").code in (0, 1)
    return report_of("now.log", "--baseline", "before.json", *arguments)


def test_metrics_before_and_now() -> None:
    """A metric has the baseline's figure as before and this log's as now; without a baseline now is empty."""
    report = compared(STARTED + LAG * 4 + LEAK, STARTED + LAG + DRIFT)
    assert {item["id"]: (item["before"], item["now"], item["target"]) for item in report["metrics"]} == {
        "queue-lag-count": ("4", "1", "0"),
        "clock-drift-count": ("not found", "1", "0"),
        "memory-leak-count": ("1", "0", "0"),
    }
    alone = report_of("now.log")
    assert [(item["before"], item["now"]) for item in alone["metrics"]] == [("1", ""), ("1", "")]
    assert (alone["baseline"], alone["resolved"]) == ("", [])


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [("", LAG, "new"), (LAG * 4, LAG, "better 4 → 1"), (LAG, LAG * 4, "worse 1 → 4"), (LAG, LAG, "same")],
)
def test_finding_since_the_baseline(before: str, now: str, said: str) -> None:
    """Each finding says what became of it, in occurrences."""
    report = compared(STARTED + before, STARTED + now)
    assert finding(report, "queue-lag")["since_baseline"] == said
    assert report["baseline"] == "2026-03-02T12:00:00+00:00"


def test_what_is_gone() -> None:
    """A finding that is gone is fixed when its trigger ran, not exercised when not, not checked without its rule."""
    gone = {item["rule"]: (item["before"], item["verdict"]) for item in compared(ALL, STARTED)["resolved"]}
    assert gone == {"queue-lag": (2, "fixed"), "memory-leak": (1, "fixed"), "clock-drift": (1, "fixed")}
    write(Path("logscope.toml"), "[rules.clock-drift]\nenabled = false\n")
    write(Path("now.log"), QUIET)
    report = report_of("now.log", "--baseline", "before.json")
    gone = {item["rule"]: item["verdict"] for item in report["resolved"]}
    assert gone == {
        "queue-lag": "not-exercised",
        "memory-leak": "not-exercised",
        "clock-drift": "not-checked",
    }
    assert {item["id"]: item["now"] for item in report["metrics"]} == {
        "queue-lag-count": "not exercised",
        "memory-leak-count": "not exercised",
        "clock-drift-count": "not checked",
    }


def test_baseline_of_a_comparison() -> None:
    """A report that was itself compared is a baseline with its own figures."""
    compared(STARTED + LAG * 4, STARTED + LAG * 2)
    run("analyze", "now.log", "--baseline", "before.json", "-o", "second.json", "-q")
    write(Path("third.log"), STARTED + LAG)
    (metric,) = report_of("third.log", "--baseline", "second.json")["metrics"]
    assert (metric["before"], metric["now"]) == ("2", "1")


def test_waived_findings_are_in_the_baseline() -> None:
    """A baseline holds waived findings too, so that they are not new once the waiver is gone."""
    write(Path("logscope.toml"), waiver(rule="queue-lag", reason="r"))
    compared(STARTED + LAG, STARTED + LAG)
    Path("logscope.toml").unlink()
    report = report_of("now.log", "--baseline", "before.json", "--fail-on", "new")
    assert report["gate"]["exit_code"] == 0


def test_fail_on_new() -> None:
    """--fail-on new fails on what the baseline does not have, whatever its severity; it needs a baseline."""
    assert compared(LAG, LAG, "--fail-on", "new")["gate"]["exit_code"] == 0
    assert compared(LAG, LAG + DRIFT, "--fail-on", "new")["gate"]["exit_code"] == 1
    done = run("analyze", "now.log", "--fail-on", "new")
    assert done.code == 2
    assert "--baseline" in done.err


@pytest.mark.parametrize("output", ["a.md", "a.html", "a.txt"])
def test_comparison_is_shown(output: str) -> None:
    """Every report of a comparison says what is worse, what is fixed, and both figures."""
    compared(STARTED + LAG + LEAK, STARTED + LAG * 4)
    run("analyze", "now.log", "--baseline", "before.json", "-o", output, "-q")
    text = Path(output).read_text("utf-8")
    assert all(
        word in text for word in ("worse 1 → 4", "Memory leak", "Fixed", "Found before, not in this log")
    )


def test_baseline_that_cannot_be_used() -> None:
    """A newer schema is named as such; a missing file and other JSON are errors too, before logs are read."""
    compared(LAG, LAG)
    newer = json.loads(Path("before.json").read_text())
    newer["schema"] = "logscope/report@2"
    write(Path("newer.json"), json.dumps(newer))
    write(Path("other.json"), "{}")
    for name, word in (("newer.json", "newer"), ("gone.json", "gone.json"), ("other.json", "other.json")):
        done = run("analyze", "now.log", "--baseline", name)
        assert (done.code, done.out) == (2, "")
        assert word in done.err
