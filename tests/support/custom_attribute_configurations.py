"""Configurations of custom attributes, by the kind of their values."""

from __future__ import annotations

from typing import Any

from ftrack_models import CustomAttributeConfiguration
from ftrack_orm import (
    Session,
)

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
