"""Custom attributes of entities that are created in the same commit (protocol 3.5)."""

from __future__ import annotations

import copy

import pytest

from ftrack_models import (
    Asset,
    AssetType,
    AssetVersion,
    CustomAttributeConfiguration,
    Project,
    ProjectSchema,
    Sequence,
    Shot,
    Task,
)
from ftrack_orm import (
    AttributeValueError,
    EntityState,
    NotLoadedError,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import project
from tests.support.emulator_records import written
from tests.support.incomplete import incomplete

# Protocol 9.8.
FSTART = "acd86546-4082-11e2-95b1-0019bb4983d8"
SHOT_FPS = "d25907a0-acb5-11e1-8668-f23c91df1211"
NUMBER = "92009b00-381c-11e0-acff-0019bb49847a"
SHOT_TYPE = "bad911de-3bd6-47b9-8b46-3476e237cb36"


def new_shot(session: Session, name: str = "new") -> Shot:
    shot = Shot(name=name, parent=project(session))
    session.add(shot)
    return shot


def row_of(emulator: Emulator, shot: Shot) -> list[tuple[str, str, int]]:
    """Return type, configuration and value of what the last request updated."""
    return [
        (
            operation["entity_type"],
            operation["entity_key"][0],
            operation["entity_data"]["value"],
        )
        for operation in emulator.calls[-1].operations
        if operation["action"] == "update" and operation["entity_key"][1] == shot.id
    ]


def test_they_are_sent_as_updates_after_the_create(
    emulator: Emulator, session: Session, other: Session
) -> None:
    shot = new_shot(session)
    shot.custom_attributes["fstart"] = 1001
    emulator.call_log.clear()

    session.commit()

    assert len(emulator.calls) == 1
    assert written(emulator) == [
        ("create", "Shot"),
        ("update", "ContextCustomAttributeValue"),
    ]
    assert row_of(emulator, shot) == [("ContextCustomAttributeValue", FSTART, 1001)]
    seen = other.get(Shot, shot.id)
    assert seen is not None
    assert seen.custom_attributes["fstart"] == 1001


def test_configurations_are_read_once_at_the_first_edit(
    emulator: Emulator, session: Session
) -> None:
    shots = [new_shot(session, f"n{number}") for number in range(3)]
    with emulator.expect_calls(1):
        for shot in shots:
            shot.custom_attributes["fstart"] = 1001
    with emulator.expect_calls(1):
        session.plan()
        session.commit()
    later = new_shot(session, "later")
    with emulator.expect_calls(1):
        later.custom_attributes["fend"] = 5
        session.commit()


def test_configurations_are_read_when_an_entity_with_edits_is_added(
    emulator: Emulator, session: Session
) -> None:
    shot = Shot(name="new", parent=project(session))
    with emulator.expect_calls(0):
        shot.custom_attributes["fstart"] = 1001
    with emulator.expect_calls(1):
        session.add(shot)
    with emulator.expect_calls(0):
        assert len(session.plan()) == 2


def test_nothing_is_asked_for_entities_without_any(
    emulator: Emulator, session: Session
) -> None:
    shot = new_shot(session)
    assert dict(shot.custom_attributes) == {}
    with emulator.expect_calls(1):
        session.commit()


def test_a_key_that_is_not_configured_is_refused_when_it_is_set(
    emulator: Emulator, session: Session
) -> None:
    shot = new_shot(session)
    with pytest.raises(AttributeValueError, match=r"Shot.*fstrat.*fend, fps, fstart"):
        shot.custom_attributes["fstrat"] = 1
    emulator.call_log.clear()

    session.commit()

    assert written(emulator) == [("create", "Shot")]


def test_an_entity_type_without_custom_attributes_names_the_way_to_create_one(
    session: Session,
) -> None:
    task = session.select(Task)[0]
    with pytest.raises(
        AttributeValueError,
        match=r"there are none; create one as a Custom.*studio apply",
    ):
        task.custom_attributes["fstart"] = 1001


def test_an_entity_with_a_key_that_is_not_configured_does_not_join(
    emulator: Emulator, session: Session
) -> None:
    shot = Shot(name="new", parent=project(session))
    shot.custom_attributes["fstrat"] = 1
    with pytest.raises(AttributeValueError, match=r"Shot.*fstrat.*fend, fps, fstart"):
        session.add(shot)
    assert shot.entity_state is EntityState.TRANSIENT
    assert not session.plan()
    del shot.custom_attributes["fstrat"]
    session.add(shot)
    emulator.call_log.clear()
    session.commit()
    assert written(emulator) == [("create", "Shot")]


def test_an_attribute_configured_meanwhile_is_found(
    session: Session, other: Session
) -> None:
    new_shot(session, "first").custom_attributes["fstart"] = 1
    session.commit()
    other.create(
        CustomAttributeConfiguration,
        {
            "key": "lens",
            "label": "Lens",
            "type_id": NUMBER,
            "entity_type": "task",
            "object_type_id": SHOT_TYPE,
            "config": '{"isdecimal": true}',
            "default": 35,
        },
    )
    shot = new_shot(session, "second")
    shot.custom_attributes["lens"] = 50
    session.commit()
    seen = other.get(Shot, shot.id)
    assert seen is not None
    assert seen.custom_attributes["lens"] == 50


def test_the_configuration_of_the_project_hides_the_global_one(
    emulator: Emulator, session: Session
) -> None:
    schema = session.select(ProjectSchema).where(ProjectSchema.name == "VFX").one()
    theirs = Project(name="theirs", full_name="Theirs", project_schema=schema)
    session.add(theirs)
    session.commit()
    own = session.create(
        CustomAttributeConfiguration,
        {
            "key": "fps",
            "label": "fps",
            "type_id": NUMBER,
            "entity_type": "task",
            "object_type_id": SHOT_TYPE,
            "project_id": theirs.id,
            "config": '{"isdecimal": true}',
            "default": 30,
        },
    ).data
    sequence = Sequence(name="sq", parent=theirs)
    below_new = Shot(name="a", parent=sequence)
    below_known = Shot(name="b", parent=theirs)
    below_named = incomplete(Shot, name="c", parent_id=theirs.id)
    with_own, with_global = [below_new, below_known, below_named], new_shot(session)
    session.add_all([sequence, *with_own])
    for shot in (*with_own, with_global):
        shot.custom_attributes["fps"] = 48

    session.commit()

    for shot in with_own:
        assert row_of(emulator, shot)[0][1] == own.id
    assert row_of(emulator, with_global)[0][1] == SHOT_FPS


def test_the_project_of_a_parent_known_by_key_alone_is_asked_for(
    emulator: Emulator, session: Session, other: Session
) -> None:
    theirs = project(session)
    own = other.create(
        CustomAttributeConfiguration,
        {
            "key": "fps",
            "label": "fps",
            "type_id": NUMBER,
            "entity_type": "task",
            "object_type_id": SHOT_TYPE,
            "project_id": theirs.id,
            "config": '{"isdecimal": true}',
            "default": 30,
        },
    ).data
    with Session(transport=emulator.transport(), check_schema="ignore") as fresh:
        shot = incomplete(Shot, name="new", parent_id=theirs.id)
        fresh.add(shot)
        with emulator.expect_calls(2):  # configurations and project
            shot.custom_attributes["fps"] = 48
        with emulator.expect_calls(1):
            fresh.commit()
        assert row_of(emulator, shot)[0][1] == own.id


def test_the_others_load_when_they_are_read_for_all_created_together(
    emulator: Emulator, session: Session
) -> None:
    shots = [new_shot(session, f"n{number}") for number in range(3)]
    for shot in shots:
        shot.custom_attributes["fstart"] = 1001
    session.commit()
    with emulator.expect_calls(0):
        assert [shot.custom_attributes["fstart"] for shot in shots] == [1001] * 3
        assert repr(shots[0].custom_attributes) == "{'fstart': 1001}"
        copied = copy.copy(shots[0])
        assert shots[0].model_dump()["custom_attributes"] == {"fstart": 1001}
    with emulator.expect_calls(1):
        # Protocol 9.8: the defaults.
        assert [shot.custom_attributes["fend"] for shot in shots] == [1] * 3
        assert sorted(shots[1].custom_attributes) == [
            "duration",
            "fend",
            "fps",
            "fstart",
            "handles",
        ]
    assert dict(copied.custom_attributes) == {"fstart": 1001}
    assert not session.plan()


def test_the_defaults_load_after_the_create_when_they_were_read_before_it(
    session: Session, other: Session
) -> None:
    shot = new_shot(session)
    rows = shot.custom_attributes
    assert dict(rows) == {}

    session.commit()

    stored = other.get(Shot, shot.id)
    assert stored is not None
    assert dict(rows) == dict(stored.custom_attributes) != {}


def test_edits_before_the_others_are_loaded_are_kept(
    emulator: Emulator, session: Session
) -> None:
    shot = new_shot(session)
    rows = shot.custom_attributes
    rows["fstart"] = 1001
    session.commit()
    rows["fstart"] = 1009
    rows["fend"] = 1100
    assert rows["handles"] == 0
    emulator.call_log.clear()

    session.commit()

    assert sorted(value for _, _, value in row_of(emulator, shot)) == [1009, 1100]
    assert shot.custom_attributes is rows


def test_a_rollback_before_the_others_are_loaded_goes_back_to_what_was_sent(
    session: Session,
) -> None:
    shot = new_shot(session)
    shot.custom_attributes["fstart"] = 1001
    session.commit()
    shot.custom_attributes["fstart"] = 1009
    session.rollback()
    assert shot.custom_attributes["fstart"] == 1001
    assert shot.custom_attributes["fend"] == 1
    assert not session.plan()


def test_a_strict_session_sends_them_and_loads_nothing(emulator: Emulator) -> None:
    with Session(
        transport=emulator.transport(), load="strict", check_schema="ignore"
    ) as session:
        shot = new_shot(session)
        shot.custom_attributes["fstart"] = 1001
        session.commit()
        assert shot.custom_attributes["fstart"] == 1001
        with pytest.raises(NotLoadedError, match="custom_attributes"):
            len(shot.custom_attributes)
        shot.custom_attributes["fstart"] = 1002
        session.commit()
        session.load([shot], Shot.custom_attributes)
        assert shot.custom_attributes["fstart"] == 1002


def test_a_lost_answer_to_the_create_is_settled_with_its_rows(
    emulator: Emulator, session: Session
) -> None:
    shot = new_shot(session)
    shot.custom_attributes["fstart"] = 1001
    session.plan()
    emulator.faults.drop_after()
    emulator.call_log.clear()

    session.commit()

    assert written(emulator).count(("create", "Shot")) == 1
    assert shot.custom_attributes["fstart"] == 1001
    assert not session.plan()


def test_a_task_has_no_attribute_of_shots(session: Session) -> None:
    task = Task(name="new", parent=project(session))
    session.add(task)
    with pytest.raises(AttributeValueError, match=r"Task.*fstart"):
        task.custom_attributes["fstart"] = 1
    assert task.custom_attributes == {}


def test_hierarchical_attributes_of_entities_below_a_new_project(
    session: Session, other: Session
) -> None:
    configuration = {
        "key": "mood",
        "label": "mood",
        "type_id": NUMBER,
        "entity_type": "show",
        "is_hierarchical": True,
        "config": "{}",
    }
    other.create(CustomAttributeConfiguration, configuration)
    schema = session.select(ProjectSchema).where(ProjectSchema.name == "VFX").one()
    theirs = Project(name="theirs", full_name="Theirs", project_schema=schema)
    sequence = Sequence(name="sq", parent=theirs)
    shot = Shot(name="a", parent=sequence)
    sort = session.select(AssetType).limit(1).one()
    asset = Asset(name="plate", parent=shot, type=sort)
    version = AssetVersion(asset=asset)
    theirs.custom_attributes["mood"] = 0
    shot.custom_attributes["mood"] = 1
    asset.custom_attributes["mood"] = 2
    version.custom_attributes["mood"] = 3
    # The owners come last: the project is found through parents that are new.
    session.add_all([version, asset, shot, sequence, theirs])
    session.commit()
    seen = [
        other.select(Project).where(Project.id == theirs.id).one().custom_attributes,
        other.select(Shot).where(Shot.id == shot.id).one().custom_attributes,
        other.select(Asset).where(Asset.id == asset.id).one().custom_attributes,
        other.select(AssetVersion)
        .where(AssetVersion.id == version.id)
        .one()
        .custom_attributes,
    ]
    assert [values["mood"] for values in seen] == [0, 1, 2, 3]
