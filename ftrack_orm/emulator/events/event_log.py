"""Log every change as an `Event` row, so that clients can catch up after an outage.

The documentation has the attributes `action`, `insert`, `created_at`, `user` and
`data`, the value ``delete`` of `insert`, and that `data` holds the id and the data of
a deleted entity. The rest is assumed:

* one row for each row that a request inserts, changes or deletes, with a rising id;
* `insert` is ``insert``, ``update`` or ``delete``; `action` is that of the
  ``ftrack.update`` event: ``add``, ``update`` or ``remove``;
* `parent_type` and `parent_id` are the internal name and the key of the changed
  entity; for a custom attribute value the id is that of its entity;
* `data` is JSON: ``entity_type``, ``entity_key``, the changed names of an update as
  ``keys``, and the stored values of a deleted entity as ``row``.

The rows are written by triggers of SQLite: no write can miss them, and they take a
tenth of the time of a second statement.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Literal, TypeAlias

from ftrack_orm.emulator.access.project_paths import Column, Link, paths_of
from ftrack_orm.emulator.clock import Clock, canonical
from ftrack_orm.emulator.storage.storage import Storage
from ftrack_orm.emulator.storage.tables import (
    FROM_TYPE,
    HIDDEN,
    ORDER,
    SPARSE_VALUES,
    TYPE,
    Family,
    Tables,
)

_Insert: TypeAlias = Literal["insert", "update", "delete"]

_EVENT: Final = "Event"
_UNLOGGED: Final = frozenset({_EVENT, "Feed"})
_USER: Final = "emulator_user"
_TIME: Final = "emulator_time"
_UPDATE_ACTIONS: Final[Mapping[_Insert, str]] = {
    "insert": "add",
    "update": "update",
    "delete": "remove",
}
_INTERNAL: Final = frozenset({ORDER, TYPE, FROM_TYPE}.union(*HIDDEN.values()))
"""Columns that no event contains, such as API keys."""

_TRIGGERS: Final = "triggers of events"
"""The key of the tables' `shared` that holds the statements of the triggers."""

_MAX_PAIRS: Final = 40
"""Pairs in one call of ``json_object``: SQLite allows 127 arguments."""


