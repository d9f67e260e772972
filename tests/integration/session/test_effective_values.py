"""Inherited values of hierarchical custom attributes, for many entities at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_models import (
    AssetBuild,
    AssetVersion,
    CustomAttributeConfiguration,
    CustomAttributeType,
    Episode,
    Folder,
    Project,
    Sequence,
    Shot,
    Status,
    Task,
    TypedContext,
)
from ftrack_orm import (
    NO_RETRIES,
    DetachedEntityError,
    EffectiveValue,
    Entity,
    Session,
    UnknownAttributeError,
    UnknownKeyError,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task, project


@pytest.fixture
def session(emulator: Emulator) -> Iterator[Session]:
    """A session on a server with hierarchical attributes; nothing was read."""
    with Session(transport=emulator.transport(), check_schema="ignore") as maker:
        for key, type_name, default in (
            ("gamma", "number", 1.0),
            ("look", "text", "plain"),
            ("handles", "number", 16),
        ):
            kind = maker.find(CustomAttributeType, name=type_name)
            data = {"key": key, "label": key, "type": kind, "config": "{}"}
            scope = {"entity_type": "show", "is_hierarchical": True}
            maker.create(
                CustomAttributeConfiguration, {**data, **scope, "default": default}
            )
    with Session(
        transport=emulator.transport(), check_schema="ignore", retry=NO_RETRIES
    ) as session:
        yield session


def set_on(session: Session, entity: Entity, **values: float | str) -> None:
    """Store values in another session's name, so that this one must read them."""
    rows = getattr(entity, "custom_attributes")  # noqa: B009 # of any type
    rows.update(values)
    session.commit()


def test_the_closest_value_counts(session: Session, other: Session) -> None:
    task = a_task(session)
    assert task.effective("gamma") == EffectiveValue(1.0, None)
    assert task.effective("gamma").is_default
    set_on(other, project(other), gamma=1.8)
    set_on(other, other.find(Sequence, name="sq010"), gamma=2.0)
    session.expire()
    assert task.effective("gamma") == EffectiveValue(
        2.0, session.find(Sequence, name="sq010")
    )
    elsewhere = session.find(Shot, name="sq020_sh010")
    assert elsewhere.effective("gamma") == EffectiveValue(1.8, project(session))
    assert not elsewhere.effective("gamma").is_default


def test_all_entities_and_keys_take_two_requests(
    session: Session, other: Session
) -> None:
    set_on(other, other.find(Sequence, name="sq010"), gamma=2.0, look="warm")
    tasks = session.select(Task).load(Task.link).all()
    before = session.requests
    rows = session.effective(tasks, ["gamma", "look"])
    # And the configurations, once in a session.
    assert session.requests - before == 3
    assert len(rows) == len(tasks)
    inherited = [
        row for task, row in zip(tasks, rows, strict=True) if below(task, "sq010")
    ]
    assert len(inherited) == 40
    for row in inherited:
        assert (row["gamma"].value, row["look"].value) == (2.0, "warm")
        assert isinstance(row["gamma"].source, Sequence)
    assert session.effective(tasks, ["look", "gamma"]) == rows
    assert session.requests - before == 3


def below(task: Task, name: str) -> bool:
    return any(step["name"] == name for step in task.link)


def test_a_loop_takes_two_requests(session: Session, other: Session) -> None:
    set_on(other, other.find(Sequence, name="sq010"), gamma=2.0)
    tasks = session.select(Task).all()
    before = session.requests
    values = [task.effective("gamma").value for task in tasks]
    assert session.requests - before == 3
    assert values.count(2.0) == 40
    sources = {task.effective("gamma").source for task in tasks}
    assert len(sources) == 2
    assert session.requests - before == 3


@pytest.mark.slow
def test_thousands_of_entities_take_two_requests(session: Session) -> None:
    shots = session.select(Shot).all()
    rows = [{"parent": shot, "name": f"t{n}"} for shot in shots for n in range(150)]
    session.find_or_add(Task, rows, by=(Task.parent, Task.name))
    shots[0].custom_attributes["gamma"] = 2.0
    session.commit()
    session.expunge_all()
    tasks = session.select(Task).all()
    assert len(tasks) > 3_500
    before = session.requests
    values = [row["gamma"].value for row in session.effective(tasks, ["gamma"])]
    assert session.requests - before == 2
    assert values.count(2.0) == 154


def test_others_of_the_result_may_lack_the_key(session: Session) -> None:
    found = session.select(TypedContext).where(TypedContext.name.like("sq010%")).all()
    assert {type(each) for each in found} == {Sequence, Shot}
    before = session.requests
    shots = [each for each in found if isinstance(each, Shot)]
    assert all(shot.effective("fstart").source is shot for shot in shots)
    assert session.requests - before == 3
    sequence = next(each for each in found if isinstance(each, Sequence))
    with pytest.raises(UnknownKeyError):
        sequence.effective("fstart")


