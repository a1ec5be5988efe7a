"""Secrets in a telling place: an address's or a command's password, what stands behind `Bearer` or `Basic`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from logscope.lazily import lazy
from logscope.redact.values import MASK, is_code, is_holder, is_random

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
    r"""((?i:(?<!locate\ revision\ )\bidentified\ (?:with\ \S{1,40}\ )?by|\bwith\ (?:encrypted\ )?password
            |\brequirepass|\bmasterauth)[ ]{1,4}['"]?)
        ([^\s'";]+)
      | (\bcurl\b[^\n]{0,400}?[ ](?:-u|--user)[ =]{1,4}["']?[^\s:"']{1,100}:)([^\s"']+)
      | (\blogin[ ]\S{1,100}[ ]password[ ])(\S+)
      | (\b(?:mysql|mariadb)[\w-]*[ ](?:[^\n]{0,200}?[ ])?-p)(?!ort|rotocol)([^\s"']+)
      | (\bsshpass[ ]-p[ ]?["']?)([^\s"']+)
      | (\b(?:redis-cli[ ](?:[^\n]{0,200}?[ ])?-a|sqlcmd[ ](?:[^\n]{0,200}?[ ])?-P
            |ldap[a-z]+[ ](?:[^\n]{0,200}?[ ])?-w|mongo(?:sh|dump|restore|export|import)?[ ](?:[^\n]{0,200}?[ ])?-p
            |(?:docker|podman|nerdctl|skopeo|oras|registry|az)[ ]login[ ](?:[^\n]{0,200}?[ ])?-p)[ ]["']?)
        (?!\d{2,5}(?!\S))([^\s"'-][^\s"']*)
      | (\b(?:sqlplus[ ](?:-\w+[ ])*|jdbc:oracle:\w+:|oracle(?:\+\w+)?://)[^\s/@:"']{1,60}/)([^\s@"']+)(?=@)
      | (\bauth[ ]?=[ ]?\(["'][^"'\n]{0,100}["'],[ ]?["'])([^"'\n]+)
      | (\bAUTH[ ](?:PLAIN|LOGIN|XOAUTH2)[ ])([A-Za-z0-9+/]{8,}={0,2})
      | (<Cookie[ ][^\s=]{1,100}=)(\S+)(?=[ ]for[ ])
      | ("(?:d|k|p|q|dp|dq|qi)"[ ]?:[ ]?")([\w-]{16,})(?=")
    """,
    re.VERBOSE,
)
_CREDENTIAL_HINTS = (
    "identified ",
    *"password requirepass curl mysql mariadb sshpass auth <cookie".split(),
    *'"kty" redis-cli mongo login sqlcmd ldap sqlplus oracle'.split(),
)


def mask_credentials(text: str, low: str) -> str:
    """Return `text` with the passwords of commands and statements masked; `low` is it in small letters."""
    return _CREDENTIALS.sub(_mask_last, text) if any(map(low.__contains__, _CREDENTIAL_HINTS)) else text


def mask_schemes(text: str, low: str) -> str:
    """Return `text` with what stands behind `Bearer` and `Basic` masked."""
    if "bearer" in low:
        text = _BEARER.sub(_mask_bearer, text)
    return _BASIC.sub(_mask_basic, text) if "asic" in text else text


def mask_userinfo(text: str) -> str:
    """Return `text` with passwords and tokens in addresses masked."""
    if "@" in text and "//" in text.replace("\\", ""):
        text = _USERINFO.sub(_mask_last, text)
    return text


def mask_cut_userinfo(text: str) -> str:
    """Return `text` with the password masked of an address that it breaks off in."""
    if "://" not in text[-400:]:
        return text
    return _CUT_USERINFO.sub(lambda found: found[1] + MASK if is_random(found[2], 6) else found[0], text)


def placed_values(line: str) -> Iterator[tuple[int, int, int]]:
    """Yield where a bearer's or an address's mark, its secret, and what is behind that begin."""
    for pattern in (_BEARER, _USERINFO):
        for found in pattern.finditer(line):
            last = found.lastindex or 0
            if not is_holder(found[last]):
                yield found.start(), *found.span(last)


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
