"""`Registry`, the entity classes of a package by entity type name."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ftrack_orm.errors.entity import UnknownEntityTypeError

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.schema.model import EntitySchema, Schema
    from ftrack_orm.schema.relations import Relations


class _Types(Mapping[str, "EntitySchema"]):
    """The schemas of a registry's types; each is built on its first lookup."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._schemas: dict[str, EntitySchema] = {}

    def __getitem__(self, name: str) -> EntitySchema:
        entity_schema = self._schemas.get(name)
        if entity_schema is None:
            if name not in self._registry:
                raise KeyError(name)
            entity_schema = self._registry.resolve(name).__ftrack__.to_schema()
            self._schemas[name] = entity_schema
        return entity_schema

    def __contains__(self, name: object) -> bool:
        return name in self._registry

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry)

    def __len__(self) -> int:
        return len(tuple(self._registry))


class Registry:
    """Entity classes by type name; a class is imported on its first lookup.

    A generated package has one as ``registry``.

    Attributes:
        package: the import name of the package that contains the classes.
        fingerprint: the fingerprint of their schema, see
            `ftrack_orm.schema.fingerprint`; ``None`` for classes created at run time.
        reference_keys: the entity types and names of imported reference data, by key.
    """

    def __init__(
        self,
        package: str,
        modules: Mapping[str, str] | None = None,
        *,
        class_names: Mapping[str, str] | None = None,
        fingerprint: str | None = None,
    ) -> None:
        """Create a registry without importing the package.

        Args:
            package: the import name of the package.
            modules: the module inside the package by entity type name.
            class_names: the class name by entity type name, where they differ.
            fingerprint: the fingerprint of the schema.
        """
        self.package = package
        self.fingerprint = fingerprint
        self._modules = dict(modules or {})
        self._class_names = dict(class_names or {})
        self._classes: dict[str, type[Entity]] = {}
        self.reference_keys: dict[str, tuple[str, str]] = {}

    def __repr__(self) -> str:
        return f"Registry({self.package!r}, {len(tuple(self))} types)"

    def __contains__(self, name: object) -> bool:
        return name in self._classes or name in self._modules

    def __iter__(self) -> Iterator[str]:
        yield from self._modules
        yield from (name for name in self._classes if name not in self._modules)

    def register(self, entity_class: type[Entity]) -> None:
        """Register a class for its entity type; a class registered before stays."""
        self._classes.setdefault(entity_class.__ftrack__.name, entity_class)

    def resolve(self, name: str) -> type[Entity]:
        """Return the class of the entity type `name`.

        Raises:
            UnknownEntityTypeError: the registry has no such type; the message suggests
                similar names.
        """
        registered = self._classes.get(name)
        if registered is not None:
            return registered
        module = self._modules.get(name)
        if module is None:
            raise UnknownEntityTypeError(name, self)
        imported = importlib.import_module(f"{self.package}.{module}")
        # A class registers itself when its module is imported.
        entity_class: type[Entity] = getattr(
            imported, self._class_names.get(name, name)
        )
        return entity_class

    def has(self, name: str) -> bool:
        """Return whether the class of an entity type has been imported."""
        return name in self._classes

    def schema(self) -> Schema:
        """Return the schema of all classes, in order of their names.

        The classes hold the complete schema, so its fingerprint equals that of the
        schema they were generated from.
        """
        from ftrack_orm.schema.model import Schema

        return Schema({name: self._types[name] for name in sorted(self)})

    @cached_property
    def _types(self) -> _Types:
        return _Types(self)

    @cached_property
    def _relations(self) -> Relations:
        """Return the relations of these types; classes are imported as needed."""
        from ftrack_orm.schema.model import Schema
        from ftrack_orm.schema.relations import Relations

        return Relations(Schema(self._types))
