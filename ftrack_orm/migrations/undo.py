"""Plan the reverse of a run: the before-values of the units that it wrote."""

from __future__ import annotations

import itertools
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ftrack_orm.errors.migration_runs import UnknownRunError
from ftrack_orm.migrations.cascades import OWNERS
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.dependents import Dependents, has_dependents, row_reference
from ftrack_orm.migrations.graph import full_name
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.lock import read_history
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_store import PLAN_FOLDER, find_plan
from ftrack_orm.migrations.planned_change import Missing, PlannedChange, PlannedUnit
from ftrack_orm.migrations.preparation import require_independent
from ftrack_orm.migrations.undo_states import redo_obstacle
from ftrack_orm.migrations.unit_order import texts_of
from ftrack_orm.migrations.verification import VALUE_TYPE
from ftrack_orm.migrations.written_units import WrittenUnits
from ftrack_orm.types import JSON, Reference

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

_BLOCK: Final = 500
"""Units that are read together, as they are needed in the reverse order."""


def plan_undo(
    session: Session,
    run: str,
    path: Path | None = None,
    *,
    folder: Path = PLAN_FOLDER,
) -> PlanFile:
    """Return a plan that restores the values that a run replaced.

    A later edit of a value becomes a conflict when the plan is applied. Units that
    cannot be undone are listed by `PlanFile.skipped`: deletes of entities that others
    belonged to, and creates of entities that others belong to now. Events, status
    changes and mails stay, and link rows that a collection makes get new ids.

    Args:
        session: the connection.
        run: the run, or the revision whose runs are undone together.
        path: the file to write; a temporary one when not given.
        folder: the folder with plans.

    Raises:
        UnknownRunError: there is no such run, it is not applied, or another run has
            continued it.
        PlanRefusedError: an applied revision needs the one of the run.
        PlanNotFoundError: neither this computer nor the server has its plan.
    """
    client = RunClient(session)
    history = read_history(client)
    runs = applied_runs(history, run)
    _require_last(history, runs[0])
    require_independent(history, runs)
    with ExitStack() as stack:
        files = [
            stack.enter_context(
                find_plan(client, each, history.run(each) or {}, folder)
            )
            for each in runs
        ]
        written = [
            WrittenUnits(file, history, each)
            for file, each in zip(files, runs, strict=True)
        ]
        facts = _facts(client, history, runs)
        for name in ("attribute_keys", "names"):
            # For the words of its conflicts; the last run has the newest ones.
            facts[name] = dict(ChainMap(*(file.meta(name) or {} for file in files)))
        target = PlanFile.create(path)
        try:
            target.add_facts(facts)
            reversal = _Reversal(client, written, target.meta("undone_users"))
            target.add(reversal.units())
            reversal.add_obstacles(target)
            target.finish()
        except BaseException:
            target.discard()
            raise
    return target


def _require_last(history: History, run: str) -> None:
    """Raise if another run has continued a run.

    Raises:
        UnknownRunError: one has, or has made the changes again that the run has undone.
    """
    if obstacle := redo_obstacle(history, run):
        raise UnknownRunError(run, obstacle)
    if continued_by := history.continuation(run):
        revision = (history.run(run) or {}).get("revision")
        raise UnknownRunError(
            run,
            f"run {continued_by} has continued it; undo that one before, or both with "
            f"`ftrack-orm migrate undo {revision}`",
        )


def _facts(client: RunClient, history: History, runs: Sequence[str]) -> dict[str, JSON]:
    """Return the facts of a plan that undoes `runs`."""
    row = history.run(runs[-1]) or {}
    revision = history.revision(str(row.get("revision"))) or {}
    found = [(history.run(run) or {}).get("user") for run in runs]
    users: list[JSON] = [*sorted({str(user) for user in found if user})]
    return {
        "undo_of": list(runs),
        "needs": list(revision.get("needs") or ()),
        "undone_users": users,
        "title": f"undo {row.get('title') or runs[-1]}",
        "revision": row.get("revision"),
        "server_url": client.server_url,
        "server_id": (history.init or {}).get("server_id"),
    }


def applied_runs(history: History, name: str) -> tuple[str, ...]:
    """Return the run of that id, or the runs of a revision, the last one first.

    Args:
        history: the history.
        name: a run, or a revision or a part of its id.

    Raises:
        UnknownRunError: there is none, or it is not applied.
    """
    if history.run(name) is None:
        name = full_name(name, history.revisions)
    if runs := history.applied_runs(name):
        return runs
    revision = history.revision(name)
    if revision is not None and revision.get("marked"):
        raise UnknownRunError(
            name, "the revision was marked as applied by hand; name a run"
        )
    run = name if revision is None else str(revision.get("run"))
    row = history.run(run)
    if row is None:
        raise UnknownRunError(name, "the history does not have it")
    state = row.get("state")
    if history.fence(run) is not None:
        raise UnknownRunError(
            run, f"it was interrupted; `ftrack-orm migrate resume {run}` continues it"
        )
    if state != "applied":
        raise UnknownRunError(run, f"its state is {state}")
    return (run,)


