"""HTTP requests told by access lines and by clients' request lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from logscope.lazily import lazy
from logscope.model import Http

Side = Literal["server", "app"]
_METHODS = (b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"HEAD", b"OPTIONS")
HTTP_SIGNS = (
    b"HTTP",
    b"WebSocket",
    b"tatus",
    b"[GIN]",
    b' 1.1" ',
    b' 2" ',
    b' 1.1\\" ',
    b' 2\\" ',
    b'] "',
    b'] \\"',
    b" 1.1 ",
    *(b"%s /" % method for method in _METHODS),
)
"""One of them stands in whatever tells of a request; hypercorn leaves the protocol's name out, daphne the protocol."""
_SERVER = lazy(
    r"(?:(?:[\w\-]+(?:(?:\.[\w\-]+)+(?::\d+)?|:\d+)|-)(?:, ?[0-9A-Fa-f.:]+)* )??"  # the virtual host, or a client
    r"(?P<client>[0-9A-Za-z.:\[\]_\-]+|\('[^'\n]{1,80}', \d+\))(?:, ?[0-9A-Fa-f.:]+)*"  # and the proxies between
    r"(?: - |(?<=\d) (?=\")| (?:\S+ ){0,2}\[[^\]\n]*\] )"  # nothing between: formats of the user's own
    r'"(?P<method>[A-Z]{3,10}|WebSocket|-) (?P<path>[^\s"]+)(?: (?:HTTP/)?[\d.]+)?"'
    r" (?P<status>\d{3}\b|\[accepted\]|HTTPStatus\.\w+)"
)
_BEFORE = lazy(
    r"\s*(?:[\w./]+\.py:\d+ *[|:\-]* *"
    r"|\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S*(?: [+\-]\d{4}\])? (?=[\da-f.:\[\]]+ (?:- \"|(?:- )?[A-Z]{3,7} /)))?"
)
"""Padding, and the place in the code or the writer's own time, as of granian, before what an access logger wrote."""
_TUPLE = lazy(r"\('([^']+)', (\d+)\)")
_FORMS = (
    lazy(  # Envoy's default and Istio's, which tell behind the request whom it was forwarded for
        r"\"(?P<method>[A-Z]{3,10}) (?P<path>[^\s\"]+) HTTP/[\d.]+\" (?P<status>\d{3}) \S+ (?:\S+ \S+ \"[^\"]*\" )?"
        r"\d+ \d+ \d+ (?:\d+|-) \"(?P<client>[\da-fA-F.:]+)(?:, ?[\da-fA-F.:]+)*\""
    ),
    lazy(  # uvicorn's access records in formats of the user's own, and Django's
        r"(?:(?P<client>[\da-fA-F.:\[\]]+:\d+) (?:(?:[|:\-]|->) )?)?\"?(?P<method>[A-Z]{3,10}) (?P<path>[^\s\"]+)"
        r" HTTP/[\d.]+\"? (?:(?:[|:\-]|[\-=]>) )?(?P<status>\d{3})\b"
    ),
    lazy(  # gin
        r"\| *(?P<status>\d{3}) \|[^|\n]*\| *(?P<client>[^|\s]+) *\| *(?P<method>[A-Z]{3,10}) +\"(?P<path>[^\"\n]+)\""
    ),
    lazy(  # haproxy
        r"(?P<client>[0-9a-fA-F.:]+:\d+) \[[^\]\n]+\] \S+ \S+ [\d/+\-]+ (?P<status>\d{3}) \+?\d+ [^\n\"]*"
        r'"(?P<method>[A-Z]{3,10}) (?P<path>[^\s"]+)(?: HTTP/[\d.]+)?"'
    ),
    lazy(  # morgan's formats dev, tiny and short
        r"(?:(?P<client>[0-9a-fA-F.:]+) (?:\S+ )?)?(?P<method>[A-Z]{3,7}) (?P<path>/\S*)(?: HTTP/[\d.]+)?"
        r" (?P<status>\d{3}) (?:[\d.]+ ms - |(?:\d+|-) - [\d.]+ ms)"
    ),
    lazy(  # Django's channels
        r"HTTP (?P<method>[A-Z]{3,10}) (?P<path>/\S*) (?P<status>\d{3}) \[\d+\.\d+, (?P<client>[^\s\]]*)\]"
    ),
    lazy(  # Tornado
        r"(?P<status>\d{3}) (?P<method>[A-Z]{3,7}) (?P<path>/\S*) \((?P<client>[^\s()]+)\) [\d.]+ms\b"
    ),
    lazy(  # agentgateway
        r"request gateway=[^\n\"]{1,400}? src\.addr=(?P<client>\S+) http\.method=(?P<method>[A-Z]{3,10})"
        r" http\.host=\S+ http\.path=(?P<path>\S+) http\.version=HTTP/[\d.]+ http\.status=(?P<status>\d{3})\b"
    ),
    lazy(  # hypercorn under Quart
        r"(?P<client>[\da-fA-F.:\[\]]+:\d+) (?P<method>[A-Z]{3,10}) (?P<path>/\S*) 1\.1 (?P<status>\d{3})"
        r" (?:\d+|-) \d+(?!\S)"
    ),
)
_CLIENT = lazy(
    r'HTTP Request: (?P<method>[A-Z]{3,10}) (?:(?P<scheme>\w+)://(?P<host>[^/\s"?]+)|(?=/))(?P<path>[^\s"]*)'
    r' "HTTP/[\d.]+ (?P<status>\d{3})\b'
)
_URLLIB3 = lazy(
    r'(?P<scheme>https?)://(?P<host>[^/\s"]+?)(?::None)? "(?P<method>[A-Z]{3,10}) (?P<path>[^\s"]+) HTTP/[\d.]+"'
    r" (?P<status>\d{3})\b"
)


