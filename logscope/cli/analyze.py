"""`logscope analyze`: logs in, a resolution plan out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from logscope.cli.common import (
    InputOptions,
    Progress,
    filled,
    find_config,
    input_options,
    now,
    rule_cache,
    rules_of,
    scan_options,
    total_size,
)
from logscope.cli.outputs import (
    Output,
    format_option,
    mermaid_option,
    output_option,
    parse_outputs,
    tell_written,
    template_option,
    tokens_option,
    write_outputs,
)
from logscope.cli.pipes import reader_may_leave, tell
from logscope.cli.render import check_shown, load_report, show
from logscope.config import Config
from logscope.counting import counted
from logscope.errors import UsageError
from logscope.findings.repository import find_repo
from logscope.options import RunOptions
from logscope.pipeline import run
from logscope.render import Settings
from logscope.render.text import between
from logscope.report import Input, Report
from logscope.rulebook.rule import minutes
from logscope.rulebook.ruleset import RuleSet
from logscope.sources import Discovery, discover
from logscope.verdict.gate import FAIL_ON

_EXAMPLES = """\b
Examples:
  logscope analyze logs/
  logscope analyze app.log mcp.log.gz -o report.md -o report.html
  journalctl -u api -o short-iso | logscope analyze - --since 2h
  logscope analyze logs/ -o report.json --fail-on medium --quiet
"""


@click.command(epilog=_EXAMPLES)
@input_options
@output_option
@format_option
@template_option
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    help="Exit 1 on findings this severe or worse (default: high).",
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 also with findings.")
@click.option(
    "--baseline",
    metavar="REPORT.json",
    callback=filled,
    help="Compare with an earlier report that was saved with -o FILE.json.",
)
@click.option(
    "--budget",
    metavar="TIME",
    callback=filled,
    help="Plan the best set of fixes for this much time: 60m, 4h.",
)
@click.option(
    "--repo",
    metavar="DIR",
    callback=filled,
    help="The application's code (default: the git repository you are in, if tracebacks fit it).",
)
@mermaid_option
@tokens_option
def analyze(
    given: InputOptions,
    specs: tuple[str, ...],
    shown: str | None,
    template: str | None,
    fail_on: str | None,
    exit_zero: bool,
    baseline: str | None,
    budget: str | None,
    repo: str | None,
    mermaid: bool,
    max_tokens: int | None,
) -> int:
    """Turn logs into a resolution plan.

    PATH is a file (also .gz, .bz2, .xz), a folder, a pattern in quotes, or - for standard input.
    """
    outputs = parse_outputs(specs, template, (given.config_file, *given.rule_folders))
    check_shown(shown, template, outputs)
    found = discover_inputs(given, outputs)
    ruleset, config, options = prepare(given, found)
    defaults = config.tables.analyze
    options = replace(
        options,
        fail_on=_fail_on(fail_on or defaults.fail_on or "high", baseline),
        budget_minutes=_budget(budget or defaults.budget),
        repo=_repo(repo, config),
        repo_explicit=bool(repo or defaults.repo),
        baseline=None if baseline is None else load_report(baseline),
    )
    report = run_over(found, ruleset, options, given)
    if exit_zero and report.gate.exit_code == 1:
        passed = f"{report.gate.reason}, which --exit-zero lets pass"
        report = replace(report, gate=replace(report.gate, exit_code=0, reason=passed))
    settings = Settings(mermaid=mermaid, max_tokens=max_tokens)
    with reader_may_leave():
        write_outputs(outputs, report, settings, template)
        own = None if outputs else template
        if (shown or own or not given.quiet) and not any(output.to_stdout for output in outputs):
            show(report, settings, shown, own)
    if not given.quiet:
        tell_written(outputs)
    return report.gate.exit_code


def discover_inputs(given: InputOptions, outputs: Sequence[Output]) -> Discovery:
    """Return what the paths name; none of the run's outputs is read as a log."""
    return discover(given.paths, Path.cwd(), [output.path for output in outputs])


def prepare(given: InputOptions, found: Discovery) -> tuple[RuleSet, Config, RunOptions]:
    """Return the rules, the configuration, and what both and the options ask of a run, but for a command's own."""
    at = now()
    config, notes = find_config(given.config_file, given.no_config, found.folders)
    ruleset = rules_of(given.rule_folders, rule_cache(), config)
    tables, defaults = config.tables, config.tables.analyze
    log_format, zone = given.log_format or defaults.log_format or "", given.timezone or defaults.timezone
    return (
        ruleset,
        config,
        RunOptions(
            generated=at,
            scan=scan_options(log_format, zone, given.since, given.until, at),
            strict=bool(defaults.strict if given.strict is None else given.strict),
            team_checks=tables.checks,
            waivers=tables.waivers,
            config_name=config.name,
            notes=notes,
        ),
    )


def run_over(found: Discovery, ruleset: RuleSet, options: RunOptions, given: InputOptions) -> Report:
    """Analyse what was found; notes go to stderr, with --verbose also what each input was read as."""
    progress = Progress(total_size([source.path for source in found.sources]), given.quiet)
    try:
        report = run(found, ruleset, rule_cache(), options, progress)
    finally:
        progress.close()
    if given.quiet:
        return report
    for item in report.inputs if given.verbose else ():
        tell(f"read: {item.name}: {_read_as(item)}")
    for note in report.notes:
        tell(f"note: {note.where}: {note.text}")
    return report


def _read_as(item: Input) -> str:
    """`1,200 lines, uvicorn behind compose, utf-8, 2026-01-01 10:00:00 to 11:00:00 UTC`."""
    behind = f" behind {item.prefix}" if item.prefix else ""
    span = between(item.first_time, item.last_time) or "no times"
    return ", ".join((counted(item.lines, "line"), item.format + behind, item.encoding, span))


def _budget(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return minutes(text)
    except ValueError as error:
        raise UsageError(f"--budget: {error}") from error


def _repo(path: str | None, config: Config) -> Path | None:
    if path is None:
        own = config.tables.analyze.repo
        return find_repo(Path.cwd()) if own is None else config.folder / own
    if not Path(path).is_dir():
        raise UsageError(f"--repo {path}: no such folder", "Give the folder of the application's code.")
    return Path(path)


def _fail_on(bound: str, baseline: str | None) -> str:
    if bound == "new" and baseline is None:
        raise UsageError("--fail-on new: new since when is not known", "Add --baseline REPORT.json.")
    return bound
