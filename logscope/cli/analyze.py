"""`logscope analyze`: logs in, a resolution plan out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from logscope.cli.common import (
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
from logscope.cli.pipes import reader_may_leave, tell
from logscope.config import Config
from logscope.errors import UsageError
from logscope.gate import FAIL_ON
from logscope.options import RunOptions
from logscope.pipeline import run
from logscope.report import Report
from logscope.rulebook.rule import minutes
from logscope.rulebook.ruleset import RuleSet
from logscope.sources import discover

_EXAMPLES = """\b
Examples:
  logscope analyze logs/
  logscope analyze app.log mcp.log.gz -o report.md -o report.html
  journalctl -u api -o short-iso | logscope analyze - --since 2h
  logscope analyze logs/ -o report.json --fail-on medium --quiet
"""


@click.command(epilog=_EXAMPLES)
@input_options
@click.option(
    "-o",
    "--output",
    "specs",
    multiple=True,
    metavar="[FORMAT:]FILE",
    help="Write a report; the ending or FORMAT names the format. May be repeated; FORMAT:- is standard output.",
)
@click.option(
    "--format", "shown", metavar="FORMAT", help="On standard output: summary (the default) or full."
)
@click.option(
    "--template", metavar="NAME|FILE", help="plan, handoff, checklist, or a Jinja2 template of your own."
)
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
    help="The application's code (default: the git repository around, if it fits).",
)
@click.option("--mermaid", is_flag=True, help="Draw the plan and the timeline as Mermaid charts in Markdown.")
@click.option("--max-tokens", type=click.IntRange(min=1), metavar="N", help="Shorten the handoff brief.")
def analyze(
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
    from logscope.cli.outputs import parse_outputs, write_outputs
    from logscope.cli.render import check_shown
    from logscope.render import Settings

    at = now()
    outputs = parse_outputs(specs, template)
    check_shown(shown, template)
    config, notes = find_config(config_file, no_config, paths)
    ruleset = rules_of(rule_folders, rule_cache(), config)
    given = config.tables.analyze
    options = RunOptions(
        generated=at,
        scan=scan_options(log_format or given.log_format or "", timezone or given.timezone, since, until, at),
        fail_on=_fail_on(fail_on or given.fail_on or "high", baseline),
        strict=bool(given.strict if strict is None else strict),
        budget_minutes=_budget(budget or given.budget),
        repo=_repo(repo, config),
        repo_explicit=bool(repo or given.repo),
        baseline=_baseline(baseline),
        notes=notes,
    )
    report = run_over(paths, ruleset, config, options, quiet, [output.path for output in outputs])
    if exit_zero and report.gate.exit_code == 1:
        report = replace(report, gate=replace(report.gate, exit_code=0))
    settings = Settings(mermaid=mermaid, max_tokens=max_tokens)
    with reader_may_leave():
        write_outputs(outputs, report, settings, template)
        if not quiet and not any(output.to_stdout for output in outputs):
            from logscope.cli.render import show

            show(report, settings, shown, None if outputs else template)
    for output in () if quiet else outputs:
        tell(f"wrote {output.path}")
    return report.gate.exit_code


def run_over(
    paths: tuple[str, ...],
    ruleset: RuleSet,
    config: Config,
    options: RunOptions,
    quiet: bool,
    written: Sequence[str],
) -> Report:
    """Analyse what `paths` name, with the team's checks and waivers of `config`; notes go to stderr.

    `written` are the run's outputs: none of them is read as a log.
    """
    team = config.tables
    options = replace(options, team_checks=team.checks, waivers=team.waivers, config_name=config.name)
    found = discover(paths, Path.cwd(), written)
    progress = Progress(total_size([source.path for source in found.sources]), quiet)
    try:
        report = run(found, ruleset, rule_cache(), options, progress)
    finally:
        progress.close()
    if not quiet:
        for note in report.notes:
            if note.kind != "info":
                tell(f"note: {note.where}: {note.text}")
    return report


def _budget(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return minutes(text)
    except ValueError as error:
        raise UsageError(f"--budget: {error}") from error


def _repo(path: str | None, config: Config) -> Path | None:
    from logscope.code import find_repo

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


def _baseline(path: str | None) -> Report | None:
    from logscope.cli.render import load_report

    return None if path is None else load_report(path)
