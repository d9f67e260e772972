"""Suggest the names most similar to a misspelt one, for messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def nearest(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of `candidates` that resemble `name`, best first."""
    pool = {candidate.lower(): candidate for candidate in candidates}
    if not pool:
        return ()
    # Imported here, for only a failing call needs it.
    import difflib

    matches = difflib.get_close_matches(name.lower(), pool, n=3, cutoff=0.5)
    return tuple(pool[match] for match in matches)


def offer(suggestions: Sequence[str]) -> str:
    """Return the names as a question that ends a message, or an empty text."""
    if not suggestions:
        return ""
    return f" Did you mean {' or '.join(repr(name) for name in suggestions)}?"
