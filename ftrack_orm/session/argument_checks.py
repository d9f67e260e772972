"""Check arguments at run time, for programs that run no type checker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ftrack_orm.errors.query import CriterionError, QueryError
from ftrack_orm.errors.root import shortened
from ftrack_orm.errors.session import InvalidArgumentError
from ftrack_orm.plain_values import plain_texts


def require_entity_class(method: str, entity_class: object) -> None:
    """Raise unless the argument is an entity class.

    Args:
        method: the subject of the message, such as ``select()``.
        entity_class: the argument.

    Raises:
        QueryError: it is a name, an entity, or another value.
    """
    if isinstance(entity_class, type) and getattr(entity_class, "__ftrack__", None):
        return
    remedy = "Import it from the generated models"
    if isinstance(entity_class, str):
        remedy += f", or use session.model({entity_class!r})"
    raise QueryError(
        f"{method} takes an entity class, not {shortened(entity_class)}. {remedy}."
    )


def require_subclass(entity_class: type[Any], base: Any) -> None:
    """Raise unless an entity class is `base` or inherits from it.

    Raises:
        QueryError: it does not, or `base` is no entity class.
    """
    if not isinstance(base, type) or not hasattr(base, "__ftrack__"):
        require_entity_class("model()", base)
    if not issubclass(entity_class, base):
        name = entity_class.__name__
        raise QueryError(
            f"model() found {name}, which is no {base.__name__}. Pass a base of "
            f"{name}, or the name of another type."
        )


def require_entity(method: str, entity: object) -> None:
    """Raise unless the argument is an entity.

    Raises:
        InvalidArgumentError: it is not.
    """
    if not hasattr(entity, "__ftrack_state__"):
        raise InvalidArgumentError(method, entity, "an entity")


def require_operations(method: str, operations: Any) -> list[Any]:
    """Return the operations of an argument as a list.

    Raises:
        InvalidArgumentError: it is no list of operations and mappings.
    """
    expected = "a list of operations"
    is_list = isinstance(operations, Iterable) and not isinstance(operations, Mapping)
    if not is_list or isinstance(operations, str | bytes):
        raise InvalidArgumentError(method, operations, expected)
    checked = list(operations)
    for operation in checked:
        if not isinstance(operation, Mapping) and not hasattr(operation, "action"):
            raise InvalidArgumentError(method, operation, expected)
    return checked


def require_texts(method: str, values: Any, noun: str) -> tuple[str, ...]:
    """Return the texts of an argument.

    Args:
        method: the subject of the message, such as ``effective()``.
        values: the argument.
        noun: the word for the texts, such as ``keys``.

    Raises:
        InvalidArgumentError: it is one text, or no list of texts.
    """
    texts = plain_texts(values)
    if texts is None:
        expected = f"a list of {noun}"
        if isinstance(values, str):
            expected += f", such as [{shortened(values)}]"
        raise InvalidArgumentError(method, values, expected)
    return texts


def require_entities(entities: Any, method: str = "load()") -> list[Any]:
    """Return the entities of an argument as a list.

    Raises:
        QueryError: it is no list of entities.
    """
    is_list = isinstance(entities, Iterable) and not isinstance(entities, str)
    if not is_list or hasattr(type(entities), "__ftrack__"):
        raise QueryError(
            f"{method} takes a list of entities, not {shortened(entities)}. Pass a "
            "list, also for one entity."
        )
    checked = list(entities)
    for entity in checked:
        if not hasattr(type(entity), "__ftrack__"):
            raise QueryError(
                f"{method} takes entities, not {shortened(entity)}. Get it from this "
                "session first."
            )
    return checked


def require_path(path: object) -> None:
    """Raise unless the argument is an attribute read on an entity class.

    Raises:
        CriterionError: it is not.
    """
    if getattr(path, "_attribute", None) is None:
        raise CriterionError(
            f"{shortened(path)} is not an attribute of an entity class. Read it on the "
            "class, as in Task.status."
        )


def require_owner(path: Any, entities: Sequence[Any]) -> None:
    """Raise unless a path starts at the type, or a base, of one of the entities.

    Raises:
        CriterionError: it starts at another type.
    """
    start = path._root.name
    types = {type(entity).__ftrack__ for entity in entities}
    if types and not any(type_info.is_kind_of(start) for type_info in types):
        names = ", ".join(sorted(type_info.name for type_info in types))
        raise CriterionError(
            f"{path} is an attribute of {start}, and the entities are of type {names}. "
            "Read the attribute on their class."
        )
