"""How the terminal reports place and colour their lines; nothing here reads markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import StringIO

from rich.console import Console
from rich.text import Text

from logscope.model import SeverityName
from logscope.render.text import SEVERITY_LABEL, SEVERITY_SYMBOL
from logscope.report import Finding

SEVERITY_STYLE: Mapping[SeverityName, str] = {
    "critical": "bold bright_red",
    "high": "bright_red",
    "medium": "yellow",
    "low": "bright_blue",
    "info": "cyan",
}
_TIE = "\ue000"
"""Stands for a blank at which a line does not end; rich ends one at every kind of blank."""
_NARROWEST = 10
"""Columns that wrapped text has at least."""
_LONGEST_LABEL = max(len(label) for label in SEVERITY_LABEL.values())


def as_text(show: Callable[[Console], None], width: int) -> str:
    """Return what is shown on a terminal of so many columns, without colour."""
    out = StringIO()
    show(Console(file=out, width=width, color_system=None, legacy_windows=False))
    return out.getvalue()


def finding_head(console: Console, finding: Finding, number: str = "") -> None:
    """Print severity, title and count of a finding; symbol and label are all of one width, in their colour."""
    console.print()
    style = SEVERITY_STYLE[finding.severity]
    label = (
        f"{SEVERITY_SYMBOL[finding.severity]} {SEVERITY_LABEL[finding.severity].upper():<{_LONGEST_LABEL}}"
    )
    title = f"{number}{' '.join(finding.title.split())}"
    headed(
        console, Text.assemble((label, style), " ", (title, "bold")), Text(f"{finding.occurrences:,}×", style)
    )


def line(console: Console, content: Text) -> None:
    """Print one line, cut at the edge with an ellipsis; no line ends in spaces.

    A long word that was broken before `::` begins no line as a build server's command.
    """
    content = content.copy()
    content.expand_tabs(4)
    at = content.plain.find("::") + 1
    if content.plain[:at].strip() == ":":
        content = Text.assemble(content[:at], " ", content[at:])
    _cut(content, console.width, console)
    whole(console, content)


def _cut(content: Text, width: int, console: Console) -> None:
    """Shorten to `width` columns in place; an ellipsis is three signs where the terminal knows only ASCII."""
    if console.options.ascii_only and content.cell_len > width:
        content.truncate(width - 3)
        content.append("...")
    content.truncate(width, overflow="ellipsis")


def whole(console: Console, content: Text) -> None:
    """Print one line of code however long it is: cut or wrapped it could not be copied."""
    content.rstrip()
    console.print(content, no_wrap=True, crop=False, soft_wrap=True)


def headed(console: Console, left: Text, right: Text) -> None:
    """Print one line with something at its right edge; the left part is cut where both do not fit."""
    left = left.copy()
    room = max(console.width - right.cell_len - 2, 10)
    _cut(left, room, console)
    line(console, Text.assemble(left, " " * (room + 2 - left.cell_len), right))


def tied(words: str) -> str:
    """Words that `hang` keeps in one line."""
    return words.replace(" ", _TIE)


def hang(console: Console, margin: Text, body: Text) -> None:
    """Print `body` wrapped behind `margin`, later lines indented as deep."""
    room = max(console.width - margin.cell_len, _NARROWEST)
    for number, wrapped in enumerate(body.wrap(console, room, overflow="fold", tab_size=4)):
        wrapped.plain = wrapped.plain.replace(_TIE, " ")
        line(console, Text.assemble(margin if number == 0 else " " * margin.cell_len, wrapped))
