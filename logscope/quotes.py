"""Lines that only quote a failure: tests by name, commit subjects, source code, what somebody said. Nothing failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logscope.lazily import lazy

if TYPE_CHECKING:
    from logscope.events import Event

_COMMIT = r"(?:fix|feat|chore|docs|tests?|refactor|perf|build|ci|style|revert)(?:\([^()\n]{1,40}\))?!?: "
_QUOTE = lazy(
    rf"""\s*(?:
        (?:(?:PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR)\s+)?\S+\.py::\w   # pytest
      | (?:---\ |===\ )?(?:PASS|RUN|SKIP|FAIL|ok\ \d+|not\ ok\ \d+)[:\s]\s*[-\w]     # go test, TAP
      | [✓✔√○✗✕]\s                                                     # mocha, jest, vitest
      | (?:\S+:\ )?(?:commit\ )?[0-9a-f]{{7,40}}\s(?:\([^()\n]{{1,80}}\)\s)?{_COMMIT}     # git log --oneline
      | [-*]\ {_COMMIT}
      | {_COMMIT}.*\(\#\d+\)\s*$
      | Merge\ (?:pull\ request|branch)\b
      | (?:[-+>]\s*|\d+\s*[|:]\s*)?                                         # a line of source code
        (?:raise\s+[\w.]+|(?:self\.)?_?log(?:ger|ging)?\.\w+|print|throw\s+new\s+\w+|console\.\w+)
        \(\s*[rfb]{{0,2}}["'`]
      | \d+\s*\|\s.*\s\#\s
    )""",
    re.VERBOSE,
)
_SAID = lazy(
    r"""\s*(?:
        (?:user|human|customer|assistant|bot|chatbot|you|[QA])\s*[:>]\s
      | (?:the\s)?(?:user|human|customer|assistant|bot)(?:\s[\w#-]{1,20})?
        \s(?:asks?|asked|says?|said|wrote|writes|typed)\b
      | (?:(?:new|incoming|received|flagged|blocked|final|system|user|human|chat)\s){0,3}
        (?:prompt|question|(?:user|human|chat)\s(?:message|query|input))
        (?:\s(?:was\s)?(?:flagged|blocked|received))?\s*[:=>]
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_FAILED = frozenset(("error", "critical"))


def is_quote(event: Event) -> bool:
    """Whether an event without exception names a test or a commit, is code, or tells what somebody said."""
    if event.exception is not None or event.level in _FAILED:
        return False
    if _SAID.match(event.message) and "\n" not in event.text:
        return True
    return not event.level and _QUOTE.match(event.text) is not None
