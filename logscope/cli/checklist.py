"""`logscope checklist`: the pre-release list, ticked by evidence."""

from __future__ import annotations

import click

from logscope.cli.analyze import run_over
from logscope.cli.common import input_options, now, scan_options
from logscope.pipeline import RunOptions

_EXAMPLES = """\b
Examples:
  logscope checklist logs/
  logscope checklist logs/ -o checklist.md -o checklist.html --strict
"""


@click.command(epilog=_EXAMPLES)
@input_options
@click.option(
    "-o",
    "--output",
    "specs",
    multiple=True,
    metavar="[FORMAT:]FILE",
    help="Write the checklist; the ending names the format (.md, .html, .txt, .json). May be repeated.",
)
def checklist(
    paths: tuple[str, ...],
    rule_folders: tuple[str, ...],
    log_format: str,
    timezone: str | None,
    since: str | None,
    until: str | None,
    strict: bool,
    quiet: bool,
    specs: tuple[str, ...],
) -> int:
    """Check logs against every rule: passed, failed, not exercised, or left for a person.

    Exit 1 when a check fails; with --strict also when one was not exercised.
    """
    from logscope.cli.outputs import parse_outputs, write_outputs
    from logscope.cli.render import show
    from logscope.render import Settings

    at = now()
    outputs = parse_outputs(specs, "checklist")
    options = RunOptions(
        generated=at,
        scan=scan_options(log_format, timezone, since, until, at),
        strict=strict,
        all_checks=True,
    )
    report = run_over(paths, rule_folders, options, quiet)
    write_outputs(outputs, report, Settings(), "checklist")
    if not quiet:
        show(report, Settings(), None, "checklist")
        for output in outputs:
            click.echo(f"wrote {output.path}", err=True)
    return report.gate.exit_code
