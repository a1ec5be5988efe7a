"""Where reports go: the format of each `-o`, and files that are written whole or not at all."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import click
from msgspec import Struct

from logscope.cli.pipes import tell
from logscope.errors import UsageError
from logscope.render import ALIASES, FORMATS, TEMPLATES, Settings, custom
from logscope.report import Report

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST = 20
"""Columns; terminals that claim fewer do not know their width."""
CUSTOM = "template"
"""The format of a user's own template."""
_PREFIX = re.compile(r"([A-Za-z][A-Za-z0-9-]+):(.*)", re.DOTALL)  # one letter alone is a Windows drive
_STANDARD: Mapping[str, Literal["stdout", "stderr"]] = {
    "-": "stdout",
    "/dev/stdout": "stdout",
    "/dev/fd/1": "stdout",
    "/dev/stderr": "stderr",
    "/dev/fd/2": "stderr",
}

output_option = click.option(
    "-o",
    "--output",
    "specs",
    multiple=True,
    metavar="[FORMAT:]FILE",
    help="Write a report; the ending or FORMAT names the format. May be repeated; FORMAT:- is standard output.",
)
format_option = click.option(
    "--format",
    "shown",
    metavar="FORMAT",
    help="Show this on standard output: summary (the default), full, or "
    f"{', '.join(name for name in FORMATS if name != 'summary')}.",
)
template_option = click.option(
    "--template", metavar="NAME|FILE", help="plan, handoff, checklist, or a Jinja2 template of your own."
)
mermaid_option = click.option(
    "--mermaid", is_flag=True, help="Draw the plan and the timeline as Mermaid charts in Markdown."
)
tokens_option = click.option(
    "--max-tokens",
    type=click.IntRange(min=1),
    metavar="N",
    help="Shorten the handoff brief to about N tokens (of four characters).",
)


class Output(Struct, frozen=True):
    """One `-o`, resolved."""

    format: str
    path: str
    """A file, a device, or `-` for standard output."""

    @property
    def to_stdout(self) -> bool:
        """Whether it is what standard output is for: nothing else is printed there."""
        return _STANDARD.get(self.path) == "stdout"


def parse_outputs(
    specs: Sequence[str], template: str | None = None, read: Sequence[str | None] = ()
) -> tuple[Output, ...]:
    """Resolve each `-o`, written `FILE` or `FORMAT:FILE`.

    `template` is the value of --template: a shipped document (plan, handoff, checklist) or a file. It decides
    what Markdown, HTML and text hold, a file only by their endings and by unknown ones; JSON stays JSON, and a
    FORMAT that names a document is that document. `read` are files that the run reads beside its logs. Raises
    UsageError for an unknown format, a template that cannot be read, a directory, a file named twice or read as well.
    """
    own = template if template not in TEMPLATES else None
    if own:
        custom.read_template(own)  # before hours of logs are read, not after
    kept = {os.path.realpath(path) for path in (own, *read) if path}
    outputs = tuple(_parse_output(spec, template) for spec in specs)
    seen: set[str] = set()
    for output in outputs:
        _check_target(output.path)
        place = _STANDARD.get(output.path) or os.path.realpath(output.path)
        if place in seen:
            raise UsageError(f"{output.path}: given as output twice", "Give each report its own file.")
        if place in kept:
            raise UsageError(f"{output.path}: is read and written", "Give the report another name.")
        seen.add(place)
    return outputs


def write_outputs(
    outputs: Sequence[Output], report: Report, settings: Settings, template: str | None
) -> None:
    """Render every output, then write them; nothing is written when one cannot be rendered.

    `template` is the value of --template. Raises UsageError naming the path and the reason.
    """
    rendered = [(output, render_output(output.format, report, settings, template)) for output in outputs]
    for output, text in rendered:
        write_file(output.path, text.encode("utf-8", "backslashreplace"))


def tell_written(outputs: Sequence[Output]) -> None:
    """Say on standard error where the reports are."""
    for output in outputs:
        tell(f"wrote {'standard output' if output.path == '-' else output.path}")


