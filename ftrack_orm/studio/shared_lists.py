"""The lists of statuses and types that several places of project schemas can share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ftrack_orm.studio.model import Key, Kind, ProjectSchema, Studio, folded


@dataclass(frozen=True)
class Place:
    """Where a project schema keeps a list of members that schemas can share.

    Attributes:
        attribute: the attribute of the project schema that refers to the list.
        list_type: the entity type of the list.
        row_type: the entity type of its members.
        owner: the attribute of a member that refers to the list.
        member: the attribute of a member that refers to the status or type.
        kind: the kind of the members.
        name: the name of a new list.
    """

    attribute: str
    list_type: str
    row_type: str
    owner: str
    member: str
    kind: Kind
    name: str


_WORKFLOW: Final = (
    "WorkflowSchema",
    "WorkflowSchemaStatus",
    "workflow_schema_id",
    "status_id",
)

PLACES: Final[Mapping[str, Place]] = {
    "task_types": Place(
        "task_type_schema_id",
        "TaskTypeSchema",
        "TaskTypeSchemaType",
        "task_type_schema_id",
        "type_id",
        "type",
        "{} task types",
    ),
    "task_statuses": Place(
        "task_workflow_schema_id", *_WORKFLOW, "status", "{} task statuses"
    ),
    "version_statuses": Place(
        "asset_version_workflow_schema_id", *_WORKFLOW, "status", "{} version statuses"
    ),
}
"""The lists that project schemas can share, by setting."""

_At = tuple[str, str]
"""The id of a project schema, and a setting of it or the id of an override's type."""


class SharedLists:
    """The places that use each list of a server, with the values in the files."""

    def __init__(
        self,
        rows: Mapping[str, Mapping[str, Any]],
        files: Studio,
        ids: Mapping[tuple[Kind, Key], str],
    ) -> None:
        """Find the places.

        Args:
            rows: the entities of each type, by id.
            files: the configuration in the files, with current names.
            ids: the id of each object of the server, by kind and folded natural key.
        """
        self._rows = rows
        self._users: dict[str, dict[_At, str]] = defaultdict(dict)
        self._wanted: dict[str, list[tuple[str, Sequence[str]]]] = defaultdict(list)
        wanted = dict(self._wanted_places(files, ids))
        for at, list_id, title in self._places():
            if at in wanted:
                self.add(list_id, title, wanted[at])
            else:
                self._users[list_id][at] = title

    def add(self, list_id: str, title: str, names: Sequence[str]) -> None:
        """Store the members that a place of the files has for a list."""
        self._wanted[list_id].append((title, names))

    def is_wanted(self, list_id: str) -> bool:
        """Return whether the files have members for a list."""
        return bool(self._wanted.get(list_id))

    def others(self, list_id: str) -> list[str]:
        """Return the places that use a list and are in no file."""
        return [*self._users.get(list_id, {}).values()]

    def require_same(self, list_id: str, names: Iterable[str]) -> None:
        """Compare members with those that the files have for the same list.

        Raises:
            LookupError: another place shares the list, and has other members.
        """
        for title, others in self._wanted.get(list_id, ()):
            if _folded(names) != _folded(others):
                raise LookupError(
                    f"a list is shared with {title}, which has other members in the "
                    "files. Write the same members in both"
                )

    def _places(self) -> Iterator[tuple[_At, str, str]]:
        """Yield each place of the server that uses a list, the list and the title."""
        schemas = self._rows["ProjectSchema"]
        for key, row in schemas.items():
            for name, place in PLACES.items():
                list_id = getattr(row, place.attribute)
                if list_id is not None:
                    yield (key, name), list_id, f"{row.name}.{name}"
        for row in self._rows["ProjectSchemaOverride"].values():
            schema = schemas.get(row.project_schema_id)
            task_type = self._rows["Type"].get(row.type_id)
            if schema is not None and task_type is not None:
                title = f"{schema.name}.override.{task_type.name}"
                yield (schema.id, row.type_id), row.workflow_schema_id, title

    def _wanted_places(
        self, files: Studio, ids: Mapping[tuple[Kind, Key], str]
    ) -> Iterator[tuple[_At, Sequence[str]]]:
        """Yield the places of the files that the server has, with their members."""
        former = {
            each.natural_key: each.former_key for each in files.type if each.former_key
        }
        for schema in files.project_schema:
            schema_id = _id_of(ids, "project_schema", schema)
            if schema_id is None:
                continue
            for name in PLACES:
                members = getattr(schema, name)
                if members is not None:
                    yield (schema_id, name), members
            for name, rules in (schema.override or {}).items():
                keys = (name,), former.get((name,), (name,))
                found = (ids.get(("type", folded(key))) for key in keys)
                for type_id in filter(None, found):
                    yield (schema_id, type_id), rules.task_statuses


def _id_of(
    ids: Mapping[tuple[Kind, Key], str], kind: Kind, schema: ProjectSchema
) -> str | None:
    keys = (schema.natural_key, schema.former_key or schema.natural_key)
    return next(filter(None, (ids.get((kind, folded(key))) for key in keys)), None)


def _folded(names: Iterable[str]) -> list[str]:
    return sorted(name.casefold() for name in names)
