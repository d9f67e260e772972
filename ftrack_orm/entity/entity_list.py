"""`EntityList`, a list of entities that consoles and notebooks show as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.types import TextPrinter

E = TypeVar("E", bound="Entity")


class _EntityList(list[E]):
    """A list of entities; a console or notebook shows it as a table."""

    __slots__ = ()

    def __dir__(self) -> list[str]:
        from ftrack_orm.listed_names import listed_names

        # Without the methods of subclasses that only the session calls.
        names = [name for name in dir(list) if not name.startswith("_")]
        return listed_names([*names, *self._other_names()])

    def _other_names(self) -> tuple[str, ...]:
        return ()

    def _repr_pretty_(self, printer: TextPrinter, cycle: bool) -> None:
        from ftrack_orm.entity.display import print_entities

        print_entities(self, printer, cycle=cycle)

    def _repr_html_(self) -> str:
        from ftrack_orm.entity.display import entities_html

        return entities_html(self)


# If jedi found the class statement by its name, it would infer items from the type
# variable. Without it jedi examines the items themselves, as it does for a list.
_EntityList.__name__ = _EntityList.__qualname__ = "EntityList"
EntityList = _EntityList
