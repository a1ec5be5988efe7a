"""`logscope render`: any format from a saved report."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from logscope.cli.outputs import (
    Output,
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
from logscope.render import Settings
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
    outputs = parse_outputs(specs, template, (saved,))
    check_shown(shown, template, outputs)
    report = load_report(saved)
    settings = Settings(mermaid=mermaid, max_tokens=max_tokens)
    write_outputs(outputs, report, settings, template)
    tell_written(outputs)
    if shown or not outputs:
        show(report, settings, shown, template)


def check_shown(shown: str | None, template: str | None, outputs: Sequence[Output]) -> None:
    """Refuse a --format that is none, or that would stand behind a report, before any work is done."""
    if shown and any(output.to_stdout for output in outputs):
        raise UsageError(
            f"--format {shown}: another report goes to standard output", "Leave one of them out."
        )
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
    """Read a saved report, `-` from standard input; UsageError names what cannot be read."""
    try:
        if path == "-" and sys.stdin is None:
            raise UsageError("standard input is closed", "Name a file, or pipe a report in.")
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return from_json(data.decode("utf-8"), path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8, so no saved report") from error
