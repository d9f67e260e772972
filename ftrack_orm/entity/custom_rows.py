"""The record of an entity's custom attributes beyond their values (protocol 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


@lazy_dataclass(frozen=True, slots=True)
class Configuration:
    """A custom attribute as a server has it configured (protocol 6.7).

    Attributes:
        id: its primary key.
        key: the key of its values.
        entity_type: kind of the entities that it is for, as configurations call it.
        object_type_id: their object type, ``None`` for every one.
        project_id: the project that it is for, ``None`` for every one.
        is_hierarchical: whether entities below inherit its values.
        kind: name of its type, ``""`` when the server shows none.
        default: the value where none is stored.
    """

    id: str
    key: str
    entity_type: str | None
    object_type_id: str | None
    project_id: str | None
    is_hierarchical: bool
    kind: str = ""
    default: Any = None

    @property
    def closeness(self) -> tuple[bool, bool, bool]:
        """Return the rank among configurations of one key; the highest has the key."""
        return (
            self.project_id is not None,
            not self.is_hierarchical,
            self.object_type_id is not None,
        )


class CustomRows:
    """Facts of one entity's custom attributes that few entities need.

    Attributes:
        others: the keys of rows that are named by their configuration's id, because
            another configuration has the key.
        is_ranked: whether the closest configuration of each key has it.
        stored: ids of the configurations that a value is stored for, ``None`` until
            they are read.
        defaults: the values that deleted keys show until the commit, by name.
    """

    __slots__ = ("defaults", "is_ranked", "others", "stored")

    def __init__(
        self,
        others: Mapping[str, str] | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self.others: dict[str, str] = dict(others or {})
        self.is_ranked = not self.others
        self.stored: set[str] | None = None
        self.defaults: dict[str, Any] = dict(defaults or {})


def rank(
    entity: Entity, custom: CustomRows, rows: dict[str, Any], row_keys: dict[str, str]
) -> None:
    """Name rows so that the closest configuration of each key has it."""
    owner = entity.__ftrack_state__.owner
    if owner is None:
        return
    for other, key in tuple(custom.others.items()):
        first = row_keys[key]
        ours, theirs = owner.configured(first), owner.configured(other)
        if ours is None or theirs is None or theirs.closeness <= ours.closeness:
            continue
        rows[first], rows[key] = rows[key], rows.pop(other)
        del row_keys[other], custom.others[other]
        row_keys[key], row_keys[first], custom.others[first] = other, first, key
    custom.is_ranked = True


def bare_id(key: Any) -> Any:
    """Return the id of a configuration given as an entity or a reference; else `key`.

    Text of a subclass becomes plain text, any other key is returned as it is.
    """
    if isinstance(key, str):
        return str.__str__(key)
    reference = key.reference if hasattr(type(key), "__ftrack__") else key
    is_one = isinstance(reference, Reference) and len(reference.key) == 1
    if is_one and reference.entity_type == "CustomAttributeConfiguration":
        return reference.key[0]
    return key
