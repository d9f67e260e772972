"""The parameters of a planning function, validated by its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, get_type_hints

from pydantic import ConfigDict, ValidationError, create_model
from pydantic_core import to_jsonable_python

from ftrack_orm.errors.planning import ParameterError, PlanningError
from ftrack_orm.errors.suggestions import nearest, offer
from ftrack_orm.types import JSON


def split_settings(settings: Sequence[str]) -> dict[str, str]:
    """Return texts of the form ``name=value`` by name.

    Raises:
        ParameterError: one has no ``=``, or a name occurs twice.
    """
    parameters: dict[str, str] = {}
    problems = []
    for setting in settings:
        name, sign, value = setting.partition("=")
        if not sign or not name:
            problems.append(f"{setting!r} is not NAME=VALUE")
        elif name in parameters:
            problems.append(f"{name} is given twice")
        parameters[name] = value
    if problems:
        raise ParameterError(problems)
    return parameters


def validated(up: Callable[..., None], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments of a planning function.

    Args:
        up: the function; its first parameter is the planner.
        given: values by name; texts are converted to the annotated types.

    Raises:
        ParameterError: a value is not valid, missing or unknown.
        PlanningError: the function has another positional parameter without default.
    """
    parameters = _keyword_parameters(up)
    problems = [
        f"there is no parameter {name}.{offer(nearest(name, parameters))}"
        for name in given
        if name not in parameters
    ]
    if problems:
        raise ParameterError(problems)
    hints = _hints(up, parameters)
    fields: dict[str, Any] = {
        name: (
            hints.get(name, str),
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for name, parameter in parameters.items()
    }
    model = create_model(
        "Parameters", __config__=ConfigDict(arbitrary_types_allowed=True), **fields
    )
    try:
        checked = model.model_validate(dict(given))
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}"
            for item in error.errors(include_url=False)
        ]
        raise ParameterError(lines) from error
    return {name: getattr(checked, name) for name in parameters}


def _hints(up: Callable[..., None], names: Collection[str]) -> dict[str, Any]:
    """Return the annotations of parameters; that of the planner is not evaluated.

    Raises:
        PlanningError: an annotation names something that its module does not import.
    """
    function = inspect.unwrap(up)
    written = getattr(function, "__annotations__", {})
    holder = SimpleNamespace(
        __annotations__={name: written[name] for name in names if name in written}
    )
    try:
        return get_type_hints(holder, getattr(function, "__globals__", {}), None, True)
    except NameError as error:
        raise PlanningError(
            f"An annotation of {function.__name__} cannot be read: {error}. Import the "
            "type outside of `if TYPE_CHECKING`."
        ) from error


def recorded(arguments: Sequence[Any], keywords: Mapping[str, Any]) -> JSON:
    """Return arguments as JSON, for the record of a plan; others as text."""
    data: JSON = to_jsonable_python(
        {"arguments": list(arguments), "keywords": dict(keywords)}, fallback=repr
    )
    return data


def _keyword_parameters(up: Callable[..., None]) -> dict[str, inspect.Parameter]:
    first, *others = inspect.signature(up).parameters.values() or (None,)
    if first is None:
        raise PlanningError(
            f"{up.__name__} takes no planner. Write def {up.__name__}(plan: Planner)."
        )
    keywords: dict[str, inspect.Parameter] = {}
    for parameter in others:
        if parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            keywords[parameter.name] = parameter
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            raise PlanningError(
                f"The parameter {parameter.name} of {up.__name__} has no name to set. "
                "Write `*, ` before it."
            )
    return keywords
