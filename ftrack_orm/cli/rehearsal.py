"""Try revisions on an emulator: apply with a kill, resume, verify, undo, compare."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.cli.planning import ModulePlanner, RevisionFolder, require_accepted
from ftrack_orm.errors.migration_runs import PlanRefusedError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.comparison import verify
from ftrack_orm.migrations.history_id import HISTORY_ID, SETTING_GROUP
from ftrack_orm.migrations.lock import read_history
from ftrack_orm.migrations.options import Outcome, RunOptions
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import operations_of
from ftrack_orm.migrations.probes import initialize
from ftrack_orm.migrations.revision import LoadedModule
from ftrack_orm.migrations.runs import apply, interrupted_runs, resume
from ftrack_orm.migrations.status import mark_revision
from ftrack_orm.migrations.undo import plan_undo
from ftrack_orm.session.session import Session

if TYPE_CHECKING:
    from ftrack_orm.emulator import Emulator
    from ftrack_orm.entity.registry import Registry

NOT_COMPARED: Final = "status changes, events, feeds and the history of migrations"
"""The rows that an undo leaves, for messages."""

_VOLATILE: Final = frozenset({"Event", "Feed"})
_STATUS_CHANGE: Final = "StatusChange"
_OF_THE_SERVER: Final = frozenset({"created_at", "created_by_id"})
"""Attributes that a server sets again when a deleted row is created again."""

_PLAN_NAME: Final = "ftrack-orm-"
_CHUNKS: Final = 4
"""Requests with changes of an applied plan, so that there is a middle."""

_Row = tuple[str, str]
"""The type and the key of a row."""


@dataclass(frozen=True, slots=True)
class RehearsedModule:
    """The result of one revision or tool.

    Attributes:
        name: the id of the revision, or the name of the tool.
        title: the title of the plan.
        changes: the number of planned changes.
        units: the number of planned units.
        before_kill: units that were processed when the run was killed.
        requests: requests of planning, both runs, verification and undo.
        conflicts: units that were left out because a row had changed.
        refused: units that the emulator refused.
        different: values that differed from the plan after the run.
        not_undone: descriptions of units that cannot be undone.
    """

    name: str
    title: str
    changes: int
    units: int
    before_kill: int = 0
    requests: int = 0
    conflicts: int = 0
    refused: int = 0
    different: int = 0
    not_undone: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        names = self.__slots__
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The result of a rehearsal.

    Attributes:
        rows: rows of the emulator at the beginning.
        modules: the results, in the order of the runs.
        differences: a line for each type whose rows are not those of the beginning.
    """

    rows: int
    modules: tuple[RehearsedModule, ...]
    differences: tuple[str, ...]

    @property
    def is_restored(self) -> bool:
        """Return whether everything was written, and the end is the beginning."""
        return not self.differences and not any(
            each.different or each.conflicts or each.refused for each in self.modules
        )


@dataclass
class Rehearser:
    """Rehearses modules on an emulator.

    Attributes:
        emulator: the server; its rows are changed.
        models: the package of models.
        folder: an empty folder for plans.
    """

    emulator: Emulator
    models: str
    folder: Path
    _runs: list[tuple[str, RehearsedModule]] = field(default_factory=list)

    def rehearse(
        self,
        modules: Sequence[LoadedModule],
        settings: Mapping[str, str],
        found: Mapping[str, LoadedModule],
    ) -> Rehearsal:
        """Apply modules in order, undo them in the reverse order, and compare.

        Args:
            modules: revisions and tools.
            settings: the parameters of the modules, as texts.
            found: all revisions of the folder by id; those that are not among the
                modules are taken for applied.

        Raises:
            PlanRefusedError: a finding stops a plan, or it has effects.
            PreconditionError: the emulator lacks names of frozen models.
            FtrackError: a run stopped for another reason.
        """
        with self._connect(self.models) as session:
            client = RunClient(session)
            initialize(client)
            own = {module.name for module in modules}
            applied = {*found, *chain.from_iterable(map(_needs, modules))} - own
            for name in sorted(applied):
                mark_revision(client, name, "applied")
            before = rows_of(self.emulator)
            revisions = RevisionFolder(found, dict.fromkeys(applied, "applied"))
            planner = ModulePlanner(session, self._connect, revisions)
            for module in modules:
                self._apply(planner, module, settings)
        results = [self._undone(run, result) for run, result in reversed(self._runs)]
        differences = differences_of(before, rows_of(self.emulator))
        return Rehearsal(len(before), tuple(reversed(results)), tuple(differences))

    def _connect(self, models: Registry | str) -> Session:
        transport = self.emulator.transport()
        return Session(transport=transport, models=models, check_schema="ignore")

    def _apply(
        self,
        planner: ModulePlanner,
        module: LoadedModule,
        settings: Mapping[str, str],
    ) -> None:
        """Plan a module, apply it with a kill in the middle, resume and verify."""
        before = self.emulator.call_log.total
        path = self.folder / f"{len(self._runs)}.plan"
        with planner.plan(module, settings) as plan:
            require_accepted(plan)
            plan.save(path)
            result = RehearsedModule(
                module.name, plan.title, plan.changes, plan.unit_count
            )
        with PlanFile.open(path) as file:
            _require_no_effects(file)
            killer = _Killer(self.emulator, file)
            outcome = self._run(file, killer)
        result = replace(
            result,
            before_kill=killer.upto,
            conflicts=outcome.conflicts,
            refused=outcome.refused,
        )
        if outcome.run:
            with self._connect(self.models) as session:
                checked = verify(session, outcome.run, folder=self.folder)
            result = replace(result, different=checked.different)
        requests = self.emulator.call_log.total - before
        self._runs.append((outcome.run, replace(result, requests=requests)))

    def _run(self, file: PlanFile, killer: _Killer) -> Outcome:
        """Apply a plan until it is killed, and continue in another session."""
        options = replace(_OPTIONS, chunk=killer.chunk, on_event=killer.on_event)
        try:
            with self._connect(self.models) as session:
                return apply(session, file, options=options)
        except _Killed:
            file.close()
        finally:
            self.emulator.faults.clear()
        with self._connect(self.models) as session:
            [run] = interrupted_runs(read_history(RunClient(session)))
            return resume(
                session, run, folder=self.folder, by_force=True, options=_OPTIONS
            )

    def _undone(self, run: str, result: RehearsedModule) -> RehearsedModule:
        """Undo a run; return the result with the units that cannot be undone."""
        if not run:
            return result
        before = self.emulator.call_log.total
        path = self.folder / f"undo-{run}.plan"
        with (
            self._connect(self.models) as session,
            plan_undo(session, run, path, folder=self.folder) as file,
        ):
            left = [f"{title}: {reason}" for _, _, title, reason in file.skipped()]
            outcome = apply(session, file, options=_OPTIONS)
        return replace(
            result,
            requests=result.requests + self.emulator.call_log.total - before,
            conflicts=result.conflicts + outcome.conflicts,
            refused=result.refused + outcome.refused,
            not_undone=tuple(left),
        )


