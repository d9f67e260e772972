"""Edits between a commit whose answer is lost and the commit that settles it."""

from __future__ import annotations

import pytest

from ftrack_orm import (
    EntityState,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task
from tests.support.emulator_records import existing_row, stored, writes, written
from tests.support.lost_answers import lose_commit, new_task


def test_what_changed_since_a_lost_answer_is_planned_and_sent_alone(
    emulator: Emulator, session: Session
) -> None:
    task = new_task(session)
    task.metadata["source"] = "edit"
    task.metadata["note"] = "first"
    lose_commit(emulator, session, applied=True)
    emulator.call_log.clear()

    task.name = "dust2"
    task.metadata["note"] = "second"
    task.metadata["more"] = "yes"
    later = new_task(session, "later")
    plan = session.commit()

    assert [
        (step["action"], step["entity_type"], step.get("entity_key"))
        for step in writes(emulator)
    ] == [
        ("update", "Task", [task.id]),
        ("create", "Metadata", [task.id, "more"]),
        ("update", "Metadata", [task.id, "note"]),
        ("create", "Task", [later.id]),
    ]
    assert len(plan) == 4
    update = writes(emulator)[0]["entity_data"]
    assert {name: update[name] for name in update if name != "__entity_type__"} == {
        "name": "dust2"
    }
    row = existing_row(emulator, "Metadata", task.id, "note")
    assert row["value"] == "second"


def test_a_metadata_row_dropped_since_a_lost_answer_is_deleted(
    emulator: Emulator, session: Session
) -> None:
    task = new_task(session)
    task.metadata["source"] = "edit"
    lose_commit(emulator, session, applied=True)
    emulator.call_log.clear()

    del task.metadata["source"]
    session.commit()

    assert written(emulator) == [("delete", "Metadata")]
    assert stored(emulator, "Metadata", task.id, "source") is None


def test_an_entity_removed_since_a_lost_answer_is_deleted(
    emulator: Emulator, session: Session
) -> None:
    task = new_task(session)
    lose_commit(emulator, session, applied=True)

    session.remove(task)
    session.commit()

    assert written(emulator) == [("create", "Task"), ("delete", "Task")]
    assert stored(emulator, "Task", task.id) is None
    assert task.entity_state is EntityState.DETACHED


def test_an_entity_expunged_since_a_lost_answer_is_left_alone(
    emulator: Emulator, session: Session
) -> None:
    task = new_task(session)
    lose_commit(emulator, session, applied=True)

    session.expunge(task)
    session.commit()

    assert written(emulator) == [("create", "Task")]
    assert stored(emulator, "Task", task.id) is not None


@pytest.mark.parametrize("applied", [True, False])
def test_setting_back_an_update_of_unknown_outcome_is_sent(
    emulator: Emulator, session: Session, applied: bool
) -> None:
    task = a_task(session)
    task.name = "anim"
    lose_commit(emulator, session, applied=applied)

    task.name = "animation"
    session.commit()

    row = existing_row(emulator, "Task", task.id)
    assert row["name"] == "animation"
    assert not session.plan()


@pytest.mark.parametrize("applied", [True, False])
def test_setting_back_a_custom_attribute_of_unknown_outcome_is_sent_if_applied(
    emulator: Emulator, session: Session, other: Session, applied: bool
) -> None:
    shot = a_shot(session)
    shot.custom_attributes["handles"] = 16
    lose_commit(emulator, session, applied=applied)
    emulator.call_log.clear()

    shot.custom_attributes["handles"] = 8
    session.commit()

    sent = [("update", "ContextCustomAttributeValue")]
    assert written(emulator) == (sent if applied else [])
    assert a_shot(other).custom_attributes["handles"] == 8
