"""Where in the application's code: traceback frames and a rule's hints, mapped to files of a repository.

Files are only read, only below the repository's folder, and never run. What cannot be mapped without doubt is shown as
the log printed it.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlsplit

from msgspec import Struct

from logscope.lazily import lazy
from logscope.model import Frame
from logscope.neutral import neutralize, one_line
from logscope.redact import redact
from logscope.report import CodeLine, CodeLocation
from logscope.rulebook.rule import Code

MAX_FILES = 20_000
MAX_FILE_BYTES = 1_000_000
MAX_FRAMES = 5
"""Locations from tracebacks, most frequent first."""
MAX_PER_HINT = 3
CONTEXT_LINES = 3
MAX_EXCERPT_LINE = 400

Value = int | float | str | bool

_SKIPPED = frozenset(
    (".git", ".hg", ".venv", "venv", "node_modules", "site-packages", "__pycache__", ".tox", ".mypy_cache")
)
_GIT_SECONDS = 10
_REMOTE = lazy(
    r"(?:(?P<scheme>https?|ssh|git)://)?(?:[^@/]*@)?(?P<host>[\w.-]+)(?P<port>:\d+(?=/))?[:/](?P<path>.+)"
)
_FORGES = (
    (lazy(r"gitlab"), "{base}/-/blob/{commit}/{path}", "#L{first}-{last}"),
    (lazy(r"bitbucket\.org"), "{base}/src/{commit}/{path}", "#lines-{first}:{last}"),
    (lazy(r"gitea|forgejo|codeberg"), "{base}/src/commit/{commit}/{path}", "#L{first}-L{last}"),
    (lazy(r"github"), "{base}/blob/{commit}/{path}", "#L{first}-L{last}"),
)
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class _Forge(Struct, frozen=True):
    """How to write a link to a file at a commit."""

    page: str
    lines: str

    def link(self, path: str, first: int | None, last: int | None) -> str:
        page = self.page.replace("{path}", quote(path))
        return page + (self.lines.format(first=first, last=last or first) if first else "")


class Repository:
    """The files below one folder, listed once; files are read when first asked for."""

    def __init__(
        self, root: Path, files: Sequence[str], changed: frozenset[str], forge: _Forge | None
    ) -> None:
        self.root = root
        self.files = tuple(files)
        self._changed = changed
        self._forge = forge
        self._by_name: dict[str, list[str]] = {}
        for file in self.files:
            self._by_name.setdefault(PurePosixPath(file).name, []).append(file)
        self._texts: dict[str, str | None] = {}
        self._trees: dict[str, ast.Module | None] = {}

    @classmethod
    def open(cls, folder: Path) -> Repository:
        """Return the repository at `folder`: what git lists where it is a checkout, else all files."""
        root = folder.resolve()
        listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if listed is None:
            return cls(root, _walk(root), frozenset(), None)
        files = sorted(
            {file for file in listed.split("\0") if file and not _SKIPPED.intersection(file.split("/"))}
        )
        # Python first, where there are more files than are worth listing.
        files = sorted(files, key=lambda file: not file.endswith(".py"))[:MAX_FILES]
        changed = _git(root, "ls-files", "-z", "--modified", "--others", "--exclude-standard") or ""
        return cls(root, sorted(files), frozenset(changed.split("\0")), _forge(root))

    def find(self, file: str) -> str | None:
        """Return the path below the repository of a file as a traceback printed it; None when in doubt.

        A container's `/srv/app/core/x.py` is `app/core/x.py` or `core/x.py` here: the longest common tail wins.
        """
        parts = file.replace("\\", "/").split("/")
        wanted = [part for part in parts if part not in ("", ".")]
        if not wanted:
            return None
        best: list[tuple[tuple[int, bool], str]] = []
        for known in self._by_name.get(wanted[-1], ()):
            have = known.split("/")
            common = _common_tail(have, wanted)
            if common >= 2 or common in (len(have), len(wanted)):
                best.append(((common, common == len(have)), known))
        best.sort(reverse=True)
        if not best or (len(best) > 1 and best[0][0] == best[1][0]):
            return None
        return best[0][1]

    def matching(self, glob: str) -> list[str]:
        """Return the files that a glob names (`**` for any folders), tests and deep ones last."""
        pattern = _glob(glob)
        found = [file for file in self.files if pattern.fullmatch(file)]
        return sorted(found, key=lambda file: ("test" in file.lower(), file.count("/"), file))

    def text(self, file: str) -> str | None:
        """Return a file's text; None when it is outside, unreadable, too large or binary."""
        if file not in self._texts:
            self._texts[file] = _read(self.root, file)
        return self._texts[file]

    def tree(self, file: str) -> ast.Module | None:
        """Return a file's syntax tree; None when it is no Python that parses."""
        if file not in self._trees:
            text = self.text(file) if file.endswith(".py") else None
            self._trees[file] = _parse(text) if text is not None else None
        return self._trees[file]

    def link(self, file: str, first: int | None, last: int | None) -> str:
        """Return the address of the lines at the forge; empty when the file differs from the commit."""
        return "" if self._forge is None or file in self._changed else self._forge.link(file, first, last)

    def excerpt(self, file: str, first: int, last: int, current: int) -> tuple[CodeLine, ...]:
        """Return the lines from `first` to `last`, without secrets and control characters."""
        lines = redact(neutralize(self.text(file) or "")).split("\n")
        span = range(max(first, 1), min(last, len(lines)) + 1)
        return tuple(CodeLine(n, lines[n - 1][:MAX_EXCERPT_LINE], n == current) for n in span)


