"""From a condition to needles, sought by the prefilter: literals of which one stands in every line where it can hold.

JSON logs escape quotes, newlines and non-ASCII, docker escapes & < >, wrapping breaks lines at blanks: a needle is a
run of words free of all that. Where lines are wrapped inside a sentence, only its rarest word is sought.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from http import HTTPStatus
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

from msgspec import Struct

from logscope.rulebook import beside
from logscope.rulebook.beside import GAP, UNSAFE, Node, escape
from logscope.rulebook.rule import Condition, HttpWhere

MIN_LENGTH = 4
_PATTERN_WEIGHT = 14
_ENOUGH = 12
_ZERO_WIDTH = (sre.AT, sre.ASSERT, sre.ASSERT_NOT)
MAX_CHOICES = 24
"""Literals that one run may branch into."""
_COMMON_WORDS = """
    a about address after agent all an and any api app application are args arguments as async at available be
    been before by call called calling can chat chunk class client clients code completion completions config
    connect connected connecting connection connections content context could data db debug def default delete
    do does done end endpoint event events execute executing false file files for from function get handler
    has have head header headers host html http https id if in index info init initialize initialized
    initializing input install installed invoking is it item items json key layer length level line lines list
    live llm load loaded loading localhost log logger logging logs main mcp message messages method minute
    minutes model models module name new no none null object of ok on openai options or org organization
    output page params parent parse part patch path pid pod port post process processing prompt prompts
    provider put query queue read ready received remote request requests resolved resource resources response
    restarting result results return returned role roots route run running sampling second seconds send sent
    server service session set source stage start started starting startup state status step stop stream
    streaming success system task tasks temperature test text thinking this thread time to token tokens tool
    tools top_p trace true try type up update url use used user users v1 value values version waiting was web
    websocket were when while will with worker write you your anthropic claude gpt python uvicorn gunicorn
    fastapi docker redis postgres agent_id client_id conversation_id correlation_id job_id request_id run_id
    session_id span_id task_id thread_id trace_id user_id retry retries retrying site-packages dist-packages
"""
COMMON = frozenset(
    part for word in _COMMON_WORDS.split() for part in (word, word[1:] if len(word) > MIN_LENGTH else word)
)
"""Words that healthy logs are full of, also without their first letter (`[Rr]equest`): a needle of
these alone would stop the scan at every line."""
_TRACE_WORDS = "error errors exception exceptions failed failure occurred previous raise raised receive"
_FRAME_MARKS = re.compile(r"(?<!\?)(?<!\?[aiLmsux]):|/")
"""In the line itself stands `", line 9, in ` before the function, and on Windows another mark between folders."""
_PARTS = re.compile(r"[^A-Za-z0-9_-]+")
_SOURCE_FILE = re.compile(r"/\w+\.[jpt][sy]$")
_FILE_WEIGHT = 8
"""It stands in tracebacks only, of whatever words its path is made: at least so many letters."""
_NAMED = re.compile(r"[a-z]:$")
"""An exception's class: records may tell its message in another member, and before it."""
_SHORT = re.compile(r"[A-Za-z]{1,3}")
_WORD_END = re.compile(r"\w$", re.ASCII)
_BLANK = "\u2420"
"""In a ready pattern: a blank, at which a handler may break the row."""
_ROW_BREAK = r"(?: |[^\n]*\n[^\n]* {4})"
"""The rest of a row, a collector's prefix, and the blanks before what goes on."""
_USUAL = re.compile(r"[1-3x]|401|404")
"""Statuses that healthy logs are full of; of others the path costs more to seek than it spares."""


