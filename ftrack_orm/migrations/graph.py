"""The order of revisions: a set in which each names those that it needs.

Only reads its arguments. Several revisions that nothing needs are normal: there is no
line, so no two of them have to be merged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ftrack_orm.errors.planning import (
    MissingRevisionError,
    RevisionCycleError,
    UnknownRevisionError,
)
from ftrack_orm.unit_of_work.circles import circles, one_circle, stable_order


def find_id(name: str, ids: Sequence[str]) -> str:
    """Return the id that is `name`, or the only one that contains it as a part.

    A part begins at the start or after ``_``: ``7f3a`` is ``20261126_7f3a``.

    Raises:
        UnknownRevisionError: there is none, or there are several.
    """
    matches = _matches(name, ids)
    if len(matches) == 1:
        return matches[0]
    raise UnknownRevisionError(name, ids, matches)


class RevisionGraph:
    """Revisions by id, and the ids that each needs."""

    def __init__(self, needs: Mapping[str, Iterable[str]]) -> None:
        """Sort the revisions.

        Args:
            needs: the ids that each revision needs, by its id.

        Raises:
            MissingRevisionError: a revision needs one that is not there.
            RevisionCycleError: revisions need each other.
        """
        self._needs = {name: tuple(needs[name]) for name in sorted(needs)}
        for name, needed in self._needs.items():
            missing = [other for other in needed if other not in self._needs]
            if missing:
                raise MissingRevisionError(name, missing)
        self._order = self._sorted()

    @property
    def order(self) -> Sequence[str]:
        """Return all ids, each after those it needs; otherwise sorted by id."""
        return self._order

    @property
    def heads(self) -> list[str]:
        """Return the ids that no revision needs, in order."""
        needed = {other for others in self._needs.values() for other in others}
        return [name for name in self._order if name not in needed]

    def with_needs(self, names: Iterable[str]) -> list[str]:
        """Return ids and all that they need, in order."""
        selected: set[str] = set()
        queue = list(names)
        while queue:
            name = queue.pop()
            if name not in selected:
                selected.add(name)
                queue.extend(self._needs[name])
        return [name for name in self._order if name in selected]

    def pending(self, applied: Collection[str]) -> list[str]:
        """Return the ids that are not applied, in the order to apply them."""
        return [name for name in self._order if name not in applied]

    def unmet(self, name: str, applied: Collection[str]) -> list[str]:
        """Return the ids that a revision needs and that are not applied, in order."""
        needed = self.with_needs([name])
        return [other for other in needed if other not in applied and other != name]

    def find(self, name: str) -> str:
        """Return the id that is `name`, or the only one that contains it as a part.

        Raises:
            UnknownRevisionError: there is none, or there are several.
        """
        return find_id(name, self._order)

    def _sorted(self) -> list[str]:
        names = list(self._needs)
        numbers = {name: number for number, name in enumerate(names)}
        needs = {
            numbers[name]: {numbers[other] for other in others}
            for name, others in self._needs.items()
        }
        for number, needed in needs.items():
            if number in needed:
                raise RevisionCycleError([names[number], names[number]])
        for part in circles(needs):
            cycle = [names[number] for number in one_circle(part, needs)]
            raise RevisionCycleError(cycle)
        return [names[number] for number in stable_order(len(names), needs)]


def full_name(name: str, names: Iterable[str]) -> str:
    """Return the only id that `name` is a part of; `name` where there is none.

    See `RevisionGraph.find`.
    """
    matches = _matches(name, sorted(names))
    return matches[0] if len(matches) == 1 else name


def _matches(name: str, names: Sequence[str]) -> list[str]:
    if name in names:
        return [name]
    if not name:
        return []
    return [other for other in names if other.startswith(name) or f"_{name}" in other]
