"""Which lines of a sequence are of one server, in one source and in several."""

from __future__ import annotations

from cli_runner import report_of
from msgspec.structs import replace

from logscope.correlate import KINDS
from logscope.correlate.windows import Processes, in_order
from logscope.model import Hit
from logscope.rulebook.rule import Condition, Detect, Outcomes, Rule, Step, Window

_STEPS = tuple(Step(name, (Condition(text=("x",)),)) for name in ("rejected", "ready", "done"))
RULE = Rule(
    "a-rule",
    "A rule",
    "low",
    Detect(steps=_STEPS, like=("connection", "peer"), within=Window(60, 400), outcomes=Outcomes("ready")),
    kind="sequence",
)
SESSION = ("rejected", "done", "ready", "done")
GIVEN_UP = ("rejected",)


def told(
    *steps: str, line: int = 1, at: float | None = None, way: int = 0, port: int = 0, **more: object
) -> list[Hit]:
    """Access lines, each ten lines behind the one before, and half a second, where there is a clock."""
    whose = (("connection", f"10.0.0.1:{port}"), ("peer", "10.0.0.1")) if port else ()
    base = Hit(0, "", 0, 0, 0, None, "order" if at is None else "exact", "", "access", False, whose)
    return [
        replace(
            base,
            role=f"step:{name}:{way}",
            line=line + 10 * place,
            last_line=line + 10 * place,
            time=None if at is None else at + 0.5 * place,
            **more,
        )
        for place, name in enumerate(steps)
    ]


def figures(*parts: list[Hit], listening: tuple[Hit, ...] = ()) -> tuple[int, int, int]:
    """Sessions, those rejected first, and those that recovered."""
    hits = in_order(hit for part in parts for hit in part)
    found = KINDS["sequence"](0, RULE, hits, Processes((), listening))
    assert found.sequence is not None
    return found.sequence.sessions, found.sequence.rejected_first, found.sequence.recovered


def test_services_of_one_source_have_sessions_of_their_own() -> None:
    """Who gave up at one server has not recovered at another one, whatever their lines look like."""
    for way, port in ((0, 40000), (1, 0)):
        gone = told(*GIVEN_UP, stream="alpha-1", port=50000)
        assert figures(gone, told(*SESSION[1:], line=4, stream="beta-1", way=way, port=port)) == (2, 1, 0)
        assert figures(gone, told(*SESSION, line=33, stream="beta-1", way=way, port=port)) == (2, 2, 1)


def test_replicas_of_one_service_share_sessions() -> None:
    """What one of them refused another one may have taken up."""
    for one, other in (("mcp-1", "mcp-2"), ("mcp-7d9f8b6c5d-x2x4z/mcp", "mcp-7d9f8b6c5d-b8k2p/mcp")):
        gone = told(*GIVEN_UP, stream=one, port=50000)
        assert figures(gone, told(*SESSION[1:], line=4, stream=other, port=40000)) == (1, 1, 1)


def test_a_proxy_beside_its_server_tells_the_same_sessions() -> None:
    """In one source and in two, in lines of the same way and of another one, with and without a clock."""
    for at in (None, 1000.25):
        for way in (1, 2):
            server = told(*SESSION, way=1, at=at, stream="mcp-1")
            proxy = told(*SESSION, line=2, way=way, at=at and at + 0.02, stream="proxy-1")
            assert figures(server, proxy) == (1, 1, 1)
            assert figures(server, [replace(hit, source=1) for hit in proxy]) == (1, 1, 1)


def test_a_proxy_of_one_of_two_services_tells_that_one_s_sessions() -> None:
    """What it stands before counts once, and the other one of the same source is not taken for it."""
    for more in (SESSION, (*SESSION, "done", "rejected")):
        alpha = told(*SESSION, way=1, at=1000.25, stream="alpha-1")
        beta = told(*more, line=2, way=1, at=1030.0, stream="beta-1")
        proxy = [replace(hit, source=1, stream="", time=(hit.time or 0) + 0.01) for hit in alpha]
        assert figures(alpha, beta, proxy)[0] == 2 + (more != SESSION)


def test_two_servers_at_the_same_time_are_two() -> None:
    """Lines that stand a moment apart are no proxy's, nor those that each name their clients' connections, but where
    one is called so."""
    first = told(*SESSION, way=1, at=1000.25, stream="alpha-1")
    assert figures(first, told(*SESSION, line=2, way=1, at=1000.5, stream="beta-1")) == (2, 2, 2)
    first = told(*SESSION, port=50000, stream="alpha-1")
    assert figures(first, told(*SESSION, line=2, port=40000, stream="beta-1")) == (2, 2, 2)
    assert figures(first, told(*SESSION, line=2, port=40000, stream="haproxy-1")) == (1, 1, 1)


