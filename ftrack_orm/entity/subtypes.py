"""Which attributes belong to one subtype alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.query.protocols import TypeFacts


def is_only_owner(info: TypeInfo, name: str, base: TypeFacts) -> bool:
    """Return whether, of `base` and its subtypes, `info` alone has an attribute.

    Subtypes of `info` count as `info`. The first question imports all models, once in
    a process.

    Args:
        info: a subtype of `base`.
        name: the attribute's Python name.
        base: where the search begins.
    """
    if info.registry is None or name not in info.own or name in base.attributes:
        return False
    return not any(
        name in other.attributes
        for other in (info.type_named(each) for each in info.registry)
        if other.is_kind_of(base.name) and not other.is_kind_of(info.name)
    )
