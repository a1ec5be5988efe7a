"""`logscope render` and the outputs: formats by ending, same bytes, files whole or not at all."""

from __future__ import annotations

import json
import os
import re
import threading
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from sample_report import sample_report

from logscope.cli.outputs import Output, parse_outputs, resolve_format, write_file
from logscope.cli.render import load_report, render
from logscope.errors import UsageError
from logscope.render import FORMATS, Settings
from logscope.saved import to_json


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The sample report as a file."""
    path = tmp_path / "report.json"
    path.write_text(to_json(sample_report()), "utf-8")
    return path


def run(*arguments: str, stdin: str | None = None) -> str:
    """Run the command; its errors pass through."""
    result = CliRunner().invoke(render, arguments, input=stdin, catch_exceptions=False, standalone_mode=False)
    return result.stdout


@pytest.mark.parametrize(
    ("spec", "template", "expected"),
    [
        ("a.md", None, Output("markdown", "a.md")),
        ("a.MARKDOWN", None, Output("markdown", "a.MARKDOWN")),
        ("a.htm", None, Output("html", "a.htm")),
        ("a.json", None, Output("json", "a.json")),
        ("a.txt", None, Output("text", "a.txt")),
        ("handoff:a.txt", None, Output("handoff", "a.txt")),
        ("md:/dev/stdout", None, Output("markdown", "/dev/stdout")),
        ("json:-", None, Output("json", "-")),
        ("./x:y.md", None, Output("markdown", "./x:y.md")),
        ("a.md", "handoff", Output("handoff", "a.md")),
        ("a.html", "checklist", Output("checklist-html", "a.html")),
        ("a.txt", "checklist", Output("checklist-text", "a.txt")),
        ("a.json", "checklist", Output("json", "a.json")),
        ("a.html", "own.j2", Output("template", "a.html")),
        ("a.rst", "own.j2", Output("template", "a.rst")),
        ("html:a.html", "own.j2", Output("html", "a.html")),
        ("md:-", "checklist", Output("checklist", "-")),
        ("html:a", "checklist", Output("checklist-html", "a")),
        ("plan:a.md", "checklist", Output("markdown", "a.md")),
        ("summary:a.txt", "handoff", Output("summary", "a.txt")),
    ],
)
def test_format_of_an_output(
    spec: str, template: str | None, expected: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ending names the format, unless it is written before the file or turned by a template."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.j2").write_text("", "utf-8")

    assert parse_outputs([spec], template) == (expected,)


@pytest.mark.parametrize("spec", ["a.xyz", "a", "foo:a.md", "handoff:", "", ".", "missing/a.md"])
def test_unusable_output(spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown ending or format, a directory, or a missing directory is refused before anything is done."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError) as caught:
        parse_outputs([spec])

    if spec in ("a.xyz", "foo:a.md"):
        assert all(name in caught.value.hint for name in (".md", ".html", ".json", ".txt", "handoff"))


def test_missing_template(tmp_path: Path) -> None:
    """A template that cannot be read is refused at once, with the names of the shipped ones."""
    with pytest.raises(UsageError, match="handof: the template cannot be read") as caught:
        parse_outputs([f"{tmp_path}/a.md"], "handof")

    assert "handoff" in caught.value.hint


def test_same_file_twice(tmp_path: Path) -> None:
    """Two outputs to one file are refused."""
    with pytest.raises(UsageError, match="given as output twice"):
        parse_outputs([f"{tmp_path}/a.md", f"handoff:{tmp_path}/./a.md"])
    with pytest.raises(UsageError, match="given as output twice"):
        parse_outputs(["json:-", "text:/dev/stdout"])


@pytest.mark.parametrize("kept", ["template", "rule", "settings"])
def test_what_a_run_reads_is_not_written(kept: str, tmp_path: Path) -> None:
    """A template, a rule file and a configuration are not lost to a report."""
    file = tmp_path / "kept.txt"
    file.write_text("{{ report.title }}", encoding="utf-8")
    read = (None, str(file)) if kept != "template" else ()

    with pytest.raises(UsageError, match="is read and written"):
        parse_outputs([f"md:{tmp_path}/./kept.txt"], str(file) if kept == "template" else None, read)


def test_one_report_goes_to_standard_output(saved: Path) -> None:
    """--format beside a report for standard output is refused: neither is dropped without a word."""
    with pytest.raises(UsageError, match="--format json: another report goes to standard output"):
        run(str(saved), "--format", "json", "-o", "md:-")


def test_a_saved_report_is_not_lost_to_another(saved: Path, tmp_path: Path) -> None:
    """What is read is not written, by no other way to it either."""
    before = saved.read_bytes()
    (tmp_path / "link.json").symlink_to(saved)
    for name in ("report.json", "link.json"):
        with pytest.raises(UsageError, match="is read and written"):
            run(str(saved), "-o", f"markdown:{tmp_path / name}")
    assert saved.read_bytes() == before


def test_known_formats_have_distinct_endings() -> None:
    """No ending names two formats."""
    endings = [ending for output in FORMATS.values() for ending in output.endings]

    assert len(endings) == len(set(endings))
    assert [resolve_format(name) for name in ("md", "plan", "TXT")] == ["markdown", "markdown", "text"]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_same_bytes_as_direct(name: str, saved: Path, tmp_path: Path) -> None:
    """A saved report gives each format the bytes that the report itself gives."""
    run(str(saved), "-o", f"{name}:{tmp_path}/out")

    assert (tmp_path / "out").read_text("utf-8") == FORMATS[name].render(sample_report(), Settings())


def test_summary_on_stdout(saved: Path) -> None:
    """Without -o the terminal summary is shown; --format and --template choose something else."""
    assert run(str(saved)).startswith("logscope  ")
    assert run(str(saved), "--format", "full").count("Success metrics") == 1
    assert run(str(saved), "--template", "handoff").startswith("# Handoff: ")
    assert run(str(saved), "--format", "json") == saved.read_text("utf-8")
    assert run("-", "--format", "md", stdin=saved.read_text("utf-8")).startswith("# Resolution plan")


def test_own_template(saved: Path, tmp_path: Path) -> None:
    """A template of one's own fills every output but JSON."""
    own = tmp_path / "own.j2"
    own.write_text("{{ report.findings | length }} findings", "utf-8")

    run(str(saved), "--template", str(own), "-o", f"{tmp_path}/a.md", "-o", f"{tmp_path}/b.json")

    assert (tmp_path / "a.md").read_text("utf-8") == "6 findings"
    assert (tmp_path / "b.json").read_bytes() == saved.read_bytes()
    assert run(str(saved), "--template", str(own)) == "6 findings"


