"""What the scan looks for: every rule's conditions as slots, and the needles that point at them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from logscope.rulebook.needles import GENEROUS, SPARING, Needle, http_needles
from logscope.rulebook.parts import parts_of
from logscope.rulebook.rule import Condition, HttpWhere, Rule
from logscope.rulebook.vocabulary import vocabulary

ERRORS = -1
"""Watcher of needles for error events: what no rule matches is reported as unexplained."""
SERVER_ERRORS = -2
"""Watcher of needles for 5xx answers, which are counted."""
_BEGIN = r'(?:^\s*|[|FPZ\]] +|\]: ?|\[[\d;]*m *|\t|"(?:log|MESSAGE)": ?")'
"""Where a record begins, also behind what collectors put before it."""
_BEGIN_AT = r'(?:^|[|FPZ\]:] |\[0m|": ?"|\t)'
"""The same for what holds no literal: every byte goes through it, and any repetition here halves the speed."""
_BAD_WORD = r'\\?":\s?\\?"(?i:error|critical|fatal|alert|emergency)'
_ERROR_NEEDLES = (
    r"(?:\b|\\t)ERROR\b",  # also behind a tab in a JSON string
    r"(?:\b|\\t)CRITICAL\b",
    r"(?:\b|\\t)FATAL\b",
    r"\bSEVERE\b",
    r"Traceback \(most recent call last\)",
    r"Exception Group Traceback",
    r'\A(?:[ \t|][^\n]*\n){0,3}[ \t|]*File "[^"\n]+", line \d+, in ',  # a traceback whose header is missing
    r"exception was never retrieved",  # asyncio
    r'Exception in thread "',  # Java
    r"Unhandled exception\. [A-Z]",  # .NET
    rf"(?i:(?:level|severity)(?:_?(?:name|text|string|str|level))?){_BAD_WORD}",
    rf"(?i:lvl|sev|priority|@l|status){_BAD_WORD}",  # hyperscan overlooks the shortest beside the long ones
    r'PRIORITY\\?":\s?\\?"?[0-3]\b',  # journald
    r'\b(?:exc_type|error\.type|error\.stack_trace)\\?":',  # structlog, ECS
    r'(?:[lL]evel(?:no)?|[sS]everity|lvl|sev|priority)\\?":\s?\\?"?(?:[456]0|[456]00|550)\b',  # bunyan, Monolog
    r"\b(?:error|fail|crit|critical|fatal): ",  # winston, .NET
    r"\b(?:ERRO|EROR|CRIT|CRITI|CRITICA|FATA)\b",  # logrus, log15, and cut ones
    r"\b(?:ERR|FTL|CRT|PNC)\b",  # zerolog, Serilog
    r":(?:error|crit|alert|emerg)\]",  # httpd
    r'"s\\?":\s?\\?"[EF]"',  # MongoDB
    rf"(?:{_BEGIN}|\d )(?:[EC]|error|critical|fatal) {{1,5}}[a-z_\d\[(<]",
    r"[ \[](?:Error|Fatal)\]| [EC]\]",  # Serilog
    r"\[(?:Error|Fatal) \d",
    rf"{_BEGIN}\[[EC] \d",  # tornado
    r"\[[EF]:onnxruntime:",
    rf"{_BEGIN}[EC]: +[a-z_]",
    rf"{_BEGIN}[EC] \| ",
    rf"{_BEGIN}error - ",  # next
    r"\xe2\xa8\xaf",  # and its sign since
    r"(?:^|[\[(<{|~:/*#\-\"]|\dm) ?(?:[Ee]rror|[Cc]ritical|[Ff]atal) {0,5}(?:[\])>}|~/!*]|- )",
    r"(?:\dZ|[\])>|]) (?:[Ee]rror|[Cc]ritical|[Ff]atal) |  (?:Error|Critical|Fatal)  ",
    r"\b(?:[Ee]rror|[Cc]ritical|[Ff]atal) {1,5}[\[(<|]?(?:\d{4}[\-/]\d\d|\d\d:\d\d)",
    r"\[[EC]\]|\([EC]\)|<[EC]>|\| [EC] \|",
    r"(?:\t|\\t)(?:error|critical|fatal)(?:\t|\\t)",  # zap
    r"\blevel: '(?:error|critical|fatal|alert|crit|emerg)'",  # winston's prettyPrint
    r"[\x80-\xff]  (?:error|fatal)  ",  # signale
    rf"{_BEGIN_AT}[CEF]\d{{4}} \d\d:\d\d:\d\d",  # glog
    r"\[[CEF](?:\d{4} \d\d:\d\d:\d\d| [\w\-]{1,60}\.(?:cpp|cc|cu|hpp|cuh|h):\d)",  # PyTorch
    rf"{_BEGIN}(?:npm (?:ERR!|error)|ERR!) ",
    r"\b(?:Task timed out after \d|Runtime exited with error)",  # Lambda
    r'"error\\?":\s?\\?"[^"\\]',
    r'"type\\?":\s?\\?"error\\?",\s?\\?"error\\?":',  # what an LLM's API answers
    r"[\[#](?:error|critical|fatal|err|crit|alert|emerg) *\]",
    r"(?:\dZ?|[AP]M)[ \t]+(?:error|critical|fatal)(?: ?[A-Z\[:]| {2,9}[^ \n]|\t)",
    r"\d E: ",
    r"\d C: ",
    r" - E - ",
    r" - C - ",
    r"\b(?:level|lvl|severity)=[\"']?(?i:error|critical|fatal)",
    rf"{_BEGIN}(?:Uncaught )?[A-Za-z_.]*(?:Error|Exception): ",
    r": [A-Z]\w*Error: \S",  # behind the words that a program puts before an error and its stack
)
_NUMBER = re.compile(r"[0-9]{4,}")
_CHAIN = re.compile(r"(?=[\w.:-]*[0-9])[0-9A-Za-z]+(?:[-._:][0-9A-Za-z]+)*")
"""Words and chains of words with a digit."""
_ESCAPE = re.compile(r"\\+[A-Za-z]")
"""What stands for a class of letters, or a place, in a pattern: no letter of a word."""
_SERVER_ERROR = HttpWhere(status=("5xx",), side="server")


class Slot(Struct, frozen=True):
    """One condition of one rule that events are asked about."""

    rule: int
    role: str
    """As in `Part`."""
    condition: Condition
    lazy: bool = False
    own: bool = False
    """As in `Part`."""


class Index(Struct, frozen=True):
    """Needles with the slots that watch them: `watchers[i]` are those of needle i."""

    needles: tuple[Needle, ...]
    watchers: tuple[tuple[int, ...], ...]
    lazy: tuple[tuple[int, tuple[Needle, ...]], ...]
    """Needles of lazy slots and of `ends`, looked for only near a hit; keyed by slot, or by -1-rule for `ends`."""
    presence: tuple[tuple[str, Needle], ...]
    """Literals of which only the presence is noted, for checks, each with its needle."""
    words: frozenset[str]
    """Runs of letters and small numbers that conditions look for: a word without any of them is like any other such
    word."""
    numbers: tuple[str, ...]
    """Numbers of four digits and more that conditions name."""
    chains: tuple[str, ...]
    """Words and chains of words with a digit that conditions name."""
    pointed: dict[str, tuple[int, ...]]
    """By a condition's `text LITERAL` or `regex PATTERN`: the needles of which one is found wherever it holds."""


