"""Implied options: the schema options that follow from a class's base and annotations.

A subtype inherits the name lists of its base, an attribute gets its type from its
annotation, and a foreign key follows from the link of the same name. Entity classes
apply these rules when they are created; the generator leaves out every option that the
rules restore.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import EllipsisType
from typing import Any, Final, TypeAlias

from ftrack_orm.schema.attribute_kind import EMPTY

Names: TypeAlias = tuple[str | EllipsisType, ...]
"""Names of attributes; ``...`` means the other names of the base, in its order."""

NAME_LISTS: Final = (
    "default_projections",
    "required",
    "immutable",
    "computed",
    "system_projections",
)
"""The type-level lists of names that a subtype inherits."""

SCALAR_TYPES: Final[Mapping[str, str]] = {
    "bool": "boolean",
    "datetime": "string",
    "float": "number",
    "int": "integer",
    "JSONObject": "object",
    "LinkItems": "string",
    "str": "string",
}
"""The schema's type by the name inside ``Attr[...]``."""

RELATION_TYPES: Final[Mapping[str, str | None]] = {
    "Ref": None,
    "OptionalRef": None,
    "Many": "array",
    "Mapped": "mapped_array",
    "Custom": "mapped_array",
}
"""The schema's type of a relation by the head of its annotation."""

MAPPED_HEADS: Final = ("Mapped", "Custom")
"""The heads whose brackets hold no entity type."""

FOREIGN_KEY: Final = "Foreign key(s): "
"""The start of the server's description of a foreign key; ``Status.id`` follows."""

_OPTIONS: Final = (
    ("type", "type"),
    ("format", "format"),
    ("ref", "target"),
    ("alias_for", "alias_for"),
    ("description", "description"),
    ("key_value_attributes", "key_value_attributes"),
    ("restricted_projection", "restricted_projection"),
    ("transform", "transform"),
    ("extra", "extra"),
)
"""The arguments of ``attribute()`` and their names in `ftrack_orm.schema.model`."""

_DEFAULTS: Final[dict[str, Any]] = {
    **dict.fromkeys(option for option, _ in _OPTIONS),
    "type": "string",
    "extra": EMPTY,
}
_KEY_AND_VALUE: Final = {"key": "key", "value": "value"}


def merge_names(stated: Names, inherited: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a list, with ``...`` replaced by the base's other names.

    A list without ``...`` inherits nothing.
    """
    others = tuple(name for name in inherited if name not in stated)
    merged: list[str] = []
    for name in stated:
        if isinstance(name, EllipsisType):
            merged.extend(others)
        else:
            merged.append(name)
    return tuple(merged)


def implied_options(
    head: str, inner: str, base: object | None = None, references: str | None = None
) -> dict[str, Any]:
    """Return the options of an attribute whose declaration states none.

    Args:
        head: the name before the brackets of the annotation, ``"Attr"`` or ``"Many"``.
        inner: the first name inside the brackets, without underscores around it.
        base: the attribute of the base type that this one redefines, from a class or
            from a schema.
        references: the attribute that a foreign key refers to, ``"Status.id"``.

    Returns:
        One value for each argument of ``attribute()`` but ``default``, ``init`` and
        ``enum``.
    """
    is_relation = head in RELATION_TYPES
    options: dict[str, Any]
    if base is not None:
        options = {option: getattr(base, name) for option, name in _OPTIONS}
    else:
        options = _DEFAULTS.copy()
        if is_relation:
            options["type"] = RELATION_TYPES[head]
        if head in MAPPED_HEADS:
            options["key_value_attributes"] = _KEY_AND_VALUE
    if references is not None:
        options["format"] = "foreign_key"
        options["description"] = FOREIGN_KEY + references
    if not is_relation:
        options["type"] = SCALAR_TYPES.get(inner, options["type"])
        if inner == "datetime":
            options["format"] = "date-time"
    # The generator writes `Entity` where the schema does not define the target.
    elif head not in MAPPED_HEADS and inner != "Entity":
        options["ref"] = inner
    return options


def foreign_key_link(name: str) -> str | None:
    """Return the name of the link whose key an attribute holds, derived from its name.

    ``status_id`` gives ``status``; both are server names. ``None`` for other names.
    """
    return name[:-3] if name.endswith("_id") else None
