"""Errors of entities, their attributes and their primary keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ftrack_orm.errors.root import FtrackError, shortened
from ftrack_orm.errors.suggestions import nearest, offer


class EntityError(FtrackError):
    """An entity or one of its attributes was used wrongly."""


class NotLoadedError(EntityError):
    """The attribute is not loaded, and the session may not load it now."""

    def __init__(self, entity: str, attribute: str, remedy: str) -> None:
        super().__init__(f"{entity}.{attribute} is not loaded. {remedy}")
        self.entity = entity
        self.attribute = attribute
        self.remedy = remedy


class ReadOnlyAttributeError(EntityError):
    """The attribute is read-only: only the server sets it."""

    def __init__(
        self, entity_type: str, attribute: str, reason: str, place: str = ""
    ) -> None:
        place = place or f"{entity_type}.{attribute}"
        super().__init__(f"{place} cannot be set: {reason}.")
        self.entity_type = entity_type
        self.attribute = attribute
        self.reason = reason


class UnknownAttributeError(EntityError, AttributeError):
    """The entity type has no such attribute; `suggestions` holds similar names."""

    def __init__(
        self,
        entity_type: str,
        attribute: str,
        candidates: Iterable[str] = (),
        *,
        message: str | None = None,
    ) -> None:
        self.suggestions = nearest(attribute, candidates)
        super().__init__(
            message
            or f"{entity_type} has no attribute {attribute!r}.{offer(self.suggestions)}"
        )
        self.entity_type = entity_type
        self.attribute = attribute


class UnknownEntityTypeError(EntityError):
    """There is no such entity type; `suggestions` holds similar names."""

    def __init__(self, entity_type: str, candidates: Iterable[str] = ()) -> None:
        self.suggestions = nearest(entity_type, candidates)
        super().__init__(
            f"There is no entity type {entity_type!r}.{offer(self.suggestions)}"
        )
        self.entity_type = entity_type


class UnknownKeyError(EntityError, KeyError):
    """The metadata or custom attributes of an entity have no such key.

    Attributes:
        place: the mapping, ``Shot.custom_attributes``.
        key: the key that was read.
    """

    def __init__(self, place: str, key: object, candidates: Iterable[str] = ()) -> None:
        super().__init__(key)
        self.place = place
        self.key = key
        self._candidates = tuple(candidates)

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Return similar keys, which `Mapping.get` and ``in`` never read."""
        return nearest(str(self.key), self._candidates)

    def __str__(self) -> str:
        return f"{self.place} has no key {self.key!r}.{offer(self.suggestions)}"


class UnknownReferenceError(EntityError, AttributeError, KeyError):
    """The package lists no such row; `suggestions` holds similar names."""

    def __init__(
        self, entity_type: str, name: str, candidates: Iterable[str] = ()
    ) -> None:
        self.suggestions = nearest(name, candidates)
        super().__init__(
            f"The package lists no {entity_type} {name!r}.{offer(self.suggestions)} "
            "Generate it again if the server has one."
        )
        self.entity_type = entity_type
        self.name = name

    def __str__(self) -> str:
        # `KeyError` would print the message in quotes.
        return str(self.args[0])


class AttributeValueError(EntityError, ValueError):
    """The attribute cannot hold the value; nothing was changed or sent."""

    def __init__(
        self, entity_type: str, attribute: str, value: Any, expected: str
    ) -> None:
        super().__init__()
        self.attribute = attribute
        self.value = value
        self.expected = expected
        self.locate(entity_type, f"{entity_type}.{attribute}")

    def locate(self, entity_type: str, place: str) -> None:
        """Name the attribute by its entity or query path, which the check lacks.

        Args:
            entity_type: the concrete type of the entity, or the root of the path.
            place: the attribute for people, ``Task 'lighting'.bid``.
        """
        self.entity_type = entity_type
        self.args = (
            f"{place} cannot be {shortened(self.value)} "
            f"({type(self.value).__name__}): expected {self.expected}.",
        )


class AttributeKindError(EntityError, TypeError):
    """A value that was read is not of the requested type."""

    def __init__(self, place: str, value: Any, kind: type[Any]) -> None:
        super().__init__(
            f"{place} is {shortened(value)} ({type(value).__name__}), not of the type "
            f"{kind.__name__}. Read it with its own type, or with [] for any."
        )
        self.value = value
        self.kind = kind


class MissingValueError(EntityError):
    """A new entity has no value that the server requires; nothing was sent.

    Attributes:
        entity: the entity, as messages name it.
        attribute: the attribute without a value.
        foreign_key: the attribute that holds the key of a link, or ``None``.
    """

    def __init__(
        self, entity: str, attribute: str, foreign_key: str | None = None
    ) -> None:
        choice = "it" if foreign_key is None else f"it or {foreign_key}"
        super().__init__(
            f"{entity} has no {attribute}, which the server requires. Set {choice} "
            "before the commit, or take the entity out of the session with remove()."
        )
        self.entity = entity
        self.attribute = attribute
        self.foreign_key = foreign_key


class EntityKeyError(EntityError):
    """A primary key has the wrong number or types of values.

    Attributes:
        entity_type: the type whose key it is.
        expected: the names of the primary key, in order.
        given: the value passed as the key.
    """

    def __init__(
        self,
        entity_type: str,
        expected: Sequence[str],
        given: Any,
        remedy: str | None = None,
    ) -> None:
        if remedy is None:
            plural = "s" if len(expected) > 1 else ""
            remedy = f"Give {len(expected)} value{plural} in that order."
        super().__init__(
            f"The key of {entity_type} is ({', '.join(expected)}), got "
            f"{shortened(given)}. {remedy}"
        )
        self.entity_type = entity_type
        self.expected = tuple(expected)
        self.given = given


class IdentificationError(EntityError):
    """The arguments of ensure() or find_or_add() identify no entity; nothing was sent.

    Attributes:
        entity_type: the type to search.
        keys: the identifying keys of the call.
        reason: why they identify no entity.
    """

    def __init__(
        self,
        entity_type: str,
        keys: Sequence[str],
        reason: str,
        remedy: str = "Give data, and identifying_keys that name some of it.",
    ) -> None:
        super().__init__(
            f"No {entity_type} can be identified by ({', '.join(keys)}): {reason}. "
            f"{remedy}"
        )
        self.entity_type = entity_type
        self.keys = tuple(keys)
        self.reason = reason
