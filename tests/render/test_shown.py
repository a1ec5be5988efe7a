"""Events as reports show them: what stands for one in a line, and nothing said twice."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sample_report import sample_report

from logscope.render import html, markdown
from logscope.render.evidence import evidence_block, further_evidence, shown, telling_line, told_before
from logscope.report import Cause, EvidenceLine

TRACE = (
    'Traceback (most recent call last):\n  File "/srv/app/chat.py", line 7, in ask\n'
    "    await client.ask()\nValueError: no answer from <Client at 0x7fe81b3df210>"
)


def event(line: int, text: str, omitted: int = 0) -> EvidenceLine:
    """An event of app.log with as many lines as its text and what was left out."""
    last = line + text.count("\n") + omitted
    return EvidenceLine("app.log", line, last, None, "order", "error", text, omitted)


def test_a_traceback_is_shown_once() -> None:
    """An event whose lines below the first are those of an event above points there; addresses do not count."""
    again = TRACE.replace("0x7fe81b3df210", "0x7fe81b3d0001")
    assert evidence_block([event(1, f"ERROR a\n{TRACE}", 9), event(20, f"ERROR b\n{again}", 9)]).split(
        "\n"
    ) == [
        "app.log:1-14   ERROR a",
        "               Traceback (most recent call last):",
        '                 File "/srv/app/chat.py", line 7, in ask',
        "                   await client.ask()",
        "               ValueError: no answer from <Client at 0x7fe81b3df210>",
        "               (9 lines of this event left out)",
        "app.log:20-33  ERROR b",
        "               (13 more lines, as in app.log:1-14)",
    ]


def test_a_traceback_is_not_shown_again_among_what_proves_a_cause() -> None:
    """What an earlier finding, or the finding itself, has shown is pointed to; evidence of its own stands whole."""
    report = sample_report()
    first, second = report.findings[:2]
    proof = Cause(
        "known", "Seen twice", True, (event(40, f"ERROR c\n{TRACE}"), event(60, "ERROR d\n  e\n  f\n  g"))
    )
    first = replace(first, evidence=(event(1, f"ERROR a\n{TRACE}"),), causes=())
    second = replace(second, evidence=(event(20, "ERROR b"),), causes=(proof,))
    report = replace(report, findings=(first, second), unexplained=())

    before = told_before(second, report.findings)
    assert [item.line for item in before] == [1, 20]
    assert [(item.text, item.note) for item in shown(further_evidence(second), before)] == [
        ("ERROR c", "(4 more lines, as in app.log:1-5)"),
        ("ERROR d\n  e\n  f\n  g", ""),
    ]
    assert [page(report).count("await client.ask()") for page in (markdown.render, html.render)] == [1, 1]


@pytest.mark.parametrize(
    "second",
    [
        "ERROR b\n" + TRACE.replace("line 7", "line 9"),
        "ERROR b",
        "ERROR a\n  detail",
    ],
)
def test_another_event_is_shown_whole(second: str) -> None:
    """What differs in a frame, or is short, is shown as it is."""
    events = shown([event(1, f"ERROR a\n{TRACE}"), event(20, "ERROR a\n  detail"), event(30, second)])
    assert [(item.text, item.note) for item in events][2] == (second, "")


def test_a_message_under_a_known_traceback_is_shown() -> None:
    """Of a traceback that an event above shows, only what it says otherwise is left: the message."""
    other = TRACE.replace("no answer", "no room")
    (_, second) = shown([event(1, f"ERROR a\n{TRACE}"), event(20, f"ERROR b\n{other}", 9)])
    assert second.text == "ERROR b\nValueError: no room from <Client at 0x7fe81b3df210>"
    assert second.note == "(12 more lines, as in app.log:1-5)"


def test_an_event_is_told_in_a_line() -> None:
    """What it is about, or, where an older report does not say that, its first line."""
    item = event(1, "ERROR a\nTimeoutError")
    assert [telling_line(item), telling_line(replace(item, told="a: TimeoutError"))] == [
        "ERROR a",
        "a: TimeoutError",
    ]
