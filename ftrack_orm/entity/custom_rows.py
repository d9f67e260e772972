"""Configurations of custom attributes, and their rank by key (protocol 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


@lazy_dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration of a custom attribute (protocol 6.7).

    Attributes:
        id: the primary key.
        key: the key of the values.
        entity_type: the server's name for the configured entities, as ``"task"``.
        object_type_id: the object type of the entities, ``None`` for all.
        project_id: the project of the entities, ``None`` for all.
        is_hierarchical: whether child entities inherit the values.
        type_name: the name of the value type, ``""`` if the server sends none.
        default: the value of entities without a stored value.
    """

    id: str
    key: str
    entity_type: str | None
    object_type_id: str | None
    project_id: str | None
    is_hierarchical: bool
    type_name: str = ""
    default: Any = None

    @property
    def precedence(self) -> tuple[bool, bool, bool]:
        """Return the rank among configurations of one key; the highest gets the key."""
        return (
            self.project_id is not None,
            not self.is_hierarchical,
            self.object_type_id is not None,
        )


class CustomRows:
    """Custom attribute state that few entities need.

    Attributes:
        shadowed: the keys of rows whose name is the id of their configuration, because
            another configuration has the same key.
        is_ranked: whether each key names the configuration of the highest precedence.
        stored: ids of the configurations that have a stored value, ``None`` until
            they are read.
        defaults: the values of deleted keys until the commit, by row name.
        links: the entities that are linked by custom attributes, by key.
    """

    __slots__ = ("defaults", "is_ranked", "links", "shadowed", "stored")

    def __init__(
        self,
        shadowed: Mapping[str, str] | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self.shadowed: dict[str, str] = dict(shadowed or {})
        self.is_ranked = not self.shadowed
        self.stored: set[str] | None = None
        self.links: dict[str, tuple[Entity, ...]] = {}
        self.defaults: dict[str, Any] = dict(defaults or {})


def rank(
    entity: Entity, custom: CustomRows, rows: dict[str, Any], row_keys: dict[str, str]
) -> None:
    """Rename rows so that each key names the configuration of the highest precedence.

    The row of the other configuration gets the configuration's id as its name.
    """
    owner = entity.__ftrack_state__.owner
    if owner is None:
        return
    for other, key in tuple(custom.shadowed.items()):
        first = row_keys[key]
        current, candidate = owner.configured(first), owner.configured(other)
        if (
            current is None
            or candidate is None
            or candidate.precedence <= current.precedence
        ):
            continue
        rows[first], rows[key] = rows[key], rows.pop(other)
        del row_keys[other], custom.shadowed[other]
        row_keys[key], row_keys[first], custom.shadowed[first] = other, first, key
    custom.is_ranked = True


def bare_id(key: Any) -> Any:
    """Return the id of a configuration for an entity or a reference; else `key`.

    A subclass of `str` becomes plain text; other keys are returned unchanged.
    """
    if isinstance(key, str):
        return str.__str__(key)
    reference = key.reference if hasattr(type(key), "__ftrack__") else key
    has_id = isinstance(reference, Reference) and len(reference.key) == 1
    if has_id and reference.entity_type == "CustomAttributeConfiguration":
        return reference.key[0]
    return key
