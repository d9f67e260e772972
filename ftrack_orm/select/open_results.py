"""Results with pages left, which are completed before a write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from ftrack_orm.select.result import Result


class OpenResults:
    """The results of a session with pages left, held by weak references.

    A page is an offset into the matches of a query. A write can change the matches, so
    that rows are left out or come twice. So a session completes its results before it
    writes.
    """

    def __init__(self) -> None:
        # By number, as the order of completion must be the same on every run, and a
        # `WeakSet` has none.
        self._results: WeakValueDictionary[int, Result[Any]] = WeakValueDictionary()
        self._count = 0

    def add(self, result: Result[Any]) -> None:
        """Add a result whose first page was fetched and that has more."""
        self._count += 1
        self._results[self._count] = result

    def complete(self) -> bool:
        """Fetch the pages that are left; return whether there were any.

        Raises:
            TransportError, ServerError: a page cannot be fetched. Its result holds
                the pages fetched so far; the others are fetched when reached.
        """
        has_fetched = False
        for number, result in sorted(self._results.items()):
            has_fetched = result.complete() or has_fetched
            self._results.pop(number, None)
        return has_fetched
