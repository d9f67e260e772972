"""Parse the result of `query_schemas` into a `Schema` and a list of problems.

No content of a type raises an error. An unusable part is omitted and reported; an
unknown part is stored in `extra`, so that `Schema.to_json` returns it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeVar

from ftrack_orm.errors.schema import SchemaError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import COLLECTIONS
from ftrack_orm.schema.inheritance import resolve_bases
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema, Schema
from ftrack_orm.schema.problems import Problem, ProblemList
from ftrack_orm.types import UNSET, JSONObject

__all__ = ["ParsedSchema", "Problem", "load_schema_file", "parse_schema", "read_reply"]

T = TypeVar("T")

SCALARS: Final[frozenset[tuple[str | None, str | None]]] = frozenset(
    {
        ("string", None),
        ("string", "foreign_key"),
        ("string", "date-time"),
        ("string", "json"),
        ("string", "integer"),
        ("integer", None),
        ("integer", "foreign_key"),
        ("number", None),
        ("boolean", None),
        ("object", None),
        ("variable", None),
        (None, "foreign_key"),  # older servers; the official client skips it
    }
)
"""The combinations of type and format that servers send for scalars (protocol 4.3)."""

LINKS: Final[frozenset[tuple[str | None, str | None]]] = frozenset(
    {
        (None, None),
    }
)
"""The combinations of type and format that servers send with ``$ref``: protocol 4.3."""


@lazy_dataclass(frozen=True, slots=True)
class ParsedSchema:
    """A schema and its problems.

    Attributes:
        schema: every type that can be used.
        problems: the problems, in the order of their detection.
    """

    schema: Schema
    problems: tuple[Problem, ...]


def parse_schema(served: Sequence[Mapping[str, Any]]) -> ParsedSchema:
    """Return the schema in `served`, the result of `query_schemas`.

    Both forms that servers send are read (protocol 4). `Schema.to_json` of the result
    equals `served`, except for the types and properties that are reported as omitted.
    """
    problems = ProblemList()
    types: dict[str, EntitySchema] = {}
    for index, content in enumerate(served):
        entity_schema = _parse_type(content, index, types, problems)
        if entity_schema is not None:
            types[entity_schema.name] = entity_schema
    # After the loop, because a type may be served before its base and its targets.
    for name, base in resolve_bases(types, problems).items():
        types[name] = replace(types[name], base=base)
    _report_missing_targets(types, problems)
    return ParsedSchema(Schema(types), problems.freeze())


# -- files -------------------------------------------------------------------


def load_schema_file(path: str | PathLike[str]) -> ParsedSchema:
    """Return the schema in a JSON file: the list of types, or a whole reply.

    Raises:
        SchemaError: the file cannot be read, is not JSON, or holds anything else.
    """
    source = Path(path)
    try:
        content = json.loads(source.read_bytes())
    except OSError as error:
        raise SchemaError(
            f"Cannot read the schema file {source}: {error.strerror or error}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise SchemaError(
            f"{source} is not JSON: {error}. "
            "Save the server's reply to query_schemas there."
        ) from error
    return parse_schema(read_reply(content, str(source)))


def read_reply(content: Any, source: str) -> list[JSONObject]:
    """Return the list of types in `content`: that list, or the reply ``[[...]]``.

    Args:
        content: decoded JSON.
        source: the origin of `content`, for error messages.

    Raises:
        SchemaError: `content` is neither.
    """
    if isinstance(content, list):
        if len(content) == 1 and isinstance(content[0], list):
            content = content[0]
        if not content or any(isinstance(element, Mapping) for element in content):
            types: list[JSONObject] = content
            return types
    raise SchemaError(
        f"{source} holds no schema but {_excerpt(content)}. Expected the list of types "
        'that query_schemas returns, [{"id": ...}, ...] or [[{"id": ...}, ...]].'
    )


# -- types -------------------------------------------------------------------


def _parse_type(
    content: Any, index: int, parsed: Collection[str], problems: ProblemList
) -> EntitySchema | None:
    place = f"[{index}]"
    if not isinstance(content, Mapping):
        problems.error(place, f"is not a type but {_excerpt(content)}; omitted.")
        return None
    rest = dict(content)
    name = rest.pop("id", None)
    if not isinstance(name, str) or not name:
        problems.error(place, f"has no name (id is {_excerpt(name)}); omitted.")
        return None
    if name in parsed:
        problems.error(name, f"is served again at {place}; the first is used.")
        return None
    properties = rest.pop("properties", None)
    if properties is not None and not isinstance(properties, Mapping):
        problems.error(name, f"has {_excerpt(properties)} for properties; omitted.")
        return None
    if "properties" in content and properties is None:
        rest["properties"] = None
    return _build_type(name, properties, rest, problems)


def _build_type(
    name: str,
    properties: Mapping[str, Any] | None,
    rest: dict[str, Any],
    problems: ProblemList,
) -> EntitySchema:
    """Return the type; its `extra` holds the members of `rest` that are not read."""
    lists = {
        key: _take_names(rest, key, name, problems)
        for key in ("primary_key", "required", "immutable", "default_projections")
    }
    absent = {key for key, names in lists.items() if names is None}
    if properties is None:
        problems.warn(name, "has no properties.")
        absent.add("properties")
    required, immutable = lists["required"] or (), lists["immutable"] or ()
    computed = _take_names(rest, "computed", name, problems)
    entity_schema = EntitySchema(
        name=name,
        attributes=_parse_attributes(
            name, properties or {}, (required, immutable, computed or ()), problems
        ),
        primary_key=lists["primary_key"] or (),
        type=_take(rest, "type", str, name, problems),
        required=required,
        immutable=immutable,
        default_projections=lists["default_projections"] or (),
        computed=computed,
        system_projections=_take_names(rest, "system_projections", name, problems),
        alias_for=_take_type_alias(rest, name, problems),
        mixin=_take(rest, "$mixin", dict, name, problems),
        metadata=_take(rest, "metadata", dict, name, problems),
        extra=rest,
        absent=frozenset(absent),
    )
    _report_type(entity_schema, problems)
    return entity_schema


def _take_type_alias(
    rest: dict[str, Any], place: str, problems: ProblemList
) -> str | Mapping[str, Any] | None:
    alias = rest.get("alias_for")
    if isinstance(alias, Mapping):
        classifiers = alias.get("classifiers", {})
        if isinstance(alias.get("id"), str) and isinstance(classifiers, Mapping):
            mapping: Mapping[str, Any] = rest.pop("alias_for")
            return mapping
        problems.warn(place, f"has an unknown form of alias_for: {_excerpt(alias)}.")
        return None
    return _take(rest, "alias_for", str, place, problems)


def _report_type(entity_schema: EntitySchema, problems: ProblemList) -> None:
    name, attributes = entity_schema.name, entity_schema.attributes
    if entity_schema.type not in ("object", None):
        problems.warn(name, f"has the unknown type {entity_schema.type!r}.")
    if not entity_schema.primary_key:
        problems.error(name, "has no primary key.")
    for part in entity_schema.primary_key:
        if part not in attributes:
            problems.error(name, f"has no attribute {part!r}, a part of its key.")
    # The server refuses to select an unknown attribute. Unknown names in `required`
    # and `immutable` are not reported: stock servers have some, and they do no harm.
    for projection in entity_schema.default_projections:
        if projection not in attributes:
            problems.warn(
                name, f"has no attribute {projection!r}, a default projection."
            )


def _report_missing_targets(
    types: Mapping[str, EntitySchema], problems: ProblemList
) -> None:
    for name, entity_schema in types.items():
        for attribute in entity_schema.attributes.values():
            if attribute.target is not None and attribute.target not in types:
                problems.error(
                    f"{name}.{attribute.name}",
                    f"refers to {attribute.target!r}, which does not exist.",
                )


# -- attributes --------------------------------------------------------------


def _parse_attributes(
    type_name: str,
    properties: Mapping[str, Any],
    name_sets: tuple[Collection[str], Collection[str], Collection[str]],
    problems: ProblemList,
) -> dict[str, Attribute]:
    required, immutable, computed = map(frozenset, name_sets)
    attributes: dict[str, Attribute] = {}
    for name, content in properties.items():
        place = f"{type_name}.{name}"
        if not isinstance(content, Mapping):
            problems.error(
                place, f"is not a property but {_excerpt(content)}; omitted."
            )
            continue
        flags = (name in required, name in immutable, name in computed)
        attributes[name] = _parse_attribute(name, content, flags, place, problems)
    return attributes


def _parse_attribute(
    name: str,
    content: Mapping[str, Any],
    flags: tuple[bool, bool, bool],
    place: str,
    problems: ProblemList,
) -> Attribute:
    rest = dict(content)
    served_type = _take(rest, "type", str, place, problems)
    served_format = _take(rest, "format", str, place, problems)
    kind, target = _take_target(rest, served_type, served_format)
    _report_format(kind, served_type, served_format, place, problems)
    enum = _take(rest, "enum", list, place, problems)
    return Attribute(
        name=name,
        kind=kind,
        type=served_type,
        format=served_format,
        target=target,
        default=rest.pop("default", UNSET),
        alias_for=_take(rest, "alias_for", str, place, problems),
        description=_take(rest, "description", str, place, problems),
        key_value_attributes=_take_texts(rest, "key_value_attributes", place, problems),
        restricted_projection=_take(
            rest, "restricted_projection", bool, place, problems
        ),
        transform=_take_texts(rest, "transform", place, problems),
        enum=None if enum is None else tuple(enum),
        extra=rest,
        required=flags[0],
        immutable=flags[1],
        computed=flags[2],
    )


def _take_target(
    rest: dict[str, Any], served_type: str | None, served_format: str | None
) -> tuple[AttributeKind, str | None]:
    """Return the kind of the attribute, and the target of a relation."""
    if (served_type, served_format) == ("string", "foreign_key"):
        # Older servers name the target of some foreign keys by `$ref`. These hold ids:
        # the official client reads them as text, and they are parts of primary keys.
        return AttributeKind.SCALAR, None
    items = rest.get("items")
    kind = COLLECTIONS.get(served_type)
    if kind is not None and isinstance(items, Mapping):
        target = items.get("$ref")
        if isinstance(target, str):
            rest.pop("items")
            other_members = {
                key: value for key, value in items.items() if key != "$ref"
            }
            if other_members:
                rest["items"] = other_members
            return kind, target
    if isinstance(rest.get("$ref"), str):
        return AttributeKind.LINK, rest.pop("$ref")
    return AttributeKind.SCALAR, None


def _report_format(
    kind: AttributeKind,
    served_type: str | None,
    served_format: str | None,
    place: str,
    problems: ProblemList,
) -> None:
    if kind in (AttributeKind.COLLECTION, AttributeKind.MAPPED):
        if served_format is not None:
            problems.warn(place, f"has the unknown format {served_format!r}; kept.")
        return
    combinations = LINKS if kind is AttributeKind.LINK else SCALARS
    if (served_type, served_format) in combinations:
        return
    treatment = "kept" if kind is AttributeKind.LINK else "used as a value of any type"
    if served_type in COLLECTIONS:
        message = f"is a {served_type} of unknown items; {treatment}."
    elif (served_type, None) not in combinations and served_type is not None:
        message = f"has the unknown type {served_type!r}; {treatment}."
    elif served_format is not None:
        message = f"has the unknown format {served_format!r}; {treatment}."
    else:
        message = f"has no type; {treatment}."
    problems.warn(place, message)


# -- reading keys ------------------------------------------------------------


def _take(
    rest: dict[str, Any], key: str, expected: type[T], place: str, problems: ProblemList
) -> T | None:
    """Return and remove the value of `key`, unless it has an unexpected type.

    A value of another type stays in `rest` and is reported.
    """
    if key not in rest:
        return None
    value = rest[key]
    if isinstance(value, expected):
        del rest[key]
        return value
    problems.warn(place, f"has {_excerpt(value)} for {key}; kept, not used.")
    return None


def _take_names(
    rest: dict[str, Any], key: str, place: str, problems: ProblemList
) -> tuple[str, ...] | None:
    """Return and remove a list of attribute names; leave any other value."""
    value = rest.get(key)
    if isinstance(value, list) and not all(isinstance(name, str) for name in value):
        problems.warn(place, f"has {_excerpt(value)} for {key}; kept, not used.")
        return None
    names = _take(rest, key, list, place, problems)
    if names is None:
        return None
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.warn(place, f"names {name!r} more than once in {key}.")
    return tuple(names)


def _take_texts(
    rest: dict[str, Any], key: str, place: str, problems: ProblemList
) -> Mapping[str, str] | None:
    """Return and remove a mapping of text to text; leave any other value."""
    value = rest.get(key)
    if isinstance(value, Mapping) and not all(
        isinstance(text, str) for text in value.values()
    ):
        problems.warn(place, f"has {_excerpt(value)} for {key}; kept, not used.")
        return None
    return _take(rest, key, dict, place, problems)


def _excerpt(value: Any) -> str:
    """Return the JSON text of a value for a message, cut to 60 characters."""
    text = json.dumps(value, default=repr)
    return text if len(text) <= 60 else f"{text[:60]}..."
