"""The configuration of a server, with the ids that writing needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ftrack_orm.migrations.history import RUNS
from ftrack_orm.migrations.history_id import SETTING_GROUP
from ftrack_orm.migrations.history_store import METADATA, SETTINGS, HistoryStore
from ftrack_orm.studio.diff import Applied, Comparison, compare
from ftrack_orm.studio.model import (
    Attribute,
    Definition,
    Key,
    Kind,
    LinkAttribute,
    ProjectSchema,
    Studio,
    folded,
)
from ftrack_orm.studio.renames import Renames, with_current_names

_WITH_ROLES: Final[tuple[Kind, ...]] = ("attribute", "link_attribute")


@dataclass(frozen=True)
class ServerStudio:
    """The configuration of a server, with the ids that writing needs.

    Attributes:
        studio: the configuration; its definitions have every setting.
        rows: the entities of each type, by id, or by key for types of several keys.
        ids: the id of each object, by kind and folded natural key.
        applied: the record of the last apply.
        problems: descriptions of objects that files cannot manage, by kind and folded
            natural key, such as two of one name.
        ambiguous: the keys of those that are several.
        reserved: descriptions of ftrack's own objects, which files may not have.
    """

    studio: Studio
    rows: Mapping[str, Mapping[str, Any]]
    ids: Mapping[tuple[Kind, Key], str]
    applied: Mapping[tuple[Kind, Key], Applied]
    problems: Mapping[tuple[Kind, Key], str] = field(default_factory=dict)
    ambiguous: Collection[tuple[Kind, Key]] = ()
    reserved: Mapping[tuple[Kind, Key], str] = field(default_factory=dict)

    def compare(self, files: Studio) -> Comparison:
        """Return the differences between the files and this server.

        Objects that files cannot manage are problems where the files have them.
        """
        files = self.with_star(files)
        comparison = compare(files, self.studio, self.applied)
        picked = {
            (definition.kind, key)
            for kind in files.studio.manage
            for definition in files.definitions(kind)
            for key in (folded(definition.natural_key),)
            if definition.pick and (kind, key) in self.ambiguous
        }
        found = {**self.reserved, **self.problems}
        problems = (
            found[key]
            for kind in files.studio.manage
            for definition in files.definitions(kind)
            for key in _keys_of(definition)
            if key in found and key not in picked
        )
        return replace(
            comparison,
            problems=(*dict.fromkeys(problems), *comparison.problems),
        )

    def with_star(self, files: Studio) -> Studio:
        """Return the files with ``["*"]`` where they list all roles of this server."""
        roles = {row.name.casefold() for row in self.rows["SecurityRole"].values()}

        def starred(attribute: Definition) -> Definition:
            update = {
                name: ("*",)
                for name in ("read", "write")
                if roles == {each.casefold() for each in getattr(attribute, name) or ()}
            }
            return attribute.model_copy(update=update) if update else attribute

        update: dict[str, Any] = {
            kind: tuple(map(starred, files.definitions(kind))) for kind in _WITH_ROLES
        }
        return files.model_copy(update=update)

    def with_current_names(self, renames: Renames) -> ServerStudio:
        """Return the configuration whose references have the current names."""
        studio = with_current_names(self.studio, renames)
        ids = dict(self.ids)
        for kind in _WITH_ROLES:
            former = self.studio.definitions(kind)
            for one, other in zip(former, studio.definitions(kind), strict=True):
                key = kind, folded(one.natural_key)
                ids[kind, folded(other.natural_key)] = self.ids[key]
        return replace(self, studio=studio, ids=ids)

    @property
    def has_history(self) -> bool:
        """Return whether `migrate init` has made the history of this server."""
        return "init" in history_rows(self.rows)

    @property
    def runs(self) -> tuple[str, ...]:
        """Return the runs that applied a configuration to this server."""
        keys = [key for key in history_rows(self.rows) if key.startswith(RUNS)]
        return tuple(sorted(key.removeprefix(RUNS) for key in keys if "#" not in key))

    @property
    def history_store(self) -> HistoryStore:
        """Return the store of the history of this server."""
        has_metadata = any(row.key == "init" for row in self.rows["Metadata"].values())
        is_setting = not has_metadata and "init" in _settings_of(self.rows)
        return SETTINGS if is_setting else METADATA


def history_rows(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the rows of the history by their keys, of the store that has them.

    Args:
        rows: the entities of each type.
    """
    metadata = {row.key: row for row in rows["Metadata"].values()}
    return metadata if "init" in metadata else _settings_of(rows) or metadata


def _settings_of(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        row.name: row for row in rows["Setting"].values() if row.group == SETTING_GROUP
    }


def _keys_of(definition: Definition) -> Iterator[tuple[Kind, Key]]:
    """Yield the keys of a definition and of the objects that it refers to."""
    yield definition.kind, folded(definition.natural_key)
    if definition.former_key is not None:
        yield definition.kind, folded(definition.former_key)
    names: Iterable[tuple[Kind, Collection[str]]] = ()
    if isinstance(definition, ProjectSchema):
        names = _names_of_schema(definition)
    elif isinstance(definition, Attribute | LinkAttribute) and definition.group:
        names = [("attribute_group", (definition.group,))]
    for kind, found in names:
        for name in found:
            yield kind, folded((name,))


def _names_of_schema(schema: ProjectSchema) -> Iterator[tuple[Kind, Collection[str]]]:
    rules, overrides = schema.of or {}, schema.override or {}
    yield "object_type", (*(schema.object_types or ()), *rules)
    yield "type", (*(schema.task_types or ()), *overrides)
    yield "status", schema.task_statuses or ()
    yield "status", schema.version_statuses or ()
    for rule in rules.values():
        yield "status", rule.statuses or ()
        yield "type", rule.types or ()
    for override in overrides.values():
        yield "status", override.task_statuses
    for template in (schema.template or {}).values():
        yield "type", template.task_types
