"""Where the classes of one set of models are found by entity type name."""

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
    """The types of a registry, each read from its class when first asked for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[str, EntitySchema] = {}

    def __getitem__(self, name: str) -> EntitySchema:
        found = self._known.get(name)
        if found is None:
            if name not in self._registry:
                raise KeyError(name)
            found = self._registry.resolve(name).__ftrack__.to_schema()
            self._known[name] = found
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._registry

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry)

    def __len__(self) -> int:
        return len(tuple(self._registry))


class Registry:
    """Entity classes by type name, imported when first needed.

    A generated package holds one as ``registry``.

    Attributes:
        package: the package the classes live in.
        fingerprint: of the schema they were generated from, see
            `ftrack_orm.schema.fingerprint`; ``None`` for models made at run time.
    """

    def __init__(
        self,
        package: str,
        modules: Mapping[str, str] | None = None,
        *,
        class_names: Mapping[str, str] | None = None,
        fingerprint: str | None = None,
    ) -> None:
        """Describe a package; nothing of it is imported.

        Args:
            package: its import name.
            modules: entity type name to the module inside the package.
            class_names: entity type name to class name, where they differ.
            fingerprint: of the schema.
        """
        self.package = package
        self.fingerprint = fingerprint
        self._modules = dict(modules or {})
        self._class_names = dict(class_names or {})
        self._classes: dict[str, type[Entity]] = {}

    def __repr__(self) -> str:
        return f"Registry({self.package!r}, {len(tuple(self))} types)"

    def __contains__(self, name: object) -> bool:
        return name in self._classes or name in self._modules

    def __iter__(self) -> Iterator[str]:
        yield from self._modules
        yield from (name for name in self._classes if name not in self._modules)

    def register(self, entity_class: type[Entity]) -> None:
        """Make `entity_class` the class of its entity type, unless one is known."""
        self._classes.setdefault(entity_class.__ftrack__.name, entity_class)

    def resolve(self, name: str) -> type[Entity]:
        """Return the class of the entity type `name`.

        Raises:
            UnknownEntityTypeError: there is none; near names are offered.
        """
        found = self._classes.get(name)
        if found is not None:
            return found
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
        """Return the schema of all the classes, in order of their names.

        It holds everything the server said, so its fingerprint is the one the models
        were generated from.
        """
        from ftrack_orm.schema.model import Schema

        return Schema({name: self._types[name] for name in sorted(self)})

    @cached_property
    def _types(self) -> _Types:
        return _Types(self)

    @cached_property
    def _relations(self) -> Relations:
        """Return how the relations of these types are stored, read as needed."""
        from ftrack_orm.schema.model import Schema
        from ftrack_orm.schema.relations import Relations

        return Relations(Schema(self._types))
