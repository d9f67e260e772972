"""Assignments, notes, time and jobs (protocol 6.1, 6.2, 6.8)."""

from __future__ import annotations

from typing import Any

import ftrack_api.exception
import pytest

from tests.support.official_studio import NOW


def test_a_user_is_assigned_to_a_task(
    session: Any, fresh: Any, task: Any, jane: Any
) -> None:
    session.create(
        "Appointment", {"context": task, "resource": jane, "type": "assignment"}
    )
    session.commit()
    [assignment] = fresh.get("Task", task["id"])["assignments"]
    assert assignment["resource"].entity_type == "User"
    assert assignment["resource"]["username"] == "jane"
    [back] = fresh.get("User", jane["id"])["assignments"]
    assert back["context"]["name"] == "anim"


def test_an_assignment_can_be_taken_back(
    session: Any, fresh: Any, task: Any, jane: Any
) -> None:
    made = session.create(
        "Appointment", {"context": task, "resource": jane, "type": "assignment"}
    )
    session.commit()
    session.delete(made)
    session.commit()
    assert fresh.get("Task", task["id"])["assignments"][:] == []


def test_an_allocation_is_no_assignment(
    session: Any, fresh: Any, project: Any, jane: Any
) -> None:
    session.create(
        "Appointment", {"context": project, "resource": jane, "type": "allocation"}
    )
    session.commit()
    seen = fresh.get("Project", project["id"])
    assert [each["type"] for each in seen["allocations"]] == ["allocation"]
    assert fresh.query('Appointment where type is "assignment"').all() == []


def test_groups_have_members(session: Any, fresh: Any, jane: Any) -> None:
    group = session.create("Group", {"name": "artists"})
    session.create("Membership", {"group": group, "user": jane})
    session.commit()
    [membership] = fresh.get("Group", group["id"])["memberships"]
    assert membership["user"]["username"] == "jane"
    assert fresh.get("Resource", group["id"]).entity_type == "Group"


def test_a_user_with_nothing_but_an_id_is_given_the_rest(session: Any) -> None:
    user = session.create("User", {})
    session.commit()
    assert user["username"]
    assert user["is_active"] is False
    assert user["user_type_id"] == "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8"
    assert user["resource_type"] == "user"


def test_a_note_has_parent_author_and_date(
    session: Any, fresh: Any, task: Any, admin: Any
) -> None:
    task.create_note("Hold longer.", author=admin)
    session.commit()
    [note] = fresh.get("Task", task["id"])["notes"]
    assert note["content"] == "Hold longer."
    assert note["author"]["username"] == "admin"
    assert note["date"].datetime == NOW
    assert note["parent_id"] == task["id"]
    assert note["parent_type"] in ("Task", "TypedContext")


def test_the_caller_becomes_a_recipient_too(
    session: Any, fresh: Any, task: Any, admin: Any, jane: Any
) -> None:
    note = task.create_note("hi", author=admin, recipients=[jane])
    session.commit()
    seen = fresh.get("Note", note["id"])["recipients"]
    assert {each["resource_id"] for each in seen} == {admin["id"], jane["id"]}


def test_a_note_has_labels(session: Any, fresh: Any, task: Any, admin: Any) -> None:
    labels = session.query("NoteLabel").all()[:2]
    note = task.create_note("hi", author=admin, labels=labels)
    session.commit()
    seen = fresh.get("Note", note["id"])["note_label_links"]
    assert {each["label"]["id"] for each in seen} == {each["id"] for each in labels}


def test_a_reply_belongs_to_its_note(
    session: Any, fresh: Any, task: Any, admin: Any, jane: Any
) -> None:
    note = task.create_note("hi", author=admin)
    note.create_reply("yes", author=jane)
    session.commit()
    [seen] = fresh.query('Note where content is "hi"')
    [reply] = seen["replies"]
    assert reply["content"] == "yes"
    assert reply["in_reply_to"]["id"] == note["id"]
    assert reply["author"]["username"] == "jane"


@pytest.mark.parametrize("kind", ["project", "shot", "task", "version"])
def test_a_note_can_be_on_many_things(
    request: pytest.FixtureRequest, session: Any, fresh: Any, admin: Any, kind: str
) -> None:
    entity = request.getfixturevalue(kind)
    entity.create_note("here", author=admin)
    session.commit()
    seen = fresh.get(entity.entity_type, entity["id"])
    assert [note["content"] for note in seen["notes"]] == ["here"]
    [found] = fresh.query(f'Note where parent_id is "{entity["id"]}"')
    assert found["content"] == "here"


