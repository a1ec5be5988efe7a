"""Errors that no rule explains: what counts as one kind, and in which order they stand."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from cli_runner import report_of, write

from logscope.findings import unexplained

FAILED = """\
ERROR:store.jobs:job failed
Traceback (most recent call last):
  File "/srv/store/store/jobs.py", line {line}, in run
    parcel = self.pick(shelf)
  File "/srv/store/store/shelf.py", line 44, in pick
    raise ShelfEmpty(told)
store.shelf.ShelfEmpty: {told}
"""


def kinds(tmp_path: Path, *logs: str) -> list[tuple[str, int]]:
    """What the unexplained errors are called, and how many of each there were."""
    report = report_of(write(tmp_path / "app.log", "".join(logs)))
    return [(item["title"], item["occurrences"]) for item in report["unexplained"]]


def test_what_one_line_raised_in_mostly_the_same_words_is_one_kind(tmp_path: Path) -> None:
    """Names in a message make no further kind; another way to that line, and other words, do."""
    shelves = [
        FAILED.format(line=210, told=f"shelf {name} holds nothing") for name in ("north", "south", "east")
    ]
    elsewhere = FAILED.format(line=390, told="shelf west holds nothing")
    broken = FAILED.format(line=210, told="the lift is broken again")

    assert kinds(tmp_path, *shelves) == [("ShelfEmpty: shelf … holds nothing", 3)]
    assert kinds(tmp_path, *shelves, elsewhere, broken) == [
        ("ShelfEmpty: shelf … holds nothing", 3),
        ("ShelfEmpty: shelf west holds nothing", 1),
        ("ShelfEmpty: the lift is broken again", 1),
    ]


def test_the_class_is_none_of_the_words_that_messages_share(tmp_path: Path) -> None:
    """It is the same anyway: two words of other meaning are two kinds, and so are two endings."""
    assert kinds(tmp_path, FAILED.format(line=210, told="jammed"), FAILED.format(line=210, told="unlit")) == [
        ("ShelfEmpty: jammed", 1),
        ("ShelfEmpty: unlit", 1),
    ]
    keys = (FAILED.format(line=210, told=f"'{name}'") for name in ("CH", "AT", "NO"))
    assert kinds(tmp_path, *keys) == [("ShelfEmpty: …", 3)]
    told = [f"cannot take {what} from {where}" for where in ("shelf", "cart") for what in ("pens", "ink")]
    assert kinds(tmp_path, *(FAILED.format(line=210, told=words) for words in told)) == [
        ("ShelfEmpty: cannot take … from shelf", 2),
        ("ShelfEmpty: cannot take … from cart", 2),
    ]


def test_what_happened_once_is_called_by_its_own_words(tmp_path: Path) -> None:
    """What varies is left out only where several are told together; a long message shows that it is cut."""
    base = FAILED.format(line=210, told="invalid literal for int() with base 10: '12x'")
    assert kinds(tmp_path, base) == [("ShelfEmpty: invalid literal for int() with base 10: '12x'", 1)]
    ((name, _),) = kinds(tmp_path, FAILED.format(line=210, told="no room " * 90))
    assert name.endswith("…")
    ((name, _),) = kinds(tmp_path, *[FAILED.format(line=210, told="no room " * 90)] * 2)
    assert name.endswith("…")


def test_a_line_that_raises_in_ever_other_words_is_read_fast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message is held against as many kinds as are shown, not against all of them."""
    words = ["".join(word) for word in product("abcdefghijklm", repeat=3)]
    told = [f"{one} {two}" for one, two in zip(words[:1000], reversed(words), strict=False)]
    for number in range(2):
        own = told[number * 500 : number * 500 + 500]
        write(
            tmp_path / "logs" / f"{number}.log", "".join(FAILED.format(line=210, told=text) for text in own)
        )
    asked: list[str] = []
    monkeypatch.setattr(unexplained, "_in_common", lambda _, other: asked.append(other) or "")
    report = report_of(tmp_path / "logs")
    most = unexplained.MAX_UNEXPLAINED
    assert (report["unexplained"][-1]["occurrences"], len(report["unexplained"])) == (1000 - most, most + 1)
    assert len(asked) < 1000 * most


def test_messages_without_a_traceback_are_told_apart_by_their_words(tmp_path: Path) -> None:
    """Nothing says that one line of code wrote them."""
    assert kinds(tmp_path, "ERROR:app:shelf north is lost\n", "ERROR:app:shelf south is lost\n") == [
        ("shelf north is lost", 1),
        ("shelf south is lost", 1),
    ]


def test_critical_ones_come_first(tmp_path: Path) -> None:
    """Before others, however often these were seen."""
    log = "ERROR:app:ledger refused\n" * 3 + "CRITICAL:app:the vault is jammed\n"
    assert kinds(tmp_path, log) == [("the vault is jammed", 1), ("ledger refused", 3)]


def test_a_failure_of_its_own_behind_another_one_is_told(tmp_path: Path) -> None:
    """That its note counts attempts makes it no announcement of another try of what failed before."""
    overloaded = "ERROR:app.llm:Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error'}}\n"
    own = FAILED.format(line=210, told="jammed") + "attempt 2 of 3\n"

    assert [name for name, _ in kinds(tmp_path, overloaded, own)] == ["ShelfEmpty: jammed"]


