"""The few errors that end a run; each says what, where and what next."""

from __future__ import annotations


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


class RuleError(LogscopeError):
    """Rule files with problems (exit 3); `problems` are ready lines `path:line:column: text`."""

    exit_code = 3

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class NoInputError(LogscopeError):
    """No input, or no log line in any input (exit 4): never "clean" on nothing."""

    exit_code = 4
