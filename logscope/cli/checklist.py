"""`logscope checklist`: the pre-release list, ticked by evidence."""

from __future__ import annotations

import click
from msgspec.structs import replace

from logscope.cli.analyze import discover_inputs, prepare, run_over
from logscope.cli.common import InputOptions, input_options
from logscope.cli.outputs import output_option, parse_outputs, tell_written, write_outputs
from logscope.cli.pipes import reader_may_leave
from logscope.cli.render import show
from logscope.render import Settings

_EXAMPLES = """\b
Examples:
  logscope checklist logs/
  logscope checklist logs/ -o checklist.md -o checklist.html --strict
"""


@click.command(epilog=_EXAMPLES, short_help="Check logs against every rule.")
@input_options
@output_option
def checklist(given: InputOptions, specs: tuple[str, ...]) -> int:
    """Check logs against every rule: passed, failed, not exercised, or left for a person.

    Exit 1 when a check fails; with --strict also when one was not exercised.
    """
    outputs = parse_outputs(specs, "checklist", (given.config_file, *given.rule_folders))
    found = discover_inputs(given, outputs)
    ruleset, _, options = prepare(given, found)
    report = run_over(found, ruleset, replace(options, all_checks=True), given)
    with reader_may_leave():
        write_outputs(outputs, report, Settings(), "checklist")
        if not given.quiet and not any(output.to_stdout for output in outputs):
            show(report, Settings(), None, "checklist")
    if not given.quiet:
        tell_written(outputs)
    return report.gate.exit_code
