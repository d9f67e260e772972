"""Look up the types and attributes that a query names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.errors.suggestions import nearest, offer
from ftrack_orm.schema.model import Attribute, EntitySchema, Schema


class QueryNameError(EmulatorError):
    """A query uses an unknown name, or a name in a place that does not allow it.

    Attributes:
        entity_type: the type that was searched for the name.
        name: the name.
        reason: why the query cannot use it.
    """

    def __init__(self, entity_type: str, name: str, reason: str) -> None:
        super().__init__(f"Cannot use {name!r} of {entity_type} in a query: {reason}.")
        self.entity_type = entity_type
        self.name = name
        self.reason = reason


class QueryAttributeError(QueryNameError):
    """A query uses an attribute that its type does not have.

    The message starts with the server's sentence; the hint is the emulator's.
    """

    def __init__(self, entity_type: str, name: str, hint: str = "") -> None:
        super().__init__(entity_type, name, "no such attribute")
        self.content = f"No attribute '{name}' exists for schema '{entity_type}'.{hint}"

    def __str__(self) -> str:
        """Return the message for the client."""
        return self.content


class QueryValueError(EmulatorError):
    """A query compares an attribute with a value of another type."""

    def __init__(self, entity_type: str, name: str, text: str, expected: str) -> None:
        super().__init__(
            f"Cannot compare {entity_type}.{name} with {text!r}: expected {expected}."
        )
        self.entity_type = entity_type
        self.name = name
        self.text = text
        self.expected = expected


def find_type(schema: Schema, name: str) -> EntitySchema:
    """Return the schema of the type with a name.

    Raises:
        QueryNameError: the schema has no such type.
    """
    entity_schema = schema.types.get(name)
    if entity_schema is None:
        raise QueryNameError(
            name, name, f"no such entity type{_near(name, schema.types)}"
        )
    return entity_schema


_CLOSED_ROOTS: Final = frozenset({"Context"})
"""Types that, as the type of a query, have no attributes of their subtypes."""


def find_attribute(
    schema: Schema, entity_type: str, name: str, *, is_root: bool = False
) -> tuple[str, Attribute]:
    """Return an attribute with the name of the type that declares it.

    A query may use attributes of subtypes: ``resource.username``, though ``resource``
    is any resource (protocol 5.2). Queries of ``Context`` may not (protocol D): for
    these `is_root` is true, unless the attribute is behind a relation.

    Raises:
        QueryAttributeError: the type has no such attribute that the query may use.
    """
    attribute = find_type(schema, entity_type).attributes.get(name)
    if attribute is not None:
        return entity_type, attribute
    for subtype in schema.subtypes(entity_type):
        attribute = subtype.attributes.get(name)
        if attribute is not None:
            if is_root and entity_type in _CLOSED_ROOTS:
                # Schemas list types in any order: a subtype may precede its base.
                bases = schema.bases(subtype.name)
                owner = [base.name for base in bases if name in base.attributes][-1]
                raise QueryAttributeError(
                    entity_type, name, f" {owner} has it: query that type."
                )
            return subtype.name, attribute
    near = nearest(name, schema[entity_type].attributes)
    raise QueryAttributeError(entity_type, name, offer(near))


def owners_of(schema: Schema, entity_type: str, name: str) -> list[str]:
    """Return the types that declare an attribute: this one, or its topmost subtypes.

    Raises:
        QueryNameError: neither the type nor a subtype has such an attribute.
    """
    owner, _ = find_attribute(schema, entity_type, name)
    if owner == entity_type:
        return [owner]
    subtypes = schema.subtypes(entity_type)
    owners = [subtype for subtype in subtypes if name in subtype.attributes]
    owner_names = {subtype.name for subtype in owners}
    return [subtype.name for subtype in owners if subtype.base not in owner_names]


def check_downcast(schema: Schema, target: str, downcast: str | None) -> None:
    """Check that a relation to `target` may be read as `downcast`.

    Raises:
        QueryNameError: the type is unknown or no subtype of the target.
    """
    if downcast is None:
        return
    find_type(schema, downcast)
    if all(base.name != target for base in schema.bases(downcast)):
        raise QueryNameError(target, downcast, f"it is not a subtype of {target}")


def _near(name: str, candidates: Mapping[str, object] | Iterable[str]) -> str:
    names = nearest(name, candidates)
    return f", did you mean {' or '.join(names)}" if names else ""
