"""Check a plan against the server and the caller's conditions, before any write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.migration_runs import (
    NotInitializedError,
    OtherServerError,
    PlanRefusedError,
    StalePlanError,
    TooManyConflictsError,
    UnsafeServerError,
)
from ftrack_orm.errors.server import ServerError
from ftrack_orm.migrations.change_text import ChangeTexts
from ftrack_orm.migrations.finding import Finding, blocking
from ftrack_orm.migrations.first_rows import FirstReply
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.history_id import HISTORY_ID, SETTING_GROUP, STUDIO
from ftrack_orm.migrations.options import RunOptions
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_slice import plan_slice, unknown_names
from ftrack_orm.migrations.probes import Guarantees
from ftrack_orm.migrations.undo_states import (
    UndoStates,
    dependent_revision,
    partly_undone_runs,
    redo_obstacle,
)
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

_CONFLICTS: Final = 20
_EXAMPLES: Final = 3

_UNDO_AGAIN: Final = (
    "`ftrack-orm migrate status` lists the runs; undo one with `ftrack-orm migrate "
    "undo RUN`."
)


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The facts of a plan that a run stores in the history.

    Attributes:
        digest: the digest of the units.
        revision: the revision, or ``None`` for a tool.
        title: a line for people.
        undo_of: the runs that the plan undoes, the last one first.
        continues: the last run of the revision, whose left out units the plan has;
            ``None`` for a revision that is not applied.
        code_digest: the digest of the revision's meaning.
        needs: the revisions that must be applied before.
        earlier_runs: the runs of the revision whose changes the plan lacks.
        kept: the units that the plan of an undo cannot undo.
        former_runs: the runs of the same title before the plan; ``None`` where others
            do not matter.
    """

    digest: str
    revision: str | None
    title: str
    undo_of: tuple[str, ...]
    code_digest: str | None
    needs: tuple[str, ...] = ()
    continues: str | None = None
    earlier_runs: tuple[str, ...] = ()
    kept: int = 0
    former_runs: tuple[str, ...] | None = None

    @classmethod
    def of(cls, file: PlanFile) -> PlanFacts:
        """Return the facts of a plan whose content is unchanged.

        Raises:
            PlanEditedError, PlanFileError: the content was changed, or is incomplete.
        """
        digest = file.check_digest()
        undo_of = tuple(map(str, file.meta("undo_of") or ()))
        runs = file.meta("former_runs")
        return cls(
            digest,
            _text(file.meta("revision")),
            str(file.meta("title") or "")[:200],
            undo_of,
            _text(file.meta("code_digest")),
            tuple(map(str, file.meta("needs") or ())),
            _text(file.meta("continues")),
            tuple(map(str, file.meta("earlier_runs") or ())),
            file.skipped_count() if undo_of else 0,
            None if runs is None else tuple(map(str, runs)),
        )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def check_server(
    client: RunClient, file: PlanFile, history: History
) -> tuple[JSONObject, Guarantees]:
    """Return the `init` row and the guarantees of the server.

    Raises:
        NotInitializedError: there is no history.
        OtherServerError: the plan was made for another server.
    """
    init = history.init
    if init is None:
        raise NotInitializedError(client.server_url)
    planned_id, planned_url = file.meta("server_id"), file.meta("server_url")
    if planned_id is not None:
        if planned_id != init.get("server_id"):
            raise OtherServerError(
                str(planned_url or planned_id),
                f"{client.server_url} ({init.get('server_id')})",
            )
    elif planned_url is not None and planned_url != client.server_url:
        raise OtherServerError(str(planned_url), client.server_url)
    return init, Guarantees.of(init)


