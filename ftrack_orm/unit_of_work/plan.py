"""The plan of a commit: its operations as a value to print and compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, assert_never

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.operations import Create, Delete, Update, WriteOperation
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.coalesce import coalesce
from ftrack_orm.unit_of_work.description import (
    DescribedChange,
    Description,
    exact_line,
    html,
    summary,
)
from ftrack_orm.unit_of_work.display_names import Memory
from ftrack_orm.unit_of_work.ordering import (
    IsOptional,
    Parents,
    Predecessors,
    order_changes,
)

if TYPE_CHECKING:
    from ftrack_orm.types import TextPrinter


@lazy_dataclass(frozen=True, slots=True, kw_only=True)
class _PlanParts:
    """The description of a `FlushPlan`, whose type is not public."""

    _description: Description | None = field(default=None, compare=False, repr=False)


@lazy_dataclass(frozen=True, slots=True)
class FlushPlan(_PlanParts):
    """The operations of one commit, in the order they are sent.

    Two plans are equal when they send the same operations and replace the same
    values. A printed plan shows names in place of ids, as they were in memory when
    `Session.plan` returned it; nothing is loaded. Names are not compared.
    """

    changes: tuple[Change, ...] = ()

    @property
    def operations(self) -> tuple[WriteOperation, ...]:
        """Return one operation for each change, in the same order."""
        return tuple(
            [
                # Without a call of `_operation`, as large commits consist of updates.
                Update(*change.reference, change.values)
                if type(change) is UpdateChange
                else _operation(change)
                for change in self.changes
            ]
        )

    def __len__(self) -> int:
        return len(self.changes)

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    # -- for people ----------------------------------------------------------------

    @property
    def entries(self) -> tuple[DescribedChange, ...]:
        """Return the described changes, in the same order."""
        description = self._description or Description(self.changes, Memory())
        return description.entries

    def summary(self) -> str:
        """Return the number of operations by action and entity type, in one line."""
        return summary(self.changes)

    def __str__(self) -> str:
        if not self.changes:
            return self.summary()
        return "\n".join(line for entry in self.entries for line in entry.lines())

    def _repr_pretty_(self, printer: TextPrinter, cycle: bool) -> None:
        del cycle
        printer.text(str(self))

    def _repr_html_(self) -> str:
        return html(self.entries, self.summary())

    def difference(self, other: FlushPlan) -> str:
        """Return the changes that only one plan has: ``-`` this plan, ``+`` `other`.

        Each line has the title of its entity. Plans with equal texts are compared by
        their exact keys and values.
        """
        lines = [line for entry in self.entries for line in entry.flat_lines()]
        other_lines = [line for entry in other.entries for line in entry.flat_lines()]
        if lines == other_lines:
            lines = [exact_line(change) for change in self.changes]
            other_lines = [exact_line(change) for change in other.changes]
        import difflib  # only needed when a commit is refused

        diff = difflib.unified_diff(
            lines, other_lines, "expected", "now", lineterm="", n=0
        )
        changed_lines = [line for line in diff if not line.startswith("@@")]
        return "\n".join(changed_lines) or "The plans are equal."


def make_plan(
    changes: Sequence[Change],
    parents: Parents | None = None,
    is_optional: IsOptional = lambda entity_type, name: False,
    predecessors: Predecessors | None = None,
    memory: Memory | None = None,
) -> FlushPlan:
    """Turn tracked changes into an ordered batch of operations.

    Only reads its arguments. The plan has one operation for each entity, in the order
    of the changes except where a dependency forbids it (see `order_changes`).

    Args:
        changes: the changes, in the order of the edits.
        parents: references among the deleted entities.
        is_optional: attributes that a create may leave out.
        predecessors: changes that come earlier unless a circle forbids it.
        memory: the entities that a printed plan names; read at the first print.

    Raises:
        CircularReferenceError: new entities require each other; `.cycle` lists their
            keys.
        ConflictingChangesError: an entity is both deleted and set.
    """
    ordered = tuple(
        order_changes(coalesce(changes), parents, is_optional, predecessors)
    )
    return FlushPlan(ordered, _description=Description(ordered, memory or Memory()))


def _operation(change: Change) -> WriteOperation:
    entity_type, key = change.reference
    match change:
        case CreateChange():
            return Create(entity_type, change.values, key or None)
        case UpdateChange():
            return Update(entity_type, key, change.values)
        case DeleteChange():
            return Delete(entity_type, key)
        case _:
            assert_never(change)
