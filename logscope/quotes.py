"""Lines that only quote a failure: tests by name, commit subjects. They carry no level, and nothing failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logscope.events import Event

_COMMIT = r"(?:fix|feat|chore|docs|tests?|refactor|perf|build|ci|style|revert)(?:\([^()\n]{1,40}\))?!?: "
_QUOTE = re.compile(
    rf"""\s*(?:
        (?:(?:PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR)\s+)?\S+\.py::\w   # pytest
      | (?:---\ |===\ )?(?:PASS|RUN|SKIP|FAIL|ok\ \d+|not\ ok\ \d+)[:\s]\s*[-\w]     # go test, TAP
      | [✓✔√○✗✕]\s                                                     # mocha, jest, vitest
      | (?:\S+:\ )?(?:commit\ )?[0-9a-f]{{7,40}}\s(?:\([^()\n]{{1,80}}\)\s)?{_COMMIT}     # git log --oneline
      | [-*]\ {_COMMIT}
      | {_COMMIT}.*\(\#\d+\)\s*$
      | Merge\ (?:pull\ request|branch)\b
    )""",
    re.VERBOSE,
)


def is_quote(event: Event) -> bool:
    """Whether an event has no level and no exception, and names a test or a commit."""
    return not event.level and _QUOTE.match(event.text) is not None and event.exception is None
