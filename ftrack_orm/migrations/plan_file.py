"""The file of a plan: one SQLite database that a run can stop and resume from.

Only the standard library reads and writes it. Its access rights admit the owner alone,
because a plan holds values of the production.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pydantic_core import from_json

from ftrack_orm.errors.migrations import PlanEditedError, PlanFileError
from ftrack_orm.migrations.history_id import HISTORY_ID, SETTING_GROUP
from ftrack_orm.migrations.planned_change import (
    PlannedChange,
    PlannedEffect,
    PlannedUnit,
    canonical_json,
)
from ftrack_orm.types import JSON

FORMAT: Final = 1
"""The number of the layout of the tables."""

_TABLES: Final = """
create table meta (name text primary key, value text not null) without rowid;
create table units (number integer primary key, title text not null);
create table operations (
    seq integer primary key, unit integer not null, action text not null,
    type text not null, key text not null, attribute text,
    before text not null, after text not null, cascade text
);
create index operations_of_unit on operations (unit, seq);
create table effects (
    seq integer primary key, unit integer not null, function text not null,
    arguments text not null, keywords text not null
);
create index effects_of_unit on effects (unit, seq);
create table skipped (
    seq integer primary key, type text not null, key text not null,
    title text not null, reason text not null
);
create table runs (run text primary key, state text not null) without rowid;
create table steps (
    run text not null, number integer not null, record text not null,
    primary key (run, number)
) without rowid;
"""

_ROW_TYPE: Final = (
    "case when type like '%CustomAttributeValue' then 'CustomAttributeValue'"
    " else type end"
)
"""The type of a row: several types write the rows of custom attribute values."""


def _connection(path: Path) -> sqlite3.Connection:
    # The garbage collector may close a plan in another thread than its own.
    return sqlite3.connect(path, check_same_thread=False)


class PlanFile:
    """The tables of one plan.

    A file made by `create` is complete once `finish` has written its digest. Use it as
    a context manager, or call `close`.

    Attributes:
        path: the database file.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def create(cls, path: Path | None = None) -> PlanFile:
        """Return a new, empty file at `path`, or a temporary one.

        Raises:
            PlanFileError: the file exists, or it cannot be written.
        """
        if path is None:
            handle, name = tempfile.mkstemp(suffix=".plan", prefix="ftrack_orm-")
            os.close(handle)
            path = Path(name)
        else:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                # Created with its final rights, so that no one can read it meanwhile.
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            except OSError as error:
                reason = error.strerror or str(error)
                raise PlanFileError(str(path), reason) from error
        connection = _connection(path)
        file = cls(path, connection)
        try:
            # A plan without its digest is refused, so nothing before that waits for
            # the disk; `finish` does, once for the whole file.
            connection.execute("pragma synchronous = off")
            connection.executescript(f"begin; {_TABLES} commit;")
            file.set_meta("format", FORMAT)
        except (sqlite3.Error, PlanFileError) as error:
            file.discard()
            raise _unwritable(path, error) from error
        return file

    @classmethod
    def open(cls, path: Path) -> PlanFile:
        """Return the plan at `path`.

        Raises:
            PlanFileError: there is no such file, it is no plan, or it has another
                format.
        """
        if not path.is_file():
            raise PlanFileError(str(path), "there is no such file")
        file = cls(path, _connection(path))
        try:
            found = file.meta("format")
        except sqlite3.DatabaseError as error:
            file.close()
            raise PlanFileError(str(path), "it is no plan file") from error
        if found != FORMAT:
            file.close()
            raise PlanFileError(str(path), f"it has the format {found}, not {FORMAT}")
        return file

    def copy_to(self, path: Path) -> None:
        """Write a copy of the file; `path` gets its final rights before any content.

        Raises:
            PlanFileError: the file exists, or it cannot be written; nothing is left.
        """
        with PlanFile.create(path) as copy:
            try:
                copy._wait_for_disk()
                self._connection.backup(copy._connection)
            except sqlite3.Error as error:
                copy.close()
                path.unlink()
                raise _unwritable(path, error) from error

    def close(self) -> None:
        """Close the database; the file stays."""
        self._connection.close()

    def discard(self) -> None:
        """Close the database and delete the file, which is incomplete."""
        self.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of the block or nothing.

        Raises:
            PlanFileError: the file cannot be written.
        """
        try:
            with self._connection as connection:
                yield connection
        except sqlite3.Error as error:
            raise _unwritable(self.path, error) from error

    # -- content -------------------------------------------------------------------

    def meta(self, name: str) -> Any:
        """Return the JSON value of `name`, or ``None``."""
        row = self._connection.execute(
            "select value from meta where name = ?", (name,)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def set_meta(self, name: str, value: JSON) -> None:
        """Store the JSON value of `name`."""
        self.add_facts({name: value})

    def add_facts(self, facts: Mapping[str, JSON]) -> None:
        """Store JSON values by name in one transaction."""
        with self.transaction() as connection:
            connection.executemany(
                "insert or replace into meta values (?, ?)",
                [(name, canonical_json(value)) for name, value in facts.items()],
            )

    def add(self, units: Iterator[PlannedUnit]) -> None:
        """Append `units` in one transaction; their numbers continue those here."""
        with self.transaction() as connection:
            for unit in units:
                _insert(connection, unit)

    def add_skipped(self, entity_type: str, key: str, title: str, reason: str) -> None:
        """Record an entity that the plan leaves alone, and the reason."""
        with self.transaction() as connection:
            connection.execute(
                "insert into skipped (type, key, title, reason) values (?, ?, ?, ?)",
                (entity_type, key, title, reason),
            )

    def skipped(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield type, key, title and reason of the entities left alone."""
        yield from self._connection.execute(
            "select type, key, title, reason from skipped order by seq"
        )

    def repeated(self) -> tuple[str, str, str | None] | None:
        """Return type, key and attribute of a value that two changes set, or ``None``.

        A row that is deleted counts as one whose values are all set.
        """
        for columns, condition in (
            ("row, key, attribute", "sum(action = 'update') > 1"),
            ("row, key", "sum(action = 'delete') > 0 and count(*) > 1"),
        ):
            found = self._connection.execute(
                f"select type, key, attribute from (select *, {_ROW_TYPE} as row"  # noqa: S608 # constants
                f" from operations) group by {columns} having {condition} limit 1"
            ).fetchone()
            if found is not None:
                entity_type, key, attribute = found
                return entity_type, ", ".join(map(str, json.loads(key))), attribute
        return None

    def skipped_count(self) -> int:
        """Return the number of entities left alone."""
        (count,) = self._connection.execute("select count(*) from skipped").fetchone()
        return int(count)

    def unit_count(self) -> int:
        """Return the number of units."""
        (count,) = self._connection.execute("select count(*) from units").fetchone()
        return int(count)

    def action_counts(self) -> dict[str, int]:
        """Return the number of changes by action."""
        rows = self._connection.execute(
            "select action, count(*) from operations group by action"
        )
        return dict(rows.fetchall())

    def has_effects(self) -> bool:
        """Return whether a unit has effects."""
        row = self._connection.execute("select 1 from effects limit 1").fetchone()
        return row is not None

    def changes_history(self, *, outside: str) -> bool:
        """Return whether a change is one of the history of migrations, in any store.

        Args:
            outside: the beginning of the keys of rows that do not count.
        """
        row = self._connection.execute(
            "select 1 from operations where (instr(key, ?)"
            " and instr(coalesce(json_extract(key, '$[1]'), ''), ?) <> 1)"
            " or (type = 'Setting' and json_extract(key, '$[1]') = ?"
            " and instr(json_extract(key, '$[0]'), ?) <> 1) limit 1",
            (HISTORY_ID, outside, SETTING_GROUP, outside),
        ).fetchone()
        return row is not None

    def units(self, first: int = 1, last: int | None = None) -> Iterator[PlannedUnit]:
        """Yield the units from number `first` to `last`, read as they are needed."""
        rows = self._connection.execute(
            "select number, title from units where number >= ? and number <= ?"
            " order by number",
            (first, last if last is not None else 2**62),
        )
        for number, title in rows:
            yield PlannedUnit(
                number,
                title,
                tuple(self._changes(number)),
                tuple(self._effects(number)),
            )

    def execute(
        self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> sqlite3.Cursor:
        """Return the rows of a query; a statement may also make temporary tables."""
        return self._connection.execute(statement, values)

    def finish(self) -> str:
        """Store the digest of the units, with all before it on the disk; return it."""
        digest = self.computed_digest()
        self._wait_for_disk()
        self.set_meta("digest", digest)
        return digest

    def _wait_for_disk(self) -> None:
        """Let each further transaction end when the disk has the whole file."""
        self._connection.execute("pragma synchronous = full")

    def check_digest(self) -> str:
        """Return the stored digest.

        Raises:
            PlanEditedError: the units differ from those that were stored.
            PlanFileError: the plan was never finished.
        """
        recorded = self.meta("digest")
        if recorded is None:
            raise PlanFileError(str(self.path), "planning was interrupted")
        actual = self.computed_digest()
        if actual != recorded:
            raise PlanEditedError(str(self.path), str(recorded), actual)
        return actual

    def computed_digest(self) -> str:
        """Return the SHA-256 of the canonical lines of all units, in hexadecimal."""
        digest = hashlib.sha256()
        for unit in self.units():
            digest.update(unit.canonical_line().encode("ascii") + b"\n")
        return digest.hexdigest()

    def _changes(self, unit: int) -> Iterator[PlannedChange]:
        rows = self._connection.execute(
            "select action, type, key, attribute, before, after, cascade"
            " from operations where unit = ? order by seq",
            (unit,),
        )
        for action, entity_type, key, attribute, before, after, cascade in rows:
            # One call of a fast parser: large plans consist of small values.
            values = from_json(f"[{key},{before},{after},{cascade or 'null'}]")
            yield PlannedChange.from_json(
                [action, entity_type, values[0], attribute, *values[1:]]
            )

    def _effects(self, unit: int) -> Iterator[PlannedEffect]:
        rows = self._connection.execute(
            "select function, arguments, keywords from effects"
            " where unit = ? order by seq",
            (unit,),
        )
        for function, arguments, keywords in rows:
            yield PlannedEffect(
                function, tuple(json.loads(arguments)), json.loads(keywords)
            )

    # -- runs ----------------------------------------------------------------------

    def record_run(self, run: str, state: str) -> None:
        """Store the state of a run."""
        with self.transaction() as connection:
            connection.execute(
                "insert or replace into runs values (?, ?)", (run, state)
            )

    def record_end(self, run: str) -> None:
        """Store that a run has ended, if the file can be written.

        The server has the end of the run, so a full disk hides nothing.
        """
        with suppress(PlanFileError):
            self.record_run(run, "applied")

    def runs(self) -> dict[str, str]:
        """Return the state of each run, by its identifier."""
        return dict(self._connection.execute("select run, state from runs"))

    def record_step(self, run: str, number: int, record: JSON) -> None:
        """Store the record of request `number` of a run."""
        with self.transaction() as connection:
            connection.execute(
                "insert or replace into steps values (?, ?, ?)",
                (run, number, canonical_json(record)),
            )

    def steps(self, run: str) -> Iterator[tuple[int, Any]]:
        """Yield number and record of the requests of a run, in order."""
        rows = self._connection.execute(
            "select number, record from steps where run = ? order by number", (run,)
        )
        for number, record in rows:
            yield number, json.loads(record)


def _unwritable(path: Path, error: Exception) -> PlanFileError:
    if isinstance(error, PlanFileError):
        return error
    return PlanFileError(
        str(path), f"it cannot be written ({error})", "Free space on the disk."
    )


def _insert(connection: sqlite3.Connection, unit: PlannedUnit) -> None:
    connection.execute("insert into units values (?, ?)", (unit.number, unit.title))
    connection.executemany(
        "insert into operations"
        " (unit, action, type, key, attribute, before, after, cascade)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                unit.number,
                action,
                entity_type,
                json.dumps(key),
                attribute,
                json.dumps(before, sort_keys=True),
                json.dumps(after, sort_keys=True),
                json.dumps(cascade[0], sort_keys=True) if cascade else None,
            )
            for action, entity_type, key, attribute, before, after, *cascade in (
                change.to_json() for change in unit.changes
            )
        ],
    )
    connection.executemany(
        "insert into effects (unit, function, arguments, keywords) values (?, ?, ?, ?)",
        [
            (
                unit.number,
                effect.function,
                json.dumps(effect.arguments),
                json.dumps(effect.keywords, sort_keys=True),
            )
            for effect in unit.effects
        ],
    )
