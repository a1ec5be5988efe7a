"""Paths, folders, globs and `-` to sources, each file once, in a stable order."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from logscope.errors import UsageError
from logscope.model import Note, Source
from logscope.neutral import one_line
from logscope.sources.copies import packed_copies

STDIN = "-"
_REPORT = re.compile(
    rb"""\{\s*"schema":\s*"logscope/report@ | (?:logscope|Pre-release\ checklist)\ {2,}\d{4}-\d\d-\d\d\ """
    rb"""| \#\ (?s:.{1,2000}?)Generated:?(?:\*\*)?\ \d{4}-[\d:\ -]+[A-Z]+\ by\ logscope\ \d"""
    rb"""| <!doctype\ html>(?s:.{1,2000}?)<meta\ name="generator"\ content="logscope\ """,
    re.VERBOSE,
)
"""How reports begin."""
_REPORT_ENDINGS = (".json", ".txt", ".html", ".htm", ".md", ".markdown")
_OTHER_TYPES = """
    .py .pyc .so .md .html .css .js .ts .toml .yaml .yml .ini .cfg .sh .sql .db .sqlite .png .jpg
    .jpeg .gif .svg .pdf .zip .tar .whl .exe .dll .lock .xml .pid .sock
"""
_OTHER_ENDINGS = frozenset(_OTHER_TYPES.split())
"""Endings that a folder walk passes over: no logs. A file named by itself is always read."""


class Discovery(Struct, frozen=True):
    """What was found: the sources in order, how many files were passed over by reason, and notes."""

    sources: tuple[Source, ...]
    skipped: dict[str, int]
    notes: tuple[Note, ...]
    asked: tuple[str, ...] = ()
    """The arguments, as given."""
    folders: tuple[str, ...] = ()
    """Folders that they name, each with all below it."""


def discover(paths: Iterable[str], base: Path, written: Iterable[str] = ()) -> Discovery:
    """Return the sources that `paths` name; names are relative to `base` where they lie below it.

    Folders are walked recursively (links are not followed, hidden files and files that are no logs are counted);
    a pattern with `*`, `?` or `[` is expanded; `-` is standard input; an `x.gz` that holds what `x` beside it holds is
    passed over, as is an earlier report, with a note where it was named. UsageError names every path that does not
    exist, or one that is also among the files to be `written`; an earlier report in a folder is passed over.
    """
    targets = {os.path.realpath(path) for path in written}
    sources: list[Source] = []
    skipped: Counter[str] = Counter()
    notes: list[Note] = []
    seen: set[tuple[int, int]] = set()
    asked = tuple(paths)
    folders: list[str] = []
    for argument, named in _expanded(asked):
        if argument == STDIN:
            if not any(source.path is None for source in sources):
                sources.append(Source("<stdin>", None))
            continue
        for path in named:
            folders += [path] if os.path.isdir(path) else []
            for file in _walk(path, base, skipped, notes):
                try:
                    reason = _already(file, file == argument, targets, seen)
                except OSError as error:  # a link that leads nowhere, or a file that went since it was listed
                    reason = "unreadable"
                    notes.append(Note(_shown(file, base, path), "unreadable", f"not read: {error.strerror}"))
                if reason == "report" and file == argument:
                    text = "not read: a report that logscope wrote"
                    notes.append(Note(_shown(file, base, path), "document", text))
                if reason:
                    skipped[reason] += 1
                else:
                    sources.append(Source(_shown(file, base, path), file, named=file == path))
    sources = _told_apart(sources)
    copies = packed_copies(sources)
    skipped["duplicate"] += len(copies)
    sources = [source for source in sources if source not in copies]
    return Discovery(tuple(sources), dict(sorted((+skipped).items())), tuple(notes), asked, tuple(folders))


def _already(file: str, asked: bool, targets: Collection[str], seen: set[tuple[int, int]]) -> str:
    """Say why a file is not read: no regular file, a report, or one of those `seen`; empty, and seen from now on, when
    it is to be read.

    UsageError when it is among the `targets`, the files to be written: a log must not be lost to its report. An earlier
    report in a folder is written anew.
    """
    status = os.stat(file)
    regular = stat.S_ISREG(status.st_mode)
    report = regular and _is_report(file)
    if os.path.realpath(file) in targets and (asked or not report):
        raise UsageError(f"{file}: is read and written", "Give the report another name.")
    if report:
        return "report"
    if not regular and not asked:
        return "no regular file"  # a pipe that a pattern names would be waited for
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return "duplicate"
    seen.add(identity)
    return ""


