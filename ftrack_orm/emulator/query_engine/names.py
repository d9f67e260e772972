"""Attribute names as a query may use them, and the errors for those it may not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.errors.suggestions import nearest
from ftrack_orm.schema.model import Attribute, EntitySchema, Schema


class QueryNameError(EmulatorError):
    """A query names what is not there, or uses a name where it cannot stand.

    Attributes:
        entity_type: the type the name was looked for in.
        name: the name.
    """

    def __init__(self, entity_type: str, name: str, reason: str) -> None:
        super().__init__(f"Cannot use {name!r} of {entity_type} in a query: {reason}.")
        self.entity_type = entity_type
        self.name = name
        self.reason = reason


class QueryValueError(EmulatorError):
    """A query compares an attribute with a value of another kind."""

    def __init__(self, entity_type: str, name: str, text: str, expected: str) -> None:
        super().__init__(
            f"Cannot compare {entity_type}.{name} with {text!r}: expected {expected}."
        )
        self.entity_type = entity_type
        self.name = name
        self.text = text
        self.expected = expected


def find_type(schema: Schema, name: str) -> EntitySchema:
    """Return the type a query names.

    Raises:
        QueryNameError: there is none.
    """
    found = schema.types.get(name)
    if found is None:
        raise QueryNameError(
            name, name, f"no such entity type{_near(name, schema.types)}"
        )
    return found


def find_attribute(
    schema: Schema, entity_type: str, name: str
) -> tuple[str, Attribute]:
    """Return an attribute and the type that has it.

    A base type shows the attributes of its subtypes too: ``resource.username``,
    though ``resource`` is any resource (protocol 5.2).

    Raises:
        QueryNameError: neither the type nor one below it has such an attribute.
    """
    attribute = find_type(schema, entity_type).attributes.get(name)
    if attribute is not None:
        return entity_type, attribute
    for subtype in schema.subtypes(entity_type):
        attribute = subtype.attributes.get(name)
        if attribute is not None:
            return subtype.name, attribute
    near = _near(name, schema[entity_type].attributes)
    raise QueryNameError(entity_type, name, f"no such attribute{near}")


def owners_of(schema: Schema, entity_type: str, name: str) -> list[str]:
    """Return the types that have an attribute: this one, or the topmost below it.

    Raises:
        QueryNameError: there is none.
    """
    owner, _ = find_attribute(schema, entity_type, name)
    if owner == entity_type:
        return [owner]
    having = [each for each in schema.subtypes(entity_type) if name in each.attributes]
    names = {each.name for each in having}
    return [each.name for each in having if each.base not in names]


def check_downcast(schema: Schema, target: str, downcast: str | None) -> None:
    """Check that a relation to `target` may be read as `downcast`.

    Raises:
        QueryNameError: the type is unknown or not below the target.
    """
    if downcast is None:
        return
    find_type(schema, downcast)
    if all(base.name != target for base in schema.bases(downcast)):
        raise QueryNameError(target, downcast, f"it is not a kind of {target}")


def _near(name: str, candidates: Mapping[str, object] | Iterable[str]) -> str:
    found = nearest(name, candidates)
    return f", did you mean {' or '.join(found)}" if found else ""
