"""Which configuration stands behind a custom attribute of a new entity.

A loaded entity came with the configurations of its rows. A new one has none yet, and
its rows can only be written by the configuration's id (protocol 3.5), so the server
is asked once which ones there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from ftrack_orm.entity.mapped import METADATA, MappedValues
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import link_key, linked
from ftrack_orm.errors import AttributeValueError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.schema.kind import AttributeKind
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity

_EXPRESSION: Final = (
    "select id, key, entity_type, object_type_id, project_id, is_hierarchical "
    "from CustomAttributeConfiguration"
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
    """Asks a server: a session's side of the seam."""

    def rows_of(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, asked in one request."""
        ...


@lazy_dataclass(frozen=True, slots=True)
class _Configuration:
    id: str
    key: str
    entity_type: str | None
    object_type_id: str | None
    project_id: str | None
    is_hierarchical: bool

    def applies_to(self, entity: Entity) -> bool:
        info = type(entity).__ftrack__
        if self.is_hierarchical:
            return any(map(info.is_kind_of, _HIERARCHICAL))
        if not any(
            info.is_kind_of(name) and self.entity_type == called
            for name, called in _ENTITY_TYPES.items()
        ):
            return False
        return self.object_type_id in (None, _object_type_id(entity))


class Configurations:
    """The server's custom attribute configurations, asked for when first needed."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._known: list[_Configuration] | None = None
        self._projects: dict[str | int, Any] = {}

    def configure(self, entities: Iterable[Entity]) -> None:
        """Name the configuration of every custom attribute of new entities.

        Raises:
            AttributeValueError: there is none for an entity; nothing was sent.
        """
        for entity in entities:
            for attribute, rows in _custom_rows(entity):
                self._name_rows(entity, attribute, rows)

    def _name_rows(
        self, entity: Entity, attribute: AttributeInfo, rows: MappedValues[Any]
    ) -> None:
        found = self._find(entity, self._configurations())
        if not rows.edits.keys() <= found.keys():
            # Somebody may have configured it since.
            self._known = None
            found = self._find(entity, self._configurations())
        for key, value in rows.edits.items():
            if key not in found:
                raise AttributeValueError(
                    type(entity).__ftrack__.name,
                    f"{attribute.name}[{key!r}]",
                    value,
                    "a custom attribute configured for this entity "
                    f"({', '.join(sorted(found)) or 'there are none'})",
                )
        rows.row_keys = {key: found[key].id for key in rows.edits}

    def _find(
        self, entity: Entity, known: Iterable[_Configuration]
    ) -> dict[str, _Configuration]:
        """Return what applies to an entity, by key; the closest of each key."""
        fitting = [each for each in known if each.applies_to(entity)]
        project_id = None
        if any(each.project_id is not None for each in fitting):
            project_id = self._project_id(entity)
        return {
            each.key: each
            for each in sorted(fitting, key=_closeness)
            if each.project_id in (None, project_id)
        }

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
            return self._asked_project(*above)
        if above.__ftrack_state__.state is EntityState.PENDING:
            return self._project_id(above)
        known = vars(above).get("project_id")
        reference = above.reference
        return known or self._asked_project(reference.entity_type, reference.key[0])

    def _asked_project(self, entity_type: str, key: str | int) -> Any:
        if key not in self._projects:
            project_id = ast.PathExpression.of("project_id")
            query = ast.Query(
                entity_type, (project_id,), criteria=keyed(("id",), [(key,)])
            )
            [rows] = self._source.rows_of([compile_query(query)])
            self._projects[key] = rows[0].get("project_id") if rows else None
        return self._projects[key]

    def _configurations(self) -> list[_Configuration]:
        if self._known is None:
            [rows] = self._source.rows_of([_EXPRESSION])
            self._known = [
                _Configuration(
                    id=row["id"],
                    key=row["key"],
                    entity_type=row.get("entity_type"),
                    object_type_id=row.get("object_type_id"),
                    project_id=row.get("project_id"),
                    is_hierarchical=bool(row.get("is_hierarchical")),
                )
                for row in rows
            ]
        return self._known


def _closeness(configuration: _Configuration) -> tuple[bool, bool, bool]:
    """Order configurations of one key: a project's own hide the global ones (6.7)."""
    return (
        configuration.project_id is not None,
        not configuration.is_hierarchical,
        configuration.object_type_id is not None,
    )


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
    info = type(entity).__ftrack__
    for name in ("project", "parent", "asset"):
        link = info.attributes.get(name)
        if link is None:
            continue
        target = linked(entity, link)
        if target is not None and target is not NOT_LOADED:
            return cast("Entity", target)
        key = link_key(entity, link)
        if key is not None and key is not NOT_LOADED:
            return link.target_type, key
    return None
