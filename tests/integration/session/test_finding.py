"""`find` and `find_or_none`: reference data in memory, one query for the rest."""

from __future__ import annotations

import pytest

from ftrack_models import (
    Note,
    NoteCategory,
    NoteLabel,
    ObjectType,
    Priority,
    Project,
    Sequence,
    Shot,
    State,
    Status,
    Type,
    User,
)
from ftrack_orm import (
    AttributeValueError,
    CriterionError,
    MultipleResultsError,
    NoResultError,
    QueryError,
    Session,
    UnknownAttributeError,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, project


def test_reference_data_takes_one_request(session: Session) -> None:
    approved = session.find(Status, name="Approved")
    assert approved.name == "Approved"
    assert session.requests == 1
    assert session.find(Status, name="Approved") is approved
    assert session.find(Status, Status.name == "Approved") is approved
    assert session.find(Status, Status.name == "Approved", is_active=True) is approved
    assert session.find(Type, name="Animation").name == "Animation"
    assert session.find(Priority, name="High").name == "High"
    assert session.find(ObjectType, name="Asset Build").is_typeable
    assert session.find_or_none(Status, name="No such status") is None
    assert session.requests == 1


def test_the_case_of_text_does_not_count(session: Session) -> None:
    assert session.find(Status, name="aPPROVED").name == "Approved"


def test_among_several_the_same_case_is_returned(session: Session) -> None:
    created = session.create(
        Status, {"name": "APPROVED", "state": state(session), "is_active": True}
    )
    session.commit()
    assert session.find(Status, name="APPROVED") is created.data
    assert session.find(Status, name="Approved") is not created.data
    with pytest.raises(MultipleResultsError, match="Status with name='approved'"):
        session.find(Status, name="approved")


def state(session: Session) -> State:
    return session.find(State, short="DONE")


def test_a_wrong_name_suggests_similar_ones(session: Session) -> None:
    with pytest.raises(NoResultError) as caught:
        session.find(Status, name="Aproved")
    assert caught.value.suggestions[0] == "Approved"
    assert "Did you mean 'Approved'" in str(caught.value)
    assert "find_or_none()" in str(caught.value)


def test_other_types_take_one_query(session: Session) -> None:
    bunny = session.find(Project, name="bunny")
    assert session.requests == 1
    sequence = session.find(Sequence, name="sq010", parent=bunny)
    assert session.requests == 2
    assert sequence.parent is bunny
    assert session.find(Sequence, parent_id=bunny.id, name="sq010") is sequence
    assert session.find_or_none(Sequence, name="sq010", parent=sequence) is None


def test_a_condition_through_a_link_takes_one_query(session: Session) -> None:
    session.find(Status, name="Approved")
    found = session.find(Status, Status.state.short == "DONE", name="Approved")
    assert found.name == "Approved"
    assert session.requests == 2


def test_several_matches_are_an_error_that_lists_them(session: Session) -> None:
    with pytest.raises(MultipleResultsError) as caught:
        session.find(Shot, Shot.name.like("sq010%"), project=project(session))
    assert len(caught.value.keys) > 1
    assert "select()" in str(caught.value)


def test_wrong_arguments_send_nothing(session: Session) -> None:
    shot = a_shot(session)
    before = session.requests
    with pytest.raises(UnknownAttributeError, match="Did you mean 'name'"):
        session.find(Status, nmae="Approved")
    with pytest.raises(AttributeValueError):
        session.find(Status, name=5)
    with pytest.raises(AttributeValueError):
        session.find(Shot, parent=session.find_or_none)
    with pytest.raises(CriterionError, match="needs a condition"):
        session.find(Status)
    with pytest.raises(CriterionError, match="about Shot, not Status"):
        session.find(Status, Shot.name == "x")
    with pytest.raises(CriterionError, match="is not a condition"):
        session.find(Status, True)  # type: ignore[arg-type] # the mistake
    with pytest.raises(CriterionError, match="holds several values"):
        session.find(Shot, notes=[])
    with pytest.raises(QueryError, match=r"session\.model"):
        session.find("Status", name="x")  # type: ignore[arg-type] # the mistake
    assert shot.name
    assert session.requests == before


def test_values_on_the_server_count_and_not_edits(session: Session) -> None:
    approved = session.find(Status, name="Approved")
    approved.name = "Final"
    assert session.find(Status, name="Approved") is approved
    assert session.find_or_none(Status, name="Final") is None
    session.commit()
    assert session.find(Status, name="Final") is approved
    assert session.find_or_none(Status, name="Approved") is None


def test_writes_renew_the_reference_data(session: Session, other: Session) -> None:
    assert session.find_or_none(Status, name="Retake") is None
    made = Status(name="Retake", state=state(session), is_active=True)
    session.add(made)
    assert session.find_or_none(Status, name="Retake") is None
    session.commit()
    assert session.find(Status, name="Retake") is made
    session.delete(Status, made)
    assert session.find_or_none(Status, name="Retake") is None
    other.create(Type, {"name": "Crowd"})
    assert session.find_or_none(Type, name="Crowd") is None


def test_a_write_of_a_subtype_renews_its_base(session: Session) -> None:
    assert session.find_or_none(NoteLabel, name="Client") is None
    session.create(NoteCategory, {"name": "Client", "color": "#ffffff"})
    assert isinstance(session.find(NoteLabel, name="Client"), NoteCategory)


def test_a_commit_whose_reply_was_lost_renews_the_reference_data(
    session: Session, emulator: Emulator
) -> None:
    made = Status(name="Retake", state=state(session), is_active=True)
    session.add(made)
    assert session.find_or_none(Status, name="Retake") is None
    emulator.faults.drop_after()
    session.commit()
    assert session.find(Status, name="Retake") is made


@pytest.mark.parametrize("renewal", ["expire", "refresh", "expunge_all"])
def test_renewed_entities_are_read_again(
    session: Session, other: Session, renewal: str
) -> None:
    high = session.find(Priority, name="High")
    theirs = other.find(Priority, name="High")
    theirs.name = "Very high"
    other.commit()
    assert session.find(Priority, name="High") is high
    if renewal == "refresh":
        session.refresh(high)
    elif renewal == "expire":
        session.expire()
    else:
        session.expunge_all()
    assert session.find_or_none(Priority, name="High") is None
    assert session.find(Priority, name="Very high").id == high.id


def test_an_expunged_status_is_read_again(session: Session) -> None:
    approved = session.find(Status, name="Approved")
    session.expunge(approved)
    again = session.find(Status, name="Approved")
    assert again is not approved
    assert again == approved


def test_a_users_subclass_is_returned(session: Session) -> None:
    class StudioStatus(Status):
        @property
        def is_final(self) -> bool:
            return self.name == "Approved"

    session.find(Status, name="Approved")
    assert session.find(StudioStatus, name="Approved").is_final


def test_a_refused_type_does_not_keep_others_from_being_read(
    session: Session, emulator: Emulator
) -> None:
    emulator.faults.deny_permission()
    assert session.find(Status, name="Approved").name == "Approved"
    assert session.requests == 2


def test_me_is_the_user_of_the_session(session: Session) -> None:
    me = session.me
    assert isinstance(me, User)
    assert me.username == session.api_user
    assert session.requests == 1
    assert session.me is me
    assert session.requests == 1
    session.add(Note(content="mine", author=me))
    session.expunge_all()
    assert session.me == me
    assert session.requests == 2