def check_conditions(
    file: PlanFile, facts: PlanFacts, options: RunOptions, guarantees: Guarantees
) -> None:
    """Check the caller's conditions, and the guarantees that the plan needs.

    Raises:
        PlanRefusedError: the digest is not the expected one, a risk is not accepted,
            a finding stops it, there are too many changes, or the history itself would
            change.
        UnsafeServerError: the plan needs a guarantee that the server does not give.
    """
    if options.expect is not None and not (
        options.expect and facts.digest.startswith(options.expect)
    ):
        raise PlanRefusedError(
            f"its digest is {facts.digest[:12]}, not {options.expect[:12]}",
            "Review it with `ftrack-orm migrate show PLAN`, then pass its digest.",
        )
    # The record of an applied configuration is written with it.
    if file.changes_history(outside=STUDIO):
        raise PlanRefusedError(
            "it changes the history of migrations itself",
            f"Plan again without the component {HISTORY_ID}, its metadata, and the "
            f"settings of the group {SETTING_GROUP}.",
        )
    accepts = file.meta("accepts")
    risks = [risk for risk in file.meta("risks") or () if risk not in (accepts or ())]
    if accepts is not None and risks:
        names = ", ".join(map(repr, risks))
        raise PlanRefusedError(
            f"its revision does not accept the risks {names}",
            f"Review them, write accepts=[{names}] in the revision, and plan again.",
        )
    found = [Finding.from_json(item) for item in file.meta("findings") or ()]
    if stops := blocking(found):
        raise PlanRefusedError(
            f"it has the finding {stops[0].code}",
            f"{stops[0].message} Then plan again.",
        )
    counts = file.action_counts()
    changes = sum(counts.values())
    counts.pop("update", None)
    if options.max_changes is not None and changes > options.max_changes:
        raise PlanRefusedError(
            f"it has {changes} changes, more than {options.max_changes}",
            "Review it with `ftrack-orm migrate show PLAN`, then raise --max-changes.",
        )
    missing = guarantees.missing_for_exactly_once()
    if missing and counts:
        words = (f"{count} {action}s" for action, count in sorted(counts.items()))
        raise UnsafeServerError(missing, " and ".join(words))
    if missing and options.single_request:
        raise UnsafeServerError(missing, "one request of all changes")


def check_revision(history: History, facts: PlanFacts, run: str) -> None:
    """Check that neither the plan nor its revision was applied already.

    Raises:
        StalePlanError: it was.
        PlanRefusedError: the run of the plan was interrupted, or a revision that it
            needs is not applied.
    """
    if history.fence(run) is not None:
        raise PlanRefusedError(
            f"its run {run} was interrupted",
            f"Continue it with `ftrack-orm migrate resume {run}`.",
        )
    if history.run(run) is not None:
        raise StalePlanError(f"it was applied by run {run}")
    check_newest(history, facts, run)
    if facts.undo_of:
        _check_undone(history, facts.undo_of)
        if UndoStates.after(history, facts.undo_of).is_applied:
            _check_needs(history, facts)
        return
    if facts.revision is None:
        return
    _check_state(history, facts, facts.revision)
    _check_needs(history, facts)


def _check_needs(history: History, facts: PlanFacts) -> None:
    """Check that the revisions are applied that a plan needs.

    Raises:
        PlanRefusedError: one is not.
    """
    for needed in facts.needs:
        if (history.revision(needed) or {}).get("state") != "applied":
            raise PlanRefusedError(
                f"it needs the revision {needed}, which is not applied",
                f"Plan and apply it first: `ftrack-orm migrate plan {needed}`.",
            )


def check_newest(history: History, facts: PlanFacts, run: str) -> None:
    """Check that no other run of the same title began since the plan was made.

    Raises:
        StalePlanError: one did, and may have created the same objects.
    """
    if newer := newer_run(history, facts, besides=run):
        raise StalePlanError(
            f"run {newer} has applied the {facts.title} since",
            "Plan again with `ftrack-orm studio plan`.",
        )


def newer_run(history: History, facts: PlanFacts, *, besides: str) -> str | None:
    """Return a run of the same title that the planner did not see, if there is one."""
    if facts.former_runs is None:
        return None
    known = {*facts.former_runs, besides}
    runs = history.runs.items()
    found = (run for run, row in runs if row.get("title") == facts.title)
    return next((run for run in found if run not in known), None)


