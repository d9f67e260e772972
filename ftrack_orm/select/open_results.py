"""Results that are still being read, to be completed before a write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from ftrack_orm.select.result import Result


class OpenResults:
    """Results with pages left. A result without other references drops out.

    Pages are offsets into a result that a write can change: rows would be left out or
    come twice. So a session completes its results before it writes.
    """

    def __init__(self) -> None:
        # By number, for the order of completion must be the same on every run.
        self._results: WeakValueDictionary[int, Result[Any]] = WeakValueDictionary()
        self._count = 0

    def add(self, result: Result[Any]) -> None:
        """Note a result whose first page has come and that has more."""
        self._count += 1
        self._results[self._count] = result

    def complete(self) -> bool:
        """Fetch the pages that are left; return whether there were any.

        Raises:
            TransportError, ServerError: a page cannot be fetched. Its result keeps
                the pages it has, and fetches the others when they are reached.
        """
        has_fetched = False
        for number, result in sorted(self._results.items()):
            has_fetched = result.complete() or has_fetched
            self._results.pop(number, None)
        return has_fetched
