"""Turn an attribute of the schema into a declaration: annotation and arguments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from ftrack_codegen.literals import Sources, literal, sources
from ftrack_orm.schema.attribute_kind import COLLECTIONS, AttributeKind
from ftrack_orm.schema.constraints import (
    is_nullable,
    is_read_only,
    is_required_argument,
)
from ftrack_orm.schema.model import Attribute, EntitySchema, Schema
from ftrack_orm.schema.names import python_name
from ftrack_orm.schema.relations import Relations
from ftrack_orm.types import JSON

Head = Literal[
    "Attr", "ReadOnly", "Named", "Ref", "OptionalRef", "Many", "Mapped", "Custom"
]

_INNER: Final = {
    ("string", "date-time"): "datetime",
    ("string", None): "str",
    ("integer", None): "int",
    ("number", None): "float",
    ("boolean", None): "bool",
    ("object", None): "JSONObject",
}
"""The Python type of a scalar by ``type`` and ``format`` of the schema.

An unknown format is ignored; an unknown type gives `VariableValue`.
"""

_LITERAL_TYPES: Final = (str, int, bool, type(None))


@dataclass(frozen=True, slots=True)
class Annotation:
    """The type of an attribute; a module may import its names under other names.

    Attributes:
        head: the name before the brackets.
        inner: the name inside the brackets; for relations an entity type, or ``None``
            where the schema has no such type.
        values: the allowed values where `inner` is ``Literal``.
        nullable: whether ``| None`` follows.
    """

    head: Head
    inner: str | None
    values: tuple[JSON, ...] = ()
    nullable: bool = False

    @property
    def is_relation(self) -> bool:
        """Return whether `inner` is an entity type."""
        return self.head in ("Ref", "OptionalRef", "Many")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One attribute as a class would declare it in full.

    A subtype does not repeat a declaration that equals that of its base.

    Attributes:
        name: the Python name.
        annotation: the type.
        signature: the arguments that type checkers read (``default`` and ``init``),
            names and Python source.
        options: every other argument of ``attribute()`` as Python source, because 1
            and True are equal as values.
        attribute: the attribute in the schema.
    """

    name: str
    annotation: Annotation
    signature: Sources
    options: Sources
    attribute: Attribute = field(compare=False)


class Declarer:
    """Creates the declarations of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._relations = Relations(schema)

    def declare(self, owner: EntitySchema) -> dict[str, Declaration]:
        """Return the declaration of every attribute of a type by server name.

        The order is key, scalars, links, collections, and within each the order of
        the schema. Inherited attributes are included.
        """
        ordered = sorted(
            owner.attributes.values(),
            key=lambda attribute: _rank(owner, attribute),
        )
        return {
            attribute.name: self._declare(owner, attribute) for attribute in ordered
        }

    def _declare(self, owner: EntitySchema, attribute: Attribute) -> Declaration:
        settable = not is_read_only(self._schema, owner, attribute)
        nullable = is_nullable(self._schema, owner, attribute, self._relations)
        required = is_required_argument(self._schema, owner, attribute, self._relations)
        return Declaration(
            name=python_name(attribute.name),
            annotation=self._annotate(attribute, nullable, settable),
            signature=_signature(attribute, settable, required),
            options=_options(attribute),
            attribute=attribute,
        )

    def _annotate(
        self, attribute: Attribute, nullable: bool, settable: bool
    ) -> Annotation:
        target = attribute.target if attribute.target in self._schema else None
        match attribute.kind:
            case AttributeKind.SCALAR:
                head: Head = "Attr" if settable else "ReadOnly"
                return _scalar(head, attribute, nullable)
            case AttributeKind.LINK:
                return Annotation("OptionalRef" if nullable else "Ref", target)
            case AttributeKind.COLLECTION:
                return Annotation("Many", target)
            case AttributeKind.MAPPED:
                # The server refuses to select it, so there are no rows to map.
                if attribute.restricted_projection:
                    return Annotation("Many", target)
                return Annotation("Mapped", self._mapped_value(attribute))

    def _mapped_value(self, attribute: Attribute) -> str:
        keys = attribute.key_value_attributes or {}
        target = self._schema.types.get(attribute.target or "")
        value = target.attributes.get(keys.get("value", "value")) if target else None
        is_text = value is not None and (value.type, value.format) == ("string", None)
        return "str" if is_text else "VariableValue"


def _rank(owner: EntitySchema, attribute: Attribute) -> tuple[int, int]:
    if attribute.name in owner.primary_key:
        return 0, owner.primary_key.index(attribute.name)
    if attribute.kind is AttributeKind.SCALAR:
        return 1, 0
    return (2, 0) if attribute.kind is AttributeKind.LINK else (3, 0)


def _scalar(head: Head, attribute: Attribute, nullable: bool) -> Annotation:
    enum = attribute.enum
    if enum and all(type(value) in _LITERAL_TYPES for value in enum):
        return Annotation(head, "Literal", enum, nullable and None not in enum)
    if attribute.name in ("link", "_link") and attribute.type == "string":
        # The schema declares text; the server sends a list (protocol 4.3).
        return Annotation(head, "LinkItems", nullable=nullable)
    inner = _INNER.get((attribute.type or "", attribute.format))
    if inner is None:
        inner = _INNER.get((attribute.type or "", None), "VariableValue")
    return Annotation(head, inner, nullable=nullable)


def _signature(attribute: Attribute, settable: bool, required: bool) -> Sources:
    """Return the arguments that type checkers read."""
    signature: list[tuple[str, str]] = []
    if attribute.has_default:
        signature.append(("default", literal(attribute.default)))
    elif settable and not required:
        # Checkers take any default as "optional"; the server applies its own.
        signature.append(("default", "UNSET"))
    if not settable:
        signature.append(("init", "False"))
    return tuple(signature)


def _options(attribute: Attribute) -> Sources:
    served_type, extra = attribute.type, dict(attribute.extra)
    if attribute.kind is AttributeKind.LINK and served_type in COLLECTIONS:
        # A link whose type is "array" would read back as a collection, so the type
        # is kept among the unknown keys.
        extra["type"] = served_type
        served_type = None
    return sources(
        {
            "type": served_type,
            "format": attribute.format,
            "ref": attribute.target,
            "alias_for": attribute.alias_for,
            "description": attribute.description,
            "key_value_attributes": attribute.key_value_attributes,
            "restricted_projection": attribute.restricted_projection,
            "transform": attribute.transform,
            "enum": attribute.enum,
            "extra": extra,
        }
    )
