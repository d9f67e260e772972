"""Build the tree of attributes that a query requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from ftrack_orm.emulator.query_engine.names import (
    QueryNameError,
    check_downcast,
    find_attribute,
    find_type,
    owners_of,
)
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.query import ast
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema, Schema
from ftrack_orm.schema.relations import Relations, Unresolved

Signature: TypeAlias = tuple[object, ...]


@dataclass(slots=True)
class RequestedAttribute:
    """One requested attribute of a type or of its subtypes.

    Attributes:
        owner: the type that declares it.
        attribute: the attribute.
        downcast: the type to which the request is limited.
        node: the attributes of the related entities; `None` for plain values.
    """

    owner: str
    attribute: Attribute
    downcast: str | None = None
    node: ProjectionNode | None = None

    @property
    def signature(self) -> Signature:
        """Return a value that is equal for requests with the same content."""
        inner = () if self.node is None else self.node.signature
        return (self.attribute.name, inner)


@dataclass(slots=True)
class ProjectionNode:
    """The requested attributes of the entities at one path.

    Attributes:
        entity_type: the type to which the path leads.
        requested: requests by downcast and name, in the order of the query.
    """

    entity_type: str
    requested: dict[tuple[str | None, str], RequestedAttribute] = field(
        default_factory=dict
    )

    @property
    def signature(self) -> Signature:
        """Return a value that is equal for nodes with the same requests."""
        return tuple(
            (downcast, *requested.signature)
            for (downcast, _), requested in self.requested.items()
        )

    def requests_for(
        self, schema: Schema, concrete: str
    ) -> Iterator[RequestedAttribute]:
        """Yield the requests that apply to entities of a concrete type.

        Where several downcasts of an attribute apply, yield the request of the nearest
        type: it includes the requests of its base types.
        """
        bases = [base.name for base in schema.bases(concrete)]
        attributes = schema[concrete].attributes
        nearest: dict[str, RequestedAttribute] = {}
        for requested in self.requested.values():
            name = requested.attribute.name
            if name not in attributes or requested.downcast not in (None, *bases):
                continue
            current = nearest.get(name)
            if current is None or _is_nearer(bases, requested, current):
                nearest[name] = requested
        yield from nearest.values()

    def merge(self, other: ProjectionNode) -> None:
        """Add the requests of another node, which leads to the same type."""
        for key, added in other.requested.items():
            merged = self.requested.get(key)
            if merged is None:
                # A copy, because later merges must not change the other node.
                merged = replace(added)
                if added.node is not None:
                    merged.node = ProjectionNode(added.node.entity_type)
                self.requested[key] = merged
            if merged.node is not None and added.node is not None:
                merged.node.merge(added.node)


def _is_nearer(
    bases: Sequence[str], requested: RequestedAttribute, current: RequestedAttribute
) -> bool:
    """Return whether the downcast of `requested` is nearer to the entity's type.

    `bases` starts with the entity's type.
    """
    if requested.downcast is None or current.downcast is None:
        return current.downcast is None
    return bases.index(requested.downcast) < bases.index(current.downcast)


_WITHOUT_ATTRIBUTE: Final = frozenset({("Setting", "id")})
"""Names that queries select, and servers accept, though no attribute has them.

