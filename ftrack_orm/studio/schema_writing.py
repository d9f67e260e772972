"""Write project schemas: their workflows, allowed types and task templates.

A new project schema gets its workflows and lists of types at once. Its object types
and their rules follow in the next round, because the server adds some of them itself
when it creates the schema (protocol D).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

from ftrack_orm.studio.diff import Difference, merged
from ftrack_orm.studio.model import (
    Key,
    Kind,
    ObjectTypeRules,
    ProjectSchema,
    Studio,
    folded,
)
from ftrack_orm.studio.shared_lists import PLACES, Place, SharedLists
from ftrack_orm.studio.writing import Writer

LATER: Final = ("object_types", "of")
"""The settings that a new project schema gets in the next round."""


class SchemaWriter:
    """Edits project schemas through the entities of a `Writer`.

    Attributes:
        shared: places of the server that change with those of the files, in order.
    """

    def __init__(self, writer: Writer, files: Studio) -> None:
        """Store the arguments; nothing is edited.

        Args:
            writer: adds and finds entities.
            files: the configuration in the files.
        """
        self._writer = writer
        self._rows = writer.server.rows
        self._files = files
        self._added_lists: dict[tuple[str, str], str] = {}
        self._written: set[tuple[str, str]] = set()
        self._lists = SharedLists(self._rows, files, writer.server.ids)
        self.shared: dict[str, None] = {}

    def _server_id(self, key: Key) -> str | None:
        return self._writer.server.ids.get(("project_schema", folded(key)))

    def write(self, difference: Difference) -> None:
        """Edit or add the project schema of a difference."""
        wanted = difference.wanted
        if not isinstance(wanted, ProjectSchema):
            return
        try:
            if difference.found is None:
                self._create(wanted)
            else:
                self._update(wanted, difference)
        except LookupError as error:
            self._writer.problems.append(f"{wanted.title}: {error.args[0]}")

    def _create(self, wanted: ProjectSchema) -> None:
        self._require_names(wanted)
        lists = {
            place.attribute: self._list_for(wanted, name, place)
            for name, place in PLACES.items()
        }
        schema = self._writer.add("ProjectSchema", name=wanted.name, **lists)
        self._writer.register(wanted, schema)
        self._write_overrides(schema.id, wanted)
        self._write_templates(schema.id, wanted)

    def _require_names(self, wanted: ProjectSchema) -> None:
        """Look up the names that the next round writes, before this one writes.

        Raises:
            LookupError: there is no object of a name.
        """
        rules = wanted.of or {}
        names: list[tuple[Kind, Iterable[str]]] = [
            ("object_type", (*(wanted.object_types or ()), *rules)),
            ("status", chain.from_iterable(r.statuses or () for r in rules.values())),
            ("type", chain.from_iterable(r.types or () for r in rules.values())),
        ]
        for kind, found in names:
            for name in found:
                self._writer.entity(kind, name)

    def _update(self, wanted: ProjectSchema, difference: Difference) -> None:
        found = difference.found
        if not isinstance(found, ProjectSchema):
            return
        schema = self._writer.found(found)
        result = merged(wanted, found)
        if not isinstance(result, ProjectSchema):
            return
        for change in difference.changes:
            match change.name:
                case "name":
                    schema.name = wanted.name
                case "object_types":
                    self._write_members(
                        "ProjectSchemaObjectType",
                        ("project_schema_id", schema.id),
                        ("object_type_id", "object_type"),
                        change.file,
                    )
                case "of":
                    for name, rules in (wanted.of or {}).items():
                        self._write_rules(schema.id, name, rules)
                case "override":
                    self._write_overrides(schema.id, wanted)
                case "template":
                    self._write_templates(schema.id, wanted)
                case name:
                    self._write_list(schema, wanted, name, change.file)

    # -- lists that schemas can share ------------------------------------------------

    def _list_for(self, wanted: ProjectSchema, name: str, place: Place) -> str:
        """Return the id of the list of a new schema: a shared one, or a new one."""
        for other in (wanted.shared_with or {}).get(name, ()):
            shared = self._added_lists.get((name, other.casefold()))
            if shared is None:
                row = self._rows["ProjectSchema"].get(self._server_id((other,)) or "")
                shared = None if row is None else getattr(row, place.attribute)
            if shared is not None:
                self._require_members(shared, other, name, getattr(wanted, name))
                self._added_lists[name, wanted.name.casefold()] = shared
                return shared
        members = getattr(wanted, name) or ()
        list_id = self._new_list(place, place.name.format(wanted.name), members)
        self._lists.add(list_id, f"{wanted.name}.{name}", members)
        self._added_lists[name, wanted.name.casefold()] = list_id
        return list_id

    def _require_members(
        self, list_id: str, other: str, name: str, members: Sequence[str] | None
    ) -> None:
        """Compare the members of a new schema with those of the list that it shares.

        Raises:
            LookupError: they differ.
        """
        if members is None:
            return
        if not self._lists.is_wanted(list_id):
            for schema in self._writer.server.studio.project_schema:
                if schema.name.casefold() == other.casefold():
                    found = getattr(schema, name)
                    self._lists.add(list_id, f"{schema.name}.{name}", found)
        self._lists.require_same(list_id, members)

    def _new_list(self, place: Place, name: str, members: Sequence[str]) -> str:
        entity = self._writer.add(place.list_type, name=name)
        list_id: str = entity.id
        self._write_members(
            place.row_type,
            (place.owner, list_id),
            (place.member, place.kind),
            members,
        )
        return list_id

    def _write_list(
        self,
        schema: Any,
        wanted: ProjectSchema,
        name: str,
        members: Sequence[str],
    ) -> None:
        """Change the members of a list."""
        place = PLACES[name]
        list_id = getattr(schema, place.attribute)
        if list_id is None:
            list_id = self._new_list(place, place.name.format(wanted.name), members)
            setattr(schema, place.attribute, list_id)
            return
        self._write_members(
            place.row_type, (place.owner, list_id), (place.member, place.kind), members
        )

    def _write_members(
        self,
        row_type: str,
        owner: tuple[str, str],
        member: tuple[str, Kind],
        names: Sequence[str],
        sort: bool = False,
    ) -> None:
        """Add and remove rows until a list has the members in `names`.

        Args:
            row_type: the entity type of the rows.
            owner: the attribute that refers to the list, and its id.
            member: the attribute that refers to the member, and its kind.
            names: the names of the members.
            sort: whether the rows keep the order of the names.

        Raises:
            LookupError: another place shares the list, and has other members in the
                files; or there is no object of a name.
        """
        owner_attribute, owner_id = owner
        attribute, kind = member
        self._lists.require_same(owner_id, names)
        # Schemas that share a list both have its members in their files.
        if (row_type, owner_id) in self._written:
            return
        self._written.add((row_type, owner_id))
        rows = {
            getattr(row, attribute): row
            for row in self._rows[row_type].values()
            if getattr(row, owner_attribute) == owner_id
        }
        wanted = [self._writer.entity(kind, name).id for name in names]
        if rows.keys() != set(wanted):
            self.shared |= dict.fromkeys(self._lists.others(owner_id))
        for index, member_id in enumerate(wanted):
            position = {"sort": index} if sort else {}
            row = rows.get(member_id)
            if row is None:
                self._writer.add(
                    row_type,
                    **{owner_attribute: owner_id, attribute: member_id},
                    **position,
                )
            elif sort and row.sort != index:
                row.sort = index
        for member_id, row in rows.items():
            if member_id not in wanted:
                self._writer.plan.remove(row)

    # -- rules of object types ---------------------------------------------------------

    def _write_rules(self, schema_id: str, name: str, rules: ObjectTypeRules) -> None:
        type_id = self._writer.entity("object_type", name).id
        found = [
            row
            for row in self._rows["Schema"].values()
            if row.project_schema_id == schema_id and row.type_id == type_id
        ]
        if not found:
            found = [
                self._writer.add("Schema", project_schema_id=schema_id, type_id=type_id)
            ]
        owner = "schema_id", found[0].id
        if rules.statuses is not None:
            member: tuple[str, Kind] = "status_id", "status"
            self._write_members("SchemaStatus", owner, member, rules.statuses, True)
        if rules.types is not None:
            member = "type_id", "type"
            self._write_members("SchemaType", owner, member, rules.types, True)

    def _write_overrides(self, schema_id: str, wanted: ProjectSchema) -> None:
        place = PLACES["task_statuses"]
        for name, rules in (wanted.override or {}).items():
            type_id = self._writer.entity("type", name).id
            found = [
                row
                for row in self._rows["ProjectSchemaOverride"].values()
                if row.project_schema_id == schema_id and row.type_id == type_id
            ]
            if found:
                self._write_members(
                    place.row_type,
                    (place.owner, found[0].workflow_schema_id),
                    (place.member, place.kind),
                    rules.task_statuses,
                )
                continue
            title = f"{wanted.name} {name} statuses"
            self._writer.add(
                "ProjectSchemaOverride",
                project_schema_id=schema_id,
                type_id=type_id,
                workflow_schema_id=self._new_list(place, title, rules.task_statuses),
            )

    # -- templates ---------------------------------------------------------------------

    def _write_templates(self, schema_id: str, wanted: ProjectSchema) -> None:
        for name, template in (wanted.template or {}).items():
            found = [
                row
                for row in self._rows["TaskTemplate"].values()
                if row.project_schema_id == schema_id and row.name == name
            ]
            if not found:
                added = self._writer.add(
                    "TaskTemplate", name=name, project_schema_id=schema_id
                )
                self._write_items(added.id, template.task_types)
            else:
                self._write_items(found[0].id, template.task_types)

    def _write_items(self, template_id: str, names: Iterable[str]) -> None:
        """Add and remove items; a type may occur several times."""
        wanted = Counter(self._writer.entity("type", name).id for name in names)
        for item in self._rows["TaskTemplateItem"].values():
            if item.template_id != template_id:
                continue
            if wanted[item.task_type_id] > 0:
                wanted[item.task_type_id] -= 1
            else:
                self._writer.plan.remove(item)
        for type_id in wanted.elements():
            self._writer.add(
                "TaskTemplateItem", template_id=template_id, task_type_id=type_id
            )