def test_nothing_is_written_when_one_fails(saved: Path, tmp_path: Path) -> None:
    """All outputs are rendered before the first is written."""
    own = tmp_path / "own.j2"
    own.write_text("{{ nothing }}", "utf-8")

    with pytest.raises(UsageError, match=r"own\.j2:1: "):
        run(str(saved), "--template", str(own), "-o", f"{tmp_path}/b.json", "-o", f"{tmp_path}/a.md")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.j2", "report.json"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no json", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"schema": "logscope/report@1"}', "not a complete report"),
        (b'{"schema": "logscope/report@2"}', "its schema is 'logscope/report@2'"),
        (b"[]", "its schema is not named"),
    ],
)
def test_unusable_report(content: bytes, message: str, tmp_path: Path) -> None:
    """What is no saved report of this schema is refused, by name."""
    path = tmp_path / "x.json"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=message) as caught:
        load_report(str(path))

    assert str(caught.value).startswith(str(path))
    if b"@2" in content:
        assert "newer" in caught.value.hint


def test_missing_report(tmp_path: Path) -> None:
    """A path that does not exist is named."""
    with pytest.raises(UsageError, match=r"none\.json: cannot be read: No such file"):
        load_report(f"{tmp_path}/none.json")


def test_saved_control_characters_are_neutralized(tmp_path: Path) -> None:
    """A doctored report cannot send escape sequences to the terminal."""
    path = tmp_path / "x.json"
    report = replace(sample_report(), status="\x1b]0;pwned\x07 \u202e done")
    path.write_text(json.dumps(msgspec.to_builtins(report)), "utf-8")

    assert not {"\x1b", "\x07", "\u202e"} & set(load_report(str(path)).status)


def test_write_replaces_whole_files(tmp_path: Path) -> None:
    """A file is replaced, keeps its mode, is reached through a link, and leaves no temporary behind."""
    target, link = tmp_path / "a.md", tmp_path / "link.md"
    target.write_text("old", "utf-8")
    target.chmod(0o640)
    link.symlink_to(target)

    write_file(str(link), b"new")

    assert target.read_bytes() == b"new"
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["a.md", "link.md"]


def test_pipe_is_written_in_place(tmp_path: Path) -> None:
    """A named pipe gets the bytes and stays a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    write_file(str(pipe), b"through")
    reader.join(5)

    assert read == [b"through"]
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("part", "field", "place"),
    [
        ("findings", "severity", "findings[0].severity"),
        ("findings", "status", "findings[0].status"),
        ("checks", "result", "checks[0].result"),
        ("inputs", "time_quality", "inputs[0].time_quality"),
    ],
)
def test_unknown_word_is_refused(part: str, field: str, place: str, tmp_path: Path) -> None:
    """A word that no renderer knows is an error with its place in the file, not a crash."""
    path = tmp_path / "x.json"
    report = sample_report()
    first, *others = getattr(report, part)
    odd = (replace(first, **{field: "awful"}), *others)
    path.write_text(to_json(replace(report, **{part: odd})), "utf-8")

    with pytest.raises(UsageError, match=rf"x\.json: not a complete report: .*'awful'.*{re.escape(place)}"):
        load_report(str(path))
