"""Secrets masked before a report, a history or a terminal sees them: names and prefixes stay, values go.

A secret shows itself in three ways: by its shape (`sk-ant-…`), by the name before it (`password=…`), by its
place (`scheme://user:…@host`). A long random string alone is none: logs are full of session and request ids.
"""

from __future__ import annotations

import base64
import binascii
import re
import string
from collections.abc import Iterator

from logscope.lazily import lazy
from logscope.neutral import neutralize
from logscope.redact.broken import mask_across, mask_broken
from logscope.redact.elsewhere import mask_elsewhere
from logscope.redact.names import CODES, PREDICATE, PROSE, STRONG, WEAK, WORDS
from logscope.redact.pem import mask_pem
from logscope.redact.shapes import SHAPES, may_hold_shape
from logscope.redact.values import bare_end, is_code, is_holder, is_random, list_span, quoted_end

MASK = "[redacted]"

_MEMBER = (
    r"""\\{0,8}["']?(?:(?:[, \t\n]|\\{1,8}n){1,40}\\{0,8}["']?value\\{0,8}["']?[ \t]?[:=][ \t]?"""
    r"""|(?:\n|(?:\\{1,8}r)?\\{1,8}n){2})"""
)
"""Between a name that is a value itself and what it names: `name: DB_PASSWORD`, `value: …`, or a form's part."""
_NAMING = lazy(r"""(?:name|key|header)\\{0,8}["']?[ \t]?[:=][ \t]?\\{0,8}["']?\Z""", re.IGNORECASE)
_KEY = lazy(
    rf"(?P<word>{STRONG}|{WEAK})(?:[_-]?\d{{1,3}}|[_-]?(?:value|prod|dev|test|live|staging|old|new|raw|b64))?"
    r"""(?:(?P<sep>(?:\\{0,8}["'`]|%22|[ ]provided(?=:))?[ \t]{0,8}(?:[:=]{1,2}>?|%3[ad])[ \t]{0,8})
         |(?P<member>MEMBER)
         |(?P<pair>\\{0,8}["'],[ \t]?(?=b?\\{0,8}["']))
         |(?P<flag>\\{0,8}["']?,?[ \t]{1,8}(?:(?:is|was)[ ])?)
         |(?P<tag>>))""".replace("\n", "")
    .replace("         ", "")
    .replace("MEMBER", _MEMBER)
)
_NAMES = (
    *("pass", "secret", "token", "key", "auth", "cookie", "cred", "pw", "sig", "jwt", "otp", "code"),
    *("curl ", "mysql", "mariadb", "identified by", '"kty"'),
)
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
_PARAMETERS = lazy(
    r'(?:[\w-]{1,40}=(?:(?P<quote>\\{0,8}")[^"\\\n]*+(?P=quote)|[^\s"\\,;]++)(?:,[ ]?(?=[\w-]{1,40}=))?)++'
)
"""Of a scheme that signs: `username="ada", response="…"`, its quotes escaped where JSON holds it."""
_HEADER_REST = lazy(r"\n|\\*[\"'`](?=[\s,)}\]]|\Z)|\\[nr]")
_BEARER = lazy(r"(\b(?:[Bb]earer|BEARER)(?:[ +]|%20){1,4})([\w\-.~+/]{8,}=*+)(?!=)")
_BASIC = lazy(r"(\b[Bb]asic(?:[ +]|%20){1,4})([A-Za-z0-9+/]{6,}={0,2})")
_USERINFO = lazy(
    r"""(:(?:\\?/){2}[^\s:/?\#@"'<>\\]{0,200}:)([^\s/"'<>]{1,400})(?=@[\w\[.%-])  # user:password@host
      | ((?:postgres|mysql|mariadb|mongodb|redis|amqp|mssql)\w*(?:\+\w+)?://[^\s:/?\#@"'<>]{0,200}:)
        (?!\d{1,5}/)([^\s"'<>]{1,400})(?=@[\w\[.%-])         # … with a raw slash in it
      | (:(?:\\?/){2})([A-Za-z0-9_\-]{20,400})(?=@[\w.-])    # token@host
    """,
    re.VERBOSE,
)
_CUT_USERINFO = lazy(r"(://[^\s:/?\#@\"'<>\\]{0,200}:)(?!v?\d+\.)([^\s:/?\#@\"'<>\\]{6,400})\Z")
"""The text breaks off, or what a rule named ends, before the `@`; behind an image's name stands its version."""
_CREDENTIALS = lazy(
    r"""((?i:(?<!locate\ revision\ )\bidentified\ by|\bwith\ (?:encrypted\ )?password
            |\brequirepass|\bmasterauth)[ ]{1,4}['"]?)
        ([^\s'";]+)
      | (\bcurl\b[^\n]{0,400}?[ ](?:-u|--user)[ =]{1,4}["']?[^\s:"']{1,100}:)([^\s"']+)
      | (\blogin[ ]\S{1,100}[ ]password[ ])(\S+)
      | (\b(?:mysql|mariadb)[\w-]*[ ](?:[^\n]{0,200}?[ ])?-p)(?!ort|rotocol)([^\s"']+)
      | (\bsshpass[ ]-p[ ]?["']?)([^\s"']+)
      | (\bauth[ ]?=[ ]?\(["'][^"'\n]{0,100}["'],[ ]?["'])([^"'\n]+)
      | (<Cookie[ ][^\s=]{1,100}=)(\S+)(?=[ ]for[ ])
      | ("(?:d|k|p|q|dp|dq|qi)"[ ]?:[ ]?")([\w-]{16,})(?=")
    """,
    re.VERBOSE,
)
_CREDENTIAL_HINTS = (
    *("identified by", "password", "requirepass", "curl", "mysql", "mariadb"),
    *("sshpass", "auth", "<cookie", '"kty"'),
)


