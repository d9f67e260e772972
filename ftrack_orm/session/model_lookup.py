"""Find the models of a session and the class of each entity type."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm._lazy import import_models
from ftrack_orm.entity.registry import Registry
from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.errors.schema import SchemaDriftError, SchemaDriftWarning
from ftrack_orm.errors.session import InvalidSettingError, ModelsNotFoundError
from ftrack_orm.session.entity_classes import EntityClasses
from ftrack_orm.session.settings import SchemaCheck

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.schema.model import EntitySchema, Schema
    from ftrack_orm.session.result_types import ModelPackage

Models: TypeAlias = "ModelPackage[Any, Any, Any, Any] | Registry | str"
"""A generated package, its import name, or its registry."""

DEFAULT_PACKAGE = "ftrack_models"


def find_registry(models: Models | None) -> Registry:
    """Return the registry of `models`, or of the stock server's models.

    Raises:
        ModelsNotFoundError: there is no such package, or it was not generated.
    """
    if isinstance(models, Registry):
        return models
    name = models if isinstance(models, str) else DEFAULT_PACKAGE
    package = models if isinstance(models, ModuleType) else import_models(name)
    registry = getattr(package, "registry", None)
    if not isinstance(registry, Registry):
        raise ModelsNotFoundError(package.__name__)
    return registry


class SessionRegistry(Registry):
    """The models of one session: those of a package, and classes made at run time.

    The registry of the package is not changed: another session may use another
    server.
    """

    def __init__(self, package: Registry) -> None:
        super().__init__(package.package, fingerprint=package.fingerprint)
        self._generated = package

    def __contains__(self, name: object) -> bool:
        return name in self._generated or super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        yield from self._generated
        yield from super().__iter__()

    def has(self, name: str) -> bool:
        """Return whether the class of an entity type has been imported."""
        return super().has(name) or self._generated.has(name)

    def resolve(self, name: str) -> type[Entity]:
        """Return the class of the entity type `name`.

        Raises:
            UnknownEntityTypeError: there is none; `suggestions` has similar names.
        """
        if super().__contains__(name):
            return super().resolve(name)
        return self._generated.resolve(name)


class ModelLookup:
    """Finds the class of an entity type: a user's subclass or a generated class.

    Classes of types that the models lack are made at run time from the server's
    schema, which is requested once.
    """

    def __init__(
        self,
        models: Models | None,
        check_schema: SchemaCheck,
        *,
        entities: Callable[[], Iterable[Entity]],
        fetch_schema: Callable[[], list[Any]],
    ) -> None:
        """Store the arguments; the models are imported when first needed.

        Args:
            models: the generated models, ``None`` for those of the first class used.
            check_schema: the reaction to a server schema that differs from the models.
            entities: returns the entities of the session.
            fetch_schema: requests the server's schema.

        Raises:
            InvalidSettingError: `models` is neither a package, a name nor a registry.
        """
        if not isinstance(models, ModuleType | Registry | str | None):
            raise InvalidSettingError(
                "models", f"{models!r} is not a generated package or its name"
            )
        self._models = models
        self._check_schema: SchemaCheck = check_schema
        self._fetch_schema = fetch_schema
        self._classes = EntityClasses(entities)

    @cached_property
    def registry(self) -> Registry:
        """Return the registry of the models; imported when first needed."""
        return find_registry(self._models)

    @cached_property
    def _all_models(self) -> SessionRegistry:
        return SessionRegistry(self.registry)

    def use(self, entity_class: type[Entity]) -> bool:
        """Use a class for its entity type; return whether that is a change.

        The first class determines the registry where none was passed; a user's
        subclass becomes the class of its entity type in this session.

        Raises:
            EntityClassError: another subclass of the type is in use.
        """
        type_info = entity_class.__ftrack__
        if self._models is None and type_info.registry is not None:
            self._models = type_info.registry
        return self._classes.use(entity_class, self.class_named(type_info.name))

    def require(self, entities: list[Any], entity_class: type[Any]) -> None:
        """Make entities of a result instances of the class that was selected.

        Raises:
            EntityClassError: one cannot be; nothing was changed.
        """
        self._classes.require(entities, entity_class)

    def class_named(self, entity_type: str) -> type[Entity]:
        """Return the class of an entity type.

        Raises:
            UnknownEntityTypeError: the models have no such type.
        """
        subclass = self._classes.get(entity_type)
        return subclass or self.model_class(entity_type)

    def model_class(self, entity_type: str) -> type[Entity]:
        """Return the class of an entity type in the models, without users' subclasses.

        Raises:
            UnknownEntityTypeError: the models have no such type.
        """
        return self._all_models.resolve(entity_type)

    def type_info(self, entity_type: str) -> TypeInfo:
        """Return an entity type of the models.

        Raises:
            UnknownEntityTypeError: the models have no such type.
        """
        return self.class_named(entity_type).__ftrack__

    def primary_key(self, entity_type: str) -> tuple[str, ...]:
        """Return the server names of a type's primary key."""
        return self.class_named(entity_type).__ftrack__.primary_key

    def find_or_make_class(self, entity_type: str) -> type[Entity]:
        """Return the class of a type in a response; made when the models lack it.

        Raises:
            SchemaDriftError: the models lack it, and ``check_schema`` is ``"error"``.
        """
        try:
            return self.class_named(entity_type)
        except UnknownEntityTypeError:
            return self._make_class(entity_type)

    def _make_class(self, entity_type: str) -> type[Entity]:
        from ftrack_orm.entity.runtime_classes import make_entity_class

        message = (
            f"The server has an entity type {entity_type!r} that "
            f"{self.registry.package} lacks; regenerate the models "
            "(ftrack-orm generate)."
        )
        if self._check_schema == "error":
            raise SchemaDriftError(message)
        if self._check_schema == "warn":
            warnings.warn(message, SchemaDriftWarning, stacklevel=2)
        schema = self._server_schema
        return make_entity_class(schema, schema[entity_type], self._all_models)

    def schema_of(self, entity_type: type[Entity] | str) -> EntitySchema | None:
        """Return the schema of a type, ``None`` when neither models nor server have it.

        Types that the models lack are looked up in the server's schema, which is
        requested once.
        """
        if not isinstance(entity_type, str):
            return entity_type.__ftrack__.to_schema()
        try:
            return self.class_named(entity_type).__ftrack__.to_schema()
        except UnknownEntityTypeError:
            return self._server_schema.types.get(entity_type)

    @cached_property
    def _server_schema(self) -> Schema:
        from ftrack_orm.schema.parse import parse_schema

        return parse_schema(self._fetch_schema()).schema

    def compare_schema(self, schema_hash: str) -> None:
        """Compare the server's schema with that of the models, unless it is ignored.

        Raises:
            SchemaDriftError: they differ, and ``check_schema`` is ``"error"``.
        """
        if self._check_schema != "ignore":
            from ftrack_orm.session.schema_drift import check_schema_hash

            check_schema_hash(
                schema_hash, self.registry, self._fetch_schema, self._check_schema
            )
