"""`logscope checklist`: the pre-release list, ticked by evidence."""

from __future__ import annotations

import click

from logscope.cli.analyze import run_over
from logscope.cli.common import find_config, input_options, now, rule_cache, rules_of, scan_options
from logscope.cli.pipes import reader_may_leave, tell
from logscope.options import RunOptions

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
    strict: bool | None,
    quiet: bool,
    config_file: str | None,
    no_config: bool,
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
    config, notes = find_config(config_file, no_config, paths)
    ruleset = rules_of(rule_folders, rule_cache(), config)
    given = config.tables.analyze
    options = RunOptions(
        generated=at,
        scan=scan_options(log_format or given.log_format or "", timezone or given.timezone, since, until, at),
        strict=bool(given.strict if strict is None else strict),
        all_checks=True,
        notes=notes,
    )
    report = run_over(paths, ruleset, config, options, quiet, [output.path for output in outputs])
    with reader_may_leave():
        write_outputs(outputs, report, Settings(), "checklist")
        if not quiet:
            show(report, Settings(), None, "checklist")
    for output in () if quiet else outputs:
        tell(f"wrote {output.path}")
    return report.gate.exit_code
