"""Compare attributes that hold the name of an entity type.

Rows and results hold the name in the schema, as `AssetVersion`. Servers store the name
of the table, and conditions compare that: `asset_version` (protocol D).
"""

from __future__ import annotations

import re
from typing import Final

import sqlalchemy as sa

from ftrack_orm.emulator.query_engine.scopes import Expression
from ftrack_orm.emulator.storage.tables import Tables
from ftrack_orm.schema.model import Schema

_WORD_START: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def table_name(schema: Schema, entity_type: str) -> str:
    """Return the name of the table that a server stores a type in, in small letters.

    Typed contexts share the table `task`, and components the table `component`.
    """
    bases = [base.name for base in schema.bases(entity_type)]
    if "Component" in bases:
        return "component"
    return _WORD_START.sub("_", schema[entity_type].table).lower()


def with_table_names(tables: Tables, expression: Expression) -> Expression:
    """Return the SQL of the table name for an expression that holds a type's name."""
    key = "table names"
    if key not in tables.statements:
        schema = tables.schema
        tables.statements[key] = {
            entity_schema.name: table_name(schema, entity_schema.name)
            for entity_schema in schema
        }
    names: dict[str, str] = tables.statements[key]
    return sa.case(names, value=expression, else_=expression)
