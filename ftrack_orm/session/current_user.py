"""Find the entity of the user that a session authenticates as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_orm.errors.query import NoResultError
from ftrack_orm.session.find import find_or_none

if TYPE_CHECKING:
    from ftrack_orm.session.core import SessionCore
    from ftrack_orm.types import EntityKey


class CurrentUser:
    """The session's user, requested at the first use."""

    def __init__(self, core: SessionCore) -> None:
        """Store the session's internals; nothing is sent."""
        self._core = core
        self._key: EntityKey | None = None

    def entity(self) -> Any:
        """Return the user's entity.

        Raises:
            NoResultError: the server shows no user of that name.
        """
        # By its key, as the object may have left the session since.
        user = None if self._key is None else self._core.find("User", self._key)
        if user is None:
            user = self._read()
            self._key = user.reference.key
        return user

    def _read(self) -> Any:
        username = str(getattr(self._core.transport, "api_user", ""))
        user_class = self._core.models.class_named("User")
        user = find_or_none(self._core, user_class, (), {"username": username})
        if user is None:
            raise NoResultError(
                f"User with username={username!r}",
                remedy="Check api_user, and that the user's role may read users.",
            )
        return user
