"""The sessions of an agent that names its MCP session in every line: rejected first, or not, then initialized, verified
and used; some are given up, and some of what they do fails.
"""

from __future__ import annotations

from random import Random

from bench.debug import words
from bench.events import Event, credit_handled, hexes

_REQUEST = 'HTTP Request: POST http://tools:8765/mcp "HTTP/1.1 {status}"'
_SCOPE = "Attempted to exit cancel scope in a different task than it was entered in"


def session(rng: Random) -> list[Event]:
    """All events of one session, which others' stand between."""
    name = f"{hexes(rng, 8)}-{hexes(rng, 4)}-4{hexes(rng, 3)}-a{hexes(rng, 3)}-{hexes(rng, 12)}"
    told: list[Event] = []

    def tell(level: str, logger: str, message: str) -> None:
        told.append((level, f"agent.{logger}", f"session {name}: {message}", ""))

    def answered(status: str) -> None:
        told.append(("INFO", "httpx", _REQUEST.format(status=status), ""))

    if rng.random() < 0.75:
        answered("400 Bad Request")
        tell(
            "WARNING", "session", "first request rejected (400 Bad Request: Missing session ID), initializing"
        )
        if rng.random() < 0.1:
            tell("ERROR", "session", "giving up")
            return told
    answered("200 OK")
    tell("INFO", "session", "initialized")
    told.append(("INFO", "agent.session", f"Session {name} verified as ready", ""))
    for _ in range(1 + int(rng.random() * 3)):
        tell("INFO", "run", f"executing agent for prompt '{words(rng, 12)}'")
        if rng.random() < 0.5:
            tell("ERROR", "run", f"model call failed: {credit_handled(rng)[0][2].partition(': ')[2]}")
        else:
            tell("INFO", "run", f"answered '{words(rng, 12)}'")
    if rng.random() < 0.3:
        tell("ERROR", "session", f"cancel scope error during disconnect: {_SCOPE}")
    else:
        tell("INFO", "session", "closed")
    return told
