"""Regular expressions that rules share, by the name that `usual` gives them in a condition."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from logscope.rulebook.rule import Condition, Detect, Usual, Where

_MODEL = r"(?:model|provider|llm|deployment)"
_MODELS = (
    r"gpt|claude|gemini|llama|mistral|qwen|deepseek|haiku|sonnet|opus|openai|anthropic|bedrock|azure|vertex"
)
"""Parts of the names of models, and of who offers them."""
_OF = r"attempt \(?(\d+) ?(?:/|of) ?(?!\1\b)\d+"
"""A number of attempts that is not the last one's."""
_AGAIN = (
    r"(?i)\b(?:retrying\b.{0,40}\battempt|[1-9]\d* (?:retries|attempts|tries) (?:left|remaining)\b"
    r"|retriesLeft\W{1,3}[1-9]"
    r"|(?=retry)(?<=[,;:] )retry #\d{1,3}\W*(?:\n|$)|(?=it)(?<=as )it raised"
    r"|(?=retry)(?<![^\s])(?<!after )(?<!last )(?<!final )(?<!on )retry #?\d{1,3}(?: of https?://\S{1,300})?: )"
)
"""What is tried again, in words that also announce it."""
_STATE = r"(?:reachable|ready|available|up|listening|connected|accepting connections)"
_ANNOUNCED = (
    _AGAIN,
    (
        r"(?i)\b(?:(?:\A|(?<=[,;:(=\"])|(?<=[,;:(=\"][ \"])|(?<=[,;:(=\"] \"))retrying\b"
        r"|(?<!please )(?:retry|retrying) (?:in |after |every |for )?#?\d"
        r"|retrying (?:[^\s,;]+ ){1,4}in \d|retry \d+/\d+ will start\b|UP_FOR_RETRY\b|will retry\b)"
        r"|[._]retry(?:ing|_scheduled)?\b(?![.(]|\n[ |]{2})"  # no frame's name
    ),
    rf"(?i)\b{_OF}|\bbacking off\b|\b(?<!please )reconnecting (?:in |after |every |for )?#?\d",
    (
        r"(?i)\b(?:(?<!please )(?:try again|trying again) (?:in |after |every |for )?#?\d|will try again\b"
        r"|trying (?:again|to re-?establish)\b)"
    ),
    (
        r"(?i)\b(?:(?<!please )next (?:try|attempt|retry) (?:in |after |every |for )?#?\d"
        r"|(?:before|until) (?:the )?next (?:attempt|try|retry)\b)"
    ),
    (
        r"(?i)\b(?<!please )(?:sleeping|waiting|wait) (?:in |after |every |for )?#?\d"
        r"|\b(?<!while )(?<!out )(?<!timeout )(?<!exceeded )(?<!error )(?<!failed )(?<!gave up )waiting for\b"
        r"(?! application\b)"
    ),
    (
        rf"(?i)\bnot (?:{_STATE} yet\b|yet {_STATE}\b"
        rf"|{_STATE}\W{{1,3}}(?:still )?(?:waiting|retrying|trying|sleeping)\b|{_STATE} \((\d+)/(?!\1\b)\d+\))"
    ),
    (
        rf"(?i)\b(?:using|trying|to|on) (?:the )?(?:next|other|second) {_MODEL}\b"
        rf"|\b(?:using|trying|to|on) (?:the )?(?:secondary|backup|fallback|fall-back) {_MODEL}\b"
    ),
    (
        rf"(?i)\b(?:falling back|switching(?: over)?|failing over) (?:to|on) (?:the )?(?:{_MODEL} )?[\"'`]?"
        rf"[\w./:-]{{0,40}}(?:{_MODELS})"
    ),
)
"""Another try is announced, or waited for, be it with another model: what stands in for a store is no other try. One
pattern for each kind of words: most are ruled out by these."""
_RETRYING = (
    _AGAIN,
    (
        rf"(?i)\b(?:(?:retrying|trying again) in \d|{_OF}|celery\.exceptions\.Retry: Retry (?:in|at) \d)"
        r"|backing off \w|[._]retry_scheduled\b|\A[\w.]{2,60}[._]retry(?:\n|$)"
        r"|[,;] ?(?:will retry|retrying)\W*(?:\n|$)"
    ),
)
"""An event says itself that what has failed is tried again: the last try, if it fails, is told in other words."""
_CONNECTED = (
    r"(?i)\A(?![^\n]{0,400}?\b(?:until|unless|wait(?:ing)? for)\b)[^\n]*?(?:\b(?:is|are) (?:up|available)\b"
    r"|(?<!not )(?<!n't )(?<!yet )(?<!be )(?<!until )(?<!when )\b(?:ready|reachable|reconnected)\b(?! yet)"
    r"|(?<!not )(?<!yet )\bconnected (?:to|after)\b|\bsuccessfully connected\b|\A(?:re)?connected\n"
    r"|\b(?:redis|database|db|postgres|mysql|mongo|rabbitmq|kafka|broker|cache|pool)[ .]connected\b"
    r"|\bconnection (?:to \S{1,80} )?(?:is |was |has been )?(?:re-?established|restored|succeeded)\b"
    r"|\bstartup complete\b|\bsucceeded after \d)"
)
"""What was waited for is there."""
_ANSWERED = (
    r"(?i)\bPOST https?://[^\s\"]{1,300}/(?:messages|completions|responses|embeddings|converse|[\w.-]{1,80}:\w*generateContent)"
    r"\b[^\s\"]{0,100}[\s\\\"]{1,3}HTTP/[\d.]{1,3} 2\d\d\b"
    r"|\A(?![^\n]{0,400}?(?:\b(?:until|unless|if|when|not|never|no)\b|fail|error|unavailable|g[ia]v(?:e|ing) up"
    r"|exhaust))"
    r"[^\n]*?\b(?:succeeded|successfully"
    r"|(?:after|in|on) \d{1,2} (?:attempts|retries|tries)|(?:on|after) (?:retry|attempt) #?\d{1,2}"
    r"|(?:model|completion|response|llm) (?:answered|received|completed|ok)|(?:provider|call|request) (?:answered|ok)"
    r"|answered in \d+)\b"
)
"""What was asked for was answered."""
_REQUESTED = r"\bHTTP Request: [A-Z]{3,7} https?://[^\s\"\\]{1,300}[\s\\\"]{1,3}HTTP/[\d.]{1,3} 2\d\d\b"
"""httpx was answered well, whatever it has asked for."""
GIVES_UP = (
    r"(?i)\b(?:giv(?:e|es|ing)|gave) up\b|\b(?:after|all) \d{1,3} (?:attempts|tries|retries)\b"
    r"|\b(?:retries|attempts) (?:were |are )?(?:exceeded|exhausted|used up)\b"
)
"""No further try follows."""
_PATTERNS: dict[Usual, tuple[str, ...]] = {
    "announced": _ANNOUNCED,
    "retrying": _RETRYING,
    "connected": (_CONNECTED,),
    "answered": (_ANSWERED,),
    "requested": (_REQUESTED,),
}
_ANNOUNCES = Condition(regex=_ANNOUNCED)
GIVEN_UP = Condition(regex=(GIVES_UP,), where=Where(level=("critical", "error", "warning")))
"""A line of its own that ends a row of announced tries, of which the last one failed."""


def announces(detect: Detect) -> Condition | None:
    """Return what announces another try of what a rule finds: its own words, or the usual ones where it may heal."""
    return detect.incident.retries or (_ANNOUNCES if detect.healed is not None else None)


def announces_apart(detect: Detect) -> Condition | None:
    """Return what does so on a line of its own, often at info: the same where a rule may heal, or else the usual words
    where it knows some of them."""
    again = announces(detect)
    if again is not None and detect.healed is None:
        again = _ANNOUNCES if _AGAIN in again.regex else None
    return None if again is None else replace(again, where=Where(level=("any",)))


def with_usual(part: Any) -> Any:
    """Return a rule, or a part of one, with the patterns that its conditions name among their own."""
    if isinstance(part, tuple):
        return tuple(map(with_usual, part))
    if not isinstance(part, Struct):
        return part
    inside = {name: with_usual(getattr(part, name)) for name in part.__struct_fields__}
    if isinstance(part, Condition) and part.usual:
        inside |= {
            "regex": (*part.regex, *(text for name in part.usual for text in _PATTERNS[name])),
            "usual": (),
        }
    return replace(part, **inside)
