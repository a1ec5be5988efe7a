"""`logscope rules`: the author's workshop."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logscope.cli.common import find_rule, note_replaced, rule_cache, ruleset_options, say
from logscope.cli.pipes import reader_may_leave, tell
from logscope.cli.rules_explain import explain_rule
from logscope.cli.rules_new import new_rule
from logscope.counting import counted
from logscope.model import Severity
from logscope.resources import data_dir
from logscope.rulebook.files import rule_files
from logscope.rulebook.rule import Rule
from logscope.rulebook.ruleset import RuleSet, load_ruleset

if TYPE_CHECKING:
    from logscope.selftest import SampleResult

_EXAMPLES = """\b
Examples:
  logscope rules list --area mcp
  logscope rules show port-in-use
  logscope rules check my-rules/
  logscope rules test my-rules/
"""


@click.group(epilog=_EXAMPLES)
def rules() -> None:
    """List, read, check, test and write rules."""


def _folders(paths: tuple[str, ...]) -> list[str]:
    """Rule folders given on top of the shipped rules; one inside the shipped folder adds nothing.

    UsageError where there is no rule file.
    """
    shipped = data_dir("rules").resolve()
    for path in paths:
        rule_files(Path(path))
    return [path for path in paths if not Path(path).resolve().is_relative_to(shipped)]


def _chosen(ruleset: RuleSet, paths: tuple[str, ...]) -> list[Rule]:
    """The rules that lie below the given paths; all of them without paths."""
    if not paths:
        return list(ruleset.rules)
    files = {file.resolve() for path in paths for file in rule_files(Path(path))}
    return [rule for rule in ruleset.rules if Path(rule.path).resolve() in files]


@rules.command(
    "list",
    epilog="\b\nExample:\n  logscope rules list --tag startup --severity high",
    short_help="List the rules, one per line.",
)
@click.option("--area", help="Only rules of this folder.")
@click.option("--tag", help="Only rules with this tag.")
@click.option(
    "--severity", type=click.Choice([s.label for s in reversed(Severity)]), help="Only this severity."
)
@ruleset_options
def list_rules(ruleset: RuleSet, area: str | None, tag: str | None, severity: str | None) -> None:
    """List the rules, one per line: id, severity, area, title; with the changes and rules of logscope.toml."""
    shown = [
        rule
        for rule in ruleset.rules
        if (not area or rule.area == area)
        and (not tag or tag in rule.tags)
        and (not severity or rule.severity == severity)
    ]
    width = max((len(rule.id) for rule in shown), default=0)
    for rule in shown:
        kind = "signal" if rule.signal else rule.severity
        say(f"{rule.id:<{width}}  {kind:<8}  {rule.area:<10}  {rule.title}")
    tell(counted(len(shown), "rule"))


@rules.command(
    epilog="\b\nExample:\n  logscope rules check my-rules/",
    short_help="Check rule files: every problem at once.",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
def check(paths: tuple[str, ...]) -> None:
    """Check rule files: every problem at once, with its place and what to write. Exit 3 when there is one.

    Other rules that fire on a rule's own samples are noted: overlaps that `inhibits` or a narrower pattern removes.
    Shipped rules that are replaced are noted too.
    """
    folders = [Path(path) for path in _folders(paths)]
    ruleset = load_ruleset([data_dir("rules"), *folders], None, include_test=True)
    chosen = _chosen(ruleset, paths)
    if folders:
        note_replaced((rule.id, rule.path) for rule in chosen)
    for path, names in _overlaps(ruleset, chosen):
        say(f"note: {path}: also fires {', '.join(names)}")
    click.echo(f"{counted(len(chosen), 'rule')} without problems")


def _overlaps(ruleset: RuleSet, chosen: Sequence[Rule]) -> Iterator[tuple[str, list[str]]]:
    """Yield (path, ids of other rules) for rules on whose firing samples others fire too."""
    from logscope.scan.scanner import Scanner
    from logscope.selftest import test_samples

    scanner = Scanner(ruleset, rule_cache())
    for rule in chosen:
        results = test_samples(scanner, [rule])
        others = {name for result in results if result.sample.fires for name, _ in result.others}
        if others:
            yield rule.path, sorted(others)


@rules.command(
    "test",
    epilog="\b\nExample:\n  logscope rules test my-rules/ --junit rules.xml",
    short_help="Run the samples of the rules.",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--junit", metavar="FILE", help="Write the results as JUnit XML.")
def test_rules(paths: tuple[str, ...], junit: str | None) -> int:
    """Run the samples of the rules, each against all rules. Exit 1 when one does not hold."""
    from logscope.scan.scanner import Scanner
    from logscope.selftest import test_samples

    cache = rule_cache()
    ruleset = load_ruleset([data_dir("rules"), *map(Path, _folders(paths))], cache, include_test=True)
    chosen = _chosen(ruleset, paths)
    results = test_samples(Scanner(ruleset, cache), chosen)
    failed = sum(bool(result.failures) for result in results)
    with reader_may_leave():
        _show_results(results)
        click.echo(
            f"{counted(len(results), 'sample')} of {counted(len(chosen), 'rule')}: "
            f"{len(results) - failed} hold, {failed} do not"
        )
    if junit:
        from logscope.cli.junit import samples_junit
        from logscope.cli.outputs import write_file

        write_file(junit, samples_junit(results).encode())
    return 1 if failed else 0


def _show_results(results: Sequence[SampleResult]) -> None:
    for result in results:
        for failure in result.failures:
            say(f"FAIL {result.rule}: {result.sample.name}: {failure}")
        if result.others:
            also = ", ".join(f"{name} ({count})" for name, count in result.others)
            say(f"also {result.rule}: {result.sample.name}: {also}")


@rules.command("show", epilog="\b\nExample:\n  logscope rules show mcp-session-init-timeout")
@click.argument("name", metavar="ID")
@ruleset_options
def show_rule(ruleset: RuleSet, name: str) -> None:
    """Show one rule as its manual page."""
    from logscope.render.manual import manual_page

    click.echo(manual_page(find_rule(ruleset, name)))


@rules.command(epilog="\b\nExample:\n  logscope rules schema > rule.schema.json")
def schema() -> None:
    """Print the JSON Schema of rule files, for editors."""
    from logscope.rulebook.loader import rule_schema

    click.echo(json.dumps(rule_schema(), indent=2, ensure_ascii=False))


rules.add_command(explain_rule)
rules.add_command(new_rule)
