"""Resolve the names of statuses, types and other reference data."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from ftrack_codegen.literals import quoted
from ftrack_codegen.studio.model import VOCABULARY, ReferenceRow, Studio, Workflow
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.names import KEYWORDS

_WIDTH: Final = 84
"""The maximum length of a line of a docstring, indentation left out."""

_OWNED: Final = frozenset({"get", "others", "row"})
"""Names that the class of the rows needs: a row of that name is read by it only."""


@dataclass(frozen=True, slots=True)
class NameAlias:
    """A ``Literal`` of all values of an attribute.

    Attributes:
        name: the name of the alias, ``StatusName``.
        entity_type, attribute: the attribute, ``Status`` and ``name``.
        values: the values, sorted.
    """

    name: str
    entity_type: str
    attribute: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row of reference data.

    Attributes:
        name: the Python name, ``""`` for a row that is read by its name only.
        row: the row.
        summary: the first line of the docstring.
        details: further lines.
    """

    name: str
    row: ReferenceRow
    summary: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceClass:
    """The reference data of one entity type.

    Attributes:
        entity_type: the entity type.
        variable: the name of the rows in the module, ``statuses``.
        alias: the alias of their names.
        rows: the rows by name; those without a Python name come last.
        ambiguous: the names that several rows have; they are left out.
    """

    entity_type: str
    variable: str
    alias: str
    rows: tuple[NamedRow, ...]
    ambiguous: tuple[str, ...]


def name_aliases(schema: Schema, studio: Studio) -> dict[tuple[str, str], NameAlias]:
    """Return the aliases of all names, by entity type and attribute."""
    aliases: dict[tuple[str, str], NameAlias] = {}
    for entity_type, (_, *attributes) in VOCABULARY.items():
        for attribute in attributes:
            values = _values(studio.reference.get(entity_type, ()), attribute)
            if values and _is_text(schema, entity_type, attribute):
                name = f"{entity_type}{attribute.title()}"
                alias = NameAlias(name, entity_type, attribute, values)
                aliases[entity_type, attribute] = alias
    return aliases


def _values(rows: tuple[ReferenceRow, ...], attribute: str) -> tuple[str, ...]:
    values = (
        row.name if attribute == "name" else row.values.get(attribute) for row in rows
    )
    texts = {value for value in values if isinstance(value, str)}
    return tuple(sorted(texts))


def _is_text(schema: Schema, entity_type: str, attribute: str) -> bool:
    entity = schema.types.get(entity_type)
    found = entity.attributes.get(attribute) if entity is not None else None
    return found is not None and (found.type, found.format, found.enum) == (
        "string",
        None,
        None,
    )


def reference_classes(
    studio: Studio, aliases: Mapping[tuple[str, str], NameAlias], schema: Schema
) -> tuple[ReferenceClass, ...]:
    """Return the reference data of each entity type that has names."""
    states = {row.id: row.name for row in studio.reference.get("State", ())}
    allowed = {workflow.id: _allowed(workflow) for workflow in studio.workflows}
    classes: list[ReferenceClass] = []
    for entity_type, (variable, *_) in VOCABULARY.items():
        alias = aliases.get((entity_type, "name"))
        if alias is None:
            continue
        rows = studio.reference[entity_type]
        counts = Counter(row.name for row in rows)
        names = attribute_names(rows)
        unique = [row for row in rows if row.name in names]
        known = schema[entity_type].attributes
        named = [
            NamedRow(
                names[row.name],
                ReferenceRow(
                    row.id,
                    row.name,
                    {k: v for k, v in row.values.items() if k in known},
                ),
                _summary(row, states),
                allowed.get(row.id, ()) if entity_type == "ProjectSchema" else (),
            )
            for row in unique
        ]
        classes.append(
            ReferenceClass(
                entity_type,
                variable,
                alias.name,
                tuple(sorted(named, key=lambda each: (not each.name, each.name))),
                tuple(sorted(name for name, count in counts.items() if count > 1)),
            )
        )
    return tuple(classes)


def _summary(row: ReferenceRow, states: Mapping[str, str]) -> str:
    state = states.get(str(row.values.get("state")))
    return row.name if state is None else f"{row.name}, in the state {state}"


def _allowed(workflow: Workflow) -> tuple[str, ...]:
    """Return the statuses and types that a project schema allows, in lines."""
    lines: list[str] = []
    for object_type in sorted({*workflow.statuses, *workflow.types}):
        statuses = workflow.statuses.get(object_type, ())
        types = workflow.types.get(object_type, ())
        text = f"{object_type}: {', '.join(statuses) or 'no statuses'}"
        text += f"; types {', '.join(types)}" if types else ""
        lines += wrap(f"{quoted(text)}.", _WIDTH, subsequent_indent="  ")
    return tuple(lines)


def attribute_names(rows: Iterable[ReferenceRow]) -> dict[str, str]:
    """Return the Python name of each name that one row has; see `row_names`."""
    counts = Counter(row.name for row in rows)
    return row_names([name for name, count in counts.items() if count == 1])


def row_names(names: list[str]) -> dict[str, str]:
    """Return the Python name of each name, ``""`` where there is none.

    ``Pending Review`` is ``pending_review``. A name that gives no identifier, and names
    that give the same one, have none: they are read by the name itself.
    """
    candidates = {name: _snake(name) for name in names}
    counts = Counter(candidates.values())
    return {
        name: candidate if counts[candidate] == 1 and _is_usable(candidate) else ""
        for name, candidate in candidates.items()
    }


def _snake(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).lower()
    text = "".join(each if f"a{each}".isidentifier() else " " for each in text)
    return re.sub(r"[\s_]+", "_", text.strip(" _"))


def _is_usable(name: str) -> bool:
    return name.isidentifier() and name not in KEYWORDS and name not in _OWNED
