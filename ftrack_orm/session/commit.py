"""Plan a commit, send it as one request, then apply it to memory.

No entity changes before the outcome is certain: a commit that fails leaves the session
as it was, ready for another attempt, an edit or a rollback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.state import EntityState, Owner
from ftrack_orm.errors.session import (
    DetachedEntityError,
    InvalidArgumentError,
    PlanChangedError,
)
from ftrack_orm.errors.transport import (
    OutcomeUnknownError,
    RequestTimeoutError,
    TransportError,
)
from ftrack_orm.gc_pause import gc_paused, promote_young_objects
from ftrack_orm.schema.constraints import NEEDED_AT_CREATION
from ftrack_orm.session.cascade import DeletedKeys
from ftrack_orm.session.in_doubt import Batch
from ftrack_orm.session.in_doubt_commit import InDoubtCommit
from ftrack_orm.session.invalidation import Invalidation, unload_collections
from ftrack_orm.session.reliable_sender import ReliableSender, raise_unknown
from ftrack_orm.types import Cancel, OnProgress, Reference
from ftrack_orm.unit_of_work.apply import (
    Applier,
    roll_back,
)
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
    collect_changes,
)
from ftrack_orm.unit_of_work.display_names import Memory
from ftrack_orm.unit_of_work.plan import FlushPlan, make_plan
from ftrack_orm.unit_of_work.required_values import require_values
from ftrack_orm.unit_of_work.unique_names import name_predecessors

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.operations import AnyOperation
    from ftrack_orm.session.api_client import ApiClient
    from ftrack_orm.session.memory import SessionMemory
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork


class Committer:
    """Sends the writes of a session and applies their outcome to memory.

    At most one batch is in doubt at a time. Meanwhile reads work and other writes
    are refused, until `commit` or `rollback` settles it.
    """

    def __init__(
        self,
        owner: Owner,
        work: UnitOfWork,
        identity_map: IdentityMap,
        sender: ReliableSender,
        memory: SessionMemory,
        client: ApiClient,
        on_write: Callable[[Sequence[AnyOperation]], None],
    ) -> None:
        """Store the parts of the session that a commit uses.

        Args:
            owner: the session, as its entities use it.
            work: the entities with changes.
            identity_map: the entities of the session.
            sender: sends batches and queries the outcome when a reply is lost.
            memory: stores results in entities.
            client: the connection to the server.
            on_write: called with operations that the server has applied, or may have.
        """
        self._owner = owner
        self._work = work
        self._identity_map = identity_map
        self._sender = sender
        self._memory = memory
        self._client = client
        self._on_write = on_write
        self._applier = Applier(work, identity_map, owner)
        self._in_doubt: list[InDoubtCommit] = []

    # -- planning --------------------------------------------------------------------

    def plan(self) -> FlushPlan:
        """Return the batch that `commit` would send; nothing is sent or changed."""
        return self.plan_of(self._work)

    def plan_of(self, work: UnitOfWork, rows: Sequence[Change] = ()) -> FlushPlan:
        """Return the batch for the entities of `work`; nothing is sent or changed.

        Args:
            work: the entities.
            rows: changes of rows of their mapped attributes, beyond their edits.
        """
        with gc_paused():
            changes = [*collect_changes(work), *rows]
            require_values(changes, self._identity_map.type_info)
            has_deletes = any(type(change) is DeleteChange for change in changes)
            return make_plan(
                changes,
                _parents(work) if has_deletes else None,
                self._is_optional,
                name_predecessors(work, changes),
                Memory(
                    self._identity_map.tables,
                    work.in_state(EntityState.DELETED) if has_deletes else (),
                    self._identity_map.type_info,
                ),
            )

    def _is_optional(self, entity_type: str, name: str) -> bool:
        type_info = self._identity_map.type_info(entity_type)
        attribute = type_info.by_server_name.get(name)
        if attribute is None or name in type_info.primary_key:
            return False
        base: TypeInfo | None = type_info
        while base is not None:
            if (base.name, name) in NEEDED_AT_CREATION:
                return False
            base = base.base
        links = type_info.links_by_foreign_key.get(attribute.name, ())
        return attribute.nullable and all(link.nullable for link in links)

    # -- commit ----------------------------------------------------------------------

    @gc_paused()
    def commit(
        self,
        expect: FlushPlan | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
        on_progress: OnProgress | None = None,
    ) -> FlushPlan:
        """Send the plan as one batch, then apply it to memory; return the plan.

        Raises:
            PlanChangedError: `expect` is not the plan; nothing was sent.
            OutcomeUnknownError: the reply was lost, and the server's data does not
                show the outcome of the batch.
            RequestCancelledError: `cancel` was set.
            TransportError, ServerError: nothing was applied, or a page of an open
                result cannot be fetched. The session is unchanged.
        """
        if not isinstance(expect, FlushPlan | None):
            raise InvalidArgumentError("commit(expect=)", expect, "a plan")
        settled_plan = self._settle()
        plan = self._plan_with_results()
        if settled_plan is not None and not plan and expect in (None, settled_plan):
            return settled_plan
        plan = _expected_plan(expect, plan)
        if plan:
            self._client.check_before_write()
            if on_progress is not None:
                on_progress(0, len(plan))
        self._send(plan, headers, timeout, cancel)
        if plan and on_progress is not None:
            on_progress(len(plan), len(plan))
        return plan

    def _plan_with_results(self) -> FlushPlan:
        """Return the plan, after the open results have fetched their pages."""
        plan = self.plan()
        # The write would shift the pages that open results have not fetched yet. The
        # rows of those pages may change the plan, so it is made again.
        if plan and self._memory.complete_results():
            plan = self.plan()
        return plan

    def _send(
        self,
        plan: FlushPlan,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        cancel: Cancel | None,
    ) -> None:
        commit = self._commit_of(plan)
        if not plan:
            self._apply(commit, None, is_current=True)
            return
        # Registered before it is sent: an interruption such as Ctrl+C can come between
        # the sending and the next line, and the batch must then count as in doubt.
        self._in_doubt.append(commit)
        # The collector is on during the wait.
        promote_young_objects()
        try:
            results = self._sender.send(
                commit.batch, headers=headers, timeout=timeout, cancel=cancel
            )
        except BaseException as error:
            self._drop_if_not_applied(commit, error)
            raise
        # No entity is built between the reply and `_apply`: building may run a user's
        # `model_post_init`, and an edit made there would count as sent.
        self._apply(commit, results, is_current=True)
        promote_young_objects()

    def _commit_of(self, plan: FlushPlan) -> InDoubtCommit:
        """Return the batch of a plan, with the entities and their states."""
        entities = tuple(self._work)
        return InDoubtCommit(
            _batch_of(plan),
            plan,
            entities,
            [entity.__ftrack_state__.state for entity in entities],
            self._owner.relations.snapshot_pairs(),
        )

    def _drop_if_not_applied(self, commit: InDoubtCommit, error: BaseException) -> None:
        """Remove a batch that was certainly not applied from those in doubt."""
        # An `Exception` of another type was raised before the request left; anything
        # beyond `Exception` is an interruption that can come at any moment.
        was_sent = not isinstance(error, Exception) or isinstance(error, TransportError)
        commit.error = error
        if commit.batch.outcome == "not applied" or not was_sent:
            self._in_doubt.remove(commit)
        else:
            commit.record_sent_entities()

    def _apply(
        self,
        commit: InDoubtCommit,
        results: Sequence[Any] | None,
        *,
        is_current: bool = False,
    ) -> None:
        """Store the values of an applied batch as committed.

        Args:
            commit: the batch, with its entities.
            results: its results, ``None`` where they are lost.
            is_current: whether nothing was edited since it was planned.
        """
        commit.batch.outcome = "applied"
        self._on_write(commit.batch.operations)
        try:
            with gc_paused():
                deleted_keys = self._apply_plan(commit, is_current=is_current)
                self._merge_results(results, deleted_keys)
        except BaseException:
            # A foreign key may be changed already and its collections not yet.
            unload_collections(self._identity_map)
            raise

    def _apply_plan(self, commit: InDoubtCommit, *, is_current: bool) -> DeletedKeys:
        if is_current:
            deleted = self._applier.apply_now(
                commit.entities, commit.states, commit.pairs
            )
        else:
            deleted = self._applier.apply(commit.sent_entities, commit.pairs)
        deleted_keys = self._memory.apply_plan(commit.plan, deleted)
        # Before the results: building their entities may run a user's
        # `model_post_init`, which may write, and a batch in doubt refuses that.
        if commit in self._in_doubt:
            self._in_doubt.remove(commit)
        return deleted_keys

    def _merge_results(
        self, results: Sequence[Any] | None, deleted_keys: DeletedKeys
    ) -> None:
        if results:
            self._memory.merge_results(results)
            # The result of an operation ahead of a delete may contain the deleted
            # entity, and merging it adds the entity again.
            self._memory.detach_again(deleted_keys)

    # -- immediate operations --------------------------------------------------------

    def write(
        self,
        batch: Batch,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Any]:
        """Send operations that write at once; return their raw results, in order.

        The caller stores the results in memory. A batch that leaves no trace on the
        server does not stay in doubt, because no query could settle it.

        Raises:
            OutcomeUnknownError: this batch, or an earlier one, may or may not be
                applied.
            TransportError, ServerError: nothing was applied.
        """
        self.require_settled()
        self._memory.complete_results()
        self._client.check_before_write()
        return self._send_immediate(InDoubtCommit(batch), headers, timeout, cancel)

    def _send_immediate(
        self,
        commit: InDoubtCommit,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        cancel: Cancel | None,
    ) -> list[Any]:
        self._in_doubt.append(commit)
        try:
            results = self._sender.send(
                commit.batch, headers=headers, timeout=timeout, cancel=cancel
            )
            if results is None:
                results = self._memory.read_results(commit.batch.operations)
            self._on_write(commit.batch.operations)
        except BaseException as error:
            self._drop_if_not_applied(commit, error)
            if not commit.references and commit in self._in_doubt:
                self._in_doubt.remove(commit)
            raise
        return results

    def drop_immediate(self) -> None:
        """Remove the immediate batch from those in doubt: memory has its results."""
        self._in_doubt = [
            commit for commit in self._in_doubt if not commit.is_immediate
        ]

    # -- batches in doubt ------------------------------------------------------------

    def require_settled(self) -> None:
        """Raise while a batch is in doubt.

        Raises:
            OutcomeUnknownError: there is one.
        """
        for commit in self._in_doubt:
            if not commit.is_rolled_back:
                raise OutcomeUnknownError(
                    self._client.transport.server_url,
                    "an earlier batch of this session is in doubt",
                    getattr(commit.error, "operations", ()),
                )

    def _settle(self) -> FlushPlan | None:
        """Settle the batches in doubt; return the plan of one that was applied.

        Raises:
            OutcomeUnknownError: the outcome of one stays unknown.
            DetachedEntityError: the batch deleted an entity whose removal was
                cancelled since; the batch is settled.
        """
        settled_plan: FlushPlan | None = None
        for commit in tuple(self._in_doubt):
            if commit.is_rolled_back and not commit.has_readded_entities:
                continue
            if commit.is_immediate:
                # An immediate batch has no local edits to compare: reading its
                # entities gives the right values whatever its outcome.
                self._memory.reload(commit.references)
                self._on_write(commit.batch.operations)
                self._in_doubt.remove(commit)
                continue
            if commit.batch.outcome == "unknown":
                self._query_outcome(commit)
            if commit.batch.outcome == "not applied":
                self._in_doubt.remove(commit)
                continue
            self._apply_settled(commit)
            settled_plan = commit.plan
        return settled_plan

    def _apply_settled(self, commit: InDoubtCommit) -> None:
        # Read before `_apply`, which detaches these entities.
        undeleted = commit.undeleted_entities
        self._apply(commit, None)
        if undeleted:
            raise DetachedEntityError(
                ", ".join(map(repr, undeleted)),
                "keep it, as an earlier commit has deleted it after all",
            )

    def _query_outcome(self, commit: InDoubtCommit) -> None:
        batch = commit.batch
        evidence = self._sender.query_evidence(batch, commit.transport_error)
        # After a timeout the server may still apply the batch, so that "not applied"
        # holds only once LATE_SECONDS have passed.
        is_open = batch.outcome == "unknown" or (
            batch.outcome == "not applied" and batch.may_still_be_applied
        )
        if is_open:
            batch.outcome = "unknown"
            error = commit.transport_error or RequestTimeoutError(
                self._client.transport.server_url, 0
            )
            raise_unknown(error, evidence.operations)

    # -- rollback --------------------------------------------------------------------

    def rollback(self) -> None:
        """Restore the committed values of every entity; nothing is sent.

        The values of a batch in doubt are unloaded: they load again when read.
        """
        for commit in tuple(self._in_doubt):
            if commit.batch.outcome == "applied" and not commit.is_immediate:
                # An interruption came after the reply and before `_apply` had ended.
                self._apply(commit, None)
        roll_back(self._work, self._identity_map)
        self._owner.relations.restore()
        for commit in self._in_doubt:
            if not commit.is_rolled_back:
                self._invalidate(commit)
                commit.is_rolled_back = True
        # A created entity may be added again, and its key may exist on the server by
        # then; batches without creates are finished.
        self._in_doubt = [commit for commit in self._in_doubt if commit.has_creates]

    def _invalidate(self, commit: InDoubtCommit) -> None:
        """Unload the values that a batch in doubt may have changed."""
        self._on_write(commit.batch.operations)
        invalidation = Invalidation(
            self._identity_map, self._owner.relations, self._memory.cascade
        )
        invalidation.entities(commit.sent_entities, commit.batch)
        invalidation.pairs(commit.pairs)
        invalidation.deletes(commit.batch)
        if commit.is_immediate:
            invalidation.operations(commit.batch)

    def forget(self, entity: Entity) -> None:
        """Remove an entity that left the session from every batch in doubt."""
        for commit in self._in_doubt:
            commit.forget(entity)


def _expected_plan(expect: FlushPlan | None, plan: FlushPlan) -> FlushPlan:
    """Return the plan with the description of `expect`, which must equal it."""
    if expect is None:
        return plan
    if expect != plan:
        raise PlanChangedError(expect.difference(plan))
    return replace(plan, _description=expect._description or plan._description)


def _batch_of(plan: FlushPlan) -> Batch:
    generated_keys = (
        frozenset(
            index
            for index, change in enumerate(plan.changes)
            if type(change) is CreateChange and change.has_made_key
        )
        if CreateChange in set(map(type, plan.changes))
        else frozenset()
    )
    return Batch(plan.operations, generated_keys, lambda: _previous_values(plan))


def _previous_values(plan: FlushPlan) -> dict[int, Mapping[str, Any]]:
    return {
        index: change.before if isinstance(change, UpdateChange) else {}
        for index, change in enumerate(plan.changes)
        if not isinstance(change, CreateChange)
    }


def _parents(work: UnitOfWork) -> dict[Reference, list[Reference]]:
    """Return, for deleted entities, the deleted entities they refer to."""
    deleted = work.in_state(EntityState.DELETED)
    by_key = {
        entity.reference.key[0]: entity.reference
        for entity in deleted
        if len(entity.reference.key) == 1
    }
    return {entity.reference: _targets(entity, by_key) for entity in deleted if by_key}


def _targets(entity: Entity, by_key: dict[Any, Reference]) -> list[Reference]:
    values = vars(entity)
    references = [
        by_key[values[attribute.name]]
        for attribute in type(entity).__ftrack__.attributes.values()
        if attribute.is_watched and values.get(attribute.name) in by_key
    ]
    return [reference for reference in references if reference != entity.reference]
