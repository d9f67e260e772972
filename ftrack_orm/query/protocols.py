"""Protocols of the entity classes, attributes and selects that paths use.

With them this package does not import `ftrack_orm.entity`, which imports it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ftrack_orm.query import ast
from ftrack_orm.schema.attribute_kind import AttributeKind


class AttributeLike(Protocol):
    """The attribute of an entity class."""

    name: str
    server_name: str
    kind: AttributeKind
    target: str | None
    key_value_attributes: Mapping[str, str] | None

    @property
    def documentation(self) -> str:
        """Return the docstring of the attribute, an empty text if it has none."""
        ...

    def documentation_of(self, key: str) -> str:
        """Return the docstring of a key of a mapping, else that of the attribute."""
        ...

    @property
    def foreign_key(self) -> str | None:
        """Return the server name of the attribute that holds a link's key."""
        ...

    @property
    def mapped_keys(self) -> Mapping[str, str]:
        """Return the keys of custom attributes by their names in a studio's package."""
        ...

    @property
    def mapped_class(self) -> type[Any]:
        """Return the class of a mapped attribute's values."""
        ...

    def validate(self, value: Any) -> Any:
        """Return `value` as it is stored, or raise `AttributeValueError`."""
        ...


class TypeLike(Protocol):
    """The description of an entity class."""

    @property
    def name(self) -> str:
        """Return the name of the type on the wire."""
        ...

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Return the server names of the primary key."""
        ...

    @property
    def attributes(self) -> Mapping[str, AttributeLike]:
        """Return all attributes by Python name."""
        ...

    def known_keys(self, attribute: Any) -> list[str]:
        """Return the keys of a mapped attribute that are in memory, sorted."""
        ...

    def type_named(self, name: str) -> TypeLike:
        """Return another type of the same models."""
        ...

    def is_kind_of(self, name: str) -> bool:
        """Return whether this is the type `name` or inherits from it."""
        ...

    def is_only_owner(self, name: str, base: TypeLike) -> bool:
        """Return whether only this one of the subtypes of `base` has `name`."""
        ...


class Subquery(Protocol):
    """A select of one attribute, an argument of `in_`."""

    def _as_subquery(self, *, default_to_key: bool) -> ast.Query:
        """Return the query for ``in (…)``.

        Args:
            default_to_key: whether a select without projections projects its primary
                key.

        Raises:
            QueryError: the select does not project one attribute.
        """
        ...
