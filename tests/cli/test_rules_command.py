"""`logscope rules`: the author's workshop."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from cli_runner import run
from rulebook.writing import RIGHT, SIGNAL, spoiled, write_rule

LOG = "INFO:app:up\nERROR:pay:Ledger call timed out after 30s\nINFO:pay:Ledger call timed out after 9s\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one right rule."""
    write_rule(tmp_path / "mine" / "payments")
    return tmp_path / "mine"


class TestList:
    """rules list."""

    def test_every_rule_is_a_line(self, folder: Path) -> None:
        """Id, severity (or signal), area, title; the number on stderr."""
        done = run("rules", "list", "--rules", folder)
        lines = done.out.splitlines()
        assert done.code == 0
        assert done.err == f"{len(lines)} rules\n"
        line = next(line for line in lines if line.startswith("ledger-timeout "))
        assert line.split() == ["ledger-timeout", "medium", "payments", "The", "ledger", "times", "out"]
        assert next(line for line in lines if line.startswith("app-started ")).split()[1] == "signal"

    def test_filters(self, folder: Path) -> None:
        """Area, tag and severity narrow the list, together too."""
        write_rule(folder / "payments", spoiled("severity: medium", "severity: critical\ntags: [money]"))
        for option in (
            ["--area", "payments"],
            ["--tag", "money"],
            ["--tag", "money", "--severity", "critical"],
        ):
            done = run("rules", "list", "--rules", folder, *option)
            assert (done.out.split()[0], done.err) == ("ledger-timeout", "1 rule\n")
        done = run("rules", "list", "--rules", folder, "--tag", "money", "--severity", "low")
        assert (done.code, done.out, done.err) == (0, "", "0 rules\n")
        assert all(" mcp " in line for line in run("rules", "list", "--area", "mcp").out.splitlines())


class TestShow:
    """rules show."""

    def test_a_manual_page(self, folder: Path) -> None:
        """What a person asks: title, severity, options with effort, samples' names are readable."""
        done = run("rules", "show", "ledger-timeout", "--rules", folder)
        assert done.code == 0
        for text in (
            "ledger-timeout",
            "The ledger times out",
            "medium",
            "Payments fail",
            "The ledger is busy",
            "No timeouts",
        ):
            assert text in done.out

    def test_texts_read_as_where_nothing_is_captured(self) -> None:
        """A template's marks are the rule's source, no words for a reader; a cause has the id that options name."""
        done = run("rules", "show", "port-in-use")
        assert "Find what holds the port, stop it gracefully" in " ".join(done.out.split())
        assert "  - older-instance: An older instance" in done.out
        assert "{%" not in done.out
        assert "{{" not in done.out

    def test_a_rule_beside_others_has_no_area(self, folder: Path, tmp_path: Path) -> None:
        """A rule that lies directly in its folder is not said to be of an area without a name."""
        write_rule(tmp_path / "plain")
        of_an_area, of_none = (
            run("rules", "show", "ledger-timeout", "--rules", place).out.splitlines()[1]
            for place in (folder, tmp_path / "plain")
        )
        assert of_an_area == "severity medium, area payments, match"
        assert of_none == "severity medium, match"

    def test_an_unknown_rule(self) -> None:
        """The nearest ids are offered."""
        done = run("rules", "show", "port-in-usw")
        assert done.code == 2
        assert "port-in-use" in done.err


