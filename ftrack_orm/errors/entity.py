"""Errors of entities, schemas and the emulator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ftrack_orm.errors.root import FtrackError, shortened


def nearest(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of `candidates` that look like `name`, best first."""
    pool = {candidate.lower(): candidate for candidate in candidates}
    if not pool:
        return ()
    import difflib  # only needed to fail: importing it costs every program

    found = difflib.get_close_matches(name.lower(), pool, n=3, cutoff=0.5)
    return tuple(pool[match] for match in found)


def _offer(suggestions: Sequence[str]) -> str:
    if not suggestions:
        return ""
    return f" Did you mean {' or '.join(repr(name) for name in suggestions)}?"


class EntityError(FtrackError):
    """An entity or one of its attributes was used wrongly."""


class NotLoadedError(EntityError):
    """The attribute was not loaded, and the session must not load it now."""

    def __init__(self, entity: str, attribute: str, remedy: str) -> None:
        super().__init__(f"{entity}.{attribute} is not loaded. {remedy}")
        self.entity = entity
        self.attribute = attribute
        self.remedy = remedy


class ReadOnlyAttributeError(EntityError):
    """The attribute is the server's to set."""

    def __init__(self, entity: str, attribute: str, reason: str) -> None:
        super().__init__(f"{entity}.{attribute} cannot be set: {reason}.")
        self.entity = entity
        self.attribute = attribute
        self.reason = reason


class UnknownAttributeError(EntityError, AttributeError):
    """The entity type has no such attribute; `suggestions` holds near names."""

    def __init__(
        self, entity_type: str, attribute: str, candidates: Iterable[str] = ()
    ) -> None:
        self.suggestions = nearest(attribute, candidates)
        super().__init__(
            f"{entity_type} has no attribute {attribute!r}.{_offer(self.suggestions)}"
        )
        self.entity_type = entity_type
        self.attribute = attribute


class UnknownEntityTypeError(EntityError):
    """No such entity type; `suggestions` holds near names."""

    def __init__(self, entity_type: str, candidates: Iterable[str] = ()) -> None:
        self.suggestions = nearest(entity_type, candidates)
        super().__init__(
            f"There is no entity type {entity_type!r}.{_offer(self.suggestions)}"
        )
        self.entity_type = entity_type


class AttributeValueError(EntityError, ValueError):
    """A value that the attribute cannot take; nothing was changed or sent."""

    def __init__(
        self, entity_type: str, attribute: str, value: Any, expected: str
    ) -> None:
        super().__init__(
            f"{entity_type}.{attribute} cannot be {shortened(value)} "
            f"({type(value).__name__}): expected {expected}."
        )
        self.entity_type = entity_type
        self.attribute = attribute
        self.value = value
        self.expected = expected


class EntityKeyError(EntityError):
    """A primary key with a wrong number or kind of values."""

    def __init__(
        self,
        entity_type: str,
        expected: Sequence[str],
        given: Any,
        remedy: str | None = None,
    ) -> None:
        shown = repr(given)
        if len(shown) > 200:
            shown = shown[:200] + "…"
        if remedy is None:
            plural = "s" if len(expected) > 1 else ""
            remedy = f"Give {len(expected)} value{plural} in that order."
        super().__init__(
            f"The key of {entity_type} is ({', '.join(expected)}), got {shown}. "
            f"{remedy}"
        )
        self.entity_type = entity_type
        self.expected = tuple(expected)
        self.given = given


class IdentificationError(EntityError):
    """ensure() cannot look for an entity by what it was given; nothing was sent.

    Attributes:
        entity_type: the type looked for.
        keys: the identifying keys asked for.
        reason: why they do not identify one.
    """

    def __init__(self, entity_type: str, keys: Sequence[str], reason: str) -> None:
        super().__init__(
            f"No {entity_type} can be identified by ({', '.join(keys)}): {reason}. "
            "Give data, and identifying_keys that name some of it."
        )
        self.entity_type = entity_type
        self.keys = tuple(keys)
        self.reason = reason


class SchemaError(FtrackError):
    """A schema cannot be used; `problems` lists what was found and where."""

    def __init__(self, message: str, problems: Sequence[object] = ()) -> None:
        lines = [message, *(f"  - {problem}" for problem in problems)]
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)


class SchemaDriftError(SchemaError):
    """The server's schema is not the one the models were generated from."""


class SchemaDriftWarning(UserWarning):
    """The server's schema is not the one the models were generated from."""


class EmulatorError(FtrackError):
    """The emulator cannot do what was asked."""


class UnsupportedError(EmulatorError):
    """Something the emulator does not know; `feature` names it."""

    def __init__(self, feature: str) -> None:
        super().__init__(f"The emulator does not support {feature}.")
        self.feature = feature
