"""The few errors that end a run; each says what, where and what next."""

from __future__ import annotations

from logscope.counting import counted


class LogscopeError(Exception):
    """Base of every error that logscope raises on purpose.

    `exit_code` follows the table in docs/exit-codes.md; `hint` says what to do next.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(LogscopeError):
    """A path, an option or a configuration that cannot be used (exit 2)."""


class UnfitError(UsageError):
    """A forced format that fits no line of a source (exit 2, where it fits no source)."""


class _Problems(LogscopeError):
    """What was written wrong; `problems` are ready lines `path:line: text`, and `where` names what they are in."""

    where = ""

    def __init__(self, problems: tuple[str, ...], where: str = "") -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.where = where or self.where

    @property
    def summary(self) -> str:
        """How many there are."""
        return f"{counted(len(self.problems), 'problem')} in {self.where}"


class ConfigError(_Problems, UsageError):
    """A configuration with problems (exit 2)."""

    where = "the configuration"


class RuleError(_Problems):
    """Rule files with problems (exit 3)."""

    exit_code = 3
    where = "rule files"


class NoInputError(LogscopeError):
    """No input, or no log line in any input (exit 4): never "clean" on nothing."""

    exit_code = 4
