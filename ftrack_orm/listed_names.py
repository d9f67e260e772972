"""The names that `dir` lists for entities and paths: the schema's attributes first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PYTHON_NAMES: Final = frozenset((*dir(object), "__dict__", "__module__"))
"""Names of the language; the methods that pydantic and this package add are left out.

Methods of pydantic that are no longer recommended (``dict``, ``json``, ``parse_obj``)
and bookkeeping of models (``model_extra``) would hide the attributes.
"""


class ListedName(str):
    """A name that sorts by its group first: `dir` sorts the names it returns."""

    __slots__ = ("_group",)

    _group: int

    @classmethod
    def of(cls, name: str, group: int) -> ListedName:
        """Return a name of a group; lower groups come first."""
        listed = cls(name)
        listed._group = group
        return listed

    def __lt__(self, other: str) -> bool:
        group = other._group if isinstance(other, ListedName) else self._group
        return (self._group, str(self)) < (group, str(other))


def listed_names(*groups: Iterable[str]) -> list[str]:
    """Return the names of all groups, each once, and those of the language last."""
    names: dict[str, ListedName] = {}
    for number, group in enumerate((*groups, PYTHON_NAMES)):
        for name in group:
            names.setdefault(name, ListedName.of(name, number))
    return list(names.values())
