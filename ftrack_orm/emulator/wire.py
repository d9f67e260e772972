"""Convert JSON values from clients to stored values.

The module repeats rules of the client's codec on purpose: a mistake on one side fails
a test, and a shared helper would hide it.
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

# Dates and datetimes start like this. `fromisoformat` alone also accepts week dates
# and compact forms, which no source shows.
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MAX_NUMBER: Final = sys.float_info.max

# Keys in `entity_data` that are no attributes (protocol 3.7).
_NOT_ATTRIBUTES: Final = frozenset({TYPE_KEY, "__permissions"})


@dataclass(slots=True)
class EntityData:
    """The parsed ``entity_data`` of a create or update.

    Attributes:
        names: names of all attributes, in order.
        scalars: stored values by attribute.
        links: targets by attribute; ``None`` clears the link.
        collections: the new members by attribute, replacing all others.
        fractions: by attribute, the fraction of a second of the moment that was sent,
            which is not stored.
    """

    names: list[str] = field(default_factory=list)
    scalars: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Reference | None] = field(default_factory=dict)
    collections: dict[str, list[Reference]] = field(default_factory=dict)
    fractions: dict[str, str] = field(default_factory=dict)

    def echo_moments(self, result: dict[str, Any]) -> None:
        """Add the fractions that were sent to the datetimes in a result.

        Results of writes repeat microseconds, queries return seconds (protocol D).
        """
        for name, fraction in self.fractions.items():
            value = result.get(name)
            if is_wrapped_date(value):
                result[name] = {**value, "value": f"{value['value']}{fraction}"}  # type: ignore[dict-item,index]  # it is a mapping


def read_entity_data(
    schema: Schema,
    entity_schema: EntitySchema,
    data: object,
    *,
    ignore_unknown: bool = False,
) -> EntityData:
    """Return the parsed ``entity_data`` for an entity of a type.

    Args:
        schema: the current schema.
        entity_schema: the type.
        data: the JSON value.
        ignore_unknown: leave out unknown attributes.

    Raises:
        Invalid: the data is no object, or has an unknown attribute or a value of
            another type.
    """
    if not isinstance(data, Mapping):
        raise Invalid(f"entity_data of {entity_schema.name} must be an object.")
    entity_data = EntityData()
    for name, value in data.items():
        if name in _NOT_ATTRIBUTES:
            continue
        attribute = entity_schema.attributes.get(name)
        if attribute is None and ignore_unknown:
            continue
        if attribute is None:
            raise Invalid(f'Unknown attribute "{name}" on entity {entity_schema.name}.')
        entity_data.names.append(name)
        _read_attribute(schema, entity_schema, attribute, value, entity_data)
    return entity_data


def _read_attribute(
    schema: Schema,
    entity_schema: EntitySchema,
    attribute: Attribute,
    value: object,
    entity_data: EntityData,
) -> None:
    where = f"{entity_schema.name}.{attribute.name}"
    if attribute.kind is AttributeKind.SCALAR:
        is_unknown = isinstance(value, str) and value not in schema
        if attribute.transform is not None and is_unknown:
            # The name of a type, concrete or base (protocol 3.5).
            raise Invalid(f"{where} must be an entity type. Got {_excerpt(value)}.")
        entity_data.scalars[attribute.name] = read_scalar(where, attribute, value)
        is_date = attribute.type == "variable" and is_wrapped_date(value)
        if attribute.format == "date-time" or is_date:
            fraction = _fraction(value)
            if fraction:
                entity_data.fractions[attribute.name] = fraction
    elif attribute.kind is AttributeKind.LINK:
        entity_data.links[attribute.name] = (
            None
            if value is None
            else read_reference(schema, where, value, attribute.target)
        )
    elif isinstance(value, list):
        entity_data.collections[attribute.name] = [
            read_reference(schema, where, member, attribute.target) for member in value
        ]
    else:
        raise Invalid(f"{where} must be a list of references.")


def read_reference(
    schema: Schema, where: str, value: object, target: str | None
) -> Reference:
    """Return the parsed reference to an entity (protocol 3.3).

    Args:
        schema: the current schema.
        where: type and attribute, for the error message.
        value: the JSON value.
        target: the type of the reference if `value` has none.

    Raises:
        Invalid: the value is no reference, or has no complete key.
    """
    if not isinstance(value, Mapping):
        raise Invalid(
            f"{where} must be a reference to {target}. Got {_excerpt(value)}."
        )
    name = value.get(TYPE_KEY, target)
    if not isinstance(name, str) or name not in schema:
        raise Invalid(f"{where} refers to unknown entity type {_excerpt(name)}.")
    entity_schema = schema[name]
    parts = {part: value.get(part) for part in entity_schema.primary_key}
    if any(not isinstance(part, str | int) for part in parts.values()):
        raise Invalid(f"{where} refers to {name} without its primary key.")
    key = (_key_part(entity_schema, part, text) for part, text in parts.items())  # type: ignore[arg-type]  # checked one line above
    return Reference(name, tuple(key))


def read_key(entity_schema: EntitySchema, value: object) -> EntityKey:
    """Return the parsed ``entity_key``: a list, or one bare value (protocol 2.4).

    The values are in the order of the primary key. Numbers may be text, as the Python
    client sends them.

    Raises:
        Invalid: the number of values or their types are wrong.
    """
    values: list[Any] = value if isinstance(value, list) else [value]
    if len(values) != len(entity_schema.primary_key) or not all(
        isinstance(part, str | int) and not isinstance(part, bool) for part in values
    ):
        expected = ", ".join(entity_schema.primary_key)
        raise Invalid(
            f"entity_key of {entity_schema.name} must hold {expected}. "
            f"Got {_excerpt(value)}."
        )
    return tuple(
        _key_part(entity_schema, name, part)
        for name, part in zip(entity_schema.primary_key, values, strict=True)
    )


def _key_part(entity_schema: EntitySchema, name: str, part: str | int) -> str | int:
    attribute = entity_schema.attributes.get(name)
    is_number = attribute is not None and attribute.type == "integer"
    return int(part) if is_number and str(part).isdecimal() else part


# -- scalars -----------------------------------------------------------------


def read_scalar(where: str, attribute: Attribute, value: object) -> Any:
    """Return the stored value of a scalar attribute; ``None`` stays ``None``.

    Raises:
        Invalid: the value has another type, or is not one of the allowed values.
    """
    if value is None:
        return None
    if attribute.format == "date-time":
        return read_datetime(where, value)
    if attribute.format == "integer" and type(value) is int:
        # The frame of an annotation is stored as text (protocol 4.3).
        value = str(value)
    reader = _READERS.get(attribute.type or "variable", _read_anything)
    stored = reader(where, value)
    if attribute.enum is not None and stored not in attribute.enum:
        allowed = ", ".join(str(choice) for choice in attribute.enum)
        raise Invalid(f"{where} must be one of {allowed}. Got {_excerpt(value)}.")
    return stored


def read_datetime(where: str, value: object) -> str:
    """Return the stored form of a date or datetime (protocol 3.1).

    The value may have a wrapper, an offset or ``Z``, and a fraction of any length; the
    time may be missing. Naive values are UTC. The fraction is dropped.

    Raises:
        Invalid: the value is no date or datetime.
    """
    text = value
    if is_wrapped_date(value):
        text = value.get("value")  # type: ignore[attr-defined] # it is a mapping
    if isinstance(text, str) and _ISO_DATE.match(text):
        try:
            return canonical(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            pass
    raise Invalid(f"{where} must be of type datetime. Got {_excerpt(value)}.")


def _fraction(value: object) -> str:
    """Return the microseconds of a valid moment as `.123456`; empty if it has none."""
    if is_wrapped_date(value):
        value = value.get("value")  # type: ignore[attr-defined]  # it is a mapping
    microseconds = datetime.fromisoformat(str(value)).microsecond if value else 0
    return f".{microseconds:06}" if microseconds else ""


def is_wrapped_date(value: object) -> bool:
    """Return whether a value is a wrapped date or datetime."""
    return isinstance(value, Mapping) and value.get("__type__") in ("datetime", "date")


def _read_string(where: str, value: object) -> str:
    # JSON may contain unpaired surrogates, which UTF-8 cannot encode.
    if isinstance(value, str) and not _SURROGATE.search(value):
        return value
    raise _wrong_type(where, "string", value)


def _read_boolean(where: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _wrong_type(where, "boolean", value)


def _read_number(where: str, value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # `json` also accepts NaN, infinity and integers of any length.
    if is_number and abs(value) <= _MAX_NUMBER:  # type: ignore[arg-type]  # a number
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
    # A date in a `variable` has the same wrapper as other dates (protocol 3.1). It is
    # stored in the wrapper, which alone distinguishes it from text.
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
    return Invalid(f"{where} must be of type {expected}. Got {_excerpt(value)}.")


def _excerpt(value: object) -> str:
    """Return a value as JSON for an error message, at most 200 characters of it."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 200 else f"{text[:200]}…"
