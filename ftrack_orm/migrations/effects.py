"""Run the effects of a unit: functions whose repetition does no harm."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from ftrack_orm.errors.migration_runs import EffectError
from ftrack_orm.migrations.chunk_results import is_applied
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import PlannedEffect, PlannedUnit
from ftrack_orm.migrations.verification import Verdict


def import_effects(file: PlanFile) -> None:
    """Import the file that a plan was made from, if the plan has effects.

    Raises:
        RevisionFileError: the file is gone, or its meaning has changed since.
    """
    if file.has_effects():
        # It imports the models of the revision, which no other plan needs.
        from ftrack_orm.migrations.plan_module import import_source

        import_source(file)


def units_with_effects(
    verdicts: Iterable[Verdict], called: set[int]
) -> list[PlannedUnit]:
    """Return the units that are written after effects which were not run yet.

    Args:
        verdicts: the comparison of the units.
        called: the numbers of units that were returned before; these are added.
    """
    units = [
        verdict.unit
        for verdict in verdicts
        if verdict.unit.effects
        and verdict.unit.number not in called
        and is_applied(verdict)
    ]
    called.update(unit.number for unit in units)
    return units


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
