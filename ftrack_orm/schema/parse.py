"""The reply to `query_schemas` as a `Schema`, with its problems gathered.

Nothing in the content of a type raises: what cannot be used is left out and
reported, what is merely unknown is kept so that the schema can be served again.
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
"""Every combination of type and format that servers send for scalars (4.3)."""

LINKS: Final[frozenset[tuple[str | None, str | None]]] = frozenset(
    {
        (None, None),
    }
)
"""Every combination of type and format that servers send beside ``$ref`` (4.3)."""


@lazy_dataclass(frozen=True, slots=True)
class ParsedSchema:
    """A schema and what is odd in it.

    Attributes:
        schema: every type that can be used.
        problems: what was found, in served order.
    """

    schema: Schema
    problems: tuple[Problem, ...]


def parse_schema(served: Sequence[Mapping[str, Any]]) -> ParsedSchema:
    """Return the types in `served`, the list that `query_schemas` answers with.

    Reads both forms that servers send (protocol 4). `Schema.to_json` of the result
    equals `served`, but for types and properties reported as left out.
    """
    problems = ProblemList()
    types: dict[str, EntitySchema] = {}
    for index, content in enumerate(served):
        entity_type = _parse_type(content, index, types, problems)
        if entity_type is not None:
            types[entity_type.name] = entity_type
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
        source: where it comes from, for the message of an error.

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
        f"{source} holds no schema but {_shown(content)}. Expected the list of types "
        'that query_schemas answers with, [{"id": ...}, ...] or [[{"id": ...}, ...]].'
    )


# -- types -------------------------------------------------------------------


def _parse_type(
    content: Any, index: int, known: Collection[str], problems: ProblemList
) -> EntitySchema | None:
    place = f"[{index}]"
    if not isinstance(content, Mapping):
        problems.error(place, f"is not a type but {_shown(content)}; left out.")
        return None
    left = dict(content)
    name = left.pop("id", None)
    if not isinstance(name, str) or not name:
        problems.error(place, f"has no name (id is {_shown(name)}); left out.")
        return None
    if name in known:
        problems.error(name, f"is served again at {place}; the first is used.")
        return None
    properties = left.pop("properties", None)
    if properties is not None and not isinstance(properties, Mapping):
        problems.error(name, f"has {_shown(properties)} for properties; left out.")
        return None
    if "properties" in content and properties is None:
        left["properties"] = None
    return _build_type(name, properties, left, problems)


def _build_type(
    name: str,
    properties: Mapping[str, Any] | None,
    left: dict[str, Any],
    problems: ProblemList,
) -> EntitySchema:
    """Return the type; what stays in `left` is what it keeps without knowing."""
    lists = {
        key: _take_names(left, key, name, problems)
        for key in ("primary_key", "required", "immutable", "default_projections")
    }
    absent = {key for key, names in lists.items() if names is None}
    if properties is None:
        problems.warn(name, "has no properties.")
        absent.add("properties")
    required, immutable = lists["required"] or (), lists["immutable"] or ()
    computed = _take_names(left, "computed", name, problems)
    entity_type = EntitySchema(
        name=name,
        attributes=_parse_attributes(
            name, properties or {}, (required, immutable, computed or ()), problems
        ),
        primary_key=lists["primary_key"] or (),
        type=_take(left, "type", str, name, problems),
        required=required,
        immutable=immutable,
        default_projections=lists["default_projections"] or (),
        computed=computed,
        system_projections=_take_names(left, "system_projections", name, problems),
        alias_for=_take_type_alias(left, name, problems),
        mixin=_take(left, "$mixin", dict, name, problems),
        metadata=_take(left, "metadata", dict, name, problems),
        extra=left,
        absent=frozenset(absent),
    )
    _report_type(entity_type, problems)
    return entity_type


def _take_type_alias(
    left: dict[str, Any], place: str, problems: ProblemList
) -> str | Mapping[str, Any] | None:
    alias = left.get("alias_for")
    if isinstance(alias, Mapping):
        classifiers = alias.get("classifiers", {})
        if isinstance(alias.get("id"), str) and isinstance(classifiers, Mapping):
            known: Mapping[str, Any] = left.pop("alias_for")
            return known
        problems.warn(place, f"has an alias_for that is not known: {_shown(alias)}.")
        return None
    return _take(left, "alias_for", str, place, problems)


def _report_type(entity_type: EntitySchema, problems: ProblemList) -> None:
    name, attributes = entity_type.name, entity_type.attributes
    if entity_type.type not in ("object", None):
        problems.warn(name, f"has the unknown type {entity_type.type!r}.")
    if not entity_type.primary_key:
        problems.error(name, "has no primary key.")
    for part in entity_type.primary_key:
        if part not in attributes:
            problems.error(name, f"has no attribute {part!r}, a part of its key.")
    # The server refuses a selection of an unknown attribute, so this one matters.
    # Stock servers name some they do not have in `required` and `immutable`, which
    # harms no one and is nothing that a reader could repair.
    for projection in entity_type.default_projections:
        if projection not in attributes:
            problems.warn(
                name, f"has no attribute {projection!r}, a default projection."
            )


def _report_missing_targets(
    types: Mapping[str, EntitySchema], problems: ProblemList
) -> None:
    for name, entity_type in types.items():
        for attribute in entity_type.attributes.values():
            if attribute.target is not None and attribute.target not in types:
                problems.error(
                    f"{name}.{attribute.name}",
                    f"refers to {attribute.target!r}, which does not exist.",
                )


# -- attributes --------------------------------------------------------------


def _parse_attributes(
    type_name: str,
    properties: Mapping[str, Any],
    named: tuple[Collection[str], Collection[str], Collection[str]],
    problems: ProblemList,
) -> dict[str, Attribute]:
    required, immutable, computed = map(frozenset, named)
    attributes: dict[str, Attribute] = {}
    for name, content in properties.items():
        place = f"{type_name}.{name}"
        if not isinstance(content, Mapping):
            problems.error(place, f"is not a property but {_shown(content)}; left out.")
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
    left = dict(content)
    served_type = _take(left, "type", str, place, problems)
    served_format = _take(left, "format", str, place, problems)
    kind, target = _take_target(left, served_type, served_format)
    _report_format(kind, served_type, served_format, place, problems)
    enum = _take(left, "enum", list, place, problems)
    return Attribute(
        name=name,
        kind=kind,
        type=served_type,
        format=served_format,
        target=target,
        default=left.pop("default", UNSET),
        alias_for=_take(left, "alias_for", str, place, problems),
        description=_take(left, "description", str, place, problems),
        key_value_attributes=_take_texts(left, "key_value_attributes", place, problems),
        restricted_projection=_take(
            left, "restricted_projection", bool, place, problems
        ),
        transform=_take_texts(left, "transform", place, problems),
        enum=None if enum is None else tuple(enum),
        extra=left,
        required=flags[0],
        immutable=flags[1],
        computed=flags[2],
    )


def _take_target(
    left: dict[str, Any], served_type: str | None, served_format: str | None
) -> tuple[AttributeKind, str | None]:
    """Return what the attribute holds, and of which type if it holds entities."""
    if (served_type, served_format) == ("string", "foreign_key"):
        # Older servers name the target of some foreign keys by `$ref`. These hold ids:
        # the official client reads them as text, and they are parts of primary keys.
        return AttributeKind.SCALAR, None
    items = left.get("items")
    kind = COLLECTIONS.get(served_type)
    if kind is not None and isinstance(items, Mapping):
        target = items.get("$ref")
        if isinstance(target, str):
            left.pop("items")
            beside = {key: value for key, value in items.items() if key != "$ref"}
            if beside:
                left["items"] = beside
            return kind, target
    if isinstance(left.get("$ref"), str):
        return AttributeKind.LINK, left.pop("$ref")
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
    known = LINKS if kind is AttributeKind.LINK else SCALARS
    if (served_type, served_format) in known:
        return
    treated = "kept" if kind is AttributeKind.LINK else "taken as a value of any type"
    if served_type in COLLECTIONS:
        message = f"is a {served_type} of unknown items; {treated}."
    elif (served_type, None) not in known and served_type is not None:
        message = f"has the unknown type {served_type!r}; {treated}."
    elif served_format is not None:
        message = f"has the unknown format {served_format!r}; {treated}."
    else:
        message = f"has no type; {treated}."
    problems.warn(place, message)


# -- reading keys ------------------------------------------------------------


def _take(
    left: dict[str, Any], key: str, wanted: type[T], place: str, problems: ProblemList
) -> T | None:
    """Move the value of `key` out of `left`, unless it is not of the wanted kind."""
    if key not in left:
        return None
    value = left[key]
    if isinstance(value, wanted):
        del left[key]
        return value
    problems.warn(place, f"has {_shown(value)} for {key}; kept, not used.")
    return None


def _take_names(
    left: dict[str, Any], key: str, place: str, problems: ProblemList
) -> tuple[str, ...] | None:
    """Move a list of attribute names out of `left`, unless it is something else."""
    value = left.get(key)
    if isinstance(value, list) and not all(isinstance(name, str) for name in value):
        problems.warn(place, f"has {_shown(value)} for {key}; kept, not used.")
        return None
    names = _take(left, key, list, place, problems)
    if names is None:
        return None
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.warn(place, f"names {name!r} more than once in {key}.")
    return tuple(names)


def _take_texts(
    left: dict[str, Any], key: str, place: str, problems: ProblemList
) -> Mapping[str, str] | None:
    """Move a mapping of text to text out of `left`, unless it is something else."""
    value = left.get(key)
    if isinstance(value, Mapping) and not all(
        isinstance(text, str) for text in value.values()
    ):
        problems.warn(place, f"has {_shown(value)} for {key}; kept, not used.")
        return None
    return _take(left, key, dict, place, problems)


def _shown(value: Any) -> str:
    """Return a short picture of a JSON value for a message."""
    text = json.dumps(value, default=repr)
    return text if len(text) <= 60 else f"{text[:60]}..."
