"""The expression text of a condition."""

from __future__ import annotations

from ftrack_orm.query.compiler import compile_criteria
from ftrack_orm.query.criterion import Criterion


def compiled(criterion: object) -> str:
    """Return the text of a condition; a link's condition is typed as its class."""
    assert isinstance(criterion, Criterion)
    return compile_criteria(criterion.node)
