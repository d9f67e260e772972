"""A small production on an emulator, and its rows read past every client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest import mock

from sqlalchemy import Connection

from ftrack_models import (
    Appointment,
    Asset,
    AssetType,
    AssetVersion,
    ListCategory,
    Note,
    ObjectType,
    Priority,
    Project,
    ProjectSchema,
    Shot,
    Status,
    Task,
    Timelog,
    Type,
    TypedContextList,
    User,
)
from ftrack_orm import NO_RETRIES, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.storage.tables import ORDER
from tests.support.faulty_transport import FaultyTransport

FIELDS: dict[str, tuple[str, ...]] = {
    "Task": ("name", "description", "parent_id", "status_id", "priority_id"),
    "Shot": ("name", "description", "parent_id", "status_id"),
    "Note": ("content", "parent_id", "user_id"),
    "Timelog": ("comment", "duration", "context_id", "user_id"),
    "Appointment": ("type", "context_id", "resource_id"),
    "TypedContextList": ("name", "user_id", "category_id"),
    "AssetVersion": ("comment", "task_id", "status_id", "asset_id"),
}
"""The attributes that programs change, by type; server and Python names are equal."""

PAIRS: dict[str, tuple[str, str, str]] = {
    "items": ("ListObject", "list_id", "entity_id"),
    "uses": ("AssetVersionLink", "to_id", "from_id"),
}
"""The rows that join many-to-many relations, with the keys of both ends."""

TYPE = "__entity_type__"

Row = dict[str, Any]


@dataclass
class Rows:
    """The rows of a server, as far as programs change them.

    Attributes:
        rows: the values of each entity by id; the type is under `TYPE`.
        pairs: the joined ids of each many-to-many relation.
        metadata: the values by owner's id and key.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    pairs: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    metadata: dict[tuple[str, str], str] = field(default_factory=dict)

    def copy(self) -> Rows:
        return Rows(
            {key: dict(row) for key, row in self.rows.items()},
            {name: set(pairs) for name, pairs in self.pairs.items()},
            dict(self.metadata),
        )

    def of(self, entity_type: str) -> list[str]:
        """Return the ids of one type's entities, in order of creation."""
        return [key for key, row in self.rows.items() if row[TYPE] == entity_type]


class Production:
    """One emulator with a production, put back for each program.

    Attributes:
        emulator: the server.
        constants: ids of entities that no program changes, by type.
    """

    def __init__(self) -> None:
        self.random = Random(0)
        self.emulator = Emulator(seed="standard", ids=self._id)
        self.constants: dict[str, list[str]] = {}
        # No program may make an id that the production has.
        with self.repeatable(-1):
            self._furnish()
        self._clean = self.emulator.snapshot()

    def _id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    @contextmanager
    def repeatable(self, seed: int) -> Iterator[None]:
        """Make server and client choose the same ids for the same seed."""
        self.random = Random(f"server {seed}")
        ids = Random(f"client {seed}")

        def make() -> uuid.UUID:
            return uuid.UUID(int=ids.getrandbits(128), version=4)

        with mock.patch("uuid.uuid4", make):
            yield

    def restore(self) -> None:
        """Put the production back, and forget faults."""
        self.emulator.restore(self._clean)
        self.emulator.faults.clear()

    def session(self) -> tuple[Session, FaultyTransport]:
        """Return a session on the server, and its transport."""
        transport = FaultyTransport(self.emulator.transport())
        session = Session(transport=transport, check_schema="ignore", retry=NO_RETRIES)
        return session, transport

    def _furnish(self) -> None:
        session, _ = self.session()
        first: dict[str, Any] = {
            kind.__name__: session.select(kind).order_by(kind.id).limit(3).all()
            for kind in (ProjectSchema, Status, Priority, Type, AssetType, ObjectType)
        }
        category = session.select(ListCategory).order_by(ListCategory.id).all()
        project = Project(
            name="p", full_name="p", project_schema=first["ProjectSchema"][0]
        )
        users = [User(username="anna"), User(username="ben")]
        session.add_all([project, *users])
        shots = [Shot(name=f"shot {n}", parent=project) for n in range(3)]
        session.add_all(shots)
        tasks = [Task(name=f"task {n}", parent=shots[n % 2]) for n in range(3)]
        session.add_all(tasks)
        asset = Asset(name="asset", parent=shots[0], type=first["AssetType"][0])
        session.add(asset)
        versions = [AssetVersion(asset=asset, task=task) for task in tasks[:2]]
        session.add_all(versions)
        lists = [
            TypedContextList(name=f"list {n}", project=project, category=category[n])
            for n in range(2)
        ]
        session.add_all(lists)
        lists[0].items.append(tasks[0])
        notes = [Note(content=f"note {n}", author=users[0]) for n in range(2)]
        session.add_all(notes)
        tasks[0].notes.extend(notes)
        session.add(Timelog(context=tasks[0], user=users[0], duration=60))
        session.add(Appointment(context=tasks[0], resource=users[0], type="assignment"))
        tasks[0].metadata["source"] = "made"
        session.commit()
        self.constants = {
            "Status": [one.id for one in first["Status"]],
            "Priority": [one.id for one in first["Priority"]],
            "ListCategory": [one.id for one in category],
            "Project": [project.id],
            "User": [one.id for one in users],
            "Asset": [asset.id],
        }

    def read(self) -> Rows:
        """Return the rows of the server as its database has them.

        Programs read after each write, so the statements are plain SQL: built by the
        storage, they took a tenth of the time of all programs.
        """
        read = Rows()
        with self.emulator.storage.transaction() as connection:
            for entity_type, names in FIELDS.items():
                for key, *values in self._rows(connection, entity_type, "id", *names):
                    row = {TYPE: entity_type, **dict(zip(names, values, strict=True))}
                    read.rows[key] = row
            for relation, (through, owner, member) in PAIRS.items():
                pairs = self._rows(connection, through, owner, member)
                read.pairs[relation] = {(one, other) for one, other in pairs}
            metadata = self._rows(connection, "Metadata", "parent_id", "key", "value")
            read.metadata = {(owner, key): value for owner, key, value in metadata}
        return read

    def _rows(
        self, connection: Connection, entity_type: str, *names: str
    ) -> list[tuple[Any, ...]]:
        root = self.emulator.storage.tables.root(entity_type)
        kind = "" if root == entity_type else f"where __type__ = '{entity_type}'"
        columns = ", ".join(f'"{name}"' for name in names)
        statement = f'select {columns} from "{root}" {kind} order by {ORDER}'  # noqa: S608 - our own names
        return [tuple(row) for row in connection.exec_driver_sql(statement)]
