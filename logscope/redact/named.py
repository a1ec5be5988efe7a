"""Secrets behind a telling name: `password=…`, `--token …`, `Cookie: …`, `the password is …`."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from logscope.lazily import lazy
from logscope.redact.values import (
    MASK,
    bare_end,
    is_code,
    is_holder,
    is_random,
    list_span,
    mask_spans,
    quoted_end,
)
from logscope.redact.words import CODES, PREDICATE, PROSE, STRONG, WEAK, WORDS

_MEMBER = (
    r"""\\{0,8}["']?(?:(?:[, \t\n]|\\{1,8}n){1,40}\\{0,8}["']?value\\{0,8}["']?[ \t]?[:=][ \t]?"""
    r"""|(?:\n|(?:\\{1,8}r)?\\{1,8}n){2})"""
)
"""Between a name that is a value itself and what it names: `name: DB_PASSWORD`, `value: …`, or a form's part."""
_NAMING = lazy(r"""(?:name|key|header)\\{0,8}["']?[ \t]?[:=][ \t]?\\{0,8}["']?\Z""", re.IGNORECASE)
_KEY = lazy(
    rf"(?P<word>{STRONG}|{WEAK})(?:[_-]?\d{{1,3}}|[_-]?(?:value|prod|dev|test|live|staging|old|new|raw|b64))?"
    r"""(?:(?P<sep>(?:\\{0,8}["'`]\]?|%22|[ ]provided(?=:)
             |(?:(?<=word)|(?<=key))[ ]for[ ](?:\w{1,30}[ ])?[\w@.\-]{1,60}(?=:[ ]\S{0,60}[\d_!@#$%^&*]))?
             [ \t]{0,8}(?:[:=]{1,2}>?|%3[ad])[ \t]{0,8})
         |(?P<member>"""
    + _MEMBER
    + r""")
         |(?P<pair>\\{0,8}["'],[ \t]?(?=b?\\{0,8}["']))
         |(?P<flag>\\{0,8}["']?,?[ \t]{1,8}(?:(?:is|was):?[ ])?)
         |(?P<tag>>))""",
    re.VERBOSE,
)
_HINTS = ("pass", "secret", "token", "key", "auth", "cookie", "cred", "pw", "sig", "jwt", "otp", "code")
_IDENT = string.ascii_letters + string.digits + "_.$-"
_OPEN = lazy(
    r"(?:[bBuUrR]{1,2}(?=\\*[\"'])|SecretStr\(|[|>][+-]?\d?[ \t]*\n[ \t]+)?(?P<quote>\\{0,8}[\"'`]|%22|&quot;)?"
)
_CODE_NAME = lazy(CODES)
_PASSWORD = lazy(r"passw(?:or[dt]|d)|passphrase|passcode")
_CHOSEN = lazy(r"[\"'](?![A-Za-z_.-]*[\"'])[^\s\"']{4,200}[\"']")
"""A password in quotes; a plain word may be a field's or a user's name."""
_LAST_WORD = lazy(r"([A-Za-z]{4,40})(?=[.!]?(?:[\"')]*\s*(?:\n|\Z)|\\*[\"']\s*[,}\])]|\\+[nr]))")
"""The last word of a text, or of a text in quotes that others stand behind."""
_LISTED = lazy(r"\[\s{0,8}b?(?P<quote>\\{0,8}[\"'`])")
_UNBROKEN = lazy(r"[\"'`]?([A-Za-z0-9_]{16,}+)(?![\w.\-/])")
_NOT_TOKENS = lazy(
    r"(?:max|min|num|total|input|output|prompt|completion|cached|pad|eos|bos|sep|cls|unk|mask|stop|special|start|end"
    r"|page|next|prev|previous|continuation|progress|cancel|cancellation|sync|resume|by|per|first|last|cur|current"
    r"|pull|oaut|image|compass|by|tres|encom|sur|foreign|primary|partition|cache|sort|public|idempotency)[_.-]?\Z",
    re.IGNORECASE,
)
_PLAIN_WORD = lazy(r"[A-Z]?[a-z]+[.,;:!?]?\Z|[A-Z]+\Z")
_SCHEME = lazy(
    r"(?:bearer|basic|token|digest|negotiate|ntlm|apikey|api-key|aws4-hmac-sha256|sharedkey\w*|hawk|splunk|key|bot"
    r"|hmac\S*|genie\w*)[ :]+",
    re.IGNORECASE,
)
_OTHER_SCHEME = lazy(r"(?:[A-Za-z]+(?:-[A-Za-z]+)+|[A-Z][A-Za-z]*[A-Z][A-Za-z]*)[ ]+(?=([^\s\"'\\,;]+))")
_COOKIE = lazy(r"[^\s=;,\"'{]{1,100}=[^\s;]")
_BRACES = lazy(r"\{[^{}\n]{1,4000}\}")
_BRACED = lazy(r"\{(?![a-z_]+(?:[.\[][^}\n]*)?\}|[A-Z_]+\})((?:[^}\n]|\}\}){1,200})\}(?![^\s;\"'])")
"""As ODBC takes what holds a semicolon; not the name of a variable."""
_PARAMETERS = lazy(r'(?:[\w-]{1,40}=(?:\\{0,8}"[^"\\\n]*+\\{0,8}"|[^\s"\\,;]++)(?:,[ ]?(?=[\w-]{1,40}=))?)++')
"""Of a scheme that signs: `username="ada", response="…"`, its quotes escaped where JSON holds it."""
_HEADER_REST = lazy(r"\n|\\*[\"'`](?=[\s,)}\]]|\Z)|\\[nr]")


