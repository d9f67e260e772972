"""Errors of queries: their expression, their criteria, their number of results."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.suggestions import offer


class QueryError(FtrackError):
    """A query is invalid, or returns an unexpected number of results."""


class CriterionError(QueryError):
    """A condition is impossible, such as one on another entity type."""


class NoResultError(QueryError):
    """The query of one() or find() returned no result.

    Attributes:
        expression: the text of the query.
        suggestions: values of the server that resemble those searched.
    """

    def __init__(
        self,
        expression: str,
        *,
        suggestions: Sequence[str] = (),
        remedy: str = "Use one_or_none() or first() when there may be none.",
    ) -> None:
        conditions = _without_projections(expression)
        super().__init__(f"No result for: {conditions}.{offer(suggestions)} {remedy}")
        self.expression = expression
        self.suggestions = tuple(suggestions)


class MultipleResultsError(QueryError):
    """The query of one() or find() returned more than one result.

    Attributes:
        expression: the text of the query.
        keys: primary keys among the results, as text.
    """

    def __init__(
        self,
        expression: str,
        keys: Sequence[str] = (),
        *,
        remedy: str = "Narrow the conditions, or use first().",
    ) -> None:
        listing = f" ({', '.join(keys)})" if keys else ""
        conditions = _without_projections(expression)
        super().__init__(f"More than one result{listing} for: {conditions}. {remedy}")
        self.expression = expression
        self.keys = tuple(keys)


def _without_projections(expression: str) -> str:
    """Return the expression from its entity type on; the rest hides the conditions."""
    return re.sub(r"^select .+? from ", "", expression)
