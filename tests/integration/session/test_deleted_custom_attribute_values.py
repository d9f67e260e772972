"""Custom attribute values that are deleted: the default shows again."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Shot
from ftrack_orm import (
    ServerError,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.custom_attribute_configurations import (
    FSTART,
    server_value,
    shot_with_value,
)
from tests.support.demo_production import a_shot, project
from tests.support.emulator_records import writes


def test_deleting_restores_the_default(
    emulator: Emulator, session: Session, other: Session
) -> None:
    shot = shot_with_value(session)
    emulator.call_log.clear()
    del shot.custom_attributes["fstart"]
    assert shot.custom_attributes["fstart"] == 1  # protocol 9.8
    assert "fstart" in shot.custom_attributes
    assert len(session.plan()) == 1

    session.commit()

    [sent] = writes(emulator)
    assert (sent["action"], sent["entity_type"]) == ("delete", "CustomAttributeValue")
    assert sent["entity_key"] == [FSTART, shot.id]
    assert server_value(emulator, FSTART, shot.id) == []
    assert shot.custom_attributes["fstart"] == 1
    assert not shot.custom_attributes.is_set("fstart")
    assert not session.plan()
    assert a_shot(other).custom_attributes["fstart"] == 1


@pytest.mark.parametrize(
    "remove",
    [
        lambda values: values.pop("fstart"),
        lambda values: values.clear(),
        lambda values: values.replace({"fend": 1}),
        lambda values: values.popitem(),
    ],
)
def test_every_way_to_remove_restores_the_default(
    emulator: Emulator, session: Session, remove: Any
) -> None:
    shot = a_shot(session)
    shot.custom_attributes.clear()
    shot.custom_attributes["fstart"] = 1009
    session.commit()
    remove(shot.custom_attributes)
    assert shot.custom_attributes["fstart"] == 1
    session.commit()
    assert server_value(emulator, FSTART, shot.id) == []
    assert shot.custom_attributes["fstart"] == 1


def test_assigning_a_smaller_mapping_restores_the_others(
    emulator: Emulator, session: Session
) -> None:
    shot = shot_with_value(session)
    shot.custom_attributes = {"fend": 2000}
    assert (shot.custom_attributes["fstart"], shot.custom_attributes["fend"]) == (
        1,
        2000,
    )
    session.commit()
    assert server_value(emulator, FSTART, shot.id) == []
    assert shot.custom_attributes["fend"] == 2000


def test_popitem_ends_with_a_key_error(session: Session) -> None:
    shot = a_shot(session)
    shot.custom_attributes.clear()
    shot.custom_attributes["handles"] = 8
    assert shot.custom_attributes.popitem() == ("handles", 8)
    with pytest.raises(KeyError):
        shot.custom_attributes.popitem()
    with pytest.raises(KeyError):
        del shot.custom_attributes["no such key"]


def test_deleting_a_value_that_is_not_stored_sends_nothing(
    emulator: Emulator, session: Session, other: Session
) -> None:
    for shot in other.select(Shot).all():
        shot.custom_attributes.clear()
    other.commit()
    shots = session.select(Shot).load(Shot.custom_attributes).all()
    with emulator.expect_calls(1):  # which are stored, for the whole group
        for shot in shots:
            del shot.custom_attributes["fstart"]
    assert not session.plan()


def test_a_deleted_value_that_is_set_again_is_an_update(
    emulator: Emulator, session: Session
) -> None:
    shot = shot_with_value(session)
    del shot.custom_attributes["fstart"]
    shot.custom_attributes["fstart"] = 1010
    emulator.call_log.clear()
    session.commit()
    [sent] = writes(emulator)
    assert (sent["action"], sent["entity_data"]["value"]) == ("update", 1010)
    del shot.custom_attributes["fstart"]
    shot.custom_attributes["fstart"] = 1010
    assert not session.plan()


def test_a_value_that_is_set_and_deleted_before_a_commit_is_no_change(
    session: Session,
) -> None:
    shot = a_shot(session)
    del shot.custom_attributes["fstart"]
    session.commit()
    shot.custom_attributes["fstart"] = 1010
    del shot.custom_attributes["fstart"]
    assert not session.plan()
    assert shot.custom_attributes["fstart"] == 1


def test_a_rollback_shows_the_stored_value(session: Session) -> None:
    shot = shot_with_value(session)
    del shot.custom_attributes["fstart"]
    session.rollback()
    assert shot.custom_attributes["fstart"] == 1009
    assert shot.custom_attributes.is_set("fstart")
    assert not session.plan()


def test_two_sessions_delete_the_same_value(
    emulator: Emulator, session: Session, other: Session
) -> None:
    shot = shot_with_value(session)
    theirs = a_shot(other)
    del theirs.custom_attributes["fstart"]
    del shot.custom_attributes["fstart"]
    session.commit()
    with pytest.raises(ServerError):
        other.commit()
    assert len(other.plan()) == 1
    other.refresh(theirs)
    assert not other.plan()
    assert theirs.custom_attributes["fstart"] == 1
    assert server_value(emulator, FSTART, shot.id) == []


def test_deleting_from_a_new_entity_drops_the_edit(
    emulator: Emulator, session: Session
) -> None:
    shot = Shot(name="new", parent=project(session))
    session.add(shot)
    shot.custom_attributes["fstart"] = 5
    del shot.custom_attributes["fstart"]
    assert shot.custom_attributes == {}
    session.commit()
    assert server_value(emulator, FSTART, shot.id) == []
