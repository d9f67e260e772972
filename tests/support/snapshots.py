"""Snapshots of the demo production."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from ftrack_orm import Session
from ftrack_orm.cli.anonymity import anonymous
from ftrack_orm.cli.snapshot_file import SnapshotFacts, write_snapshot
from ftrack_orm.cli.snapshot_reading import SnapshotReader
from ftrack_orm.emulator import Emulator

PROJECT: Final = "bunny"


def pull(
    server: Emulator, path: Path, *, without: tuple[str, ...] = (), hide: bool = False
) -> Counter[str]:
    """Write a snapshot; return the number of rows by type."""
    counts: Counter[str] = Counter()
    with Session(transport=server.transport(), check_schema="ignore") as session:
        reader = SnapshotReader(session)
        rows = reader.read([PROJECT], without=without, on_rows=counts.__setitem__)
        facts = SnapshotFacts("x", [PROJECT], hide, reader.schema.to_json())
        write_snapshot(path, facts, anonymous(rows) if hide else rows)
    return counts
