"""What an error report can get hold of, for tests that look for secrets in it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

TESTS: Final = Path(__file__).resolve().parents[1]

Shown: TypeAlias = dict[int, tuple[int, object]]
"""The steps by which an object was followed, and the object, by its id.

The object is held, so that no other one gets its id.
"""


def reachable_from(error: BaseException) -> Iterator[str]:
    """Yield the text of everything an error report could get hold of."""
    pending: list[object] = [error]
    seen: set[int] = set()
    shown: Shown = {}
    while pending:
        found = pending.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield str(found)
        yield repr(found)
        if isinstance(found, BaseException):
            pending += [found.__cause__, found.__context__, *found.args]
            pending += vars(found).values()
        if isinstance(found, BaseException) and found.__traceback__ is not None:
            yield from shown_by_frames(found, shown)


def shown_by_frames(error: BaseException, shown: Shown) -> Iterator[str]:
    """Yield the text of the local variables that a traceback leads to.

    Objects are followed through their attributes and items, three steps deep. The test
    itself knows the key, so frames of tests do not count; there must be others.

    Args:
        error: an error that was raised.
        shown: the objects that were followed already.
    """
    frames = [
        frame
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if not is_test(frame.f_code.co_filename)
    ]
    assert frames
    for frame in frames:
        for value in frame.f_locals.values():
            yield from texts_of(value, 3, shown)


def is_test(filename: str) -> bool:
    return Path(filename).is_relative_to(TESTS)


def texts_of(value: object, depth: int, shown: Shown) -> Iterator[str]:
    """Yield the `repr` of a value and of the values that it holds, each once."""
    before, _ = shown.get(id(value), (-1, None))
    if before >= depth:
        return
    shown[id(value)] = depth, value
    if before < 0:
        yield repr(value)
    if depth == 0:
        return
    held: list[object] = []
    if isinstance(value, Mapping):
        held += [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        held += value
    held += getattr(value, "__dict__", {}).values()
    for part in held:
        yield from texts_of(part, depth - 1, shown)
