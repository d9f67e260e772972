"""The facts of the schema that a class implies, so that it need not state them.

A subtype takes the lists of its base, an attribute takes its type from its annotation,
and a foreign key follows from the link of the same name. Entity classes apply these
rules when they are created; the generator leaves out whatever the rules give back.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import EllipsisType
from typing import Any, Final, TypeAlias

from ftrack_orm.schema.attribute_kind import EMPTY

Names: TypeAlias = tuple[str | EllipsisType, ...]
"""Names of attributes; ``...`` stands for the other names of the base, in its order."""

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
}
"""The schema's type of a relation by the head of its annotation."""

FOREIGN_KEY: Final = "Foreign key(s): "
"""How the server's description of a foreign key begins; ``Status.id`` follows."""

_FACTS: Final = (
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
"""Arguments of ``attribute()``, and their names in `ftrack_orm.schema.model`."""

_NOTHING: Final[dict[str, Any]] = {
    **dict.fromkeys(fact for fact, _ in _FACTS),
    "type": "string",
    "extra": EMPTY,
}
_KEY_AND_VALUE: Final = {"key": "key", "value": "value"}


def merge_names(stated: Names, inherited: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a list, with ``...`` replaced by the base's other names.

    A list without ``...`` is complete: it inherits nothing.
    """
    others = tuple(name for name in inherited if name not in stated)
    merged: list[str] = []
    for name in stated:
        if isinstance(name, EllipsisType):
            merged.extend(others)
        else:
            merged.append(name)
    return tuple(merged)


def implied_facts(
    head: str, inner: str, base: object | None = None, references: str | None = None
) -> dict[str, Any]:
    """Return the facts of an attribute whose declaration states none.

    Args:
        head: of the annotation, ``"Attr"`` or ``"Many"``.
        inner: the first name inside its brackets, without underscores around it.
        base: the attribute of the base that it redefines, on a class or in a schema.
        references: type and attribute that it holds the key of, ``"Status.id"``.

    Returns:
        One value for each argument of ``attribute()`` but ``default``, ``init`` and
        ``enum``.
    """
    is_relation = head in RELATION_TYPES
    facts: dict[str, Any]
    if base is not None:
        facts = {fact: getattr(base, name) for fact, name in _FACTS}
    else:
        facts = _NOTHING.copy()
        if is_relation:
            facts["type"] = RELATION_TYPES[head]
        if head == "Mapped":
            facts["key_value_attributes"] = _KEY_AND_VALUE
    if references is not None:
        facts["format"] = "foreign_key"
        facts["description"] = FOREIGN_KEY + references
    if not is_relation:
        facts["type"] = SCALAR_TYPES.get(inner, facts["type"])
        if inner == "datetime":
            facts["format"] = "date-time"
    # `Entity` is written where the schema has no class for the target.
    elif head != "Mapped" and inner != "Entity":
        facts["ref"] = inner
    return facts


def foreign_key_link(name: str) -> str | None:
    """Return the link that an attribute holds the key of, by its name alone.

    ``status_id`` gives ``status``; both are names of the server.
    """
    return name[:-3] if name.endswith("_id") else None
