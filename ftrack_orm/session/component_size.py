"""Return the size of a component's file, from memory or from the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.entity.state import EntityState
from ftrack_orm.errors.transport import ResponseFormatError
from ftrack_orm.operations import Query
from ftrack_orm.transfer.component_api import is_id
from ftrack_orm.types import Cancel

if TYPE_CHECKING:
    from ftrack_orm.session.core import SessionCore


class ComponentSize:
    """A `ftrack_orm.transfer.download.FileSize` of one component."""

    def __init__(
        self, core: SessionCore, component_id: str, cancel: Cancel | None
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            core: the internals of the session.
            component_id: the id of the component.
            cancel: ends the request when it is set.
        """
        self._core = core
        self._component_id = component_id
        self._cancel = cancel

    def from_memory(self) -> int | None:
        """Return the loaded size in bytes, ``None`` if it is unloaded or edited."""
        component = self._core.find("Component", (self._component_id,))
        if component is None:
            return None
        state = component.__ftrack_state__
        is_changed = "size" in (state.committed or {})
        if state.state is not EntityState.PERSISTENT or is_changed:
            return None
        size = component.__dict__.get("size")
        return size if isinstance(size, int) else None

    def from_server(self) -> int | None:
        """Query the size in one request; no entity is loaded or changed.

        Returns:
            Bytes, or ``None`` when the server has no such component or no size.

        Raises:
            ServerError, TransportError: the query failed.
        """
        if not is_id(self._component_id):
            return None
        query = Query(
            f'select size from Component where id is "{self._component_id}"'  # noqa: S608 # no SQL
        )
        [result] = self._core.client.send([query], cancel=self._cancel)
        try:
            rows = result["data"]
            size = rows[0].get("size") if rows else None
        except (KeyError, TypeError, AttributeError) as error:
            raise ResponseFormatError(
                "The server's response to the query for a component's size has no rows "
                "in the form of protocol 2.1. Try again, or report it to the server's "
                "administrator."
            ) from error
        return size if isinstance(size, int) else None
