"""The places for the rows of the history: metadata of a component, or settings.

Both types have a composite key that the client chooses. `migrate init` creates the
history in the first store that the server accepts; a connection finds it by reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from ftrack_orm.errors.migration_runs import HistoryRowError
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.history_id import HISTORY_ID, SETTING_GROUP
from ftrack_orm.migrations.planned_change import canonical_json
from ftrack_orm.operations import AnyOperation, Create, Delete, Query, Update

COMPONENT_TYPE: Final = "FileComponent"
COMPONENT_NAME: Final = "ftrack-orm-history"

MAX_VALUE: Final = 4_000
"""Characters of the longest value; the limit of a server's column is not documented."""


class HistoryStore(Protocol):
    """A place for the rows of the history on a server."""

    @property
    def name(self) -> str:
        """Return the name of the store for people and in JSON."""
        ...

    @property
    def accepts_plans(self) -> bool:
        """Return whether plans can be stored as components of the server."""
        ...

    def container(self) -> Sequence[Create]:
        """Return the operations that the first row needs before it."""
        ...

    def create_row(self, key: str, value: Mapping[str, Any]) -> Create:
        """Return the operation that creates a row.

        Raises:
            HistoryRowError: the value is too long.
        """
        ...

    def update_row(self, key: str, value: Mapping[str, Any]) -> Update:
        """Return the operation that replaces the value of a row.

        Raises:
            HistoryRowError: the value is too long.
        """
        ...

    def delete_row(self, key: str) -> Delete:
        """Return the operation that deletes a row."""
        ...

    def rows_query(self, prefix: str = "") -> Query:
        """Return the query for the rows whose keys begin with `prefix`."""
        ...

    def parse(self, rows: Iterable[Mapping[str, Any]]) -> History:
        """Return the history of the rows of a query.

        Raises:
            HistoryRowError: a value is no JSON object.
        """
        ...


class MetadataStore:
    """Metadata of one component with a fixed id."""

    name = "metadata"
    accepts_plans = True

    def container(self) -> Sequence[Create]:
        """Return the operation that creates the component."""
        data = {
            "id": HISTORY_ID,
            "name": COMPONENT_NAME,
            "file_type": ".json",
            "size": 0,
        }
        return (Create(COMPONENT_TYPE, data, (HISTORY_ID,)),)

    def create_row(self, key: str, value: Mapping[str, Any]) -> Create:
        """Return the operation that creates a row."""
        data = {
            "parent_id": HISTORY_ID,
            "parent_type": COMPONENT_TYPE,
            "key": key,
            "value": _text(key, value),
        }
        return Create("Metadata", data, (HISTORY_ID, key))

    def update_row(self, key: str, value: Mapping[str, Any]) -> Update:
        """Return the operation that replaces the value of a row."""
        return Update("Metadata", (HISTORY_ID, key), {"value": _text(key, value)})

    def delete_row(self, key: str) -> Delete:
        """Return the operation that deletes a row."""
        return Delete("Metadata", (HISTORY_ID, key))

    def rows_query(self, prefix: str = "") -> Query:
        """Return the query for the rows whose keys begin with `prefix`."""
        condition = f' and key like "{prefix}%"' if prefix else ""
        rows = f'Metadata where parent_id is "{HISTORY_ID}"{condition}'
        return Query(f"select key, value from {rows}")  # noqa: S608 # ids of this package

    def parse(self, rows: Iterable[Mapping[str, Any]]) -> History:
        """Return the history of metadata rows."""
        return History.of(rows)


class SettingStore:
    """Settings of one group, for a server that refuses the metadata of a component."""

    name = "setting"
    accepts_plans = False

    def container(self) -> Sequence[Create]:
        """Return nothing: settings have no parent."""
        return ()

    def create_row(self, key: str, value: Mapping[str, Any]) -> Create:
        """Return the operation that creates a row."""
        data = {"name": key, "group": SETTING_GROUP, "value": _text(key, value)}
        return Create("Setting", data, (key, SETTING_GROUP))

    def update_row(self, key: str, value: Mapping[str, Any]) -> Update:
        """Return the operation that replaces the value of a row."""
        return Update("Setting", (key, SETTING_GROUP), {"value": _text(key, value)})

    def delete_row(self, key: str) -> Delete:
        """Return the operation that deletes a row."""
        return Delete("Setting", (key, SETTING_GROUP))

    def rows_query(self, prefix: str = "") -> Query:
        """Return the query for the rows whose keys begin with `prefix`."""
        condition = f' and name like "{prefix}%"' if prefix else ""
        rows = f'Setting where group is "{SETTING_GROUP}"{condition}'
        return Query(f"select name, value from {rows}")  # noqa: S608 # as above

    def parse(self, rows: Iterable[Mapping[str, Any]]) -> History:
        """Return the history of settings."""
        return History.of({"key": row["name"], "value": row["value"]} for row in rows)


METADATA: Final = MetadataStore()
SETTINGS: Final = SettingStore()
STORES: Final[tuple[HistoryStore, ...]] = (METADATA, SETTINGS)
"""The stores, in the order in which `migrate init` tries them."""


def write_row(
    store: HistoryStore, key: str, value: Mapping[str, Any], *, exists: bool
) -> AnyOperation:
    """Return the operation that stores a row, which `exists` or not."""
    return store.update_row(key, value) if exists else store.create_row(key, value)


def store_queries(prefix: str = "") -> list[Query]:
    """Return the query of each store, for one request."""
    return [store.rows_query(prefix) for store in STORES]


def choose_store(
    rows: Sequence[Sequence[Mapping[str, Any]]],
) -> tuple[HistoryStore | None, History]:
    """Return the store that has the history, and its rows.

    Args:
        rows: the rows of each store, in the order of `STORES`.

    Returns:
        The store is ``None`` where none has the row of `migrate init`; the history is
        then that of the metadata.
    """
    histories = [store.parse(found) for store, found in zip(STORES, rows, strict=True)]
    for store, history in zip(STORES, histories, strict=True):
        if history.init is not None:
            return store, history
    return None, histories[0]


def _text(key: str, value: Mapping[str, Any]) -> str:
    text = canonical_json(dict(value))
    if len(text) > MAX_VALUE:
        raise HistoryRowError(key, f"it has {len(text)} of {MAX_VALUE} characters")
    return text
