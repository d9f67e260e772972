"""Find the attributes that hold a key of another type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ftrack_orm.schema.model import AttributeKind, Schema
from ftrack_orm.schema.relations import ForeignKey, Relations

_FOREIGN_KEY: Final = re.compile(r"Foreign key\(s\): (\w+)\.")


class ForeignKeys:
    """The attributes that hold a key of another type, cached by type."""

    def __init__(self, schema: Schema, relations: Relations) -> None:
        self._schema = schema
        self._relations = relations
        self._targets: dict[str, dict[str, str]] = {}
        self._references: dict[str, list[tuple[str, str]]] | None = None

    def of(self, entity_type: str) -> dict[str, str]:
        """Return the types that attributes refer to, by attribute.

        The result has keys of one value only. It comes from the links that use the
        attributes, or else from the descriptions in the schema; these name a wrong
        attribute in some places, but the right type (protocol 4.2).
        """
        targets = self._targets.get(entity_type)
        if targets is None:
            targets = self._targets[entity_type] = dict(self._find_targets(entity_type))
        return targets

    def references_to(self, root: str) -> Sequence[tuple[str, str]]:
        """Return the type and name of every attribute that refers to a family.

        `root` is the root of the family. An inherited attribute is listed once, for
        the topmost type that has it.
        """
        if self._references is None:
            self._references = self._find_references()
        return self._references.get(root, ())

    def _find_references(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for entity_schema in self._schema:
            inherited = self.of(entity_schema.base) if entity_schema.base else {}
            for name, target in self.of(entity_schema.name).items():
                if name not in inherited:
                    family = self._schema.bases(target)[-1].name
                    found.setdefault(family, []).append((entity_schema.name, name))
        return found

    def _find_targets(self, entity_type: str) -> Iterator[tuple[str, str]]:
        for attribute in self._schema[entity_type].attributes.values():
            target: str | None = None
            name = attribute.name
            if attribute.kind is AttributeKind.LINK:
                relation = self._relations.of(entity_type, name)
                if isinstance(relation, ForeignKey) and relation.local is not None:
                    name, target = relation.local, relation.target
            elif name == "id":
                # The schema describes the id of a component as a key of its base type.
                continue
            elif attribute.format == "foreign_key" and attribute.description:
                match = _FOREIGN_KEY.match(attribute.description)
                target = match.group(1) if match else None
            if target is None or target not in self._schema:
                continue
            if len(self._schema[target].primary_key) == 1:
                yield name, target