def _check_undone(history: History, undo_of: Sequence[str]) -> None:
    """Check that the runs to undo are applied, and that no later run relies on them.

    Raises:
        StalePlanError: one was undone or continued since.
    """
    for undone in undo_of:
        if (history.run(undone) or {}).get("state") != "applied":
            raise StalePlanError(f"run {undone} is no longer applied", _UNDO_AGAIN)
        if continued_by := history.continuation(undone, besides=undo_of):
            reason = f"run {continued_by} has continued run {undone}"
            raise StalePlanError(reason, _UNDO_AGAIN)
        if obstacle := redo_obstacle(history, undone):
            raise StalePlanError(obstacle, _UNDO_AGAIN)
    require_independent(history, undo_of)


def require_independent(history: History, undo_of: Sequence[str]) -> None:
    """Check that no applied revision needs the one that an undo takes away.

    Raises:
        PlanRefusedError: one does.
    """
    if dependent := dependent_revision(history, undo_of):
        raise PlanRefusedError(
            f"the revision {dependent}, which is applied, needs this one",
            f"Undo it first: `ftrack-orm migrate undo {dependent}`.",
        )


def _check_state(history: History, facts: PlanFacts, revision: str) -> None:
    """Check that a revision is still in the state that it was planned in.

    Raises:
        StalePlanError: it was applied, undone or continued since.
        PlanRefusedError: its undo was interrupted.
    """
    unknown = [
        run
        for run in partly_undone_runs(history, revision)
        if run not in facts.earlier_runs
    ]
    if unknown:
        raise StalePlanError(
            f"the undo of run {unknown[0]} left units of revision {revision} as they "
            "are, which the plan would change once more"
        )
    if facts.continues is not None:
        if history.applied_runs(revision)[:1] != (facts.continues,):
            raise StalePlanError(
                f"revision {revision} is no longer applied by run {facts.continues}"
            )
        return
    row = history.revision(revision) or {}
    state, run = row.get("state"), row.get("run")
    if state == "undoing":
        # Its rows have values from before and after the revision.
        raise PlanRefusedError(
            f"the undo of revision {revision} has not ended",
            f"Continue it with `ftrack-orm migrate resume {run}`, then plan again.",
        )
    if state in ("applied", "applying"):
        raise StalePlanError(f"revision {revision} is {state} by run {run}")


def check_first_rows(
    client: RunClient,
    file: PlanFile,
    facts: PlanFacts,
    first: FirstReply,
    options: RunOptions,
) -> str:
    """Compare the first rows with the plan; return the hash of the server's schema.

    Raises:
        TooManyConflictsError: too many rows have changed, and the plan is no undo.
        StalePlanError: the rows cannot be read, as the schema lacks something.
    """
    try:
        sample = first.rows(client)
    except ServerError as error:
        missing = unknown_names(plan_slice(file), client.fetch_schema())
        words = ", ".join(missing) or error.content
        raise StalePlanError(f"the server lacks {words}") from error
    schema_hash = str(sample.information.get("schema_hash", ""))
    planned_hash = file.meta("schema_hash")
    if planned_hash is not None and planned_hash != schema_hash:
        missing = unknown_names(plan_slice(file), client.fetch_schema())
        if missing:
            raise StalePlanError(f"the server lacks {', '.join(missing)}")
    if facts.undo_of:
        # Planned again, an undo has the same conflicts: it keeps the edits since.
        return schema_hash
    units = () if sample.chunk is None else sample.chunk.units
    conflicts = [
        verdict.conflicts[0]
        for verdict in map(sample.rows.judge, units)
        if verdict.conflicts
    ]
    limit = min(_CONFLICTS, options.conflict_limit * len(units))
    if options.conflict_limit < 1 and len(conflicts) > limit:
        examples = list(map(ChangeTexts(file).conflict, conflicts[:_EXAMPLES]))
        raise TooManyConflictsError(len(conflicts), len(units), examples)
    return schema_hash
