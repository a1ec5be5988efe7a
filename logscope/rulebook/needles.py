"""From a condition to needles, sought by the prefilter: literals of which one stands in every line where it can hold.

JSON logs escape quotes, newlines and non-ASCII, docker escapes & < >, wrapping breaks lines at blanks: a needle is a
run of words free of all that. Where lines are wrapped inside a sentence, only its rarest word is sought.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from logscope.rulebook import beside
from logscope.rulebook.beside import GAP, UNSAFE, Node, escape
from logscope.rulebook.patterns import MAX_CHOICES, ZERO_WIDTH, literals, parse_pattern, sre
from logscope.rulebook.rule import Condition, HttpWhere
from logscope.rulebook.statuses import BLANK, status_patterns

MIN_LENGTH = 4
_PATTERN_WEIGHT = 14
_ENOUGH = 12
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
_ROW_BREAK = r"(?: |[^\n]*\n[^\n]* {4})"
"""The rest of a row, a collector's prefix, and the blanks before what goes on."""
_USUAL = re.compile(r"[1-3x]|401|404")
"""Statuses that healthy logs are full of; of others the path costs more to seek than it spares."""
_CODES = (*range(400, 432), 451, 460, 499, *range(500, 512), *range(520, 531), 598, 599)
_EVERYDAY = ("POST",)
"""Methods that stand in so many lines that a search which begins there costs more than what it spares."""


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
            return self.pattern.replace(BLANK, " ")
        return GAP.join(filter(None, (self.before, " ".join(map(escape, self.words)), self.behind)))

    def wrapped(self) -> str:
        """The pattern for lines that a handler wraps: the word that they hold most seldom, a whole one where others
        stand beside it."""
        if self.pattern:
            return self.pattern.replace(BLANK, _ROW_BREAK)
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
            ordinary = f"{BLANK}200" in needle.pattern or ":200" in needle.pattern
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
            if operator in ZERO_WIDTH:
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
    method = f"{escape(where.method[0])}{BLANK}[^ \\n]*" if rare else ""
    befores = [f"{method}{escape(path)}[^ \\n]*" for path in sorted(shortest)]
    return frozenset(
        Needle((), bool(paths), pattern)
        for code in codes
        for paths in (befores if _USUAL.match(code) else [],)
        for pattern in status_patterns(where.side, code, paths)
    )
