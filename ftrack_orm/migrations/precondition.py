"""Check that a server still has every name of a revision's frozen models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ftrack_orm.errors.revisions import PreconditionError
from ftrack_orm.schema.diff import (
    AttributeChanged,
    AttributeRemoved,
    TypeChanged,
    TypeRemoved,
    diff_schemas,
)
from ftrack_orm.schema.model import Schema

_TYPE_FACETS: Final = frozenset({"base", "primary_key"})
_ATTRIBUTE_FACETS: Final = frozenset({"kind", "target", "type", "format", "key"})
"""Differences that change the meaning of an edit; others, such as a default, do not."""


def missing_names(frozen: Schema, server: Schema) -> tuple[str, ...]:
    """Return a line for each type and attribute that the server lacks or changed.

    Types and attributes that the server has in addition are no hindrance.

    Args:
        frozen: the schema of the frozen models.
        server: the schema of the server.
    """
    return tuple(_missing(frozen, server))


def _missing(frozen: Schema, server: Schema) -> Iterator[str]:
    for change in diff_schemas(frozen, server):
        match change:
            case TypeRemoved(type_name):
                yield f"{type_name}: gone"
            case AttributeRemoved(type_name, attribute):
                yield f"{type_name}.{attribute}: gone"
            case AttributeChanged(facet=facet) if facet in _ATTRIBUTE_FACETS:
                yield str(change)
            case TypeChanged(facet=facet) if facet in _TYPE_FACETS:
                yield str(change)


def check_precondition(revision: str, frozen: Schema, server: Schema) -> None:
    """Check that the server has every name of a revision's frozen models.

    Raises:
        PreconditionError: it lacks some; each is named.
    """
    missing = missing_names(frozen, server)
    if missing:
        raise PreconditionError(revision, missing)
