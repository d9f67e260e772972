"""Refuse new entities without the values that a create must send."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ftrack_orm.errors.entity import MissingValueError
from ftrack_orm.unit_of_work.changes import Change, CreateChange

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo


def require_values(
    changes: Iterable[Change], type_info_of: Callable[[str], TypeInfo | None]
) -> None:
    """Check that each create has the values that the server neither fills nor defaults.

    Args:
        changes: the changes of a plan.
        type_info_of: returns an entity type by name, ``None`` for an unknown one.

    Raises:
        MissingValueError: a create lacks one.
    """
    required: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for change in changes:
        if type(change) is not CreateChange:
            continue
        name = change.reference.entity_type
        if name not in required:
            type_info = type_info_of(name)
            required[name] = () if type_info is None else type_info.required_values
        for attribute, sent_names in required[name]:
            if all(change.values.get(sent) is None for sent in sent_names):
                raise MissingValueError(
                    f"{name} {change.label!r}" if change.label else f"The new {name}",
                    attribute,
                    sent_names[0] or None,
                )
