"""Check that a reply belongs to its request, before its results are used.

A connection, a proxy or a cache can deliver the reply to another request. Each result
must match its operation in action, container, entity type and key (protocol 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, Final, Protocol, TypeAlias

from ftrack_orm.errors.transport import (
    ReplyMismatchError,
    ResponseFormatError,
    ResponseLengthError,
)
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.operations import AnyOperation, Update
from ftrack_orm.plain_values import plain_value


class EntityTypes(Protocol):
    """Keys and bases of entity types."""

    def primary_key(self, entity_type: str) -> Sequence[str] | None:
        """Return the names of a type's primary key, ``None`` for an unknown type."""
        ...

    def is_related(self, entity_type: str, other: str) -> bool:
        """Return whether a type is the other, its base or its subtype.

        True when either is unknown.
        """
        ...


@lazy_dataclass(frozen=True, slots=True)
class Mismatch:
    """A difference between a result and its operation, described for an error.

    The description never quotes the reply, which may contain secrets.

    Attributes:
        expected: the form or value that the operation's result has.
        received: a description of the result.
        is_malformed: whether no result of any operation has this form. Then the
            server is at fault, and the reply was not mixed up with another.
    """

    expected: str
    received: str
    is_malformed: bool = False


_Check: TypeAlias = Callable[[AnyOperation, Any, EntityTypes], Mismatch | None]

_ECHOING: Final = frozenset({"query", "search", "create", "update", "delete"})
"""Actions whose results name the action (protocol 2)."""

_MEMBERS: Final = {
    "complete_multipart_upload": "component_id",
    "delayed_job": "data",
    "encode_media": "job_id",
    "generate_signed_url": "signed_url",
    "get_upload_metadata": "component_id",
    "get_widget_url": "widget_url",
    "reset_remote": "data",
    "send_review_session_invite": "sent",
    "send_user_invite": "sent",
}
"""The member that identifies the result of a helper operation (protocol 2)."""

_entity_type_of: Final = itemgetter("__entity_type__")
_KEY_TYPES: Final = frozenset({str, int})
_KEYS_CHECKED: Final = 50
"""Rows of a query whose keys are checked."""

# Strings, which `re` compiles at their first use: compiling them here would cost a
# third of a millisecond of every import.
_LEADING: Final = r"(?is)\s*(?:select\s.+?\sfrom\s+)?(\w+)"
_GROUPED: Final = (
    r"(?i)\sgroup\s+by\s|^\s*select\s[^\"']*?\b(?:count|sum|avg|min|max)\s*\("
)
_OFFSET: Final = r"(?i)(?:^|\s)offset\s+(\d+)(?:\s+limit\s+\d+)?\s*$"
_LONGEST_PAGING: Final = 100
"""Characters at the end of an expression that hold its offset and limit."""


def check_results(
    operations: Sequence[AnyOperation],
    results: Sequence[Any],
    server_url: str,
    types: EntityTypes,
) -> None:
    """Check that every result matches its operation.

    The types of all rows of a query are checked, and the keys of the first ones. The
    row loader checks the keys of the other rows, and of entities inside rows.

    Args:
        operations: the batch, plain mappings included.
        results: the decoded results, in the same order.
        server_url: the server's address, for errors.
        types: the known entity types; of others, only the form is checked.

    Raises:
        ResponseLengthError: the number of results is not that of the operations.
        ReplyMismatchError: a result does not match its operation.
        ResponseFormatError: an entity lacks its key, which matches no operation.
    """
    if len(results) != len(operations):
        raise ResponseLengthError(server_url, len(operations), len(results))
    for index in _indexes_without_echo(operations, results):
        operation, result = operations[index], results[index]
        action = _action(operation)
        mismatch = _CHECKS.get(action, _other_mismatch)(operation, result, types)
        if mismatch is not None and mismatch.is_malformed:
            raise ResponseFormatError(
                f"{server_url} answered operation {index + 1}, {action!r}, with "
                f"{mismatch.received} where the protocol has {mismatch.expected}. Try "
                "again, or report it to the server's administrator.",
                server_url=server_url,
            )
        if mismatch is not None:
            raise ReplyMismatchError(
                server_url, index, action, mismatch.expected, mismatch.received
            )


