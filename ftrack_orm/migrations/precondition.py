"""Check that a server still has every name of a revision's frozen models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ftrack_orm.errors.revisions import PreconditionError
from ftrack_orm.schema.diff import (
    AttributeChanged,
    AttributeRemoved,
    TypeChanged,
    TypeRemoved,
    diff_schemas,
)
from ftrack_orm.schema.model import Schema

if TYPE_CHECKING:
    from ftrack_orm.entity.custom_rows import Configuration

_TYPE_FACETS: Final = frozenset({"base", "primary_key"})
_ATTRIBUTE_FACETS: Final = frozenset({"kind", "target", "type", "format", "key"})
"""Differences that change the meaning of an edit; others, such as a default, do not."""


@dataclass(frozen=True, slots=True)
class NeededAttribute:
    """A custom attribute that a revision names.

    Attributes:
        entity_type: the type of the entities that have it.
        key: its key.
        types: the types that its values may have, such as ``"number"``.
    """

    entity_type: str
    key: str
    types: tuple[str, ...]

    @property
    def place(self) -> str:
        """Return it as code: ``Shot.custom_attributes.cut_no``."""
        return f"{self.entity_type}.custom_attributes.{self.key}"


@dataclass(frozen=True, slots=True)
class MissingName:
    """A name of frozen models that a server lacks, or has in another form.

    Attributes:
        place: the type, attribute or custom attribute.
        problem: the difference, ``"gone"`` for a name that the server lacks.
    """

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


def missing_names(frozen: Schema, server: Schema) -> tuple[MissingName, ...]:
    """Return the types and attributes that the server lacks or changed.

    Types and attributes that the server has in addition are no hindrance.

    Args:
        frozen: the schema of the frozen models.
        server: the schema of the server.
    """
    return tuple(_missing(frozen, server))


def _missing(frozen: Schema, server: Schema) -> Iterator[MissingName]:
    for change in diff_schemas(frozen, server):
        match change:
            case TypeRemoved(type_name):
                yield MissingName(type_name, "gone")
            case AttributeRemoved(type_name, attribute):
                yield MissingName(f"{type_name}.{attribute}", "gone")
            case AttributeChanged(facet=facet) if facet in _ATTRIBUTE_FACETS:
                yield _changed(str(change))
            case TypeChanged(facet=facet) if facet in _TYPE_FACETS:
                yield _changed(str(change))


def _changed(text: str) -> MissingName:
    place, _, problem = text.partition(": ")
    return MissingName(place, problem)


def missing_attributes(
    needed: Iterable[NeededAttribute],
    configurations_of: Callable[[str], Sequence[Configuration]],
) -> tuple[MissingName, ...]:
    """Return the custom attributes that the server lacks, or has with other values.

    Args:
        needed: the custom attributes that a revision names.
        configurations_of: returns the configurations of a type on the server.
    """
    missing: dict[MissingName, None] = {}
    for each in needed:
        found = [
            configuration.type_name
            for configuration in configurations_of(each.entity_type)
            if configuration.key == each.key
        ]
        if not found:
            missing[MissingName(each.place, "gone")] = None
        elif not set(found) <= set(each.types):
            types = " or ".join(sorted(set(found) - set(each.types)))
            problem = f"is {types} now, and was {' or '.join(each.types)}"
            missing[MissingName(each.place, problem)] = None
    return tuple(missing)


def check_precondition(
    revision: str,
    missing: Sequence[MissingName],
    last_seen: Callable[[str], str | None] = lambda place: None,
) -> None:
    """Raise if the server lacks names of a revision's frozen models.

    Args:
        revision: the id of the revision.
        missing: the names that it lacks.
        last_seen: returns the last applied revision that has a name.

    Raises:
        PreconditionError: there are some; each is named.
    """
    lines = []
    for each in missing:
        seen_by = last_seen(each.place) if each.problem == "gone" else None
        lines.append(f"{each} (last seen by {seen_by})" if seen_by else str(each))
    if lines:
        raise PreconditionError(revision, tuple(lines))
