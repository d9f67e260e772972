"""Record calls that run before a unit is sent."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.migrations.planned_change import PlannedEffect


def planned_effect(
    step: Callable[..., None], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> PlannedEffect:
    """Return the record of a call; the function is not called.

    Raises:
        PlanningError: it is no top-level function, or JSON cannot contain an argument.
    """
    name = getattr(step, "__qualname__", "")
    module = getattr(step, "__module__", "")
    is_top_level = name.isidentifier() and (
        getattr(sys.modules.get(module), name, step) is step
    )
    if not is_top_level or not module:
        raise PlanningError(
            f"{step!r} cannot be an effect: the run imports it by name. Pass a "
            "function that a module defines at its top level."
        )
    try:
        text = json.dumps([list(arguments), dict(keywords)], allow_nan=False)
    except (TypeError, ValueError) as error:
        raise PlanningError(
            f"The arguments of {name} cannot be stored in a plan: {error}. Pass JSON "
            "values, such as text instead of a path."
        ) from error
    positional, named = json.loads(text)
    if positional != list(arguments) or named != dict(keywords):
        raise PlanningError(
            f"The arguments of {name} change when they are stored in a plan. Pass "
            "lists instead of tuples, and text as keys."
        )
    return PlannedEffect(f"{module}:{name}", tuple(positional), named)
