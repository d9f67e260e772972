"""Core schemas of entity classes: this library validates, pydantic dumps.

The inner schema is pydantic's model schema of the class; it describes and dumps the
JSON. The schema around it validates data with `from_data`, which builds entities as
their constructor does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import (
    CoreSchema,
    PydanticSerializationUnexpectedValue,
    SchemaSerializer,
    core_schema,
)

from ftrack_orm.errors.entity import NotLoadedError
from ftrack_orm.lazy_dataclass import lazy_dataclass

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

    from ftrack_orm.entity.entity import Entity

_WRAPPED: Final = "ftrack_orm_entity"
"""The key in a schema's metadata that marks the schema of an entity class."""

Validate = Callable[[Any, Any], Any]
"""Returns the entity for a value and a validation context."""


def entity_schema(
    entity_class: type[Any],
    source: Any,
    handler: GetCoreSchemaHandler,
    validate: Validate,
) -> CoreSchema:
    """Return the core schema of an entity class.

    The wrapped schema replaces pydantic's model schema under the same reference, so a
    schema that refers to the class twice, or to itself, has one definition.
    """
    schema = handler(source)
    model = handler.resolve_ref_schema(schema)
    if _is_wrapped(model):
        return schema
    wrapped: Any = _wrapped(entity_class, model, validate)
    if schema is model or wrapped.get("ref") is None:
        return wrapped  # type: ignore[no-any-return] # a core schema
    # pydantic has stored this definition already: replace its content in place.
    target: Any = model
    target.clear()
    target.update(wrapped)
    return schema


def _wrapped(entity_class: type[Any], model: Any, validate: Validate) -> Any:
    """Return the wrapped model schema, under the same reference."""
    inner: Any = dict(model)
    return core_schema.with_info_wrap_validator_function(
        lambda value, _, info: validate(value, info.context),
        inner,
        ref=inner.pop("ref", None),
        metadata={_WRAPPED: True},
        serialization=core_schema.wrap_serializer_function_ser_schema(
            lambda value, probe, info: _dump(entity_class, value, probe, info),
            info_arg=True,
            schema=core_schema.int_schema(),
        ),
    )


def _is_wrapped(schema: Any) -> bool:
    return bool((schema.get("metadata") or {}).get(_WRAPPED))


class _NotExact(int):
    """A value that a strict serializer of integers rejects, and a lax one accepts."""


@lazy_dataclass(frozen=True, slots=True)
class SchemaParts:
    """The parts of an entity class's complete schema.

    Attributes:
        inner: pydantic's schema: model validators around the model.
        definitions: the schemas that the inner schema refers to.
    """

    inner: Any
    definitions: list[Any]

    def standalone(self, schema: Any) -> Any:
        """Return a schema with the definitions that it may refer to."""
        if not self.definitions:
            return schema
        return core_schema.definitions_schema(schema, self.definitions)

    @property
    def model(self) -> Any:
        """Return the schema of the model itself, without model validators."""
        node = self.inner
        while node["type"] != "model":
            node = node["schema"]
        return node

    @property
    def fields(self) -> dict[str, Any]:
        """Return the schemas of the fields by Python name."""
        node = self.model["schema"]
        while node["type"] != "model-fields":
            node = node["schema"]
        fields: dict[str, Any] = node["fields"]
        return fields


def parts_of(entity_class: type[Any]) -> SchemaParts:
    """Return the parts of a class's schema; builds the schema if it is deferred."""
    if not entity_class.__pydantic_complete__:
        entity_class.model_rebuild()
    schema = entity_class.__pydantic_core_schema__
    definitions: list[Any] = []
    if schema["type"] == "definitions":
        definitions = schema["definitions"]
        schema = schema["schema"]
    if schema["type"] == "definition-ref":
        by_reference = {definition["ref"]: definition for definition in definitions}
        schema = by_reference[schema["schema_ref"]]
    return SchemaParts(schema["schema"], definitions)


def make_serializer(entity_class: type[Any]) -> SchemaSerializer:
    """Return a serializer of the class's inner schema."""
    parts = parts_of(entity_class)
    return SchemaSerializer(parts.standalone(_with_placeholder_class(parts.inner)))


def _with_placeholder_class(schema: Any) -> Any:
    """Return the schema of a model with an empty class in place of the entity class.

    pydantic-core uses the serializer of a complete class, and that of the entity class
    calls the serializer built from this schema: it would recurse without end.
    """
    if schema["type"] == "model":
        return {**schema, "cls": type(schema["cls"].__name__, (), {})}
    return {**schema, "schema": _with_placeholder_class(schema["schema"])}


# -- dumps -------------------------------------------------------------------------


def _dump(entity_class: type[Any], value: Any, probe: Any, info: Any) -> Any:
    """Dump the loaded attributes, links as references."""
    if not isinstance(value, entity_class):
        raise PydanticSerializationUnexpectedValue(
            f"Expected `{entity_class.__name__}`, not `{type(value).__name__}`."
        )
    if type(value) is not entity_class:
        # A union first tries its members strictly. The probe raises then, so that the
        # member with the exact class dumps the value.
        probe(_NotExact())
    dumped_class = type(value) if info.serialize_as_any else entity_class
    shadow = _shadow(value)
    return dumped_class.__ftrack__.serializer.to_python(
        shadow,
        mode=info.mode,
        include=info.include,
        exclude=_exclude(dumped_class, shadow, info.exclude),
        by_alias=info.by_alias,
        exclude_unset=info.exclude_unset,
        exclude_defaults=info.exclude_defaults,
        exclude_none=info.exclude_none,
        round_trip=info.round_trip,
        context=info.context,
    )


def _shadow(entity: Entity) -> Entity:
    """Return a detached entity with the loaded values, for pydantic to dump.

    It never loads, and its ``__dict__`` has the targets of its links.
    """
    from ftrack_orm.entity.entity import adopt
    from ftrack_orm.entity.serialization import shadow_values
    from ftrack_orm.entity.state import DETACHED
    from ftrack_orm.entity.subclass_fields import mark_set, set_names

    shadow: Any = adopt(type(entity), shadow_values(entity), DETACHED)
    mark_set(shadow, set_names(entity))
    private = entity.__pydantic_private__
    if private is not None:
        shadow.__pydantic_private__ = private
    return shadow  # type: ignore[no-any-return] # an entity


def _exclude(dumped_class: type[Any], shadow: Entity, exclude: Any) -> Any:
    """Return `exclude` with the computed fields that need unloaded attributes."""
    missing = [
        name
        for name in dumped_class.__pydantic_computed_fields__
        if not _is_computable(shadow, name)
    ]
    if not missing:
        return exclude
    if isinstance(exclude, dict):
        return {**exclude, **dict.fromkeys(missing, True)}
    return {*(exclude or ()), *missing}


def _is_computable(shadow: Entity, name: str) -> bool:
    try:
        getattr(shadow, name)
    except NotLoadedError:
        return False
    return True
