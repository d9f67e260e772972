"""`find_or_add`: one read for many rows, the missing ones pending."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ftrack_models import (
    AssetBuild,
    CustomAttributeConfiguration,
    CustomAttributeType,
    Project,
    SecurityRole,
    Sequence,
    Shot,
    Status,
    Task,
)
from ftrack_orm import (
    AttributeValueError,
    CriterionError,
    EntityState,
    IdentificationError,
    InvalidArgumentError,
    MultipleResultsError,
    ReadOnlyAttributeError,
    Session,
    UnknownAttributeError,
)
from tests.support.demo_production import project, state_of

BY = (Shot.parent, Shot.name)


@pytest.fixture
def sequence(session: Session) -> Sequence:
    return session.find(Sequence, name="sq010")


def test_existing_are_found_and_missing_become_pending(
    session: Session, sequence: Sequence
) -> None:
    before = session.requests
    shots = session.find_or_add(
        Shot,
        [
            {"parent": sequence, "name": "sq010_sh999", "description": "new"},
            {"parent": sequence, "name": "sq010_sh010", "description": "changed"},
            {"parent": sequence, "name": "sq010_sh020"},
        ],
        by=BY,
    )
    assert session.requests - before == 1
    assert [shot.name for shot in shots] == [
        "sq010_sh999",
        "sq010_sh010",
        "sq010_sh020",
    ]
    assert state_of(shots[0]) is EntityState.PENDING
    assert state_of(shots[1]) is EntityState.PERSISTENT
    assert [change.reference for change in session.plan()] == [
        shots[0].reference,
        shots[1].reference,
    ]
    session.commit()
    again = session.find_or_add(
        Shot, [{"parent": sequence, "name": "sq010_sh999", "description": "new"}], BY
    )
    assert again == [shots[0]]
    assert not session.plan()


def test_rows_of_the_same_entity_give_one_entity(
    session: Session, sequence: Sequence
) -> None:
    first, second, third = session.find_or_add(
        Shot,
        [
            {"parent": sequence, "name": "new", "description": "one"},
            {"parent": sequence, "name": "New", "description": "two"},
            {"parent_id": sequence.id, "name": "new"},
        ],
        by=BY,
    )
    assert first is second
    assert first is third
    assert (first.name, first.description) == ("new", "two")
    assert len(session.plan()) == 1


def test_a_second_call_finds_what_the_first_has_added(
    session: Session, sequence: Sequence
) -> None:
    row = {"parent": sequence, "name": "new"}
    [added] = session.find_or_add(Shot, [row], by=BY)
    [found] = session.find_or_add(Shot, [row], by=BY)
    assert found is added


def test_edits_of_the_session_count(session: Session, sequence: Sequence) -> None:
    shot = session.find(Shot, name="sq010_sh010")
    shot.name = "renamed"
    removed = session.find(Shot, name="sq010_sh020")
    session.remove(removed)
    found, replaced, new = session.find_or_add(
        Shot,
        [
            {"parent": sequence, "name": "renamed"},
            {"parent": sequence, "name": "sq010_sh010"},
            {"parent": sequence, "name": "sq010_sh020"},
        ],
        by=BY,
    )
    assert found is shot
    assert state_of(replaced) is EntityState.PENDING
    assert state_of(new) is EntityState.PENDING
    session.commit()
    assert state_of(new) is EntityState.PERSISTENT


def test_nothing_is_read_below_new_entities(session: Session) -> None:
    bunny = project(session)
    before = session.requests
    [sequence] = session.find_or_add(
        Sequence, [{"parent": bunny, "name": "sq999"}], by=(Sequence.parent, "name")
    )
    shots = session.find_or_add(
        Shot, [{"parent": sequence, "name": f"sh{n}"} for n in range(20)], by=BY
    )
    session.find_or_add(
        Task,
        [{"parent": shot, "name": "comp"} for shot in shots],
        by=(Task.parent, Task.name),
    )
    assert session.requests - before == 1
    assert len(session.plan()) == 41


def test_nothing_is_read_below_loaded_collections(session: Session) -> None:
    bunny = (
        session.select(Project)
        .where(Project.name == "bunny")
        .load(Project.children.each.children)
        .one()
    )
    sequence = next(each for each in bunny.children if each.name == "sq010")
    before = session.requests
    rows = [{"parent": sequence, "name": name} for name in ("sq010_sh010", "new")]
    found, added = session.find_or_add(Shot, rows, by=BY)
    assert session.requests == before
    assert state_of(found) is EntityState.PERSISTENT
    assert state_of(added) is EntityState.PENDING
    assert added in sequence.children


def test_members_that_lack_their_names_are_loaded(session: Session) -> None:
    bunny = (
        session.select(Project)
        .where(Project.name == "bunny")
        .load(Project.children.each.children.each.children)
        .one()
    )
    before = session.requests
    rows = [{"parent": bunny, "name": name} for name in ("sq010", "sq020", "new")]
    found = session.find_or_add(Sequence, rows, by=(Sequence.parent, Sequence.name))
    assert [state_of(each) for each in found] == [
        EntityState.PERSISTENT,
        EntityState.PERSISTENT,
        EntityState.PENDING,
    ]
    assert session.requests - before == 1


def test_rows_may_be_new_entities(session: Session, sequence: Sequence) -> None:
    approved = session.find(Status, name="Completed")
    rows = [
        Shot(name="sq010_sh010", parent=sequence, status=approved, description="x"),
        Shot(name="new", parent=sequence, custom_attributes={"fstart": 7}),
    ]
    found, added = session.find_or_add(Shot, rows, by=BY)
    assert found is not rows[0]
    assert (found.description, found.status) == ("x", approved)
    assert added is rows[1]
    assert state_of(rows[0]) is EntityState.TRANSIENT
    session.commit()
    assert added.custom_attributes["fstart"] == 7


def test_custom_attributes_and_metadata_come_with_the_read(
    session: Session, sequence: Sequence
) -> None:
    before = session.requests
    found, added = session.find_or_add(
        Shot,
        [
            {
                "parent": sequence,
                "name": name,
                "custom_attributes": {"fstart": 990},
                "metadata": {"cut": "3"},
            }
            for name in ("sq010_sh010", "new")
        ],
        by=BY,
    )
    assert session.requests - before == 1
    fend = found.custom_attributes["fend"]
    session.commit()
    assert session.requests - before == 2
    session.expire()
    for shot in (found, added):
        assert shot.custom_attributes["fstart"] == 990
        assert shot.metadata["cut"] == "3"
    assert found.custom_attributes["fend"] == fend


def test_long_lists_are_split(session: Session, sequence: Sequence) -> None:
    rows = [{"parent": sequence, "name": f"sq010_sh{n:04}"} for n in range(2_500)]
    rows.append({"parent": sequence, "name": "sq010_sh100"})
    before = session.requests
    shots = session.find_or_add(Shot, rows, by=BY)
    assert session.requests - before == 1
    assert len(shots) == 2_501
    assert state_of(shots[-1]) is EntityState.PERSISTENT


def test_several_matches_change_nothing(session: Session, sequence: Sequence) -> None:
    rows = [
        {"name": "unknown", "parent": sequence},
        {"name": "animation", "parent": sequence, "bid": 5.0},
    ]
    with pytest.raises(MultipleResultsError, match="name='animation'") as caught:
        session.find_or_add(Task, rows, by=Task.name)
    assert len(caught.value.keys) > 1
    assert not session.plan()


def test_wrong_rows_send_and_change_nothing(
    session: Session, sequence: Sequence
) -> None:
    before = session.requests
    good: dict[str, object] = {"parent": sequence, "name": "new"}
    wrong: list[tuple[object, type[Exception]]] = [
        ({"parent": sequence}, IdentificationError),
        ({"name": "x"}, IdentificationError),
        ({"parent": sequence, "name": None}, AttributeValueError),
        ({**good, "nmae": "x"}, UnknownAttributeError),
        ({**good, "description": 5}, AttributeValueError),
        ({**good, "status": sequence}, AttributeValueError),
        ({**good, "created_at": datetime.now(UTC)}, ReadOnlyAttributeError),
        (sequence, InvalidArgumentError),
        ("new", InvalidArgumentError),
        (AssetBuild(name="x", parent=sequence), InvalidArgumentError),
    ]
    for row, error in wrong:
        with pytest.raises(error):
            session.find_or_add(Shot, [good, row], by=BY)  # type: ignore[list-item] # the mistakes
    for by in ((), (Shot.notes,), (Shot.parent.name,), (Status.name,), ("nmae",)):
        with pytest.raises((CriterionError, IdentificationError, AttributeError)):
            session.find_or_add(Shot, [good], by=by)  # type: ignore[arg-type] # the mistakes
    with pytest.raises(InvalidArgumentError):
        session.find_or_add(Shot, good, by=BY)  # type: ignore[arg-type] # one row
    assert session.requests == before
    assert not session.plan()


def test_fractions_of_seconds_are_no_change(
    session: Session, sequence: Sequence
) -> None:
    moment = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)
    shot = session.find(Shot, name="sq010_sh010", parent=sequence)
    row = {"parent": shot, "name": "animation", "end_date": moment}
    session.find_or_add(Task, [row], by=(Task.parent, Task.name))
    assert session.commit()
    session.expire()
    session.find_or_add(Task, [row], by=(Task.parent, Task.name))
    assert not session.plan()


@pytest.mark.parametrize(
    ("row", "place"),
    [({"name": None}, "Shot.name"), ({"name": "a", "parent": 5}, "Shot.parent")],
)
def test_a_wrong_value_names_the_type_of_the_entity(
    session: Session, row: dict[str, object], place: str
) -> None:
    with pytest.raises(AttributeValueError, match=f"^{place} cannot be") as caught:
        session.find_or_add(Shot, [row], by=Shot.name)
    assert caught.value.entity_type == "Shot"


@pytest.mark.parametrize("name", ["sq010_sh010", "new"])
def test_a_wrong_custom_attribute_changes_nothing(
    session: Session, sequence: Sequence, name: str
) -> None:
    for wrong in ({"fstrat": 1}, {"fstart": "soon"}):
        rows = [
            {"parent": sequence, "name": "sq010_sh020", "description": "changed"},
            {"parent": sequence, "name": "other"},
            {"parent": sequence, "name": name, "custom_attributes": wrong},
        ]
        with pytest.raises(AttributeValueError):
            session.find_or_add(Shot, rows, by=BY)
        assert not session.plan()


def test_collections_of_rows_are_compared(session: Session) -> None:
    text = session.find(CustomAttributeType, name="text")
    roles = session.select(SecurityRole).all()
    rows = [
        {
            "key": f"k{number}",
            "label": f"K{number}",
            "type": text,
            "entity_type": "show",
            "config": "{}",
            "read_security_roles": roles,
        }
        for number in range(40)
    ]
    by = ("key", "entity_type")
    before = session.requests
    session.find_or_add(CustomAttributeConfiguration, rows, by=by)
    assert len(session.commit()) == 40
    session.expunge_all()
    session.find_or_add(CustomAttributeConfiguration, rows, by=by)
    assert not session.plan()
    assert session.requests - before <= 4


def test_no_rows_send_nothing(session: Session) -> None:
    assert session.find_or_add(Shot, [], by=BY) == []
    assert session.requests == 0
