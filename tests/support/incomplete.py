"""Entities without values that a create must send, as tests of one part need them."""

from __future__ import annotations

from typing import Any, TypeVar

from ftrack_orm import Entity

E = TypeVar("E", bound=Entity)


def incomplete(entity_class: type[E], **values: Any) -> E:
    """Return a new entity whose constructor a type checker would refuse."""
    return entity_class(**values)
