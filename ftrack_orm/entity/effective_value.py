"""`EffectiveValue`, the value of a custom attribute and its origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.types import VariableValue

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


@lazy_dataclass(frozen=True, slots=True)
class EffectiveValue:
    """The value of a custom attribute for an entity, inherited ones included.

    Attributes:
        value: the value.
        source: the entity that stores it: the entity itself or one above it; ``None``
            for the default of the configuration.
    """

    value: VariableValue
    source: Entity | None

    @property
    def is_default(self) -> bool:
        """Return whether no entity stores the value."""
        return self.source is None
