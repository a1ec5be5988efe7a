"""What editors hand on of the MCP servers that they run: all of it with one level."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logscope.events.written.heads import level_of_head

if TYPE_CHECKING:
    from logscope.events.record.event import Event

_SERVERS = re.compile(r"server stderr$|(?:user|project-\d+)-")
_SERVER = re.compile(
    rb"(?:user|project-\d+)-[\w.\-]{1,80}: |\[Extension Host\] (?:MCP )?[Ss]erver \"[^\"\n]{1,80}\" stderr: "
)
"""Loggers of what servers write to stderr, of VS Code and of Cursor, and the latter where none was learned; and what
VS Code shows of an extension such as Cline that prints it."""


def servers_level(event: Event) -> str:
    """Return the level of a server's own record, empty where an editor shows none."""
    head, first = event._head
    if head is None or head[0].name != "vscode":
        return ""
    named = _SERVER.match(first, head[1])
    inner = event._layout.match(first, named.end() if named else head[1], len(first))
    if inner is None or inner[0].kind != "plain":
        return ""
    own = inner[0].timed and inner[2]  # a time and a level of its own
    return level_of_head(inner) if named or own or _SERVERS.match(event.logger) else ""


def handed_on(event: Event) -> bool:
    """Say whether the level is the one that an editor gives all that a server writes to stderr."""
    head, first = event._head
    if head is None or head[0].name != "vscode" or servers_level(event):
        return False
    return (_SERVER.match(first, head[1]) or _SERVERS.match(event.logger)) is not None
