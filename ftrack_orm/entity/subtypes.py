"""Which attributes belong to one subtype alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.query.protocols import TypeLike


def is_only_owner(type_info: TypeInfo, name: str, base: TypeLike) -> bool:
    """Return whether, of `base` and its subtypes, `type_info` alone has an attribute.

    Its own subtypes count as the type itself. The first call imports all models.

    Args:
        type_info: a subtype of `base`.
        name: the attribute's Python name.
        base: where the search begins.
    """
    if (
        type_info.registry is None
        or name not in type_info.own
        or name in base.attributes
    ):
        return False
    return not any(
        name in other.attributes
        for other in (type_info.type_named(each) for each in type_info.registry)
        if other.is_kind_of(base.name) and not other.is_kind_of(type_info.name)
    )
