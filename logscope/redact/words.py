"""Names of secrets: those that always are, those that are one only before a value that looks like it; and what is no
value behind them."""

from __future__ import annotations

import re

from logscope.lazily import lazy

STRONG = (
    r"passw(?:or[dt]|d)|passphrase|passcode|pwd|secret[_-]?key|secret[_-]?access[_-]?key|client[_-]?secret"
    r"|api[_ -]?keys?|access[_-]?key|private[_-]?key|encryption[_ -]?key|signing[_ -]?key|master[_ -]?key"
    r"|account[_-]?key|generated[_ -]?key"
    r"|shared[_-]?access[_-]?key|storage[_-]?key|subscription[_-]?key|functions[_-]?key|service[_-]?role[_-]?key"
    r"|deploy[_-]?key|license[_-]?key|webhook[_-]?secret|passwords|secrets|fernet[_-]?keys?|cipher[_-]?key|jwt[_-]?key"
    r"|session[_-]?secret|cookie[_-]?secret"
)
CODES = r"t?otp|(?:verification|mfa|2fa|one[ _-]?time|sms|confirmation|recovery|backup)[ _-]?(?:pass)?codes?"
"""Names of what is sent to a person once: digits alone are its value too."""
WEAK = (
    rf"secret|token|pass|pw|auth|credentials?|signature|(?<=[?&])(?:sig|key|code)|jwt|{CODES}|cookies?|authorization"
    r"|code[_-]?verifier|app(?:lication)?[_-]?key"
)
WORDS = frozenset(
    re.findall(
        r"\w+",
        """none null nil true false undefined unknown str string int bytes bool optional any required missing invalid
        expired incorrect wrong empty unset set not no yes ok failed failure success rejected accepted denied granted
        allowed disabled enabled must should is was are has cannot can field input value type this that the a an your
        please enter redacted hidden masked removed changed reset authentication authorization bearer basic digest
        token password secret key count limit exceeded revoked found absent provided given malformed verified valid
        validated mismatch do does did will too length at in for from and or with without refreshed default self""",
    )
)
PROSE = frozenset(
    re.findall(r"\w+", "must should field incorrect invalid missing input value not is cannot required")
)
PREDICATE = lazy(
    r"\w*(?:ed|ing|[ai]ble|ive|less|ent|ant|ory|ary|ular|al|own|tten)|(?:in|un|non)\w+|\w*(?:weak|strong|short|long|safe)"
    r"|blank|plain\w*|clear\w*|same|different|good|okay|fine|here|there|stale|fresh|case|hash|secure|mandatory|correct"
    r"|right|wrong|public|private|simple|complex|common|easy|only|also|currently|still|already|never|being|been|kept|sent"
    r"|lost|broken|hard|obsolete|temporary|once|later|again|today|bcrypt|argon|identical|equal|text|base64|utf|ascii|legacy",
    re.IGNORECASE,
)
"""What is said of passwords, whatever they are."""
