"""Custom attributes: values by kind, defaults, stored values, two of one key."""

from __future__ import annotations

import copy
import enum
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from ftrack_models import CustomAttributeConfiguration, Project, Shot, Task
from ftrack_orm import (
    AttributeValueError,
    NotLoadedError,
    Reference,
    Session,
    UnknownKeyError,
)
from ftrack_orm.emulator import Emulator
from tests.support.custom_attribute_configurations import (
    FSTART,
    KINDS,
    SHOT_HANDLES,
    SHOT_TYPE,
    configure,
    server_value,
    shot_with_value,
)
from tests.support.demo_production import a_shot, a_task, project
from tests.support.emulator_records import sql

UNKNOWN_ZONE = datetime(2024, 5, 6, 7)  # a time without a zone
MOMENT = datetime(2024, 5, 6, 7, tzinfo=timezone(timedelta(hours=2)))
SURROGATE = "half \ud800"


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


@pytest.fixture
def kinds(other: Session) -> None:
    """Let tasks have one attribute of each kind, without a default."""
    for kind in KINDS:
        configure(other, kind, kind)


# -- values by kind ----------------------------------------------------------------

TAKEN = [
    ("text", "a", "a"),
    ("text", Colour.RED, "red"),
    ("number", 1, 1),
    ("number", 1.5, 1.5),
    ("number", Level.HIGH, 3),
    ("boolean", True, True),
    ("date", MOMENT, datetime(2024, 5, 6, 5, tzinfo=UTC)),
    ("date", date(2024, 5, 6), datetime(2024, 5, 6, tzinfo=UTC)),
    ("enumerator", ["a", "b"], ["a", "b"]),
    ("enumerator", ("a", Colour.RED), ["a", "red"]),
    ("enumerator", "a", ["a"]),
    ("enumerator", Colour.RED, ["red"]),
    ("dynamic enumerator", "a", ["a"]),
    ("url", "http://x", "http://x"),
]

REFUSED = [
    ("text", 1),
    ("text", True),
    ("text", ["a"]),
    ("text", SURROGATE),
    ("text", b"a"),
    ("number", "1"),
    ("number", True),
    ("number", Decimal(1)),
    ("number", float("nan")),
    ("number", float("inf")),
    ("number", 10**400),
    ("number", [1]),
    ("boolean", 1),
    ("boolean", "yes"),
    ("date", UNKNOWN_ZONE),
    ("date", "not a date"),
    ("date", 5),
    ("date", datetime.min.replace(tzinfo=timezone(timedelta(hours=2)))),
    ("date", datetime.max.replace(tzinfo=timezone(timedelta(hours=-2)))),
    ("enumerator", 1),
    ("enumerator", [1]),
    ("enumerator", [["a"]]),
    ("enumerator", ["a", SURROGATE]),
    ("enumerator", {"a": 1}),
    ("dynamic enumerator", [None]),
    ("url", 5),
    ("text", object()),
]

by_kind = pytest.mark.usefixtures("kinds")


@by_kind
@pytest.mark.parametrize(("kind", "value", "kept"), TAKEN)
def test_a_value_is_kept_in_its_plain_form(
    session: Session, other: Session, kind: str, value: Any, kept: Any
) -> None:
    task = a_task(session)
    task.custom_attributes[kind] = value
    assert task.custom_attributes[kind] == kept
    assert type(task.custom_attributes[kind]) in (
        type(kept),
        *type(kept).__subclasses__(),
    )
    session.commit()
    assert task.custom_attributes[kind] == kept
    assert a_task(other).custom_attributes[kind] == kept
    # The kind is now inferred from the value; None is a value of every kind.
    task.custom_attributes[kind] = value
    assert not session.plan()
    task.custom_attributes[kind] = None
    session.commit()
    other.refresh(a_task(other))
    assert a_task(other).custom_attributes[kind] is None


@by_kind
@pytest.mark.parametrize("is_inferred", [False, True])
@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_a_value_of_another_kind_is_refused_at_the_assignment(
    session: Session, kind: str, value: Any, is_inferred: bool
) -> None:
    task = a_task(session)
    if is_inferred:
        known: dict[str, Any] = {name: kept for name, _, kept in TAKEN}
        task.custom_attributes[kind] = known[kind]
        session.commit()
    before = dict(task.custom_attributes)
    with pytest.raises(AttributeValueError, match=f"Task.*custom_attributes.*{kind}"):
        task.custom_attributes[kind] = value
    with pytest.raises(AttributeValueError):
        task.custom_attributes = {kind: value}
    assert dict(task.custom_attributes) == before
    assert not session.plan()


@by_kind
@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_a_new_entity_with_a_wrong_value_does_not_join(
    session: Session, kind: str, value: Any
) -> None:
    task = Task(name="new", parent=project(session))

    def use() -> None:
        task.custom_attributes[kind] = value
        session.add(task)

    with pytest.raises(AttributeValueError, match=kind):
        use()
    assert not session.plan()