class TestCheck:
    """rules check."""

    def test_right_rules(self, folder: Path) -> None:
        """Nothing wrong: the number of rules, exit 0."""
        done = run("rules", "check", folder)
        assert (done.code, done.out) == (0, "1 rule without problems\n")

    def test_every_problem(self, folder: Path) -> None:
        """All of all files, each with its place, on stderr; exit 3."""
        write_rule(
            folder / "payments", spoiled("effort: 1h", "effort: soon").replace("title: The", "titel: The")
        )
        write_rule(folder, RIGHT.replace("(?P<seconds>", "(?P<seconds"), "other")
        done = run("rules", "check", folder)
        lines = done.err.splitlines()
        assert (done.code, done.out) == (3, "")
        assert lines[-1] == f"error: {len(lines) - 1} problems in rule files"
        assert any(
            line.startswith(f"{folder}/payments/ledger-timeout.yaml:2:1: unknown key 'titel'")
            for line in lines
        )
        assert any(line.startswith(f"{folder}/other.yaml:5:3: bad regular expression") for line in lines)

    def test_overlaps_are_noted(self, folder: Path) -> None:
        """A rule whose samples make another fire is told which; that is no error."""
        text = RIGHT.replace("id: ledger-timeout", "id: ledger-again").replace("after (?P", "a[f]ter (?P")
        write_rule(folder / "payments", text, "ledger-again")
        done = run("rules", "check", folder)
        assert done.code == 0
        assert done.out.splitlines() == [
            f"note: {folder}/payments/ledger-again.yaml: also fires ledger-timeout",
            f"note: {folder}/payments/ledger-timeout.yaml: also fires ledger-again",
            "2 rules without problems",
        ]

    def test_a_path_that_does_not_exist(self, tmp_path: Path) -> None:
        """It is named, exit 2; so is a folder without rules: nothing is called right that was not looked at."""
        (tmp_path / "bare").mkdir()
        for name in ("nowhere", "bare"):
            for command in (
                ["check", tmp_path / name],
                ["test", tmp_path / name],
                ["list", "--rules", tmp_path / name],
            ):
                done = run("rules", *command)
                assert (done.code, done.out) == (2, "")
                assert name in done.err

    def test_a_shipped_rule_that_is_replaced_is_noted(self, folder: Path) -> None:
        """By accident or not: that the shipped one is gone is said."""
        text = RIGHT.replace("id: ledger-timeout", "id: port-in-use").replace("Ledger", "Cashier")
        write_rule(folder, text, "port-in-use")
        assert run("rules", "check", folder).out.splitlines() == [
            f"note: {folder}/port-in-use.yaml: replaces the shipped rule of this id",
            "2 rules without problems",
        ]


class TestTest:
    """rules test."""

    def test_samples_that_hold(self, folder: Path) -> None:
        """Exit 0 and the count."""
        done = run("rules", "test", folder)
        assert (done.code, done.out) == (0, "2 samples of 1 rule: 2 hold, 0 do not\n")

    def test_a_file_of_another_name(self, tmp_path: Path) -> None:
        """Rules are chosen by the files they stand in, whatever these are called."""
        (tmp_path / "mine.yml").write_text(RIGHT)
        assert run("rules", "test", tmp_path / "mine.yml").out == "2 samples of 1 rule: 2 hold, 0 do not\n"
        assert run("rules", "check", tmp_path).out == "1 rule without problems\n"

    def test_a_sample_that_does_not_hold(self, folder: Path) -> None:
        """Exit 1; which, what was found and what was expected."""
        write_rule(folder / "payments", spoiled("fires: 1\n", "fires: 2\n    captures: {seconds: 31}\n"))
        done = run("rules", "test", folder)
        assert done.code == 1
        assert "FAIL ledger-timeout: fires: fired 1 times, expected 2\n" in done.out
        assert "FAIL ledger-timeout: fires: captured seconds = '30', expected '31'\n" in done.out

    def test_junit(self, folder: Path, tmp_path: Path) -> None:
        """One well-formed case per sample, failures with their text."""
        write_rule(folder / "payments", spoiled("fires: 1\n", "fires: 2\n"))
        done = run("rules", "test", folder, "--junit", tmp_path / "out.xml")
        assert done.code == 1
        cases = list(ElementTree.parse(tmp_path / "out.xml").iter("testcase"))
        assert [case.get("name") for case in cases] == ["fires", "quiet"]
        failure = cases[0].find("failure")
        assert failure is not None
        assert "expected 2" in str(failure.get("message")) + str(failure.text)
        assert cases[1].find("failure") is None

    def test_other_rules_are_listed(self, folder: Path) -> None:
        """What else fires on a sample is said."""
        text = RIGHT.replace("id: ledger-timeout", "id: ledger-again")
        write_rule(folder / "payments", text, "ledger-again")
        assert "also ledger-again: fires: ledger-timeout (1)\n" in run("rules", "test", folder).out


