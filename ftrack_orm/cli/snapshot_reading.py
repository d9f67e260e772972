"""Read the rows of some projects from a server; nothing is written there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.cli.snapshot_scopes import (
    CONFIGURATION,
    OWNED_ROWS,
    PROJECT_ROWS,
    OwnedRows,
    ProjectRows,
)
from ftrack_orm.errors.snapshot import UnknownProjectError
from ftrack_orm.operations import Query, QuerySchemas
from ftrack_orm.query.compiler import compile_literal
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.model import EntitySchema, Schema
from ftrack_orm.schema.parse import parse_schema
from ftrack_orm.schema.relations import Association, ForeignKey, Relations
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

PAGE: Final = 500
_OWNERS_PER_QUERY: Final = 200
_QUERIES_PER_REQUEST: Final = 5

OnRows = Callable[[str, int], None]
"""Called with an entity type and the number of its rows."""


class SnapshotReader:
    """Reads rows with the attributes that a client may read.

    Attributes:
        schema: the schema of the server.
    """

    def __init__(self, session: Session) -> None:
        """Query the schema of the server.

        Raises:
            TransportError, ServerError: the request failed.
        """
        self._client = session._core.client
        [types] = self._client.send([QuerySchemas()])
        self.schema: Schema = parse_schema(types).schema
        self._relations = Relations(self.schema)

    def read(
        self, projects: Sequence[str], *, without: Collection[str], on_rows: OnRows
    ) -> Iterator[JSONObject]:
        """Yield the configuration, the rows of projects, and the rows they own.

        Args:
            projects: the names of the projects.
            without: names of groups of rows to leave out.
            on_rows: called after each type.

        Raises:
            UnknownProjectError: there is no such project.
            TransportError, ServerError: a request failed.
        """
        project_ids = self._project_ids(projects)
        owners: list[str] = []
        for entity_type in CONFIGURATION:
            rows = self._all(entity_type)
            on_rows(entity_type, len(rows))
            if entity_type == "User":
                owners += [row["id"] for row in rows]
            yield from rows
        for scope in PROJECT_ROWS:
            if scope.group in without or scope.entity_type not in self.schema:
                continue
            rows = self._all(scope.entity_type, _in_projects(scope, project_ids))
            on_rows(scope.entity_type, len(rows))
            owners += [row["id"] for row in rows if "id" in row]
            yield from rows
        for owned in OWNED_ROWS:
            if owned.group in without or owned.entity_type not in self.schema:
                continue
            rows = list(self._owned(owned, owners))
            on_rows(owned.entity_type, len(rows))
            yield from rows

    def _project_ids(self, names: Sequence[str]) -> list[str]:
        literals = _listed(names)
        rows = self._rows([f"select id, name from Project where name in ({literals})"])  # noqa: S608 # no SQL
        found = {row["name"]: row["id"] for row in rows}
        missing = [name for name in names if name not in found]
        if missing:
            raise UnknownProjectError(missing)
        return list(found.values())

    def _all(self, entity_type: str, criteria: str = "") -> list[JSONObject]:
        """Return all rows of a type, page by page in the order of their keys."""
        if entity_type not in self.schema:
            return []
        schema = self.schema[entity_type]
        where = f" where {criteria}" if criteria else ""
        order = ", ".join(schema.primary_key)
        select = f"{self._select(schema)}{where} order by {order}"
        rows: list[JSONObject] = []
        while True:
            page = self._rows([f"{select} limit {PAGE} offset {len(rows)}"])
            rows += page
            if len(page) < PAGE:
                return rows

    def _owned(self, scope: OwnedRows, owners: Sequence[str]) -> Iterator[JSONObject]:
        select = self._select(self.schema[scope.entity_type])
        queries = []
        for start in range(0, len(owners), _OWNERS_PER_QUERY):
            keys = owners[start : start + _OWNERS_PER_QUERY]
            queries.append(f"{select} where {scope.owner} in ({_listed(keys)})")
        for start in range(0, len(queries), _QUERIES_PER_REQUEST):
            yield from self._rows(queries[start : start + _QUERIES_PER_REQUEST])

    def _select(self, schema: EntitySchema) -> str:
        names = ", ".join(_readable_names(schema, self._relations))
        return f"select {names} from {schema.name}"  # noqa: S608 # names of the schema

    def _rows(self, expressions: Iterable[str]) -> list[JSONObject]:
        results: list[Any] = self._client.send([*map(Query, expressions)])
        return [row for result in results for row in result["data"]]


def _in_projects(scope: ProjectRows, project_ids: Sequence[str]) -> str:
    listed = _listed(project_ids)
    return " or ".join(f"{path} in ({listed})" for path in scope.paths)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(compile_literal(encode_literal(value)) for value in values)


def _readable_names(entity_schema: EntitySchema, relations: Relations) -> Iterator[str]:
    """Yield the stored attributes of a type, as the projections of a query.

    Links and collections are included where no other attribute has their keys.
    """
    computed = set(entity_schema.computed or ())
    for name, attribute in entity_schema.attributes.items():
        if name in computed:
            continue
        if attribute.kind is AttributeKind.SCALAR:
            yield name
            continue
        relation = relations.of(entity_schema.name, name)
        if isinstance(relation, ForeignKey | Association) and relation.hidden:
            yield f"{name}.id"
