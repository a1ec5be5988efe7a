"""The command line: arguments in, exit code out. The only place that prints, reads the environment, and exits."""

from __future__ import annotations

import errno
import gc
import importlib
import io
import os
import sys
from typing import Any

import click

from logscope import __version__
from logscope.cli.pipes import ASCII_SIGNS, messages_may_be_lost, reader_may_leave, tell
from logscope.errors import ConfigError, LogscopeError, RuleError

COMMANDS = {
    "analyze": "logscope.cli.analyze:analyze",
    "checklist": "logscope.cli.checklist:checklist",
    "inspect": "logscope.cli.inspect:inspect",
    "render": "logscope.cli.render:render",
    "rules": "logscope.cli.rules:rules",
}

_EXAMPLES = """\b
Examples:
  logscope analyze logs/
  logscope analyze logs/ -o report.md -o report.html --fail-on high
"""


class _LazyGroup(click.Group):
    """Loads a command's module when it is called for: `--version` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments; `--help` and `--version` are shown here."""
        with reader_may_leave():
            return super().make_context(*args, **extra)
        raise click.exceptions.Exit(0)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; one whose reader has seen enough has done its work (click would exit with 1: findings)."""
        with reader_may_leave():
            return super().invoke(ctx)
        return 0

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXAMPLES,
)
@click.version_option(__version__, prog_name="logscope")
def cli() -> None:
    """From the logs of uvicorn/FastAPI backends, LLM agents and MCP servers to a resolution plan."""


def main() -> None:
    """Run the command line; every error logscope raises on purpose becomes a message and its exit code."""
    gc.disable()  # one short run that keeps what it makes
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ASCII_SIGNS)  # a terminal may not know every sign
    code: object = 0
    try:
        with reader_may_leave():
            code = cli.main(standalone_mode=False)
    except (
        click.exceptions.Abort
    ) as error:  # click's word for an interrupt, and for a question without answer
        unanswered = isinstance(error.__context__, EOFError)
        tell("error: standard input ends before every question is answered" if unanswered else "interrupted")
        code = 2 if unanswered else 130
    except click.ClickException as error:
        with messages_may_be_lost():
            error.show()
        code = error.exit_code
    except LogscopeError as error:
        _show(error)
        code = error.exit_code
    except OSError as error:
        tell(f"error: {error.filename or _nameless(error)}: {error.strerror or error}")
        os._exit(2)  # what is left in the buffer cannot be written either
    sys.exit(code if isinstance(code, int) else 0)


def _nameless(error: OSError) -> str:
    """What failed where no file is named: only asking where we are, in a folder that was removed, ends in ENOENT."""
    gone = error.errno == errno.ENOENT
    return "the working directory is gone" if gone else "standard output cannot be written"


def _show(error: LogscopeError) -> None:
    if isinstance(error, ConfigError | RuleError):
        for problem in error.problems:
            tell(problem)
        tell(f"error: {error.summary}")
        return
    from logscope.redact import redact  # only a message needs it

    tell(redact(f"error: {error}"))
    if error.hint:
        tell(f"hint: {error.hint}")
