"""`logscope rules new`: a rule file that passes `check`, from a few answers."""

from __future__ import annotations

import re
from pathlib import Path

import click
import yaml

from logscope.cli.common import note_replaced, say
from logscope.cli.outputs import write_file
from logscope.errors import UsageError
from logscope.model import Severity
from logscope.rulebook.loader import load_texts

_EXAMPLES = """\b
Example:
  logscope rules new my-rules/ --id db-down --title 'Database is down' \\
    --text 'could not reach the database' --fix 'Start the database again'
"""


@click.command("new", epilog=_EXAMPLES, short_help="Write a new rule that passes all checks.")
@click.argument("folder", metavar="DIR")
@click.option("--id", "name", prompt="Id (words with hyphens)", help="Words in lower case with hyphens.")
@click.option("--title", prompt="Title (what is wrong, in a few words)", help="What is wrong.")
@click.option(
    "--severity",
    default="medium",
    show_default=True,
    type=click.Choice([s.label for s in reversed(Severity)]),
)
@click.option(
    "--text",
    "literal",
    prompt="A line of the log that shows it (the part that does not vary)",
    help="What to look for.",
)
@click.option(
    "--fix",
    prompt="What to do about it, in one sentence",
    default="Describe the fix",
    help="The recommended option.",
)
@click.option("--effort", default="1h", show_default=True, help="15m, 2h or 1d.")
def new_rule(folder: str, name: str, title: str, severity: str, literal: str, fix: str, effort: str) -> None:
    """Write a new rule into DIR; it passes `logscope rules check` and is a start to fill in."""
    target = Path(folder) / f"{name}.yaml"
    if target.exists():
        raise UsageError(f"{target}: there is a rule already", "Choose another id.")
    text = _rule_text(name, title, severity, literal, fix, effort)
    _, problems = load_texts([(str(target), Path(folder).name, text.encode())])
    if problems:
        raise UsageError("; ".join(problem.text for problem in problems), "Answer differently.")
    target.parent.mkdir(parents=True, exist_ok=True)
    write_file(str(target), text.encode())
    note_replaced([(name, str(target))])
    say(f"wrote {target}; next: logscope rules test {folder}")


def _rule_text(name: str, title: str, severity: str, literal: str, fix: str, effort: str) -> str:
    rule = {
        "id": name,
        "title": title,
        "severity": severity,
        "detect": {"text": literal},
        "explain": {"impact": {"feature": "Say what is affected", "users": "Say what users notice"}},
        "resolve": [
            {
                "id": re.sub(r"[^a-z0-9]+", "-", fix.lower()).strip("-")[:40] or "fix",
                "title": fix,
                "recommended": True,
                "priority": "medium",
                "effort": effort,
                "impact": "Say what gets better",
            }
        ],
        "verify": {
            "checks": [{"id": f"no-{name}", "text": f"{title}: never again", "expect": "occurrences == 0"}]
        },
        "samples": [
            {"name": "the line that shows it", "fires": 1, "log": f"ERROR:app:{literal}\n"},
            {"name": "a near miss", "fires": 0, "log": f"INFO:app:a runbook mentions: {literal}\n"},
        ],
    }
    return yaml.safe_dump(rule, sort_keys=False, allow_unicode=True, width=110)
