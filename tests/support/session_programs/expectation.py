"""The rows that a server must have after a commit, worked out without a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.session_programs.production import TYPE, Row, Rows

OWNERS: dict[str, tuple[str, ...]] = {
    "Task": ("parent_id",),
    "Note": ("parent_id",),
    "Timelog": ("context_id",),
    "Appointment": ("context_id", "resource_id"),
    "AssetVersion": ("asset_id",),
}
"""The keys whose rows take an entity along when they are deleted (protocol 6.4)."""


@dataclass
class Edits:
    """The changes of one session that were not sent, as its user made them.

    Attributes:
        created: the values of new entities by id.
        values: new values of existing entities by id and name.
        removed: ids of entities to delete.
        pairs: whether a pair of a many-to-many relation is to be there.
        through: the end of each pair whose collection was edited.
        metadata: new values by owner's id and key, ``None`` where the key goes.
    """

    created: dict[str, Row] = field(default_factory=dict)
    values: dict[str, Row] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    pairs: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    through: dict[tuple[str, str, str], str] = field(default_factory=dict)
    metadata: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def set(self, key: str, name: str, value: Any) -> None:
        """Note a new value of an entity, new or not."""
        row = self.created.get(key)
        if row is None:
            row = self.values.setdefault(key, {})
        row[name] = value

    def forget(self, key: str) -> None:
        """Drop the edits of one entity, and the pairs that it is an end of."""
        self.created.pop(key, None)
        self.values.pop(key, None)
        self.removed.pop(key, None)
        self.pairs = {
            pair: is_in for pair, is_in in self.pairs.items() if key not in pair
        }
        self.metadata = {
            row: value for row, value in self.metadata.items() if row[0] != key
        }

    def applied_to(self, before: Rows) -> Rows:
        """Return the rows of a server that has applied the edits."""
        after = before.copy()
        for key, values in self.created.items():
            # The server may fill attributes that have no value.
            after.rows[key] = {
                name: value for name, value in values.items() if value is not None
            }
        for key, values in self.values.items():
            if key in after.rows:
                after.rows[key].update(values)
        for (relation, owner, member), is_in in self.pairs.items():
            if is_in:
                after.pairs[relation].add((owner, member))
            else:
                after.pairs[relation].discard((owner, member))
        for row, value in self.metadata.items():
            if value is None:
                after.metadata.pop(row, None)
            else:
                after.metadata[row] = value
        for key in self.removed:
            delete(after, key)
        return after


def delete(rows: Rows, key: str) -> None:
    """Delete an entity and everything that goes with it."""
    if rows.rows.pop(key, None) is None:
        return
    rows.pairs = {
        relation: {pair for pair in pairs if key not in pair}
        for relation, pairs in rows.pairs.items()
    }
    rows.metadata = {
        row: value for row, value in rows.metadata.items() if row[0] != key
    }
    for other, row in tuple(rows.rows.items()):
        names = OWNERS.get(row[TYPE], ())
        if any(row.get(name) == key for name in names):
            delete(rows, other)
        elif row.get("task_id") == key:
            row["task_id"] = None


def differences(expected: Rows, actual: Rows) -> list[str]:
    """Return where the rows of a server are not the expected ones, in words.

    Values that are not in an expected row, such as the server's defaults of a new
    entity, are not compared.
    """
    lines = []
    for key in sorted({*expected.rows, *actual.rows}):
        want, have = expected.rows.get(key), actual.rows.get(key)
        if want is None or have is None:
            lines.append(f"{key}: expected {want}, the server has {have}")
            continue
        lines += [
            f"{want[TYPE]} {key}.{name}: expected {value!r}, got {have.get(name)!r}"
            for name, value in want.items()
            if have.get(name) != value
        ]
    for relation, pairs in expected.pairs.items():
        if pairs != actual.pairs[relation]:
            lines.append(f"{relation}: expected {pairs}, got {actual.pairs[relation]}")
    if expected.metadata != actual.metadata:
        lines.append(f"metadata: expected {expected.metadata}, got {actual.metadata}")
    return lines