def clean(text: str) -> str:
    """Return log text as it may leave the process: no secrets, no control characters."""
    return redact(neutralize(text))


def redact(text: str) -> str:
    """Return `text` with the value of every secret replaced by `[redacted]`; the lines keep their number.

    Expects text without control sequences (see `neutralize`); redacting twice changes nothing more.
    """
    if "\n" in text:
        text = mask_across(text, MASK, _told_values, is_random)
    low = _lower(text)
    if "-----BEGIN" in text:
        text = mask_pem(text, MASK)
    if _holds(low, _NAMES):
        if _holds(low, _CREDENTIAL_HINTS):
            text = _CREDENTIALS.sub(_mask_last, text)
        text = _mask_named(text)
    if "bearer" in low:
        text = _BEARER.sub(_mask_bearer, text)
    if "asic" in text:
        text = _BASIC.sub(_mask_basic, text)
    if may_hold_shape(text):
        text = SHAPES.sub(_mask_shape, text)
    text = mask_elsewhere(text, low, MASK)
    if "@" in text and "//" in text.replace("\\", ""):
        text = _USERINFO.sub(_mask_last, text)
    if "\n" in text:
        text = mask_broken(text, MASK, is_random)
    if "://" in text[-400:]:
        text = _CUT_USERINFO.sub(lambda found: found[1] + MASK if is_random(found[2], 6) else found[0], text)
    return text


def _told_values(line: str) -> Iterator[tuple[int, int, int]]:
    """Where a name, its value, and what is behind that begin, for all values but those known by their shape."""
    low = _lower(line)
    if _may_tell(low):
        yield from _named_values(line, low)
        for pattern in (_BEARER, _USERINFO):
            for found in pattern.finditer(line):
                if not is_holder(found[found.lastindex or 0]):
                    yield found.start(), *found.span(found.lastindex or 0)


def _may_tell(low: str) -> bool:
    return "://" in low or "bearer" in low or _holds(low, _NAMES)


def _holds(text: str, hints: tuple[str, ...]) -> bool:
    return any(map(text.__contains__, hints))


def _lower(text: str) -> str:
    # The only letter whose lower case has another length: places must stay the same.
    return text.replace("İ", "I").lower()


def _mask_shape(match: re.Match[str]) -> str:
    return match[match.lastindex or 0] + MASK


def _mask_last(match: re.Match[str]) -> str:
    last = match.lastindex or 0
    kept = match[last - 1]
    return kept + (match[last] if is_holder(match[last]) else MASK)


def _mask_bearer(match: re.Match[str]) -> str:
    return match[1] + MASK if not is_code(match[2]) and is_random(match[2], 8) else match[0]


def _mask_basic(match: re.Match[str]) -> str:
    try:
        plain = base64.b64decode(match[2] + "=" * (-len(match[2]) % 4), validate=True)
    except binascii.Error:
        return match[0]
    return match[1] + MASK if b":" in plain and plain.isascii() else match[0]


def _mask_named(text: str) -> str:
    low = _lower(text)
    parts: list[str] = []
    done = 0
    for _, start, end in _named_values(text, low):
        if start >= done:
            parts += [text[done:start], MASK]
            done = end
    return "".join(parts) + text[done:] if parts else text


def _named_values(text: str, low: str) -> Iterator[tuple[int, int, int]]:
    place = 0
    while match := _KEY.search(low, place):
        span = _value_span(text, match)
        if span:
            yield match.start(), *span
        place = max(match.end(), span[1] if span else 0)


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
    """Say whether a sentence tells a password or a code: `password 'hunter2' rejected`, `the password was hunter2`,
    `your verification code is 482913`."""
    told = match["flag"].endswith(("is ", "was "))
    value = text[match.end() : bare_end(text, match.end())]
    if _CODE_NAME.fullmatch(match["word"]):
        return _is_code_sent(value) if told else re.fullmatch(r"\d{6}", value) is not None
    if not _PASSWORD.fullmatch(match["word"]):
        return False
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
