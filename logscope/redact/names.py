"""Names of secrets: those that always are, and those that are one only before a value that looks like it."""

from __future__ import annotations

STRONG = (
    r"passw(?:or[dt]|d)|passphrase|passcode|pwd|secret[_-]?key|secret[_-]?access[_-]?key|client[_-]?secret"
    r"|api[_ -]?keys?|access[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|master[_-]?key|account[_-]?key"
    r"|shared[_-]?access[_-]?key|storage[_-]?key|subscription[_-]?key|functions[_-]?key|service[_-]?role[_-]?key"
    r"|deploy[_-]?key|license[_-]?key|webhook[_-]?secret|passwords|secrets|fernet[_-]?keys?|cipher[_-]?key|jwt[_-]?key"
    r"|session[_-]?secret|cookie[_-]?secret"
)
WEAK = r"secret|token|pass|pw|auth|credentials?|signature|(?<=[?&])(?:sig|key|code)|jwt|otp|cookies?|authorization"
