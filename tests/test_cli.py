"""The command line from end to end: what bad input gets, exit codes, streams, inputs and outputs."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from cli_runner import CACHE, ROOT, counts, process, report_of, run, write
from rulebook.writing import spoiled, write_rule

import logscope.pipeline
import logscope.sources.reading
from logscope import __version__
from logscope.cli import COMMANDS
from logscope.model import Source
from logscope.sources import Reader, open_source

TRAFFIC = "".join(f'INFO:     10.0.0.1:5{n:04} - "GET /items/{n} HTTP/1.1" 200 OK\n' for n in range(20))
FAILURE = (
    "ERROR:app.chat:Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', 'message': 'Your "
    "credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase "
    "credits.'}, 'request_id': 'req_7'}\n"
)
EARLY_400 = (
    'INFO:     10.0.0.4:50100 - "POST /mcp HTTP/1.1" 400 Bad Request\n'
    'INFO:     10.0.0.4:50102 - "POST /mcp HTTP/1.1" 200 OK\n'
    'INFO:     10.0.0.4:50104 - "POST /mcp HTTP/1.1" 202 Accepted\n'
    'INFO:     10.0.0.4:50106 - "POST /mcp HTTP/1.1" 200 OK\n'
)
UNKNOWN = "ERROR:app.orders:order 17 cannot be priced\n"
CREDIT = (
    "{time} - app.chat - ERROR - Error code: 400 - {{'type': 'error', 'error': {{'type': 'invalid_request_error', "
    "'message': 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade "
    "or purchase credits.'}}, 'request_id': 'req_{number}'}}\n"
)
CREDIT_AT = [CREDIT.format(time=f"2026-03-02 {hour}:00:00,000", number=hour) for hour in (10, 11, 12)]
BAD_RULES = {
    "one.yaml": "id: one\ntitle: One\nseverity: terrible\ndetect:\n  txet: x\n",
    "two.yaml": "id: two\ntitle: Two\nseverity: low\ndetect:\n  regex: '(unclosed'\n",
}
BINARY = b"\x7fELF\x00\x00\x01\x02" * 64


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder, with a fixed clock."""
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772452800")  # 2026-03-02 12:00 UTC
    monkeypatch.chdir(tmp_path)


# What bad input gets


@pytest.mark.parametrize(
    ("forced", "log", "fits"),
    [
        ("loguru", "ERROR:app:x\n", "basicConfig"),
        ("docker-json", "ERROR:app:x\n", "basicConfig"),
        ("cri", "api-1  | ERROR:app:x\napi-1  | INFO:app:y\napi-1  | INFO:app:z\n", "compose, basicConfig"),
    ],
)
def test_a_forced_format_that_fits_nothing(forced: str, log: str, fits: str) -> None:
    """The source is named, and what does fit: a format, a collector's prefix; an empty file beside is no reason."""
    write(Path("app.log"), log)
    write(Path("empty.log"), "")
    for command in ("analyze", "inspect"):
        done = run(command, "app.log", "--log-format", forced)
        assert done.code == 2
        assert "app.log" in done.err
        assert f"These fit: {fits}." in done.err
        assert run(command, "empty.log", "--log-format", forced).code == 4


def test_a_forced_format_that_fits_one_of_several_sources() -> None:
    """The others are read as they show themselves, with a note; where it fits none, that is the error."""
    refused = "ERROR:app:[Errno 98] Address already in use\n"
    write(Path("logs/app.log"), refused)
    write(Path("logs/web.log"), "INFO:     Started server process [7]\n")
    note = "fits no line of logs/app.log; read without it. These fit: basicConfig."
    done = run("analyze", "logs", "--log-format", "uvicorn", "-o", "report.json", "--fail-on", "medium")
    assert (done.code, note in done.err) == (1, True)
    assert [found["rule"] for found in json.loads(Path("report.json").read_text())["findings"]] == [
        "port-in-use"
    ]
    shown = run("inspect", "logs", "--log-format", "uvicorn")
    assert (shown.code, note in shown.err) == (0, True)
    for command in ("analyze", "inspect"):
        nowhere = run(command, "logs", "--log-format", "loguru")
        assert nowhere.code == 2
        assert "--log-format loguru: fits no line of 2 sources" in nowhere.err
        assert "These fit: basicConfig. These fit: uvicorn." in nowhere.err


@pytest.mark.parametrize(
    ("forced", "first"),
    [
        ("UVICORN", "uvicorn"),
        ("basicconfig", "basicConfig"),
        ("uvicon", "uvicorn"),
        ("logging", "basicConfig"),
        ("nginx-access", "access-common"),
    ],
)
def test_a_forced_format_that_is_none(forced: str, first: str) -> None:
    """The closest names are told, whatever their case, and those of formats that people call otherwise."""
    write(Path("app.log"), FAILURE)
    assert f"The closest are {first}," in run("analyze", "app.log", "--log-format", forced).err


@pytest.mark.parametrize(("mark", "shown"), [("api_key", "[redacted]"), ("session", "Zx81kQpw90LmAq72")])
def test_sessions_known_by_a_secret_are_called_by_none(mark: str, shown: str) -> None:
    """Where a key tells sessions apart, neither the lanes nor anything else of the report shows it."""
    write(
        Path("app.log"),
        f"2026-03-02 10:00:00,100 WARNING links: MCP request rejected with 400 Bad Request {mark}=Zx81kQpw90LmAq72\n"
        f"2026-03-02 10:00:00,300 INFO links: MCP session initialized {mark}=Zx81kQpw90LmAq72\n",
    )
    report = report_of("app.log")
    lanes = report["findings"][0]["sequence"]["lanes"]
    assert [(lane["session"], lane["outcome"]) for lane in lanes] == [(shown, "recovered")]
    assert ("Zx81kQpw90LmAq72" in json.dumps(report)) == (mark == "session")


def test_a_secret_in_a_path_that_is_missing() -> None:
    """Messages are outputs too: a build server keeps them."""
    key = "ghp_" + "aB3" * 12
    done = run("analyze", f"logs/{key}.log")
    assert done.code == 2
    assert "logs/ghp_[redacted]" in done.err


