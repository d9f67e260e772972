"""`ValueRows`, the tuples of `Select.values`, which consoles show as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ftrack_orm.query.path import Path
    from ftrack_orm.types import TextPrinter

R = TypeVar("R", bound=tuple[Any, ...])


class _ValueRows(list[R]):
    """Rows of values; a console or notebook shows them under their paths."""

    __slots__ = ("_paths",)

    _paths: Sequence[Path[Any]]

    @classmethod
    def _of(cls, rows: Sequence[R], paths: Sequence[Path[Any]]) -> _ValueRows[R]:
        """Return the rows of the values at `paths`."""
        made = cls(rows)
        made._paths = paths
        return made

    # A copy that leaves the process is a plain list: paths refer to the models.
    def __reduce_ex__(self, protocol: Any) -> Any:
        return list, (list(self),)

    def _repr_pretty_(self, printer: TextPrinter, cycle: bool) -> None:
        from ftrack_orm.select.display import print_values

        print_values(self, self._paths, printer)

    def _repr_html_(self) -> str:
        from ftrack_orm.select.display import values_html

        return values_html(self, self._paths)


_ValueRows.__name__ = _ValueRows.__qualname__ = "ValueRows"  # see `EntityList`
ValueRows = _ValueRows