def find_repo(folder: Path) -> Path | None:
    """Return the git checkout around a folder, None without one."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


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


def _common_tail(left: Sequence[str], right: Sequence[str]) -> int:
    pairs = zip(reversed(left), reversed(right), strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))


def _glob(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    kinds = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return lazy("".join(kinds.get(part) or re.escape(part) for part in parts), re.DOTALL)


def _read(root: Path, file: str) -> str | None:
    try:
        path = (root / file).resolve(strict=True)
        if not path.is_relative_to(root) or not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            return None
        raw = path.read_bytes()
    except (OSError, ValueError, RuntimeError):
        return None
    return None if b"\0" in raw else raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def _parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _walk(root: Path) -> list[str]:
    files: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        below = Path(folder).relative_to(root)
        files += [(below / name).as_posix() for name in sorted(names)]
        if len(files) >= MAX_FILES:
            break
    return sorted(files[:MAX_FILES])


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints; None when it is missing, fails, or `root` is no checkout."""
    import subprocess  # only runs with a checkout need it

    # A checkout's own configuration may name programs to run: the one that listing would start is switched off.
    command = ["git", "-C", str(root), "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_GIT_SECONDS, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "surrogateescape")


def _forge(root: Path) -> _Forge | None:
    remote = (_git(root, "config", "--get", "remote.origin.url") or "").strip()
    commit = (_git(root, "rev-parse", "--verify", "HEAD") or "").strip()
    below = (_git(root, "rev-parse", "--show-prefix") or "").strip()
    return forge_of(remote, commit, below) if remote and commit else None


def forge_of(remote: str, commit: str, below: str = "") -> _Forge | None:
    """Return the link writer for a remote's address; None for a forge whose addresses are not known.

    Credentials in the address are dropped. `below` is the folder inside the checkout, with a final slash.
    """
    match = _REMOTE.fullmatch(remote)
    if match is None or remote.startswith(("/", ".", "file:")):
        return None
    scheme = match["scheme"] or "ssh"
    port = match["port"] or ""
    host = match["host"].lower() + (port if scheme.startswith("http") else "")
    path = match["path"].strip("/").removesuffix(".git")
    base = f"{'http' if scheme == 'http' else 'https'}://{host}/{quote(path)}"
    if not urlsplit(base).hostname:
        return None
    for named, page, lines in _FORGES:
        if named.search(host):
            page = page.format(base=base, commit=commit, path=quote(below) + "{path}")
            return _Forge(page, lines)
    return None