@pytest.mark.parametrize("path", ["gone.log", "*.nothing", "logs/**/x?.log"])
def test_missing_path(path: str) -> None:
    """A path that does not exist, and a pattern that no file matches, is named before anything is analysed."""
    write(Path("good.log"), FAILURE)
    done = run("analyze", "good.log", path, "-o", "report.md")
    assert (done.code, done.out, Path("report.md").exists()) == (2, "", False)
    assert path in done.err


def test_every_missing_path_is_named() -> None:
    """All that is wrong with the paths is told at once, each once."""
    write(Path("good.log"), FAILURE)
    done = run("analyze", "gone.log", "good.log", "*.nothing", "gone.log")
    assert done.code == 2
    assert "gone.log: no such file or folder; *.nothing: no file matches this pattern" in done.err


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, ["0 files"]),
        ({"empty.log": b""}, ["1 file"]),
        ({".hidden.log": FAILURE.encode()}, ["1 hidden"]),
        ({"core": BINARY}, ["core", "binary"]),
        ({"a.py": b"x = 1\n"}, ["0 files", "types that are no logs", "1 other type"]),
        (
            {"LICENSE": b"MIT\n\nPermission is given\n", "data.csv": b"a,b\n1,2\n"},
            ["2 files", "known formats"],
        ),
        ({"app.log": b"\n\n  \n"}, ["1 file"]),
    ],
)
def test_folder_without_logs(files: dict[str, bytes], said: list[str]) -> None:
    """A folder without any log line ends with 4 and says what was looked at; nothing is called clean."""
    Path("logs").mkdir()
    for name, data in files.items():
        write(Path("logs") / name, data)
    done = run("analyze", "logs", "--exit-zero")
    assert (done.code, done.out) == (4, "")
    assert all(word in done.err for word in said), done.err


def test_text_of_no_format_is_a_log_where_it_is_called_one() -> None:
    """By its name in a folder, or by whoever names the file."""
    write(Path("logs/worker.log"), "ready\nworking\n")
    write(Path("notes"), "ready\nworking\n")
    assert run("analyze", "logs").code == 0
    assert run("analyze", "notes").code == 0


def test_an_output_in_a_folder_that_is_closed_to_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told before anything is analysed, and no other output is written either."""
    write(Path("app.log"), FAILURE)
    Path("closed").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "closed")
    done = run("analyze", "app.log", "-o", "good.md", "-o", "closed/report.md")
    assert (done.code, done.out, Path("good.md").exists()) == (2, "", False)
    assert "closed/report.md" in done.err


def test_empty_stdin() -> None:
    """Nothing on standard input is no input."""
    assert run("analyze", "-").code == 4


def test_unreadable_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be read is a note in the report and on stderr; the others are analysed."""
    write(Path("logs/a.log"), FAILURE)
    write(Path("logs/b.log"), FAILURE)

    def refuse(source: Source) -> Reader:
        if source.name.endswith("b.log"):
            raise PermissionError(13, "Permission denied")
        return open_source(source)

    monkeypatch.setattr(logscope.pipeline, "open_source", refuse)
    done = run("analyze", "logs", "-o", "json:report.json")
    report = json.loads(Path("report.json").read_text())
    assert counts(report) == {"anthropic-credit-balance": 1}
    assert [(note["where"], note["kind"]) for note in report["notes"]] == [("logs/b.log", "unreadable")]
    assert "logs/b.log" in done.err
    assert "Permission denied" in done.err
    assert run("analyze", "logs", "--strict").code == 5


def test_binary_file() -> None:
    """A binary file is a note or counted as passed over; the others are analysed."""
    write(Path("logs/a.log"), FAILURE)
    write(Path("logs/b.log"), BINARY)
    report = report_of("logs")
    assert counts(report) == {"anthropic-credit-balance": 1}
    assert [(note["where"], note["kind"]) for note in report["notes"]] == [("logs/b.log", "binary")]
    assert run("analyze", "logs", "--strict", "--exit-zero").code == 0
    assert run("analyze", "logs/b.log", "logs/a.log", "--strict").code == 5  # who names a file wants it read
    assert "logs/b.log" in run("analyze", "logs").err


def test_archives_are_named() -> None:
    """Logs that are packed in a way nobody unpacks here are no nameless binary data: the note says what to do."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("app.log"), io.BytesIO())
    write(Path("logs/a.log"), FAILURE)
    write(Path("logs/b.log.gz"), packed.getvalue())
    write(Path("logs/c.log"), b"\x28\xb5\x2f\xfd" + BINARY)
    assert [note["text"] for note in report_of("logs")["notes"]] == [
        "not read: a tar archive: unpack it first",
        "not read: zstd data: unpack it first",
    ]
    assert "zstd data" in run("inspect", "logs/c.log").err


def test_gzip_that_breaks_off() -> None:
    """What stands before the break of a gzip stream is analysed; a note says so, --strict makes it an exit code."""
    noise = "".join(f"INFO:app:line {n} {os.urandom(16).hex()}\n" for n in range(4000))
    whole = gzip.compress((FAILURE + noise).encode())
    write(Path("broken.log.gz"), whole[: len(whole) // 2])
    report = report_of("broken.log.gz")
    assert counts(report) == {"anthropic-credit-balance": 1}
    assert [(note["where"], note["kind"]) for note in report["notes"]] == [("broken.log.gz", "truncated")]
    assert 100 < report["coverage"]["lines"] < 4001
    assert report["status"].startswith("Analysis complete, but for what the notes name: 1 problem found")
    assert "broken.log.gz" in run("analyze", "broken.log.gz").err
    assert run("analyze", "broken.log.gz").code == 1
    assert run("analyze", "broken.log.gz", "--strict", "--exit-zero").code == 5


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        (b"INFO:     caf\xe9\n" + FAILURE.encode()[:-1] + b" caf\xe9\n", "caf\u00e9"),
        ("INFO:     caf\u00e9\n".encode() * 9 + FAILURE.encode()[:-1] + b" caf\xff\n", "caf\ufffd"),
        (FAILURE.encode()[:-1] + b" \xff\xfe\n", "\ufffd\ufffd"),
        (FAILURE.encode()[:-1] + b" \xce\xf8\xe8\xe1\xea\xe0\n", "\ufffd"),
    ],
)
def test_bytes_that_are_no_utf8(log: bytes, shown: str) -> None:
    """Bytes that are no UTF-8 are analysed; shown as Latin-1 where the log may be, replaced where not."""
    write(Path("latin.log"), log)
    report = report_of("latin.log")
    assert counts(report) == {"anthropic-credit-balance": 1}
    assert shown in report["findings"][0]["evidence"][0]["text"]


@pytest.mark.parametrize("target", ["gone/report.md", "taken", "taken/report.md/x.md"])
def test_output_that_cannot_be_written(target: str) -> None:
    """An output that cannot be written ends with 2 and its name; nothing is half-written."""
    Path("taken").mkdir()
    write(Path("app.log"), FAILURE)
    done = run("analyze", "app.log", "-o", "first.md", "-o", f"md:{target}")
    assert done.code == 2
    assert target in done.err
    assert sorted(path.name for path in Path().iterdir()) == ["app.log", "taken"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk() -> None:
    """A target that takes no bytes ends with 2, without a traceback."""
    write(Path("app.log"), FAILURE)
    done = run("analyze", "app.log", "-o", "md:/dev/full")
    assert done.code == 2
    assert "/dev/full" in done.err
    assert "Traceback" not in done.err


def test_failed_write_keeps_the_old_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails in the middle, the older report stays whole and no temporary file is left."""
    write(Path("app.log"), FAILURE)
    write(Path("report.md"), "the older one")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    done = run("analyze", "app.log", "-o", "report.md")
    assert done.code == 2
    assert "report.md: cannot be written: No space left on device" in done.err
    assert Path("report.md").read_text() == "the older one"
    assert sorted(path.name for path in Path().iterdir()) == ["app.log", "report.md"]


