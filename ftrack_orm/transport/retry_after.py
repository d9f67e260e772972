"""What a server says of when to come back."""

from __future__ import annotations

import time


def seconds_to_wait(retry_after: str | None) -> float | None:
    """Return a Retry-After header, seconds or a date, in seconds from now."""
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
