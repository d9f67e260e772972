"""The file of a snapshot: rows as lines of JSON, compressed, after one of facts."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.row_import import LoadReport
from ftrack_orm.emulator.stock.studio import ADMIN_ID, SECURITY_ROLES
from ftrack_orm.errors.snapshot import SnapshotFileError
from ftrack_orm.schema.parse import parse_schema
from ftrack_orm.types import JSONObject

FORMAT: Final = 1
"""The number of the layout of the file."""


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """Where a snapshot comes from.

    Attributes:
        server_url: the server; empty if the snapshot is anonymous.
        projects: the names of its projects.
        is_anonymous: whether people, their texts and names of files were replaced.
        schema: the reply to ``query_schemas``.
        applied: the ids of the revisions that the server has.
    """

    server_url: str
    projects: Sequence[str]
    is_anonymous: bool
    schema: Sequence[JSONObject]
    applied: Sequence[str] = ()


def write_snapshot(path: Path, facts: SnapshotFacts, rows: Iterable[JSONObject]) -> int:
    """Write a snapshot that only its owner can read; return the number of rows.

    The file is written aside and renamed, so that a failure leaves an older one.

    Raises:
        SnapshotFileError: the file cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        count = 0
        with (
            os.fdopen(handle, "wb") as raw,
            gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as file,
        ):
            file.write(_line({"format": FORMAT, **asdict(facts)}))
            for row in rows:
                file.write(_line(row))
                count += 1
        part.replace(path)
    except OSError as error:
        raise SnapshotFileError(str(path), error.strerror or str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return count


def read_facts(path: Path) -> SnapshotFacts:
    """Return the facts of a snapshot.

    Raises:
        SnapshotFileError: there is no snapshot.
    """
    with _opened(path) as lines:
        return _facts(path, lines)


def open_snapshot(path: Path) -> tuple[Emulator, LoadReport]:
    """Return an emulator with the rows of a snapshot, and a report of their gaps.

    The emulator serves the schema of the snapshot's server. Its credentials belong to
    a user that the emulator adds.

    Raises:
        SnapshotFileError: there is no snapshot.
    """
    with _opened(path) as lines:
        facts = _facts(path, lines)
        emulator = Emulator(seed="empty", schema=parse_schema(facts.schema).schema)
        roles: set[str] = set()
        rows = (_loaded(json.loads(line), roles) for line in lines)
        report = emulator.load(rows)
        _remove_stock_roles(emulator, roles)
        return emulator, report


def _remove_stock_roles(emulator: Emulator, roles: Collection[str]) -> None:
    """Remove the roles of the emulator if the snapshot has its own.

    Two roles of one name would change the meaning of an attribute's roles. The
    emulator's user keeps its rights, which depend on the key of its role alone.
    """
    with emulator.storage.transaction() as connection:
        for role in SECURITY_ROLES if roles else ():
            if role.id not in roles:
                emulator.storage.delete(connection, "SecurityRole", (role.id,))


def _loaded(row: JSONObject, roles: set[str]) -> JSONObject:
    """Return a row to load, and add the key of a role to `roles`.

    The emulator's user keeps the name of its credentials.
    """
    if row["__entity_type__"] == "SecurityRole":
        roles.add(str(row["id"]))
    if row.get("id") == ADMIN_ID:
        return {name: value for name, value in row.items() if name != "username"}
    return row


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with gzip.open(path, "rb") as file:
            yield iter(file)
    except (OSError, EOFError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SnapshotFileError(str(path), reason) from error


def _facts(path: Path, lines: Iterator[bytes]) -> SnapshotFacts:
    first: dict[str, Any] = json.loads(next(lines, b"{}"))
    if first.pop("format", None) != FORMAT:
        raise SnapshotFileError(str(path), f"it has another format than {FORMAT}")
    return SnapshotFacts(**first)


def _line(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode() + b"\n"