def _expanded(arguments: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Return each argument with the paths that it names; UsageError tells of all that name none."""
    found: list[tuple[str, list[str]]] = []
    wrong: list[UsageError] = []
    for argument in arguments:
        try:
            found.append((argument, _expand(argument)))
        except UsageError as error:
            wrong.append(error)
    if wrong:
        raise UsageError("; ".join(dict.fromkeys(map(str, wrong))), wrong[0].hint)
    return found


def _expand(argument: str) -> list[str]:
    if argument == STDIN:
        return []
    if os.path.lexists(argument):
        if not os.path.exists(argument):
            raise UsageError(
                f"{argument}: a link that leads nowhere", "Check the link, or give the file itself."
            )
        return [argument]
    if glob.has_magic(argument):
        found = _matching(argument)
        if found:
            return found
        raise UsageError(f"{argument}: no file matches this pattern", "Check the pattern.")
    raise UsageError(
        f"{argument or 'an empty name'}: {_missing(argument)}", "Check the path; use - for standard input."
    )


def _matching(pattern: str) -> list[str]:
    """Return the paths that a pattern names, in order; `**` is any folders below, and follows no links."""
    parts = pattern.replace(os.altsep or os.sep, os.sep).split(os.sep)
    if "**" not in parts:
        return sorted(glob.glob(pattern))
    at = parts.index("**")
    above, below = os.sep.join([*parts[:at], ""]), os.sep.join(parts[at + 1 :])
    found: set[str] = set()
    for root in glob.glob(above) if above else [os.curdir]:
        if not below:
            found.add(root)
            continue
        for folder, folders, _ in os.walk(root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            found.update(_matching(os.path.join(glob.escape(folder), below)))
    return sorted(found)


def _missing(path: str) -> str:
    try:
        os.lstat(path)
    except PermissionError:
        return "its folder cannot be read"
    except OSError:
        pass
    return "no such file or folder"


def _walk(path: str, base: Path, skipped: Counter[str], notes: list[Note]) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return

    def unreadable(error: OSError) -> None:
        skipped["unreadable"] += 1
        notes.append(
            Note(_shown(str(error.filename), base, path), "unreadable", f"folder not read: {error.strerror}")
        )

    for folder, folders, files in os.walk(path, onerror=unreadable):
        hidden = [name for name in folders if name.startswith(".")]
        linked = [name for name in set(folders) - set(hidden) if os.path.islink(os.path.join(folder, name))]
        skipped["hidden"] += len(hidden)
        skipped["no regular file"] += len(linked)
        folders[:] = sorted(set(folders) - set(hidden))
        for name in sorted(files):
            file = os.path.join(folder, name)
            reason = _passed_over(file, name)
            if reason:
                skipped[reason] += 1
            else:
                yield file


def _passed_over(file: str, name: str) -> str:
    if name.startswith("."):
        return "hidden"
    if not stat.S_ISREG(os.lstat(file).st_mode):
        return "no regular file"
    return "other type" if os.path.splitext(name)[1].lower() in _OTHER_ENDINGS else ""


def _is_report(file: str) -> bool:
    """Whether logscope wrote the file: a report or checklist in any format."""
    if not file.lower().endswith(_REPORT_ENDINGS):
        return False
    try:
        with open(file, "rb") as stream:
            return _REPORT.match(stream.read(2500)) is not None
    except OSError:
        return False  # told when it is opened as a log


def _shown(file: str, base: Path, argument: str) -> str:
    """The file's path as the user would write it, on one line: relative where it can be, never absolute.

    Outside `base`, what an absolute `argument` names or holds begins with the last part of that one.
    """
    path = Path(os.path.abspath(file))
    if path.is_relative_to(base):
        return _printable(path.relative_to(base))
    if os.path.isabs(file):
        return _printable(path.relative_to(Path(os.path.abspath(argument)).parent))
    return _printable(Path(file))


def _told_apart(sources: list[Source]) -> list[Source]:
    """Give files of the same name so many of the folders above them that all names differ."""
    while True:
        counts = Counter([source.name for source in sources])
        longer = [_with_folder(source) if counts[source.name] > 1 else source for source in sources]
        if longer == sources:
            return sources
        sources = longer


def _with_folder(source: Source) -> Source:
    """The source named with one folder more, if there is one."""
    parts = Path(os.path.abspath(source.path or source.name)).parts[1:]
    return replace(source, name=_printable(Path(*parts[-source.name.count("/") - 2 :])))


def _printable(path: Path) -> str:
    name = path.as_posix()
    return one_line(os.fsencode(name).decode("utf-8", "backslashreplace"))  # a byte that is no UTF-8 as \xff
