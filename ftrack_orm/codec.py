"""Encode Python values as wire JSON, and decode them (protocol 2 and 3).

No other module of the client writes ``__entity_type__`` and ``__type__`` into values,
or converts times.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic_core import to_json

from ftrack_orm.errors.entity import AttributeValueError, EntityKeyError
from ftrack_orm.errors.session import InvalidOperationError
from ftrack_orm.operations import (
    AnyOperation,
    Create,
    Delete,
    HelperOperation,
    Operation,
    Query,
    QuerySchemas,
    QueryServerInformation,
    Search,
    Update,
    UploadedPart,
)
from ftrack_orm.plain_values import plain_texts, plain_value
from ftrack_orm.types import EntityKey, JSONObject, Reference

_PLAIN: Final = frozenset({str, bool, float, type(None)})
"""Types whose values of any size are JSON."""

_LARGEST: Final = 4096
"""The limit in bits of a whole number; Python refuses to format some larger ones."""

_SENDABLE: Final = "a JSON value, a datetime or a Reference"

PrimaryKeyOf = Callable[[str], Sequence[str]]
"""A function from an entity type to the server names of its primary key, in order."""


class _UnsendableError(Exception):
    """A value that JSON cannot contain; `expected` describes those that it can.

    It does not leave this module: its handler adds the place of the value.
    """

    def __init__(self, value: Any, expected: str) -> None:
        super().__init__(expected)
        self.value = value
        self.expected = expected


def encode_batch(
    operations: Sequence[AnyOperation], primary_key_of: PrimaryKeyOf
) -> bytes:
    """Return the request body for `operations`: a JSON array in the same order.

    Members of ``(str, Enum)`` and other subclasses of scalars are sent as the scalar.

    Raises:
        AttributeValueError: JSON cannot contain a value in the data of a create or
            update.
        InvalidOperationError: JSON cannot contain another value of an operation.
        EntityKeyError: a reference has a wrong number of key values.
        UnknownEntityTypeError: a reference has a type without a known primary key.
    """
    payloads = _payloads(operations, primary_key_of)
    try:
        body = to_json(payloads)
        if not body.isascii():
            # Some proxies change other bytes: escape them (three times slower).
            body = json.dumps(payloads, separators=(",", ":")).encode("ascii")
    except ValueError:
        body = None
    if body is None or _may_hold(b"NaN", body) or _may_hold(b"Infinity", body):
        for payload in payloads:
            _check_payload(payload)
    if body is None:
        raise InvalidOperationError("batch", "operations", payloads, _SENDABLE)
    return body


def _may_hold(word: bytes, body: bytes) -> bool:
    """Return whether a word is in the body, as a number or as a part of a text."""
    # Looking for one letter first takes a hundredth of the time, and often suffices.
    return word[:1] in body and word in body


def _payloads(
    operations: Sequence[AnyOperation], primary_key_of: PrimaryKeyOf
) -> list[JSONObject]:
    """Return the operations as the wire has them; large commits are made of updates."""
    payloads: list[JSONObject] = []
    are_plain = _PLAIN.issuperset
    for operation in operations:
        if type(operation) is not Update:
            payloads.append(encode_operation(operation, primary_key_of))
            continue
        # Written out, as a call here counts per entity of a commit.
        entity_type, key = operation.entity_type, operation.entity_key
        data = operation.entity_data
        is_plain_key = type(key) is tuple and len(key) == 1 and type(key[0]) is str
        payloads.append(
            {
                "action": "update",
                "entity_type": entity_type,
                "entity_key": key if is_plain_key else _key(key),
                "entity_data": {"__entity_type__": entity_type, **data}
                if are_plain(map(type, data.values()))
                else _data(entity_type, data, primary_key_of),
            }
        )
    return payloads


def encode_operation(
    operation: AnyOperation, primary_key_of: PrimaryKeyOf
) -> JSONObject:
    """Return the wire form of one operation (protocol 2).

    Raises:
        AttributeValueError, InvalidOperationError, EntityKeyError,
        UnknownEntityTypeError: as in `encode_batch`; only that checks for numbers and
            texts that JSON cannot contain.
    """
    if isinstance(operation, Mapping):
        return _mapping(operation, primary_key_of)
    payload: JSONObject = {"action": operation.action}
    try:
        payload.update(_arguments(operation, primary_key_of))
    except _UnsendableError as error:
        failed = InvalidOperationError(
            operation.action, "arguments", error.value, error.expected
        )
    else:
        return payload
    raise failed


def _mapping(operation: Mapping[str, Any], primary_key_of: PrimaryKeyOf) -> JSONObject:
    payload: JSONObject = {}
    for name, value in operation.items():
        try:
            payload[_name(name)] = _encoded(value, primary_key_of)
        except _UnsendableError as error:
            raise InvalidOperationError(
                str(operation.get("action")), str(name), error.value, error.expected
            ) from None
    return payload


def _arguments(operation: Operation, primary_key_of: PrimaryKeyOf) -> JSONObject:
    match operation:
        case Update(entity_type, entity_key, entity_data):
            return {
                "entity_type": entity_type,
                "entity_key": _key(entity_key),
                "entity_data": _data(entity_type, entity_data, primary_key_of),
            }
        case Create(entity_type, entity_data, entity_key):
            arguments: JSONObject = {"entity_type": entity_type}
            if entity_key is not None:
                arguments["entity_key"] = _key(entity_key)
            arguments["entity_data"] = _data(entity_type, entity_data, primary_key_of)
            return arguments
        case Delete(entity_type, entity_key):
            return {"entity_type": entity_type, "entity_key": _key(entity_key)}
        case Query(expression):
            return {"expression": plain_value(expression)}
        case QueryServerInformation(values):
            return {} if values is None else {"values": _texts(values)}
        case Search(terms=terms, object_type_ids=object_type_ids):
            arguments = _fields(operation, primary_key_of)
            arguments["terms"] = _texts(terms)
            if object_type_ids is not None:
                arguments["object_type_ids"] = _texts(object_type_ids)
            return arguments
        case QuerySchemas():
            return {}
        case _:
            return _fields(operation, primary_key_of)


def _texts(values: Any) -> list[str]:
    texts = plain_texts(values)
    if texts is None:
        raise _UnsendableError(values, "a list of texts")
    return list(texts)


def _fields(operation: HelperOperation, primary_key_of: PrimaryKeyOf) -> JSONObject:
    """Return the wire arguments of an operation, which are its fields."""
    omitted: frozenset[str] = getattr(operation, "omitted", frozenset())
    values = {field.name: getattr(operation, field.name) for field in fields(operation)}
    return {
        name: _encoded(value, primary_key_of)
        for name, value in values.items()
        if value is not None or name not in omitted
    }


def _data(
    entity_type: str, data: Mapping[str, Any], primary_key_of: PrimaryKeyOf
) -> JSONObject:
    encoded: JSONObject = {"__entity_type__": entity_type}
    for name, value in data.items():
        if type(value) in _PLAIN:  # nearly all values of a large commit
            encoded[name] = value
            continue
        try:
            encoded[name] = _encoded(value, primary_key_of)
        except _UnsendableError as error:
            raise AttributeValueError(
                entity_type, name, value, error.expected
            ) from None
    return encoded


def _encoded(value: Any, primary_key_of: PrimaryKeyOf) -> Any:
    try:
        return _encode(value, primary_key_of)
    except RecursionError:
        expected = "a value that does not hold itself"
        raise _UnsendableError(value, expected) from None


def _key(key: Any) -> list[Any]:
    # Not any sequence: a string is one too. The server accepts a key of one value also
    # without a list (protocol 2.4).
    values = key if isinstance(key, list | tuple) else [key]
    return [plain_value(value) for value in values]


def _name(name: Any) -> str:
    name = plain_value(name)
    if isinstance(name, str):
        return name
    if isinstance(name, int):
        return str(name)
    raise _UnsendableError(name, "text as the names of a mapping")


def _encode(value: Any, primary_key_of: PrimaryKeyOf) -> Any:
    value = plain_value(value)
    if type(value) in _PLAIN:
        return value
    if type(value) is int:
        if value.bit_length() > _LARGEST:
            raise _UnsendableError(value, f"a number of at most {_LARGEST} bits")
        return value
    if isinstance(value, Reference):
        return encode_reference(value, primary_key_of)
    if isinstance(value, date):
        return _encode_time(value)
    if isinstance(value, UploadedPart):
        return asdict(value)
    if isinstance(value, Mapping):
        return {
            _name(name): _encode(part, primary_key_of) for name, part in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_encode(part, primary_key_of) for part in value]
    raise _UnsendableError(value, _SENDABLE)


def _encode_time(value: date) -> JSONObject:
    if not isinstance(value, datetime):
        # Clients send a day as "datetime" too; only servers send "date" (protocol 3.1).
        return {"__type__": "datetime", "value": value.isoformat()}
    try:
        return encode_datetime(value)
    except (OverflowError, ValueError):
        raise _UnsendableError(value, "a datetime of the years 1 to 9999 in UTC") from (
            None
        )


# -- values that JSON cannot contain ---------------------------------------------------


def _check_payload(payload: JSONObject) -> None:
    """Raise an error for the first value of an operation that JSON cannot contain."""
    for name, value in payload.items():
        if name == "entity_data" and isinstance(value, dict):
            entity_type = str(value.get("__entity_type__", payload.get("entity_type")))
            for attribute, part in value.items():
                for expected in _misfits(part):
                    raise AttributeValueError(entity_type, attribute, part, expected)
        else:
            for expected in _misfits(value):
                action = str(payload.get("action"))
                raise InvalidOperationError(action, name, value, expected)


def _misfits(value: Any) -> Iterator[str]:
    """Yield the expected form for each value in `value` that JSON cannot contain."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _misfits(name)
            yield from _misfits(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _misfits(part)
    elif isinstance(value, float) and not math.isfinite(value):
        yield "a finite number"
    elif isinstance(value, str) and not is_unicode(value):
        yield "text without lone surrogates"
    elif isinstance(value, int) and value.bit_length() > _LARGEST:
        yield f"a number of at most {_LARGEST} bits"


def is_unicode(text: str) -> bool:
    """Return whether UTF-8 can encode the text: it has no lone surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def encode_reference(reference: Reference, primary_key_of: PrimaryKeyOf) -> JSONObject:
    """Return the wire form of a reference: type and all key values (protocol 3.3).

    Raises:
        EntityKeyError: the number of key values is wrong.
    """
    names = primary_key_of(reference.entity_type)
    key = _key(reference.key)
    if len(key) != len(names):
        raise EntityKeyError(reference.entity_type, names, reference.key)
    return {
        "__entity_type__": reference.entity_type,
        **dict(zip(names, key, strict=True)),
    }


def encode_datetime(value: datetime) -> JSONObject:
    """Return the wire form of a datetime: in UTC, with its offset (protocol 3.1).

    A datetime without a time zone is in UTC, as on the wire, and not in local time.

    Raises:
        OverflowError: the year in UTC is not in 1 to 9999.
    """
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return {"__type__": "datetime", "value": value.astimezone(UTC).isoformat()}


def decode_scalar(value: Any) -> Any:
    """Return the Python value of a wire scalar; a datetime is aware and in UTC."""
    if isinstance(value, dict) and "__type__" in value:
        return decode_datetime(value["value"])
    return value


def decode_datetime(text: str) -> datetime:
    """Return wire time as an aware datetime in UTC (protocol 3.1).

    A text without an offset is in UTC.
    """
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=UTC)
    return parsed.astimezone(UTC)


def decode_key(data: Mapping[str, Any], names: Sequence[str]) -> EntityKey:
    """Return the primary key in an entity's data, in the order of `names`."""
    return tuple(data[name] for name in names)
