"""Conditions as functions of an event: what a rule's detect says, compiled once and asked of every candidate."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from logscope.match.patterns import Match, Pattern, pattern
from logscope.match.quoted.event import is_quotation, is_quoted
from logscope.rulebook.rule import Condition, HttpWhere, Where

if TYPE_CHECKING:
    from logscope.events import Event

DEFAULT_LEVELS = frozenset(("critical", "error", "warning", ""))
_MOST_QUOTES = 20
"""Quotes of one failure that are passed over in an event; one that quotes it more often only speaks of it."""

_LOGIN = re.compile(r"[^\s/\"'<>]{1,400}@([\w.:-]+)")
"""Who logs in, with a password, and where: `ada:…@db:5432`."""

Filled = dict[str, str]
"""Captures by name: a test that holds fills its own in."""
Found = frozenset[int] | set[int] | None
"""Numbers of the needles that the prefilter found in the event; None when it was not asked."""
Test = Callable[["Event", Filled, Found], bool]
NeedlesOf = Callable[[str, str], "frozenset[int] | None"]
"""(key, value) to the needles of which the prefilter must have found one; None when it does not say."""


def _unknown(key: str, value: str) -> frozenset[int] | None:
    return None


def compile_condition(
    condition: Condition,
    default_level: bool = True,
    needles_of: NeedlesOf = _unknown,
    quoted: bool = False,
) -> Test:
    """Return the condition as a test that fills captures; TimeoutError when a pattern runs away.

    With `default_level`, parts without a `level` of their own hold only at warning, error, critical or without level.
    `needles_of` spares the search for patterns that the prefilter has ruled out. With `quoted`, also what is only
    quoted counts.
    """

    own = _own_tests(condition, needles_of, quoted)
    where = condition.where
    guarded = default_level and condition.http is None and not (where and where.level)
    tests: list[Test] = [_level_test(DEFAULT_LEVELS)] if guarded and own else []
    if where is not None:
        tests += _where_tests(where)
    if condition.http is not None:
        tests.append(_http_test(condition.http))
    tests += own
    inherit = guarded and not own
    if condition.all:
        # what goes with a failure that is told may stand in its own words
        told = quoted or bool(condition.text or condition.regex)
        tests += [compile_condition(part, inherit, needles_of, told) for part in condition.all]
    if condition.any:
        parts = [compile_condition(part, inherit, needles_of, quoted) for part in condition.any]
        tests.append(_any_test(parts))
    if condition.none:
        tests.append(_none_test([compile_condition(part, False, quoted=True) for part in condition.none]))
    if own and not quoted:
        tests.append(lambda event, captures, found: not is_quotation(event))
    elif condition.http is not None and not quoted:
        tests.append(lambda event, captures, found: not event.quoted)
    return _all_test(tests)


def _own_tests(condition: Condition, needles_of: NeedlesOf, quoted: bool) -> list[Test]:
    """What the condition says of the event's text and traceback, the cheap ones first."""

    def sift(key: str) -> list[tuple[str, frozenset[int] | None]]:
        return [(value, needles_of(key, value)) for value in getattr(condition, key)]

    tests: list[Test] = []
    if condition.text:
        tests.append(_text_test(sift("text"), quoted))
    if condition.exception:
        tests.append(_exception_test(condition.exception, leaf=False))
    if condition.leaf:
        tests.append(_exception_test(condition.leaf, leaf=True))
    if condition.frame:
        tests.append(_frame_test(condition.frame))
    if condition.regex:
        tests.append(_regex_test(sift("regex"), quoted))
    if condition.fields:
        tests.append(_fields_test(condition.fields))
    return tests


