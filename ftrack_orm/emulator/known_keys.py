"""Hide API keys in texts that are logged.

Clients send keys in unexpected places: in a query, in a URL, as the name of a user.
Keys that the emulator has issued or received are therefore hidden wherever they occur.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

HIDDEN: Final = "***"

# Wrong keys count, too, so the number must be limited.
_MAX_KEYS: Final = 5_000

# A shorter text is no secret, and hiding it would make lines unreadable.
_SHORTEST: Final = 4

_ELLIPSIS: Final = "…"
"""Ends a value that was shortened in an error message; it may end within a key."""

_keys: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


def remember(key: str) -> None:
    """Hide a key in all later texts; past the limit, forget the oldest key."""
    if len(key) < _SHORTEST:
        return
    with _lock:
        _keys[key] = None
        _keys.move_to_end(key)
        if len(_keys) > _MAX_KEYS:
            _keys.popitem(last=False)


def hide(text: str) -> str:
    """Return a text with `HIDDEN` instead of each key."""
    with _lock:
        # Longest first: a key may contain another one.
        keys = sorted(_keys, key=len, reverse=True)
    for key in keys:
        # The mark and the text beside it may form the key again, such as "*abc". It is
        # shorter than a key, so this ends.
        while key in text:
            text = text.replace(key, HIDDEN)
    if _ELLIPSIS in text:
        for key in keys:
            for length in range(len(key) - 1, _SHORTEST - 1, -1):
                text = text.replace(key[:length] + _ELLIPSIS, HIDDEN + _ELLIPSIS)
    return text
