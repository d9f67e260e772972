"""The custom attributes that a revision names in its code and its frozen models."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.migrations.precondition import NeededAttribute
from ftrack_orm.migrations.revision import LoadedModule
from ftrack_orm.migrations.values import server_types
from ftrack_orm.session.custom_attribute_configurations import Configurations

if TYPE_CHECKING:
    from ftrack_codegen.studio.model import Studio


def needed_attributes(module: LoadedModule) -> Iterator[NeededAttribute]:
    """Yield the custom attributes of a module's frozen models and `plan.values` calls.

    Nothing is requested.
    """
    yield from _frozen_attributes(module)
    yield from _called_attributes(module.path.read_text(encoding="utf-8"))


def _frozen_attributes(module: LoadedModule) -> Iterator[NeededAttribute]:
    # The generator is an extra, and only its packages have a studio's words.
    from ftrack_codegen.studio.snapshot import load_package_studio

    studio = load_package_studio(module.path.parent / "models")
    if studio is None:
        return
    configurations = Configurations(_NoSource())
    configurations.store(_rows(studio))
    for model in module.models:
        for each in configurations.of_type(model.__ftrack__):
            yield NeededAttribute(model.__ftrack__.name, each.key, (each.type_name,))


class _NoSource:
    """The source of configurations that are all in memory."""

    def fetch_rows(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        return [[] for _ in expressions]


def _rows(studio: Studio) -> list[dict[str, Any]]:
    """Return the custom attributes of a package as a server sends them."""
    return [
        {
            "id": each.id,
            "key": each.key,
            "entity_type": each.entity_type,
            "object_type_id": each.object_type_id,
            "project_id": each.project_id,
            "is_hierarchical": each.is_hierarchical,
            "type_id": each.type,
            "type": {"id": each.type, "name": each.type},
        }
        for each in studio.custom_attributes
    ]


def _called_attributes(source: str) -> Iterator[NeededAttribute]:
    """Yield the attribute of each ``plan.values("lens", of=Shot, kind=str)``."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="values"),
                args=[ast.Constant(value=str(key))],
                keywords=keywords,
            ):
                names = {each.arg: _name(each.value) for each in keywords}
                types = server_types(names.get("kind") or "")
                owner = names.get("of")
                if owner and types:
                    yield NeededAttribute(owner, key, types)


def _name(node: ast.expr) -> str | None:
    """Return the name of a class, without its parameters."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    return node.id if isinstance(node, ast.Name) else None


def frozen_names(module: LoadedModule) -> frozenset[str]:
    """Return the types, attributes and custom attributes of frozen models."""
    registry = module.registry
    if registry is None or not module.is_frozen:
        return frozenset()
    places = {each.place for each in needed_attributes(module)}
    for entity_schema in registry.schema():
        name = entity_schema.name
        places.add(name)
        places.update(f"{name}.{attribute}" for attribute in entity_schema.attributes)
    return frozenset(places)
