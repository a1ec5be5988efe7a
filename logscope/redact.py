"""Secrets masked before a report, a history or a terminal sees them: the name or prefix stays, the value goes.

A secret shows itself in three ways: by its own shape (`sk-ant-…`), by the name before it (`password=…`), by its
place (`scheme://user:…@host`). A long random string alone is none: logs are full of session and request ids.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

MASK = "[redacted]"

_W = r"[\w-]"
_PREFIXED: tuple[tuple[str, str], ...] = (
    # Model providers and their tools: prefix that stays, body that goes.
    (r"sk-ant-(?:[a-z]+\d\d-)?", rf"{_W}{{16,}}"),
    (r"sk-(?:proj|svcacct|admin|None|or-v1|or|lf|helicone|ak|cp)-", rf"{_W}{{16,}}"),
    (r"pk-lf-", rf"{_W}{{16,}}"),
    (r"sk-", rf"(?=[\w-]{{0,200}}\d)(?=[\w-]{{0,200}}[A-Z]){_W}{{20,}}"),
    (r"c?sk-", r"(?=[a-z]{0,64}\d)[a-z0-9]{30,}"),
    (r"sk_|r8_|fw_|gsk_|hf_|api_org_|jina_|pcsk_|e2b_|ls__|esecret_", r"(?=[A-Za-z]*\d)[A-Za-z0-9_]{24,}"),
    (r"hf_|api_org_|jina_", r"[A-Za-z]{30,}"),
    (r"xai-|nvapi-|pplx-|tvly-(?:dev-|prod-)?|m0-|fc-|pa-", rf"(?=[\w-]{{0,100}}\d){_W}{{20,}}"),
    (r"lsv2_(?:pt|sk)_|pylf_v\d_(?:[a-z]+_)?|ABSK|bedrock-api-key-", r"[\w+/=]{24,}"),
    # Clouds.
    (r"AKIA|ASIA|ABIA|ACCA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    (r"AIza", rf"{_W}{{30,}}"),
    (r"ya29\.|GOCSPX-|1//0", rf"{_W}{{20,}}"),
    (r"LTAI", r"[A-Za-z0-9]{16,24}(?![A-Za-z0-9])"),
    (r"", r"[A-Za-z0-9_~.\-]{3}\dQ~[\w~.\-]{31,34}"),
    (r"", r"[A-Za-z0-9]{40,60}JQQJ99[A-Za-z0-9]{20,}"),
    (r"dapi", r"[0-9a-f]{32}(?:-\d)?"),
    (r"do[opr]_v1_|HRKU-|rnd_|nfp_|napi_|sbp_|sb_secret_|fo1_|fm\d_|vc[pikar]_|pul-|HCP-", rf"{_W}{{20,}}"),
    (r"pscale_(?:tkn|pw|oauth)_", r"[\w.=-]{24,}"),
    (r"hv[sbr]\.|ops_|dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z_]+\.)?|dt0c01\.", r"[\w.-]{24,}"),
    (r"", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}"),
    # Code, packages, tickets, chat.
    (r"gh[pousr]_|github_pat_", r"\w{22,}"),
    (r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-|GR1348941", r"[\w-]{16,}(?:\.[\w-]+)*"),
    (r"npm_|rubygems_|cio|dckr_(?:pat|oat)_|sgp_(?:local_)?|pnu_", r"(?=[A-Za-z]*\d)[\w-]{27,}"),
    (r"pypi-AgE", rf"{_W}{{30,}}"),
    (r"AKCp", r"[A-Za-z0-9]{60,}"),
    (r"AT[AC]TT3|ATBB", r"[\w=-]{20,}"),
    (r"xox[abceoprs](?:\.xox[bp])?-|xapp-\d-|xwfp-", rf"{_W}{{10,}}"),
    (r"hooks\.slack\.com/(?:services|workflows|triggers)/", r"[\w/]{20,}"),
    (r"discord(?:app)?\.com/api/webhooks/\d+/", rf"{_W}{{30,}}"),
    (r"webhook\.office\.com/webhookb2/", r"[\w@/-]{30,}"),
    (r"", r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,45}"),
    (r"(?:bot)?\d{8,10}:", r"AA[\w-]{30,35}"),
    (r"lin_(?:api|oauth)_|ntn_|secret_|figd_|figo_|tfp_|CFPAT-|PMAK-|rdme_", r"(?=[\w-]{0,80}\d)[\w-]{24,}"),
    (r"pat-(?:na|eu|ap)\d-", r"[0-9a-f-]{36}"),
    (r"pat", r"[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    # Payment, mail, telephony, monitoring.
    (r"(?:sk|pk|rk)_(?:live|test)_|whsec_", r"[\w+/=]{10,}"),
    (r"shp(?:at|ca|pa|ss)_", r"[0-9a-fA-F]{32}"),
    (r"sq0(?:atp|csp|idp)-|access-(?:sandbox|development|production)-", rf"{_W}{{20,}}"),
    (r"SG\.", r"[\w-]{16,}\.[\w-]{16,}"),
    (r"key-", r"[0-9a-f]{32}(?![0-9a-f])"),
    (r"", r"[0-9a-f]{32}-us\d{1,2}(?!\d)"),
    (r"SK", r"[0-9a-f]{32}(?![0-9a-f])"),
    (r"sntry[su]_|glsa_|glc_|NRAK-|NRII-|NRJS-", r"[\w+/=-]{16,}"),
    # Anywhere.
    (r"eyJ", r"[\w-]{10,}(?:\.[\w-]*){2,4}"),
    (r"AGE-SECRET-KEY-1", r"[A-Z0-9]{50,}"),
    (r"\$2[abxy]\$\d\d\$", r"[./A-Za-z0-9]{53}"),
    (r"\$argon2(?:id|i|d)\$|\$6\$|\$y\$", r"[\w$,=+/.-]{30,}"),
)
_SHAPES = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))(?:"
    + "|".join(f"({prefix}){body}" for prefix, body in _PREFIXED)
    + ")",
    re.ASCII,
)
_MAY_HOLD_SHAPE = re.compile(
    r"[-_.:/$](?=[A-Za-z0-9_\-./]{10})|[AGLS](?:KIA|SIA|BIA|CCA|Iza|BSK|KCp|T[AC]TT|TBB|R134|TAI|K[0-9a-f]{8})"
)
_BARE_SHAPES = ("eyJ", "dapi", "Q~", "JQQJ99", "$2")

_STRONG = (
    r"passw(?:or)?d|passphrase|passcode|pwd|secret[_-]?key|secret[_-]?access[_-]?key|client[_-]?secret"
    r"|api[_-]?keys?|access[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|master[_-]?key|account[_-]?key"
    r"|shared[_-]?access[_-]?key|storage[_-]?key|subscription[_-]?key|functions[_-]?key|service[_-]?role[_-]?key"
    r"|deploy[_-]?key|license[_-]?key|webhook[_-]?secret|passwords|secrets"
)
_WEAK = (
    r"secret|token|pass|auth|credentials?|signature|(?<=[?&])(?:sig|key|code)|jwt|otp|cookies?|authorization"
)
_KEY = re.compile(
    rf"(?P<word>{_STRONG}|{_WEAK})(?:[_-]?\d{{1,2}}|[_-]?(?:value|prod|dev|test|live|staging|old|new|raw|b64))?"
    r"""(?:(?P<sep>(?:\\{0,4}["'`]|%22)?[ \t]{0,8}(?:[:=]{1,2}>?|%3[ad])[ \t]{0,8})
         |(?P<flag>\\{0,4}["']?,?[ \t]{1,8})
         |(?P<pair>\\{0,4}["'],[ \t]?(?=b?\\{0,4}["']))
         |(?P<tag>>))""".replace("\n", "").replace("         ", "")
)
_NAMES = ("pass", "secret", "token", "key", "auth", "cookie", "cred", "pwd", "sig", "jwt", "otp", "code=")
_IDENT = re.compile(r"[\w.$-]{0,48}\Z")
_OPEN = re.compile(r"(?:[bBuUrR]{1,2}(?=\\*[\"'])|SecretStr\()?(?P<quote>\\{0,4}[\"'`]|%22|&quot;)?")
_BARE = re.compile(r"""(?:(?!</)[^\s"'`\\]|["'`](?=[A-Za-z0-9])|\\(?![nrt"']))*+""")
_NEXT_FIELD = re.compile(r"""[,;&|]\s*["']?[A-Za-z_][\w.-]*["']?\s?[=:]|&amp;|[,;]["']""")
_INSIDE = {mark: re.compile(rf"(?:[^{mark}\\\n]|\\[^\n])*+") for mark in "\"'`"}

_NOT_TOKENS = re.compile(
    r"(?:max|min|num|total|input|output|prompt|completion|cached|pad|eos|bos|sep|cls|unk|mask|stop|special|start|end"
    r"|page|next|prev|previous|continuation|progress|cancel|cancellation|sync|resume|by|per|first|last|cur|current"
    r"|pull|oaut|image|compass|by|tres|encom|sur|foreign|primary|partition|cache|sort|public|idempotency)[_.-]?\Z",
    re.IGNORECASE,
)
_WORDS = frozenset(
    re.findall(
        r"\w+",
        "none null nil true false undefined unknown str string int bytes bool optional any required "
        "missing invalid expired incorrect wrong empty unset set not no yes ok failed failure success "
        "rejected accepted denied granted allowed disabled enabled must should is was are has cannot "
        "can field input value type this that the a an your please enter redacted hidden masked removed "
        "changed reset authentication authorization bearer basic digest token password secret key count "
        "limit exceeded revoked found absent provided given malformed verified valid validated mismatch "
        "do does did will too length at in for from and or with without refreshed refresh default self ",
    )
)
_HOLDER = re.compile(r"[<{$%*•…]|\.{3}|x{4,}\Z|X{4,}\Z|\[redacted")
_CODE = re.compile(
    r"""[A-Za-z_][A-Za-z_]*(?:\.[A-Za-z_]\w*)+\Z               # settings.db_password
      | [A-Za-z_][\w.]*[(\[]                                     # os.getenv(  config[
      | (?:await|lambda|self|cls|os|settings|config|request)\b
      | [a-z_]*(?:password|passwd|secret|token|api_?key|key|credentials?)\Z  # token=access_token
    """,
    re.VERBOSE,
)
_PLAIN_WORD = re.compile(r"[A-Z]?[a-z]+[.,;:!?]?\Z|[A-Z]+\Z")
_SCHEME = re.compile(
    r"(?:bearer|basic|token|digest|negotiate|ntlm|apikey|api-key|aws4-hmac-sha256|sharedkey\w*|hawk|splunk|key|bot"
    r"|bot|hmac\S*|genie\w*)[ :]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(\b[Bb]earer(?:[ +]|%20){1,4})([\w\-.~+/]{8,}=*+)(?!=)")
_BASIC = re.compile(r"(\b[Bb]asic(?:[ +]|%20){1,4})([A-Za-z0-9+/]{6,}={0,2})")
_USERINFO = re.compile(
    r"""(:(?:\\?/){2}[^\s:/?\#@"'<>\\]{0,200}:)([^\s/"'<>]{1,400})(?=@[\w\[.%-])  # user:password@host
      | ((?:postgres|mysql|mariadb|mongodb|redis|amqp|mssql)\w*(?:\+\w+)?://[^\s:/?\#@"'<>]{0,200}:)
        (?!\d{1,5}/)([^\s"'<>]{1,400})(?=@[\w\[.%-])         # … with a raw slash in it
      | (:(?:\\?/){2})([A-Za-z0-9_\-]{20,400})(?=@[\w.-])    # token@host
    """,
    re.VERBOSE,
)
_PEM = re.compile(
    r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----)"
    r"(.*?)(?=-----END [A-Z0-9 ]{0,40}PRIVATE KEY|\Z)",
    re.DOTALL,
)
_PEM_REST = re.compile(
    r"(?:(?:\\[nr]|[A-Za-z0-9+/=])*+(?:\n[ \t|>]*+(?=[A-Za-z0-9+/=]{16}|[A-Za-z-]+: ))?)*+"
)
_PEM_LINE = re.compile(r"[^\s\"'][^\n]*")
_CREDENTIALS = re.compile(
    r"""((?i:\bidentified\ by|\bwith\ (?:encrypted\ )?password|\brequirepass|\bmasterauth)[ ]{1,4}['"]?)
        ([^\s'";]+)
      | (\bcurl\b[^\n]{0,400}?[ ](?:-u|--user)[ =]{1,4}["']?[^\s:"']{1,100}:)([^\s"']+)
      | (\blogin[ ]\S{1,100}[ ]password[ ])(\S+)
      | (\bsshpass[ ]-p[ ]?["']?)([^\s"']+)
      | (\bauth[ ]?=[ ]?\(["'][^"'\n]{0,100}["'],[ ]?["'])([^"'\n]+)
      | ("(?:d|k|p|q|dp|dq|qi)"[ ]?:[ ]?")([\w-]{16,})(?=")
    """,
    re.VERBOSE,
)
_CREDENTIAL_HINTS = ("identified by", "password", "requirepass", "curl", "sshpass", "auth", '"kty"')


def redact(text: str) -> str:
    """Return `text` with the value of every secret replaced by `[redacted]`; the lines keep their number.

    Expects text without control sequences (see `neutralize`); redacting twice changes nothing more.
    """
    low = _lower(text)
    if "-----BEGIN" in text:
        text = _PEM.sub(_mask_pem, text)
        low = _lower(text)
    if any(hint in low for hint in _NAMES):
        if any(hint in low for hint in _CREDENTIAL_HINTS):
            text = _CREDENTIALS.sub(_mask_last, text)
        text = _mask_named(text)
    if "earer" in text:
        text = _BEARER.sub(_mask_bearer, text)
    if "asic" in text:
        text = _BASIC.sub(_mask_basic, text)
    if _MAY_HOLD_SHAPE.search(text) or any(hint in text for hint in _BARE_SHAPES):
        text = _SHAPES.sub(_mask_shape, text)
    if "@" in text and "//" in text.replace("\\", ""):
        text = _USERINFO.sub(_mask_last, text)
    return text


def _lower(text: str) -> str:
    # The only letter whose lower case has another length: places must stay the same.
    return text.replace("İ", "I").lower()


def _mask_shape(match: re.Match[str]) -> str:
    return match[match.lastindex or 0] + MASK


def _mask_last(match: re.Match[str]) -> str:
    last = match.lastindex or 0
    kept = match[last - 1]
    return kept + (match[last] if _is_holder(match[last]) else MASK)


def _mask_bearer(match: re.Match[str]) -> str:
    return match[1] + MASK if not _is_code(match[2]) and _is_random(match[2], 8) else match[0]


def _mask_basic(match: re.Match[str]) -> str:
    try:
        plain = base64.b64decode(match[2] + "=" * (-len(match[2]) % 4), validate=True)
    except binascii.Error:
        return match[0]
    return match[1] + MASK if b":" in plain and plain.isascii() else match[0]


def _mask_pem(match: re.Match[str]) -> str:
    head, body = match[1], match[2]
    if match.end() == len(match.string):
        # Cut off before its end: only what can be a part of the key goes.
        inside = _PEM_REST.match(body)
        taken = inside.end() if inside else 0
        return head + _PEM_LINE.sub(MASK, body[:taken]) + body[taken:]
    return head + _PEM_LINE.sub(MASK, body)


def _mask_named(text: str) -> str:
    low = _lower(text)
    parts: list[str] = []
    done = 0
    for start, end in _named_values(text, low):
        if start >= done:
            parts += [text[done:start], MASK]
            done = end
    return "".join(parts) + text[done:] if parts else text


def _named_values(text: str, low: str) -> Iterator[tuple[int, int]]:
    place = 0
    while match := _KEY.search(low, place):
        span = _value_span(text, match)
        if span:
            yield span
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
    if word in ("cookie", "cookies", "authorization"):
        return _header_span(text, start, quote, word)
    end = _quoted_end(text, start, quote) if quote else _bare_end(text, start)
    value = text[start:end]
    if text.startswith("[", start) and not quote:
        return _list_span(text, start) if _is_strong(word, prefix) else None
    if word == "pwd" and value[:1] in "/~." and not value.startswith("/="):
        return None
    if _is_secret(value, quote, word, prefix) and not _is_prose(text, match, value, end, quote):
        return start, end
    return None


def _prefix(text: str, end: int) -> str:
    found = _IDENT.search(text[max(0, end - 48) : end])
    return found[0] if found else ""


def _is_key(text: str, match: re.Match[str], prefix: str, ident_at: int) -> bool:
    word = match["word"]
    camel = text[match.start()].isupper()
    if word in ("pass", "auth", "otp", "jwt", "pwd") and prefix[-1:].isalpha() and not camel:
        return False
    if word in ("token", "secret", "key", "pass", "signature") and _NOT_TOKENS.search(prefix):
        return False
    if match["flag"] is not None:
        return prefix.startswith("--")
    if match["pair"] is not None:
        before = text[max(0, ident_at - 7) : ident_at].rstrip("\"'\\")
        return prefix.startswith("--") or before.endswith(("(", "(b", "[", "[b"))
    return match["tag"] is None or text[ident_at - 1 : ident_at] in ("<", ":")


def _is_strong(word: str, prefix: str) -> bool:
    named = word in ("token", "secret", "pass", "jwt", "credentials") and prefix.strip("-$.")[-1:] != ""
    return named or re.fullmatch(_STRONG, word) is not None


def _is_secret(value: str, quote: str, word: str, prefix: str) -> bool:
    bare = value.strip().rstrip(".,;:!?")
    if not bare or _is_holder(bare) or bare.lower() in _WORDS or (not quote and _is_code(bare)):
        return False
    if _is_strong(word, prefix):
        return not (quote and " " in bare and bare.split()[0].lower() in _WORDS)
    short = word in ("token", "secret", "pass", "jwt", "otp")
    return " " not in bare and _is_random(bare, 6 if short else 16)


def _is_prose(text: str, match: re.Match[str], value: str, end: int, quote: str) -> bool:
    """Say whether the words go on: `password: incorrect for user`, "token = …" inside a sentence."""
    if quote:
        return value.endswith(".") and " " in value
    follows = text[end : end + 12]
    colon = (match["sep"] or "").rstrip(" \t").endswith(":")
    return colon and _PLAIN_WORD.match(value) is not None and re.match(r" [a-z]{2,}", follows) is not None


def _is_holder(value: str) -> bool:
    return _HOLDER.match(value) is not None or not value.strip("*•.x")


def _is_code(value: str) -> bool:
    return _CODE.match(value) is not None


def _is_random(value: str, least: int) -> bool:
    """Say whether a value looks like a key or password, not like a word, number, duration or path."""
    if len(value) < least or value[0] in "/~" or "://" in value[:12]:
        return False
    if any(map(str.isalpha, value)) and any(map(str.isdigit, value)):
        return not re.match(r"\d+(?:\.\d+)?[a-z]{1,6}\Z", value)
    return len(value) >= 16 and len(re.findall(r"[a-z][A-Z]", value[:200])) >= 3


def _quoted_end(text: str, start: int, quote: str) -> int:
    if quote in _INSIDE:
        found = _INSIDE[quote].match(text, start)
        return found.end() if found else start
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    end = text.find(quote, start, line_end)
    return line_end if end < 0 else end


def _bare_end(text: str, start: int) -> int:
    found = _BARE.match(text, start)
    end = found.end() if found else start
    cut = _NEXT_FIELD.search(text, start, min(len(text), end + 60))
    if cut and cut.start() < end:
        end = cut.start()
    while end > start and text[end - 1] in ",;)}]>|":
        end -= 1
    return end


def _list_span(text: str, start: int) -> tuple[int, int] | None:
    if text.startswith(MASK, start):
        return None
    line_end = text.find("\n", start)
    close = text.find("]", start, line_end if line_end >= 0 else len(text))
    inside = text[start + 1 : close]
    if close < 0 or not re.match(r"\s*b?[\"']", inside) or re.search(r"\w \w", inside):
        return None
    return start + 1, close


def _header_span(text: str, start: int, quote: str, word: str) -> tuple[int, int] | None:
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    end = _quoted_end(text, start, quote) if quote else line_end
    if not quote:
        closing = re.compile(r"\\*[\"'`](?=[\s,)}\]]|\Z)|\\[nr]").search(text, start, end)
        end = closing.start() if closing else end
    value = text[start:end].rstrip()
    if value.startswith(MASK) or not value:
        return None
    if word.startswith("cookie"):
        if value.startswith("{"):
            close = text.find("}", start, end)
            return (start + 1, close) if close > start + 1 else None
        return (start, start + len(value)) if re.match(r"[^\s=;,]{1,200}=[^\s;]", value) else None
    return _authorization_span(value, start)


def _authorization_span(value: str, start: int) -> tuple[int, int] | None:
    scheme = _SCHEME.match(value)
    rest = value[scheme.end() :] if scheme else value
    first = rest.split(" ", 1)[0].rstrip(",;)}]")
    if not first or _is_holder(first) or first.lower() in _WORDS or _PLAIN_WORD.match(first):
        return None
    begin = start + (scheme.end() if scheme else 0)
    whole = scheme is not None and value[:4].lower() in ("dige", "aws4", "hawk", "hmac")
    return begin, begin + len(rest if whole else first)
