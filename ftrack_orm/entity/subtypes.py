"""Find the attributes that only one subtype has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.query.protocols import TypeLike


def is_only_owner(type_info: TypeInfo, name: str, base: TypeLike) -> bool:
    """Return whether only one of the subtypes of `base` has an attribute.

    Subtypes of `type_info` inherit the attribute and do not count. The first call
    imports all models.

    Args:
        type_info: the subtype.
        name: Python name of the attribute.
        base: the type whose subtypes are compared.
    """
    if (
        type_info.registry is None
        or name not in type_info.own_attributes
        or name in base.attributes
    ):
        return False
    return not any(
        name in other.attributes
        for other in map(type_info.type_named, type_info.registry)
        if other.is_kind_of(base.name) and not other.is_kind_of(type_info.name)
    )