@by_kind
@pytest.mark.parametrize(("kind", "value", "kept"), TAKEN)
def test_a_new_entity_keeps_plain_values(
    session: Session, other: Session, kind: str, value: Any, kept: Any
) -> None:
    task = Task(name="new", parent=project(session))
    task.custom_attributes[kind] = value
    session.add(task)
    assert task.custom_attributes[kind] == kept
    session.commit()
    seen = other.get(Task, task.id)
    assert seen is not None
    assert seen.custom_attributes[kind] == kept


@by_kind
def test_configurations_are_read_once_and_only_where_no_value_shows_the_kind(
    emulator: Emulator, session: Session
) -> None:
    shots = session.select(Shot).load(Shot.custom_attributes).all()
    tasks = session.select(Task).load(Task.custom_attributes).all()
    with emulator.expect_calls(0):
        for shot in shots:
            shot.custom_attributes["fstart"] = 7
    with emulator.expect_calls(1):
        for task in tasks:
            task.custom_attributes["text"] = "a"
            task.custom_attributes["number"] = 1
    session.commit()


# -- stored values -----------------------------------------------------------------


def test_is_set_tells_a_stored_value_from_a_default(
    emulator: Emulator, session: Session
) -> None:
    shot = shot_with_value(session)
    shots = session.select(Shot).load(Shot.custom_attributes).all()
    statement = (
        'select entity_id from "CustomAttributeValue" where configuration_id = :id'
    )
    stored = {row[0] for row in sql(emulator, statement, id=FSTART)}
    assert shot.id in stored
    with emulator.expect_calls(1):
        are_set = {one.id for one in shots if one.custom_attributes.is_set("fstart")}
    assert are_set == stored & {one.id for one in shots}
    shot.custom_attributes["handles"] = 8
    session.commit()
    with emulator.expect_calls(0):  # the request above read the configurations
        del shot.custom_attributes["handles"]
        assert not shot.custom_attributes.is_set("handles")
        shot.custom_attributes["handles"] = 9
        assert shot.custom_attributes.is_set("handles")
    session.commit()
    assert shot.custom_attributes.is_set("handles")
    with pytest.raises(KeyError):
        shot.custom_attributes.is_set("no such key")
    shot.metadata["k"] = "v"
    assert shot.metadata.is_set("k")
    assert not shot.metadata.is_set("other")


def test_outside_a_session_stored_values_and_defaults_are_not_known(
    session: Session,
) -> None:
    loaded = a_shot(session)
    assert loaded.custom_attributes["fend"]
    copied = copy.copy(loaded)
    with pytest.raises(NotLoadedError, match="is_set"):
        copied.custom_attributes.is_set("fend")
    before = dict(copied.custom_attributes)
    with pytest.raises(AttributeValueError, match="default"):
        del copied.custom_attributes["fend"]
    assert dict(copied.custom_attributes) == before
    copied.custom_attributes["fend"] = 7
    assert copied.custom_attributes["fend"] == 7
    assert not session.plan()


@pytest.mark.parametrize("is_hierarchical", [False, True])
def test_a_deleted_value_shows_the_same_default_before_and_after_the_commit(
    session: Session, other: Session, is_hierarchical: bool
) -> None:
    scope: dict[str, Any] = {"entity_type": "show", "object_type_id": None}
    if not is_hierarchical:
        scope = {"object_type_id": SHOT_TYPE}
    configure(other, "lens", "number", 35, is_hierarchical=is_hierarchical, **scope)
    values = a_shot(session).custom_attributes
    values["lens"] = 50
    session.commit()
    del values["lens"]
    assert values["lens"] == 35
    session.commit()
    assert values["lens"] == 35
    assert a_shot(other).custom_attributes["lens"] == 35


# -- two configurations of one key -------------------------------------------------


def hierarchical(session: Session, default: Any = None) -> str:
    return configure(
        session,
        "handles",
        "number",
        default,
        entity_type="show",
        object_type_id=None,
        is_hierarchical=True,
    )


def test_both_configurations_of_a_key_can_be_named(
    emulator: Emulator, session: Session, other: Session
) -> None:
    wide = hierarchical(other)
    entity = session.get(CustomAttributeConfiguration, wide)
    assert entity is not None
    shot = a_shot(session)
    values = shot.custom_attributes
    keys = (entity, wide, Reference("CustomAttributeConfiguration", (wide,)))
    values["handles"] = 30
    values[entity] = 48
    assert values["handles"] == 30
    assert [values[key] for key in keys] == [48] * 3
    assert list(values).count("handles") == 1
    assert wide not in list(values)
    session.commit()
    assert server_value(emulator, SHOT_HANDLES, shot.id) == ["30"]
    assert server_value(emulator, wide, shot.id) == ["48"]
    seen = a_shot(other).custom_attributes
    assert (seen["handles"], seen[SHOT_HANDLES], seen[wide]) == (30, 30, 48)
    assert values.is_set(entity)
    del values[entity]
    assert values["handles"] == 30
    assert values[entity] is None
    session.commit()
    assert server_value(emulator, SHOT_HANDLES, shot.id) == ["30"]
    assert server_value(emulator, wide, shot.id) == []
    assert not values.is_set(entity)