def test_deleting_a_note_takes_what_belongs_to_it(
    session: Any, fresh: Any, task: Any, admin: Any, jane: Any
) -> None:
    note = task.create_note("hi", author=admin, recipients=[jane])
    note.create_reply("yes", author=jane)
    session.commit()
    session.delete(note)
    session.commit()
    assert fresh.query("Note").all() == []
    assert fresh.query("Recipient").all() == []


def test_a_timer_becomes_a_timelog(
    session: Any, fresh: Any, task: Any, admin: Any
) -> None:
    admin.start_timer(task, comment="work", force=True)
    timelog = admin.stop_timer()
    session.commit()
    seen = fresh.get("Timelog", timelog["id"])
    assert (seen["comment"], seen["context"]["name"]) == ("work", "anim")
    assert fresh.query("Timer").all() == []


def test_a_user_has_one_timer(session: Any, task: Any, admin: Any) -> None:
    admin.start_timer(task)
    with pytest.raises(ftrack_api.exception.NotUniqueError):
        admin.start_timer(task)
    session.rollback()


def test_forcing_a_timer_stops_the_one_before(
    session: Any, fresh: Any, task: Any, shot: Any, admin: Any
) -> None:
    admin.start_timer(task)
    admin.start_timer(shot, force=True)
    [timer] = fresh.query("Timer")
    assert timer["context"]["name"] == "sh010"
    assert len(fresh.query("Timelog").all()) == 1


def test_logged_time_adds_up_from_below(
    session: Any, fresh: Any, task: Any, shot: Any, jane: Any
) -> None:
    task["bid"] = 3600
    for seconds in (600, 300):
        session.create("Timelog", {"user": jane, "context": task, "duration": seconds})
    session.create("Timelog", {"user": jane, "context": shot, "duration": 100})
    session.commit()
    assert fresh.get("Task", task["id"])["time_logged"] == 900
    assert fresh.get("Task", task["id"])["bid_time_logged_difference"] == 2700
    assert fresh.get("Shot", shot["id"])["time_logged"] == 1000


def test_a_job_is_queued_then_done(session: Any, fresh: Any, admin: Any) -> None:
    job = session.create("Job", {"user": admin, "data": '{"description": "x"}'})
    session.commit()
    assert (job["status"], job["type"]) == ("queued", "api_job")
    assert job["created_at"].datetime == NOW
    job["status"] = "done"
    session.commit()
    seen = fresh.get("Job", job["id"])
    assert seen["status"] == "done"
    assert seen["finished_at"].datetime == NOW


def test_media_is_encoded_by_a_job(
    session: Any, fresh: Any, version: Any, folder: Any
) -> None:
    movie = folder / "movie.mov"
    movie.write_bytes(b"frames")
    component = version.create_component(
        str(movie),
        data={"name": "movie"},
        location=session.query('Location where name is "ftrack.server"').one(),
    )
    session.commit()
    job = version.encode_media(component)
    assert job.entity_type == "Job"
    assert job["status"] in ("queued", "running", "done")
    [linked, *_] = fresh.get("Job", job["id"])["job_components"]
    assert linked["component_id"]


def test_a_review_session_has_objects_and_invitees(
    session: Any, fresh: Any, project: Any, version: Any
) -> None:
    review = session.create("ReviewSession", {"name": "dailies", "project": project})
    session.create(
        "ReviewSessionObject",
        {
            "name": "hero",
            "version": "Version 1",
            "asset_version": version,
            "review_session": review,
        },
    )
    session.create(
        "ReviewSessionInvitee",
        {"name": "Ann", "email": "ann@example.com", "review_session": review},
    )
    session.commit()
    seen = fresh.get("ReviewSession", review["id"])
    assert seen["created_by"]["username"] == "admin"
    assert [each["version"] for each in seen["review_session_objects"]] == ["Version 1"]
    assert [each["name"] for each in seen["review_session_invitees"]] == ["Ann"]


def test_a_note_may_be_of_a_category(
    session: Any, fresh: Any, task: Any, admin: Any
) -> None:
    first, second = session.query("NoteCategory order by sort").all()
    plain = task.create_note("Which plate?", author=admin)
    plain["category"] = first
    labelled = task.create_note("This one.", author=admin, labels=[second, first])
    session.commit()
    assert fresh.get("Note", plain["id"])["category"]["id"] == first["id"]
    # A category is a label to newer clients, and still the category of the note.
    assert fresh.get("Note", labelled["id"])["category"]["id"] == second["id"]
