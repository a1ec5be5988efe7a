"""The traffic of an agent whose clients log everything: prompts, settings and headers, each line another one.

As openai, httpcore, httpx and the MCP SDK write at level DEBUG.
"""

from __future__ import annotations

from random import Random

from bench.events import Event, hexes

_VOCABULARY = """
    account balance cancel change check client close code count customer date deliver error exit
    expected fail find first invoice item key late list missing month name number open order page
    paid plan price quota read refund required reply report search ship start state step stop sum
    team timeout today token tool total update user value version wait week write
"""
_WORDS = _VOCABULARY.split()
_URL = "https://api.openai.com/v1/chat/completions"
_SCHEMA = "{'type': 'object', 'properties': {'query': {'type': 'string'}}, 'required': ['query']}"


def traffic(rng: Random) -> list[Event]:
    """One of the lines that a healthy agent writes for a model call, or for the tool that the model asked for."""
    make = _LINES[int(rng.random() * len(_LINES))]
    return [(*make(rng), "")]


def _asked(rng: Random) -> tuple[str, str, str]:
    options = (
        f"{{'method': 'post', 'url': '/chat/completions', 'timeout': 60, 'idempotency_key': "
        f"'stainless-python-retry-{hexes(rng, 12)}', 'json_data': {{'messages': [{{'role': 'user', 'content': "
        f"'{words(rng, 90)}'}}], 'model': 'gpt-4o', 'tools': [{{'type': 'function', 'function': {{'name': "
        f"'search', 'parameters': {_SCHEMA}}}}}]}}}}"
    )
    return "DEBUG", "openai._base_client", f"Request options: {options}"


def _connecting(rng: Random) -> tuple[str, str, str]:
    where = "host='api.openai.com' port=443 local_address=None timeout=60 socket_options=None"
    return "DEBUG", "httpcore.connection", f"connect_tcp.started {where}"


def _answered(rng: Random) -> tuple[str, str, str]:
    left, request = int(rng.random() * 1e6), hexes(rng, 32)
    headers = f"(b'x-ratelimit-remaining-tokens', b'{left}'), (b'x-request-id', b'req_{request}')"
    text = f"receive_response_headers.complete return_value=(b'HTTP/1.1', 200, b'OK', [{headers}])"
    return "DEBUG", "httpcore.http11", text


def _called(rng: Random) -> tuple[str, str, str]:
    return "INFO", "httpx", f'HTTP Request: POST {_URL} "HTTP/1.1 200 OK"'


def _thought(rng: Random) -> tuple[str, str, str]:
    return "INFO", "app.agents", f"step {int(rng.random() * 40)}: {words(rng, 30)}"


def _asked_tool(rng: Random) -> tuple[str, str, str]:
    return "INFO", "mcp.server.lowlevel.server", "Processing request of type CallToolRequest"


def _tool_result(rng: Random) -> tuple[str, str, str]:
    result = f"{{'ok': True, 'error': None, 'timeout': 30, 'text': '{words(rng, 40)}'}}"
    return "DEBUG", "app.tools", f"search returned {result}"


_LINES = (_asked, _connecting, _answered, _called, _thought, _asked_tool, _tool_result)


def words(rng: Random, most: int) -> str:
    """Return some words."""
    return " ".join(_WORDS[int(rng.random() * len(_WORDS))] for _ in range(5 + int(rng.random() * most)))
