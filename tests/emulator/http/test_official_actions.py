"""The official Python client's helper calls work against the emulator, over HTTP.

Expectations are those of protocol sections 2.10, 2.11, 2.13, 2.14 and 7.6, and of the
client's own documentation.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ftrack_orm.emulator import Emulator
from tests.support.official_client import connect, make_project

with warnings.catch_warnings():
    # The client's copy of pyparsing imports a deprecated module.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ftrack_api
    import ftrack_api.exception


def make_user(session: Any, name: str = "jane") -> Any:
    user = session.create("User", {"username": name, "is_active": True})
    session.commit()
    return user


def make_version(session: Any) -> Any:
    kind = session.query("AssetType").first()
    asset = session.create(
        "Asset", {"name": "rig", "parent": make_project(session), "type": kind}
    )
    version = session.create("AssetVersion", {"asset": asset})
    session.commit()
    return version


def make_component(session: Any, file_type: str) -> Any:
    component = session.create(
        "FileComponent", {"name": "m", "file_type": file_type, "size": 7}
    )
    session.commit()
    return component


def test_a_reset_key_opens_a_session_and_the_one_before_does_not(
    emulator: Emulator, session: Any, tmp_path: Path
) -> None:
    user = make_user(session)
    first = session.reset_remote("api_key", entity=user)["api_key"]
    second = session.reset_remote("api_key", entity=user)["api_key"]
    opened = connect(emulator, tmp_path, api_user="jane", api_key=second)
    assert opened.query("User where username is jane").one()["id"] == user["id"]
    opened.close()
    with pytest.raises(ftrack_api.exception.ServerError, match="API key is not valid"):
        connect(emulator, tmp_path, api_user="jane", api_key=first)


def test_nothing_but_a_key_can_be_reset(session: Any) -> None:
    user = make_user(session)
    with pytest.raises(ftrack_api.exception.ServerError):
        session.reset_remote("some_non_existing_attribute", entity=user)
    with pytest.raises(ftrack_api.exception.ServerError):
        session.reset_remote("api_key", entity=make_project(session))


def test_users_are_invited_in_one_call(emulator: Emulator, session: Any) -> None:
    users = [make_user(session, name) for name in ("jane", "joe")]
    with emulator.expect_calls(1):
        session.send_user_invites(users)
    assert list(emulator.calls[-1].operations) == [
        {"action": "send_user_invite", "user_id": user["id"]} for user in users
    ]
    session.send_user_invite(users[0])
    assert emulator.call_log.operations[-1]["user_id"] == users[0]["id"]


def test_guests_of_a_review_are_invited(emulator: Emulator, session: Any) -> None:
    review = session.create(
        "ReviewSession", {"name": "r", "project": make_project(session)}
    )
    invitees = [
        session.create(
            "ReviewSessionInvitee",
            {"name": name, "email": f"{name}@example.com", "review_session": review},
        )
        for name in ("jo", "al")
    ]
    session.commit()
    with emulator.expect_calls(1):
        session.send_review_session_invites(invitees)
    session.send_review_session_invite(invitees[0])
    invited = [
        operation["review_session_invitee_id"]
        for operation in emulator.call_log.operations
        if operation["action"] == "send_review_session_invite"
    ]
    first, second = (each["id"] for each in invitees)
    assert invited == [first, second, first]


def test_an_invitation_of_nobody_is_an_error(session: Any) -> None:
    with pytest.raises(ftrack_api.exception.ServerError, match="Could not find entity"):
        session.send_user_invite({"id": "nope"})


@pytest.mark.parametrize("name", ["info", "tasks", "tasks_browser"])
def test_a_widget_has_an_address_on_the_server(
    emulator: Emulator, session: Any, name: str
) -> None:
    project = make_project(session)
    address = session.get_widget_url(name, entity=project, theme="light")
    assert address.startswith(f"{emulator.server_url}/widget/")
    parameters = parse_qs(urlsplit(address).query)
    assert parameters["theme"] == ["light"]
    assert parameters["entity_id"] == [project["id"]]
    assert emulator.credentials["api_key"] not in address


def test_information_about_nothing_is_an_error(session: Any) -> None:
    with pytest.raises(ftrack_api.exception.ServerError, match="info"):
        session.get_widget_url("info")


@pytest.mark.parametrize(
    ("file_type", "name"),
    [(".mov", "ftrackreview-mp4"), (".jpg", "ftrackreview-image")],
)
def test_an_encoded_component_is_on_its_version(
    session: Any, file_type: str, name: str
) -> None:
    version = make_version(session)
    source = make_component(session, file_type)
    job = session.encode_media(source, version_id=version["id"])
    assert job.entity_type == "Job"
    assert job["status"] == "done"
    data = json.loads(job["data"])
    assert data["source_component_id"] == source["id"]
    assert data["keep_original"] is True
    outputs = [each["component_id"] for each in data["output"]]
    components = [each["component"] for each in job["job_components"]]
    assert [each["id"] for each in components] == outputs
    # As the client's documentation has it, an image is among them.
    assert data["output"][-1]["format"] == "image/jpeg"
    made = components[0]
    assert made["name"] == name
    assert made["version"]["id"] == version["id"]
    assert json.loads(made["metadata"]["ftr_meta"])["width"] == 1920
    [place] = made["component_locations"]
    assert place["location"]["name"] == "ftrack.review"


def test_what_is_no_picture_is_not_encoded(session: Any) -> None:
    text = make_component(session, ".txt")
    with pytest.raises(ftrack_api.exception.ServerError, match="cannot be encoded"):
        session.encode_media(text)


def test_a_signed_address_serves_the_file_without_a_key(
    session: Any, tmp_path: Path
) -> None:
    path = tmp_path / "data.txt"
    path.write_bytes(b"some bytes")
    server = session.query('Location where name is "ftrack.server"').one()
    component = session.create_component(str(path), location=server)
    session.commit()
    [result] = session.call(
        [{"action": "generate_signed_url", "component_id": component["id"]}]
    )
    answer = requests.get(result["signed_url"], timeout=10)
    assert answer.status_code == 200
    assert answer.content == b"some bytes"
    elsewhere = requests.get(f"{result['signed_url']}x", timeout=10)
    assert elsewhere.status_code == 403


def test_jobs_and_searches_go_through_plain_calls(session: Any) -> None:
    project = make_project(session)
    session.create("Task", {"name": "anim", "parent": project})
    session.commit()
    [result] = session.call(
        [
            {
                "action": "search",
                "expression": "select name from Task",
                "entity_type": "Task",
                "terms": ["demo", "ANI"],
                "context_id": project["id"],
                "object_type_ids": None,
            }
        ]
    )
    assert [task["name"] for task in result["data"]] == ["anim"]
    [result] = session.call(
        [
            {
                "action": "delayed_job",
                "job_type": "SYNC_USERS_LDAP",
            }
        ]
    )
    assert result["data"]["status"] == "queued"