def _all_test(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(event: Event, captures: Filled, found: Found) -> bool:
        for part in tests:  # noqa: SIM110 - this loop is hot
            if not part(event, captures, found):
                return False
        return True

    return test


def _any_test(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(event: Event, captures: Filled, found: Found) -> bool:
        for part in tests:
            own: Filled = {}
            if part(event, own, found):
                captures.update(own)
                return True
        return False

    return test


def _none_test(tests: list[Test]) -> Test:
    return lambda event, captures, found: not any(part(event, {}, None) for part in tests)


def _level_test(levels: frozenset[str]) -> Test:
    return lambda event, captures, found: event.level in levels


def _where_tests(where: Where) -> list[Test]:
    tests: list[Test] = []
    if where.level and "any" not in where.level:
        tests.append(_level_test(frozenset("" if level == "none" else level for level in where.level)))
    if where.logger:
        loggers = [pattern(text) for text in where.logger]
        tests.append(lambda event, captures, found: any(p.search(event.logger) for p in loggers))
    return tests


def _text_test(literals: list[tuple[str, frozenset[int] | None]], quoted: bool) -> Test:
    """Literals as they are, and with any white space between their words (wrapped lines)."""
    sifted = [(text, _loose(text), needles) for text, needles in literals]

    def test(event: Event, captures: Filled, found: Found) -> bool:
        searched = event.search_text
        for text, loose, needles in sifted:
            if found is not None and needles is not None and needles.isdisjoint(found):
                continue
            if not (text in searched or (loose and pattern(loose).search(searched))):
                continue
            if quoted or _search(pattern(loose or re.escape(text)), event) is not None:
                return True
        return False

    return test


def _loose(literal: str) -> str:
    words = literal.split()
    return r"\s+".join(re.escape(word) for word in words) if len(words) > 1 else ""


def _regex_test(texts: list[tuple[str, frozenset[int] | None]], quoted: bool) -> Test:
    def test(event: Event, captures: Filled, found: Found) -> bool:
        for text, needles in texts:
            if found is not None and needles is not None and needles.isdisjoint(found):
                continue
            match = pattern(text).search(event.search_text) if quoted else _search(pattern(text), event)
            if match is not None:
                captures.update(_captured(match))
                return True
        return False

    return test


def _captured(match: Match) -> Filled:
    """What a pattern has captured; behind an address's `//` it is the host, never who logs in there and how."""
    captured = {name: value for name, value in match.groupdict().items() if value is not None}
    for name in captured:
        start = match.start(name)
        if match.string[start - 2 : start] == "//":
            login = _LOGIN.match(match.string, start)
            captured[name] = login[1] if login else captured[name]
    return captured


def _search(sought: Pattern, event: Event) -> Match | None:
    """Return the first place where a pattern is found and not only quoted."""
    searched, place = event.search_text, 0
    for _ in range(_MOST_QUOTES):
        match = sought.search(searched, place)
        if match is None or not is_quoted(event, *match.span()):
            return match
        place = max(match.end(), place + 1)
    return None


def _exception_test(names: tuple[str, ...], leaf: bool) -> Test:
    """Classes, by the last part of their names, of any exception in the event, or of the `leaf`."""
    wanted = frozenset(name.rpartition(".")[2] for name in names)

    def test(event: Event, captures: Filled, found: Found) -> bool:
        info = event.exception
        if info is None:
            return False
        kinds = (info.type,) if leaf else (kind for kind, _ in info.chain)
        return any(kind.rpartition(".")[2] in wanted for kind in kinds)

    return test


def _frame_test(texts: tuple[str, ...]) -> Test:
    def test(event: Event, captures: Filled, found: Found) -> bool:
        info = event.exception
        if info is None:
            return False
        # a pattern's `/` stands for Windows' folders as well
        places = [f"{frame.file}:{frame.function}".replace("\\", "/") for frame in info.frames]
        return any(pattern(text).search(place) for text in texts for place in places)

    return test


def _fields_test(fields: dict[str, str]) -> Test:
    def test(event: Event, captures: Filled, found: Found) -> bool:
        for name, text in fields.items():
            value: Any = event.fields.get(name)
            match = None if value is None else pattern(text).search(str(value))
            if match is None:
                return False
            captures.update(_captured(match))
        return True

    return test


def _http_test(where: HttpWhere) -> Test:
    statuses: set[int] = set()
    for code in where.status:
        text = str(code).lower()
        statuses |= {
            n for n in range(100, 600) if all(a in ("x", b) for a, b in zip(text, str(n), strict=False))
        }
    methods = frozenset(method.upper() for method in where.method)

    def test(event: Event, captures: Filled, found: Found) -> bool:
        http = event.http
        if http is None or (statuses and http.status not in statuses):
            return False
        if where.side is not None and http.side != where.side:
            return False
        if methods and http.method not in methods:
            return False
        for text, value in ((where.host, http.host), (where.path, http.path), (where.client, http.client)):
            if text is None:
                continue
            match = pattern(text).search(value)
            if match is None:
                return False
            captures.update(_captured(match))
        return True

    return test