_LINK = (
    r"(?:\([^()\s]{1,80}\) )?"  # the request's id
    r"(?:[\-=]?> |→ |[|:\-] |(?:completed|finished|responded|served) (?:with )?)?"
    r"(?:status(?: code)?(?:=|:? ))?"
)
"""What stands between a request and its status."""
_TAIL = r" [a-z][a-z0-9_.]{1,20}=| \([A-Za-z_/]{3,40}\)"
"""Pairs that tell more, or what the request was for; not how long it took."""
_TOLD = lazy(
    r"(?:\[[\w.\-]{1,20}\] |(?:-->|xxx|HTTP|(?:[Cc]ompleted|[Ff]inished|[Hh]andled|[Ss]erved):?) "
    r"|(?P<client>\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|\[?[\da-fA-F]*:[\da-fA-F.:\]]+) (?:- )?)?"
    rf"(?P<method>[A-Z]{{3,7}}) (?P<path>/\S*) {_LINK}"
    rf"(?P<status>[1-5]\d\d)(?: [(\[]?(?:in )?\d+(?:\.\d+)? ?m?s\b|\s*$|{_TAIL})"
)
"""What middlewares write in words of their own, as koa-logger and Hono's do, and perhaps how long it took."""
_ASKER = lazy(r"(?i) (?:client|peer|remote|ip|addr)(?:[_-]?(?:ip|addr(?:ess)?))?=\"?([\da-f.:\[\]]+)")
"""Who asked, in a pair behind it."""
_ASKED_FOR = (
    r"(?P<method>[A-Z]{3,7}) (?P<path>/[^\s\"]*)"
    r"(?: (?:completed|finished|handled|responded|served|done|initialize|[a-z]+/[a-z_/]+))?"
)
"""What a middleware's message says where a member tells the status; of MCP, also the method within."""
_SAID = lazy(_ASKED_FOR)
_NO_MEMBERS: Mapping[str, object] = {}


def http_of_text(message: str, side: Side, members: Mapping[str, object] = _NO_MEMBERS) -> Http | None:
    """Return the request that a message tells of, None when it tells of none; `side`: whose word a middleware's is;
    `members` stand beside the message and may tell who asked."""
    line = message.partition("\n")[0]
    found = _CLIENT.search(line) or _URLLIB3.search(line)
    if found is not None:
        path = found["path"] or "/"
        host = (found["host"] or "").rpartition("@")[2]  # who shows a log to others may leave it out
        return Http("client", found["method"], path, int(found["status"]), host=host)
    before = _BEFORE.match(line)
    start = before.end() if before is not None else 0
    found = _SERVER.match(line, start)
    if found is not None:
        client = _TUPLE.sub(r"\1:\2", found["client"])
        return Http("server", found["method"], found["path"], _status(found["status"]), client=client)
    for form in _FORMS:
        found = form.match(line, start)
        if found is not None:
            client = found["client"] or ""
            return Http("server", found["method"], found["path"], int(found["status"]), client=client)
    found = _TOLD.match(line, start)
    if found is None:
        return None
    asker = _ASKER.search(line, found.end("status"))
    client = found["client"] or (asker[1] if asker is not None else _asker(members))
    return Http(side, found["method"], found["path"], int(found["status"]), client=client)


def _status(text: str) -> int:
    """Return a status as printed; hypercorn writes the name of one that an application gave so, up to Python 3.10."""
    if text == "[accepted]":
        return 101
    from http import HTTPStatus

    named = HTTPStatus.__members__.get(text.removeprefix("HTTPStatus."))
    return int(text) if text.isdigit() else int(named or 0)


