"""Pydantic fields, validators and private values that a user's subclass adds.

They are stored with the attributes of the schema and are never sent. `Extension`
compiles them once per class; generated classes have no extension and run none of this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic._internal._model_construction import init_private_attributes
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, SchemaValidator, core_schema

from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.errors.entity import EntityError, UnknownAttributeError
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.core_schemas import SchemaParts
    from ftrack_orm.entity.pending_builds import Build


def extension_of(entity_class: type[Any]) -> Extension | None:
    """Return the extension of a class, ``None`` if it adds nothing."""
    attributes = entity_class.__ftrack__.attributes
    fields = {
        name: field
        for name, field in entity_class.model_fields.items()
        # pydantic inherits all fields, even attributes of the base in `lacking`.
        if name not in attributes and not isinstance(field.annotation, AttributeInfo)
    }
    extension = Extension(entity_class, fields)
    return extension if extension.is_needed else None


def complete(entities: Sequence[Any]) -> None:
    """Set the default values of added fields on loaded entities.

    Then run ``model_post_init``: it may read the fields of the other entities.
    """
    for entity in entities:
        extension = type(entity).__ftrack__.extension
        if extension is not None:
            extension.set_defaults(entity)
    for entity in entities:
        extension = type(entity).__ftrack__.extension
        if extension is not None:
            extension.finish(entity)


class Extension:
    """The compiled fields, validators and hooks that a subclass adds.

    Attributes:
        fields: the added fields by name.
        post_init: the ``model_post_init`` of the subclass, or ``None``.
        is_needed: whether the subclass adds anything.
    """

    def __init__(self, entity_class: type[Any], fields: dict[str, FieldInfo]) -> None:
        self.entity_class = entity_class
        self.fields = fields
        hook = entity_class.model_post_init
        is_override = hook not in (BaseModel.model_post_init, init_private_attributes)
        self.post_init: Callable[..., None] | None = hook if is_override else None
        decorators = entity_class.__pydantic_decorators__
        self._model_validators = decorators.model_validators
        self._validated_names = frozenset(
            name
            for validator in (
                *decorators.field_validators.values(),
                *decorators.validators.values(),
            )
            for name in validator.info.fields
        )
        self.is_needed = bool(
            fields or self.post_init or self._model_validators or self._validated_names
        )

    # -- compiled on first use -------------------------------------------------------

    @cached_property
    def _parts(self) -> SchemaParts:
        from ftrack_orm.entity.core_schemas import parts_of

        return parts_of(self.entity_class)

    @cached_property
    def _field_validator(self) -> SchemaValidator:
        """Return the validator of the added fields.

        It accepts attributes unchecked: validators may read them in ``info.data``.
        """
        parts = self._parts
        anything = core_schema.with_default_schema(
            core_schema.any_schema(), default=None
        )
        fields: dict[str, Any] = {
            name: field
            if name in self.fields
            else core_schema.model_field(
                anything, validation_alias=None, frozen=bool(field.get("frozen"))
            )
            for name, field in parts.fields.items()
        }
        return self._validator(
            core_schema.model_fields_schema(
                fields, model_name=self.entity_class.__name__
            )
        )

    @cached_property
    def _attribute_validators(self) -> dict[str, SchemaValidator]:
        """Return the validators that the subclass adds to attributes of the schema."""
        # Lazy, because few subclasses have validators.
        from ftrack_orm.entity.validator_chains import with_innermost_schema

        type_info = self.entity_class.__ftrack__
        names = (
            type_info.attributes
            if "*" in self._validated_names
            else self._validated_names
        )
        validators = {}
        for name in names:
            attribute = type_info.attributes.get(name)
            if attribute is not None:
                chain = self._parts.fields[name]["schema"]
                checked = core_schema.no_info_plain_validator_function(
                    _check_of(attribute)
                )
                field = core_schema.model_field(with_innermost_schema(chain, checked))
                validators[name] = self._validator(
                    core_schema.model_fields_schema({name: field})
                )
        return validators

    @cached_property
    def _model_validator(self) -> SchemaValidator | None:
        """Return the model validators, with the build of the entity inside."""
        if not self._model_validators:
            return None
        from ftrack_orm.entity.pending_builds import build_pending
        from ftrack_orm.entity.validator_chains import validators_around

        build = core_schema.no_info_plain_validator_function(build_pending)
        return self._validator(validators_around(self._parts.inner, build))

    @cached_property
    def _after_validator(self) -> SchemaValidator | None:
        """Return the model validators with mode ``after``."""
        validators = self._model_validators.values()
        if not any(validator.info.mode == "after" for validator in validators):
            return None
        from ftrack_orm.entity.validator_chains import after_validators

        return self._validator(after_validators(self._parts.inner))

    def _validator(self, schema: Any) -> SchemaValidator:
        config: Any = {
            **(self._parts.model.get("config") or {}),
            "title": self.entity_class.__name__,
        }
        return SchemaValidator(self._parts.standalone(schema), config)

    # -- construction ------------------------------------------------------------------

    def construct(
        self, entity: Any, data: Mapping[str, Any], build: Build, context: Any = None
    ) -> Any:
        """Run the model validators and ``model_post_init`` around `build`.

        Args:
            entity: the entity under construction.
            data: the arguments.
            build: fills the entity.
            context: the validation context of pydantic.

        Raises:
            ValidationError: a validator of the subclass rejects the data.
        """
        if self._model_validator is None:
            build(data)
            self.finish(entity, context)
            return entity
        from ftrack_orm.entity.pending_builds import BuildError, pending

        def complete(validated: Any) -> Any:
            try:
                build(validated)
            except EntityError as error:
                # pydantic would turn this error into a `ValidationError`.
                raise BuildError(error) from error
            self.finish(entity, context)
            return entity

        with pending(complete):
            try:
                return self._model_validator.validate_python(data, context=context)
            except BuildError as error:
                raise error.error from None

    def finish(self, entity: Any, context: Any = None) -> None:
        """Run ``model_post_init``."""
        if self.post_init is not None:
            self.post_init(entity, context)

    def fill(
        self,
        entity: Any,
        field_values: Mapping[str, Any],
        attribute_values: Mapping[str, Any],
        context: Any = None,
    ) -> None:
        """Set the added fields; a field without a value gets its default.

        Args:
            entity: the entity.
            field_values: values by name or alias.
            attribute_values: the attributes that are set too, for ``info.data``.
            context: the validation context of pydantic.

        Raises:
            UnknownAttributeError: a name is neither an attribute nor a field.
            ValidationError: a value is not valid for its field, or is missing.
        """
        for name in field_values:
            if name not in self._names:
                raise self._unknown(name)
        if not self.fields:
            return
        values, _, names = self._field_validator.validate_python(
            {**attribute_values, **field_values}, context=context
        )
        validated = {name: values[name] for name in self.fields if name in values}
        vars(entity).update(validated)
        mark_set(entity, names)

    @cached_property
    def _names(self) -> frozenset[str]:
        """Return all names and aliases of the added fields."""
        return frozenset(
            name
            for field_name, field in self.fields.items()
            for name in (field_name, *_aliases(field))
        )

    def set_defaults(self, entity: Any) -> None:
        """Set the added fields that an entity lacks to their defaults.

        A field without a default stays unset; reading it raises `NotLoadedError`.
        """
        values = vars(entity)
        for name, default in self.defaults(values):
            values[name] = default

    def defaults(self, present: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield name and default of the added fields that `present` lacks."""
        collected = dict(present)
        for name, field in self.fields.items():
            if name not in present and not field.is_required():
                value = field.get_default(
                    call_default_factory=True, validated_data=collected
                )
                collected[name] = value
                yield name, value

    # -- assignment --------------------------------------------------------------------

    def validate_value(self, entity: Any, attribute: AttributeInfo, value: Any) -> Any:
        """Run the subclass's validators of an attribute and return their result.

        Raises:
            ValidationError: a validator rejects the value.
        """
        validator = self._attribute_validators.get(attribute.name)
        if validator is None:
            return value
        values = {**vars(entity), attribute.name: None}
        checked = validator.validate_assignment(values, attribute.name, value)
        return checked[0][attribute.name]  # type: ignore[index] # a tuple of dicts

    def set_value(self, entity: Any, name: str, value: Any) -> None:
        """Set an added field.

        Raises:
            ValidationError: the value is not valid; nothing was changed.
        """
        values = vars(entity)
        checked: Any = self._field_validator.validate_assignment(
            dict(values), name, value
        )
        before = values.get(name, NOT_LOADED)
        values[name] = checked[0][name]
        mark_set(entity, {name, *set_names(entity)})

        def restore() -> None:
            if before is NOT_LOADED:
                del values[name]
            else:
                values[name] = before

        self.after_assignment(entity, restore)

    def after_assignment(self, entity: Any, restore: Callable[[], object]) -> None:
        """Run the model validators if the class has ``validate_assignment``.

        Args:
            entity: the changed entity.
            restore: undoes the change if a validator raises.
        """
        if not self.is_checked_after_assignment or self._after_validator is None:
            return
        try:
            self._after_validator.validate_python(entity)
        except BaseException:
            restore()
            raise

    @property
    def is_checked_after_assignment(self) -> bool:
        """Return whether model validators run after each assignment."""
        is_configured = self.entity_class.model_config.get("validate_assignment")
        return bool(is_configured and self._model_validators)

    def _unknown(self, name: str) -> UnknownAttributeError:
        type_info = self.entity_class.__ftrack__
        return UnknownAttributeError(
            type_info.name, name, (*type_info.attributes, *self._names)
        )


