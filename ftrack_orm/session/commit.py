"""Plan a commit, send it as one request, then apply it to memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from ftrack_orm.gc_pause import gc_paused
from ftrack_orm.schema.constraints import NEEDED_AT_CREATION
from ftrack_orm.session.cascade import Gone
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
    CreateChange,
    DeleteChange,
    UpdateChange,
    collect_changes,
)
from ftrack_orm.unit_of_work.display_names import Memory
from ftrack_orm.unit_of_work.plan import FlushPlan, make_plan
from ftrack_orm.unit_of_work.unique_names import name_predecessors

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.api_client import ApiClient
    from ftrack_orm.session.memory import SessionMemory
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork


class Committer:
    """Sends the writes of a session, and keeps memory and server in agreement.

    At most one batch is in doubt at a time: while there is one, reads work and other
    writes are refused, until `commit` or `rollback` has settled it.
    """

    def __init__(
        self,
        owner: Owner,
        work: UnitOfWork,
        identity_map: IdentityMap,
        sender: ReliableSender,
        memory: SessionMemory,
        client: ApiClient,
    ) -> None:
        """Prepare committing.

        Args:
            owner: the session, as its entities use it.
            work: the entities with changes.
            identity_map: the entities of the session.
            sender: sends batches and settles lost answers.
            memory: takes results into memory.
            client: the connection to the server.
        """
        self._owner = owner
        self._work = work
        self._identity_map = identity_map
        self._sender = sender
        self._memory = memory
        self._client = client
        self._applier = Applier(work, identity_map, owner)
        self._doubts: list[InDoubtCommit] = []

    # -- planning --------------------------------------------------------------------

    def plan(self) -> FlushPlan:
        """Return the batch that `commit` would send; nothing is sent or changed."""
        with gc_paused():
            changes = collect_changes(self._work)
            deleted = [one for one in changes if type(one) is DeleteChange]
            return make_plan(
                changes,
                _parents(self._work) if deleted else None,
                self._is_optional,
                name_predecessors(self._work, changes),
                Memory(
                    self._identity_map.tables,
                    self._work.in_state(EntityState.DELETED) if deleted else (),
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
        """Send the plan as one batch, then make memory agree; return the plan.

        Raises:
            PlanChangedError: `expect` is not the plan; nothing was sent.
            OutcomeUnknownError: the answer was lost, and the server's data does not
                tell what became of the batch.
            RequestCancelledError: `cancel` was set.
            TransportError, ServerError: nothing was applied, or a page of a result
                in progress cannot be fetched. The session is as it was before.
        """
        if not isinstance(expect, FlushPlan | None):
            raise InvalidArgumentError("commit(expect=)", expect, "a plan")
        settled = self._settle()
        plan = self.plan()
        # The write would shift the pages that results in progress have left.
        if plan and self._memory.complete_results():
            plan = self.plan()
        if settled is not None and not plan and expect in (None, settled):
            return settled
        if expect is not None:
            if expect != plan:
                raise PlanChangedError(expect.difference(plan))
            described = expect._description or plan._description
            plan = replace(plan, _description=described)
        if plan:
            self._client.check_before_write()
            if on_progress is not None:
                on_progress(0, len(plan))
        self._send(plan, headers, timeout, cancel)
        if plan and on_progress is not None:
            on_progress(len(plan), len(plan))
        return plan

    def _send(
        self,
        plan: FlushPlan,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        cancel: Cancel | None,
    ) -> None:
        entities = tuple(self._work)
        doubt = InDoubtCommit(
            _batch_of(plan),
            plan,
            entities,
            [entity.__ftrack_state__.state for entity in entities],
            self._owner.relations.snapshot_pairs(),
        )
        if not plan:
            self._apply(doubt, None, is_current=True)
            return
        # Noted before it is sent, for an interruption can come at any time.
        self._doubts.append(doubt)
        try:
            results = self._sender.send(
                doubt.batch, headers=headers, timeout=timeout, cancel=cancel
            )
        except BaseException as error:
            self._drop_if_certain(doubt, error)
            raise
        self._apply(doubt, results, is_current=True)

    def _drop_if_certain(self, doubt: InDoubtCommit, error: BaseException) -> None:
        """Stop doubting a batch that was certainly not applied."""
        was_sent = not isinstance(error, Exception) or isinstance(error, TransportError)
        doubt.error = error
        if doubt.batch.outcome == "not applied" or not was_sent:
            self._doubts.remove(doubt)
        else:
            doubt.keep_sent()

    def _apply(
        self,
        doubt: InDoubtCommit,
        results: Sequence[Any] | None,
        *,
        is_current: bool = False,
    ) -> None:
        """Make memory agree with a batch that was applied.

        Args:
            doubt: the batch.
            results: its results, ``None`` where they are lost.
            is_current: whether nothing was edited since it was planned.
        """
        doubt.batch.outcome = "applied"
        try:
            with gc_paused():
                gone = self._apply_plan(doubt, is_current=is_current)
                if doubt in self._doubts:
                    self._doubts.remove(doubt)
                if results:
                    self._memory.merge_results(results)
                    # A result from before a delete may lead to its entity.
                    self._memory.forget_again(gone)
        except BaseException:
            # A key may be written, and the collections it concerns not yet.
            unload_collections(self._identity_map)
            raise

    def _apply_plan(self, doubt: InDoubtCommit, *, is_current: bool) -> Gone:
        if is_current:
            deleted = self._applier.apply_now(doubt.entities, doubt.states, doubt.pairs)
        else:
            deleted = self._applier.apply(doubt.sent, doubt.pairs)
        return self._memory.note_plan(doubt.plan, deleted)

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

        Memory takes the results from the caller. A batch that leaves no trace on the
        server is not doubted: nothing could settle it.

        Raises:
            OutcomeUnknownError: this batch, or an earlier one, may or may not be
                applied.
            TransportError, ServerError: nothing was applied.
        """
        self.require_settled()
        self._memory.complete_results()
        self._client.check_before_write()
        doubt = InDoubtCommit(batch)
        self._doubts.append(doubt)
        try:
            results = self._sender.send(
                batch, headers=headers, timeout=timeout, cancel=cancel
            )
            if results is None:
                results = self._memory.read_results(batch.operations)
        except BaseException as error:
            self._drop_if_certain(doubt, error)
            if not doubt.references and doubt in self._doubts:
                self._doubts.remove(doubt)
            raise
        return results

    def note_written(self) -> None:
        """Stop doubting the immediate batch whose results memory has taken."""
        self._doubts = [doubt for doubt in self._doubts if not doubt.is_immediate]

    # -- batches in doubt ------------------------------------------------------------

    def require_settled(self) -> None:
        """Raise while a batch is in doubt.

        Raises:
            OutcomeUnknownError: there is one.
        """
        for doubt in self._doubts:
            if not doubt.is_rolled_back:
                raise OutcomeUnknownError(
                    self._client.transport.server_url,
                    "an earlier batch of this session is in doubt",
                    getattr(doubt.error, "operations", ()),
                )

    def _settle(self) -> FlushPlan | None:
        """Settle the batches in doubt; return the plan of one that was applied.

        Raises:
            OutcomeUnknownError: the outcome of one stays unknown.
            DetachedEntityError: an entity that is wanted again was deleted.
        """
        settled: FlushPlan | None = None
        for doubt in tuple(self._doubts):
            if doubt.is_rolled_back and not doubt.matters_again:
                continue
            if doubt.is_immediate:
                # Memory holds nothing of it but values that can be read again.
                self._memory.reload(doubt.references)
                self._doubts.remove(doubt)
                continue
            if doubt.batch.outcome == "unknown":
                self._read_outcome(doubt)
            if doubt.batch.outcome == "not applied":
                self._doubts.remove(doubt)
                continue
            revived = doubt.revived
            self._apply(doubt, None)
            settled = doubt.plan
            if revived:
                raise DetachedEntityError(
                    ", ".join(map(repr, revived)),
                    "keep it, as an earlier commit has deleted it after all",
                )
        return settled

    def _read_outcome(self, doubt: InDoubtCommit) -> None:
        batch = doubt.batch
        evidence = self._sender.evidence_of(batch, doubt.transport_error)
        is_open = batch.outcome == "unknown" or (
            batch.outcome == "not applied" and batch.is_late_still
        )
        if is_open:
            batch.outcome = "unknown"
            error = doubt.transport_error or RequestTimeoutError(
                self._client.transport.server_url, 0
            )
            raise_unknown(error, evidence.operations)

    # -- rollback --------------------------------------------------------------------

    def rollback(self) -> None:
        """Put every entity back to its committed values; nothing is sent.

        The values of a batch in doubt are unloaded: they load again when read.
        """
        for doubt in tuple(self._doubts):
            if doubt.batch.outcome == "applied" and not doubt.is_immediate:
                self._apply(doubt, None)  # interrupted before memory agreed
        roll_back(self._work, self._identity_map)
        self._owner.relations.restore()
        for doubt in self._doubts:
            if not doubt.is_rolled_back:
                self._invalidate(doubt)
                doubt.is_rolled_back = True
        self._doubts = [doubt for doubt in self._doubts if doubt.has_created]

    def _invalidate(self, doubt: InDoubtCommit) -> None:
        """Unload the values that a batch in doubt may have changed."""
        invalidation = Invalidation(
            self._identity_map, self._owner.relations, self._memory.cascade
        )
        invalidation.entities(doubt.sent, doubt.batch)
        invalidation.pairs(doubt.pairs)
        invalidation.deletes(doubt.batch)
        if doubt.is_immediate:
            invalidation.operations(doubt.batch)

    def forget(self, entity: Entity) -> None:
        """Leave an entity out of every batch in doubt: it left the session."""
        for doubt in self._doubts:
            doubt.forget(entity)


def _batch_of(plan: FlushPlan) -> Batch:
    made_keys = (
        frozenset(
            index
            for index, change in enumerate(plan.changes)
            if type(change) is CreateChange and change.has_made_key
        )
        if CreateChange in set(map(type, plan.changes))
        else frozenset()
    )
    return Batch(plan.operations, made_keys, lambda: _values_before(plan))


def _values_before(plan: FlushPlan) -> dict[int, Mapping[str, Any]]:
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
    return {entity.reference: _referred(entity, by_key) for entity in deleted if by_key}


def _referred(entity: Entity, by_key: dict[Any, Reference]) -> list[Reference]:
    values = vars(entity)
    references = [
        by_key[values[attribute.name]]
        for attribute in type(entity).__ftrack__.attributes.values()
        if attribute.is_watched and values.get(attribute.name) in by_key
    ]
    return [reference for reference in references if reference != entity.reference]
