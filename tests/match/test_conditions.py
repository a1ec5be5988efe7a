"""Conditions on events, the explanation of them, and patterns that could run away."""

from __future__ import annotations

from typing import Any

import pytest

from logscope.events import Event, Folder, detect_layout
from logscope.match.conditions import compile_condition
from logscope.match.explain import explain
from logscope.match.patterns import is_calm
from logscope.rulebook.rule import Condition, HttpWhere, Where

TRACE = """\
ERROR:app.pay:payment failed
Traceback (most recent call last):
  File "/srv/app/ledger_client.py", line 12, in post
    send()
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/main.py", line 5, in pay
    post()
ledger.LedgerError: no ledger
"""
ACCESS = 'INFO:     10.0.0.7:50000 - "POST /mcp?session=a1 HTTP/1.1" 429 Too Many Requests\n'
CLIENT = 'INFO:httpx:HTTP Request: POST https://api.example.org/v1/messages "HTTP/1.1 529 "\n'
RECORD = '{"level": "error", "event": "gone", "code": "E42", "message": "the \\"ledger\\" is\\ngone"}\n'


def event_of(text: str) -> Event:
    """The only event of a text."""
    data = bytearray(text.encode())
    folder = Folder(detect_layout(bytes(data)), "app.log")
    (span,) = folder.fold(data, 0, len(data))
    return folder.event(data, span, 1)


def asked(condition: Condition, text: str) -> dict[str, str] | None:
    """The captures of a condition that holds, None of one that does not."""
    captures: dict[str, str] = {}
    return captures if compile_condition(condition)(event_of(text), captures, None) else None


def some(**keys: Any) -> Condition:
    return Condition(**keys)


LEVEL = Where(level=("any",))
HOLDS = {
    "text": (some(text=("payment failed",)), TRACE),
    "one of several texts": (some(text=("nothing", "payment failed")), TRACE),
    "text over a line break": (some(text=("payment failed Traceback",)), TRACE),
    "a pattern over a line break": (some(regex=(r"failed\s+Traceback",)), TRACE),
    "an exception of the chain": (some(exception=("ConnectionRefusedError",)), TRACE),
    "a class by its last part": (some(exception=("other.LedgerError",)), TRACE),
    "a frame": (some(frame=(r"ledger_client\.py:post$",)), TRACE),
    "a frame in Windows' folders": (
        some(frame=("/app/main\\.py:pay$",)),
        TRACE.replace("/srv/app/", "C:\\srv\\app\\"),
    ),
    "all at once": (some(text=("payment",), frame=("main",), regex=("ledger",)), TRACE),
    "a logger": (some(text=("payment",), where=Where(logger=(r"\.pay$",))), TRACE),
    "any": (some(any=(some(text=("nothing",)), some(text=("payment",)))), TRACE),
    "none": (some(text=("payment",), none=(some(text=("nothing",)),)), TRACE),
    "a status": (some(http=HttpWhere(status=(429,))), ACCESS),
    "a class of statuses": (some(http=HttpWhere(status=("4XX",), side="server")), ACCESS),
    "a request": (some(http=HttpWhere(status=("4xx",), method=("post",), path="^/mcp")), ACCESS),
    "a client's request": (some(http=HttpWhere(status=(529,), side="client", host="^api")), CLIENT),
    "a member of a record": (some(fields={"code": "^E4"}), RECORD),
    "text that JSON escapes": (some(text=('the "ledger" is gone',)), RECORD),
    "the level of a part counts for itself": (some(any=(some(text=("Too Many",), where=LEVEL),)), ACCESS),
    "a level around its parts counts for them": (some(where=LEVEL, any=(some(text=("Too Many",)),)), ACCESS),
}
FAILS = {
    "text": (some(text=("payment worked",)), TRACE),
    "text in other letters": (some(text=("Payment Failed",)), TRACE),
    "an exception that is not there": (some(exception=("KeyError",)), TRACE),
    "one of all": (some(all=(some(text=("payment",)), some(text=("nothing",)))), TRACE),
    "none": (some(text=("payment",), none=(some(text=("failed",)),)), TRACE),
    "another logger": (some(text=("payment",), where=Where(logger=("^pay",))), TRACE),
    "another level": (some(text=("payment",), where=Where(level=("warning", "none"))), TRACE),
    "the default level": (some(text=("Too Many",)), ACCESS),
    "the default level, inherited": (some(any=(some(text=("Too Many",)),)), ACCESS),
    "another side": (some(http=HttpWhere(status=(429,), side="client")), ACCESS),
    "another path": (some(http=HttpWhere(status=(429,), path="^/sse")), ACCESS),
    "a status of another class": (some(http=HttpWhere(status=("5xx",))), ACCESS),
    "no request at all": (some(http=HttpWhere(status=(429,))), TRACE),
    "a member that does not match": (some(fields={"code": "^E5"}), RECORD),
    "a member that is not there": (some(fields={"kind": "."}), RECORD),
}


@pytest.mark.parametrize("name", HOLDS)
def test_holds(name: str) -> None:
    """Everything that is given holds."""
    assert asked(*HOLDS[name]) is not None


@pytest.mark.parametrize("name", FAILS)
def test_fails(name: str) -> None:
    """Something that is given does not hold."""
    assert asked(*FAILS[name]) is None


GROUP = """\
ERROR:app:unhandled
  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/main.py", line 3, in run
  |     async with create_task_group():
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/main.py", line 9, in call
    |     await send()
    | httpx.ConnectError: All connection attempts failed
    +------------------------------------
"""


