"""What editors hand on of the MCP servers that they run: all of it with one level."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logscope.events.written.heads import level_of_head

if TYPE_CHECKING:
    from logscope.events.formats import Head
    from logscope.events.record.event import Event

_SERVERS = re.compile(r"server stderr$|(?:user|project-\d+)-")
_NAMED = {
    "vscode": re.compile(
        rb"(?:user|project-\d+)-[\w.\-]{1,80}: |\[Extension Host\] (?:MCP )?[Ss]erver \"[^\"\n]{1,80}\" stderr: "
    ),
    **dict.fromkeys(
        ("asctime-bracket", "bracket-word"), re.compile(rb"MCP server \"[^\"\n]{1,80}\":? Server stderr: ")
    ),
}
"""Loggers of what servers write to stderr, of VS Code and of Cursor; and by the format of a line, how the server is
named in it: where Cursor's logger was not learned, as VS Code shows an extension such as Cline that prints it, and in
Claude Code's debug log."""
_PLUGINS = re.compile(r"\[Plugin\([^)\n]{1,80}\)\] stderr: ")
"""What LM Studio's messages of such begin with, which stand below their head."""


def _servers_own(head: Head | None, first: bytes) -> int:
    """Where a server's own text begins, behind its name; -1 where none is named."""
    named = _NAMED.get(head[0].name) if head is not None else None
    found = named.match(first, head[1]) if head is not None and named is not None else None
    return found.end() if found is not None else -1


def servers_level(event: Event) -> str:
    """Return the level of a server's own record, empty where an editor shows none."""
    head, first = event._head
    begin = _servers_own(head, first)
    if head is None or (begin < 0 and head[0].name != "vscode"):
        return ""
    inner = event._layout.match(first, max(begin, head[1]), len(first))
    if inner is None or inner[0].kind != "plain":
        return ""
    own = inner[0].timed and inner[2]  # a time and a level of its own
    return level_of_head(inner) if begin >= 0 or own or _SERVERS.match(event.logger) else ""


def handed_on(event: Event) -> bool:
    """Say whether the level is the one that an editor gives all that a server writes to stderr."""
    head, first = event._head
    named = _servers_own(head, first) >= 0 or _PLUGINS.match(event.message) is not None
    if head is None or not (named or head[0].name == "vscode") or servers_level(event):
        return False
    return named or _SERVERS.match(event.logger) is not None