@pytest.mark.parametrize(
    "told", ["Process completed with exit code 1.", "make: *** [Makefile:3: test] Error 2"]
)
def test_that_a_command_failed_is_explained_by_why_it_did(tmp_path: Path, told: str) -> None:
    """What runs a command says at its end that it failed: behind the failure that is nothing new, before it it is."""
    ended = f"2026-11-28 04:02:12,000 ERROR ci {told}\n"
    missing = "2026-11-28 04:02:11,000 ERROR app ModuleNotFoundError: No module named 'pandas'\n"
    assert kinds(tmp_path, missing, ended) == []
    assert kinds(tmp_path, ended, missing) != [] != kinds(tmp_path, ended)


def test_an_error_without_a_reason_belongs_to_the_failure_before_it(tmp_path: Path) -> None:
    """A timeout has no text: `…:` by the same writer says nothing new behind it, and stands alone anywhere else."""
    timeout = "ERROR:app.links:MCP session initialization timed out after 5 seconds\n"
    empty = "ERROR:{}:Error initializing server files:\n"
    assert kinds(tmp_path, timeout, empty.format("app.links")) == []
    assert (
        kinds(tmp_path, timeout, empty.format("app.files"))
        != []
        != kinds(tmp_path, empty.format("app.links"))
    )


def test_what_an_access_log_tells_is_a_request(tmp_path: Path) -> None:
    """Caddy, Tornado and Google's balancer log answers of 500 and more at error; they count as such. What an
    application says of its own of a request is an error all the same."""
    log = (
        "ERROR:tornado.access:503 GET /rank (127.0.0.1) 1026.97ms\n"
        "[E 2026-11-28 08:01:12.003 ServerApp] 500 POST /api/run (10.0.0.8) 812.10ms referer=None\n"
        "ERROR:shop.access:the gate did not open\n"
        '{"level": "error", "logger": "shop.pay", "msg": "card declined", "method": "POST", "path": "/pay", '
        '"status": 500}\n'
        '{"level":"error","logger":"http.log.access.log0","msg":"handled request","request":{"proto":"HTTP/1.1",'
        '"method":"GET","host":"a.example","uri":"/mcp"},"status":502}\n'
        '{"httpRequest": {"requestMethod": "GET", "requestUrl": "https://a.example/x", "status": 503}, '
        '"severity": "ERROR", "timestamp": "2026-03-02T10:00:02Z"}\n'
    )
    assert sorted(kinds(tmp_path, log)) == [("card declined", 1), ("the gate did not open", 1)]


def test_what_ends_a_program_for_dotnet_is_an_error(tmp_path: Path) -> None:
    """The runtime tells of it without a level, on a line of its own words."""
    ended = (
        "Unhandled exception. Shop.TillJammed: the drawer does not open\n"
        "   at Shop.Till.Open(Int32 till) in /src/Shop/Till.cs:line 40\n"
        "   at Shop.Program.Main(String[] args) in /src/Shop/Program.cs:line 9\n"
    )

    assert kinds(tmp_path, "ready\n", ended) == [("TillJammed: the drawer does not open", 1)]


def test_a_traceback_that_was_cut_off_is_called_by_the_place_where_it_ends(tmp_path: Path) -> None:
    """What it says at its end is lost: that something failed there is not."""
    cut = FAILED.format(line=210, told="lost").partition("\n")[2].partition("    raise")[0]

    assert kinds(tmp_path, cut) == [('File "/srv/store/store/shelf.py", line 44, in pick', 1)]


def test_what_only_rules_off_is_no_error(tmp_path: Path) -> None:
    """Programs frame what they say with lines of signs, at the level of what they say."""
    rule = "2026-03-02 10:00:00,000 ERROR store.jobs " + "=" * 60 + "\n"
    said = "2026-03-02 10:00:00,001 ERROR store.jobs the lift is broken\n"

    assert kinds(tmp_path, rule, said, rule) == [("the lift is broken", 1)]


def test_what_another_source_only_repeats_counts_once(tmp_path: Path) -> None:
    """An error log beside the whole log, by its times with fractions; within the same second two may have failed."""
    record = "2026-11-20 11:02:{second} ERROR app.jobs: the lift is stuck\n"
    for name, seconds in (("app.log", ["05,367", "09,120"]), ("error.log", ["05,367", "09,120"])):
        write(tmp_path / "sharp" / name, "".join(record.format(second=second) for second in seconds))
        write(tmp_path / "whole" / name, "".join(record.format(second=second[:2]) for second in seconds))
    told = {
        kind: [item["occurrences"] for item in report_of(tmp_path / kind)["unexplained"]]
        for kind in ("sharp", "whole")
    }
    assert told == {"sharp": [2], "whole": [4]}


def test_an_outer_layer_that_only_names_the_class_tells_the_same_failure(tmp_path: Path) -> None:
    """The run that failed on it, right behind; another class, another time, and a reason of its own, are errors."""
    raised = (
        '{{"ts": "2026-11-20T11:02:{second}Z", "level": "error", "logger": "jobs", "event": "step failed", '
        '"exception": "Traceback (most recent call last):\\n  File \\"/srv/jobs.py\\", line 4, in run\\n    bind()\\n'
        'OSError: [Errno 98] Address already in use"}}\n'
    )
    named = (
        '{{"ts": "2026-11-20T11:{time}Z", "level": "error", "logger": "runs", "event": "run failed", '
        '"error": "{name}"}}\n'
    )
    first = raised.format(second="05.100")
    assert kinds(tmp_path, first, named.format(time="02:05.120", name="OSError")) == []
    for time, name in (
        ("02:05.120", "KeyError"),
        ("32:05.120", "OSError"),
        ("02:05.120", "OSError: no space is left"),
    ):
        assert [count for _, count in kinds(tmp_path, first, named.format(time=time, name=name))] == [1]
