"""Requests: one place per line that tells of a request which a server answered, in many lines as in one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.scan.requests import RequestFinder

SERVED = {
    "uvicorn": b'INFO:     127.0.0.1:51234 - "POST /mcp HTTP/1.1" 200 OK',
    "uvicorn, no reason": b'INFO:     127.0.0.1:51234 - "POST /mcp HTTP/1.1" 499',
    "uvicorn, coloured": b'\x1b[32mINFO\x1b[0m:     [::1]:1 - "\x1b[1mGET / HTTP/1.1\x1b[0m" \x1b[32m200 OK\x1b[0m',
    "uvicorn, colours pasted": b'INFO:     1.2.3.4:1 - "[1mGET / HTTP/1.1[0m" [32m200 OK[0m',
    "uvicorn, colours shown": 'INFO:     1.2.3.4:1 - "←[1mGET / HTTP/1.1←[0m" ←[32m200 OK←[0m'.encode(),
    "uvicorn, colours of rsyslog": b'INFO:     1.2.3.4:1 - "#033[1mGET / HTTP/1.1#033[0m" #033[32m200 OK#033[0m',
    "uvicorn, coloured in docker": b'{"log":"INFO: 1.2.3.4:1 - \\"\\u001b[1mGET / HTTP/1.1\\u001b[0m\\" 200\\n"}',
    "gunicorn": b'127.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 512 "-" "curl/8.5.0"',
    "django": b'[26/Nov/2026 10:00:00] "GET /x HTTP/1.1" 200 512',
    "werkzeug": b'127.0.0.1 - - [26/Nov/2026 10:00:00] "GET / HTTP/1.1" 404 -',
    "http/2": b'10.0.0.1 - - [t] "GET / HTTP/2" 200 5 "https://a.example/b" "x"',
    "nginx as json": b'{"remote_addr": "10.0.0.1", "request": "GET / HTTP/1.1", "status": "200"}',
    "caddy": b'{"level":"info","ts":1.5,"logger":"http.log.access","msg":"handled request",'
    b'"request":{"remote_ip":"10.0.0.1","proto":"HTTP/2.0","method":"GET","uri":"/"},"status":200}',
    "caddy in docker": b'{"log":"{\\"logger\\":\\"http.log.access\\",\\"request\\":{\\"proto\\":\\"HTTP/1.1\\"}}\\n"}',
    "uvicorn in structlog in docker": b'{"log":"{\\"event\\": \\"1.2.3.4:5 - \\\\\\"GET / HTTP/1.1\\\\\\" 200\\"}\\n"}',
    "haproxy": b"10.0.1.2:33317 [20/Nov/2026:19:01:14.655] in static/a 10/0/30/69/109 200 27 - - ---- 1/1/1/1/0 0/0 "
    b'"GET / HTTP/1.1"',
    "in a row of RichHandler's, wrapped": b'INFO     127.0.0.1:46728 - "POST /chat?q=ok HTTP/1.1" h11_impl.py:477',
    "told twice": b'{"text": "1.2.3.4:5 - \\"GET / HTTP/1.1\\" 200", '
    b'"message": "1.2.3.4:5 - \\"GET / HTTP/1.1\\" 200"}',
}
NOT_SERVED = {
    "httpx": b'INFO httpx: HTTP Request: POST https://api.example.com/v1 "HTTP/1.1 200 OK"',
    "httpx, its host left out": b'INFO httpx: HTTP Request: POST /mcp/ "HTTP/1.1 400 Bad Request"',
    "httpx as json": b'{"message": "HTTP Request: POST https://api.example.com/v1 \\"HTTP/1.1 200 OK\\""}',
    "urllib3": b'DEBUG:urllib3.connectionpool:https://api.example.com:443 "POST /v1/x HTTP/1.1" 200 None',
    "urllib3, sized": b'DEBUG:urllib3.connectionpool:http://localhost:80 "GET /a?b=c HTTP/1.1" 200 12',
    "urllib3 as json": b'{"message": "https://a.example:443 \\"POST /v1 HTTP/1.1\\" 200 None", "level": "DEBUG"}',
    "nginx's error": b"2026/11/26 10:00:00 [error] 1#1: *1 connect() failed (111), client: 10.0.0.1, server: , "
    b'request: "POST /mcp HTTP/1.1", upstream: "http://127.0.0.1:8000/mcp", host: "a.example"',
    "caddy's error": b'{"level":"error","logger":"http.log.error",'
    b'"request":{"proto":"HTTP/1.1","method":"GET"},"status":502}',
    "http.client": b"send: b'GET / HTTP/1.1\\r\\nHost: a.example'",
    "curl's": b"< HTTP/1.1 200 OK",
    "words": b"the peer speaks HTTP/1.1 only",
    "a balancer's": b'http 2026-11-26T10:00:00Z app/lb/5 10.0.0.1:1 - 502 502 3 3 "GET http://a:80/ HTTP/1.1" "curl"',
    "another form": b'2026/11/26 10:00:00 "GET http://a.example/ HTTP/1.1" from 10.0.0.1:1 - 502 12B in 3ms',
    "nothing": b"",
    "letters": b"TTP/ HTTP/ TTP/HTTP/",
    "a status": b'{"event": "done", "status": 200}',
}
BY_FIRST_BLOCK = {
    "hypercorn": b'[2026-11-26 10:00:00 +0000] [9] [INFO] 127.0.0.1:1 - - [t] "GET / 1.1" 200 5 "-" "curl"',
    "hypercorn in docker": b'{"log":"10.0.0.1:1 - - [t] \\"GET / 2\\" 200 5 \\"-\\"\\n","stream":"stdout"}',
    "hypercorn under Quart": b"[2026-11-26 10:00:00 +0000] [9] [INFO] 127.0.0.1:1 GET / 1.1 200 5 1536",
    "uvicorn, not quoted": b"2026-11-27 22:30:49 | INFO | uvicorn.access | 127.0.0.1:5 | GET /a HTTP/1.1 | 200 OK",
    "uvicorn, coloured": b"\x1b[32mINFO\x1b[0m: 127.0.0.1:5 - \x1b[1mGET /a HTTP/1.1\x1b[0m - \x1b[32m200 OK\x1b[0m",
    "daphne": b'127.0.0.1:1 - - [26/Nov/2026:10:00:00] "GET /" 200 5',
    "Django's channels": b"2026-11-26 10:00:00,100 INFO     HTTP GET / 200 [0.02, 127.0.0.1:1]",
    "a websocket": b'INFO:     127.0.0.1:35524 - "WebSocket /ws/chat" [accepted]',
    "a websocket refused": b'INFO:     127.0.0.1:35524 - "WebSocket /ws/chat" 403',
    "structlog": b'{"event": "request_finished", "method": "GET", "path": "/", "status_code": 200}',
    "structlog's console": b"2026-11-26T10:00:00Z [info     ] request_finished   method=GET path=/ status_code=200",
    "structlog's console, coloured": b"[\x1b[32minfo     \x1b[0m] \x1b[1mdone\x1b[0m \x1b[36mmethod\x1b[0m=\x1b[35mGET"
    b"\x1b[0m \x1b[36mpath\x1b[0m=\x1b[35m/\x1b[0m \x1b[36mstatus\x1b[0m=\x1b[35m200\x1b[0m",
    "Google's balancer": b'{"httpRequest": {"requestMethod": "GET", "requestUrl": "https://a.io/", "status": 200}}',
    "logfmt": b"time=2026-11-26T10:00:00Z level=info msg=request method=GET path=/ status=200",
    "gin": b'[GIN] 2026/11/20 - 19:00:00 |\x1b[97;42m 200 \x1b[0m| 1.2ms | 127.0.0.1 |\x1b[97;44m GET  \x1b[0m "/ping"',
    "tornado": b"[E 261128 10:00:00 web:2446] 500 GET /rank?q=1 (127.0.0.1) 1026.97ms",
    "morgan, dev": b"\x1b[0mPOST /a/1 \x1b[31m500\x1b[0m 3.1 ms - -\x1b[0m",
    "morgan, tiny": b"GET /x?y=1 200 12 - 0.7 ms",
    "morgan, short": b"::1 - GET /x HTTP/1.1 304 - - 0.7 ms",
    "hypercorn, a status by its name": b'127.0.0.1:1 - - [t] "POST /mcp 1.1" HTTPStatus.BAD_REQUEST 105 "-" "curl"',
    "in words": b"2026-11-26T10:00:00.123Z POST /mcp 400 21ms",
    "in words, with an arrow": b"[http] GET /mcp -> 400 (3 ms)",
    "in words, without a duration": b"2026-11-28T13:42:26.902Z [info]: POST /mcp 400",
    "in words, as json": b'{"level": "info", "message": "POST /mcp 400"}',
    "hono": b"--> POST /mcp \x1b[33m400\x1b[0m 3ms",
    "members in docker": b'{"log":"{\\"method\\":\\"GET\\",\\"path\\":\\"/\\",\\"status\\":503}\\n"}',
}
LINES = {**SERVED, **NOT_SERVED, **BY_FIRST_BLOCK}


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_a_request_or_none(name: str) -> None:
    """Servers' access lines count, once each; clients' requests and logs of errors do not."""
    line = LINES[name]
    assert len(RequestFinder(line).places(line, 0, len(line))) == (name not in NOT_SERVED)


def test_records_without_protocol_count_where_the_first_block_has_some() -> None:
    """What only some sources write costs the others nothing."""
    for line in BY_FIRST_BLOCK.values():
        assert not RequestFinder(b"").places(line, 0, len(line))


def test_records_of_requests_that_the_server_tells_are_none() -> None:
    """Where access lines stand beside them, an application's records tell the same requests again."""
    for line in (BY_FIRST_BLOCK["structlog"], BY_FIRST_BLOCK["logfmt"]):
        assert not RequestFinder(line, told_twice=True).places(line, 0, len(line))


@settings(max_examples=150)
@given(st.lists(st.sampled_from([*LINES.values()]), max_size=60), st.booleans(), st.booleans())
def test_many_lines_tell_what_each_tells(lines: list[bytes], ended: bool, known: bool) -> None:
    """Read at once, the same lines are requests as one by one."""
    data = bytearray(b"\n".join(lines) + b"\n" * ended)
    finder = RequestFinder(data if known else b"")
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
    found = finder.places(data, 0, len(data))
    assert finder.places_at_once(data, 0, len(data), ends).tolist() == found
    others = BY_FIRST_BLOCK.values() if known else ()
    assert len(found) == sum(line in SERVED.values() or line in others for line in lines)


def test_a_line_without_end_is_not_searched_again_for_each_sign() -> None:
    """Megabytes of signs on one line are looked at near each sign only."""
    for sign in (b'"proto":"HTTP/1.1"', b'"status":200 ', b' HTTP/1.1" 200 1;'):
        data = sign * 200_000
        finder, ends = RequestFinder(data), np.zeros(0, np.int64)
        found = finder.places(data, 0, len(data))
        assert len(found) <= 1
        assert len(finder.places_at_once(data, 0, len(data), ends)) == len(found)
