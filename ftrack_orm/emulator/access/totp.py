"""Codes of authenticators: RFC 6238, with the values everybody uses."""

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
    """Return the code of a secret in base 32 at a moment; naive moments are UTC.

    Raises:
        ValueError: the secret is no base 32.
    """
    return _code(secret, _step(moment))


def is_current(secret: str, code: str, moment: datetime) -> bool:
    """Return whether a code is that of the moment, or of the step beside it."""
    now = _step(moment)
    try:
        allowed = {_code(secret, step) for step in (now - 1, now, now + 1)}
    except ValueError:
        return False
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
        raise ValueError("the secret is no base 32") from error
    # The algorithm of RFC 6238; authenticators know no other for certain.
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)
