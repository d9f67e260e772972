"""The relations, tables and statements of a schema, made once for the same types.

Making them takes most of the time that an emulator needs to start, and the tests of a
program start many.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final, NamedTuple

from ftrack_orm.emulator.storage.statements import RowStatements
from ftrack_orm.emulator.storage.tables import Tables
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.relations import Relations


class SchemaTables(NamedTuple):
    """The parts of a storage that follow from its schema.

    Attributes:
        relations: the relations of the schema.
        tables: its tables; values that are derived from them are not shared.
        statements: the statements on their rows.
    """

    relations: Relations
    tables: Tables
    statements: RowStatements


_MOST_SCHEMAS: Final = 8
_made: OrderedDict[tuple[int, ...], tuple[Schema, SchemaTables]] = OrderedDict()
"""By the identities of the types, in order: the order decides that of the tables."""

_lock: Final = threading.Lock()


def tables_of(schema: Schema) -> SchemaTables:
    """Return the relations, tables and statements of a schema.

    Schemas with the same types, in the same order, share them.
    """
    key = tuple(map(id, schema))
    with _lock:
        if key in _made:
            _made.move_to_end(key)
        else:
            relations = Relations(schema)
            tables = Tables(schema, relations)
            made = SchemaTables(relations, tables, RowStatements(tables))
            # The schema is kept, so that no other type gets the identity of one of its.
            _made[key] = schema, made
            if len(_made) > _MOST_SCHEMAS:
                _made.popitem(last=False)
        _, made = _made[key]
    return made._replace(tables=made.tables.with_own_statements())
