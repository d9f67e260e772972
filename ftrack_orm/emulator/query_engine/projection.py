"""What a query asks to be returned: its projections as a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

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
    """One attribute asked for, of a type or of one below it.

    Attributes:
        owner: the type that has it.
        attribute: the attribute.
        downcast: return it of this type's entities only.
        node: what is asked of the related entities; `None` for plain values.
    """

    owner: str
    attribute: Attribute
    downcast: str | None = None
    node: ProjectionNode | None = None

    @property
    def signature(self) -> Signature:
        """Return what tells equal requests apart from others of the same name."""
        inner = () if self.node is None else self.node.signature
        return (self.attribute.name, inner)


@dataclass(slots=True)
class ProjectionNode:
    """What is asked of entities reached on one way.

    Attributes:
        entity_type: the type they are reached as.
        requested: by downcast and name, in the order asked for.
    """

    entity_type: str
    requested: dict[tuple[str | None, str], RequestedAttribute] = field(
        default_factory=dict
    )

    @property
    def signature(self) -> Signature:
        """Return what tells equal nodes from others."""
        return tuple(
            (downcast, *each.signature)
            for (downcast, _), each in self.requested.items()
        )

    def applying(self, schema: Schema, concrete: str) -> Iterator[RequestedAttribute]:
        """Yield what is asked of entities of a concrete type and they have.

        Of what is asked with several downcasts that fit, the nearest type's counts:
        it holds what is asked with the others.
        """
        bases = [base.name for base in schema.bases(concrete)]
        attributes = schema[concrete].attributes
        nearest: dict[str, RequestedAttribute] = {}
        for each in self.requested.values():
            name = each.attribute.name
            if name not in attributes or each.downcast not in (None, *bases):
                continue
            known = nearest.get(name)
            if known is None or _is_nearer(bases, each, known):
                nearest[name] = each
        yield from nearest.values()

    def merge(self, other: ProjectionNode) -> None:
        """Ask here for what is asked there, too; both are reached as one type."""
        for key, theirs in other.requested.items():
            mine = self.requested.get(key)
            if mine is None:
                mine = replace(theirs)
                if theirs.node is not None:
                    mine.node = ProjectionNode(theirs.node.entity_type)
                self.requested[key] = mine
            if mine.node is not None and theirs.node is not None:
                mine.node.merge(theirs.node)


def _is_nearer(
    bases: Sequence[str], one: RequestedAttribute, other: RequestedAttribute
) -> bool:
    """Return whether a downcast names a type nearer to the entity's own."""
    if one.downcast is None or other.downcast is None:
        return other.downcast is None
    return bases.index(one.downcast) < bases.index(other.downcast)


class Projector:
    """Builds the trees of projections, checking every name."""

    def __init__(self, schema: Schema, relations: Relations) -> None:
        self._schema = schema
        self._relations = relations

    def tree(self, query: ast.Query) -> ProjectionNode:
        """Return what a query asks for; without `select`, its type's defaults.

        Raises:
            QueryNameError: an attribute does not exist or cannot be selected.
        """
        entity_type = find_type(self._schema, query.entity_type)
        if not query.projections:
            return self.of_names(entity_type.name, entity_type.default_projections)
        root = ProjectionNode(entity_type.name)
        for projection in query.projections:
            if isinstance(projection, ast.Aggregate):
                raise UnsupportedError("aggregates without group by")
            self._add(root, projection.steps)
        self._complete(root)
        return root

    def of_names(self, entity_type: str, names: Iterable[str]) -> ProjectionNode:
        """Return the tree of plain names, relations as references."""
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
        """Add what a path asks for, of each type below the node's that has it.

        ``select status_changes.parent.name`` asks for the name of a context or of a
        version, whose changes are kept as two types with a ``parent`` each.
        """
        seen = downcast or node.entity_type
        refusals: list[QueryNameError] = []
        owners = owners_of(self._schema, seen, steps[0].name)
        for owner in owners:
            try:
                self._add_of(node, steps, downcast if owner == seen else owner)
            except QueryNameError as error:
                refusals.append(error)
        if len(refusals) == len(owners):
            raise refusals[0]

    def _add_of(
        self, node: ProjectionNode, steps: Sequence[ast.Step], downcast: str | None
    ) -> None:
        step, *rest = steps
        requested = self._asked(node, step.name, downcast)
        if not rest and step.downcast is None:
            return
        if requested.node is None:
            raise QueryNameError(requested.owner, step.name, "it is no relation")
        check_downcast(self._schema, requested.node.entity_type, step.downcast)
        if rest:
            self._add(requested.node, rest, step.downcast)

    def _asked(
        self, node: ProjectionNode, name: str, downcast: str | None
    ) -> RequestedAttribute:
        found = node.requested.get((downcast, name))
        if found is None:
            owner, attribute = find_attribute(
                self._schema, downcast or node.entity_type, name
            )
            if attribute.restricted_projection:
                raise QueryNameError(owner, name, "it can be filtered by, not selected")
            found = RequestedAttribute(owner, attribute, downcast)
            if attribute.is_relation:
                relation = self._relations.of(owner, name)
                if isinstance(relation, Unresolved):
                    raise UnsupportedError(f"selecting {owner}.{name}")
                found.node = ProjectionNode(relation.target)
            node.requested[downcast, name] = found
        return found

    def _complete(self, node: ProjectionNode) -> None:
        """Add key and value of what is read as a mapping (protocol 3.5)."""
        self._spread_downcasts(node)
        for requested in node.requested.values():
            if requested.node is None:
                continue
            if requested.attribute.kind is AttributeKind.MAPPED:
                pair = requested.attribute.key_value_attributes or {}
                for name in pair.values():
                    self._asked(requested.node, name, None)
            self._complete(requested.node)

    def _spread_downcasts(self, node: ProjectionNode) -> None:
        """Let what is asked of a type hold for its subtypes that are asked for more.

        ``select parent.status.name, parent[Shot].status.sort`` asks two things of the
        status of shots.
        """
        for each in node.requested.values():
            if each.downcast is None or each.node is None:
                continue
            above = {base.name for base in self._schema.bases(each.downcast)}
            for other in list(node.requested.values()):
                is_same = other is each or other.attribute.name != each.attribute.name
                if is_same or other.node is None:
                    continue
                if other.downcast is None or other.downcast in above:
                    each.node.merge(other.node)


def system_projections(entity_type: EntitySchema) -> tuple[str, ...]:
    """Return the attributes every entity of a type shows, by their public names.

    The schema lists internal names; some of them no attribute answers to. What tells
    the types of one table apart is shown too: every recorded reference to a typed
    context has its ``object_type_id``, which the schema names as a classifier only.
    """
    internal = [*(entity_type.system_projections or ()), *entity_type.classifiers]
    if not internal:
        return ()
    public = {
        attribute.alias_for: name
        for name, attribute in entity_type.attributes.items()
        if attribute.alias_for is not None
    }
    found = (
        name if name in entity_type.attributes else public.get(name)
        for name in internal
    )
    return tuple(dict.fromkeys(name for name in found if name is not None))
