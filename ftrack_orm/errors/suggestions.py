"""The names nearest to one that does not exist, for messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def nearest(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of `candidates` that look like `name`, best first."""
    pool = {candidate.lower(): candidate for candidate in candidates}
    if not pool:
        return ()
    import difflib  # only needed to fail: importing it costs every program

    found = difflib.get_close_matches(name.lower(), pool, n=3, cutoff=0.5)
    return tuple(pool[match] for match in found)


def offer(suggestions: Sequence[str]) -> str:
    """Return the names as a question that ends a message, or an empty text."""
    if not suggestions:
        return ""
    return f" Did you mean {' or '.join(repr(name) for name in suggestions)}?"
