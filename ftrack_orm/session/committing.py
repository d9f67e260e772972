"""Planning and sending what a session has to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.state import EntityState, Owner
from ftrack_orm.errors import (
    ConnectionFailedError,
    OutcomeUnknownError,
    PlanChangedError,
    TransportError,
)
from ftrack_orm.session.settlement import was_applied
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.apply import apply_results
from ftrack_orm.unit_of_work.changes import collect_changes
from ftrack_orm.unit_of_work.plan import FlushPlan, make_plan

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.session.exchange import Exchange
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.tracker import UnitOfWork


class Committer:
    """Plans a commit, sends it as one request, and only then writes to memory."""

    def __init__(
        self,
        owner: Owner,
        work: UnitOfWork,
        identity_map: IdentityMap,
        exchange: Exchange,
        merge: Callable[[Any], object],
        key_names: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._owner = owner
        self._work = work
        self._identity_map = identity_map
        self._exchange = exchange
        self._merge = merge
        self._key_names = key_names
        self._unsettled: FlushPlan | None = None

    def plan(self) -> FlushPlan:
        """Return what `commit` would send; nothing is written or sent."""
        return make_plan(collect_changes(self._work), _parents(self._work))

    def commit(self, expect: FlushPlan | None = None) -> FlushPlan:
        """Send the plan as one batch, then make memory agree; return the plan.

        Raises:
            PlanChangedError: `expect` is not the plan; nothing was sent.
            OutcomeUnknownError: the answer was lost; committing again first asks the
                server whether the batch was applied.
            TransportError, ServerError: nothing was applied. The session is as it
                was before.
        """
        plan = self.plan()
        if expect is not None and expect != plan:
            raise PlanChangedError(expect.difference(plan))
        if self._is_settled(plan):
            self._accept(plan, [])
            return plan
        if plan:
            results = self._send(plan)
            self._accept(plan, [result.get("data") for result in results])
        else:
            self._accept(plan, [])
        return plan

    def forget_outcome(self) -> None:
        """Stop wondering about a lost answer: the changes it was about are gone."""
        self._unsettled = None

    def _send(self, plan: FlushPlan) -> list[Any]:
        try:
            return self._exchange.send(plan.operations)
        except (ConnectionFailedError, OutcomeUnknownError) as error:
            if isinstance(error, OutcomeUnknownError):
                self._unsettled = plan
            raise
        except TransportError as error:
            # Sent, and no usable answer: whether it was applied is the question.
            self._unsettled = plan
            raise OutcomeUnknownError(
                error.server_url or "The server", str(error)
            ) from error

    def _is_settled(self, plan: FlushPlan) -> bool:
        """Return whether `plan` is one whose lost answer would have been yes."""
        unsettled = self._unsettled
        if unsettled is None:
            return False
        applied = was_applied(unsettled, self._key_names, self._rows_of)
        self._unsettled = None
        return applied and unsettled == plan

    def _rows_of(self, expressions: list[str]) -> list[list[dict[str, Any]]]:
        queries = [{"action": "query", "expression": text} for text in expressions]
        return [result["data"] for result in self._exchange.send(queries)]

    def _accept(self, plan: FlushPlan, results: list[Any]) -> None:
        del plan  # every tracked change was part of it
        apply_results(self._work, self._identity_map, self._owner, results, self._merge)


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
