"""Look up the members of a collection without searching the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.tracking import KEY_EDITS, bare_key

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


class MemberIndex:
    """An index of a list's members by object and by key.

    The list creates it on the first lookup, updates it when a single member is added or
    removed, and drops it when the whole content is replaced.
    """

    __slots__ = ("_edits", "_ids", "_keys")

    def __init__(self, members: Iterable[Entity]) -> None:
        self._ids = set(map(id, members))
        self._keys: set[Any] | None = None
        self._edits = 0

    def has(self, member: Entity) -> bool:
        """Return whether an entity object is in the list."""
        return id(member) in self._ids

    def has_key(self, key: Any, members: Iterable[Entity]) -> bool:
        """Return whether a member has the key.

        Args:
            key: the bare key.
            members: the list, to index its keys.
        """
        # A key of a member may change without an edit of the list, so the index is
        # rebuilt after the key of any entity was set.
        if self._keys is None or self._edits != KEY_EDITS.count:
            self._edits = KEY_EDITS.count
            self._keys = set(map(bare_key, members))
        return key in self._keys

    def add(self, member: Entity) -> None:
        """Index a member that was added to the list."""
        self._ids.add(id(member))
        if self._keys is not None:
            self._keys.add(bare_key(member))

    def discard(self, member: Entity) -> None:
        """Drop a member that was removed from the list."""
        self._ids.discard(id(member))
        if self._keys is not None:
            self._keys.discard(bare_key(member))
