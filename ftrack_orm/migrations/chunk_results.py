"""Convert the verdicts of a chunk to operations, counts and rows of the history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ftrack_orm.migrations.change_text import ChangeTexts
from ftrack_orm.migrations.chunks import decode_numbers, encode_numbers
from ftrack_orm.migrations.history_store import MAX_VALUE
from ftrack_orm.migrations.planned_change import canonical_json, operations_of
from ftrack_orm.migrations.verification import Verdict, sent_operation
from ftrack_orm.operations import WriteOperation
from ftrack_orm.types import JSONObject

_POSITIONS: Final = 500
"""Positions of changes in one row; each takes a few characters."""


def is_applied(verdict: Verdict) -> bool:
    """Return whether a unit is written, or has effects alone."""
    return not verdict.conflicts and bool(verdict.to_write or not verdict.unit.changes)


def fitting(verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
    """Return the first verdicts, as many as one `skip` row can describe."""
    while len(verdicts) > 1 and len(canonical_json(skip_value(verdicts))) > MAX_VALUE:
        verdicts = verdicts[: len(verdicts) // 2]
    return verdicts


def chunk_operations(verdicts: Sequence[Verdict]) -> Iterator[WriteOperation]:
    """Yield the operations of the units without a conflict."""
    for verdict in verdicts:
        if not verdict.conflicts:
            for operation in operations_of(verdict.to_write):
                yield sent_operation(operation)


def skip_value(verdicts: Sequence[Verdict]) -> JSONObject:
    """Return the value of a `skip` row: the units that are not written, or in part.

    Members: ``conflicts`` and ``already`` list units as `encode_numbers` does;
    ``parts`` has the positions of the changes that are written, by unit.
    """
    conflicts: list[int] = []
    already: list[int] = []
    parts: JSONObject = {}
    for verdict in verdicts:
        number = verdict.unit.number
        if verdict.conflicts:
            conflicts.append(number)
        elif not is_applied(verdict):
            already.append(number)
        elif verdict.already:
            positions = [
                index
                for index, change in enumerate(verdict.unit.changes)
                if any(change is written for written in verdict.to_write)
            ]
            parts[str(number)] = encode_numbers(index + 1 for index in positions)
    value: JSONObject = {}
    if conflicts:
        value["conflicts"] = encode_numbers(conflicts)
    if already:
        value["already"] = encode_numbers(already)
    if parts:
        value["parts"] = parts
    return value


def skip_values(verdicts: Sequence[Verdict]) -> list[JSONObject]:
    """Return the value of `skip_value` in as many as rows can hold; none if empty."""
    value = skip_value(verdicts)
    if not value:
        return []
    if len(canonical_json(value)) <= MAX_VALUE:
        return [value]
    half = len(verdicts) // 2
    if half:
        return [*skip_values(verdicts[:half]), *skip_values(verdicts[half:])]
    # A unit of thousands of changes.
    return [
        {"parts": {number: encode_numbers(positions[start : start + _POSITIONS])}}
        for number, text in value["parts"].items()
        for positions in [decode_numbers(text)]
        for start in range(0, len(positions), _POSITIONS)
    ]


def chunk_note(verdicts: Sequence[Verdict], texts: ChangeTexts) -> JSONObject:
    """Return the conflicts of a chunk, for the plan file and the reports."""
    rows = [
        {**conflict.to_json(), "text": texts.conflict(conflict)}
        for verdict in verdicts
        for conflict in verdict.conflicts
    ]
    return {"conflict_rows": rows} if rows else {}