class EventLog:
    """Writes `Event` rows for the changes of requests, not for those of seeds."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._tables: Tables | None = None
        self._triggers: dict[str, str] = {}
        self._user_id: str | None = None
        self._time: str | None = None

    def prepare(self) -> None:
        """Create the triggers of new tables; call it outside of a transaction."""
        # A rollback would remove the triggers that its transaction created.
        tables = self._storage.tables
        if tables is self._tables or _EVENT not in tables.families:
            return
        triggers: dict[str, str] | None = tables.shared.get(_TRIGGERS)
        if triggers is None:
            triggers = tables.shared[_TRIGGERS] = dict(_triggers(tables))
        changed = {
            name: statement
            for name, statement in triggers.items()
            if self._triggers.get(name) != statement
        }
        functions: dict[str, Callable[[], str | None]] = {
            _USER: lambda: self._user_id,
            _TIME: self._now,
        }
        former = [
            f"DROP TRIGGER IF EXISTS temp.{_quoted(name)}"
            for name in {**self._triggers, **changed}
            if name in changed or name not in triggers
        ]
        self._storage.define(functions, [*former, *changed.values()])
        self._tables, self._triggers = tables, triggers

    @contextmanager
    def writing_as(self, user_id: str) -> Iterator[None]:
        """Log the changes of a transaction as those of a user."""
        self._user_id, self._time = user_id, None
        try:
            yield
        finally:
            self._user_id = None

    def _now(self) -> str:
        if self._time is None:
            self._time = canonical(self._clock())
        return self._time


# -- triggers --------------------------------------------------------------------


def _triggers(tables: Tables) -> Iterator[tuple[str, str]]:
    """Yield the name and the statement of each trigger."""
    for root, family in tables.families.items():
        if root not in _UNLOGGED:
            yield from _triggers_of_family(tables, family)
    for association, table in tables.associations.items():
        yield from _triggers_of_association(tables, association, table.name)


def _triggers_of_family(tables: Tables, family: Family) -> Iterator[tuple[str, str]]:
    columns = {
        name: column.name
        for name, column in family.table.c.items()
        if name not in _INTERNAL
    }
    for insert in _UPDATE_ACTIONS:
        row = _Row(tables, family.root, "OLD" if insert == "delete" else "NEW")
        data = [("entity_type", row.column(TYPE)), ("entity_key", row.key)]
        condition = f"{_USER}() IS NOT NULL"
        if insert == "update":
            condition += f" AND ({' OR '.join(map(_is_changed, columns.values()))})"
            data.append(("keys", _changed_names(columns)))
        elif insert == "delete":
            data.append(("row", _without_nulls(row, [*columns])))
        values = row.values | {"data": _json_object(data)}
        name = family.table.name
        yield _trigger(tables, name, insert, condition, values, "")


def _triggers_of_association(
    tables: Tables, association: str, table: str
) -> Iterator[tuple[str, str]]:
    """Yield triggers that log a change of members as an update of their owner."""
    root, _, attribute = association.partition(".")
    owner = _Row(tables, root, "owner")
    data = [
        ("entity_type", owner.column(TYPE)),
        ("entity_key", owner.key),
        ("keys", f"json_array({_text(attribute)})"),
    ]
    values = owner.values | {"data": _json_object(data)}
    values |= {"insert": _text("update"), "action": _text("update")}
    inserts: tuple[_Insert, ...] = ("insert", "delete")
    for insert in inserts:
        member = "OLD" if insert == "delete" else "NEW"
        # No row for a deleted owner: its deletion is logged.
        source = (
            f' FROM {_quoted(tables.table(root).name)} AS "owner"'
            f' WHERE "owner"."id" = {member}."owner_id"'
        )
        condition = f"{_USER}() IS NOT NULL"
        yield _trigger(tables, table, insert, condition, values, source)


def _trigger(
    tables: Tables,
    table: str,
    insert: _Insert,
    condition: str,
    values: Mapping[str, str],
    source: str,
) -> tuple[str, str]:
    """Return the name and the statement of one trigger."""
    event = tables.table(_EVENT)
    cells = {
        TYPE: _text(_EVENT),
        "id": f'(SELECT coalesce(max("id"), 0) + 1 FROM {_quoted(event.name)})',  # noqa: S608 - names of the schema
        "insert": _text(insert),
        "action": _text(_UPDATE_ACTIONS[insert]),
        "user_id": f"{_USER}()",
        "created_at": f"{_TIME}()",
        **values,
    }
    present = {name: value for name, value in cells.items() if name in event.c}
    name = f"{table}:{insert}:event"
    return name, (
        f"CREATE TEMP TRIGGER {_quoted(name)} AFTER {insert} ON main.{_quoted(table)} "
        f"WHEN {condition} BEGIN "
        f"INSERT INTO {_quoted(event.name)} ({', '.join(map(_quoted, present))}) "
        f"SELECT {', '.join(present.values())}{source}; END"
    )


class _Row:
    """The SQL of the values of one changed row.

    Attributes:
        key: a JSON array of the primary key.
        values: the values of its event, by attribute.
    """

    def __init__(self, tables: Tables, root: str, alias: str) -> None:
        self._alias = alias
        self._columns = tables.table(root).c
        parts = [self.column(name) for name in tables.schema[root].primary_key]
        self.key = f"json_array({', '.join(parts)})"
        self.values = {
            "parent_type": _internal_name(tables, root, self.column(TYPE)),
            "parent_id": (
                self.column("entity_id")
                if root == SPARSE_VALUES
                else " || ',' || ".join(parts)
            ),
            "project_id": _project(tables, root, alias),
        }

    def column(self, name: str) -> str:
        return f"{_quoted(self._alias)}.{_quoted(self._columns[name].name)}"


def _internal_name(tables: Tables, root: str, type_column: str) -> str:
    """Return the SQL of the internal name of a type, in lower case."""
    names = {
        name: tables.schema[name].table.lower() if root != "Component" else "component"
        for name in tables.family(root).columns
    }
    [(usual, _)] = Counter(names.values()).most_common(1)
    # Types of new object types have the usual name, that of tasks.
    cases = "".join(
        f" WHEN {_text(name)} THEN {_text(internal)}"
        for name, internal in names.items()
        if internal != usual
    )
    if not cases:
        return _text(usual)
    return f"CASE {type_column}{cases} ELSE {_text(usual)} END"


def _project(tables: Tables, entity_type: str, alias: str) -> str:
    """Return the SQL of the project of a row; null if no path leads to one."""
    found: list[str] = []
    columns = tables.table(entity_type).c
    for path in paths_of(tables, entity_type):
        if path.name not in columns:
            continue
        column = f"{_quoted(alias)}.{_quoted(columns[path.name].name)}"
        if isinstance(path, Column):
            found.append(column)
        elif isinstance(path, Link):
            found += (
                f"(SELECT {_project(tables, target, f'{alias}:{target}')} "  # noqa: S608 - names of the schema
                f"FROM {_quoted(tables.table(target).name)} AS "
                f"{_quoted(f'{alias}:{target}')} "
                f'WHERE {_quoted(f"{alias}:{target}")}."id" = {column})'
                for target in path.targets
                if target in tables.schema
            )
    return f"coalesce({', '.join([*found, 'NULL', 'NULL'])})"


# -- expressions -----------------------------------------------------------------


def _is_changed(column: str) -> str:
    return f"OLD.{_quoted(column)} IS NOT NEW.{_quoted(column)}"


def _changed_names(columns: Mapping[str, str]) -> str:
    """Return the SQL of a JSON array of the changed attributes, given their columns."""
    parts = (
        f"CASE WHEN {_is_changed(column)} THEN {_text(json.dumps(name) + ',')} "
        "ELSE '' END"
        for name, column in columns.items()
    )
    return f"json('[' || rtrim({' || '.join(parts)}, ',') || ']')"


def _without_nulls(row: _Row, names: Sequence[str]) -> str:
    """Return the SQL of a JSON object of the values that are not null."""
    content = "'{}'"
    for start in range(0, len(names), _MAX_PAIRS):
        chunk = names[start : start + _MAX_PAIRS]
        pairs = _json_object([(name, row.column(name)) for name in chunk])
        # A patch leaves out nulls.
        content = f"json_patch({content}, {pairs})"
    return content


def _json_object(pairs: Sequence[tuple[str, str]]) -> str:
    listed = ", ".join(f"{_text(name)}, {value}" for name, value in pairs)
    return f"json_object({listed})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
