"""Parse the Retry-After header."""

from __future__ import annotations

import time


def parse_retry_after(retry_after: str | None) -> float | None:
    """Return the seconds to wait from now, or ``None`` without a valid header.

    Args:
        retry_after: the value of the header, seconds or an HTTP date, or ``None``.
    """
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())