def _aliases(field: FieldInfo) -> Iterator[str]:
    alias = field.validation_alias
    if isinstance(alias, str):
        yield alias
    elif isinstance(alias, AliasPath):
        yield str(alias.path[0])
    elif isinstance(alias, AliasChoices):
        for choice in alias.choices:
            yield choice if isinstance(choice, str) else str(choice.path[0])


def set_value(entity: Any, name: str, value: Any) -> None:
    """Set a field, private value or property that is not an attribute.

    Raises:
        UnknownAttributeError: the class has no such name.
    """
    extension = type(entity).__ftrack__.extension
    fields = extension.fields if extension is not None else {}
    if extension is not None and name in fields:
        extension.set_value(entity, name, value)
    elif name.startswith("_") or _is_property(type(entity), name):
        BaseModel.__setattr__(entity, name, value)
    else:
        type_info = type(entity).__ftrack__
        raise UnknownAttributeError(
            type_info.name, name, (*type_info.attributes, *fields)
        )


def _is_property(entity_class: type[Any], name: str) -> bool:
    return isinstance(getattr(entity_class, name, None), property)


def set_names(entity: Any) -> frozenset[str]:
    """Return the names of the added fields that were set, without defaults."""
    try:
        names: frozenset[str] = entity.__ftrack_own__
    except AttributeError:
        return frozenset()
    return names