def _indexes_without_echo(
    operations: Sequence[AnyOperation], results: Sequence[Any]
) -> Iterator[int]:
    """Yield the indexes of all results but those of updates that echo the reference.

    Large commits consist of such updates. One loop without calls: a call for each
    result would cost more than its comparison.
    """
    for index, (operation, result) in enumerate(zip(operations, results, strict=True)):
        if type(operation) is Update:
            try:
                data = result["data"]
                if (
                    result["action"] == "update"
                    and data["__entity_type__"] == operation.entity_type
                    and (data["id"],) == operation.entity_key
                ):
                    continue
            except (TypeError, KeyError):
                pass
        yield index


def _action(operation: AnyOperation) -> str:
    if isinstance(operation, Mapping):
        return str(plain_value(operation.get("action")))
    return operation.action


def _argument(operation: AnyOperation, name: str) -> Any:
    if isinstance(operation, Mapping):
        return operation.get(name)
    return getattr(operation, name, None)


def _entity_type(operation: AnyOperation) -> str | None:
    entity_type = plain_value(_argument(operation, "entity_type"))
    return entity_type if isinstance(entity_type, str) else None


# -- containers ------------------------------------------------------------------------


def _echo_mismatch(operation: AnyOperation, result: Any) -> Mismatch | None:
    """Return the mismatch unless a result is an object with the operation's action."""
    action = _action(operation)
    if not isinstance(result, dict):
        return Mismatch("an object", _json_type(result))
    if result.get("action") != action:
        received = "another one" if "action" in result else "none"
        return Mismatch(f"the action {action!r}", received)
    if "data" not in result:
        return Mismatch("data", "none")
    return None


def _helper_mismatch(
    member: str, operation: AnyOperation, result: Any, types: EntityTypes
) -> Mismatch | None:
    if not isinstance(result, dict):
        return Mismatch("an object", _json_type(result))
    action = _action(operation)
    if result.get("action", action) != action:
        return Mismatch(f"the action {action!r}", "another one")
    if member not in result:
        return Mismatch(f"an object with {member!r}", "an object without")
    component_id = plain_value(_argument(operation, "component_id"))
    if member == "component_id" and result[member] != component_id:
        return Mismatch("the same component", "another one")
    return None


def _information_mismatch(
    operation: AnyOperation, result: Any, types: EntityTypes
) -> Mismatch | None:
    if not isinstance(result, dict):
        return Mismatch("an object", _json_type(result))
    if "action" in result:
        return Mismatch("the server's information", "the result of an action")
    if _argument(operation, "values") is None and "version" not in result:
        return Mismatch("an object with 'version'", "an object without")
    return None


def _schemas_mismatch(
    operation: AnyOperation, result: Any, types: EntityTypes
) -> Mismatch | None:
    if not isinstance(result, list):
        return Mismatch("a list of schemas", _json_type(result))
    if not all(isinstance(schema, dict) for schema in result):
        return Mismatch("a list of schemas", "a list of other values")
    return None


def _other_mismatch(
    operation: AnyOperation, result: Any, types: EntityTypes
) -> Mismatch | None:
    """Return the mismatch if an unknown action has the result of a known one."""
    if isinstance(result, dict) and result.get("action") in tuple(_ECHOING):
        return Mismatch(
            f"the result of {_action(operation)!r}", "that of another action"
        )
    return None


def _json_type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case dict():
            return "an object"
        case list():
            return "a list"
        case bool():
            return "true" if value else "false"
        case str():
            return "text"
        case _:
            return "a number"


# -- entities --------------------------------------------------------------------------


def _delete_mismatch(
    operation: AnyOperation, result: Any, types: EntityTypes
) -> Mismatch | None:
    mismatch = _echo_mismatch(operation, result)
    if mismatch is None and result["data"] is not True:
        mismatch = Mismatch("true", _json_type(result["data"]))
    return mismatch


def _entity_mismatch(
    operation: AnyOperation, result: Any, types: EntityTypes
) -> Mismatch | None:
    """Return the mismatch unless the result of a create or update is its entity."""
    mismatch = _echo_mismatch(operation, result)
    if mismatch is not None:
        return mismatch
    data = result["data"]
    if not isinstance(data, dict):
        return Mismatch("an entity", _json_type(data))
    entity_type = _entity_type(operation)
    mismatch = _rows_mismatch([data], entity_type, types)
    if mismatch is not None:
        return mismatch
    names = types.primary_key(data["__entity_type__"])
    if names is None and entity_type is not None:
        # A subtype that the models lack has the key of its base.
        names = types.primary_key(entity_type)
    return _key_mismatch(operation, data, names or ("id",))