def test_the_depth_of_the_tree_does_not_matter(session: Session) -> None:
    parent: Project | TypedContext = project(session)
    for depth in range(12):
        folder = Folder(name=f"level {depth}", parent=parent)
        session.add(folder)
        parent = folder
    task = Task(name="deep", parent=parent)
    session.add(task)
    session.commit()
    session.find(Folder, name="level 0").custom_attributes["look"] = "old film"
    session.commit()
    session.expunge_all()
    task = session.find(Task, name="deep")
    before = session.requests
    value = task.effective("look")
    assert session.requests - before == 3
    assert isinstance(value.source, Folder)
    assert (value.value, value.source.name) == ("old film", "level 0")
    assert session.requests - before == 3


def test_edits_of_the_session_count(session: Session) -> None:
    task = a_task(session)
    shot = task.parent
    assert isinstance(shot, Shot)
    assert task.effective("gamma").is_default
    shot.custom_attributes["gamma"] = 2.2
    assert task.effective("gamma") == EffectiveValue(2.2, shot)
    assert task.custom_attributes.effective("gamma").source is shot
    session.rollback()
    assert task.effective("gamma").is_default
    shot.custom_attributes["gamma"] = 2.4
    session.commit()
    assert task.effective("gamma") == EffectiveValue(2.4, shot)
    del shot.custom_attributes["gamma"]
    assert task.effective("gamma").is_default


def test_a_move_counts_before_its_commit(session: Session) -> None:
    sequence = session.find(Sequence, name="sq020")
    sequence.custom_attributes["gamma"] = 3.0
    session.commit()
    task = a_task(session)
    shot = a_shot(session)
    assert task.effective("gamma").is_default
    shot.parent = sequence
    assert task.effective("gamma") == EffectiveValue(3.0, sequence)
    session.commit()
    assert task.effective("gamma") == EffectiveValue(3.0, sequence)


def test_new_entities_inherit(session: Session) -> None:
    sequence = session.find(Sequence, name="sq010")
    sequence.custom_attributes["gamma"] = 3.0
    session.commit()
    shot = Shot(name="new", parent=sequence)
    task = Task(name="comp", parent=shot, custom_attributes={"look": "hard"})
    session.add_all([shot, task])
    values = session.effective([task, shot], ["gamma", "look"])
    assert values[0]["gamma"] == EffectiveValue(3.0, sequence)
    assert values[0]["look"] == EffectiveValue("hard", task)
    assert values[1]["look"].is_default


def test_versions_inherit_through_their_asset(session: Session) -> None:
    versions = session.select(AssetVersion).all()
    version = versions[0]
    context = version.asset.parent
    assert isinstance(context, AssetBuild)
    context.custom_attributes["gamma"] = 2.6
    session.commit()
    session.expunge_all()
    versions = session.select(AssetVersion).all()
    before = session.requests
    values = session.effective(versions, ["gamma"])
    assert session.requests - before == 3
    by_id = {each.id: row for each, row in zip(versions, values, strict=True)}
    source = by_id[version.id]["gamma"].source
    assert isinstance(source, AssetBuild)
    assert source.id == context.id
    assert any(row["gamma"].is_default for row in values)


def test_a_plain_attribute_is_not_inherited(session: Session) -> None:
    shot = a_shot(session)
    assert shot.effective("handles").source is shot
    del shot.custom_attributes["handles"]
    session.commit()
    assert shot.effective("handles") == EffectiveValue(0, None)
    # A task has no plain attribute of that key: the hierarchical one counts.
    assert a_task(session).effective("handles") == EffectiveValue(16, None)


def test_a_new_key_is_found(session: Session, other: Session) -> None:
    task = a_task(session)
    with pytest.raises(UnknownKeyError, match="Did you mean 'gamma'"):
        task.effective("gama")
    kind = other.find(CustomAttributeType, name="number")
    data = {"key": "gama", "label": "x", "type": kind, "entity_type": "show"}
    other.create(
        CustomAttributeConfiguration, {**data, "is_hierarchical": True, "config": "{}"}
    )
    assert task.effective("gama").is_default


def test_an_episode_without_ancestors_in_memory(session: Session) -> None:
    session.add(Episode(name="ep1", parent=project(session)))
    session.commit()
    session.expunge_all()
    episode = session.find(Episode, name="ep1")
    assert episode.effective("gamma").is_default


def test_types_without_inheritance(session: Session) -> None:
    status = session.find(Status, name="Approved")
    with pytest.raises(UnknownAttributeError):
        status.effective("gamma")
    with pytest.raises(UnknownAttributeError):
        session.effective([status], ["gamma"])
    with pytest.raises(UnknownKeyError):
        session.me.effective("gamma")


def test_entities_of_no_session_are_refused(session: Session) -> None:
    task = a_task(session)
    session.expunge(task)
    before = session.requests
    with pytest.raises(DetachedEntityError):
        task.effective("gamma")
    with pytest.raises(DetachedEntityError):
        session.effective([task], ["gamma"])
    assert session.requests == before
    assert session.effective([], ["gamma"]) == []
