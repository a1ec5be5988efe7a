"""A source that is a document as a whole: what it tells of is noted, and nothing has happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from logscope.match.quoted.documents import document_kind
from tests.cli_runner import report_of, run

FAILURE = "[Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use"
MANUAL = f"# Port in use\n\nThe log says\n\n- {FAILURE}\n\n## What to do\n\nStop the other process.\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_document_alone_is_no_log() -> None:
    """It is neither clean nor a failure: exit code 4, with what it tells of and how to read it all the same."""
    Path("port.log").write_text(MANUAL)
    done = run("analyze", "port.log")
    assert (done.code, done.out) == (4, "")
    assert "reads like a manual, not like a log, and only tells of port-in-use" in done.err
    assert run("analyze", "port.log", "--log-format", "text", "--quiet", "--fail-on", "medium").code == 1


def test_a_document_beside_a_log_is_noted() -> None:
    """The log's own findings stand, and the document adds none."""
    Path("port.txt").write_text(MANUAL)
    Path("app.log").write_text(f"INFO:     Started server process [1]\nERROR:    {FAILURE}\n")
    report = report_of("port.txt", "app.log")
    assert [(item["rule"], item["occurrences"]) for item in report["findings"]] == [("port-in-use", 1)]
    assert [(note["where"], note["kind"]) for note in report["notes"]] == [("port.txt", "document")]


def test_what_tells_of_no_failure_is_as_clean_as_before() -> None:
    """Somebody who names a text without any failure is not told that it is no log."""
    Path("notes.log").write_text("# Notes\n\nAll is well.\n\n## Next\n\nNothing.\n")
    report = report_of("notes.log")
    assert (report["findings"], report["notes"]) == ([], [])


def test_a_document_too_long_to_be_seen_whole_is_a_log() -> None:
    """What stands behind the part that is looked at may be logged."""
    Path("port.log").write_text(MANUAL + "And so it goes on, line by line.\n" * 3_000)
    assert [item["rule"] for item in report_of("port.log")["findings"]] == ["port-in-use"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# A\n\ntext\n\n## B\n", "a manual"),
        ("---\ntitle: A\n---\n\n# A\n\ntext\n\n## B\n", "a manual"),
        ("# A\n\n```\nERROR: boom\n```\n\n## B\n", "a manual"),
        ("# A\n\nERROR: boom\n\n## B\n", ""),
        ("# A\n\n2026-03-02 10:00:00 boom\n\n## B\n", ""),
        ("# ls\nboom\n# cd\n", ""),
        ("= A\n\ntext\n\n== B\n", "a manual"),
        ("Title\n=====\n\n.. note:: text\n", "a manual"),
        ("Title\n=====\n\ntext\n", ""),
        ("API(1)   Commands   API(1)\n\nNAME\n   api\n", "a manual"),
        ("id,title,owner\n1,a,b\n2,c,d\n", "a table"),
        ("id,title,owner\n1,a,b\n2,c\n", ""),
        ("id,name,outcome\n1,a,b\n2,c,d\n", ""),
        ("id,level,message\n1,a,b\n2,c,d\n", ""),
        ("code,message,hint\n1,a,b\n2,c,d\n", "a table"),
        ("opened,subject,owner\n2026-03-02,a,b\n2026-03-03,c,d\n", "a table"),
        ("time,host,message\n1,a,b\n2,c,d\n", ""),
        ("time,subject,level\n1,a,b\n2,c,d\n", ""),
        (" a | b | c\n---+---+---\n 1 | 2 | 3\n(1 row)\n", ""),
        (" id | b | c\n----+---+---\n 1 | 2 | 3\n 2 | 2 | 3\n(2 rows)\n", "a table"),
        ("[a]\nb = 1\n[c]\nd = 2\n", "settings, or a catalogue"),
        ("a.b=1\na.c=2\na.d=3\n", "settings, or a catalogue"),
        ("a.b=1\nerror.message=2\na.d=3\n", ""),
        ("loss = 1\nloss = 2\nloss = 3\n", ""),
        ("a:\n  b: 1\nc:\n  d: |\n    text: x y\n    and more\n", "settings, or a catalogue"),
        ("a:\n  b: 1\nc:\n  timestamp: 2\n", ""),
        ("Name:   api\nState:\n  Reason:  Error\n", ""),
        ("Loading:\n  b: 1\nStarting:\n  c: 2\n", ""),
        ('[{"message": "a", "hint": "b"},\n {"message": "c", "hint": "d"},\n{}]\n', "a catalogue"),
        ('[{"message": "a", "hint": "b", "time": 1},\n {"message": "c", "hint": "d"},\n{}]\n', ""),
        ('{"errors": {\n"a": "b", "c": "d"},\n"e": "f"}\n', "a catalogue"),
        ('{"type": "error", "error": {\n"message": "b", "c": "d"},\n"e": "f"}\n', ""),
        ("use std::fmt;\n\npub enum A {\n}\n\nimpl B for A {\n}\n", "source code"),
        ("use a free port\nstatic files\npublic address\n", ""),
        ('{"message": "a"}\n{"message": "b"}\n{"message": "c"}\n', ""),
        ("import os\n\nA_B = 1\n\ndef c():\n    pass\n", "source code"),
        ("import os\n\nA_B = 1\n\ndef c():\n    pass\nTraceback (most recent call last):\n", ""),
        ("node:events:502\n      throw er;\n      ^\n\nboom\n", ""),
        ("", ""),
    ],
)
def test_what_a_document_is(text: str, kind: str) -> None:
    """It begins and goes on like one, and nothing in it looks logged."""
    assert document_kind(text) == kind


def test_a_conversation_shows_logs_in_its_blocks() -> None:
    """Of two who speak below a title; one alone may report what happened."""
    said = f"## Today\n\n**User:** it does not start\n\n```\nERROR:    {FAILURE}\n```\n"
    assert document_kind(said) == ""
    assert document_kind(said + "\n**Assistant:** stop the other process\n") == "a manual"


def test_letters_and_help_pages_are_documents() -> None:
    """What a program prints below its usage when it refuses a command line is none, nor is a log behind a letter."""
    letter = "From: a@example.org\nTo: b@example.org\nSubject: the outage\n\nThe log said so:\n"
    usage = "usage: app [-h] [--port PORT]\n\noptions:\n  --port PORT  another one\n"
    assert document_kind(letter) == "a letter"
    assert document_kind(letter.replace("Subject", "Service")) == ""
    assert document_kind(f"{letter}ERROR:app:{FAILURE}\n") == ""
    assert document_kind(usage) == "a manual"
    assert document_kind(f"{usage}app: error: unrecognized arguments: --prot\n") == ""