def test_the_leaf_is_what_really_failed() -> None:
    """Of a chain the last exception, of a group its member; `exception` asks for every one."""
    assert asked(some(leaf=("LedgerError",)), TRACE) is not None
    assert asked(some(leaf=("ConnectionRefusedError",)), TRACE) is None
    assert asked(some(leaf=("ConnectError",)), GROUP) is not None
    assert asked(some(leaf=("ExceptionGroup",)), GROUP) is None
    assert asked(some(exception=("ExceptionGroup",)), GROUP) is not None


def test_captures_come_from_what_holds() -> None:
    """Of the first pattern and the first part that hold; a part that fails leaves nothing behind."""
    assert asked(some(regex=(r"Errno (?P<n>\d+)x", r"Errno (?P<n>\d+)")), TRACE) == {"n": "111"}
    both = some(regex=(r"(?P<a>payment)",), none=(some(text=("nothing",), regex=(r"(?P<b>failed)",)),))
    assert asked(both, TRACE) == {"a": "payment"}
    half = some(all=(some(regex=(r"(?P<a>payment)",)), some(text=("nothing",))))
    assert asked(some(any=(half, some(regex=(r"(?P<b>failed)",)))), TRACE) == {"b": "failed"}
    assert asked(some(http=HttpWhere(status=(429,), path=r"session=(?P<s>\w+)")), ACCESS) == {"s": "a1"}


@pytest.mark.parametrize(
    "host", ["ada:hunTer2@api.example.org", "ada:p@ss:w0rd@api.example.org", "api.example.org"]
)
def test_who_logs_in_is_no_host(host: str) -> None:
    """What a pattern captures behind an address's slashes is the host, without a name and password before it."""
    condition = some(regex=(r"lost https?://(?P<host>[\w.:-]+)",))
    assert asked(condition, f"ERROR:app:lost https://{host}:8443/v1 again") == {
        "host": "api.example.org:8443"
    }


def test_an_unescaped_bracket_is_a_class() -> None:
    """`[warning]` matches one letter of them, which is why near misses are samples."""
    assert asked(some(regex=("[warning]pp",), where=LEVEL), "INFO:app:ippp\n") is not None


@pytest.mark.parametrize("name", HOLDS)
def test_explained_as_it_is_asked(name: str) -> None:
    """When a condition holds, every verdict at its top does; the prefilter finds what it seeks."""
    condition, text = HOLDS[name]
    verdicts = explain(condition, event_of(text), wrapped=False)
    assert all(verdict.holds for verdict in verdicts[1:] if verdict.depth == 0)


@pytest.mark.parametrize("name", FAILS)
def test_failure_is_explained(name: str) -> None:
    """When a condition fails, some verdict at its top says why."""
    condition, text = FAILS[name]
    verdicts = explain(condition, event_of(text), wrapped=False)
    assert not all(verdict.holds for verdict in verdicts if verdict.depth == 0)


def test_what_is_sought_beside_a_word_is_hinted_at() -> None:
    """An ellipsis stands for more of the pattern that must stand on the word's line."""
    condition = some(regex=(r"handshake[^\n]{0,60}\btimeout",))
    verdict = explain(condition, event_of("ERROR:app:timeout of the handshake\n"), wrapped=False)[0]
    assert (verdict.holds, verdict.text) == (
        False,
        "prefilter: found none of 'handshake …' in the raw lines",
    )


@pytest.mark.parametrize(
    "text",
    [
        r"(a|aa)+$",
        r"(?:a?){30}a{30}",
        r"(a+)+b",
        r"(?:\w+\s?)*:",
        r".*.*.*=",
        r"(?:ab|a|b)*c",
        r"((?:x|xy)?y)+z",
        r"(?=(a*)+)b",
    ],
)
def test_patterns_that_could_run_away_are_watched(text: str) -> None:
    """A choice, an option or a repeat within a repeat gets a time limit however short the text."""
    assert not is_calm(text)


@pytest.mark.parametrize(
    "text", [r"charlie \d+", r"(?i)timed out after (?P<s>\d{1,6})", r"a[^\n]{0,60}?b", r"(?:one|two) three"]
)
def test_plain_patterns_are_not(text: str) -> None:
    """A limit costs more than most searches."""
    assert is_calm(text)


@pytest.mark.parametrize(
    "line",
    [
        "WARNING:app.chat:user asked: why it says the ledger is gone",
        'WARNING:app.chat:user message flagged: "the ledger is gone"',
        "User: my log says: the ledger is gone",
        '+    raise RuntimeError("the ledger is gone")',
        '    logger.error("the ledger is gone: %s", error)',
        "tests/test_ledger.py::test_says[the ledger is gone] PASSED",
    ],
)
def test_what_is_only_quoted_does_not_match(line: str) -> None:
    """Chat, source code and the names of tests mention a failure; nothing failed."""
    assert asked(some(text=("ledger is gone",)), line + "\n") is None


def test_the_explanation_says_that_a_failure_is_only_quoted() -> None:
    """A pattern that stands in somebody's words does not hold, and the reason is told."""
    verdicts = explain(some(text=("ledger is gone",)), event_of("User: it says the ledger is gone\n"), False)
    assert next(verdict.text.partition(":")[0] for verdict in verdicts if not verdict.holds) == "it happened"


@pytest.mark.parametrize(
    "line",
    [
        "ERROR:app.chat:user asked: the ledger is gone",
        "WARNING:app.chat:user message failed: the ledger is gone",
        "WARNING:assistant:assistant unavailable: the ledger is gone",
        "raise the alarm: the ledger is gone",
    ],
)
def test_a_failure_that_begins_like_a_quote_matches(line: str) -> None:
    """Somebody's words at error level, or what failed about them, are no mere words."""
    assert asked(some(text=("ledger is gone",)), line + "\n") == {}
