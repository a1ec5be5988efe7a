"""What members of a record hold, by the words of their names: who writes JSON by hand calls them as they like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

LEVEL, LOGGER, MESSAGE, TIME, TRACE, KIND, REASON, OTHER = range(8)

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_NAMES = {
    LEVEL: "level levelname levelstr levelstring leveltext loglevel lvl logseverity severity severityname "
    "severitytext severitylevel priority sev",
    LOGGER: "logger loggername logname component componentname module modulename channel categoryname class classname",
    MESSAGE: "message msg logmessage logmsg fullmessage shortmessage messagetemplate event text body",
    REASON: "error err",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
_MOMENTS = frozenset(
    "time timestamp ts dt date datetime epoch created logged emitted written asctime".split()
)
_MORE = frozenset(
    "log event record unix utc gmt iso local at on of ms millis milliseconds micros nanos ns s".split()
)
"""What stands with these: another moment than the record's own, as `expires_at` or `start_time`, has other words."""
_TRACES = frozenset("traceback trace stacktrace stack backtrace tb exception exc thrown throwable".split())


_FAILURES = frozenset("exception exc error err".split())
_PARTS = {
    "type": KIND,
    "class": KIND,
    "name": KIND,
    "message": REASON,
    "msg": REASON,
    "value": REASON,
    "text": REASON,
}
"""What stands behind one of these: an exception's class, and what it says."""
_CAPITAL, _CAMEL = re.compile(r"[A-Z]\w{0,80}"), re.compile(r"[A-Z][a-z\d]{1,80}[A-Z]\w{0,80}")


@lru_cache(maxsize=4096)
def role_of(name: str) -> int:
    """Say what a member of this name holds, OTHER when the name does not tell."""
    words = [word.lower() for word in _WORD.findall(name)]
    role = _ROLES.get("".join(words), OTHER)
    if len(words) == 2 and words[0] in _FAILURES and words[1] in _PARTS:
        return _PARTS[words[1]]
    if role == OTHER and not _MOMENTS.isdisjoint(words) and _MOMENTS.union(_MORE).issuperset(words):
        return TIME
    return TRACE if role == OTHER and not _TRACES.isdisjoint(words) else role


def of_role(members: Mapping[str, Any], role: int) -> Iterator[Any]:
    """Give the values of all members whose names tell that they hold this, in the record's order."""
    return (value for name, value in members.items() if role_of(name) == role)


def nests(members: Mapping[str, Any]) -> str:
    """The class that logs, as NestJS names it whatever writes its records: of one word only beside a process."""
    context, shape = members.get("context"), _CAPITAL if "pid" in members else _CAMEL
    return context if isinstance(context, str) and shape.fullmatch(context) else ""
