"""What a head shows in the logger's place: a name, or a thread, an id or a file instead of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from logscope.events.written.pieces import ID, SOURCE, WHOLE_ID
from logscope.lazily import lazy

_NEAR = lazy(
    rb"AnyIO [a-z]+ thread|(?<![\w.\-/:=@])(?!p\d+\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]{0,5}day)?\b"
    rb"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? \d"
    rb"|(?:Main|Spawn|Fork|Dummy|Pool|Thread|Process|asyncio_|AnyIO)\w*"
    rb"|(?i:line|pid|tid|process|thread)\]?[: ]\d|(?:[Tt]ask: *)?None\b|[Tt]ask: *Task-\d)"
    rb"([A-Za-z_][\w\-]*(?:\.(?!py\b)[\w\-]+)*)(?=[ \t\])}|:,;]|\[\d{1,8}\]|@\d|#[\w<]"
    rb"|(?<!module)(?<!lambda)(?<!expr)(?<!comp)(?<!\.py)>|\([\w<>]+:\d|\.<|/?$)(?!:(?!(?:\w+|<\w+>):\d)[^ \d])"
)
"""Loggers' names between a time and a level, where no format says what stands there."""
NO_LOGGER = lazy(
    rb"[\[(]?(?:(?:\d+[:/])?(?:Main|Spawn|Fork|Dummy)?(?:Process|Thread)(?:-[^.]*|/[\w \-]+)?"
    rb"|(?:Fork|Thread)Pool.*|asyncio_\d+|AnyIO .*|(?:http-)?nio-\d+-exec-\d+|(?:[a-z]+-|pool-\d+-)?thread-\d+"
    rb"|(?:scheduling|parallel|boundedElastic|virtual|reactor-[\w\-]+|executor-thread)-\d+|ForkJoinPool[\w.\-]*|qtp\d+-\d+|(?i:level)|Task-\d+|None|[\w.\-]+=\S*"
    rb"|[\w.\-]*@(?!\d+ *[\])]?$)[\w.\-]+"
    rb"|(?:\xf0\x9f[\x80-\xbf]{2}|\xe2[\x80-\xbf]{2})(?:\xef\xb8\x8f)?"
    rb"|<\w+>|(?:\w+|<\w+>)\(\d*\)|(?:[A-Za-z]+:\d+[/, ]*)+|(?i:pid|tid|process|thread)[ #]\d+"
    rb"|(?i:line:)?\d+(?:[:/]\d+)*|(?:\w+|<\w+>) \+\d+|[\w.\-/\\]+\.(?:"
    + SOURCE
    + rb")(?::\d+(?: (?:\w+|<\w+>))?)?) *[\])]?$|"
    + ID
    + rb"$"
)
"""What formatters show beside or instead of the logger."""
_TELLS_NOTHING = lazy(
    rb"[\[(< ]*(?:Task-\d+|None|(?:\d+[:/ ])?"
    rb"(?:(?>ThreadPoolExecutor-\d+_\d+|(?:Main|Spawn|Fork|Dummy)?(?:Process|Thread)(?:-[\d:]+(?: ?\([\w<>.]+\))?)?"
    rb"|(?:Fork)?PoolWorker-[\d:]+|asyncio_\d+|AnyIO [a-z]+ thread)[/: ]*+)+"
    rb"|(?i:level)|[\w.\-]+=\S*|[\w.\-]*@(?!\d+ *[\])]?$)[\w.\-]+"
    rb"|<?(?:module|lambda)>|[\d :/]++|(?:\w+|<\w+>)\(\d*\)|(?i:pid|tid|process|thread)[ #]\d+) *[\])>]?$"
)
"""In the place of a logger: what is the same in all programs, or another in each line."""
_WHERE = re.compile(
    r" *\{(?:\w+|<\w+>)(?::\d+)?\}$|"
    r"\.\w+\(\)$|@\d+$|#(?:\w+|<\w+>)$|(?:(?<!:)[:,](?:\w+|<\w+>)(?:\(\))?)?::?\d+(?: (?:\w+|<\w+>)(?:\(\))?)?$"
    r"|(?<=\.py)(?: \d+|:\d+\([\w:.<>]+\)|,line ?\d+(?:,\w+)?|\[(?i:line:)?(?: ?\d+)?\]?)$"
)
"""Function and line behind a logger's name."""
_CALLED = re.compile(
    r"(?:\S+\.__(?!main__)\w+__|(?:__main__|root)\.[a-z_]\w*|httpx2?\._send_single_request|werkzeug\._log"
    r"|tornado\.access\.log_request|asyncio\.(?:__init__|_run_once|default_exception_handler)"
    r"|uvicorn\.error\.(?:_?serve|startup|run_asgi)"
    r"|(?:(?:openai|anthropic)\._base_client|mcp\.server\.lowlevel\.server|mcp\.client\.(?:sse|streamable_http)"
    r"|urllib3\.connectionpool|sqlalchemy\.engine\.Engine|apscheduler\.scheduler|botocore\.credentials)\.\w+)$"
)
_OF_PYTHON = frozenset("asyncio httpx httpx2 root __main__".split())
"""Loggers without a dot, behind whose colon a function stands, and no namespace as npm's debug has them."""
_OF_CLASS = re.compile(r"\._*[A-Z]\w*[a-z]\w*(?:\(.*\))?$")
"""Loggers called like a class: dramatiq's threads, SQLAlchemy's engine."""
_CODE = re.compile(r"\.<\w+>(?::\d+)?\]?$")
"""Loggers that have none below them, and a module's own code."""
_SOME = 3
"""One in so many of the names must have dots."""
OWN = ("second", "logger", "logger2", "logger3", "named", "module")


