"""The list behind a collection attribute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar, overload

from ftrack_orm.errors import AttributeValueError

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity

E = TypeVar("E", bound="Entity")


class TrackedList(list[E]):
    """A list of entities that tells its owner before it changes.

    It compares, indexes, slices and prints as a list. Every change is checked: only
    entities of the right type, each once.
    """

    __slots__ = ("_attribute", "_owner")

    _owner: Entity
    _attribute: AttributeInfo

    @classmethod
    def of(
        cls, owner: Entity, attribute: AttributeInfo, members: Iterable[E]
    ) -> TrackedList[E]:
        """Return the list of `owner`'s `attribute`, holding `members`."""
        made = cls(members)
        made._owner = owner
        made._attribute = attribute
        return made

    def _change(self, members: list[E]) -> None:
        self._owner.__replace_members__(self._attribute, self, members)

    def _edited(self, edit: Callable[[list[E]], Any]) -> Any:
        members = list(self)
        outcome = edit(members)
        self._change(members)
        return outcome

    def append(self, member: E) -> None:
        """Add `member` at the end; a member already there is refused."""
        self._edited(lambda members: members.append(member))

    def extend(self, added: Iterable[E]) -> None:
        """Add every one of `added` at the end."""
        self._edited(lambda members: members.extend(added))

    def insert(self, index: SupportsIndex, member: E) -> None:
        """Add `member` before `index`."""
        self._edited(lambda members: members.insert(index, member))

    def remove(self, member: E) -> None:
        """Take `member` out; the entity itself is not deleted."""
        self._edited(lambda members: members.remove(member))

    def pop(self, index: SupportsIndex = -1) -> E:
        """Take out and return the member at `index`."""
        taken: E = self._edited(lambda members: members.pop(index))
        return taken

    def clear(self) -> None:
        """Take every member out."""
        self._change([])

    def replace(self, members: Iterable[E]) -> None:
        """Make `members` the whole membership."""
        self._change(list(members))

    def sort(self, **options: Any) -> None:
        """Sort in memory; the server knows no order of members."""
        list.sort(self, **options)

    @overload
    def __setitem__(self, index: SupportsIndex, value: E) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[E]) -> None: ...
    def __setitem__(self, index: Any, value: Any) -> None:
        self._edited(lambda members: members.__setitem__(index, value))

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        self._edited(lambda members: members.__delitem__(index))

    def __iadd__(self, added: Iterable[E]) -> TrackedList[E]:  # type: ignore[override, misc] # a list's own also widens
        self.extend(added)
        return self

    def __imul__(self, count: SupportsIndex) -> TrackedList[E]:
        raise AttributeValueError(
            type(self._owner).__name__,
            self._attribute.name,
            count,
            "each member at most once",
        )

    # Copies are plain lists: they are nobody's membership.
    def __copy__(self) -> list[E]:
        return list(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (list, (list(self),))
