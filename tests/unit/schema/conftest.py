"""The schema of a stock server, parsed."""

from __future__ import annotations

import pytest

from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema
from ftrack_orm.schema.relations import Relations
from tests.support.recorded_responses import stock_schema


@pytest.fixture(scope="module")
def schema() -> Schema:
    return parse_schema(stock_schema()).schema


@pytest.fixture(scope="module")
def relations(schema: Schema) -> Relations:
    return Relations(schema)
