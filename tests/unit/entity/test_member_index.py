"""The look-up of members by object and by key."""

from __future__ import annotations

from ftrack_models import NoteLabelLink, Task
from ftrack_orm.entity.member_index import MemberIndex
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete


def test_a_member_is_found_by_the_object_and_not_by_its_key() -> None:
    member = persistent(Task, id="t1")
    index = MemberIndex([member])

    assert index.has(member)
    assert not index.has(persistent(Task, id="t1"))


def test_a_key_is_found_whichever_object_has_it() -> None:
    members = [persistent(Task, id="t1"), persistent(Task, id="t2")]
    index = MemberIndex(members)

    assert index.has_key("t2", members)
    assert not index.has_key("t3", members)


def test_an_added_member_is_found_by_object_and_key() -> None:
    first, second = persistent(Task, id="t1"), persistent(Task, id="t2")
    index = MemberIndex([first])
    assert not index.has_key("t2", [first])

    index.add(second)

    assert index.has(second)
    assert index.has_key("t2", [first, second])


def test_a_removed_member_is_found_no_more() -> None:
    first, second = persistent(Task, id="t1"), persistent(Task, id="t2")
    index = MemberIndex([first, second])
    assert index.has_key("t2", [first, second])

    index.discard(second)

    assert not index.has(second)
    assert not index.has_key("t2", [first])
    assert index.has_key("t1", [first])


def test_the_changed_key_of_a_member_is_found_without_an_edit_of_the_list() -> None:
    member = incomplete(NoteLabelLink, note_id="n1", label_id="before")
    index = MemberIndex([member])
    assert index.has_key(("n1", "before"), [member])

    member.label_id = "after"

    assert index.has_key(("n1", "after"), [member])
    assert not index.has_key(("n1", "before"), [member])