class TestExplain:
    """rules explain."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> Path:
        path = tmp_path / "app.log"
        path.write_text(LOG)
        return path

    def test_a_line_that_matches(self, folder: Path, log: Path) -> None:
        """Every part says yes, with its captures."""
        done = run("rules", "explain", "ledger-timeout", f"{log}:2", "--rules", folder)
        assert done.code == 0
        assert "  detect: matches\n" in done.out
        assert "captured seconds='30'" in done.out
        assert not any(line.strip().startswith("no ") for line in done.out.splitlines())

    def test_a_log_of_any_name(self, folder: Path, tmp_path: Path) -> None:
        """A name may hold a line feed or be empty: the log is read, or is said not to be."""
        path = tmp_path / "two\nlines: 7.log"
        path.write_text(LOG)
        done = run("rules", "explain", "ledger-timeout", f"{path}:2", "--rules", folder)
        assert (done.code, "captured seconds='30'" in done.out) == (0, True)
        done = run("rules", "explain", "ledger-timeout", "", "--rules", folder)
        assert (done.code, done.err.splitlines()[0]) == (2, "error: : not read: No such file or directory")

    def test_a_line_that_does_not(self, folder: Path, log: Path) -> None:
        """The part that fails says no: here the level."""
        done = run("rules", "explain", "ledger-timeout", f"{log}:3", "--rules", folder)
        failed = [line.strip() for line in done.out.splitlines() if line.strip().startswith("no ")]
        assert len(failed) == 1
        assert "level is error, critical, warning or none (the default): it is info" in failed[0]

    def test_of_several_patterns_those_that_hold_are_told(self, tmp_path: Path) -> None:
        """Each stands on a line of its own as the rule has it; where none holds, all do."""
        (tmp_path / "app.log").write_text(
            "ERROR:    [Errno 98] error while attempting to bind on address ('::1', 8000): address already in use\n"
            'INFO:     127.0.0.1:5 - "GET /x HTTP/1.1" 200 OK\n'
        )

        done = [run("rules", "explain", "port-in-use", f"{tmp_path}/app.log:{line}") for line in (1, 2)]
        hit, miss = ([line.strip() for line in one.out.splitlines()] for one in done)

        told = [line for line in hit if line.startswith("yes regex '")]
        assert told[0].startswith(r"yes regex '\[Errno (?:98|48)\]\s+error\s+while")
        assert len(told) < 5 < len([line for line in miss if line.startswith("no  regex '")])
        assert "detect: does not match" in miss

    def test_a_request_is_no_quote(self, tmp_path: Path) -> None:
        """A record of a request counts whatever its message quotes: what matches is said as analyze finds it."""
        (tmp_path / "app.log").write_text(
            '{"level": "info", "message": "User: why do I get \\"address already in use\\"?", "method": "POST",'
            ' "path": "/mcp", "status": 400, "client": "10.0.0.4:50100"}\n'
        )
        done = run("rules", "explain", "mcp-400-before-session", f"{tmp_path}/app.log:1").out
        way = done.partition("detect.steps.0.any.1: ")[2].partition("detect.")[0]
        assert way.startswith("matches\n")
        assert "quote" not in way

    def test_without_a_line_the_best_is_explained(self, folder: Path, log: Path) -> None:
        """The event that comes closest."""
        done = run("rules", "explain", "ledger-timeout", log, "--rules", folder)
        assert ":2 ERROR:pay:Ledger call" in done.out.splitlines()[0]

    @pytest.mark.parametrize(
        ("place", "code"), [("app.log:99", 2), ("nowhere.log", 2), ("core", 2), ("empty.log", 4)]
    )
    def test_nothing_to_explain(self, folder: Path, log: Path, place: str, code: int) -> None:
        """A line or a file that is not there, and a log without lines, are told apart."""
        (log.parent / "empty.log").write_text("")
        (log.parent / "core").write_bytes(b"\x7fELF\x00\x00\x01\x02" * 64)
        done = run("rules", "explain", "ledger-timeout", log.parent / place, "--rules", folder)
        assert (done.code, done.out) == (code, "")
        assert done.err.startswith("error: ")


class TestNew:
    """rules new."""

    OPTIONS = ("--id", "db-down", "--title", "Database: down", "--text", "could not reach the 'database'")

    def test_from_options(self, tmp_path: Path) -> None:
        """The rule passes check and test as it is written."""
        done = run(
            "rules", "new", tmp_path / "mine", *self.OPTIONS, "--fix", "Start it", "--severity", "high"
        )
        assert (done.code, done.err) == (0, "")
        assert run("rules", "check", tmp_path / "mine").code == 0
        assert run("rules", "test", tmp_path / "mine").code == 0

    def test_from_answers(self, tmp_path: Path) -> None:
        """What is not given is asked."""
        answers = "db-down\nDatabase down\ncould not reach the database\nStart it\n"
        done = run("rules", "new", tmp_path / "mine", stdin=answers.encode())
        assert done.code == 0
        assert "Title" in done.out + done.err
        assert run("rules", "check", tmp_path / "mine").code == 0

    def test_answers_that_end_too_early(self, tmp_path: Path) -> None:
        """As in a script: no interrupt, but a usage error."""
        done = run("rules", "new", tmp_path / "mine", stdin=b"db-down\n")
        assert done.code == 2
        assert "standard input" in done.err

    def test_a_rule_that_is_there(self, folder: Path) -> None:
        """Nothing is overwritten."""
        options = [*self.OPTIONS, "--fix", "Start it"]
        options[1] = "ledger-timeout"
        assert run("rules", "new", folder / "payments", *options).code == 2
        assert (folder / "payments" / "ledger-timeout.yaml").read_text() == RIGHT

    def test_the_id_of_a_shipped_rule(self, tmp_path: Path) -> None:
        """It is said that the new rule replaces that one."""
        done = run("rules", "new", tmp_path, "--id", "port-in-use", *self.OPTIONS[2:], "--fix", "Start it")
        assert done.code == 0
        assert "port-in-use.yaml: replaces the shipped rule of this id" in done.out + done.err

    @pytest.mark.parametrize(
        ("option", "value"), [(1, "Not An Id"), (1, "../up"), (5, "the request"[4:]), (5, "")]
    )
    def test_answers_that_make_no_rule(self, tmp_path: Path, option: int, value: str) -> None:
        """They are refused before anything is written."""
        options = [*self.OPTIONS, "--fix", "Start it"]
        options[option] = value
        done = run("rules", "new", tmp_path / "mine", *options)
        assert done.code == 2
        assert done.err.startswith("error: ")
        assert not (tmp_path / "mine").exists()


EVIL = r"\x9b2J\u202e\n::error::own"
"""In YAML's double quotes: what moves a cursor, turns the direction, and commands a build server."""


