"""Patterns that are compiled when they are first used: of the many that may be needed, most runs use few."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

TEXTS: list[str | bytes] = []
"""All of them."""


class _Lazy:
    """Stands for a compiled pattern, and takes over each of its attributes that is asked for."""

    def __init__(self, text: Any, flags: int) -> None:
        TEXTS.append(text)
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._text, self._flags), name)  # re remembers what it has compiled
        setattr(self, name, value)
        return value


def lazy(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what is used like `re.compile(text, flags)`."""
    return cast("re.Pattern[AnyStr]", _Lazy(text, flags))
