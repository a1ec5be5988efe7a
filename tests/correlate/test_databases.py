"""One failure that a database and its client tell is one occurrence."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from cli_runner import report_of, write

from logscope.correlate.databases import from_both_sides
from logscope.model import Hit, Occurrence, RuleHits, SequenceFigures

DATABASE, CLIENT = 0, 1
OWN = {(DATABASE, "")}


def hit(source: int, line: int, time: float | None) -> Hit:
    return Hit(0, "primary", source, line, line, time, "exact" if time else "order", "", "app", False)


def joined(*hits: Hit, own: Collection[tuple[int, str]] = frozenset(OWN)) -> list[list[tuple[int, int]]]:
    """Occurrences as (source, line) of their hits."""
    found = RuleHits(0, tuple(Occurrence((one,)) for one in hits))
    (result,) = from_both_sides([found], own)
    return [[(one.source, one.line) for one in occurrence.hits] for occurrence in result.occurrences]


def test_by_time() -> None:
    """Each pair within two seconds is one, seen first by the client; what only one side tells stays."""
    told = [hit(DATABASE, 1, 10.0), hit(DATABASE, 2, 11.0), hit(DATABASE, 3, 50.0)]
    clients = [hit(CLIENT, 1, 10.2), hit(CLIENT, 2, 11.5), hit(CLIENT, 3, 60.0)]
    assert joined(*told, *clients) == [
        [(DATABASE, 3)],
        [(CLIENT, 1), (DATABASE, 1)],
        [(CLIENT, 2), (DATABASE, 2)],
        [(CLIENT, 3)],
    ]


def test_a_client_without_a_clock() -> None:
    """It is taken in order, for as many as the database tells, and has the database's times."""
    told = [hit(DATABASE, 1, 10.0), hit(DATABASE, 2, 90.0)]
    clients = [hit(CLIENT, line, None) for line in (1, 2, 3)]
    assert joined(*told, *clients) == [
        [(DATABASE, 1), (CLIENT, 1)],
        [(DATABASE, 2), (CLIENT, 2)],
        [(CLIENT, 3)],
    ]


def test_a_client_whose_time_only_its_neighbours_tell(tmp_path: Path) -> None:
    """A traceback without a time stands somewhere between the records around it: it is the failure that the database
    tells within these."""
    log = (
        "db-1   | 2026-11-20 11:02:05.367 UTC [300] FATAL:  sorry, too many clients already\n"
        "api-1  | Traceback (most recent call last):\n"
        "api-1  | asyncpg.exceptions.TooManyConnectionsError: sorry, too many clients already\n"
        "db-1   | 2026-11-20 11:02:41.100 UTC [27] LOG:  checkpoint starting: time\n"
    )
    (finding,) = report_of(write(tmp_path / "compose.log", log))["findings"]
    assert (finding["occurrences"], finding["events"]) == (1, 2)


def test_two_clients_are_two() -> None:
    """Two services that fail in the same moment stay two incidents; so does what is counted by sessions."""
    hits = [hit(DATABASE, 1, 10.0), hit(CLIENT, 1, 10.0)]
    assert joined(*hits, own=()) == [[(DATABASE, 1)], [(CLIENT, 1)]]
    sessions = RuleHits(0, tuple(Occurrence((one,)) for one in hits), SequenceFigures(2, 1, 0, 1))
    assert from_both_sides([sessions], OWN) == [sessions]


def test_services_of_one_file_are_taken_apart(tmp_path: Path) -> None:
    """A collector that weaves a database and its client into one file changes nothing."""
    log = (
        "db-1   | 2026-11-20 11:02:05.367 UTC [300] FATAL:  sorry, too many clients already\n"
        "api-1  | 2026-11-20 11:02:05,390 ERROR app.db: asyncpg.exceptions.TooManyConnectionsError: sorry, too many "
        "clients already\n"
    )
    (finding,) = report_of(write(tmp_path / "compose.log", log))["findings"]
    assert (finding["occurrences"], finding["events"]) == (1, 2)


def test_a_broker_and_a_pooler_are_read_like_databases(tmp_path: Path) -> None:
    """What they refuse, and their clients tell, is told once."""
    write(
        tmp_path / "rabbit.log",
        "2026-11-28 16:40:55.973605+00:00 [error] <0.737.0> Channel error on connection <0.728.0>, channel 1:\n"
        "2026-11-28 16:40:55.973605+00:00 [error] <0.737.0> operation queue.declare caused a channel exception "
        "precondition_failed: inequivalent arg 'durable' for queue 'docs' in vhost '/'\n",
    )
    write(
        tmp_path / "pgbouncer.log",
        "2026-11-28 16:41:40.113 UTC [1] WARNING C-0x55d0: (nodb)/(nouser)@10.1.0.4:51220 pooler error: "
        "no more connections allowed (max_client_conn)\n",
    )
    write(
        tmp_path / "app.log",
        "2026-11-28 16:40:55,981 ERROR app: (406, \"PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'docs' "
        "in vhost '/'\")\n"
        "2026-11-28 16:41:40,115 ERROR app: no more connections allowed (max_client_conn)\n",
    )
    found = {finding["rule"]: finding["occurrences"] for finding in report_of(tmp_path)["findings"]}
    assert found == {"rabbitmq-channel-refused": 1, "postgres-too-many-connections": 1}
