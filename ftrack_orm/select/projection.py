"""Determine the projections of a select."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.errors.query import QueryError
from ftrack_orm.query import ast
from ftrack_orm.schema.attribute_kind import AttributeKind

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.custom_attribute_classes import CustomAttributes
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.query.mapped_paths import MappedPath
    from ftrack_orm.query.path import Path
    from ftrack_orm.query.relation_paths import CollectionPath

Loadable: TypeAlias = """(
    Path[Any] | type[Entity] | CollectionPath[Any] | MappedPath[Any]
    | type[CustomAttributes]
)"""
"""An argument of `Select.load`: an attribute, link, collection or mapped attribute."""


def loaded_projections(
    type_info: TypeInfo, paths: Iterable[Any], *, all_own: bool = True
) -> tuple[ast.PathExpression, ...]:
    """Return the projections for a type and for the attributes loaded with it.

    Args:
        type_info: the selected type.
        paths: the arguments of `Select.load`.
        all_own: whether to include every stored scalar of the type itself.

    Raises:
        QueryError: an attribute can be used in conditions, but not selected.
    """
    # A dictionary, as it drops duplicates and preserves the order.
    projections: dict[ast.PathExpression, None] = {}
    if all_own:
        for scalar in type_info.stored_scalars:
            projections[ast.PathExpression((ast.Step(scalar.server_name),))] = None
    for path in paths:
        for expression in _expressions(path):
            projections[expression] = None
    return tuple(projections)


def _expressions(path: Any) -> Iterable[ast.PathExpression]:
    attribute: AttributeInfo = path._attribute
    if attribute.restricted_projection:
        raise QueryError(
            f"{path!r} can be filtered by, but not loaded. Use it in where()."
        )
    steps: tuple[ast.Step, ...] = path._steps
    if attribute.kind is AttributeKind.SCALAR:
        return [ast.PathExpression(steps)]
    # Not `getattr` with a default: a collection path raises an error with suggestions
    # for a name that its target lacks.
    view = path._cast if hasattr(type(path), "_cast") else None
    if view is not None:
        steps = (*steps[:-1], ast.Step(steps[-1].name, view.name))
    target = view or path._root.type_named(str(attribute.target))
    return [
        ast.PathExpression((*steps, ast.Step(name)))
        for name in relation_names(attribute, target)
    ]


def relation_names(attribute: AttributeInfo, target: TypeInfo) -> list[str]:
    """Return the server names to project of a relation's target.

    For mapped attributes key and value (and the configuration of a custom attribute);
    for links and collections every stored scalar.
    """
    if attribute.kind is AttributeKind.MAPPED and attribute.key_value_attributes:
        names = list(attribute.key_value_attributes.values())
        if target.name.endswith("CustomAttributeValue"):
            names.append("configuration_id")
        return names
    return [scalar.server_name for scalar in target.stored_scalars]
