"""The attributes that hold a key of another type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ftrack_orm.schema.model import AttributeKind, Schema
from ftrack_orm.schema.relations import ForeignKey, Relations

_FOREIGN_KEY: Final = re.compile(r"Foreign key\(s\): (\w+)\.")


class ForeignKeys:
    """Which attributes hold a key of another type, worked out once for each type."""

    def __init__(self, schema: Schema, relations: Relations) -> None:
        self._schema = schema
        self._relations = relations
        self._known: dict[str, dict[str, str]] = {}
        self._pointing: dict[str, list[tuple[str, str]]] | None = None

    def of(self, entity_type: str) -> dict[str, str]:
        """Return attribute to the type it points at, for single-valued keys.

        Known from the links beside them, else from the schema's descriptions, whose
        attribute part is sometimes wrong but whose type is not (protocol 4.2).
        """
        found = self._known.get(entity_type)
        if found is None:
            found = self._known[entity_type] = dict(self._find(entity_type))
        return found

    def pointing_at(self, root: str) -> Sequence[tuple[str, str]]:
        """Return type and attribute of every key that points at a family of types.

        Inherited attributes stand with the type that has them first.
        """
        if self._pointing is None:
            self._pointing = {}
            for entity_type in self._schema:
                inherited = self.of(entity_type.base) if entity_type.base else {}
                for name, target in self.of(entity_type.name).items():
                    if name not in inherited:
                        family = self._schema.bases(target)[-1].name
                        found = self._pointing.setdefault(family, [])
                        found.append((entity_type.name, name))
        return self._pointing.get(root, ())

    def _find(self, entity_type: str) -> Iterator[tuple[str, str]]:
        for attribute in self._schema[entity_type].attributes.values():
            target: str | None = None
            name = attribute.name
            if attribute.kind is AttributeKind.LINK:
                relation = self._relations.of(entity_type, name)
                if isinstance(relation, ForeignKey) and relation.local is not None:
                    name, target = relation.local, relation.target
            elif name == "id":
                # Components' own id is said to be a key of their base.
                continue
            elif attribute.format == "foreign_key" and attribute.description:
                described = _FOREIGN_KEY.match(attribute.description)
                target = described.group(1) if described else None
            if target is None or target not in self._schema:
                continue
            if len(self._schema[target].primary_key) == 1:
                yield name, target
