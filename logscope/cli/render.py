"""`logscope render`: any format from a saved report."""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import click
import msgspec

from logscope.cli.outputs import (
    format_option,
    mermaid_option,
    output_option,
    parse_outputs,
    render_output,
    resolve_format,
    stdout_console,
    tell_written,
    template_option,
    tokens_option,
    turned,
    write_file,
    write_outputs,
)
from logscope.errors import UsageError
from logscope.neutral import neutralize
from logscope.render import Settings
from logscope.render.text import RESULT_LABEL, SEVERITY_LABEL, STATUS_LABEL
from logscope.report import Report
from logscope.saved import from_json

_TERMINAL = (None, "summary", "full")
_EXAMPLES = """\b
Examples:
  logscope render report.json
  logscope render report.json -o report.html -o handoff:brief.md
  logscope render report.json --template handoff --max-tokens 4000
"""


@click.command("render", epilog=_EXAMPLES, short_help="Render a saved report in any format.")
@click.argument("saved", metavar="REPORT.json")
@output_option
@format_option
@template_option
@mermaid_option
@tokens_option
def render(
    saved: str,
    specs: tuple[str, ...],
    shown: str | None,
    template: str | None,
    mermaid: bool,
    max_tokens: int | None,
) -> None:
    """Render any format from a report that was saved with -o FILE.json.

    REPORT.json may be - for standard input. The bytes are the same as those that analyze writes directly.
    """
    outputs = parse_outputs(specs, template)
    check_shown(shown, template)
    report = load_report(saved)
    settings = Settings(mermaid=mermaid, max_tokens=max_tokens)
    write_outputs(outputs, report, settings, template)
    tell_written(outputs)
    if shown or not outputs:
        show(report, settings, shown, template)


def check_shown(shown: str | None, template: str | None) -> None:
    """Refuse a --format that is none, before any work is done."""
    if shown not in _TERMINAL:
        resolve_format(str(shown), template)


def show(report: Report, settings: Settings, shown: str | None, template: str | None) -> None:
    """Print one format on standard output: the terminal summary unless another, or a template, is asked for.

    `shown` is the value of --format.
    """
    from logscope.render import terminal, terminal_checklist

    if shown in _TERMINAL and not template:
        terminal.print_summary(report, stdout_console(), full=shown == "full")
        return
    if shown in _TERMINAL and template == "checklist":
        terminal_checklist.print_checklist(report, stdout_console())
        return
    name = turned("markdown", template) if shown in _TERMINAL else resolve_format(str(shown), template)
    write_file("-", render_output(name, report, settings, template).encode("utf-8", "backslashreplace"))


def load_report(path: str) -> Report:
    """Read a saved report, `-` from standard input; its text is made free of control characters once more."""
    try:
        if path == "-" and sys.stdin is None:
            raise UsageError("standard input is closed", "Name a file, or pipe a report in.")
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        report = from_json(data.decode("utf-8"), path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8, so no saved report") from error
    cleaned = msgspec.convert(_neutral(msgspec.to_builtins(report)), Report)
    _check_words(cleaned, path)
    return cleaned


def _check_words(report: Report, path: str) -> None:
    """Refuse a severity, status or result that no renderer has a word for."""
    used: tuple[tuple[Iterable[str], Container[str]], ...] = (
        ((finding.severity for finding in report.findings), SEVERITY_LABEL),
        ((finding.status for finding in report.findings), STATUS_LABEL),
        ((check.result for check in report.checks), RESULT_LABEL),
    )
    for words, known in used:
        for word in words:
            if word not in known:
                raise UsageError(f"{path}: not a complete report: it says {word!r}, which means nothing here")


def _neutral(value: Any) -> Any:
    if isinstance(value, str):
        return neutralize(value)
    if isinstance(value, dict):
        return {_neutral(key): _neutral(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_neutral(item) for item in value]
    return value
