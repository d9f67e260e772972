"""The custom attribute configurations of a server: names, kinds and defaults.

A loaded entity came with the configurations of its rows. A new one has none yet, and
its rows can only be written by the configuration's id (protocol 3.5), so they are
read once.
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
"""What configurations call the kinds of entities they are for (protocol 6.7)."""

_HIERARCHICAL: Final = ("Project", "TypedContext", "Asset", "AssetVersion")


class RowSource(Protocol):
    """Sends queries: the session's side of the seam."""

    def rows_of(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, queried in one request."""
        ...


class Configurations:
    """The server's custom attribute configurations, read when first needed."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._by_id: dict[str, Configuration] | None = None
        self._applying: dict[tuple[str, Any], list[Configuration]] = {}
        self._projects: dict[str | int, Any] = {}

    def find(self, configuration_id: str) -> Configuration | None:
        """Return a configuration by its id, ``None`` when the server shows none."""
        if configuration_id not in self._loaded():
            self.forget()
        return self._loaded().get(configuration_id)

    def forget(self) -> None:
        """Read the configurations again when they are next needed."""
        self._by_id = None
        self._applying.clear()

    def configure(self, entities: Iterable[Entity]) -> None:
        """Check the custom attributes of new entities, and name their configurations.

        Raises:
            AttributeValueError: there is no configuration for one, or it cannot hold
                the value; nothing was sent.
        """
        for entity in entities:
            for attribute, rows in _custom_rows(entity):
                self._name_rows(entity, attribute, rows)

    def _name_rows(
        self, entity: Entity, attribute: AttributeInfo, rows: MappedValues[Any]
    ) -> None:
        by_name = self._names(entity)
        if not rows.edits.keys() <= by_name.keys():
            # It may have been configured since they were read.
            self.forget()
            by_name = self._names(entity)
        edits: dict[str, Any] = {}
        row_keys: dict[str, str] = {}
        for key, value in rows.edits.items():
            configuration = by_name.get(key)
            if configuration is None:
                keys = {one.key for one in by_name.values()}
                raise unknown_key(entity, attribute, key, value, keys)
            # The closest configuration of a key has it, however it was named.
            is_closest = by_name[configuration.key] is configuration
            name = configuration.key if is_closest else configuration.id
            kind = configuration.type_name
            edits[name] = check_value(entity, attribute, key, value, kind)
            row_keys[name] = configuration.id
        rows.reset(edits)
        rows.row_keys = row_keys

    def _names(self, entity: Entity) -> dict[str, Configuration]:
        """Return the configurations of an entity by key and by id."""
        fitting = self._fitting(entity)
        by_id = {one.id: one for one in fitting}
        return {**by_id, **{one.key: one for one in fitting}}

    def _fitting(self, entity: Entity) -> list[Configuration]:
        """Return the configurations of an entity, the closest of each key last."""
        scope = type(entity).__ftrack__.name, _object_type_id(entity)
        fitting = self._applying.get(scope)
        if fitting is None:
            every = self._loaded().values()
            fitting = [one for one in every if _applies(one, entity)]
            fitting.sort(key=lambda one: one.precedence)
            self._applying[scope] = fitting
        if all(one.project_id is None for one in fitting):
            return fitting
        project_id = self._project_id(entity)
        return [one for one in fitting if one.project_id in (None, project_id)]

    def _project_id(self, entity: Entity) -> Any:
        """Return the project of a new entity: its own, or that of what it is below."""
        if type(entity).__ftrack__.is_kind_of("Project"):
            return vars(entity).get("id")
        if vars(entity).get("project_id"):
            return vars(entity)["project_id"]
        above = _above(entity)
        if above is None:
            return None
        if isinstance(above, tuple):
            return self._read_project(*above)
        if is_new(above):
            return self._project_id(above)
        known = vars(above).get("project_id")
        reference = above.reference
        return known or self._read_project(reference.entity_type, reference.key[0])

    def _read_project(self, entity_type: str, key: str | int) -> Any:
        if key not in self._projects:
            project_id = ast.PathExpression.of("project_id")
            query = ast.Query(
                entity_type, (project_id,), criteria=keyed(("id",), [(key,)])
            )
            [rows] = self._source.rows_of([compile_query(query)])
            self._projects[key] = rows[0].get("project_id") if rows else None
        return self._projects[key]

    def _loaded(self) -> dict[str, Configuration]:
        if self._by_id is None:
            [rows] = self._source.rows_of([_EXPRESSION])
            # A response holds the name of each type once (protocol 3.6).
            types = [row["type"] for row in rows if isinstance(row.get("type"), dict)]
            kinds = {one["id"]: one["name"] for one in types if one.get("name")}
            self._by_id = {row["id"]: _configuration(row, kinds) for row in rows}
        return self._by_id


def _configuration(row: dict[str, Any], kinds: dict[str, str]) -> Configuration:
    return Configuration(
        id=row["id"],
        key=row["key"],
        entity_type=row.get("entity_type"),
        object_type_id=row.get("object_type_id"),
        project_id=row.get("project_id"),
        is_hierarchical=bool(row.get("is_hierarchical")),
        type_name=kinds.get(row.get("type_id") or "", ""),
        default=decode_scalar(row.get("default")),
    )


def _applies(configuration: Configuration, entity: Entity) -> bool:
    type_info = type(entity).__ftrack__
    if configuration.is_hierarchical:
        return any(map(type_info.is_kind_of, _HIERARCHICAL))
    if not any(
        type_info.is_kind_of(name) and configuration.entity_type == called
        for name, called in _ENTITY_TYPES.items()
    ):
        return False
    return configuration.object_type_id in (None, _object_type_id(entity))


def _custom_rows(entity: Entity) -> Iterator[tuple[AttributeInfo, MappedValues[Any]]]:
    value = vars(entity).get("custom_attributes")
    if not isinstance(value, MappedValues) or not value.edits:
        return
    attribute = type(entity).__ftrack__.attributes["custom_attributes"]
    if attribute.kind is AttributeKind.MAPPED and attribute.target != METADATA:
        yield attribute, value


def _object_type_id(entity: Entity) -> Any:
    given = vars(entity).get("object_type_id")
    attribute = type(entity).__ftrack__.attributes.get("object_type_id")
    return given or (attribute.default if attribute is not None else None)


def _above(entity: Entity) -> Entity | tuple[str, Any] | None:
    """Return what a new entity is below, or its type and key if it is not known."""
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
