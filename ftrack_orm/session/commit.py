"""Planning and sending what a session has to say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.state import EntityState, Owner
from ftrack_orm.errors import (
    DetachedEntityError,
    PlanChangedError,
    RequestTimeoutError,
    ServerError,
    TransportError,
)
from ftrack_orm.session.gc_pause import gc_paused
from ftrack_orm.session.in_doubt import Settlement, raise_unknown
from ftrack_orm.transport.retrying import was_not_applied
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.apply import apply_results
from ftrack_orm.unit_of_work.changes import collect_changes
from ftrack_orm.unit_of_work.lost import LostBatch
from ftrack_orm.unit_of_work.plan import FlushPlan, make_plan

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.session.exchange import Exchange
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork

logger = logging.getLogger("ftrack_orm.session")


class Committer:
    """Plans a commit, sends it as one request, and only then writes to memory."""

    def __init__(
        self,
        owner: Owner,
        work: UnitOfWork,
        identity_map: IdentityMap,
        exchange: Exchange,
        merge: Callable[[list[Any]], object],
        key_names: Callable[[str], tuple[str, ...]],
        configure: Callable[[UnitOfWork], None],
        complete_results: Callable[[], bool],
    ) -> None:
        self._configure = configure
        self._complete_results = complete_results
        self._owner = owner
        self._work = work
        self._identity_map = identity_map
        self._exchange = exchange
        self._merge = merge
        self._settlement = Settlement(exchange, key_names)
        self._lost: list[LostBatch] = []

    def plan(self) -> FlushPlan:
        """Return what `commit` would send; nothing is written.

        The first time that a new entity has custom attributes, the server is asked
        which ones there are.

        Raises:
            AttributeValueError: a new entity has a custom attribute that is not
                configured for it.
        """
        self._configure(self._work)
        with gc_paused():
            return make_plan(collect_changes(self._work), _parents(self._work))

    def commit(self, expect: FlushPlan | None = None) -> FlushPlan:
        """Send the plan as one batch, then make memory agree; return the plan.

        A lost answer is settled: the server is asked whether it has applied the
        batch, and gets it once more when it has not.

        Raises:
            PlanChangedError: `expect` is not the plan; nothing was sent.
            OutcomeUnknownError: the answer was lost, and the server could not be
                asked; committing again asks first.
            TransportError, ServerError: nothing was applied, or a page of a result
                in progress cannot be fetched. The session is as it was before.
        """
        plan = self.plan()
        # The write would shift the pages that results in progress have left.
        if plan and self._complete_results():
            plan = self.plan()
        if expect is not None and expect != plan:
            raise PlanChangedError(expect.difference(plan))
        if self._lost:
            self._settle_earlier()
            rest = self.plan()
            # What an earlier commit had sent counts as this one's, if it was all.
            plan = rest or plan
            if not rest:
                self._accept([])
                return plan
        if not plan:
            self._accept([])
            return plan
        self._accept(self._send(plan))
        return plan

    def give_up(self) -> None:
        """After a rollback: doubt the values whose fate is not known."""
        for lost in self._lost:
            lost.roll_back()
        self._lost = [lost for lost in self._lost if lost.has_created]

    def forget(self, entity: Entity) -> None:
        """Stop wondering what became of an entity that is no longer the session's."""
        for lost in self._lost:
            lost.forget(entity)

    # -- sending ---------------------------------------------------------------------

    def _send(self, plan: FlushPlan) -> list[Any]:
        """Return the data of the results; none where the answer had to be asked for."""
        with gc_paused():
            lost = LostBatch(plan, self._work)
        # Noted before it is sent, for an interruption can come at any time.
        self._lost.append(lost)
        try:
            return self._carry(plan)
        except ServerError:
            self._lost.remove(lost)
            raise
        except TransportError as error:
            if was_not_applied(error):
                self._lost.remove(lost)
                raise
            applied = self._ask(lost, error)
            if applied:
                return []
            if isinstance(error, RequestTimeoutError):
                # The server may still be at work on the batch.
                raise_unknown(error)
        return self._send_again(lost)

    def _send_again(self, lost: LostBatch) -> list[Any]:
        """Send a batch that was not applied, or that may be applied twice."""
        try:
            return self._carry(lost.plan)
        except (ServerError, TransportError) as error:
            # A create is also refused when the first batch came through meanwhile.
            applied = self._ask(lost, error)
            if applied:
                return []
            if applied is None and isinstance(error, TransportError):
                raise_unknown(error)
            if applied is False:
                self._lost.remove(lost)
            raise

    def _carry(self, plan: FlushPlan) -> list[Any]:
        return [result.get("data") for result in self._exchange.send(plan.operations)]

    def _ask(self, lost: LostBatch, error: Exception | None = None) -> bool | None:
        """Return whether the server has applied the batch, ``None`` if no one can tell.

        Raises:
            OutcomeUnknownError: it cannot be asked.
        """
        return self._settlement.was_applied(lost.plan.operations, error)

    # -- settling --------------------------------------------------------------------

    def _settle_earlier(self) -> None:
        """Take what earlier commits have led to into the committed state."""
        revived: list[Entity] = []
        for lost in tuple(self._lost):
            applied: bool | None = False
            if lost.matters:
                applied = self._ask(lost)
            if applied is None:
                lost.may_be_applied()
                continue
            if applied:
                revived += lost.was_applied(self._owner, self._work, self._identity_map)
            self._lost.remove(lost)
        if revived:
            raise DetachedEntityError(
                ", ".join(map(repr, revived)),
                "keep it, as an earlier commit has deleted it after all",
            )

    def _accept(self, results: list[Any]) -> None:
        self._lost.clear()
        with gc_paused():
            apply_results(
                self._work, self._identity_map, self._owner, results, self._merge
            )


def _parents(work: UnitOfWork) -> dict[Reference, list[Reference]]:
    """Return, for entities that go, which others that go they refer to."""
    deleted = work.in_state(EntityState.DELETED)
    by_key = {
        entity.reference.key[0]: entity.reference
        for entity in deleted
        if len(entity.reference.key) == 1
    }
    return {entity.reference: _referred(entity, by_key) for entity in deleted if by_key}


def _referred(entity: Entity, by_key: dict[Any, Reference]) -> list[Reference]:
    found = []
    for attribute in type(entity).__ftrack__.attributes.values():
        value = entity.__dict__.get(attribute.name)
        if attribute.format == "foreign_key" and value in by_key:
            found.append(by_key[value])
    return [reference for reference in found if reference != entity.reference]
