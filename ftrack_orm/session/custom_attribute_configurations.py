"""Read the custom attribute configurations of a server: names, types and defaults.

The rows of a loaded entity name their configurations. A new entity has no rows yet,
and they can only be written by the id of the configuration (protocol 3.5). So the
configurations are read once, when the first new entity with custom attributes is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from ftrack_orm.codec import decode_scalar
from ftrack_orm.entity.custom_attributes import check_value, unknown_key
from ftrack_orm.entity.custom_rows import Configuration
from ftrack_orm.entity.mapped import METADATA, MappedValues
from ftrack_orm.entity.tracking import is_new, link_key, linked
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo

_EXPRESSION: Final = (
    "select id, key, entity_type, object_type_id, project_id, is_hierarchical, "
    "default, type_id, type.name from CustomAttributeConfiguration"
)

_ENTITY_TYPES: Final = {
    "Asset": "asset",
    "AssetVersion": "assetversion",
    "List": "list",
    "ListObject": "listobject",
    "Project": "show",
    "TypedContext": "task",
    "User": "user",
}
"""Entity type to its name in configurations (protocol 6.7)."""

_HIERARCHICAL: Final = ("Project", "TypedContext", "Asset", "AssetVersion")


class RowSource(Protocol):
    """Sends queries; implemented by the session's core."""

    def fetch_rows(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, all requested together."""
        ...


class Configurations:
    """The server's custom attribute configurations, read when first needed."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._by_id: dict[str, Configuration] | None = None
        self._by_scope: dict[tuple[str, Any], list[Configuration]] = {}
        self._project_ids: dict[str | int, Any] = {}

    def find(self, configuration_id: str) -> Configuration | None:
        """Return a configuration by its id, ``None`` when the server shows none."""
        if configuration_id not in self._load():
            # It may be newer than the configurations in memory.
            self.forget()
        return self._load().get(configuration_id)

    def of_type(self, type_info: TypeInfo) -> list[Configuration]:
        """Return the configurations that entities of a type can have.

        For a base type these are the configurations of all its object types.
        """
        object_type_id = _default_object_type(type_info)
        return [
            configuration
            for configuration in self._load().values()
            if _is_for(
                configuration,
                type_info,
                object_type_id or configuration.object_type_id,
            )
        ]

    def by_key(self, entity: Entity) -> dict[str, Configuration]:
        """Return the configurations of an entity by key, the closest of each key."""
        return {
            configuration.key: configuration
            for configuration in self._configurations_of(entity)
        }

    def remember_project(self, entity: Entity) -> None:
        """Store the project of a new entity that leaves memory.

        Entities below it may have the configurations of the project.
        """
        configurations = (self._by_id or {}).values()
        if any(item.project_id is not None for item in configurations):
            self._project_ids[entity.reference.key[0]] = self._project_id(entity)

    def known_keys(self, type_info: TypeInfo) -> set[str]:
        """Return the keys configured for a type, in any project; sends nothing."""
        return {
            configuration.key
            for configuration in (self._by_id or {}).values()
            if _is_for(configuration, type_info, _default_object_type(type_info))
        }

    def forget(self) -> None:
        """Read the configurations again when they are next needed."""
        self._by_id = None
        self._by_scope.clear()

    def configure(self, entities: Iterable[Entity]) -> None:
        """Check the custom attributes of new entities; assign their configurations.

        Raises:
            AttributeValueError: there is no configuration for one, or it cannot hold
                the value; nothing was sent.
        """
        for entity in entities:
            for attribute, rows in _custom_rows(entity):
                self._assign_row_keys(entity, attribute, rows)

    def follow_owners(self, entities: Iterable[Entity]) -> None:
        """Assign the configurations anew that depend on the project of new entities.

        They may have got an owner in another project since they were added.

        Raises:
            AttributeValueError: as of `configure`.
        """
        for entity in entities:
            for attribute, rows in _custom_rows(entity):
                if any(each.project_id is not None for each in self._in_scope(entity)):
                    self._assign_row_keys(entity, attribute, rows)

    def _assign_row_keys(
        self, entity: Entity, attribute: AttributeInfo, rows: MappedValues[Any]
    ) -> None:
        by_name = self._by_name(entity)
        if not rows.edits.keys() <= by_name.keys():
            # The attribute may be newer than the configurations in memory.
            self.forget()
            by_name = self._by_name(entity)
        edits: dict[str, Any] = {}
        row_keys: dict[str, str] = {}
        for key, value in rows.edits.items():
            configuration = by_name.get(key)
            if configuration is None:
                keys = {candidate.key for candidate in by_name.values()}
                raise unknown_key(entity, attribute, key, value, keys)
            # The key belongs to the closest of the configurations that share it; the
            # others are addressed by id.
            is_closest = by_name[configuration.key] is configuration
            name = configuration.key if is_closest else configuration.id
            edits[name] = check_value(
                entity, attribute, key, value, configuration.type_name
            )
            row_keys[name] = configuration.id
        rows.reset(edits)
        rows.row_keys = row_keys

    def scope_of(self, entity: Entity) -> tuple[str, Any]:
        """Return the entity type and object type that configurations apply to."""
        return type(entity).__ftrack__.name, _object_type_id(entity)

    def by_key_in(self, entity: Entity, project_id: Any) -> dict[str, Configuration]:
        """Return the configurations of an entity by key; sends nothing for its project.

        Args:
            entity: the entity.
            project_id: the id of its project.
        """
        return {
            configuration.key: configuration
            for configuration in self._in_scope(entity)
            if configuration.project_id in (None, project_id)
        }

    def _by_name(self, entity: Entity) -> dict[str, Configuration]:
        """Return the configurations of an entity by key and by id."""
        configurations = self._configurations_of(entity)
        by_id = {configuration.id: configuration for configuration in configurations}
        # The closest comes last, so that it takes the key.
        by_key = {configuration.key: configuration for configuration in configurations}
        return {**by_id, **by_key}

    def _configurations_of(self, entity: Entity) -> list[Configuration]:
        """Return the configurations of an entity, the closest of each key last."""
        matches = self._in_scope(entity)
        # Finding the project can take a request, which most servers never need.
        if all(configuration.project_id is None for configuration in matches):
            return matches
        project_id = self._project_id(entity)
        return [
            configuration
            for configuration in matches
            if configuration.project_id in (None, project_id)
        ]

    def _in_scope(self, entity: Entity) -> list[Configuration]:
        """Return the configurations of an entity's type in any project."""
        scope = self.scope_of(entity)
        matches = self._by_scope.get(scope)
        if matches is None:
            matches = [
                configuration
                for configuration in self._load().values()
                if _applies(configuration, entity)
            ]
            matches.sort(key=lambda configuration: configuration.precedence)
            self._by_scope[scope] = matches
        return matches

    def _project_id(self, entity: Entity) -> Any:
        """Return the id of a new entity's project: set on it, or found above it."""
        if type(entity).__ftrack__.is_kind_of("Project"):
            return vars(entity).get("id")
        if vars(entity).get("project_id"):
            return vars(entity)["project_id"]
        parent = _parent(entity)
        if parent is None:
            return None
        if isinstance(parent, tuple):
            return self._fetch_project_id(*parent)
        if is_new(parent):
            return self._project_id(parent)
        reference = parent.reference
        return vars(parent).get("project_id") or self._fetch_project_id(
            reference.entity_type, reference.key[0]
        )

    def _fetch_project_id(self, entity_type: str, key: str | int) -> Any:
        if key not in self._project_ids:
            project_id = ast.PathExpression.of("project_id")
            query = ast.Query(
                entity_type, (project_id,), criteria=keyed(("id",), [(key,)])
            )
            [rows] = self._source.fetch_rows([compile_query(query)])
            self._project_ids[key] = rows[0].get("project_id") if rows else None
        return self._project_ids[key]

    def _load(self) -> dict[str, Configuration]:
        if self._by_id is None:
            [rows] = self._source.fetch_rows([self.expression])
            return self.store(rows)
        return self._by_id

    @property
    def is_loaded(self) -> bool:
        """Return whether the configurations are in memory."""
        return self._by_id is not None

    @property
    def expression(self) -> str:
        """Return the query for all configurations."""
        return _EXPRESSION

    def store(self, rows: Sequence[dict[str, Any]]) -> dict[str, Configuration]:
        """Store the rows of `expression`; return the configurations by id."""
        # A response holds the name of each type once (protocol 3.6).
        types = [row["type"] for row in rows if isinstance(row.get("type"), dict)]
        type_names = {row["id"]: row["name"] for row in types if row.get("name")}
        self._by_id = {row["id"]: _configuration(row, type_names) for row in rows}
        self._by_scope.clear()
        return self._by_id


def _configuration(row: dict[str, Any], type_names: dict[str, str]) -> Configuration:
    return Configuration(
        id=row["id"],
        key=row["key"],
        entity_type=row.get("entity_type"),
        object_type_id=row.get("object_type_id"),
        project_id=row.get("project_id"),
        is_hierarchical=bool(row.get("is_hierarchical")),
        type_name=type_names.get(row.get("type_id") or "", ""),
        default=decode_scalar(row.get("default")),
    )


def _applies(configuration: Configuration, entity: Entity) -> bool:
    return _is_for(configuration, type(entity).__ftrack__, _object_type_id(entity))


def _is_for(
    configuration: Configuration, type_info: TypeInfo, object_type_id: Any
) -> bool:
    if configuration.is_hierarchical:
        return any(map(type_info.is_kind_of, _HIERARCHICAL))
    if not any(
        type_info.is_kind_of(entity_type) and configuration.entity_type == name
        for entity_type, name in _ENTITY_TYPES.items()
    ):
        return False
    return configuration.object_type_id in (None, object_type_id)


def _custom_rows(entity: Entity) -> Iterator[tuple[AttributeInfo, MappedValues[Any]]]:
    value = vars(entity).get("custom_attributes")
    if not isinstance(value, MappedValues) or not value.edits:
        return
    attribute = type(entity).__ftrack__.attributes["custom_attributes"]
    if attribute.kind is AttributeKind.MAPPED and attribute.target != METADATA:
        yield attribute, value


def _object_type_id(entity: Entity) -> Any:
    object_type_id = vars(entity).get("object_type_id")
    return object_type_id or _default_object_type(type(entity).__ftrack__)


def _default_object_type(type_info: TypeInfo) -> Any:
    attribute = type_info.attributes.get("object_type_id")
    return attribute.default if attribute is not None else None


def _parent(entity: Entity) -> Entity | tuple[str, Any] | None:
    """Return the entity above a new one; its type and key if it is not in memory."""
    type_info = type(entity).__ftrack__
    for name in ("project", "parent", "asset"):
        link = type_info.attributes.get(name)
        if link is None:
            continue
        target = linked(entity, link)
        if target is not None and target is not NOT_LOADED:
            return cast("Entity", target)
        key = link_key(entity, link)
        if key is not None and key is not NOT_LOADED:
            return link.target_type, key
    return None