def may_name(low: str) -> bool:
    """Say, cheaply, whether a name of a secret may stand in a text in small letters."""
    return any(map(low.__contains__, _HINTS))


def mask_named(text: str) -> str:
    """Return `text` with the values of such names masked."""
    return mask_spans(text, ((start, end) for _, start, end in named_values(text, lower(text))))


def named_values(text: str, low: str) -> Iterator[tuple[int, int, int]]:
    """Yield where a name, its value, and what is behind that begin; `low` is the text in small letters."""
    place = 0
    while match := _KEY.search(low, place):
        span = _value_span(text, match)
        if span:
            yield match.start(), *span
        place = max(match.end(), span[1] if span else 0)


def lower(text: str) -> str:
    """Return `text` in small letters, each at its place."""
    # The only letter whose lower case has another length: places must stay the same.
    return text.replace("İ", "I").lower()


def _value_span(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Return where the value of this key stands, None when it is no secret."""
    word = match["word"]
    ident_at = match.start() - len(_prefix(text, match.start()))
    prefix = text[ident_at : match.start()]
    if not _is_key(text, match, prefix, ident_at):
        return None
    opened = _OPEN.match(text, match.end())
    assert opened is not None
    quote, start = opened["quote"] or "", opened.end()
    if word == "authorization" or (word in ("cookie", "cookies") and not prefix.endswith("_")):
        if listed := None if quote else _LISTED.match(text, start):
            quote, start = listed["quote"], listed.end()
        return _header_span(text, start, quote, word)
    end = quoted_end(text, start, quote) if quote else bare_end(text, start)
    value = text[start:end]
    if text.startswith("[", start) and not quote:
        secret = _is_strong(word, prefix) or _CODE_NAME.fullmatch(word) is not None
        return list_span(text, start) if secret else None
    if text[ident_at - 1 : ident_at] == ";" and (braced := _BRACED.match(text, start)):
        return braced.span(1)
    if word == "pwd" and value[:1] in "/~." and not value.startswith("/="):
        return None
    if _is_secret(value, quote, word, prefix) and not _is_prose(text, match, value, end, quote):
        return start, end
    return None


def _prefix(text: str, end: int) -> str:
    before = text[max(0, end - 48) : end]
    return before[len(before.rstrip(_IDENT)) :]


def _is_key(text: str, match: re.Match[str], prefix: str, ident_at: int) -> bool:
    word = match["word"]
    camel = text[match.start()].isupper()
    if word in ("pass", "auth", "otp", "totp", "jwt", "pwd", "pw") and prefix[-1:].isalpha() and not camel:
        return False
    if word in ("token", "secret", "key", "pass", "signature") and _NOT_TOKENS.search(prefix):
        return False
    if match["member"] is not None:
        return _NAMING.search(text[max(0, ident_at - 24) : ident_at]) is not None
    if match["flag"] is not None:
        return prefix.startswith("--") or _stands_bare(text, match) or _is_chosen(text, match)
    if match["pair"] is not None:
        before = text[max(0, ident_at - 7) : ident_at].rstrip("\"'\\")
        return prefix.startswith("--") or before.endswith(("(", "(b", "[", "[b"))
    return match["tag"] is None or text[ident_at - 1 : ident_at] in ("<", ":")


def _stands_bare(text: str, match: re.Match[str]) -> bool:
    """Say whether nothing but a blank parts a key's name from what can only be its value: `apikey 8f6c…`."""
    value = _UNBROKEN.match(text, match.end())
    if value is None or not is_random(value[1], 16):
        return False
    mixed = len(value[1]) >= 20 and value[1] not in (value[1].lower(), value[1].upper())
    return re.fullmatch(STRONG, match["word"]) is not None or (mixed and match["word"] in ("token", "secret"))


def _is_chosen(text: str, match: re.Match[str]) -> bool:
    """Say whether a sentence tells a password, a key or a code: `password 'hunter2' rejected`, `the password was
    hunter2`, `your verification code is 482913`."""
    told = match["flag"].endswith(("is ", "was ", "is: ", "was: "))
    value = text[match.end() : bare_end(text, match.end())]
    if _CODE_NAME.fullmatch(match["word"]):
        return _is_code_sent(value) if told else re.fullmatch(r"\d{6}", value) is not None
    if not _PASSWORD.fullmatch(match["word"]):
        return told and re.fullmatch(STRONG, match["word"]) is not None and is_random(value, 12)
    if _CHOSEN.match(text, match.end()):
        return True
    return told and (is_random(value, 6) or _ends_as_password(text, match.end()))


def _ends_as_password(text: str, start: int) -> bool:
    """Say whether a sentence ends with a word that says nothing of a password: `the password is swordfish`."""
    word = _LAST_WORD.match(text, start)
    return word is not None and word[1].lower() not in WORDS and not PREDICATE.fullmatch(word[1])


def _is_code_sent(value: str) -> bool:
    return re.fullmatch(r"\d{4,10}|\d{3}[ -]\d{3}", value.rstrip(".")) is not None or is_random(value, 6)


def _is_strong(word: str, prefix: str) -> bool:
    named = word in ("token", "secret", "pass", "jwt", "credentials") and prefix.strip("-$.")[-1:] != ""
    return named or re.fullmatch(STRONG, word) is not None


def _is_secret(value: str, quote: str, word: str, prefix: str) -> bool:
    bare = value.strip().rstrip(".,;:!?")
    if not bare or is_holder(value) or bare.lower() in WORDS or (not quote and is_code(bare)):
        return False
    if bare.isdigit() and len(bare) < 5 and word.endswith("keys"):
        return False  # how many there are
    if _CODE_NAME.fullmatch(word):
        return _is_code_sent(bare)
    if _is_strong(word, prefix):
        return not (quote and " " in bare and bare.split(" ", 1)[0].lower() in PROSE)
    short = word in ("token", "secret", "pass", "pw", "jwt")
    return " " not in bare and is_random(bare, 6 if short else 16)


def _is_prose(text: str, match: re.Match[str], value: str, end: int, quote: str) -> bool:
    """Say whether the words go on: `password: incorrect for user`, "token = …" inside a sentence."""
    if quote:
        return value.endswith(".") and " " in value
    follows = text[end : end + 12]
    colon = (match["sep"] or "").rstrip(" \t").endswith(":")
    return colon and _PLAIN_WORD.match(value) is not None and re.match(r" [a-z]{2,}", follows) is not None


def _header_span(text: str, start: int, quote: str, word: str) -> tuple[int, int] | None:
    if text.startswith(MASK, start):
        return None
    if word == "authorization":
        return _authorization_span(text, start, quote)
    if text.startswith("{", start) and not quote:
        inside = _BRACES.match(text, start)
        return (start + 1, inside.end() - 1) if inside else None
    if not _COOKIE.match(text, start):
        return None
    return start, _header_end(text, start, quote)


def _header_end(text: str, start: int, quote: str) -> int:
    if quote:
        return quoted_end(text, start, quote)
    end = _HEADER_REST.search(text, start)
    return end.start() if end else len(text)


def _other_scheme(text: str, start: int) -> re.Match[str] | None:
    """A scheme that nobody listed, before what can only be its key: `SSWS 00Qp…`."""
    scheme = _OTHER_SCHEME.match(text, start)
    return scheme if scheme and is_random(scheme[1], 16) else None


def _authorization_span(text: str, start: int, quote: str) -> tuple[int, int] | None:
    scheme = _SCHEME.match(text, start) or _other_scheme(text, start)
    begin = scheme.end() if scheme else start
    end = bare_end(text, begin)
    first = text[begin:end].rstrip(".")
    if not first or is_holder(first) or first.lower() in WORDS or _PLAIN_WORD.match(first):
        return None
    if scheme and scheme[0][:4].lower() in ("dige", "aws4", "hawk", "hmac"):
        parameters = None if quote else _PARAMETERS.match(text, begin)
        return begin, parameters.end() if parameters else _header_end(text, begin, quote)
    return begin, end