@pytest.mark.parametrize("is_wide_first", [False, True])
def test_the_plain_configuration_has_the_key_whichever_row_comes_first(
    emulator: Emulator, session: Session, other: Session, is_wide_first: bool
) -> None:
    kind = {"object_type_id": SHOT_TYPE}
    wide_kind = {"entity_type": "show", "object_type_id": None}
    if is_wide_first:
        wide = configure(other, "x", "number", 2, is_hierarchical=True, **wide_kind)
        plain = configure(other, "x", "number", 1, **kind)
    else:
        plain = configure(other, "x", "number", 1, **kind)
        wide = configure(other, "x", "number", 2, is_hierarchical=True, **wide_kind)
    values = a_shot(session).custom_attributes
    assert (values["x"], values[plain]) == (1, 1)
    values["x"] = 5
    values[wide] = 6
    session.commit()
    assert server_value(emulator, plain, a_shot(session).id) == ["5"]
    assert server_value(emulator, wide, a_shot(session).id) == ["6"]


def test_a_new_entity_names_both_configurations(
    emulator: Emulator, session: Session, other: Session
) -> None:
    wide = hierarchical(other)
    shot = Shot(name="new", parent=project(session))
    shot.custom_attributes[SHOT_HANDLES] = 30
    shot.custom_attributes[wide] = 48
    session.add(shot)
    assert shot.custom_attributes["handles"] == 30
    session.commit()
    assert server_value(emulator, SHOT_HANDLES, shot.id) == ["30"]
    assert server_value(emulator, wide, shot.id) == ["48"]
    assert shot.custom_attributes[wide] == 48
    assert shot.custom_attributes["handles"] == 30


def test_a_hierarchical_attribute_of_a_project(
    emulator: Emulator, session: Session, other: Session
) -> None:
    wide = configure(
        other,
        "w",
        "number",
        entity_type="show",
        object_type_id=None,
        is_hierarchical=True,
    )
    production = session.select(Project).first()
    assert production is not None
    production.custom_attributes["w"] = 3
    session.commit()
    assert server_value(emulator, wide, production.id) == ["3"]
    del production.custom_attributes["w"]
    assert production.custom_attributes["w"] is None
    session.commit()
    assert server_value(emulator, wide, production.id) == []


# -- lists -------------------------------------------------------------------------


@by_kind
def test_the_list_in_hand_follows_edits_commits_and_rollbacks(
    session: Session, other: Session
) -> None:
    task = a_task(session)
    task.custom_attributes["enumerator"] = ["a"]
    tags = task.custom_attributes["enumerator"]
    assert isinstance(tags, list)
    tags.append("b")
    session.commit()
    assert task.custom_attributes["enumerator"] is tags
    tags.append("c")
    session.rollback()
    assert tags == ["a", "b"]
    task.custom_attributes["enumerator"] = ["z"]
    assert tags == ["z"]
    assert task.custom_attributes["enumerator"] is tags
    session.rollback()
    theirs = a_task(other)
    theirs.custom_attributes["enumerator"] = ["x"]
    other.commit()
    session.refresh(task)
    assert task.custom_attributes["enumerator"] is tags
    assert tags == ["x"]
    wrong: Any = 1
    with pytest.raises(AttributeValueError):
        tags.append(wrong)
    assert tags == ["x"]
    tags += ["y"]
    session.commit()
    other.refresh(theirs)
    assert theirs.custom_attributes["enumerator"] == ["x", "y"]


READS_OF_KEYS: dict[str, Callable[[Any, str], object]] = {
    "item": lambda values, key: values[key],
    "read": lambda values, key: values.read(key, float),
    "is_set": lambda values, key: values.is_set(key),
    "del": lambda values, key: values.__delitem__(key),
    "pop": lambda values, key: values.pop(key),
}


@pytest.mark.parametrize("name", READS_OF_KEYS)
def test_a_misspelt_key_offers_the_nearest(session: Session, name: str) -> None:
    shot = session.select(Shot)[0]
    with pytest.raises(UnknownKeyError) as caught:
        READS_OF_KEYS[name](shot.custom_attributes, "fstrat")

    assert str(caught.value) == (
        "Shot.custom_attributes has no key 'fstrat'. Did you mean 'fstart'?"
    )
    assert caught.value.args == ("fstrat",)
    assert shot.custom_attributes.get("fstrat") is None
    assert shot.custom_attributes.pop("fstrat", 5) == 5


@pytest.mark.parametrize("name", ["item", "read", "del", "pop"])
def test_a_misspelt_key_of_metadata_offers_the_nearest(
    session: Session, name: str
) -> None:
    shot = session.select(Shot)[0]
    shot.metadata["source"] = "edit"
    with pytest.raises(UnknownKeyError) as caught:
        READS_OF_KEYS[name](shot.metadata, "sources")

    assert str(caught.value) == (
        "Shot.metadata has no key 'sources'. Did you mean 'source'?"
    )