def render_output(name: str, report: Report, settings: Settings, template: str | None) -> str:
    """Return the report in the format `name`; `template` is the value of --template."""
    if name != CUSTOM:
        return FORMATS[name].render(report, settings)
    if not template or template in TEMPLATES:
        raise UsageError("the format 'template' needs --template FILE")
    return custom.render(report, template)


def resolve_format(name: str, template: str | None = None) -> str:
    """Return the full name of a format, as `--template` turns it; UsageError when it is unknown."""
    known = ALIASES.get(name.lower(), name.lower())
    if known == CUSTOM:
        return CUSTOM
    if known not in FORMATS:
        raise UsageError(f"unknown output format {name!r}", _known())
    return turned(known, template)


def write_file(path: str, data: bytes) -> None:
    """Write a file whole or not at all; devices, pipes and `-` are written to as they stand."""
    try:
        if path in _STANDARD:
            stream = sys.stdout if _STANDARD[path] == "stdout" else sys.stderr
            if stream is None:
                raise OSError("it is closed")
            stream.flush()  # what was printed before comes before
            stream.buffer.write(data)
            stream.buffer.flush()
        elif _in_place(path):
            with open(path, "wb") as device:
                device.write(data)
        else:
            _replace(Path(os.path.realpath(path)), data)
    except BrokenPipeError:
        raise  # the reader went away: not this path's fault, and click ends quietly
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error


def stdout_console() -> Console:
    """Return a console for standard output: no markup; NO_COLOR, FORCE_COLOR and TERM are honoured."""
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False)
    if console.width < NARROWEST:
        console.width = 80  # COLUMNS=0 says that nobody knows
    console.on_broken_pipe = _pipe_closed  # type: ignore[method-assign]  # rich would exit with 1: with findings
    return console


def _pipe_closed() -> None:
    raise BrokenPipeError


def _parse_output(spec: str, template: str | None) -> Output:
    match = _PREFIX.fullmatch(spec)
    if match:
        name, path = match.groups()
        if not path:
            raise UsageError(f"-o {spec}: the file name is missing", "Write FORMAT:FILE.")
        document = template if template in TEMPLATES and name.lower() != "plan" else None
        return Output(resolve_format(name, document), path)
    if not spec:
        raise UsageError("-o: the file name is empty")
    return Output(_by_ending(spec, template), spec)


def _by_ending(path: str, template: str | None) -> str:
    ending = os.path.splitext(path)[1].lower()
    for output in FORMATS.values():
        if ending in output.endings:
            return turned(output.name, template)
    if template and template not in TEMPLATES:
        return CUSTOM
    problem = f"no output format has the ending {ending!r}" if ending else "has no ending that names a format"
    raise UsageError(f"{path}: {problem}", _known())


def turned(name: str, template: str | None) -> str:
    """Return the format that takes the place of `name` when `--template` asks for another document."""
    if not template or name == "json":
        return name
    if template in TEMPLATES:
        return TEMPLATES[template].get(name, name)
    return CUSTOM if name in ("markdown", "html", "text") else name


def _known() -> str:
    endings = ", ".join(ending for output in FORMATS.values() for ending in output.endings)
    return f"Known endings: {endings}. Known formats, as FORMAT:FILE: {', '.join(FORMATS)}."


def _check_target(path: str) -> None:
    if path in _STANDARD:
        return
    target = Path(path)
    if target.is_dir():
        raise UsageError(f"{path}: is a directory", "Give the name of a file.")
    if not Path(os.path.realpath(path)).parent.is_dir():
        raise UsageError(f"{path}: cannot be written: its directory does not exist")
    if not _in_place(path) and not os.access(Path(os.path.realpath(path)).parent, os.W_OK | os.X_OK):
        raise UsageError(f"{path}: cannot be written: its directory is read-only for this user")


def _in_place(path: str) -> bool:
    """Say whether the target is no regular file: a device, a pipe, or a process's own descriptor."""
    if path.startswith(("/dev/", "/proc/")):
        return True
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return False


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(f".logscope-{uuid4().hex}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
    except BaseException:  # an interrupt too must leave nothing behind
        temporary.unlink(missing_ok=True)
        raise
