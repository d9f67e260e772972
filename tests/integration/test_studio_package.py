"""A studio's package at work: typed custom attributes."""

from __future__ import annotations

import copy
import importlib
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, get_args

import pytest

import ftrack_models
from ftrack_orm import (
    AttributeValueError,
    CriterionError,
    CustomKey,
    Entity,
    MappedValues,
    QueryError,
    ReadOnlyAttributeError,
    Session,
    UnknownAttributeError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.operations import Create
from tests.support.imported_packages import imported_package
from tests.support.studio import studio_emulator, write_studio_package


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = tmp_path_factory.mktemp("studio")
    write_studio_package(folder)
    with imported_package("studio_models", folder) as package:
        yield package


@pytest.fixture
def emulator() -> Emulator:
    return studio_emulator()


@pytest.fixture
def session(emulator: Emulator, models: ModuleType) -> Iterator[Session]:
    with Session(transport=emulator.transport(), models=models.registry) as opened:
        yield opened


def test_a_session_of_the_package_needs_no_models(
    emulator: Emulator, models: Any
) -> None:
    with models.StudioSession(transport=emulator.transport()) as opened:
        assert isinstance(opened, Session)
        assert opened.registry is models.registry
        assert type(opened.me) is models.User
    assert models.StudioSession is models.StudioSession
    assert models.StudioSession.__name__ == "StudioSession"
    assert "StudioSession" in dir(models)


def test_a_session_of_the_package_takes_other_models(
    emulator: Emulator, models: Any
) -> None:
    other = models.StudioSession(
        transport=emulator.transport(), models="ftrack_models", page_size=7
    )
    assert other.registry is ftrack_models.registry
    assert other.registry is not models.registry


def first_shot(session: Session, models: Any) -> Any:
    return session.select(models.Shot).order_by(models.Shot.name).first()


def test_custom_attributes_are_attributes(session: Session, models: Any) -> None:
    values = first_shot(session, models).custom_attributes
    assert (values.fstart, values.handles) == (1001, 8)
    assert values.fend > values.fstart
    assert (values.reviewed, values.delivery, values.class_) == (False, None, "a")
    assert values["frame-rate"] == 24
    assert values["fstart"] == values.fstart
    assert isinstance(values, MappedValues)


def test_a_change_is_stored_by_key(session: Session, models: Any) -> None:
    shot = first_shot(session, models)
    shot.custom_attributes.fend = 1010
    shot.custom_attributes.class_ = "b"
    shot.custom_attributes.delivery = datetime(2026, 1, 2, tzinfo=UTC)
    shot.custom_attributes["3d"] = True
    assert shot.custom_attributes.fend == 1010
    session.commit()
    session.refresh(shot)
    values = shot.custom_attributes
    assert (values.fend, values.class_, values["3d"]) == (1010, "b", True)
    assert values.delivery == datetime(2026, 1, 2, tzinfo=UTC)


def test_an_enumerator_is_a_list_even_where_none_is_stored(
    session: Session, models: Any
) -> None:
    values = first_shot(session, models).custom_attributes
    assert (list(values.quality), list(values.artists)) == (["low"], [])
    values.quality = "high"
    values.artists.append("anna")
    assert (values["quality"], values.artists) == (["high"], ["anna"])
    session.commit()
    found = session.select(models.Shot).where(
        models.Shot.custom_attributes.fend > 0,
        models.Shot.custom_attributes.fend == values.fend,
    )
    assert found.all()


def test_queries_use_the_keys(session: Session, models: Any) -> None:
    shot = first_shot(session, models)
    shot.custom_attributes.class_ = "chosen"
    session.commit()
    path = models.Shot.custom_attributes
    for criterion in (path.class_ == "chosen", path["class"] == "chosen"):
        assert session.select(models.Shot).where(criterion).all() == [shot]
    assert repr(path.class_) == "Shot.custom_attributes.class_"
    assert repr(path["frame-rate"]) == 'Shot.custom_attributes["frame-rate"]'
    assert repr(path.fend > 3) == "Shot.custom_attributes.fend > 3"
    assert repr(path.supervisor.any()) == "Shot.custom_attributes.supervisor.any()"


def test_unknown_names_are_errors_with_suggestions(
    session: Session, models: Any
) -> None:
    values = first_shot(session, models).custom_attributes
    with pytest.raises(UnknownAttributeError, match="Did you mean 'fstart'"):
        _ = values.fsart
    with pytest.raises(UnknownAttributeError, match="Did you mean 'fstart'"):
        _ = models.Shot.custom_attributes.fsart
    with pytest.raises(AttributeError):
        values.fsart = 3


def test_a_projects_custom_attributes_are_read_by_its_class(
    session: Session, models: Any
) -> None:
    bunny = importlib.import_module("studio_models.shot").BunnyShotCustomAttributes
    [shot] = (
        session.select(models.Shot)
        .where(models.Shot.project.name == "bunny")
        .limit(1)
        .all()
    )
    values = shot.custom_attributes
    assert values.as_(bunny) is values
    assert values.as_(bunny).plate == ""
    assert shot.custom_attributes is values
    criterion = models.Shot.custom_attributes.as_(bunny).plate == "a"
    assert session.select(models.Shot).where(criterion).all() == []


def test_a_class_for_other_entities_is_refused(session: Session, models: Any) -> None:
    bunny = importlib.import_module("studio_models.shot").BunnyShotCustomAttributes
    task = session.select(models.Task).first()
    assert task is not None
    with pytest.raises(AttributeValueError, match="a class for the custom"):
        task.custom_attributes.as_(bunny)
    with pytest.raises(CriterionError, match="needs a class of custom attributes"):
        models.Shot.custom_attributes.as_(models.Shot)
    with pytest.raises(CriterionError, match="needs TaskCustomAttributes or a sub"):
        models.Task.custom_attributes.as_(bunny)
    with pytest.raises(CriterionError, match="lists custom attributes"):
        bunny["fstart"]


def test_a_deleted_attribute_has_its_default(session: Session, models: Any) -> None:
    values = first_shot(session, models).custom_attributes
    values.vendor_note, values["quality"] = "late", ["high"]
    session.commit()

    del values.vendor_note, values.quality

    assert (values.vendor_note, values.quality) == ("", ["low"])
    session.commit()
    assert not values.is_set("vendor_note")
    assert not values.is_set("quality")
    with pytest.raises(ReadOnlyAttributeError):
        del values.supervisor


def test_a_key_of_the_run_is_its_text(session: Session, models: Any) -> None:
    shot = first_shot(session, models)
    key: Any = CustomKey("fend")

    assert (key, type(key)) == ("fend", str)
    assert shot.custom_attributes.is_set(key)
    [values] = session.effective([shot], [key])
    assert values == {"fend": shot.effective(key)}
    path = models.Shot.custom_attributes[key]
    assert repr(path > 3) == "Shot.custom_attributes.fend > 3"


def test_a_misspelt_name_offers_the_nearest_however_it_is_used(
    session: Session, models: Any
) -> None:
    shot = first_shot(session, models)
    values = shot.custom_attributes
    uses: tuple[Callable[[], object], ...] = (
        lambda: values.fedn,
        lambda: setattr(values, "fedn", 5),
        lambda: delattr(values, "fedn"),
        lambda: models.Shot.custom_attributes.fedn,
    )
    for use in uses:
        with pytest.raises(
            UnknownAttributeError, match="Did you mean 'fend'"
        ) as caught:
            use()
        assert str(caught.value).startswith("Shot.custom_attributes has no attribute")
    with pytest.raises(
        ReadOnlyAttributeError, match=r"^Shot\.custom_attributes\.plates"
    ):
        values.plates = ()


def test_a_class_of_custom_attributes_is_no_path_and_makes_no_values(
    models: Any,
) -> None:
    values = importlib.import_module("studio_models.shot").ShotCustomAttributes
    uses: tuple[Callable[[], object], ...] = (
        lambda: values.fend > 3,
        lambda: values.fend.in_([3]),
        lambda: values["fend"],
        lambda: values(),
    )
    for use in uses:
        with pytest.raises(CriterionError, match="Read them on an entity class"):
            use()


def test_the_types_of_keys_leave_no_base_behind(models: Any) -> None:
    for entity_class in (models.Context, models.Asset, models.AssetVersion):
        assert entity_class.__bases__ == (Entity,)
    module = importlib.import_module("studio_models.shot")
    keys = set(module.ShotCustomAttributes.__keys__.values())
    # A key that the class lists as an item only has no attribute.
    assert set(get_args(module.ShotCustomKey)) - keys == {"3d", "frame-rate"}


def test_copies_and_dumps_keep_typed_custom_attributes(
    session: Session, models: Any
) -> None:
    shot = first_shot(session, models)
    fend = shot.custom_attributes.fend
    for copied in (
        copy.copy(shot),
        copy.deepcopy(shot),
        pickle.loads(pickle.dumps(shot)),  # noqa: S301 # our own bytes
    ):
        assert copied.custom_attributes.fend == fend
        assert type(copied.custom_attributes) is type(shot.custom_attributes)
    assert shot.model_dump()["custom_attributes"]["fend"] == fend
    again = models.Shot.model_validate({"name": "a", "custom_attributes": {"fend": 3}})
    assert again.custom_attributes.fend == 3


def test_an_edit_is_rolled_back_and_refreshed_in_place(
    session: Session, models: Any
) -> None:
    shot = first_shot(session, models)
    values, fend = shot.custom_attributes, shot.custom_attributes.fend
    values.fend = fend + 1
    session.rollback()
    assert values.fend == fend
    values.fend = fend + 2
    session.commit()
    session.refresh(shot)
    assert (shot.custom_attributes is values, values.fend) == (True, fend + 2)
    del values["fend"]
    session.commit()
    assert (values.fend, values.is_set("fend")) == (1, False)


def link(session: Session, models: Any, key: str, one: Any, other: Any) -> None:
    """Link two entities by a custom attribute."""
    [configuration] = (
        session.select(models.CustomAttributeLinkConfiguration)
        .where(models.CustomAttributeLinkConfiguration.key == key)
        .all()
    )
    prefix = "User" if key == "supervisor" else "Context"
    session.create(
        f"{prefix}CustomAttributeLink",
        {"configuration_id": configuration.id, "from_id": one.id, "to_id": other.id},
    )


@pytest.mark.filterwarnings("ignore::ftrack_orm.SchemaDriftWarning")
def test_a_type_that_is_newer_than_the_package_has_the_keys_of_its_base(
    emulator: Emulator, session: Session, models: Any
) -> None:
    name = {"name": "Camera", "is_typeable": False, "is_statusable": False}
    session.create(models.ObjectType, {**name, "is_prioritizable": False})
    project = session.select(models.Project).first()
    assert project is not None
    data = {"name": "left", "parent_id": project.id, "project_id": project.id}
    session.call([Create("Camera", {**data, "id": "camera-1"})])
    with models.StudioSession(transport=emulator.transport()) as opened:
        [camera] = opened.select(models.TypedContext).where(
            models.TypedContext.name == "left"
        )
        assert type(camera).__name__ == "Camera"
        values = camera.custom_attributes
        assert isinstance(
            values,
            models.TypedContext.__ftrack__.attributes["custom_attributes"].mapped_class,
        )
        values.colour = "red"
        assert (values.colour, values["colour"], values.tone) == ("red", "red", 1)
        assert type(camera.metadata) is MappedValues


def test_the_path_of_a_link_says_how_to_compare_it(models: Any) -> None:
    path = models.Shot.custom_attributes.supervisor
    with pytest.raises(
        UnknownAttributeError,
        match=r"Use Shot\.custom_attributes\.supervisor\.any\(User\.username == ",
    ):
        _ = path.username
    with pytest.raises(UnknownAttributeError, match="has no attribute 'is_'"):
        _ = path.is_
    with pytest.raises(CriterionError, match="has no truth value"):
        bool(path)


def test_custom_links_load_for_the_whole_result(
    emulator: Emulator, session: Session, models: Any
) -> None:
    first, second, third = session.select(models.Shot).limit(3).all()
    anna, ben = session.select(models.User).limit(2).all()
    link(session, models, "supervisor", first, anna)
    link(session, models, "supervisor", second, ben)
    link(session, models, "supervisor", second, anna)
    link(session, models, "similar", first, third)
    shots = session.select(models.Shot).load(models.Shot.custom_attributes).all()
    before = len(emulator.calls)
    supervisors = {
        shot.name: {user.username for user in shot.custom_attributes.supervisor}
        for shot in shots
    }
    assert len(emulator.calls) == before + 1
    assert supervisors[first.name] == {anna.username}
    assert supervisors[second.name] == {anna.username, ben.username}
    assert supervisors[third.name] == set()
    assert first.custom_attributes.similar == (third,)


def test_custom_links_filter(session: Session, models: Any) -> None:
    first, second = session.select(models.Shot).limit(2).all()
    [anna] = session.select(models.User).limit(1).all()
    link(session, models, "supervisor", first, anna)
    link(session, models, "similar", first, second)
    path = models.Shot.custom_attributes
    for criterion in (
        path.supervisor.any(),
        path.supervisor.any(models.User.username == anna.username),
        path.similar.any(models.Shot.name == second.name),
        path.similar.any(models.Shot.status.name != "x"),
    ):
        assert session.select(models.Shot).where(criterion).all() == [first]
    with pytest.raises(CriterionError):
        path.supervisor.any(models.Shot.name == "a")


def test_custom_links_are_read_only(session: Session, models: Any) -> None:
    shot = first_shot(session, models)
    with pytest.raises(ReadOnlyAttributeError, match="UserCustomAttributeLink"):
        shot.custom_attributes.supervisor = ()
    assert models.Shot(name="a", parent=shot).custom_attributes.supervisor == ()


def test_a_new_entity_has_typed_custom_attributes(
    session: Session, models: Any
) -> None:
    parent = session.select(models.Sequence).first()
    assert parent is not None
    shot = models.Shot(name="new", parent=parent, custom_attributes={"fend": 5})
    shot.custom_attributes.class_ = "z"
    session.add(shot)
    session.commit()
    session.refresh(shot)
    assert (shot.custom_attributes.fend, shot.custom_attributes.class_) == (5, "z")


def test_a_row_has_the_list_of_an_enumerators_choices(
    session: Session, models: Any
) -> None:
    select = session.select(models.Shot).order_by(models.Shot.name).limit(1)
    path = models.Shot.custom_attributes
    assert select.values(path.quality, path["quality"]) == [(["low"], ["low"])]
    assert select.values(path.artists, path["artists"]) == [([], [])]
    assert select.where(path.quality == "low").count() == 1
    assert select.where(path.quality.in_(["high"])).count() == 0


def test_a_typed_key_behind_a_link_that_may_be_null_needs_or_none(
    session: Session, models: Any
) -> None:
    task = models.Task
    values = task.parent.as_(models.Shot).custom_attributes
    select = session.select(task).order_by(task.name)
    for path in (values.fend, values["fend"], values.quality, values.delivery):
        with pytest.raises(QueryError, match=r"passes Task\.parent, which may be null"):
            select.values(path)
    rows = select.values(task.parent_id, values.fend.or_none, values.quality.or_none)
    ends = {
        shot.id: (shot.custom_attributes.fend, shot.custom_attributes.quality)
        for shot in session.select(models.Shot)
    }
    assert {row[1:] == ends.get(row[0], (None, None)) for row in rows} == {True}
    assert (None, None) in {row[1:] for row in rows if row[1] is None}
    [keyed] = select.limit(1).values(values[CustomKey("unknown")])
    assert keyed == (None,)


def test_hierarchical_values_are_inherited(session: Session, models: Any) -> None:
    shot = first_shot(session, models)
    shot.custom_attributes.colour = "red"
    session.commit()
    task = session.select(models.Task).where(models.Task.parent.is_(shot)).first()
    assert task is not None
    value = task.custom_attributes.effective("colour")
    assert (value.value, value.source) == ("red", shot)
