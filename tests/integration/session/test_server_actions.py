"""The other documented actions of a server, over real HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from ftrack_models import (
    AssetVersion,
    FileComponent,
    Job,
    Project,
    ReviewSession,
    ReviewSessionInvitee,
    Task,
    User,
)
from ftrack_orm import (
    NO_RETRIES,
    EntityKeyError,
    InvalidCredentialsError,
    ServerError,
    ServerValidationError,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task, project
from tests.support.emulator_records import stored


def anna(session: Session) -> User:
    return session.select(User).where(User.username == "anna").one()


def plate(session: Session, tmp_path: Path, name: str = "plate.mov") -> FileComponent:
    path = tmp_path / name
    path.write_bytes(b"frames")
    component = session.create_component(path)[0].data
    assert isinstance(component, FileComponent)
    return component


def session_as(emulator: Emulator, user: str, key: str) -> Session:
    return Session(
        emulator.server_url, user, key, check_schema="ignore", retry=NO_RETRIES
    )


# -- reset_remote (2.10) -------------------------------------------------------------


def test_a_new_key_takes_the_place_of_the_old(
    emulator: Emulator, over_http: Session
) -> None:
    with session_as(emulator, "anna", "emulator-anna-key") as old:
        assert old.query("select id from Status").data

        first = over_http.reset_remote("api_key", anna(over_http))
        second = over_http.reset_remote("api_key", anna(over_http))

        assert len({first, second, "emulator-anna-key"}) == 3
        with pytest.raises(InvalidCredentialsError):
            old.query("select id from Status")
    with session_as(emulator, "anna", second) as new:
        assert new.query("select id from Status").data


def test_only_the_key_of_a_user_can_be_made_anew(over_http: Session) -> None:
    with pytest.raises(ServerError):
        over_http.reset_remote("username", anna(over_http))
    with pytest.raises(ServerError):
        over_http.reset_remote("api_key", a_task(over_http))


# -- invitations (2.13) --------------------------------------------------------------


def test_users_are_invited_in_one_request(
    emulator: Emulator, over_http: Session
) -> None:
    user = anna(over_http)
    emulator.call_log.clear()

    with emulator.expect_calls(1):
        over_http.send_user_invite(user, user.id)

    assert (
        emulator.call_log.operations
        == [{"action": "send_user_invite", "user_id": user.id}] * 2
    )


def test_guests_are_invited_in_one_request(
    emulator: Emulator, over_http: Session
) -> None:
    review = over_http.create(
        ReviewSession, {"name": "monday", "project": project(over_http)}
    ).data
    guests = [
        over_http.create(
            ReviewSessionInvitee,
            {"review_session": review, "name": name, "email": f"{name}@example.com"},
        ).data
        for name in ("one", "two")
    ]
    emulator.call_log.clear()

    with emulator.expect_calls(1):
        over_http.send_review_session_invite(*guests)

    assert [
        step["review_session_invitee_id"] for step in emulator.call_log.operations
    ] == [guest.id for guest in guests]


def test_nobody_is_no_one_to_invite(emulator: Emulator, over_http: Session) -> None:
    with pytest.raises(ServerError, match="Could not find"):
        over_http.send_user_invite("nobody")
    with pytest.raises(ServerError, match="Could not find"):
        over_http.send_review_session_invite("nobody")
    task = a_task(over_http)
    with emulator.expect_calls(0):
        with pytest.raises(EntityKeyError):
            over_http.send_user_invite(task)
        with pytest.raises(EntityKeyError):
            over_http.send_user_invite("")
        over_http.send_user_invite()


# -- get_widget_url (2.14) -----------------------------------------------------------


def test_widgets_have_addresses(emulator: Emulator, over_http: Session) -> None:
    task = a_task(over_http)
    emulator.call_log.clear()

    urls = [
        over_http.get_widget_url("info", task, theme="dark"),
        over_http.get_widget_url("tasks", theme="light"),
        over_http.get_widget_url("tasks_browser"),
    ]

    assert all(url.startswith(emulator.server_url) for url in urls)
    assert emulator.credentials["api_key"] not in "".join(urls)
    asked = emulator.call_log.operations
    assert (asked[0]["entity_type"], asked[0]["entity_key"]) == ("Task", [task.id])
    assert [step["theme"] for step in asked] == ["dark", "light", None]


def test_info_is_about_something(over_http: Session) -> None:
    with pytest.raises(ServerValidationError):
        over_http.get_widget_url("info")


# -- delayed_job (2.12) --------------------------------------------------------------


def test_a_delayed_job_is_answered_with_its_job(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)

    job = over_http.delayed_job(
        "DELETE", {"entity_type": "Task", "entity_key": task.id}
    )

    assert isinstance(job, Job)
    assert stored(emulator, "Task", task.id) is None
    queued = over_http.delayed_job("SYNC_USERS_LDAP")
    assert isinstance(queued, Job)
    assert queued.status == "queued"


def test_unknown_jobs_are_refused(over_http: Session) -> None:
    with pytest.raises(ServerValidationError):
        over_http.delayed_job("MAKE_COFFEE")


# -- encode_media (2.11) -------------------------------------------------------------


def test_a_component_is_encoded_for_a_version(
    emulator: Emulator, over_http: Session, tmp_path: Path
) -> None:
    component = plate(over_http, tmp_path)
    version = over_http.select(AssetVersion).first()
    assert version is not None
    emulator.call_log.clear()

    job = over_http.encode_media(component, version=version)

    [asked] = [
        step
        for step in emulator.call_log.operations
        if step["action"] == "encode_media"
    ]
    assert asked == {
        "action": "encode_media",
        "component_id": component.id,
        "version_id": version.id,
        "keep_original": True,
    }
    assert isinstance(job, Job)
    data = json.loads(job.data or "")
    assert data["source_component_id"] == component.id
    assert data["keep_original"] is True
    movie, image = data["output"]
    assert (movie["format"], image["format"]) == ("video/mp4", "image/jpeg")
    made = over_http.get(FileComponent, movie["component_id"])
    assert made is not None
    assert made.name == "ftrackreview-mp4"
    assert made.version_id == version.id


@pytest.mark.parametrize("keep", [None, True, False])
def test_a_file_is_uploaded_and_encoded(
    emulator: Emulator, over_http: Session, tmp_path: Path, keep: bool | None
) -> None:
    version = over_http.select(AssetVersion).first()
    assert version is not None
    path = tmp_path / "plate.mov"
    path.write_bytes(b"frames")

    job = over_http.encode_media(path, version=version, keep_original=keep)

    assert isinstance(job, Job)
    data = json.loads(job.data or "")
    assert data["keep_original"] is bool(keep), "files uploaded for it are not kept"
    source_id = data["source_component_id"]
    source = over_http.query(
        f"select version_id from FileComponent where id is {source_id}",  # noqa: S608 - no SQL
        FileComponent,
    ).data
    assert [each.version_id for each in source] == ([version.id] if keep else [])


def test_only_components_are_encoded(emulator: Emulator, over_http: Session) -> None:
    task = a_task(over_http)
    with emulator.expect_calls(0), pytest.raises(EntityKeyError):
        over_http.encode_media(task)
    with pytest.raises(ServerError, match="Could not find"):
        over_http.encode_media("nothing")


# -- generate_signed_url (2.15) ------------------------------------------------------


def test_a_signed_address_gives_the_file_without_a_key(
    emulator: Emulator, over_http: Session, tmp_path: Path
) -> None:
    component = plate(over_http, tmp_path)

    url = over_http.generate_signed_url(component)

    assert requests.get(url, timeout=10).content == b"frames"
    assert emulator.credentials["api_key"] not in url
    assert urlsplit(over_http.generate_signed_url(component.id)).netloc
    with pytest.raises(ServerError, match="Could not find"):
        over_http.generate_signed_url("nothing")


# -- the rest ------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["convert_entity", "storage_usage", "parse_query"])
def test_what_the_emulator_cannot_do_it_refuses_in_the_servers_words(
    over_http: Session, action: str
) -> None:
    with pytest.raises(ServerError, match=f"Invalid action u'{action}'"):
        over_http.call([{"action": action}])


def test_helper_actions_join_other_operations_in_one_request(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)
    emulator.call_log.clear()

    with emulator.expect_calls(1):
        made, found, upload = over_http.call(
            [
                {
                    "action": "create",
                    "entity_type": "FileComponent",
                    "entity_data": {
                        "id": "c-1",
                        "name": "a",
                        "file_type": ".mov",
                        "size": 6,
                    },
                },
                {"action": "query", "expression": "FileComponent where id is 'c-1'"},
                {"action": "get_upload_metadata", "component_id": "c-1"},
            ]
        )

    assert isinstance(made.data, FileComponent)
    assert found.data == [made.data]
    assert upload.data["component_id"] == "c-1"
    assert upload.data["headers"]["Content-Length"] == "6"
    assert isinstance(shot.project, Project)
    assert isinstance(a_task(over_http), Task)
