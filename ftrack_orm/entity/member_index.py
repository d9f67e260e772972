"""The members of one collection, found without a search through the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.tracking import KEY_EDITS, bare_key

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


class MemberIndex:
    """The objects and the keys of a list's members.

    The list makes it when it first looks for a member, tells it of single members that
    come and go, and drops it when it changes as a whole.
    """

    __slots__ = ("_edits", "_ids", "_keys")

    def __init__(self, members: Iterable[Entity]) -> None:
        self._ids = set(map(id, members))
        self._keys: set[Any] | None = None
        self._edits = 0

    def has(self, member: Entity) -> bool:
        """Return whether an entity is a member, by its object."""
        return id(member) in self._ids

    def has_key(self, key: Any, members: Iterable[Entity]) -> bool:
        """Return whether a member has a bare key.

        Args:
            key: the key.
            members: the list, which is read again after any entity's key was set.
        """
        if self._keys is None or self._edits != KEY_EDITS.count:
            self._edits = KEY_EDITS.count
            self._keys = set(map(bare_key, members))
        return key in self._keys

    def add(self, member: Entity) -> None:
        """Take in a member that was added to the list."""
        self._ids.add(id(member))
        if self._keys is not None:
            self._keys.add(bare_key(member))

    def discard(self, member: Entity) -> None:
        """Let go a member that was taken out of the list."""
        self._ids.discard(id(member))
        if self._keys is not None:
            self._keys.discard(bare_key(member))
