"""Errors of queries: of their text, their criteria and the number of results."""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.errors.root import FtrackError


class QueryError(FtrackError):
    """A query is wrong, or its result is not what was asked for."""


class CriterionError(QueryError):
    """A condition that cannot be meant, such as one on another entity type."""


class NoResultError(QueryError):
    """one() found nothing."""

    def __init__(self, expression: str) -> None:
        super().__init__(
            f"No result for: {expression}. Use one_or_none() or first() when there "
            "may be none."
        )
        self.expression = expression


class MultipleResultsError(QueryError):
    """one() found more than one."""

    def __init__(self, expression: str, keys: Sequence[str] = ()) -> None:
        found = f" ({', '.join(keys)})" if keys else ""
        super().__init__(
            f"More than one result{found} for: {expression}. "
            "Narrow the conditions, or use first()."
        )
        self.expression = expression
        self.keys = tuple(keys)
