"""The look-ups that a session keeps: reference data, workflows, inherited values."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ftrack_orm.session.reference_data import ReferenceData

if TYPE_CHECKING:
    from ftrack_orm.operations import AnyOperation
    from ftrack_orm.session.core import SessionCore
    from ftrack_orm.session.current_user import CurrentUser
    from ftrack_orm.session.effective_values import EffectiveValues
    from ftrack_orm.session.workflows import Workflows


class LookUpCache:
    """The parts of a session that answer repeated look-ups without a request.

    Every part reads again after the session has written, refreshed or expired data
    that it depends on.
    """

    def __init__(self, core: SessionCore) -> None:
        """Store the session's internals; nothing is sent."""
        self._core = core
        self.reference = ReferenceData(core)

    @cached_property
    def workflows(self) -> Workflows:
        """Return the statuses and types that project schemas allow."""
        from ftrack_orm.session.workflows import Workflows

        return Workflows(self._core)

    @cached_property
    def effective_values(self) -> EffectiveValues:
        """Return the values of hierarchical custom attributes."""
        from ftrack_orm.session.effective_values import EffectiveValues

        return EffectiveValues(self._core)

    @cached_property
    def current_user(self) -> CurrentUser:
        """Return the look-up of the session's user."""
        from ftrack_orm.session.current_user import CurrentUser

        return CurrentUser(self._core)

    def forget_written(self, operations: Iterable[AnyOperation]) -> None:
        """Forget the data that operations of this session may have changed."""
        names = {getattr(operation, "entity_type", None) for operation in operations}
        self.reference.forget(name for name in names if name is not None)
        # Any context that moves and any row that is written changes inherited values.
        self._drop("effective_values")
        self._forget_workflows(names)
        if "CustomAttributeConfiguration" in names:
            self._core.configurations.forget()

    def forget_all(self) -> None:
        """Forget all data; it is read again when it is next needed."""
        self.reference.forget()
        self._drop("effective_values")
        self._drop("workflows")
        self._core.configurations.forget()

    def _forget_workflows(self, names: Iterable[Any]) -> None:
        if "workflows" in vars(self) and self.workflows.depends_on(names):
            self._drop("workflows")

    def _drop(self, part: str) -> None:
        vars(self).pop(part, None)
