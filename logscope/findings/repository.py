"""The application's code: files of a repository, only read, only below its folder, and never run."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from logscope.findings.forge import Forge, forge_of
from logscope.lazily import lazy
from logscope.model import Frame
from logscope.redact import clean
from logscope.report import CodeLine

MAX_FILES = 20_000
MAX_FILE_BYTES = 1_000_000
MAX_EXCERPT_LINE = 400

_SKIPPED = frozenset(
    (".git", ".hg", ".venv", "venv", "node_modules", "site-packages", "__pycache__", ".tox", ".mypy_cache")
)
_GIT_SECONDS = 10


class Repository:
    """The files below one folder, listed once; files are read when first asked for."""

    def __init__(
        self, root: Path, files: Sequence[str], changed: frozenset[str], forge: Forge | None
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
        lines = clean(self.text(file) or "").split("\n")
        span = range(max(first, 1), min(last, len(lines)) + 1)
        return tuple(CodeLine(n, lines[n - 1][:MAX_EXCERPT_LINE], n == current) for n in span)


def find_repo(folder: Path) -> Path | None:
    """Return the git checkout around a folder, None without one."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def find_repository(repo: Path | None, explicit: bool, frames: Sequence[Frame]) -> Repository | None:
    """Return the repository to map frames to; without an explicit one only when some frame fits it."""
    own = [frame.file for frame in frames if frame.own]
    if repo is None or not (explicit or own):
        return None
    repository = Repository.open(repo)
    return repository if explicit or any(map(repository.find, own)) else None


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


def _forge(root: Path) -> Forge | None:
    remote = (_git(root, "config", "--get", "remote.origin.url") or "").strip()
    commit = (_git(root, "rev-parse", "--verify", "HEAD") or "").strip()
    below = (_git(root, "rev-parse", "--show-prefix") or "").strip()
    return forge_of(remote, commit, below) if remote and commit else None
