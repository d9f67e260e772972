"""Python values to wire JSON and back.

The one client file that knows ``__entity_type__`` and ``__type__`` in values that are
sent, and the wire's way with time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any, Final

from ftrack_orm.errors import AttributeValueError
from ftrack_orm.operations import (
    AnyOperation,
    Create,
    Delete,
    HelperOperation,
    Operation,
    Query,
    QuerySchemas,
    QueryServerInformation,
    Update,
    UploadedPart,
)
from ftrack_orm.types import EntityKey, JSONObject, Reference

_PLAIN: Final = frozenset({str, int, bool, type(None)})
"""Types whose values stand on the wire as they are."""

KeyNames = Callable[[str], Sequence[str]]
"""Entity type name to the server names of its primary key, in order."""


def encode_batch(operations: Sequence[AnyOperation], key_names: KeyNames) -> bytes:
    """Return the request body for `operations`, one JSON array in the same order."""
    payloads = [encode_operation(operation, key_names) for operation in operations]
    text = json.dumps(payloads, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def encode_operation(operation: AnyOperation, key_names: KeyNames) -> JSONObject:
    """Return one operation as the wire has it (protocol 2)."""
    if isinstance(operation, Mapping):
        return {name: _encode(value, key_names) for name, value in operation.items()}
    payload: JSONObject = {"action": operation.action}
    payload.update(_arguments(operation, key_names))
    return payload


def _arguments(operation: Operation, key_names: KeyNames) -> JSONObject:
    match operation:
        # What large commits are made of comes first.
        case Update(entity_type, entity_key, entity_data):
            return {
                "entity_type": entity_type,
                "entity_key": list(entity_key),
                "entity_data": _data(entity_type, entity_data, key_names),
            }
        case Create(entity_type, entity_data, entity_key):
            arguments: JSONObject = {"entity_type": entity_type}
            if entity_key is not None:
                arguments["entity_key"] = list(entity_key)
            arguments["entity_data"] = _data(entity_type, entity_data, key_names)
            return arguments
        case Delete(entity_type, entity_key):
            return {"entity_type": entity_type, "entity_key": list(entity_key)}
        case Query(expression):
            return {"expression": expression}
        case QueryServerInformation(values):
            return {} if values is None else {"values": list(values)}
        case QuerySchemas():
            return {}
        case _:
            return _fields(operation, key_names)


def _fields(operation: HelperOperation, key_names: KeyNames) -> JSONObject:
    """Return the arguments of an operation whose fields are its arguments."""
    omitted: frozenset[str] = getattr(operation, "omitted", frozenset())
    values = {field.name: getattr(operation, field.name) for field in fields(operation)}
    return {
        name: _encode(value, key_names)
        for name, value in values.items()
        if value is not None or name not in omitted
    }


def _data(entity_type: str, data: Mapping[str, Any], key_names: KeyNames) -> JSONObject:
    encoded: JSONObject = {"__entity_type__": entity_type}
    for name, value in data.items():
        if type(value) in _PLAIN:  # nearly all of what a large commit sends
            encoded[name] = value
            continue
        if isinstance(value, float) and not math.isfinite(value):
            raise AttributeValueError(entity_type, name, value, "a finite number")
        encoded[name] = _encode(value, key_names)
    return encoded


def _encode(value: Any, key_names: KeyNames) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Reference):
        return encode_reference(value, key_names)
    if isinstance(value, datetime):
        return encode_datetime(value)
    if isinstance(value, date):
        # Clients call a day a datetime too; only servers send `date` (3.1).
        return {"__type__": "datetime", "value": value.isoformat()}
    if isinstance(value, UploadedPart):
        return asdict(value)
    if isinstance(value, Mapping):
        return {str(name): _encode(part, key_names) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_encode(part, key_names) for part in value]
    raise TypeError(f"{type(value).__name__} cannot be sent to a server")


def encode_reference(reference: Reference, key_names: KeyNames) -> JSONObject:
    """Return a reference as the wire has it: type and every key value (3.3)."""
    names = key_names(reference.entity_type)
    return {
        "__entity_type__": reference.entity_type,
        **dict(zip(names, reference.key, strict=True)),
    }


def encode_datetime(value: datetime) -> JSONObject:
    """Return a datetime as the wire has it: in UTC, with its offset (3.1).

    Without a time zone it is in UTC already, as on the wire, wherever we are.
    """
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return {"__type__": "datetime", "value": value.astimezone(UTC).isoformat()}


def decode_scalar(value: Any) -> Any:
    """Return a scalar of the wire as Python has it: datetimes aware and in UTC."""
    if isinstance(value, dict) and "__type__" in value:
        return decode_datetime(value["value"])
    return value


def decode_datetime(text: str) -> datetime:
    """Return wire time as an aware datetime; without an offset it is UTC (3.1)."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=UTC)
    return parsed.astimezone(UTC)


def decode_key(data: Mapping[str, Any], names: Sequence[str]) -> EntityKey:
    """Return the key in an entity's data."""
    return tuple(data[name] for name in names)
