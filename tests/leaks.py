"""What an error report can get hold of, for tests that look for secrets in it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator


def reachable_from(error: BaseException) -> Iterator[str]:
    """Yield the text of everything an error report could get hold of."""
    pending: list[object] = [error]
    seen: set[int] = set()
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
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    # The test itself knows the key; only the frames below it count.
    own = [frame for frame in report.stack if "ftrack_orm" in frame.filename]
    assert own
    for frame in own:
        yield str(frame.locals)