def test_rule_files_with_errors() -> None:
    """Rule files with errors end with 3 and every problem of every file, each with path and line."""
    write(Path("app.log"), FAILURE)
    for name, text in BAD_RULES.items():
        write(Path("rules-of-ours") / name, text)
    done = run("analyze", "app.log", "--rules", "rules-of-ours")
    assert (done.code, done.out) == (3, "")
    places = re.findall(r"^rules-of-ours/(\w+\.yaml):(\d+)", done.err, re.MULTILINE)
    assert ("one.yaml", "3") in places
    assert ("one.yaml", "5") in places
    assert ("two.yaml", "5") in places


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["--fail-on", "severe"],
        ["--since", "yesterdayish"],
        ["--since", "99999999999d"],  # before all calendars
        ["--until", "999999w"],
        ["--since", "2026-03-02", "--until", "2026-03-01"],
        ["--timezone", "Mars/Olympus"],
        ["-o", "report.xyz"],
        ["-o", "nonsense:report.md"],
        ["-o", ""],
        ["-o", "a.md", "-o", "a.md"],
        ["--budget", "soon"],
        ["--repo", "gone"],
        ["--template", "gone.j2", "-o", "a.md"],
        ["--format", "nonsense", "-o", "a.md"],
        ["--log-format", "no-such-format"],
        ["--rules", "gone"],
        *[
            [option, ""]  # as `--since "$UNSET"` in a script: no filter that the user wanted
            for option in (
                "--since",
                "--until",
                "--timezone",
                "--log-format",
                "--budget",
                "--rules",
                "--repo",
            )
        ],
        ["--config", ""],
        ["--baseline", ""],
    ],
)
def test_usage_errors(arguments: list[str]) -> None:
    """What cannot be used is named, option or value, on stderr only; the run ends with 2 and writes nothing."""
    write(Path("app.log"), FAILURE)
    done = run("analyze", "app.log", *arguments)
    assert (done.code, done.out) == (2, "")
    named = filter(None, re.split("[ :]", " ".join(arguments[:2])))
    assert any(word in done.err for word in named), done.err
    assert "Traceback" not in done.err
    assert [path.name for path in Path().iterdir()] == ["app.log"]


# Exit codes


@pytest.mark.parametrize(
    ("log", "fail_on", "code"),
    [
        (FAILURE, "", 1),
        (EARLY_400, "", 0),
        (TRAFFIC, "info", 0),
        (FAILURE, "high", 1),
        (FAILURE, "critical", 0),
        (FAILURE, "never", 0),
        (EARLY_400, "high", 0),
        (EARLY_400, "low", 1),
        (UNKNOWN, "info", 0),
        (UNKNOWN, "unexplained", 1),
        (FAILURE, "unexplained", 0),
    ],
)
def test_fail_on(log: str, fail_on: str, code: int) -> None:
    """Exit 1 is findings at or above --fail-on (without it: high), 0 is none."""
    write(Path("app.log"), log)
    bound = ("--fail-on", fail_on) if fail_on else ()
    assert run("analyze", "app.log", *bound).code == code
    assert run("analyze", "app.log", *bound, "--exit-zero").code == 0


def test_a_report_says_that_findings_were_let_pass() -> None:
    """Exit code 0 beside findings that fail a run is explained by the option that was given."""
    write(Path("app.log"), FAILURE)
    run("analyze", "app.log", "--exit-zero", "-q", "-o", "report.json")
    gate = json.loads(Path("report.json").read_text())["gate"]
    assert gate["exit_code"] == 0
    assert gate["reason"] == "1 finding at high or above, which --exit-zero lets pass"


@pytest.mark.parametrize("output", ["a.md", "a.html", "a.json", "a.txt", "handoff:a.md", "checklist:a.md"])
def test_code_does_not_depend_on_the_format(output: str) -> None:
    """The exit code is the same for every output, and the JSON carries it."""
    write(Path("app.log"), FAILURE)
    assert run("analyze", "app.log", "-o", output).code == 1
    assert report_of("app.log")["gate"]["exit_code"] == 1


def test_interrupt_ends_with_130() -> None:
    """An interrupt ends the run with 130, in words, and leaves no output."""
    command = [sys.executable, "-m", "logscope", "analyze", "-", "-o", "report.md"]
    waiting = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.default_int_handler
        ),  # ignored in the background
    )
    assert waiting.stdin is not None
    waiting.stdin.write(TRAFFIC.encode())
    waiting.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(1.0)  # it has started and waits for more
    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate(timeout=10)
    assert waiting.returncode == 130
    assert b"Traceback" not in err
    assert not Path("report.md").exists()