class Needle(Struct, frozen=True, order=True):
    """What the prefilter searches: a run of words, or a ready pattern (`pattern`) for HTTP status positions.

    `before`, `behind`: patterns of what stands beside a run on its line, where that alone would tell too little.
    """

    words: tuple[str, ...]
    ignore_case: bool = False
    pattern: str = ""
    before: str = ""
    behind: str = ""

    def sought(self, wrapped: bool) -> str:
        """The pattern for lines as they are, or as a handler wraps them."""
        return self.wrapped() if wrapped else self.flat()

    def flat(self) -> str:
        """The pattern for lines as they are."""
        if self.pattern:
            return self.pattern.replace(_BLANK, " ")
        return GAP.join(filter(None, (self.before, " ".join(map(escape, self.words)), self.behind)))

    def wrapped(self) -> str:
        """The pattern for lines that a handler wraps: the word that they hold most seldom, a whole one where others
        stand beside it."""
        if self.pattern:
            return self.pattern.replace(_BLANK, _ROW_BREAK)
        rarest = self._rarest()
        word = self.words[rarest]
        begin = r"\s" if rarest > 0 else ""
        end = r"\b" if rarest < len(self.words) - 1 and _WORD_END.search(word) else ""
        return f"{begin}{escape(word)}{end}"

    def others(self) -> tuple[str, ...]:
        """The words that the wrapped pattern leaves out."""
        rarest = self._rarest() if self.words else 0
        return self.words[:rarest] + self.words[rarest + 1 :]

    def _rarest(self) -> int:
        return max(range(len(self.words)), key=self._weight)

    def _weight(self, at: int) -> tuple[int, int, bool, int, bool]:
        """How seldom healthy rows hold a word: they are full of `not`, and of dashes."""
        word = self.words[at]
        told = (0, 0) if _SHORT.fullmatch(word) else (TRACES.letters(word), SPARING.letters(word))
        return *told, any(map(str.isalnum, word)), len(word), at > 0


Needles = frozenset[Needle]


