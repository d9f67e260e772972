"""The session of a planner, on a transport that only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.migrations.planning_work import PlanningWork
from ftrack_orm.migrations.read_only import ReadOnlyTransport, read_only
from ftrack_orm.session.session import Session

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


def open_planning_session(
    session: Session, on_touch: Callable[[Entity], None]
) -> tuple[Session, PlanningWork, ReadOnlyTransport]:
    """Return a session with the settings of another, its work and its transport.

    Args:
        session: the other session; it is not changed and stays open.
        on_touch: called with each edited entity.
    """
    core = session._core
    transport = read_only(core.transport)
    planning = Session(
        models=core.models._models,
        load=core._load,
        check_schema=core.models._check_schema,
        page_size=core.page_size,
        retry=core.client._retry,
        transport=transport,
    )
    work = PlanningWork(on_touch)
    planning._core.work = work
    return planning, work, transport


@contextmanager
def refused_writes(session: Session) -> Iterator[None]:
    """Refuse the writes of a session inside the block.

    A helper that a planning function calls may use the session it was made with.

    Raises:
        WriteWhilePlanningError: the block has suppressed a refusal.
        PlanningError: entities of the session were edited inside the block.
    """
    core = session._core
    transport, before = core.transport, len(core.work)
    reading = read_only(transport)
    core.transport = core.client.transport = reading
    try:
        yield
    finally:
        core.transport = core.client.transport = transport
    if reading.refused is not None:
        raise reading.refused
    if len(core.work) != before:
        raise PlanningError(
            "The function edited entities of the session that it is planned with, and "
            "not of plan.session. Get them with plan.select() or plan.find()."
        )