def test_two_servers_without_a_clock_are_two_in_two_sources() -> None:
    """Each names its own clients' connections, though the steps are the same."""
    other = [replace(hit, source=1) for hit in told(*SESSION, port=40000)]
    assert figures(told(*SESSION, port=50000), other) == (2, 2, 2)


def test_who_tells_the_clients_apart_is_read_before_what_stands_behind() -> None:
    """Behind a proxy all come from its address, and its connections carry the requests of several."""

    def of(client: int, *steps: str, line: int, ports: bool) -> list[Hit]:
        whose = [("connection", f"10.0.0.{client}:50000")] * ports + [("peer", f"10.0.0.{client}")]
        return [replace(hit, captures=tuple(whose)) for hit in told(*steps, line=line, way=int(not ports))]

    behind = told(*SESSION, *GIVEN_UP, *SESSION[1:], port=40000, stream="mcp-1")
    for ports in (True, False):
        first, second = of(1, *SESSION, line=2, ports=ports), of(2, *GIVEN_UP, line=42, ports=ports)
        proxy = [*first, *second, *of(3, *SESSION[1:], line=52, ports=ports)]
        for source, stream in ((0, "proxy-1"), (1, "")):
            assert figures(behind, [replace(hit, source=source, stream=stream) for hit in proxy]) == (3, 2, 1)


def test_a_client_is_read_with_the_server_that_it_asks() -> None:
    """One that asks two servers tells what these do, one that asks none of them tells of sessions of its own."""
    alpha = told(*SESSION, port=50000, stream="alpha-1")
    beta = told(*SESSION, line=1001, port=40000, stream="beta-1")
    client = [replace(hit, layer="client", stream="agent-1") for hit in told(*SESSION, line=2, way=1)]
    later = [replace(hit, line=hit.line + 1000, last_line=hit.line + 1000) for hit in client]
    away = [replace(hit, line=hit.line + 500, last_line=hit.line + 500) for hit in client]
    assert figures(alpha, beta, client) == (2, 2, 2)
    assert figures(alpha, beta, client, later) == (2, 2, 2)
    assert figures(alpha, beta, away) == (3, 3, 3)


def test_a_client_may_ask_through_a_proxy() -> None:
    """The server listens on another port than the client asked; that its lines stand beside the client's, or a proxy's
    that do, tells that it answered."""
    server = told(*SESSION, way=1, at=1000.25)
    listening = (replace(server[0], captures=(("port", "8000"),)),)
    proxy = [replace(hit, source=1, time=float(int(hit.time or 0))) for hit in server]
    asked = (("port", "9000"),)
    client = [
        replace(hit, source=2, layer="client", captures=asked) for hit in told(*SESSION, way=2, at=1000.26)
    ]
    later = [replace(hit, time=(hit.time or 0) + 0.4) for hit in client]
    assert figures(server, client, listening=listening) == (1, 1, 1)
    assert figures(server, later, listening=listening) == (2, 2, 2)
    assert figures(server, proxy, later, listening=listening) == (1, 1, 1)


def test_two_servers_whose_lines_show_no_time_are_not_one_for_the_times_around_them() -> None:
    """A time taken from the lines around it is as fine as a proxy's, but shows no request of its own."""
    log = (
        "mcp-a-1  | 2026-03-02 10:00:01 INFO store: looked up\n"
        'mcp-a-1  | INFO:     127.0.0.1:5001 - "POST /mcp HTTP/1.1" 400 Bad Request\n'
        'mcp-a-1  | INFO:     127.0.0.1:5001 - "POST /mcp HTTP/1.1" 200 OK\n'
        'mcp-a-1  | INFO:     127.0.0.1:5001 - "POST /mcp HTTP/1.1" 202 Accepted\n'
        'mcp-b-1  | INFO:     127.0.0.1:5002 - "POST /mcp HTTP/1.1" 400 Bad Request\n'
        'mcp-b-1  | INFO:     127.0.0.1:5002 - "POST /mcp HTTP/1.1" 200 OK\n'
        'mcp-b-1  | INFO:     127.0.0.1:5002 - "POST /mcp HTTP/1.1" 202 Accepted\n'
        'mcp-a-1  | INFO:     127.0.0.1:5003 - "POST /mcp HTTP/1.1" 400 Bad Request\n'
        "mcp-b-1  | 2026-03-02 10:00:02 INFO store: looked up\n"
    )
    (finding,) = report_of("-", stdin=log.encode())["findings"]
    own = finding["sequence"]
    assert (own["sessions"], own["rejected_first"], own["recovered"], own["stalled"]) == (3, 3, 2, 1)
