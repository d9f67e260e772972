"""Compute time-based one-time passwords (RFC 6238): 6 digits, 30 seconds, SHA-1."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final

_PERIOD: Final = 30
_DIGITS: Final = 6


def code_at(secret: str, moment: datetime) -> str:
    """Return the code of a base 32 secret at a moment; naive moments are UTC.

    Raises:
        ValueError: the secret is not valid base 32.
    """
    return _code(secret, _step(moment))


def is_current(secret: str, code: str, moment: datetime) -> bool:
    """Return whether a code is valid at a moment.

    The codes of the steps before and after are valid, too.
    """
    now = _step(moment)
    try:
        allowed = {_code(secret, step) for step in (now - 1, now, now + 1)}
    except ValueError:
        return False
    # A code that a client sends as a number lacks its leading zeros.
    return code.replace(" ", "").zfill(_DIGITS) in allowed


def _step(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp()) // _PERIOD


def _code(secret: str, step: int) -> str:
    padded = secret.strip().replace(" ", "").upper()
    padded += "=" * (-len(padded) % 8)
    try:
        key = base64.b32decode(padded)
    except binascii.Error as error:
        raise ValueError("the secret is not valid base 32") from error
    # RFC 6238 allows other hashes, but some authenticators support SHA-1 only.
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)
