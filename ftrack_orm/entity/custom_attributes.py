"""Check the values of custom attributes (protocol 3.5, 6.7)."""

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

_INVALID: Final = Sentinel.UNSET


class _Rule(NamedTuple):
    """The check of one configured type.

    Attributes:
        expected: the description of valid values, for error messages.
        convert: returns the value to store, or `_INVALID`.
    """

    expected: str
    convert: Callable[[Any], Any]


def check_values(
    entity: Entity,
    attribute: AttributeInfo,
    rows: MappedValues[Any],
    edits: Mapping[str, Any],
) -> dict[str, Any]:
    """Return edits of custom attributes with the values to store.

    The values of a new entity are checked by their configured type when it is added to
    a session: only a session can read the configurations.

    Raises:
        AttributeValueError: a key is not configured for the entity, or a value is not
            valid for its configuration; nothing was changed.
    """
    checked: dict[str, Any] = {}
    for key, value in edits.items():
        if not is_new(entity) and key not in rows:
            raise unknown_key(entity, attribute, key, value, rows)
        if value is not REMOVED:
            type_name = "" if is_new(entity) else _type_name(entity, rows, key)
            value = check_value(entity, attribute, key, value, type_name)
        elif not is_new(entity):
            _record_default(entity, attribute, rows, key)
        checked[key] = value
    return checked


def unknown_key(
    entity: Entity, attribute: AttributeInfo, key: str, value: Any, keys: Iterable[str]
) -> AttributeValueError:
    """Return the error for a key that is not among the configured `keys`."""
    configured = ", ".join(sorted(keys)) or (
        "there are none; create one as a CustomAttributeConfiguration or with "
        "`ftrack-orm studio apply`"
    )
    return AttributeValueError(
        type(entity).__ftrack__.name,
        f"{attribute.name}[{key!r}]",
        value,
        f"a custom attribute configured for this entity ({configured})",
    )


def check_value(
    entity: Entity, attribute: AttributeInfo, key: str, value: Any, type_name: str
) -> Any:
    """Return the value to store for a custom attribute.

    Args:
        entity: the owner.
        attribute: the mapped attribute.
        key: the key of the custom attribute.
        value: the value; ``None`` is allowed.
        type_name: the type of the configuration, ``""`` if it is unknown.

    Raises:
        AttributeValueError: the value is not valid for the configuration.
    """
    if value is None:
        return None
    rule = _RULES.get(type_name, _ANY)
    stored = _convert(rule, value)
    if stored is _INVALID:
        name = f"{attribute.name}[{key!r}]"
        raise AttributeValueError(
            type(entity).__ftrack__.name, name, value, rule.expected
        )
    return stored


def _convert(rule: _Rule, value: Any) -> Any:
    try:
        return rule.convert(plain_value(value))
    except (OverflowError, ValueError):
        return _INVALID


def _type_name(entity: Entity, rows: MappedValues[Any], key: str) -> str:
    """Return the configured type of a value, ``""`` if it cannot be determined."""
    # In most cases the loaded value determines the type, without a request for the
    # configurations.
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
    return "" if configured is None else configured.type_name


def _record_default(
    entity: Entity, attribute: AttributeInfo, rows: MappedValues[Any], key: str
) -> None:
    """Record the default that a deleted key has until the commit.

    Raises:
        AttributeValueError: the entity is in no session, or the configuration cannot
            be read.
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


# -- values by type ----------------------------------------------------------------


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return _INVALID
    value.encode()  # raises for a lone surrogate, which JSON in UTF-8 cannot carry
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _INVALID
    return value if math.isfinite(value) else _INVALID


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else _INVALID


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return _INVALID if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return _INVALID


def _texts(value: Any) -> Any:
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        return _INVALID
    texts = [_text(plain_value(part)) for part in parts]
    return _INVALID if _INVALID in texts else texts


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
