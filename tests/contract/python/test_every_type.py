"""Every type created, read, changed and deleted by the client (appendix A)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ftrack_api.inspection
import pytest

from tests.support.emulator_client import Client
from tests.support.every_type import Maker, Mode
from tests.support.type_catalogue import (
    CREATABLE,
    SERVED,
    is_scalar,
    properties,
    selectable,
)


def as_the_client_has_it(session: Any, value: Any) -> Any:
    """Return an entity for a reference, and a time for its wrapper."""
    if not isinstance(value, dict):
        return value
    if "__entity_type__" in value:
        kind, *key = value.values()
        return session.get(kind, key)
    if "__type__" in value:
        return datetime.fromisoformat(value["value"])
    return value


def is_same(found: Any, sent: Any) -> bool:
    """Return whether an attribute of an entity has the value that was set."""
    if isinstance(sent, datetime):
        return bool(found.naive == sent)
    return bool(found == sent)


def identity(entity: Any) -> Any:
    """Return what tells an entity from all others in any session."""
    return ftrack_api.inspection.identity(entity)


@pytest.mark.parametrize("entity_type", CREATABLE)
def test_the_client_creates_reads_and_deletes_every_type(
    session: Any, fresh: Any, emulator: Any, entity_type: str
) -> None:
    names = SERVED[entity_type]["primary_key"]
    # The client cannot tell an entity whose key is only behind its links.
    mode: Mode = "links" if names == ["id"] else "ids"
    values = Maker(Client(emulator)).values(entity_type, mode)
    data = {
        name: as_the_client_has_it(session, value) for name, value in values.items()
    }
    made = session.create(entity_type, data)
    session.commit()
    where = " and ".join(f'{name} is "{made[name]}"' for name in names)
    listed = ", ".join(selectable(entity_type))
    seen = fresh.query(f"select {listed} from {entity_type} where {where}").one()  # noqa: S608 - no SQL
    assert seen.entity_type == entity_type
    for name, value in data.items():
        if is_scalar(properties(entity_type)[name]):
            assert is_same(seen[name], value), name
        else:
            assert identity(seen[name]) == identity(value), name
    fresh.delete(seen)
    fresh.commit()
    assert session.query(f"{entity_type} where {where}").first() is None
