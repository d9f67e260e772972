"""Configurations of custom attributes, by the kind of their values."""

from __future__ import annotations

from typing import Any

from ftrack_models import CustomAttributeConfiguration, Shot
from ftrack_orm import (
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot
from tests.support.emulator_records import sql

# Protocol 9.7 and 9.8.
KINDS = {
    "text": "6268aef0-381c-11e0-acff-0019bb49847a",
    "number": "92009b00-381c-11e0-acff-0019bb49847a",
    "date": "79968e9e-381c-11e0-acff-0019bb49847a",
    "boolean": "ad1034d8-15e2-11e1-b21a-0019bb4983d8",
    "enumerator": "6ff9c812-ead3-11e2-846c-f23c91dfaa16",
    "dynamic enumerator": "882e4aee-fae6-11e3-b623-20c9d0831e59",
    "url": "ec616dcd-56e2-4147-99f8-7e4a4f040cf9",
}
TASK_TYPE = "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c"


def configure(
    session: Session, key: str, kind: str, default: Any = None, **values: Any
) -> str:
    """Create a configuration, of tasks unless given otherwise; return its id."""
    data = {
        "key": key,
        "label": key,
        "type_id": KINDS[kind],
        "entity_type": "task",
        "object_type_id": TASK_TYPE,
        "config": "{}",
        "default": default,
        **values,
    }
    made = session.create(CustomAttributeConfiguration, data).data
    assert isinstance(made, CustomAttributeConfiguration)
    return made.id


SHOT_TYPE = "bad911de-3bd6-47b9-8b46-3476e237cb36"
FSTART = "acd86546-4082-11e2-95b1-0019bb4983d8"
SHOT_HANDLES = "432bdfa6-4087-11e2-8250-0019bb4983d8"


def server_value(emulator: Emulator, configuration: str, entity: str) -> list[Any]:
    """Return the stored value as JSON text; an empty list when none is stored."""
    statement = (
        'select value from "CustomAttributeValue" '
        "where configuration_id = :configuration and entity_id = :entity"
    )
    rows = sql(emulator, statement, configuration=configuration, entity=entity)
    return [row[0] for row in rows]


def shot_with_value(session: Session, value: int = 1009) -> Shot:
    shot = a_shot(session)
    shot.custom_attributes["fstart"] = value
    session.commit()
    return shot