def test_an_interrupt_while_modules_are_loaded_ends_the_same_way() -> None:
    """Also before there is a command line: no traceback, 130."""
    write(Path("early/click.py"), "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from logscope.__main__ import main; main()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["early", str(ROOT)])}
    command = [sys.executable, "-c", code, "--version"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


# Streams and outputs


def test_several_outputs() -> None:
    """-o may be repeated: each file is of the kind its ending names, and the summary still goes to stdout."""
    write(Path("app.log"), FAILURE)
    done = run("analyze", "app.log", "-o", "a.md", "-o", "a.html", "-o", "a.json", "-o", "handoff:b.md")
    assert Path("a.md").read_text().startswith("# ")
    assert Path("a.html").read_text().lower().startswith("<!doctype html>")
    assert json.loads(Path("a.json").read_text())["schema"] == "logscope/report@1"
    assert Path("b.md").read_text() != Path("a.md").read_text()
    assert "credit balance" in done.out
    assert all(name in done.err for name in ("a.md", "a.html", "a.json", "b.md"))


@pytest.mark.parametrize("rejected", [0, 150, 299])
def test_sessions_that_worked_at_once_are_counted_wherever_one_was_rejected(rejected: int) -> None:
    """Of 300 sessions in access lines one is refused first: each of the others is one that worked at once."""
    lines = []
    for number in range(300):
        asked = f'INFO:     10.0.0.4:{20_000 + number} - "POST /mcp HTTP/1.1"'
        lines += [f"{asked} 400 Bad Request"] if number == rejected else []
        lines += [f"{asked} 200 OK", f"{asked} 202 Accepted", f"{asked} 200 OK"]
    write(Path("app.log"), "\n".join(lines))
    found = {finding["rule"]: finding for finding in report_of("app.log")["findings"]}
    told = found["mcp-400-before-session"]["sequence"]
    names = ("sessions", "rejected_first", "recovered", "stalled")
    assert [told[name] for name in names] == [300, 1, 1, 0]


def test_server_errors_that_no_record_tells_of_are_said() -> None:
    """Where nothing else was found, the verdict tells of the requests that were answered with one."""
    asked = 'INFO:     10.0.0.7:49343 - "POST /chat HTTP/1.1"'
    write(Path("app.log"), f"{asked} 200 OK\n{asked} 502 Bad Gateway\n")
    told = report_of("app.log")["status"]
    assert told == "Analysis complete: no known problem, but 1 request answered with 5xx"
    write(Path("app.log"), f"{asked} 200 OK\n{asked} 404 Not Found\n")
    assert report_of("app.log")["status"] == "Analysis complete: no problem found"


def test_that_nothing_was_found_in_no_known_format_is_said() -> None:
    """Where no line is understood, nobody takes the log for a clean one."""
    write(Path("app.log"), "%%% begun\n~~ 17 of 20 ~~\n%%% over\n")
    told = report_of("app.log")["status"]
    assert told == "Analysis complete: no problem found, in lines of no known format"


def test_of_an_empty_source_nothing_is_told_but_that() -> None:
    """What has no line has no format, level or time either."""
    write(Path("app.log"), "")
    shown = run("inspect", "app.log")
    assert (shown.code, shown.out.split("\n")) == (4, ["app.log", "  read         0 lines, 0 B", "", ""])


def test_sessions_that_recovered_are_an_open_problem_in_every_output() -> None:
    """They were rejected all the same: figures say that they recovered, and the finding stays active."""
    write(Path("app.log"), EARLY_400)
    done = run("analyze", "app.log", "--exit-zero", "-o", "a.md", "-o", "a.html", "-o", "a.json")
    report = json.loads(Path("a.json").read_text("utf-8"))
    (finding,) = report["findings"]
    assert (finding["status"], finding["severity"], finding["recovered"]) == ("active", "low", 1)
    assert report["status"] == "Analysis complete: 1 problem found, the plan is ready"
    assert report["plan"]["total_minutes"] == 60
    assert "**Status:** Open" in Path("a.md").read_text("utf-8")
    assert "1 rejected first, 1 recovered, 0 stalled" in done.out
    for text in (done.out, *(Path(name).read_text("utf-8") for name in ("a.md", "a.html"))):
        assert "ecovered by itself" not in text


def test_a_check_names_the_session_that_stalled() -> None:
    """Not the first one that was rejected, which recovered."""
    asked = 'INFO:     10.0.0.{}:2000 - "POST /mcp HTTP/1.1" '
    recovered = [f"{asked.format(1)}{answer}" for answer in ("400 Bad Request", "200 OK", "202 Accepted")]
    write(Path("app.log"), "\n".join([*recovered, f"{asked.format(2)}400 Bad Request"]))
    checks = {check["id"]: check for check in report_of("app.log")["checks"]}
    places = [checks[name]["evidence"][0]["line"] for name in ("first-try-sessions", "no-stalled-session")]
    assert places == [1, 4]


def test_verbose_says_how_each_input_was_read() -> None:
    """--verbose names lines, formats, encoding and span of each input on stderr; standard output stays as it is."""
    line = "2026-03-01 10:00:0{},000 - app - INFO - working\n"
    write(Path("logs/a.log"), line.format(0) + line.format(5))
    write(Path("logs/b.log"), "INFO:     Started server process [7]\n")
    plain, verbose = run("analyze", "logs"), run("analyze", "logs", "--verbose")
    assert verbose.out == plain.out
    span = "2026-03-01 10:00:00 to 10:00:05 UTC"
    assert verbose.err.splitlines() == [
        f"read: logs/a.log: 2 lines, asctime-dash, utf-8, {span}",
        "read: logs/b.log: 1 line, uvicorn, utf-8, no times",
        *plain.err.splitlines(),
    ]
    assert run("analyze", "logs", "--verbose", "--quiet").err == ""


def test_who_writes_a_report_says_where() -> None:
    """On standard error, whichever command wrote it."""
    write(Path("logs/a.log"), FAILURE)
    assert run("analyze", "logs", "-o", "r.json").err == "wrote r.json\n"
    assert run("checklist", "logs", "-o", "c.md").err == "wrote c.md\n"
    assert run("render", "r.json", "-o", "r.md", "-o", "r.html").err == "wrote r.md\nwrote r.html\n"


def test_quiet_prints_nothing() -> None:
    """--quiet prints neither summary nor notes; the exit code stays, and errors are still said."""
    write(Path("logs/a.log"), FAILURE)
    write(Path("logs/b.log"), BINARY)
    done = run("analyze", "logs", "--quiet", "-o", "a.md")
    assert (done.code, done.out, done.err) == (1, "", "")
    assert run("analyze", "gone", "--quiet").err


def test_shape_of_the_json() -> None:
    """The report has its promised members; a finding has id, counts, times, evidence, causes and options."""
    write(Path("app.log"), "".join(CREDIT_AT) + EARLY_400)
    report = report_of("app.log")
    assert report.keys() >= {
        *("schema", "generated", "inputs", "findings", "unexplained", "signals", "plan", "checks", "metrics"),
        *("coverage", "notes", "gate"),
    }
    by_rule = {finding["rule"]: finding for finding in report["findings"]}
    finding = by_rule["anthropic-credit-balance"]
    assert finding["first_seen"].startswith("2026-03-02T10:00:00")
    assert finding["last_seen"].startswith("2026-03-02T12:00:00")
    assert (finding["occurrences"], finding["severity"], finding["status"]) == (3, "high", "active")
    evidence = finding["evidence"][0]
    assert (evidence["source"], evidence["line"], evidence["time_quality"]) == ("app.log", 1, "exact")
    assert "credit balance is too low" in evidence["text"]
    assert finding["causes"]
    assert sum(option["recommended"] for option in finding["options"]) == 1
    sequence = by_rule["mcp-400-before-session"]["sequence"]
    names = ("sessions", "rejected_first", "recovered", "stalled", "success_rate")
    assert [sequence[name] for name in names] == [1, 1, 1, 0, 0.0]


@pytest.mark.parametrize("command", [*COMMANDS, "rules check", "rules test", "rules show"])
def test_help_has_an_example(command: str) -> None:
    """Every command explains itself, with an example of its use."""
    done = run(*command.split(), "--help")
    assert done.code == 0
    assert f"logscope {command}" in done.out.partition("Examples:")[2] or command.startswith("rules ")


def test_version() -> None:
    """--version names the program and its version."""
    assert run("--version").out.startswith("logscope")
    assert __version__ in run("--version").out


def test_same_input_same_bytes(tmp_path: Path) -> None:
    """Two processes with other hash seeds write the same bytes, in every format."""
    write(Path("logs/a.log"), TRAFFIC + FAILURE + UNKNOWN + EARLY_400)
    write(Path("logs/b.log"), "".join(CREDIT_AT))
    names = {
        "a.md": "md",
        "a.html": "html",
        "a.json": "json",
        "a.txt": "txt",
        "b.md": "handoff",
        "c.md": "checklist",
    }
    written = []
    for seed in ("1", "77"):
        folder = tmp_path / seed
        folder.mkdir()
        outputs = [part for name, kind in names.items() for part in ("-o", f"{kind}:{folder / name}")]
        done = process("analyze", "logs", "--exit-zero", "--quiet", *outputs, env={"PYTHONHASHSEED": seed})
        assert done.returncode == 0
        written.append([(folder / name).read_bytes() for name in names])
    assert written[0] == written[1]


# Inputs


def test_a_pattern_waits_for_no_pipe() -> None:
    """A pipe that a pattern names is counted, not read; one that is named by itself is read elsewhere."""
    write(Path("logs/api.log"), FAILURE)
    os.mkfifo("logs/pipe.log")
    for pattern in ("logs/*.log", "**/*.log"):
        report = report_of(pattern)
        assert [item["name"] for item in report["inputs"]] == ["logs/api.log"]
        assert report["coverage"]["skipped"] == {"no regular file": 1}


def test_stdin() -> None:
    """A dash reads standard input, beside files."""
    write(Path("app.log"), FAILURE)
    report = report_of("-", "app.log", stdin=(TRAFFIC + FAILURE).encode())
    assert [item["name"] for item in report["inputs"]] == ["<stdin>", "app.log"]
    assert counts(report) == {"anthropic-credit-balance": 2}
    assert report["findings"][0]["evidence"][0]["line"] == 21


@pytest.mark.parametrize(
    ("bounds", "hours"),
    [
        (["--since", "2026-03-02T10:30"], [11, 12]),
        (["--until", "2026-03-02T11:00:00"], [10, 11]),
        (["--since", "2026-03-02T11:30:00+01:00", "--until", "2026-03-02T12:30:00+01:00"], [11]),
        (["--since", "90m"], [11, 12]),
        (["--since", "1h30m"], [11, 12]),
        (["--since", "1h 30min"], [11, 12]),
        (["--since", "2026-03-02T11:30", "--timezone", "+01:00"], [12]),
        (["--since", "2026-03-02", "--until", "2026-03-02"], [10, 11, 12]),
        (["--until", "20260302"], [10, 11, 12]),
        (["--until", "2026-03-02", "--timezone", "+14:00"], [10, 11, 12]),
        (["--until", "2026-03-02T00:00", "--since", "2026-03-01"], []),
        (["--until", "2026-03-01"], []),
        (["--since", "2026-03-03"], []),
    ],
)
def test_since_and_until(bounds: list[str], hours: list[int]) -> None:
    """--since and --until keep the events within, both ends included; a length of time counts back from now, a day is
    the whole day."""
    write(Path("app.log"), "".join(CREDIT_AT))
    findings = report_of("app.log", *bounds)["findings"]
    assert sum(finding["occurrences"] for finding in findings) == len(hours)
    assert [line["line"] for finding in findings for line in finding["evidence"]] == [
        hour - 9 for hour in hours
    ]


def test_bounds_say_what_had_no_time() -> None:
    """Where times are bounded, events without a time are counted and said, not dropped in silence."""
    write(Path("app.log"), FAILURE)
    report = report_of("app.log", "--since", "2026-03-02")
    assert report["coverage"]["events_without_time"] == 1


# What is never mixed up


def test_an_output_is_never_an_input() -> None:
    """A report over a log that is read is refused, also in a folder; reports among the logs are passed over."""
    write(Path("logs/a.log"), FAILURE)
    for asked in ("logs/a.log", "logs", "logs/*.log"):
        done = run("analyze", asked, "-o", "text:logs/a.log")
        assert done.code == 2
        assert "logs/a.log" in done.err
        assert Path("logs/a.log").read_text() == FAILURE
    for skipped in ({}, {"report": 2}, {"report": 2}):
        run("analyze", "logs", "-o", "logs/report.json", "-o", "logs/report.txt", "--quiet")
        report = json.loads(Path("logs/report.json").read_text())
        assert counts(report) == {"anthropic-credit-balance": 1}
        assert report["coverage"]["skipped"] == skipped


@pytest.mark.parametrize(
    "format", ["json", "markdown", "html", "text", "handoff", "checklist", "checklist-html", "checklist-text"]
)
def test_a_report_is_no_log(format: str) -> None:
    """Where a pattern of the shell names one, it is passed over with a note: what it quotes counts no second time."""
    write(Path("a.log"), FAILURE)
    ending = {"json": "json", "text": "txt", "checklist-text": "txt"}.get(
        format, "html" if "html" in format else "md"
    )
    name = f"a.{ending}"
    run("analyze", "a.log", "-o", f"{format}:{name}", "--quiet")
    report = report_of("a.log", name)
    assert (counts(report), report["coverage"]["skipped"]) == ({"anthropic-credit-balance": 1}, {"report": 1})
    assert [(note["where"], note["kind"]) for note in report["notes"]] == [(name, "document")]
    alone = run("analyze", name)
    assert (alone.code, "a report that logscope wrote" in alone.err) == (4, True)


@pytest.mark.parametrize(
    "text", ["##[error]own", "##vso[task.setvariable]own", "::error file=a::own", "x\n  ::warning::own"]
)
@pytest.mark.parametrize("output", ["json:-", "md:-", "html:-", "txt:-", "handoff:-", "summary:-"])
def test_log_text_starts_no_workflow_command(text: str, output: str) -> None:
    """Build servers find neither `::name` nor `##[` of a log, in text or names, in any output."""
    Path("logs").mkdir()
    write(Path("logs/a\n::error::own.log"), f"ERROR:app:boom {text}\nERROR:app:{text} {FAILURE}")
    done = run("analyze", "logs", "-o", output, "--exit-zero")
    assert "own" in done.out
    for line in done.out.splitlines():
        assert "##[" not in line
        assert "##vso[" not in line
        assert not re.match(r"\W*::(?:error|warning)", line.replace("\\n", ""))


_ROW = "  " + "a " * 25_000 + "\n"
CUT = {
    "a line of more than a mebibyte": ("ERROR:app: " + "a " * 550_000 + FAILURE, True),
    "more than 5,000 lines": (FAILURE + "  more\n" * 6_000, True),
    "lines of more than a mebibyte": (FAILURE + _ROW * 30 + "INFO:app:" + "b " * 50_000 + "\n", True),
    "an event that ends before it": (FAILURE + _ROW * 20 + "INFO:app:" + "b " * 50_000 + "\n", False),
}


@pytest.mark.parametrize("name", CUT)
def test_what_is_cut_is_noted(name: str) -> None:
    """What an event goes on with beyond its bounds is another event, or not read: a note says where, and --strict makes
    it an exit code."""
    log, cut = CUT[name]
    write(Path("a.log"), log)
    noted = [(note["where"], note["kind"]) for note in report_of("a.log")["notes"]]
    assert noted == [("a.log:1", "cut")] * cut
    assert run("analyze", "a.log", "--strict").code == (5 if cut else 1)


def test_a_source_shows_its_own_first_and_last_time() -> None:
    """Also where nothing was found in it."""
    line = "2026-01-13 10:0{}:00,000 INFO app: hello\n"
    write(Path("a.log"), "".join(line.format(minute) for minute in range(6)))
    found = report_of("a.log")["inputs"][0]
    assert (found["first_time"][11:16], found["last_time"][11:16]) == ("10:00", "10:05")
    assert found["time_quality"] == "exact"


def test_a_time_window_is_told() -> None:
    """The report says what --since left out, and how many events had no time to compare."""
    write(Path("a.log"), "2026-01-13 10:00:00,000 ERROR app: boom\n" * 2)
    write(Path("b.log"), "ERROR:app:boom\n" * 3)
    report = report_of("a.log", "b.log", "--since", "2030-01-01")
    text = next(note["text"] for note in report["notes"] if note["where"] == "time window")
    assert text.startswith("only events from 2030-01-01 00:00:00 UTC: ")
    assert "2 of 5 looked at lie outside" in text
    assert "3 without a time" in text


@pytest.mark.parametrize(
    ("second", "bounds", "proven"),
    [
        ("2026-01-14 10:00:00,000 INFO app: up\n", ("--since", "2026-01-15"), False),
        ("2026-01-14 10:00:00,000 INFO app: up\n", ("--until", "2026-01-12"), False),
        ("2026-01-14 10:00:00,000 INFO app: up\n", ("--since", "2026-01-14"), True),
        ("INFO:app:up\n", ("--since", "2026-01-15"), True),
        ("2026-01-14 10:00:00,000 INFO app: up\nINFO:app:down\n", ("--since", "2026-01-15"), False),
    ],
)
def test_a_window_beside_the_logs_is_not_clean(second: str, bounds: tuple[str, str], proven: bool) -> None:
    """Where no log reaches into it, the report says that it tells nothing; a log without a clock may."""
    write(Path("a.log"), "2026-01-13 10:00:00,000 ERROR app: boom\n")
    write(Path("b.log"), second)
    report = report_of("a.log", "b.log", *bounds)
    assert report["status"].startswith("Analysis complete: no problem" if proven else "Nothing to judge")
    assert any("nothing is proven" in note["text"] for note in report["notes"]) is not proven


@pytest.mark.parametrize("epoch", ["abc", "99999999999999999"])
def test_a_fixed_clock_that_is_none_is_refused(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SOURCE_DATE_EPOCH that is no time is named, and ends the run."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    write(Path("a.log"), FAILURE)
    done = run("analyze", "a.log")
    assert done.code == 2
    assert "SOURCE_DATE_EPOCH" in done.err


def test_a_rule_file_that_is_no_utf8_hides_no_other_problem() -> None:
    """It is one problem of its file, and the problems of the others are told as well."""
    write(Path("rules/a.yaml"), b"\xff\xfe")
    write(Path("rules/b.yaml"), "id: b\n")
    write(Path("a.log"), FAILURE)
    done = run("analyze", "a.log", "--rules", "rules")
    assert done.code == 3
    assert "a.yaml:1:1" in done.err
    assert "b.yaml:1:1" in done.err


@pytest.mark.parametrize("arguments", [("analyze", "a.log"), ("rules", "list"), ("inspect", "a.log")])
def test_standard_output_that_cannot_be_written(arguments: tuple[str, ...]) -> None:
    """A full disk below standard output ends with 2 and a message."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    write(Path("a.log"), FAILURE)
    with open("/dev/full", "w") as full:
        done = process(*arguments, stdout=full)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "cannot be written" in done.stderr


def test_a_terminal_that_knows_few_signs() -> None:
    """Signs that the terminal's encoding lacks are told by those of ASCII, and no line gets wider than it is."""
    write(Path("a.log"), FAILURE)
    few = {"PYTHONIOENCODING": "ascii", "COLUMNS": "60"}
    for more in ((), ("--format", "full")):
        done = process("analyze", "a.log", "--exit-zero", *more, env=few)
        shown = done.stdout
        assert (done.returncode, shown.isascii()) == (0, True)
        assert "Anthropic credit balance" in shown
        assert " 1x\n" in shown
        assert "..." in shown
        assert "?" not in shown.replace("{ANTHROPIC_API_KEY:?not set}", "")
        assert more or max(map(len, shown.splitlines())) <= 60


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    """A shell that stands in a removed folder is told so."""
    gone = tmp_path / "gone"
    gone.mkdir()
    start = "import os, sys; os.rmdir(os.getcwd()); from logscope.cli import main; main()"
    command = [sys.executable, "-P", "-c", start, "analyze", str(write(tmp_path / "a.log", FAILURE))]
    done = subprocess.run(command, cwd=gone, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: the working directory is gone: No such file or directory\n"


def test_nul_bytes_of_a_truncated_log() -> None:
    """Runs of NUL bytes, as copytruncate and crashes leave them, make a log no binary."""
    write(Path("a.log"), b"\0" * 4096 + FAILURE.encode() + b"\0" * 8 + b"INFO:app:next\n")
    assert counts(report_of("a.log")) == {"anthropic-credit-balance": 1}


def test_of_several_numbers_the_largest_is_advised_on() -> None:
    """A limit of 90 s that was too short is not answered with 60 s because 5 s were too short later."""
    line = "2026-01-13 18:{minute}:00,000 ERROR app: MCP session initialization timed out after {seconds} seconds\n"
    write(Path("a.log"), line.format(minute="00", seconds=90) + line.format(minute="51", seconds=5))
    finding = report_of("a.log")["findings"][0]
    assert finding["captures"]["seconds"] == "90"
    assert any("180 s" in option["title"] for option in finding["options"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    ("arguments", "code", "shown"),
    [
        ("analyze a.log 2>&-", 1, True),
        ("analyze a.log 2>/dev/full", 1, True),
        ("analyze cut.log.gz 2>/dev/full", 1, True),
        ("analyze gone 2>/dev/full", 2, False),
        ("nonsense 2>/dev/full", 2, False),
        ("analyze a.log -o json:- >&-", 2, False),
        ("analyze a.log <&-", 1, True),
        ("analyze - <&-", 4, False),
        ("inspect a.log <&-", 0, True),
        ("render - <&-", 2, False),
    ],
)
def test_streams_that_are_closed_or_full(arguments: str, code: int, shown: bool) -> None:
    """A message that cannot be written changes no exit code and no report; no stream is missed that is not needed."""
    write(Path("a.log"), FAILURE)
    whole = gzip.compress((FAILURE + "".join(map(str, range(9999)))).encode())
    write(Path("cut.log.gz"), whole[:-99])
    command = f"{sys.executable} -c 'from logscope.cli import main; main()' {arguments}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, bool(done.stdout)) == (code, shown)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("columns", ["0", "5", "x"])
def test_a_width_that_nobody_knows(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """Terminals without a size say 0: what is shown is then as wide as usual, not empty."""
    write(Path("a.log"), FAILURE)
    usual = run("analyze", "a.log").out
    monkeypatch.setenv("COLUMNS", columns)
    assert run("analyze", "a.log").out == usual


def test_of_several_texts_the_last_one_is_shown() -> None:
    """Also when it was seen before."""
    write(
        Path("rules/gone.yaml"),
        "id: gone\ntitle: Gone\nseverity: high\ndetect: {regex: 'ledger (?P<name>\\w+) is gone'}\n"
        "explain: {impact: {feature: All, users: All}}\n"
        "resolve: [{id: fix, title: Fix it, recommended: true, priority: high, effort: 1h, impact: Works}]\n"
        "samples:\n  - {name: fires, fires: 1, log: 'ERROR:a:ledger x is gone'}\n"
        "  - {name: quiet, fires: 0, log: 'ERROR:a:ledger'}\n",
    )
    write(Path("a.log"), "".join(f"ERROR:app:ledger {name} is gone\n" for name in ("ann", "bob", "ann")))
    report = report_of("a.log", "--rules", "rules")
    assert [finding["captures"] for finding in report["findings"]] == [{"name": "ann"}]


@pytest.mark.parametrize("command", ["analyze", "checklist"])
@pytest.mark.parametrize(
    ("log", "code"), [("INFO:app:up\n", 0), ("ERROR:app:Error code: 401 - invalid x-api-key\n", 1)]
)
def test_a_reader_that_leaves_changes_no_exit_code(log: str, code: int, command: str) -> None:
    """`logscope analyze … | head -1` ends as the findings say, without a word; so do checks of logs and rules."""
    write(Path("app.log"), log)
    assert left(command, "app.log") == (code, "")


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_a_reader_that_leaves_may_read_no_help(argument: str) -> None:
    """What is shown while the arguments are read ends well, too."""
    assert left(argument) == (0, "")


def test_a_reader_that_leaves_makes_no_sample_hold() -> None:
    """`logscope rules test … | head -1` ends with 1 where one does not."""
    write_rule(Path("mine"), spoiled("fires: 1", "fires: 7"))
    assert left("rules", "test", "mine") == (1, "")


def left(*arguments: str) -> tuple[int, str]:
    """Exit code and messages of a run whose standard output nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    done = process(*arguments, stdout=writing)
    os.close(writing)
    return done.returncode, done.stderr


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("written", [-99_999_999_999, 253_402_300_799])
def test_years_that_no_calendar_has_stop_nothing(zone: str, written: int) -> None:
    """A time at the end of all years is none; a window up to there, and a file written then, are as good as any."""
    times = ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00")
    lines = "".join(json.dumps({"level": "error", "time": time, "msg": "no price"}) + "\n" for time in times)
    write(Path("app.log"), f"{lines}Nov 20 19:03:24 web01 api[812]: ERROR:app:no price\n")
    os.utime("app.log", (0, written))
    options = ("--timezone", zone, "--since", "0001-01-01", "--until", "9999-12-31")
    assert sum(item["occurrences"] for item in report_of("app.log", *options)["unexplained"]) == 4
    events = run("inspect", "app.log", "--events", "--timezone", zone).out.splitlines()
    assert [json.loads(event)["time"] for event in events[:3]] == [None] * 3


@pytest.mark.parametrize("asked", [("--format", "json"), ("--template", "handoff")])
def test_quiet_leaves_what_is_asked_for(asked: tuple[str, str]) -> None:
    """--quiet takes the summary and the notes away, not a report that is named."""
    write(Path("logs/a.log"), FAILURE)
    write(Path("logs/b.log"), BINARY)
    done = run("analyze", "logs", *asked, "--quiet")
    assert (done.out, done.err) == (run("analyze", "logs", *asked).out, "")
    assert "anthropic-credit-balance" in done.out


@pytest.mark.parametrize("command", ["analyze", "checklist"])
@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_a_report_on_standard_output_stands_there_alone(command: str, quiet: tuple[str, ...]) -> None:
    """`-o json:-` can be piped: no summary, and no ticked list, is printed behind it."""
    write(Path("app.log"), FAILURE)
    done = run(command, "app.log", *quiet, "-o", "json:-")
    assert json.loads(done.out)["gate"]["exit_code"] == done.code == 1


def test_a_number_with_a_point_is_one_number() -> None:
    """What differs in a measure or a version only is one kind of error, named with one gap for it."""
    write(
        Path("app.log"), "ERROR:app:call took 3.25 s\nERROR:app:call took 4 s\nERROR:app:call took 10.5.1 s\n"
    )
    unexplained = report_of("app.log")["unexplained"]
    assert [(item["title"], item["occurrences"]) for item in unexplained] == [("call took … s", 3)]


def test_no_kind_of_error_is_left_out() -> None:
    """Beyond fifty kinds of unexplained errors the others are counted together."""
    words = [a + b + c for a in "bdfgk" for b in "aeiou" for c in "lmnr"]
    write(Path("app.log"), "".join(f"ERROR:app:{word} is lost\n" for word in words))
    report = report_of("app.log")
    assert report["coverage"]["unexplained_events"] == report["coverage"]["error_events"] == 100
    assert report["unexplained"][-1]["title"] == "50 further kinds of error, counted together"


@pytest.mark.parametrize(
    "line",
    [
        '{"level":50,"time":1790000000000,"pid":1,"hostname":"h","msg":"order lost"}',
        '{"levelno": 40, "message": "order lost"}',
        '{"Level":"Error","Message":"order lost"}',
        '{"@t":"2026-09-14T10:00:00Z","@l":"Error","@m":"order lost"}',
        "error: order lost",
        "2026-09-14T10:00:00.000Z error: order lost",
        "[10:00:00 ERR] order lost",
        "fail: Shop.Orders[0]",
        "E0914 10:00:00.000000    12 orders.cc:7] order lost",
    ],
)
def test_errors_are_counted_however_a_level_is_written(line: str) -> None:
    """An error that no rule knows is never silent."""
    write(Path("app.log"), f"{line}\n" * 6)
    assert report_of("app.log")["coverage"]["unexplained_events"] == 6


def test_no_port_is_made_up() -> None:
    """Where the log names no port, the advice names none."""
    write(Path("app.log"), "ERROR:    [Errno 98] Address already in use\n")
    (finding,) = report_of("app.log")["findings"]
    assert finding["rule"] == "port-in-use"
    assert "8000" not in json.dumps(finding["options"])


@pytest.mark.parametrize("piece", [30, 100, 1 << 18])
def test_messages_that_journald_writes_as_numbers_are_searched(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A coloured message in journald's JSON is a list of bytes: it is found like any other."""
    monkeypatch.setattr(logscope.sources.reading, "CHUNK", piece)
    told = "\x1b[31mERROR\x1b[0m:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): in use"
    record = {"__REALTIME_TIMESTAMP": "1790000000000000", "PRIORITY": "6", "MESSAGE": "up"}
    lines = [json.dumps(record), json.dumps(record | {"MESSAGE": list(told.encode())})]
    write(Path("journal.json"), "\n".join(lines) + "\n")
    report = report_of("journal.json")
    assert counts(report) == {"port-in-use": 1}
    assert "attempting to bind" in report["findings"][0]["evidence"][0]["text"]


def test_what_works_counts_no_request_that_failed() -> None:
    """A server error is no sign of health, and a log of nothing else shows none."""
    answer = 'INFO:     10.0.0.1:5000 - "GET /items HTTP/1.1" {}\n'
    good, bad = answer.format("200 OK"), answer.format("500 Internal Server Error")
    for log, shown in (good * 3 + bad * 2, [3]), (bad * 2, []):
        write(Path("app.log"), log)
        signals = report_of("app.log")["signals"]
        assert [s["occurrences"] for s in signals if s["rule"] == "requests-served"] == shown