def _needs(module: LoadedModule) -> Iterable[str]:
    return () if module.revision is None else module.revision.needs


def _require_no_effects(file: PlanFile) -> None:
    """Raise if a plan calls functions.

    Raises:
        PlanRefusedError: a rehearsal would call them on the real files.
    """
    if file.has_effects():
        raise PlanRefusedError(
            "it has effects, which would run outside of the emulator",
            "Rehearse the revision without plan.effect().",
        )


# -- the kill --------------------------------------------------------------------------

_OPTIONS: Final = RunOptions(
    job=False, load=1.0, upload=False, conflict_limit=1.0, on_error="skip"
)


class _Killed(BaseException):
    """The process has ended: no handler takes it for an error."""


class _Killer:
    """Ends a run after the request in the middle of its plan was applied.

    Attributes:
        chunk: the most operations of a request, for a run of several requests.
        upto: units that were processed when the run was killed.
    """

    def __init__(self, emulator: Emulator, file: PlanFile) -> None:
        sizes = [max(1, len([*operations_of(unit.changes)])) for unit in file.units()]
        self.chunk = max(1, sum(sizes) // _CHUNKS)
        self.upto = 0
        self._emulator = emulator
        self._middle = _middle(sizes)
        self._is_armed = not sizes

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Queue the kill for the next request, once half of the plan is near."""
        if event["event"] not in ("begin", "chunk") or self._is_armed:
            return
        if event["upto"] >= self._middle:
            self._is_armed = True
            self.upto = event["upto"]
            self._emulator.faults.call_after(_kill)


def _kill() -> None:
    raise _Killed


def _middle(sizes: Sequence[int]) -> int:
    """Return the number of units before the one in the middle of all operations."""
    done = 0
    for number, size in enumerate(sizes):
        done += size
        if 2 * done >= sum(sizes):
            return number
    return 0


# -- comparison ------------------------------------------------------------------------


def rows_of(emulator: Emulator) -> dict[_Row, dict[str, Any]]:
    """Return the rows that an undo restores, by type and key."""
    rows = emulator.dump()
    ours = {row["id"] for row in rows if _is_ours(row)}
    found: dict[_Row, dict[str, Any]] = {}
    for row in rows:
        entity_type = str(row["__entity_type__"])
        owners = {row.get(name) for name in ("id", "parent_id", "component_id")}
        if (
            entity_type in _VOLATILE
            or entity_type.endswith(_STATUS_CHANGE)
            or owners & ours
            or row.get("group") == SETTING_GROUP
        ):
            continue
        values = {name: row[name] for name in row if name not in _OF_THE_SERVER}
        # Rows without an id are their own key.
        key = str(row.get("id") or json.dumps(values, sort_keys=True))
        found[entity_type, key] = values
    return found


def _is_ours(row: Mapping[str, Any]) -> bool:
    if row["__entity_type__"] != "FileComponent":
        return False
    return row["id"] == HISTORY_ID or str(row.get("name")).startswith(_PLAN_NAME)


def differences_of(
    before: Mapping[_Row, Mapping[str, Any]], after: Mapping[_Row, Mapping[str, Any]]
) -> Iterator[str]:
    """Yield a line for each type whose rows differ, sorted."""
    gone = Counter(entity_type for entity_type, _ in before.keys() - after.keys())
    new = Counter(entity_type for entity_type, _ in after.keys() - before.keys())
    changed: Counter[str] = Counter()
    names: dict[str, set[str]] = {}
    for key in before.keys() & after.keys():
        if before[key] != after[key]:
            changed[key[0]] += 1
            names.setdefault(key[0], set()).update(
                name
                for name in before[key].keys() | after[key].keys()
                if before[key].get(name) != after[key].get(name)
            )
    for entity_type in sorted({*gone, *new, *changed}):
        parts = []
        if gone[entity_type]:
            parts.append(f"{gone[entity_type]:,} gone")
        if new[entity_type]:
            parts.append(f"{new[entity_type]:,} new")
        if changed[entity_type]:
            listed = ", ".join(sorted(names[entity_type]))
            parts.append(f"{changed[entity_type]:,} changed ({listed})")
        yield f"{entity_type}: {'; '.join(parts)}"
