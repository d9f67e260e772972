"""Commits of metadata and custom attribute values."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ftrack_models import (
    Task,
)
from ftrack_orm import (
    ServerValidationError,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task, project
from tests.support.emulator_records import (
    data_of,
    existing_row,
    sql,
    stored,
    writes,
    written,
)


def test_metadata_rows_are_created_updated_and_deleted(
    emulator: Emulator, session: Session, other: Session
) -> None:
    show = project(session)
    show.metadata["delivery"] = "IMF"
    show.metadata["client"] = 'Blue "Sky" 100%'
    session.commit()
    del show.metadata["delivery"]
    show.metadata["client"] = "Sky"
    session.commit()

    steps = writes(emulator)
    assert [(step["action"], step["entity_key"]) for step in steps] == [
        ("create", [show.id, "client"]),
        ("update", [show.id, "delivery"]),
        ("update", [show.id, "client"]),
        ("delete", [show.id, "delivery"]),
    ]
    assert data_of(steps[0]) == {
        "parent_id": show.id,
        "parent_type": "Project",
        "key": "client",
        "value": 'Blue "Sky" 100%',
    }
    assert data_of(steps[1]) == {"value": "IMF"}
    assert dict(project(other).metadata) == {"client": "Sky"}


def test_metadata_of_a_new_entity_is_created_after_it(
    emulator: Emulator, session: Session
) -> None:
    task = Task(name="dust", parent=a_shot(session), metadata={"source": "edit"})
    session.add(task)
    emulator.call_log.clear()

    session.commit()

    assert written(emulator) == [("create", "Task"), ("create", "Metadata")]
    row = existing_row(emulator, "Metadata", task.id, "source")
    assert (row["value"], row["parent_type"]) == ("edit", "Task")


def test_metadata_of_a_deleted_entity_goes_with_it(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.metadata["source"] = "edit"
    session.commit()
    task.metadata["source"] = "other"
    session.remove(task)
    emulator.call_log.clear()

    session.commit()

    assert written(emulator) == [("delete", "Task")]
    assert stored(emulator, "Metadata", task.id, "source") is None


def test_a_custom_attribute_updates_its_row(
    emulator: Emulator, session: Session, other: Session
) -> None:
    shot = a_shot(session)
    assert shot.custom_attributes["fstart"] == 1001
    shot.custom_attributes["fstart"] = 1010
    [configuration] = sql(
        emulator,
        """select c.id from CustomConfigurationBase c join ObjectType o
        on o.id = c.object_type_id where c.key = 'fstart' and o.name = 'Shot'""",
    )
    emulator.call_log.clear()

    session.commit()

    [step] = writes(emulator)
    assert step["entity_type"] == "ContextCustomAttributeValue"
    assert step["entity_key"] == [configuration[0], shot.id]
    assert data_of(step) == {"value": 1010}
    assert a_shot(other).custom_attributes["fstart"] == 1010


def test_a_refused_custom_attribute_value_leaves_everything(
    emulator: Emulator, session: Session
) -> None:
    shot = a_shot(session)
    shot.custom_attributes["fstart"] = 1009
    shot.description = "changed too"
    # Text for a number is refused when it is set, so its kind changes on the server.
    statement = (
        'update "CustomConfigurationBase" set type_id = '
        "'6268aef0-381c-11e0-acff-0019bb49847a' where key = 'fstart'"
    )
    with emulator.storage.transaction() as connection:
        connection.execute(sa.text(statement))

    with pytest.raises(ServerValidationError, match="fstart"):
        session.commit()

    row = existing_row(emulator, "Shot", shot.id)
    assert row["description"] == ""
    assert len(session.plan()) == 2
    session.rollback()
    assert shot.custom_attributes["fstart"] == 1001
