"""The server's own reading of JSON: what clients send, as stored values.

It repeats what the client's codec knows, on purpose: a mistake made on one side only
fails a test, where a shared helper would make it twice and hide it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ftrack_orm.emulator.clock import canonical
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema, Schema
from ftrack_orm.types import EntityKey, Reference

TYPE_KEY: Final = "__entity_type__"

# Dates and datetimes begin like this; `fromisoformat` alone would also take week
# dates and compact forms, of which no source speaks.
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

_HALF: Final = re.compile("[\ud800-\udfff]")
_LARGEST: Final = sys.float_info.max

# Other keys that clients put beside attributes (protocol 3.7).
_NOT_ATTRIBUTES: Final = frozenset({TYPE_KEY, "__permissions"})


@dataclass(slots=True)
class EntityData:
    """The ``entity_data`` of a create or update, read.

    Attributes:
        sent: names of the attributes sent, in order.
        scalars: stored values by attribute.
        links: the entity referred to, or ``None`` to clear the link.
        collections: the full new membership.
    """

    sent: list[str] = field(default_factory=list)
    scalars: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Reference | None] = field(default_factory=dict)
    collections: dict[str, list[Reference]] = field(default_factory=dict)


def read_entity_data(
    schema: Schema, entity_type: EntitySchema, data: object
) -> EntityData:
    """Return what `data` sets on an entity of `entity_type`.

    Raises:
        Invalid: not an object, an unknown attribute, or a value of another type.
    """
    if not isinstance(data, Mapping):
        raise Invalid(f"entity_data of {entity_type.name} must be an object.")
    read = EntityData()
    for name, value in data.items():
        if name in _NOT_ATTRIBUTES:
            continue
        attribute = entity_type.attributes.get(name)
        if attribute is None:
            raise Invalid(f'Unknown attribute "{name}" on entity {entity_type.name}.')
        read.sent.append(name)
        _read_attribute(schema, entity_type, attribute, value, read)
    return read


def _read_attribute(
    schema: Schema,
    entity_type: EntitySchema,
    attribute: Attribute,
    value: object,
    read: EntityData,
) -> None:
    where = f"{entity_type.name}.{attribute.name}"
    if attribute.kind is AttributeKind.SCALAR:
        is_unknown = isinstance(value, str) and value not in schema
        if attribute.transform is not None and is_unknown:
            # The name of a type, concrete or base (protocol 3.5).
            raise Invalid(f"{where} must be an entity type. Got {_shown(value)}.")
        read.scalars[attribute.name] = read_scalar(where, attribute, value)
    elif attribute.kind is AttributeKind.LINK:
        read.links[attribute.name] = (
            None
            if value is None
            else read_reference(schema, where, value, attribute.target)
        )
    elif isinstance(value, list):
        read.collections[attribute.name] = [
            read_reference(schema, where, member, attribute.target) for member in value
        ]
    else:
        raise Invalid(f"{where} must be a list of references.")


def read_reference(
    schema: Schema, where: str, value: object, target: str | None
) -> Reference:
    """Return the entity that `value` refers to (protocol 3.3).

    Args:
        schema: knows the types.
        where: type and attribute, for the error.
        value: as sent.
        target: the type that the attribute declares, for want of one in `value`.

    Raises:
        Invalid: no reference, or one without its whole key.
    """
    if not isinstance(value, Mapping):
        raise Invalid(f"{where} must be a reference to {target}. Got {_shown(value)}.")
    name = value.get(TYPE_KEY, target)
    if not isinstance(name, str) or name not in schema:
        raise Invalid(f"{where} refers to unknown entity type {_shown(name)}.")
    entity_type = schema[name]
    parts = {part: value.get(part) for part in entity_type.primary_key}
    if any(not isinstance(part, str | int) for part in parts.values()):
        raise Invalid(f"{where} refers to {name} without its primary key.")
    key = (_key_part(entity_type, part, held) for part, held in parts.items())  # type: ignore[arg-type]  # checked one line above
    return Reference(name, tuple(key))


def read_key(entity_type: EntitySchema, value: object) -> EntityKey:
    """Return ``entity_key``: a list in primary key order, or one bare value (2.4).

    The Python client sends numbers as text.

    Raises:
        Invalid: another number of values than the key has, or other kinds.
    """
    values: list[Any] = value if isinstance(value, list) else [value]
    if len(values) != len(entity_type.primary_key) or not all(
        isinstance(part, str | int) and not isinstance(part, bool) for part in values
    ):
        expected = ", ".join(entity_type.primary_key)
        raise Invalid(
            f"entity_key of {entity_type.name} must hold {expected}. "
            f"Got {_shown(value)}."
        )
    return tuple(
        _key_part(entity_type, name, part)
        for name, part in zip(entity_type.primary_key, values, strict=True)
    )


def _key_part(entity_type: EntitySchema, name: str, part: str | int) -> str | int:
    attribute = entity_type.attributes.get(name)
    is_number = attribute is not None and attribute.type == "integer"
    return int(part) if is_number and str(part).isdecimal() else part


# -- scalars -----------------------------------------------------------------


def read_scalar(where: str, attribute: Attribute, value: object) -> Any:
    """Return the stored value of a plain attribute; ``None`` is one.

    Raises:
        Invalid: a value of another type, or not among the allowed ones.
    """
    if value is None:
        return None
    if attribute.format == "date-time":
        return read_datetime(where, value)
    if attribute.format == "integer" and type(value) is int:
        # The frame of an annotation is a number in text (protocol 4.3).
        value = str(value)
    read = _READERS.get(attribute.type or "variable", _read_anything)
    stored = read(where, value)
    if attribute.enum is not None and stored not in attribute.enum:
        allowed = ", ".join(str(choice) for choice in attribute.enum)
        raise Invalid(f"{where} must be one of {allowed}. Got {_shown(value)}.")
    return stored


def read_datetime(where: str, value: object) -> str:
    """Return a date in any accepted form (protocol 3.1) as stored.

    With or without wrapper, ``Z`` or offset, fraction of any length, date only.
    Naive values are UTC; fractions are dropped.

    Raises:
        Invalid: anything else.
    """
    text = value
    if is_wrapped_date(value):
        text = value.get("value")  # type: ignore[attr-defined] # it is a mapping
    if isinstance(text, str) and _ISO_DATE.match(text):
        try:
            return canonical(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            pass
    raise Invalid(f"{where} must be of type datetime. Got {_shown(value)}.")


def is_wrapped_date(value: object) -> bool:
    """Return whether `value` is the wrapper around a date or datetime."""
    return isinstance(value, Mapping) and value.get("__type__") in ("datetime", "date")


def _read_string(where: str, value: object) -> str:
    # JSON can hold halves of characters, which no text is made of.
    if isinstance(value, str) and not _HALF.search(value):
        return value
    raise _wrong_type(where, "string", value)


def _read_boolean(where: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _wrong_type(where, "boolean", value)


def _read_number(where: str, value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # Python reads more than JSON has: NaN, infinity and numbers of any length.
    if is_number and abs(value) <= _LARGEST:  # type: ignore[arg-type]  # a number
        return value  # type: ignore[return-value]  # a number
    raise _wrong_type(where, "number", value)


def _read_integer(where: str, value: object) -> int:
    number = _read_number(where, value)
    if number != int(number) or abs(number) >= 2**63:
        raise _wrong_type(where, "integer", value)
    return int(number)


def _read_object(where: str, value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    raise _wrong_type(where, "object", value)


def _read_anything(where: str, value: object) -> str:
    # Dates inside a `variable` come in the same wrapper as others (protocol 3.1);
    # they are stored in it, because nothing else says later that it is a date.
    if is_wrapped_date(value):
        value = {"__type__": "datetime", "value": read_datetime(where, value)}
    return json.dumps(value)


_READERS: Final[Mapping[str, Callable[[str, object], Any]]] = {
    "string": _read_string,
    "boolean": _read_boolean,
    "number": _read_number,
    "integer": _read_integer,
    "object": _read_object,
    "variable": _read_anything,
}


def _wrong_type(where: str, expected: str, value: object) -> Invalid:
    return Invalid(f"{where} must be of type {expected}. Got {_shown(value)}.")


def _shown(value: object) -> str:
    """Return `value` for an error text, cut when it is long."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 200 else f"{text[:200]}…"