class NeedleFinder:
    """Derives needles. `common` are words that do not count: those of healthy logs, or none where only a few bytes
    around a hit are searched; `sharp`: what tells little is sought with what stands beside it."""

    def __init__(
        self, common: frozenset[str] = COMMON, shortest: int = MIN_LENGTH, *, sharp: bool = False
    ) -> None:
        self._common = common
        self._shortest = shortest
        self._plain = NeedleFinder(common, shortest) if sharp else self
        self._of_regex: dict[str, Needles | None] = {}  # rules are checked, indexed and tested with the same

    def condition(self, condition: Condition) -> Needles | None:
        """Return needles of which one must occur wherever the condition holds; None when there are none of use."""
        found = [needles for needles in self._parts(condition) if needles]
        return max(found, key=self._selectivity, default=None)

    def letters(self, word: str) -> int:
        """The letters of a word's uncommon parts, none where they are too few to be sought."""
        found = sum(len(part) for part in _PARTS.split(word) if part.lower() not in self._common)
        return found if found >= self._shortest - 1 else 0

    def weigh(self, words: Iterable[str]) -> int:
        """The letters of a run's uncommon words, and two for each further word."""
        words = tuple(words)
        parts = [part for word in words for part in _PARTS.split(word)]
        found = sum(len(part) for part in parts if part.lower() not in self._common) + 2 * (len(parts) - 1)
        return max(found, _FILE_WEIGHT) if any(map(_SOURCE_FILE.search, words)) else found

    def _selectivity(self, needles: Needles) -> tuple[int, int]:
        return min(self._weight(needle) for needle in needles), -len(needles)

    def _weight(self, needle: Needle) -> int:
        if needle.pattern:
            ordinary = f"{_BLANK}200" in needle.pattern or ":200" in needle.pattern
            return 1 if ordinary else _PATTERN_WEIGHT
        return self.weigh(needle.words)

    def _parts(self, condition: Condition) -> Iterator[Needles | None]:
        if condition.text:
            yield _union(self.text(text) for text in condition.text)
        if condition.regex:
            yield _union(self.regex(pattern) for pattern in condition.regex)
        for names in (condition.exception, condition.leaf):
            if names:
                yield _union(self.text(name.rpartition(".")[2]) for name in names)
        if condition.frame:
            # a frame's `file:function`, of which languages print either first
            yield _union(self._plain.regex(_FRAME_MARKS.sub(r"\\W", text)) for text in condition.frame)
        if condition.http is not None and condition.http.status:
            yield http_needles(condition.http)
            yield self.regex(condition.http.path or "")
        if condition.fields:
            yield from (self.regex(pattern) for pattern in condition.fields.values())
        if condition.any:
            yield _union(self.condition(part) for part in condition.any)
        yield from (self.condition(part) for part in condition.all)

    def text(self, text: str, ignore_case: bool = False) -> Needles | None:
        """Return the longest run of words of a literal that no log format escapes."""
        runs = [tuple(run.split()) for run in UNSAFE.split(text)]
        best = max((self._best_run(run) for run in runs if run), key=self.weigh, default=())
        if not best or self.weigh(best) < self._shortest:
            return None
        return frozenset([Needle(best, ignore_case)])

    def _best_run(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The best few words in a row; more only where three select too little."""
        for size in (3, 6):
            runs = [words[at : at + size] for at in range(max(len(words) - size, 0) + 1)]
            best = max(runs, key=self.weigh)
            if self.weigh(best) >= _ENOUGH:
                break
        return best

    def regex(self, pattern: str) -> Needles | None:
        """Return needles of a regular expression, None when it holds no literal of use. re.error when it is none."""
        if pattern not in self._of_regex:
            tree = parse_pattern(pattern)
            finder = self._plain if tree.state.flags & re.DOTALL else self
            self._of_regex[pattern] = finder._tree(tree, bool(tree.state.flags & re.IGNORECASE))
        return self._of_regex[pattern]

    def _tree(self, tree: Sequence[tuple[Any, Any]], ignore_case: bool) -> Needles | None:
        """Walk one concatenation: literals, and short choices between literals, gather into runs; all else ends a
        run or offers its own needles."""
        offers: list[tuple[Needles | None, int, int]] = []
        runs, begin = [""], 0
        for at, (operator, argument) in enumerate([*tree, (None, None)]):
            if operator in _ZERO_WIDTH:
                continue
            step = literals(operator, argument)
            if step and len(runs) * len(step) <= MAX_CHOICES:
                runs = [run + part for run in runs for part in step]
                continue
            offers.append((_union(self.text(run, ignore_case) for run in runs), begin, at))
            runs, begin = [""], at + 1
            offers.append((self._inner(operator, argument, ignore_case), at, at + 1))
        known = [(offer, first, last) for offer, first, last in offers if offer]
        if not known:
            return None
        best, first, last = max(known, key=lambda offer: self._selectivity(offer[0]))
        return best if self._plain is self else self._sharpened(best, tree[:first], tree[last:])

    def _sharpened(self, needles: Needles, nodes: Sequence[Node], following: Sequence[Node]) -> Needles:
        """Of needles that tell little, those with what stands beside them on their line."""
        weak = [n for n in needles if self._weight(n) < _ENOUGH and not (n.pattern or n.before or n.behind)]
        if not weak:
            return needles
        before, behind = beside.before(nodes), beside.behind(following)
        return needles.difference(weak) | {
            Needle(n.words, n.ignore_case, before=before, behind="" if _NAMED.search(n.words[-1]) else behind)
            for n in weak
        }

    def _inner(self, operator: Any, argument: Any, ignore_case: bool) -> Needles | None:
        """Needles of a compound node."""
        if operator is sre.SUBPATTERN:
            _, add, _, tree = argument
            return self._tree(tree, ignore_case or bool(add & re.IGNORECASE))
        if operator is sre.BRANCH:
            return _union(self._tree(branch, ignore_case) for branch in argument[1])
        if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            low, _, tree = argument
            return self._tree(tree, ignore_case) if low >= 1 else None
        if operator is sre.ATOMIC_GROUP:
            return self._tree(argument, ignore_case)
        return None


SPARING = NeedleFinder(sharp=True)
"""For the scan of everything."""
TRACES = NeedleFinder(COMMON | frozenset(_TRACE_WORDS.split()))
"""The same, where words that tracebacks are full of do not count either."""
GENEROUS = NeedleFinder(frozenset())
"""For the few bytes around a hit."""
_PATHS = NeedleFinder(frozenset(), shortest=3)
"""For what stands in a request's path, sought together with its status."""


def _union(parts: Iterable[Needles | None]) -> Needles | None:
    result: set[Needle] = set()
    for part in parts:
        if part is None:
            return None
        result |= part
    return frozenset(result)


_NAMES = {str(status.value): status.name for status in HTTPStatus}
_CODES = (*range(400, 432), 451, 460, 499, *range(500, 512), *range(520, 531), 598, 599)
_EVERYDAY = ("GET", "POST")
"""Methods that stand in so many lines that a search which begins there costs more than what it spares."""
_QUOTES = (r'\\{0,3}"',)
_SERVED = (r"HTTP/1\.1", r"HTTP/1\.0", r"HTTP/2\.0", r"1\.1", "2")
"""Protocols as servers print them; hypercorn leaves the name out."""
_ASKED = (r"HTTP/1\.1", r"HTTP/1\.0", "HTTP/2")
_MEMBERS = (
    *(
        f"{name}{quote}:{blank}"
        for name in ("status", "status_code", "statusCode", "DownstreamStatus")
        for quote in _QUOTES
        for blank in ("", " ")
    ),
    *(f"status{quote}:{blank}{quote}" for quote in _QUOTES for blank in ("", " ")),
    "status=",
    "status_code=",
)
_TOOK = r" (?:(?:\d{1,9}|-) - \d{1,7}\.|\[\d{1,6}\.\d{1,6}, |[(\[]?(?:in )?\d{1,7}(?:\.\d{1,6})? ?m?s\b)"
_PAIRS = r" (?:[a-z][a-z0-9_.]{1,20}=|\([A-Za-z_/]{3,40}\))"
_UNQUOTED = rf'(?:{_TOOK}|{_PAIRS}|\\{{0,3}}"|\r?\n)'
"""Behind a status that no quote stands before: morgan's, channels', and what middlewares write in words."""
_ARROW = r"(?: [\-=]?>| →| [|:\-]| (?:complet|finish|respond|serv)ed(?: with)?)?(?: status(?: code)?:?)?"
"""And what may stand before that."""
_OWN = (
    "HTTP/1\\.1 ",
    *(rf"HTTP/1\.1{quote} {mark} " for quote in (*_QUOTES, "") for mark in (r"\|", "-")),
)
"""Before one in formats of the user's own, as uvicorn's are given: between bars or dashes, quoted or not."""
_AHEAD = ((r"\| ", r" \|"), (r"/\+?\d{1,9} ", r" \+?\d{1,12} "))
"""Around one that stands before the request, as gin and haproxy print it."""
_QUART = r" 1\.1"
"""Before one: hypercorn's protocol, as Quart has it."""


def http_needles(where: HttpWhere) -> Needles:
    """Return patterns for a status in HTTP position: behind the request, behind the protocol, or as a member of a
    record. In those of statuses that ordinary traffic is full of stands the path that is asked for, behind
    the method where there is but one, and a rare one."""
    codes: set[str] = set()
    for code in where.status:
        text = str(code).lower()
        codes |= {str(n) for n in _CODES if re.fullmatch(text.replace("x", "."), str(n))} or {text}
    needles = _PATHS.regex(where.path) if where.path else None
    paths = {" ".join(needle.words) for needle in needles or ()}
    shortest = [path for path in paths if not any(other != path and other in path for other in paths)]
    rare = len(where.method) == 1 and where.method[0] not in _EVERYDAY
    method = f"{escape(where.method[0])}{_BLANK}[^ \\n]*" if rare else ""
    befores = [f"{method}{escape(path)}[^ \\n]*" for path in sorted(shortest)]
    return frozenset(
        Needle((), bool(paths), pattern)
        for code in codes
        for paths in (befores if _USUAL.match(code) else [],)
        for pattern in _status_patterns(where.side, code, paths)
    )


def _status_patterns(side: str | None, code: str, befores: list[str]) -> Iterator[str]:
    """Every way a status is printed; long literals, which cost nothing where they do not occur."""
    if side != "client":
        yield from (f"{member}{code}" for member in _MEMBERS)
        # hypercorn, up to Python 3.10
        named = [f'1\\.1"{_BLANK}HTTPStatus\\.{_NAMES[code]}\\b'] if code in _NAMES else []
        own = [f"{_BLANK if befores else ''}{begin}{code}" for begin in _OWN]
        if befores:
            quoted = [f"{_BLANK}{protocol}{quote}" for protocol in _SERVED for quote in _QUOTES]
            ends = [f"{end}{_BLANK}{code}" for end in (*quoted, *_QUOTES, _QUART)]
            yield from _behind(befores, [*named, *ends, *own, f"{_ARROW} {code}{_UNQUOTED}"])
            ahead = "|".join(f"{ahead}{code}{end}" for ahead, end in _AHEAD)
            yield from (f"(?:{ahead})[^\\n]*{before}" for before in befores)
        else:
            yield f'"{_BLANK}{code}'
            yield from (ahead + code + end for ahead, end in _AHEAD)
            yield from (f" {code}{_UNQUOTED}", f"{_QUART} {code} ", *named, *own)
            yield from [f"[ :]{code} [A-Z]{{3,7}} /"] * (code >= "5")  # Tornado's
    if side != "server":
        asked = [f"{protocol}{_BLANK}{code}" for protocol in _ASKED]
        yield from _behind(befores, [rf'{_BLANK}\\?"{end}' for end in asked]) if befores else asked


def _behind(befores: Sequence[str], ends: Sequence[str]) -> Iterator[str]:
    """One pattern a path: several that begin alike would be begun several times wherever it stands."""
    yield from (f"{before}(?:{'|'.join(ends)})" for before in befores)


@lru_cache(maxsize=8192)
def parse_pattern(pattern: str) -> Any:
    """Return the parsed tree of a regular expression; re.error when it is none."""
    return sre_parser.parse(pattern)


def literals(operator: Any, argument: Any) -> list[str] | None:
    """The few strings a node stands for: itself, one blank for white space, the choices of a group of literals."""
    if operator is sre.LITERAL:
        return [chr(argument)]
    if operator is sre.IN:
        if argument == [(sre.CATEGORY, sre.CATEGORY_SPACE)]:
            return [" "]
        letters = [chr(value) for kind, value in argument if kind is sre.LITERAL]
        return letters if len(letters) == len(argument) <= 3 else None
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        low, high, tree = argument
        inner = _sequences(tree)
        if inner == [" "] and tree[0][0] is not sre.LITERAL:  # `\s+`: one blank, or where a handler wraps
            return inner if low else [" ", ""]
        return [*inner, ""] if inner and (low, high) == (0, 1) else None
    if operator is sre.SUBPATTERN:
        _, add, _, tree = argument
        return None if add & re.IGNORECASE else _sequences(tree)
    if operator is sre.BRANCH:
        choices = [_sequences(branch) for branch in argument[1]]
        found = [part for choice in choices for part in choice or ()]
        return found if all(choices) and len(found) <= MAX_CHOICES else None
    return None


def _sequences(tree: Iterable[tuple[Any, Any]]) -> list[str] | None:
    """The few strings that a concatenation of such nodes stands for."""
    result = [""]
    for operator, argument in tree:
        step = [""] if operator in _ZERO_WIDTH else literals(operator, argument)
        if not step or len(result) * len(step) > MAX_CHOICES:
            return None
        result = [start + part for start in result for part in step]
    return result


__all__ = ["COMMON", "GENEROUS", "SPARING", "Needle", "NeedleFinder", "http_needles", "parse_pattern", "sre"]