def slots_of(rules: Sequence[Rule]) -> tuple[Slot, ...]:
    """Return the slots of all rules, in order."""
    return tuple(
        Slot(number, part.role, part.condition, part.lazy, part.own)
        for number, rule in enumerate(rules)
        for part in parts_of(rule)
    )


def build_index(rules: Sequence[Rule], slots: Sequence[Slot]) -> Index:
    """Derive the needles of all slots."""
    watched: dict[Needle, set[int]] = {}
    lazy: dict[int, tuple[Needle, ...]] = {}
    for number, slot in enumerate(slots):
        finder = GENEROUS if slot.lazy else SPARING
        needles = frozenset() if slot.own else finder.condition(slot.condition) or frozenset()
        if slot.lazy:
            lazy[number] = tuple(sorted(needles))
            continue
        for needle in needles:
            watched.setdefault(needle, set()).add(number)
    for number, rule in enumerate(rules):
        if rule.detect.incident.ends is not None:
            needles = GENEROUS.condition(rule.detect.incident.ends) or frozenset()
            lazy[-1 - number] = tuple(sorted(needles))
    for text in _ERROR_NEEDLES:
        watched.setdefault(Needle((), False, text), set()).add(ERRORS)
    for needle in http_needles(_SERVER_ERROR):
        watched.setdefault(needle, set()).add(SERVER_ERRORS)
    ordered = sorted(watched)
    told = [str(slot.condition) for slot in slots]
    return Index(
        needles=tuple(ordered),
        watchers=tuple(tuple(sorted(watched[needle])) for needle in ordered),
        lazy=tuple(sorted(lazy.items())),
        presence=_presence(rules),
        words=vocabulary([slot.condition for slot in slots], rules),
        numbers=tuple(sorted({number for text in told for number in _NUMBER.findall(text)})),
        chains=chains_in(told),
        pointed=dict(_pointed(slots, {needle: number for number, needle in enumerate(ordered)})),
    )


def chains_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the words and chains of words with a digit that conditions, or their literals and patterns, name."""
    plain = (_ESCAPE.sub(" ", text).replace("\\", "") for text in texts)
    return tuple(sorted({chain for text in plain for chain in _CHAIN.findall(text)}))


def _pointed(slots: Sequence[Slot], numbers: Mapping[Needle, int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for condition in conditions_in([slot.condition for slot in slots]):
        asked = [(f"text {text}", SPARING.text(text)) for text in condition.text]
        asked += [(f"regex {text}", SPARING.regex(text)) for text in condition.regex]
        for key, needles in asked:
            if needles and needles <= numbers.keys():
                yield key, tuple(sorted(numbers[needle] for needle in needles))


def conditions_in(conditions: Sequence[Condition]) -> Iterator[Condition]:
    """Yield the conditions, and those of which one or all must hold within them."""
    for condition in conditions:
        yield condition
        yield from conditions_in((*condition.all, *condition.any))


def _presence(rules: Sequence[Rule]) -> tuple[tuple[str, Needle], ...]:
    literals = {
        text
        for rule in rules
        for check in rule.verify.checks
        if check.exercised_by
        for text in check.exercised_by.text
    }
    return presence_of(literals)


def presence_of(literals: Iterable[str]) -> tuple[tuple[str, Needle], ...]:
    """Return literals of which only the presence is noted, each with its needle, without those that have none: too
    short or too common."""
    found = [(text, GENEROUS.text(text)) for text in sorted(literals)]
    return tuple((text, min(needles)) for text, needles in found if needles)