@pytest.mark.parametrize(
    "arguments",
    [["list", "--rules", "."], ["show", "ledger-timeout", "--rules", "."], ["test", "."], ["check", "."]],
)
@pytest.mark.parametrize("spoil", ["", "effort: 1h"])
def test_texts_of_rules_are_shown_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], spoil: str
) -> None:
    """Whatever a rule file holds, and whatever it is called, is neither obeyed by a terminal nor by a build server."""
    text = spoiled("title: The ledger times out", f'title: "The ledger {EVIL}"').replace(
        "fires: 1", "fires: 2"
    )
    for plain in ("Payments fail", "The ledger is busy", "No timeouts", "fires\n", "Payments succeed"):
        text = text.replace(plain, f'"{plain.strip()} {EVIL}"' + plain[len(plain.strip()) :])
    text = text.replace("medium\n", f'medium\ntags: ["{EVIL}"]\nreferences: ["{EVIL}"]\n')
    write_rule(tmp_path / "mine\n::error::own\x9b2J", text.replace(spoil, f'"{EVIL}": 1') if spoil else text)
    monkeypatch.chdir(tmp_path)
    done = run("rules", *arguments)
    shown = done.out + done.err
    assert shown
    assert not {"\x9b", "\u202e"} & set(shown)
    assert not any(line.startswith("::") for line in shown.splitlines())


def test_schema() -> None:
    """JSON, as committed."""
    done = run("rules", "schema")
    root = Path(__file__).resolve().parent.parent.parent
    assert json.loads(done.out) == json.loads((root / "schema" / "rule.schema.json").read_text())


def test_analyze_with_rules(tmp_path: Path, folder: Path) -> None:
    """--rules adds; a rule with a shipped id replaces it."""
    (tmp_path / "app.log").write_text(LOG + "ERROR:app:everything is well\n")
    done = run(
        "analyze", tmp_path / "app.log", "--rules", folder, "-o", tmp_path / "r.json", "--fail-on", "medium"
    )
    assert done.code == 1
    report = json.loads((tmp_path / "r.json").read_text())
    assert [(f["rule"], f["occurrences"]) for f in report["findings"]] == [("ledger-timeout", 1)]
    write_rule(
        folder,
        SIGNAL.format(id="app-started", text="everything is well").replace("any", "error"),
        "app-started",
    )
    run("analyze", tmp_path / "app.log", "--rules", folder, "-o", tmp_path / "r.json")
    assert "app-started" in {
        signal["rule"] for signal in json.loads((tmp_path / "r.json").read_text())["signals"]
    }
