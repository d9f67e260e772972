"""Read the rows of some projects from a server; nothing is written there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from ftrack_orm.cli.snapshot_scopes import (
    CONFIGURATION,
    OWNED_ROWS,
    PEOPLE,
    PROJECT_ROWS,
    THUMBNAILS,
    OwnedRows,
    ProjectRows,
)
from ftrack_orm.errors.snapshot import UnknownProjectError
from ftrack_orm.migrations.client import RunClient, next_offset
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

_SECRETS: Final = frozenset({"api_key", "passphrase", "password", "secret", "token"})
"""Attributes that no file may hold."""

_Key: TypeAlias = tuple[object, ...]

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
        self._client = RunClient(session)
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
        keys: set[str] = set()
        thumbnails: set[str] = set()
        owners: list[str] = []
        for entity_type in CONFIGURATION:
            rows = [
                row
                for row in self._all(entity_type)
                # An attribute of another project alone would count as one of all.
                if row.get("project_id") is None or row["project_id"] in project_ids
            ]
            on_rows(entity_type, len(rows))
            found = [row["id"] for row in rows if "id" in row]
            keys.update(found)
            thumbnails.update(_thumbnails(rows))
            if entity_type in PEOPLE:
                owners += found
            yield from rows
        for scope in (*PROJECT_ROWS, THUMBNAILS, *OWNED_ROWS):
            if scope.group in without or scope.entity_type not in self.schema:
                continue
            if isinstance(scope, ProjectRows):
                rows = self._all(scope.entity_type, _in_projects(scope, project_ids))
            else:
                owned_by = sorted(thumbnails - keys) if scope is THUMBNAILS else owners
                rows = list(self._owned(scope, owned_by))
            rows = _inside(rows, scope, keys, on_rows)
            found = [row["id"] for row in rows if "id" in row]
            keys.update(found)
            thumbnails.update(_thumbnails(rows))
            if isinstance(scope, ProjectRows):
                owners += found
            yield from rows

    def _project_ids(self, names: Sequence[str]) -> list[str]:
        literals = _listed(names)
        rows = self._rows([f"select id, name from Project where name in ({literals})"])  # noqa: S608 # no SQL
        # A server compares names without regard to case.
        found = {str(row["name"]).casefold(): row["id"] for row in rows}
        missing = [name for name in names if name.casefold() not in found]
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
        end = f"{where} order by {order}"
        rows = self._pages(f"{self._select(schema)}{end}", schema)
        for subtype in self.schema.subtypes(entity_type):
            extra = {*self._names(subtype)} - {*self._names(schema)}
            if extra and any(row["__entity_type__"] == subtype.name for row in rows):
                self._add_values(rows, f"{self._select(subtype, extra)}{end}", subtype)
        return rows

    def _add_values(
        self, rows: Iterable[JSONObject], select: str, subtype: EntitySchema
    ) -> None:
        """Add the attributes that only a subtype has to the rows of its entities."""
        by_key = {_key(subtype, row): row for row in rows}
        for row in self._pages(select, subtype):
            by_key.get(_key(subtype, row), {}).update(row)

    def _pages(self, select: str, schema: EntitySchema) -> list[JSONObject]:
        """Return the rows of all pages of a query that is ordered by the key.

        Each page repeats the last row of the page before. Rows that are deleted
        meanwhile move the others to lower offsets; a page without the repeated row
        shows it, and the page before is read again.
        """
        rows: dict[_Key, JSONObject] = {}
        offset = 0
        while True:
            [result] = self._client.send(
                [Query(f"{select} limit {PAGE} offset {offset}")]
            )
            page = {_key(schema, row): row for row in result["data"]}
            if offset and (not page or next(iter(page)) not in rows):
                offset = max(0, offset - PAGE + 1)
                continue
            rows |= page
            # A server may return fewer rows than the limit, and more at the offset.
            if next_offset(result) is None and len(page) < PAGE:
                return [*rows.values()]
            offset += max(1, len(page) - 1)

    def _owned(self, scope: OwnedRows, owners: Sequence[str]) -> Iterator[JSONObject]:
        select = self._select(self.schema[scope.entity_type])
        queries = []
        for start in range(0, len(owners), _OWNERS_PER_QUERY):
            keys = owners[start : start + _OWNERS_PER_QUERY]
            queries.append(f"{select} where {scope.owner} in ({_listed(keys)})")
        for start in range(0, len(queries), _QUERIES_PER_REQUEST):
            yield from self._rows(queries[start : start + _QUERIES_PER_REQUEST])

    def _names(self, schema: EntitySchema) -> list[str]:
        return [*_readable_names(schema, self._relations)]

    def _select(self, schema: EntitySchema, only: Collection[str] = ()) -> str:
        found = [name for name in self._names(schema) if not only or name in only]
        names = ", ".join({**dict.fromkeys(schema.primary_key), **dict.fromkeys(found)})
        return f"select {names} from {schema.name}"  # noqa: S608 # names of the schema

    def _rows(self, expressions: Iterable[str]) -> list[JSONObject]:
        """Return the rows of some queries, also of those that the server cuts."""
        texts = [*expressions]
        results = self._client.send([*map(Query, texts)])
        return [
            row
            for text, result in zip(texts, results, strict=True)
            for row in self._client.complete(text, result)
        ]


def _in_projects(scope: ProjectRows, project_ids: Sequence[str]) -> str:
    listed = _listed(project_ids)
    return " or ".join(f"{path} in ({listed})" for path in scope.paths)


def _inside(
    rows: list[JSONObject],
    scope: ProjectRows | OwnedRows,
    keys: Collection[str],
    on_rows: OnRows,
) -> list[JSONObject]:
    """Return the rows whose ends are in the snapshot; report both numbers."""
    found = [row for row in rows if all(row.get(end) in keys for end in scope.ends)]
    on_rows(scope.entity_type, len(found))
    if len(found) < len(rows):
        title = f"{scope.entity_type} left out: they lead out of the projects"
        on_rows(title, len(rows) - len(found))
    return found


def _thumbnails(rows: Iterable[JSONObject]) -> Iterator[str]:
    for row in rows:
        if row.get("thumbnail_id"):
            yield row["thumbnail_id"]


def _key(schema: EntitySchema, row: JSONObject) -> _Key:
    return tuple(row[name] for name in schema.primary_key)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(compile_literal(encode_literal(value)) for value in values)


def _readable_names(entity_schema: EntitySchema, relations: Relations) -> Iterator[str]:
    """Yield the stored attributes of a type, as the projections of a query.

    Links and collections are included where no other attribute has their keys.
    """
    computed = set(entity_schema.computed or ())
    for name, attribute in entity_schema.attributes.items():
        if name in computed or name in _SECRETS:
            continue
        if attribute.kind is AttributeKind.SCALAR:
            yield name
            continue
        relation = relations.of(entity_schema.name, name)
        if isinstance(relation, ForeignKey | Association) and relation.hidden:
            yield f"{name}.id"
