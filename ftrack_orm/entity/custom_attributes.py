"""Checks of custom attribute values (protocol 3.5, 6.7)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ftrack_orm.entity.mapped import REMOVED, MappedValues
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.errors.entity import AttributeValueError
from ftrack_orm.plain_values import plain_value
from ftrack_orm.types import Sentinel

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity

_REFUSED: Final = Sentinel.UNSET


class _Rule(NamedTuple):
    expected: str
    keep: Callable[[Any], Any]


def checked_values(
    entity: Entity,
    attribute: AttributeInfo,
    rows: MappedValues[Any],
    edits: Mapping[str, Any],
) -> dict[str, Any]:
    """Return edits of custom attributes as they are kept.

    The values of a new entity are checked by their kind when it joins a session.

    Raises:
        AttributeValueError: a key that is not configured for the entity, or a value
            that its configuration cannot hold; nothing was changed.
    """
    checked: dict[str, Any] = {}
    for key, value in edits.items():
        if not is_new(entity) and key not in rows:
            raise unknown_key(entity, attribute, key, value, rows)
        if value is not REMOVED:
            kind = "" if is_new(entity) else _kind(entity, rows, key)
            checked[key] = checked_value(entity, attribute, key, value, kind)
        else:
            if not is_new(entity):
                _keep_default(entity, attribute, rows, key)
            checked[key] = value
    return checked


def unknown_key(
    entity: Entity, attribute: AttributeInfo, key: str, value: Any, keys: Iterable[str]
) -> AttributeValueError:
    """Return the error of a key that is not configured; `keys` are those that are."""
    return AttributeValueError(
        type(entity).__ftrack__.name,
        f"{attribute.name}[{key!r}]",
        value,
        "a custom attribute configured for this entity "
        f"({', '.join(sorted(keys)) or 'there are none'})",
    )


def checked_value(
    entity: Entity, attribute: AttributeInfo, key: str, value: Any, kind: str
) -> Any:
    """Return a value as it is kept.

    Args:
        entity: the owner.
        attribute: the mapping.
        key: the key within it.
        value: the value; ``None`` is allowed.
        kind: name of the type of the configuration, ``""`` where it is not known.

    Raises:
        AttributeValueError: the configuration cannot hold the value.
    """
    if value is None:
        return None
    rule = _RULES.get(kind, _ANY)
    try:
        kept = rule.keep(plain_value(value))
    except (OverflowError, ValueError):
        kept = _REFUSED
    if kept is _REFUSED:
        name = f"{attribute.name}[{key!r}]"
        raise AttributeValueError(
            type(entity).__ftrack__.name, name, value, rule.expected
        )
    return kept


def _kind(entity: Entity, rows: MappedValues[Any], key: str) -> str:
    """Return the kind of a loaded entity's value: by the value, or as configured."""
    match rows.rows.get(key):
        case bool():
            return "boolean"
        case str():
            return "text"
        case int() | float():
            return "number"
        case datetime():
            return "date"
        case list():
            return "enumerator"
    owner = entity.__ftrack_state__.owner
    configuration = rows.row_keys.get(key)
    if owner is None or configuration is None:
        return ""
    configured = owner.configured(configuration)
    return "" if configured is None else configured.kind


def _keep_default(
    entity: Entity, attribute: AttributeInfo, rows: MappedValues[Any], key: str
) -> None:
    """Note the default that a deleted key shows until the commit.

    Raises:
        AttributeValueError: the entity is in no session, or the server shows no
            configuration.
    """
    owner = entity.__ftrack_state__.owner
    configuration = rows.row_keys.get(key)
    if owner is not None and configuration is not None:
        if configuration not in rows.loaded_stored():
            return
        configured = owner.configured(configuration)
        if configured is not None:
            rows._custom_rows.defaults[key] = configured.default
            return
    raise AttributeValueError(
        type(entity).__ftrack__.name,
        f"{attribute.name}[{key!r}]",
        None,
        "a value; its default is known in a session that can read its configuration",
    )


# -- values by kind ----------------------------------------------------------------


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return _REFUSED
    value.encode()  # half of a pair of surrogates cannot be sent
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _REFUSED
    return value if math.isfinite(value) else _REFUSED


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else _REFUSED


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return _REFUSED if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return _REFUSED


def _texts(value: Any) -> Any:
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        return _REFUSED
    texts = [_text(plain_value(part)) for part in parts]
    return _REFUSED if _REFUSED in texts else texts


def _anything(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return _number(value)
    return _moment(value) if isinstance(value, date) else _texts(value)


_TEXT: Final = _Rule("text without half of a surrogate pair", _text)
_TEXTS: Final = _Rule("a list of text", _texts)

_ANY: Final = _Rule(
    "text, a finite number, a boolean, a date, a datetime with a time zone, a list of "
    "text, or None",
    _anything,
)

_RULES: Final = {
    "text": _TEXT,
    "url": _TEXT,
    "expression": _TEXT,
    "number": _Rule("a finite number", _number),
    "boolean": _Rule("a boolean", _boolean),
    "date": _Rule(
        "a date, or a datetime with a time zone of the years 1 to 9999 in UTC", _moment
    ),
    "enumerator": _TEXTS,
    "dynamic enumerator": _TEXTS,
}