def shown_logger(groups: Mapping[str, bytes | None]) -> bytes:
    """Return what stands in the place of the logger in a head, be it a thread or a file; empty without one."""
    shown = (name for key in OWN if (name := groups.get(key)))
    name = next((name for name in shown if not name.isdigit() and not WHOLE_ID.match(name)), b"")
    if name:
        return name
    found = _names_near(groups)
    return next((name for name in found if b"." in name), found[0] if found else b"")


def _names_near(groups: Mapping[str, bytes | None]) -> list[bytes]:
    near, behind = (groups.get("near") or b"").lstrip(b":"), groups.get("behind") or b""
    names: list[bytes] = _NEAR.findall(near + b" " + behind if near and behind else near)
    names = [name for name in names if name and not WHOLE_ID.match(name)]
    shown = sorted(names, key=lambda name: NO_LOGGER.match(name) is not None)
    return shown or [name for name in _NEAR.findall(behind) if name and not NO_LOGGER.match(name)]


def label_of(lines: Sequence[Mapping[str, bytes | None]]) -> bytes:
    """Return the word that all heads of a source show before their loggers' names, such as a host's, by what was
    captured of each; empty where there is none."""
    near = [_names_near(groups) for groups in lines]
    several = [names for names in near if len(names) > 1]
    dotted = sum(b"." in names[1] for names in several)
    words = {names[0] for names in several}
    loud = all(word.isupper() for word in words)  # no logger is called in capitals
    told = len(words) == 1 and len(several) == len(near) and (loud or dotted * _SOME >= len(near))
    return bytes(next(iter(words))) if told else b""


def own_logger(groups: Mapping[str, bytes | None]) -> bytes:
    """Return the logger that a head shows itself, empty without one."""
    name = shown_logger(groups)
    return b"" if all(NO_LOGGER.match(part.strip()) for part in name.split(b" - ")) else name


def shown_place(groups: Mapping[str, bytes | None]) -> bytes:
    """Return the file or process that a head shows instead of a logger; empty where it tells nothing."""
    parts = shown_logger(groups).split(b" - ")
    return b" - ".join(part for part in parts if not _TELLS_NOTHING.match(part))


def names_functions(names: Iterable[bytes]) -> bool:
    """Say whether the names of a source's records all end in the function that logged, and none in a class: every one
    has a point, also that of a logger below which there is none (`__main__.run`), or a module's own code
    (`app.<module>`) is one.
    """
    shown = {name.decode("utf-8", "replace") for name in names if name}
    whole = {logger_name(name) for name in shown if not _CODE.search(name)}
    told = any(_CODE.search(name) for name in shown) or any(_CALLED.match(name) for name in whole)
    return told and all("." in name and not _OF_CLASS.search(name) for name in whole)


def without_function(text: str) -> str:
    """Return a logger's name without the function that its formatter shows behind it."""
    return text.rpartition(".")[0] or text


def logger_name(text: str) -> str:
    """Return a logger's name as shown without brackets, function and line, and without the process beside it."""
    text = _bare(text)
    if " - " in text:
        parts = [part.strip() for part in text.split(" - ")]
        text = _bare(next((part for part in parts if not NO_LOGGER.match(part.encode())), parts[0]))
    text = _WHERE.sub("", text)
    before, _, after = text.rpartition(":")
    function = after.isidentifier() and ("." in before or before in _OF_PYTHON)
    text = _WHERE.sub("", before) if function else text
    return text.partition(".<")[0]


def _bare(text: str) -> str:
    """A name without brackets around it; those that it opens itself are its own, as in Tomcat's `[localhost].[/]`."""
    text = text.lstrip(" []()").rstrip(" [(")
    while text[-1:] in {"]", ")"} and text.count("[(["["])".index(text[-1])]) < text.count(text[-1]):
        text = text[:-1].rstrip(" [(")
    return text