ftrack Connect selects `id` of a setting whenever it starts, and handles no error but a
missing setting. The row has its key.
"""


class Projector:
    """Build trees of requested attributes and check every name."""

    def __init__(self, schema: Schema, relations: Relations) -> None:
        self._schema = schema
        self._relations = relations

    def tree(self, query: ast.Query) -> ProjectionNode:
        """Return the tree of a query; without `select`, the defaults of its type.

        Raises:
            QueryNameError: an attribute does not exist or cannot be selected.
            UnsupportedError: the emulator does not store a selected relation.
        """
        entity_schema = find_type(self._schema, query.entity_type)
        if not query.projections:
            return self.tree_of_names(
                entity_schema.name, entity_schema.default_projections
            )
        root = ProjectionNode(entity_schema.name)
        for projection in query.projections:
            if isinstance(projection, ast.Aggregate):
                raise UnsupportedError("aggregates without group by")
            name = projection.steps[0].name
            if (entity_schema.name, name) in _WITHOUT_ATTRIBUTE:
                continue
            find_attribute(self._schema, root.entity_type, name, is_root=True)
            self._add(root, projection.steps)
        self._complete(root)
        return root

    def tree_of_names(self, entity_type: str, names: Iterable[str]) -> ProjectionNode:
        """Return the tree of attribute names; relations become references."""
        root = ProjectionNode(entity_type)
        for name in names:
            self._add(root, (ast.Step(name),))
        self._complete(root)
        return root

    def _add(
        self,
        node: ProjectionNode,
        steps: Sequence[ast.Step],
        downcast: str | None = None,
    ) -> None:
        """Add a path to a node, for each subtype that declares its first attribute.

        ``select status_changes.parent.name`` requests the name of a context or of a
        version: two subtypes of status changes declare ``parent``.

        Raises:
            QueryNameError: the path is valid for none of the subtypes.
        """
        entity_type = downcast or node.entity_type
        errors: list[QueryNameError] = []
        owners = owners_of(self._schema, entity_type, steps[0].name)
        for owner in owners:
            try:
                self._add_of(node, steps, downcast if owner == entity_type else owner)
            except QueryNameError as error:
                errors.append(error)
        if len(errors) == len(owners):
            raise errors[0]

    def _add_of(
        self, node: ProjectionNode, steps: Sequence[ast.Step], downcast: str | None
    ) -> None:
        step, *rest = steps
        requested = self._request(node, step.name, downcast)
        if not rest and step.downcast is None:
            return
        if requested.node is None:
            raise QueryNameError(requested.owner, step.name, "it is no relation")
        check_downcast(self._schema, requested.node.entity_type, step.downcast)
        if rest:
            self._add(requested.node, rest, step.downcast)

    def _request(
        self, node: ProjectionNode, name: str, downcast: str | None
    ) -> RequestedAttribute:
        requested = node.requested.get((downcast, name))
        if requested is None:
            owner, attribute = find_attribute(
                self._schema, downcast or node.entity_type, name
            )
            if attribute.restricted_projection:
                raise QueryNameError(owner, name, "it can be filtered by, not selected")
            requested = RequestedAttribute(owner, attribute, downcast)
            if attribute.is_relation:
                relation = self._relations.of(owner, name)
                if isinstance(relation, Unresolved):
                    raise UnsupportedError(f"selecting {owner}.{name}")
                requested.node = ProjectionNode(relation.target)
            node.requested[downcast, name] = requested
        return requested

    def _complete(self, node: ProjectionNode) -> None:
        """Request the key and value of mapped attributes (protocol 3.5)."""
        self._merge_base_requests(node)
        for requested in node.requested.values():
            if requested.node is None:
                continue
            if requested.attribute.kind is AttributeKind.MAPPED:
                pair = requested.attribute.key_value_attributes or {}
                for name in pair.values():
                    self._request(requested.node, name, None)
            self._complete(requested.node)

    def _merge_base_requests(self, node: ProjectionNode) -> None:
        """Add the requests of base types to the requests with a downcast below them.

        ``select parent.status.name, parent[Shot].status.sort`` requests two attributes
        of the status of shots.
        """
        for requested in node.requested.values():
            if requested.downcast is None or requested.node is None:
                continue
            above = {base.name for base in self._schema.bases(requested.downcast)}
            for other in list(node.requested.values()):
                if other is requested or other.node is None:
                    continue
                if other.attribute.name != requested.attribute.name:
                    continue
                if other.downcast is None or other.downcast in above:
                    requested.node.merge(other.node)


def system_projections(entity_schema: EntitySchema) -> tuple[str, ...]:
    """Return the public names of the attributes that every entity of a type includes.

    The schema lists internal names, some of which have no attribute. The classifiers
    of a table are included: every recorded reference to a typed context has its
    ``object_type_id``, which the schema lists as a classifier only (protocol 3.7).
    """
    internal = [*(entity_schema.system_projections or ()), *entity_schema.classifiers]
    if not internal:
        return ()
    public = {
        attribute.alias_for: name
        for name, attribute in entity_schema.attributes.items()
        if attribute.alias_for is not None
    }
    names = (
        name if name in entity_schema.attributes else public.get(name)
        for name in internal
    )
    return tuple(dict.fromkeys(name for name in names if name is not None))
