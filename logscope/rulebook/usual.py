"""Regular expressions that rules share, by the name that `usual` gives them in a condition."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from logscope.rulebook.rule import Condition, Usual

_ANNOUNCED = (
    r"(?i)as it raised"
    r"|\b(?:retry|retrying|try again|trying again|reconnecting|sleeping) (?:in |after |every )?\d"
    r"|\bwill retry\b|[,;:(] ?retrying\b|\bretrying\b.{0,40}\battempt|[._]retry(?:ing)?\b"
    r"|\battempt \(?(\d+) ?(?:/|of) ?(?!\1\b)\d+|backing off \w|\btrying (?:again|to re-?establish)\b"
    r"|\b(?:before|until) (?:the )?next (?:attempt|try|retry)\b"
    r"|\bnot (?:reachable|ready|available|up|listening|connected|accepting connections) yet\b"
    r"|\bnot yet (?:reachable|ready|available|up|listening|connected|accepting connections)\b"
    r"|\bnot (?:reachable|ready|available|up|listening|connected|accepting connections)"
    r"\W{1,3}(?:still )?(?:waiting|retrying|trying|sleeping)\b"
    r"|(?<!while )(?<!out )(?<!timeout )(?<!exceeded )(?<!error )(?<!failed )(?<!gave up )\bwaiting for\b"
    r"(?! application\b)"
)
"""Another try is announced, or waited for."""
_CONNECTED = (
    r"(?i)\A(?![^\n]{0,400}?\b(?:until|unless|wait(?:ing)? for)\b)[^\n]*?(?:\b(?:is|are) (?:up|available)\b"
    r"|(?<!not )(?<!n't )(?<!yet )(?<!be )(?<!until )(?<!when )\b(?:ready|reachable|reconnected)\b(?! yet)"
    r"|(?<!not )(?<!yet )\bconnected (?:to|after)\b|\bsuccessfully connected\b"
    r"|\b(?:redis|database|db|postgres|mysql|mongo|rabbitmq|kafka|broker|cache|pool)[ .]connected\b"
    r"|\bconnection (?:to \S{1,80} )?(?:is |was |has been )?(?:re-?established|restored|succeeded)\b"
    r"|\bstartup complete\b|\bsucceeded after \d)"
)
"""What was waited for is there."""
_PATTERNS: dict[Usual, str] = {"announced": _ANNOUNCED, "connected": _CONNECTED}


def with_usual(part: Any) -> Any:
    """Return a rule, or a part of one, with the patterns that its conditions name among their own."""
    if isinstance(part, tuple):
        return tuple(map(with_usual, part))
    if not isinstance(part, Struct):
        return part
    inside = {name: with_usual(getattr(part, name)) for name in part.__struct_fields__}
    if isinstance(part, Condition) and part.usual:
        inside |= {"regex": (*part.regex, *(_PATTERNS[name] for name in part.usual)), "usual": ()}
    return replace(part, **inside)