class _Reversal:
    """The reversed units of some runs, and those that cannot be undone."""

    def __init__(
        self, client: RunClient, runs: Sequence[WrittenUnits], users: Iterable[str]
    ) -> None:
        """Store the units of the runs, of which the first one was the last to end."""
        self._obstacles: list[tuple[PlannedUnit, str]] = []
        self._client = client
        self._runs = runs
        self._dependents = Dependents(client, users)
        self._kept: set[Reference] = set()
        self._lost: dict[JSON, Reference] = {}

    def units(self) -> Iterator[PlannedUnit]:
        """Yield the reversed units, the last one first."""
        number = 0
        for written, block in self._blocks():
            below = self._dependents.of(map(_reference, _created(block)))
            for unit in reversed(block):
                reason = self._obstacle(unit, below)
                if reason is not None:
                    self._leave(unit)
                    self._obstacles.append((unit, reason))
                elif unit.changes:
                    number += 1
                    changes = tuple(
                        _with_filled(reverse(change), written)
                        for change in reversed(unit.changes)
                    )
                    yield PlannedUnit(number, unit.title, changes)

    def add_obstacles(self, target: PlanFile) -> None:
        """Record the units that cannot be undone in a plan."""
        for unit, reason in self._obstacles:
            change = unit.changes[0]
            key = ", ".join(map(str, change.key))
            target.add_skipped(change.entity_type, key, unit.title, reason)

    def _blocks(self) -> Iterator[tuple[WrittenUnits, list[PlannedUnit]]]:
        """Yield consecutive units of a run, the last ones first."""
        for written in self._runs:
            last_start = (max(written.upto, 1) - 1) // _BLOCK * _BLOCK + 1
            for start in range(last_start, 0, -_BLOCK):
                yield written, list(written.units(start, start + _BLOCK - 1))

    def _leave(self, unit: PlannedUnit) -> None:
        """Record the entities that stay as a unit left them."""
        self._kept.update(map(_reference, _made([unit])))
        self._kept.update(map(_reference, _moves([unit])))
        for change in unit.changes:
            if change.action == "delete" and len(change.key) == 1:
                self._lost[change.key[0]] = change.reference

    def _obstacle(
        self, unit: PlannedUnit, below: Mapping[Reference, frozenset[Reference]]
    ) -> str | None:
        """Return the reason why a unit cannot be undone, or ``None``."""
        for change in unit.changes:
            if change.action == "delete" and has_dependents(
                self._client.schema, change.entity_type
            ):
                return f"the rows deleted with {change.reference} cannot be restored"
            for value in texts_of(change.before):
                if value in self._lost:
                    return f"it referred to {self._lost[value]}, which is not restored"
            if change.action == "create":
                members = below.get(change.reference, frozenset())
                left = (members - self._made_by_run) | (members & self._kept)
                left -= self._moved_by_run.get(change.key[0], set()) - self._kept
                if left:
                    return f"{min(map(str, left))} belongs to {change.reference} now"
        return None

    @cached_property
    def _made_by_run(self) -> frozenset[Reference]:
        """Return the new entities, and the custom values of new ones."""
        units = itertools.chain.from_iterable(each.units() for each in self._runs)
        created: set[Reference] = set()
        values: list[Reference] = []
        for change in _made(units):
            reference = _reference(change)
            if change.action == "create":
                created.add(reference)
            else:
                values.append(reference)
        owners = {reference.key[0] for reference in created}
        created.update(value for value in values if value.key[-1] in owners)
        return frozenset(created)

    @cached_property
    def _moved_by_run(self) -> dict[JSON, set[Reference]]:
        """Return the entities that the runs moved to new ones, by the key of these."""
        units = itertools.chain.from_iterable(each.units() for each in self._runs)
        keys = {reference.key[0] for reference in self._made_by_run}
        moved: dict[JSON, set[Reference]] = {}
        for change in _moves(units):
            if isinstance(change.after, str) and change.after in keys:
                moved.setdefault(change.after, set()).add(_reference(change))
        return moved


def reverse(change: PlannedChange) -> PlannedChange:
    """Return the change that restores the value that `change` replaced."""
    entity_type, key = change.entity_type, change.key
    if change.action == "create":
        return PlannedChange(
            "delete", entity_type, key, None, change.after, Missing.ABSENT
        )
    is_value = entity_type.endswith(VALUE_TYPE)
    if change.action == "delete":
        if is_value and isinstance(change.before, dict):
            # Values of prefixed types cannot be created; an update stores one.
            value: JSON = change.before.get("value")
            return PlannedChange(
                "update", entity_type, key, "value", Missing.UNSET, value
            )
        values = change.before if isinstance(change.before, dict) else {}
        # A new row has no value where none is sent.
        sent: JSON = {
            name: value for name, value in values.items() if value is not None
        }
        return PlannedChange("create", entity_type, key, None, Missing.ABSENT, sent)
    if change.before is Missing.UNSET:
        before: dict[str, JSON] = {str(change.attribute): _json(change)}
        return PlannedChange("delete", entity_type, key, None, before, Missing.UNSET)
    return PlannedChange(
        "update", entity_type, key, change.attribute, change.after, change.before
    )


def _with_filled(change: PlannedChange, written: WrittenUnits) -> PlannedChange:
    """Add what the server filled in to the values that a delete compares."""
    if change.action != "delete" or not isinstance(change.before, dict):
        return change
    filled = written.filled.get(change.reference)
    return replace(change, before={**filled, **change.before}) if filled else change


def _json(change: PlannedChange) -> JSON:
    value = change.after
    return None if isinstance(value, Missing) else value


def _reference(change: PlannedChange) -> Reference:
    return row_reference(change.reference)


def _created(units: Iterable[PlannedUnit]) -> Iterator[PlannedChange]:
    for unit in units:
        yield from (change for change in unit.changes if change.action == "create")


def _made(units: Iterable[PlannedUnit]) -> Iterator[PlannedChange]:
    """Yield the changes after which a row exists that did not exist before."""
    for unit in units:
        for change in unit.changes:
            if change.action == "create" or change.before is Missing.UNSET:
                yield change


def _moves(units: Iterable[PlannedUnit]) -> Iterator[PlannedChange]:
    """Yield the changes that give a row another owner."""
    for unit in units:
        yield from (change for change in unit.changes if change.attribute in OWNERS)
