"""Protocols of entity classes, attributes and selects, as paths read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ftrack_orm.query import ast
from ftrack_orm.schema.attribute_kind import AttributeKind


class AttributeLike(Protocol):
    """An attribute, as paths read it."""

    name: str
    server_name: str
    kind: AttributeKind
    target: str | None
    key_value_attributes: Mapping[str, str] | None

    @property
    def foreign_key(self) -> str | None:
        """Return the server name of the attribute that holds a link's key."""
        ...

    def validate(self, value: Any) -> Any:
        """Return `value` as it is kept, or raise `AttributeValueError`."""
        ...


class TypeLike(Protocol):
    """An entity class, as paths read it."""

    @property
    def name(self) -> str:
        """Return the type's name on the wire."""
        ...

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Return the server names of the primary key."""
        ...

    @property
    def attributes(self) -> Mapping[str, AttributeLike]:
        """Return every attribute by Python name."""
        ...

    def type_named(self, name: str) -> TypeLike:
        """Return another type of the same models."""
        ...

    def is_kind_of(self, name: str) -> bool:
        """Return whether this is the type `name` or inherits from it."""
        ...

    def is_only_owner(self, name: str, base: TypeLike) -> bool:
        """Return whether, of `base` and its subtypes, this one alone has `name`."""
        ...


class Subquery(Protocol):
    """A select of one attribute, as `in_` takes it."""

    def _as_subquery(self, *, default_to_key: bool) -> ast.Query:
        """Return the query that is written inside ``in (…)``.

        Args:
            default_to_key: project the primary key where nothing is projected.

        Raises:
            QueryError: it does not project one attribute.
        """
        ...