def http_of_members(members: Mapping[str, object], side: Side, message: str = "") -> Http | None:
    """Return the request that a record's members tell of (Caddy, ECS, pino, Google's, access logs), None without one;
    the `message` may say what was asked for, where they tell the answer only."""
    below = members.get("meta")  # express-winston
    members = below if isinstance(below, dict) and "req" in below else members
    request = members.get("request") or members.get("req") or members.get("httpRequest")
    line = _REQUEST_LINE.match(request) if isinstance(request, str) else None
    if line is not None:  # nginx: "request": "POST /mcp HTTP/1.1"
        members = {"method": line["method"], "uri": line["path"], **members}
    inner: Mapping[str, object] = members
    if isinstance(request, dict) and _first(request, _METHOD):
        inner = request
    answer = members.get("res") if request else None
    told: Mapping[str, object] = answer if isinstance(answer, dict) else members
    method, path = _first(inner, _METHOD), _HOST.sub("", _first(inner, _PATH))
    status = _first(told, _STATUS) or _first(inner, _STATUS)
    said = None if method or path else _SAID.fullmatch(message)
    if said is not None:
        method, path = said["method"], said["path"]
    if not method or not path or not status.isdigit():
        return None
    return Http(side, method, path, int(status), client=_asker(inner))


def _asker(members: Mapping[str, object]) -> str:
    """Return who asked, as members tell."""
    peer, port = _first(members, _PEER), _first(members, _PORT)
    return f"{peer}:{port}" if peer and port else peer


def told_twice(lines: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether all who write records of requests write a server's access lines as well; each line, without colours, with
    its writer."""
    records = {(writer, line) for writer, line in lines if _is_record(line)}
    if not records:
        return False
    serving = {told[0] for told in lines if told not in records and _ACCESS_LINE.search(told[1])}
    return serving.issuperset(writer for writer, _ in records)


def _is_record(line: bytes) -> bool:
    """Whether a line tells of a request as a middleware does: by members, or in words."""
    if b"tatus" in line and STATUS_MEMBER.search(line):
        return METHOD_MEMBER.search(line) is not None and not names_protocol(line)
    return b" /" in line and TOLD_LINE.search(line) is not None


def names_protocol(line: bytes) -> bool:
    """Whether a record tells the request's protocol, as Caddy's and nginx's do: it is its server's own."""
    return b"HTTP/" in line and _PROTOCOL.search(line) is not None


def _first(members: Mapping[str, object], names: Sequence[str]) -> str:
    """Return the first of some members that is a text or a number, empty without one."""
    values = (members.get(name) for name in names)
    return next((str(value) for value in values if isinstance(value, int | str) and value != ""), "")


COLOURS = rb"(?>[^\s\"]{0,6}?\[[\d;]*+m)*"
"""With ESC, without it, or with what is shown or escaped for it."""
_IS = rb'(?:\\{0,3}": ?\\{0,3}"?|' + COLOURS + rb'="?' + COLOURS + rb")"
"""Between a member's name and its value: in JSON, in logfmt, as structlog's console writes it."""
STATUS_MEMBER = lazy(rb"tatus(?:_?[Cc]ode)?" + _IS + rb"[1-5]\d\d\b[^\n]*")
METHOD_MEMBER = lazy(
    rb"[mM]ethod"
    + _IS
    + rb"[A-Z]{3,10}\b|(?:msg|message|event)"
    + _IS
    + _ASKED_FOR.encode()
    + rb"\\{0,3}[\"']"
)
TOLD_LINE = lazy(
    rb"(?m) /(?<=[A-Z]{3} /)\S* "
    + _LINK.encode()
    + COLOURS
    + rb"[1-5]\d\d"
    + COLOURS
    + rb"(?: [(\[]?(?:in )?"
    + COLOURS
    + rb"\d+(?:\.\d+)? ?m?s\b(?! -)|\\{0,3}\"|\r?$|"
    + _TAIL.encode()
    + rb")"
)
"""A middleware's words; morgan's own forms are an access log's."""
_ACCESS_LINE = lazy(rb'"[A-Z]{3,10} /[^\s"]* HTTP/[\d.]+\\{0,3}" [1-5]\d\d\b')
_PROTOCOL = lazy(rb'(?:"proto\\?": ?\\?"|"[A-Z]{3,10} /[^\s"]* )HTTP/')
_REQUEST_LINE = lazy(r"(?P<method>[A-Z]{3,10}) (?P<path>\S+) HTTP/[\d.]+$")
_HOST = lazy(r"^https?://[^/?#]*(?=/)")
_METHOD = ("method", "http.request.method", "request_method", "requestMethod", "RequestMethod")
_PATH = ("uri", "path", "url", "url.path", "url.original", "request_uri", "requestUrl", "RequestPath")
_PEER = (
    "remote_ip",
    "client_ip",
    "remote_addr",
    "remoteAddress",
    "client",
    "client.ip",
    "source.ip",
    "ip",
    "clientIp",
    "remoteIp",
    "ClientHost",
)
_PORT = ("remote_port", "remotePort", "client.port", "source.port", "ClientPort")
_STATUS = (
    "status",
    "status_code",
    "http.response.status_code",
    "statusCode",
    "http_status",
    "code",
    "DownstreamStatus",
)
"""As Caddy, ECS, pino and Google's balancer name them; those with capitals are Traefik's."""
