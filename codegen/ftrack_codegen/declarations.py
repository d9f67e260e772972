"""One attribute of the schema as a declaration: its annotation and arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ftrack_codegen.literals import literal
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.constraints import (
    is_nullable,
    is_read_only,
    is_required_argument,
)
from ftrack_orm.schema.model import Attribute, EntitySchema, Schema
from ftrack_orm.schema.names import python_name
from ftrack_orm.schema.relations import Relations
from ftrack_orm.types import JSON

Head = Literal["Attr", "ReadOnly", "Ref", "OptionalRef", "Many", "Mapped"]

_INNER: Final = {
    ("string", "date-time"): "datetime",
    ("string", None): "str",
    ("integer", None): "int",
    ("number", None): "float",
    ("boolean", None): "bool",
    ("object", None): "JSONObject",
}
"""The name of a scalar's type by ``type`` and ``format``; a format that is not
listed changes nothing, what is not listed at all is a `VariableValue`."""

_LITERAL_TYPES: Final = (str, int, bool, type(None))


@dataclass(frozen=True, slots=True)
class Annotation:
    """The type of an attribute, before it is known what its names are called.

    Attributes:
        head: what the attribute is declared as.
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
    """One declared attribute; two that are equal need to be declared only once.

    Attributes:
        name: in Python.
        annotation: its type.
        arguments: of ``attribute()``, names and Python source.
    """

    name: str
    annotation: Annotation
    arguments: tuple[tuple[str, str], ...]


class Declarer:
    """Makes the declarations of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._relations = Relations(schema)

    def declare(self, owner: EntitySchema) -> dict[str, Declaration]:
        """Return the declaration of every attribute of a type by server name.

        Inherited attributes count. They stand in schema order within key, scalars,
        links and collections.
        """
        ordered = sorted(
            owner.attributes.values(),
            key=lambda attribute: _place(owner, attribute),
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
            arguments=_arguments(attribute, settable, required),
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
                # What can only be filtered by has no rows to read as a mapping.
                if attribute.restricted_projection:
                    return Annotation("Many", target)
                return Annotation("Mapped", self._mapped_value(attribute))

    def _mapped_value(self, attribute: Attribute) -> str:
        keys = attribute.key_value_attributes or {}
        target = self._schema.types.get(attribute.target or "")
        value = target.attributes.get(keys.get("value", "value")) if target else None
        is_text = value is not None and (value.type, value.format) == ("string", None)
        return "str" if is_text else "VariableValue"


def _place(owner: EntitySchema, attribute: Attribute) -> tuple[int, int]:
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
        # A string on paper, a list of id, name and type on the wire.
        return Annotation(head, "LinkItems", nullable=nullable)
    inner = _INNER.get((attribute.type or "", attribute.format))
    if inner is None:
        inner = _INNER.get((attribute.type or "", None), "VariableValue")
    return Annotation(head, inner, nullable=nullable)


def _arguments(
    attribute: Attribute, settable: bool, required: bool
) -> tuple[tuple[str, str], ...]:
    is_link = attribute.kind is AttributeKind.LINK
    # A link whose type says "array" reads back as a collection unless it is kept
    # among what nobody knows.
    odd = is_link and attribute.type in ("array", "mapped_array")
    extra = dict(attribute.extra)
    if odd:
        extra["type"] = attribute.type
    implied = None if is_link else "string"
    given: list[tuple[str, str]] = []
    if attribute.has_default:
        given.append(("default", literal(attribute.default)))
    elif settable and not required:
        given.append(("default", "UNSET"))
    if not settable:
        given.append(("init", "False"))
    if attribute.type != implied and not odd:
        given.append(("type", literal(attribute.type)))
    for key, value in (
        ("format", attribute.format),
        ("ref", attribute.target),
        ("alias_for", attribute.alias_for),
        ("description", attribute.description),
        ("key_value_attributes", attribute.key_value_attributes),
        ("restricted_projection", attribute.restricted_projection),
        ("transform", attribute.transform),
        ("enum", attribute.enum),
        ("extra", extra or None),
    ):
        if value is not None:
            given.append((key, literal(value)))
    return tuple(given)
