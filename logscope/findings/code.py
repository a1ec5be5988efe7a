"""Where in the application's code: traceback frames and a rule's hints, mapped to files of a repository.

What cannot be mapped without doubt is shown as the log printed it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from logscope.findings.repository import Repository
from logscope.model import Frame
from logscope.neutral import one_line
from logscope.redact import redact
from logscope.report import CodeLocation
from logscope.rulebook.rule import Code

MAX_FRAMES = 5
"""Locations from tracebacks, most frequent first."""
MAX_PER_HINT = 3
CONTEXT_LINES = 3

Value = int | float | str | bool

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def locate(
    frames: Mapping[Frame, int], wanted: Iterable[Code], repository: Repository | None
) -> tuple[tuple[CodeLocation, ...], dict[str, Value]]:
    """Return where the failure passes through, and the values that rules ask for by the name texts use.

    `frames` counts how often each was printed. A value that the code does not say plainly, or says in two ways,
    is left out.
    """
    own = sorted(
        ((frame, hits) for frame, hits in frames.items() if frame.own),
        key=lambda pair: (-pair[1], pair[0].file, pair[0].line, pair[0].function),
    )
    locations = [_frame_location(frame, hits, repository) for frame, hits in own[:MAX_FRAMES]]
    values: dict[str, set[Value]] = {}
    for hint in wanted if repository else ():
        assert repository is not None
        for location, value in _hint_locations(hint, repository):
            if not any((known.file, known.symbol) == (location.file, location.symbol) for known in locations):
                locations.append(location)
            if value is not None and hint.value:
                values.setdefault(hint.name or hint.value, set()).add(value)
    return tuple(locations), {name: found.pop() for name, found in values.items() if len(found) == 1}


def _frame_location(frame: Frame, hits: int, repository: Repository | None) -> CodeLocation:
    symbol = _clean(frame.function)
    file = repository.find(frame.file) if repository else None
    if repository is None or file is None:
        return CodeLocation(_clean(frame.file), frame.line, frame.line, symbol, "traceback", hits)
    text = repository.text(file)
    if text is None or not _still_there(repository, file, frame):
        # The code has changed since: its lines are no longer those of the log.
        url = repository.link(file, None, None)
        return CodeLocation(_clean(file), frame.line, frame.line, symbol, "traceback", hits, url)
    return CodeLocation(
        file=_clean(file),
        line=frame.line,
        last_line=frame.line,
        symbol=symbol,
        origin="traceback",
        hits=hits,
        url=repository.link(file, frame.line, frame.line),
        excerpt=repository.excerpt(file, frame.line - CONTEXT_LINES, frame.line + CONTEXT_LINES, frame.line),
    )


def _still_there(repository: Repository, file: str, frame: Frame) -> bool:
    text = repository.text(file) or ""
    if not 1 <= frame.line <= text.count("\n") + 1:
        return False
    tree = repository.tree(file)
    name = frame.function.rpartition(".")[2]
    if tree is None or not name.isidentifier():
        return True
    return any(
        isinstance(node, _Definition) and node.name == name and _holds(node, frame.line)
        for node in ast.walk(tree)
    )


def _holds(node: _Definition, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _hint_locations(hint: Code, repository: Repository) -> Iterator[tuple[CodeLocation, Value | None]]:
    """Yield the places a rule names, each with the value it asks for."""
    found = 0
    for file in repository.matching(hint.file):
        if found == MAX_PER_HINT:
            return
        if hint.symbol is None:
            found += 1
            value = _value_in(repository.tree(file), repository.tree(file), hint.value)
            yield (
                CodeLocation(_clean(file), None, None, "", "rule", 0, repository.link(file, None, None)),
                value,
            )
            continue
        node = _definition(repository.tree(file), hint.symbol)
        if node is None:
            continue
        found += 1
        first, last = node.lineno, node.end_lineno or node.lineno
        yield (
            CodeLocation(
                file=_clean(file),
                line=first,
                last_line=last,
                symbol=hint.symbol,
                origin="rule",
                url=repository.link(file, first, last),
                excerpt=repository.excerpt(file, first, min(last, first + 2 * CONTEXT_LINES), first),
            ),
            _value_in(node, repository.tree(file), hint.value),
        )


def _definition(tree: ast.Module | None, symbol: str) -> _Definition | None:
    """Return the first function, method or class with this name; `Class.method` names one inside the other."""
    node: ast.AST | None = tree
    for name in symbol.split("."):
        inside = ast.walk(node) if node is not None else iter(())
        named = (n for n in inside if isinstance(n, _Definition) and n.name == name and n is not node)
        node = min(named, key=lambda n: n.lineno, default=None)
    return node if isinstance(node, _Definition) else None


def _value_in(node: ast.AST | None, module: ast.Module | None, name: str | None) -> Value | None:
    """Return the first plain value that `name` gets: an assignment, a parameter's default or a keyword argument."""
    if node is None or module is None or name is None:
        return None
    given = sorted(_givings(node, name), key=lambda value: (value.lineno, value.col_offset))
    return next((value for expression in given if (value := _constant(expression, module)) is not None), None)


def _givings(node: ast.AST, name: str) -> Iterator[ast.expr]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.keyword) and inner.arg == name:
            yield inner.value
        elif isinstance(inner, ast.Assign | ast.AnnAssign) and inner.value is not None:
            if any(_named(target, name) for target in _targets(inner)):
                yield inner.value
        elif isinstance(inner, ast.arguments):
            plain = [*inner.posonlyargs, *inner.args]
            pairs = [*zip(reversed(plain), reversed(inner.defaults), strict=False)]
            pairs += [
                (a, d) for a, d in zip(inner.kwonlyargs, inner.kw_defaults, strict=True) if d is not None
            ]
            yield from (default for argument, default in pairs if argument.arg == name)


def _named(target: ast.expr, name: str) -> bool:
    return (isinstance(target, ast.Name) and target.id == name) or (
        isinstance(target, ast.Attribute) and target.attr == name
    )


def _constant(node: ast.expr, module: ast.Module, depth: int = 0) -> Value | None:
    """Return what an expression plainly is: a literal, a product or sum of numbers, a constant of the module."""
    if isinstance(node, ast.Constant):
        return _clean(node.value) if isinstance(node.value, str) else _number(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Add) and depth < 5:
        left, right = _constant(node.left, module, depth + 1), _constant(node.right, module, depth + 1)
        if isinstance(left, int | float) and isinstance(right, int | float):
            return left * right if isinstance(node.op, ast.Mult) else left + right
        return None
    if isinstance(node, ast.Name) and depth < 5:
        given = [
            statement.value
            for statement in module.body
            if isinstance(statement, ast.Assign | ast.AnnAssign)
            and statement.value is not None
            and any(_named(target, node.id) for target in _targets(statement))
        ]
        return _constant(given[0], module, depth + 1) if len(given) == 1 else None
    return None


def _number(value: object) -> Value | None:
    return value if isinstance(value, int | float) else None


def _targets(statement: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]


def _clean(text: str) -> str:
    return redact(one_line(text))