def _key_mismatch(
    operation: AnyOperation, data: Mapping[str, Any], names: Sequence[str]
) -> Mismatch | None:
    key = _argument(operation, "entity_key")
    # One value may come without its list (protocol 2.4).
    parts = list(key) if isinstance(key, list | tuple) else [key]
    if len(parts) != len(names):
        parts = [None] * len(names)
    data_sent = _argument(operation, "entity_data")
    values = data_sent if isinstance(data_sent, Mapping) else {}
    for name, part in zip(names, parts, strict=True):
        # An update may change a part of the key; the result has the old or new value.
        allowed = [
            str(plain_value(value))
            for value in (part, values.get(name))
            if value is not None
        ]
        if allowed and name in data and str(data[name]) not in allowed:
            return Mismatch("the entity that was sent", f"another {name!r}")
    return None


def _query_mismatch(
    operation: AnyOperation, result: Any, types: EntityTypes
) -> Mismatch | None:
    mismatch = _echo_mismatch(operation, result)
    if mismatch is not None:
        return mismatch
    rows = result["data"]
    if not isinstance(rows, list):
        return Mismatch("a list of rows", _json_type(rows))
    expression = plain_value(_argument(operation, "expression"))
    if not isinstance(expression, str):
        expression = ""
    if re.search(_GROUPED, expression):
        # Groups are plain objects, neither typed nor keyed (protocol 5.3).
        if not all(isinstance(row, dict) for row in rows):
            return Mismatch("a list of groups", "a list of other values")
    elif rows:
        leading = _entity_type(operation) or _leading_type(expression)
        mismatch = _rows_mismatch(rows, leading, types)
    return mismatch or _paging_mismatch(result, expression)


def _leading_type(expression: str) -> str | None:
    leading = re.match(_LEADING, expression)
    return leading[1] if leading is not None else None


def _rows_mismatch(
    rows: list[Any], entity_type: str | None, types: EntityTypes
) -> Mismatch | None:
    """Return the mismatch unless all rows are entities of a type."""
    try:
        # `map` loops in C: a Python loop would add more than 2% to loading the rows.
        names = set(map(_entity_type_of, rows))
    except (KeyError, TypeError):
        return Mismatch("entities with their type", "a value without")
    for name in names:
        if not isinstance(name, str):
            return Mismatch("entities with their type", "a type that is no text")
        if entity_type is not None and not types.is_related(entity_type, name):
            return Mismatch(f"entities of type {entity_type}", "another type")
    for row in rows[:_KEYS_CHECKED]:
        for name in types.primary_key(row["__entity_type__"]) or ():
            if type(row.get(name)) not in _KEY_TYPES:
                return Mismatch(
                    "entities with their key", f"one without {name!r}", True
                )
    return None


def _paging_mismatch(result: Mapping[str, Any], expression: str) -> Mismatch | None:
    """Return the mismatch unless the next offset is beyond the offset requested.

    Following an offset that does not advance would never end.
    """
    metadata = result.get("metadata") or {}
    next_page = (metadata.get("next") or {}) if isinstance(metadata, dict) else None
    if not isinstance(next_page, dict):
        return Mismatch("the offset of the next page", _json_type(metadata))
    offset = next_page.get("offset")
    if offset is None:
        return None
    match = re.search(_OFFSET, expression[-_LONGEST_PAGING:])
    first = int(match[1]) if match is not None else 0
    if type(offset) is not int:
        return Mismatch("a next offset that is a number", _json_type(offset))
    if offset <= first:
        return Mismatch(f"a next offset beyond {first}", "one that is not")
    return None


_CHECKS: Final[Mapping[str, _Check]] = {
    "create": _entity_mismatch,
    "update": _entity_mismatch,
    "delete": _delete_mismatch,
    "query": _query_mismatch,
    "search": _query_mismatch,
    "query_server_information": _information_mismatch,
    "query_schemas": _schemas_mismatch,
    **{action: partial(_helper_mismatch, name) for action, name in _MEMBERS.items()},
}
