"""The changes that the runs of an applied revision have made.

A revision whose runs left units out can be planned again. Its function then meets the
values that those runs wrote; without their record, ``task.bid *= 2`` would double them
once more, and a second ``plan.add`` would create its entities twice. So a change that
an earlier run has made is taken out of the new plan.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.lock import read_history
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_store import PLAN_FOLDER, find_plan
from ftrack_orm.migrations.planned_change import (
    PlannedChange,
    PlannedEffect,
    canonical_json,
)
from ftrack_orm.migrations.undo_states import (
    effect_of,
    partly_undone_runs,
    undos_of,
)
from ftrack_orm.migrations.verification import VALUE_TYPE, stored_reference
from ftrack_orm.migrations.written_units import WrittenUnits

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

_WHOLE: Final = {"create": "+", "update": "", "delete": "-"}
"""The name of a change of a whole row, by action; no attribute has such a name."""

_TABLES: Final = """
create table changes (
    type text, key text, attribute text, made integer not null,
    primary key (type, key, attribute)
) without rowid;
create table created (key text primary key) without rowid;
create table creates (digest text not null, key text not null, made integer not null);
create index creates_by_digest on creates (digest, made desc);
create table digests (key text primary key, digest text not null) without rowid;
create table created_keys (new text primary key, made text not null) without rowid;
create table effects (call text primary key) without rowid;
create table taken (
    undo text, type text, key text, attribute text,
    primary key (undo, type, key, attribute)
) without rowid;
"""


class EarlierRuns:
    """The changes that the runs of a revision have made, in a database on the disk.

    A new entity has another id in each plan. It is recognised by its type and values,
    where ids of new entities count by the values of those. Its id in the new plan is
    replaced by the one on the server. No other change of an entity that the revision
    created is planned, as its function has not made one before either.

    A run that is undone counts with the units that its undo has left.

    Attributes:
        runs: the runs, the last one first; then those that are undone in part.
        applied: the runs that are not undone, the last one first.
        repeated: the number of changes that were taken out of the new plan.
        unknown_creates: the new creates of types that the runs have created too, by
            type: they equal no create of the earlier plans.
    """

    def __init__(self, runs: Sequence[str], undone: Sequence[str] = ()) -> None:
        """Begin without a change.

        Args:
            runs: the runs, the last one first.
            undone: the runs that are undone in part.
        """
        self.applied = tuple(runs)
        self.runs = (*runs, *undone)
        self.repeated = 0
        self.unknown_creates: Counter[str] = Counter()
        # An empty name is a file that SQLite deletes when it is closed.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLES)
        self._created_types: set[str] = set()

    @classmethod
    def read(
        cls, session: Session, revision: str, *, folder: Path = PLAN_FOLDER
    ) -> Self:
        """Return the changes of the runs of a revision.

        Reads the history in one request, and the plans in `folder` or on the server.

        Raises:
            PlanningError: the revision is applied, by no known run.
            PlanNotFoundError: neither this computer nor the server has a plan.
        """
        client = RunClient(session)
        history = read_history(client)
        runs = history.applied_runs(revision)
        state = (history.revision(revision) or {}).get("state")
        if not runs and state == "applied":
            raise PlanningError(
                f"The revision {revision} was marked as applied by hand, so its "
                "changes are not known. To plan all of it: ftrack-orm migrate mark "
                f"{revision} pending"
            )
        earlier = cls(runs, partly_undone_runs(history, revision))

        def plan_of(run: str) -> PlanFile:
            return find_plan(client, run, history.run(run) or {}, folder)

        try:
            for run in reversed(earlier.runs):
                with plan_of(run) as file:
                    earlier.add(file, history, run, plan_of)
        except BaseException:
            earlier.close()
            raise
        return earlier

    def close(self) -> None:
        """Delete the database."""
        self._database.close()

    def add(
        self,
        file: PlanFile,
        history: History,
        run: str,
        plan_of: Callable[[str], PlanFile] | None = None,
    ) -> None:
        """Record the plan of a run, after those of earlier runs.

        Args:
            file: the plan.
            history: the history.
            run: the run.
            plan_of: returns the plan of a run that has undone a part of this one.
        """
        written = WrittenUnits(file, history, run)
        self._database.execute("begin")
        undos = [] if plan_of is None else self._take_back(history, run, plan_of)
        for unit in file.units():
            if run not in self.applied:
                candidates = written.sent(unit)
            else:
                candidates = () if written.is_left_out(unit) else unit.changes
            made = [each for each in candidates if not self._is_taken(each, undos)]
            identities = set(map(id, made))
            for change in unit.changes:
                is_made = id(change) in identities
                if change.action == "create" and len(change.key) == 1:
                    self._record_create(change, is_made)
                self._record(change, is_made)
            if made or not (unit.changes or written.is_left_out(unit)):
                self._database.executemany(
                    "insert or ignore into effects values (?)",
                    [(_call(effect),) for effect in unit.effects],
                )
        self._database.execute("commit")

    def _take_back(
        self, history: History, run: str, plan_of: Callable[[str], PlanFile]
    ) -> list[str]:
        """Record the changes that undos of a run have reversed; return the undos."""
        undos = [
            undo
            for undo in undos_of(history, run)
            if effect_of(history, run) != "all" and effect_of(history, undo) != "none"
        ]
        for undo in undos:
            undone_again = self._take_back(history, undo, plan_of)
            with plan_of(undo) as file:
                written = WrittenUnits(file, history, undo)
                for unit in file.units():
                    changes = () if written.is_left_out(unit) else unit.changes
                    self._database.executemany(
                        "insert or ignore into taken values (?, ?, ?, ?)",
                        [
                            (undo, *_taken(change))
                            for change in changes
                            if not self._is_taken(change, undone_again)
                        ],
                    )
        return undos

    def _is_taken(self, change: PlannedChange, undos: Sequence[str]) -> bool:
        query = (
            "select 1 from taken"
            " where undo = ? and type = ? and key = ? and attribute = ?"
        )
        return any(
            self._database.execute(query, (undo, *_taken(change))).fetchone()
            for undo in undos
        )

    def _record(self, change: PlannedChange, is_made: bool) -> None:
        self._database.execute(
            "insert into changes values (?, ?, ?, ?)"
            " on conflict do update set made = max(made, excluded.made)",
            (*_row(change), change.attribute or _WHOLE[change.action], is_made),
        )

    def _record_create(self, change: PlannedChange, is_made: bool) -> None:
        digest = self._digest(change)
        key = str(change.key[0])
        self._database.execute(
            "insert into creates values (?, ?, ?)", (digest, key, is_made)
        )
        if is_made:
            self._created_types.add(change.entity_type)
            self._database.execute("insert or ignore into created values (?)", (key,))

    # -- the new plan ----------------------------------------------------------------

    def remaining(self, change: PlannedChange) -> PlannedChange | None:
        """Return a change of the new plan, or ``None`` if an earlier run has made it.

        The ids of new entities that exist are replaced in it.
        """
        if self._created_types:
            change = self._with_made_keys(change)
            if change.action == "create" and len(change.key) == 1:
                return self._remaining_create(change)
        if self._is_made(change):
            self.repeated += 1
            return None
        return change

    def _is_made(self, change: PlannedChange) -> bool:
        rows = self._database.execute(
            "select attribute, made from changes where type = ? and key = ?",
            _row(change),
        )
        made: dict[str, int] = dict(rows.fetchall())
        if len(change.key) > 1 and made:
            # A row with a composite key is one value, such as an item of metadata.
            return any(made.values())
        name = change.attribute or _WHOLE[change.action]
        if name in made:
            return bool(made[name])
        return any(map(self._is_created, change.key))

    def _is_created(self, key: Any) -> bool:
        found = self._database.execute("select 1 from created where key = ?", (key,))
        return found.fetchone() is not None

    def is_remaining(self, effect: PlannedEffect) -> bool:
        """Return whether no earlier run has made the call of an effect."""
        found = self._database.execute(
            "select 1 from effects where call = ?", (_call(effect),)
        )
        return found.fetchone() is None

    def _remaining_create(self, change: PlannedChange) -> PlannedChange | None:
        digest = self._digest(change)
        found = self._database.execute(
            "select rowid, key, made from creates where digest = ?"
            " order by made desc limit 1",
            (digest,),
        ).fetchone()
        if found is None:
            if change.entity_type in self._created_types:
                self.unknown_creates[change.entity_type] += 1
            return change
        row, key, is_made = found
        self._database.execute("delete from creates where rowid = ?", (row,))
        if not is_made:
            return change
        self._database.execute(
            "insert into created_keys values (?, ?)", (str(change.key[0]), key)
        )
        self.repeated += 1
        return None

    def _digest(self, change: PlannedChange) -> str:
        """Return the digest of the type and values of a new entity, and store it."""
        values = change.after if isinstance(change.after, dict) else {}
        own = str(change.key[0])
        content = {
            name: self._by_digest(value)
            for name, value in values.items()
            if value != own
        }
        text = canonical_json([change.entity_type, content])
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._database.execute(
            "insert or replace into digests values (?, ?)", (own, digest)
        )
        return digest

    def _by_digest(self, value: Any) -> Any:
        return self._replaced("select digest from digests where key = ?", value)

    def _with_made_keys(self, change: PlannedChange) -> PlannedChange:
        query = "select made from created_keys where new = ?"
        return replace(
            change,
            key=tuple(self._replaced(query, part) for part in change.key),
            before=self._replaced(query, change.before),
            after=self._replaced(query, change.after),
        )

    def _replaced(self, query: str, value: Any) -> Any:
        """Return a value in which a query has replaced the texts that it finds."""
        if isinstance(value, str):
            found = self._database.execute(query, (value,)).fetchone()
            return value if found is None else found[0]
        if isinstance(value, list):
            return [self._replaced(query, part) for part in value]
        if isinstance(value, dict):
            return {name: self._replaced(query, part) for name, part in value.items()}
        return value


def _row(change: PlannedChange) -> tuple[str, str]:
    """Return the type and the key of the row that a change writes."""
    reference = stored_reference(change.reference)
    return reference.entity_type, canonical_json(list(reference.key))


def _taken(change: PlannedChange) -> tuple[str, str, str]:
    """Return row and attribute of a change, equal for the change that reverses it."""
    entity_type, key = _row(change)
    is_value = entity_type == VALUE_TYPE
    return entity_type, key, "" if is_value else change.attribute or ""


def _call(effect: PlannedEffect) -> str:
    return canonical_json(
        [effect.function, list(effect.arguments), dict(effect.keywords)]
    )