def mark_set(entity: Any, names: Iterable[str]) -> None:
    """Record which added fields were set, for ``model_fields_set``."""
    extension = type(entity).__ftrack__.extension
    if extension is not None and extension.fields:
        fields = frozenset(name for name in names if name in extension.fields)
        object.__setattr__(entity, "__ftrack_own__", fields)


def fields_set(entity: Any, loaded: Iterable[str]) -> set[str]:
    """Return the names of the loaded attributes and of the fields that were set."""
    extension = type(entity).__ftrack__.extension
    if extension is None:
        return set(loaded)
    fields = set_names(entity)
    return {name for name in loaded if name not in extension.fields or name in fields}


def private_defaults(entity: Any) -> dict[str, Any] | None:
    """Return the defaults of private values, ``None`` if the class has none."""
    declared = type(entity).__private_attributes__
    if not declared:
        return None
    values: dict[str, Any] = {}
    for name, private in declared.items():
        # Only factories of newer pydantic releases accept the values validated so far.
        if getattr(private, "default_factory_takes_validated_data", False):
            data = {**vars(entity), **values}
            value = private.get_default(call_default_factory=True, validated_data=data)
        elif getattr(private, "default_factory", None) is not None:
            value = private.default_factory()
        else:
            value = private.get_default()
        if value is not PydanticUndefined:
            values[name] = value
    return values


def _check_of(attribute: AttributeInfo) -> Callable[[Any], Any]:
    from ftrack_orm.schema.attribute_kind import AttributeKind

    if attribute.kind is AttributeKind.SCALAR:
        return attribute.validate
    return lambda value: value  # `relations.prepare` checks relations
