"""Run the effects of a unit: functions whose repetition does no harm."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ftrack_orm.errors.migrations import MigrationError
from ftrack_orm.migrations.planned_change import PlannedEffect, PlannedUnit


class EffectError(MigrationError):
    """The function of an effect cannot be found.

    Attributes:
        function: the module and name, as ``"module:name"``.
    """

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(
            f"The effect {function} cannot be called: {reason}. Run the command where "
            "its module can be imported, with a top-level function of that name."
        )
        self.function = function


def run_effects(unit: PlannedUnit) -> None:
    """Call the functions of a unit's effects, in order.

    Raises:
        EffectError: a function cannot be found.
        Exception: a function raised it.
    """
    for effect in unit.effects:
        _function(effect)(*effect.arguments, **effect.keywords)


def _function(effect: PlannedEffect) -> Any:
    module, _, name = effect.function.partition(":")
    try:
        function = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise EffectError(effect.function, str(error)) from error
    if not callable(function):
        raise EffectError(effect.function, "it is no function")
    return function
