"""The documented helper actions: protocol 2.10 to 2.15 and 7.6."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from tests.support.emulator_client import ADMIN, NOW, Client, Refused, create, date
from tests.support.stored_files import content_of, keep

REVIEW_LOCATION = "cd41be70-8809-11e3-b98a-20c9d081909b"


def refused(client: Client, operation: Mapping[str, Any]) -> Refused:
    with pytest.raises(Refused) as caught:
        client.call(dict(operation))
    return caught.value


def check_missing(client: Client, operation: Mapping[str, Any], kind: str) -> None:
    answer = refused(client, operation)
    assert answer.exception == "ValueError"
    assert answer.content == f"Could not find entity {kind} with entity_key [u'nope']."


# -- reset_remote ------------------------------------------------------------


def reset(key: object, kind: str = "User", name: str = "api_key") -> dict[str, Any]:
    return {
        "action": "reset_remote",
        "reset_type": name,
        "entity_type": kind,
        "entity_key": key,
    }


@pytest.mark.parametrize("key", ["u1", ["u1"]])
def test_a_new_key_logs_in_and_the_old_one_no_more(client: Client, key: object) -> None:
    client.create("User", id="u1", username="jane", is_active=True)
    made = []
    for _ in range(2):
        [result] = client.call(reset(key))
        assert result.keys() == {"action", "data"}
        assert result["action"] == "reset_remote"
        made.append(result["data"]["api_key"])
    first, second = (
        Client(client.emulator, {"ftrack-user": "jane", "ftrack-api-key": each})
        for each in made
    )
    assert len(second.query("User where username is jane")) == 1
    with pytest.raises(Refused, match="InvalidCredentialsError"):
        first.call()


def test_an_older_name_of_the_action_is_known(client: Client) -> None:
    [result] = client.call({**reset(ADMIN), "action": "reset"})
    assert result["action"] == "reset"
    with pytest.raises(Refused, match="InvalidCredentialsError"):
        client.call()
    key = {"ftrack-user": "admin", "ftrack-api-key": result["data"]["api_key"]}
    assert Client(client.emulator, key).call() == []


def test_a_reset_that_fails_with_its_batch_leaves_the_old_key(client: Client) -> None:
    with pytest.raises(Refused, match="nope"):
        client.call(reset(ADMIN), reset("nope"))
    assert client.call() == []


def test_nobody_has_no_key_to_reset(client: Client) -> None:
    check_missing(client, reset("nope"), "User")


@pytest.mark.parametrize(
    "operation",
    [
        reset(ADMIN, name="password"),
        reset(ADMIN, name="username"),
        reset("x", kind="Task"),
        reset(ADMIN, kind="Nonsense"),
        {"action": "reset_remote", "reset_type": "api_key"},
        reset(None),
    ],
)
def test_only_the_api_key_of_a_user_is_reset(
    client: Client, operation: dict[str, Any]
) -> None:
    assert refused(client, operation).exception == "ValidationError"


# -- invitations -------------------------------------------------------------


def test_users_are_invited(client: Client) -> None:
    operation = {"action": "send_user_invite", "user_id": ADMIN}
    assert client.call(operation, operation) == [{"sent": True}, {"sent": True}]
    assert client.emulator.call_log.operations[-1] == operation


def test_guests_of_a_review_are_invited_and_when_is_told(client: Client) -> None:
    project = client.project()
    client.call(
        create("ReviewSession", id="r", name="r", project_id=project),
        create(
            "ReviewSessionInvitee",
            id="i",
            name="Jo",
            email="jo@example.com",
            review_session_id="r",
        ),
    )
    operation = {
        "action": "send_review_session_invite",
        "review_session_invitee_id": "i",
    }
    assert client.call(operation) == [{"sent": True}]
    assert client.emulator.call_log.operations[-1] == operation
    [invitee] = client.query("select last_sent_at from ReviewSessionInvitee")
    assert invitee["last_sent_at"] == date(NOW)


@pytest.mark.parametrize(
    ("action", "name", "kind"),
    [
        ("send_user_invite", "user_id", "User"),
        (
            "send_review_session_invite",
            "review_session_invitee_id",
            "ReviewSessionInvitee",
        ),
    ],
)
def test_nobody_is_not_invited(
    client: Client, action: str, name: str, kind: str
) -> None:
    check_missing(client, {"action": action, name: "nope"}, kind)
    assert refused(client, {"action": action}).exception == "ValidationError"


# -- get_widget_url ----------------------------------------------------------


def widget(name: object, **more: Any) -> dict[str, Any]:
    return {"action": "get_widget_url", "name": name, **more}


@pytest.mark.parametrize("name", ["tasks", "tasks_browser"])
@pytest.mark.parametrize("theme", ["light", "dark", None])
def test_a_widget_has_an_address_with_a_token_and_no_key(
    client: Client, name: str, theme: str | None
) -> None:
    named = Client(client.emulator, {"host": "studio.test:81", "ftrack-user": "admin"})
    first, second = named.call(widget(name, theme=theme), widget(name, theme=theme))
    assert first.keys() == {"widget_url"}
    address = urlsplit(first["widget_url"])
    assert address.netloc == "studio.test:81"
    assert address.path == f"/widget/{name}"
    parameters = parse_qs(address.query)
    assert parameters.get("theme") == (None if theme is None else [theme])
    assert parameters.keys() - {"theme"} == {"token"}
    assert first != second


def test_information_is_about_an_entity(client: Client) -> None:
    project = client.project()
    [result] = client.call(widget("info", entity_type="Project", entity_key=[project]))
    parameters = parse_qs(urlsplit(result["widget_url"]).query)
    assert parameters["entity_type"] == ["Project"]
    assert parameters["entity_id"] == [project]


@pytest.mark.parametrize(
    "operation",
    [
        widget("info"),
        widget("nonsense"),
        widget(None),
        widget(["tasks"]),
        widget("tasks", theme="pink"),
        widget("tasks", theme=["dark"]),
        widget("tasks", entity_type="Project"),
        widget("tasks", entity_key=["x"]),
        widget("tasks", entity_type="Nonsense", entity_key=["x"]),
    ],
)
def test_widgets_that_are_none_are_refused(
    client: Client, operation: dict[str, Any]
) -> None:
    assert refused(client, operation).exception == "ValidationError"


def test_a_widget_about_nothing_is_refused(client: Client) -> None:
    operation = widget("info", entity_type="Task", entity_key=["nope"])
    check_missing(client, operation, "Task")


# -- delayed_job -------------------------------------------------------------


def job(job_type: object, data: object = None, name: str = "delayed_job") -> Any:
    return {"action": name, "job_type": job_type, "data": data}


@pytest.mark.parametrize("action", ["delayed_job", "delayed_task"])
@pytest.mark.parametrize("is_list", [True, False])
def test_a_deletion_happens_at_once_with_all_that_belongs(
    client: Client, action: str, is_list: bool
) -> None:
    project = client.project()
    client.create("Task", name="anim", parent_id=project)
    key: object = [project] if is_list else project
    data = {"entity_type": "Project", "entity_key": key}
    [result] = client.call(job("DELETE", data, action))
    assert result["action"] == action
    assert result["data"]["__entity_type__"] == "Job"
    assert result["data"]["status"] == "done"
    assert client.query("Task") == []
    assert client.query("Project") == []
    [row] = client.query("select status, data, user, created_at, finished_at from Job")
    assert row["id"] == result["data"]["id"]
    assert row["status"] == "done"
    assert json.loads(row["data"]) == data
    assert row["user"]["id"] == ADMIN
    assert row["created_at"] == row["finished_at"] == date(NOW)


def test_directories_of_users_are_never_read(client: Client) -> None:
    operation = {"action": "delayed_job", "job_type": "SYNC_USERS_LDAP"}
    [result] = client.call(operation)
    assert result["data"]["status"] == "queued"
    [row] = client.query("select status, finished_at from Job")
    assert (row["status"], row["finished_at"]) == ("queued", None)


def test_a_structure_waits_to_be_synchronised(client: Client) -> None:
    project = client.project()
    data = {
        "context_id": project,
        "include_children": True,
        "task_placeholder": False,
        "include_tasks": True,
    }
    [result] = client.call(job("ICONIK_SYNC_STRUCTURE", data))
    assert result["data"]["status"] == "queued"
    assert json.loads(result["data"]["data"]) == data


@pytest.mark.parametrize(
    "operation",
    [
        job("CSV_IMPORT"),
        job(None),
        job(["DELETE"]),
        job("delete", {"entity_type": "Project", "entity_key": "x"}),
        job("DELETE"),
        job("DELETE", "x"),
        job("DELETE", {"entity_type": "Nonsense", "entity_key": "x"}),
        job("DELETE", {"entity_type": "Project"}),
        job("ICONIK_SYNC_STRUCTURE"),
    ],
)
def test_jobs_that_are_none_are_refused(
    client: Client, operation: dict[str, Any]
) -> None:
    assert refused(client, operation).exception == "ValidationError"
    assert client.query("Job") == []


def test_what_is_not_there_has_no_job(client: Client) -> None:
    data = {"entity_type": "Task", "entity_key": "nope"}
    check_missing(client, job("DELETE", data), "Task")
    data = {"context_id": "nope"}
    check_missing(client, job("ICONIK_SYNC_STRUCTURE", data), "Context")
    assert client.query("Job") == []


# -- encode_media ------------------------------------------------------------


def encode(component_id: object = "c1", **more: Any) -> dict[str, Any]:
    return {"action": "encode_media", "component_id": component_id, **more}


def with_version(client: Client, file_type: str) -> None:
    """A component of that type on the first of two versions."""
    project = client.project()
    client.call(
        create("Asset", id="a", name="a", context_id=project),
        create("AssetVersion", id="v1", asset_id="a"),
        create("AssetVersion", id="v2", asset_id="a"),
        create(
            "FileComponent", id="c1", name="m", file_type=file_type, version_id="v1"
        ),
    )


# Protocol 7.6.
MOVIE = {"frameIn": 0, "frameOut": 100, "frameRate": 25, "width": 1920, "height": 1080}
IMAGE = {"format": "image", "width": 1920, "height": 1080}


@pytest.mark.parametrize(
    ("file_type", "expected"),
    [
        (
            ".mov",
            [
                ("ftrackreview-mp4", "video/mp4", MOVIE),
                ("thumbnail", "image/jpeg", IMAGE),
            ],
        ),
        (".PNG", [("ftrackreview-image", "image/jpeg", IMAGE)]),
    ],
)
def test_encoding_leaves_a_job_and_review_media(
    client: Client, file_type: str, expected: list[tuple[str, str, dict[str, Any]]]
) -> None:
    with_version(client, file_type)
    [result] = client.call(encode(version_id="v2", keep_original=True))
    assert result.keys() == {"job_id"}
    [row] = client.query(
        "select id, status, data, user.id, job_components.component_id from Job"
    )
    assert row["id"] == result["job_id"]
    assert row["status"] == "done"
    assert row["user"]["id"] == ADMIN
    made = [each["component_id"] for each in row["job_components"]]
    assert json.loads(row["data"]) == {
        "output": [
            {"format": shown, "component_id": component_id}
            for component_id, (_, shown, _) in zip(made, expected, strict=True)
        ],
        "source_component_id": "c1",
        "keep_original": True,
    }
    for component_id, (name, _, metadata) in zip(made, expected, strict=True):
        [component] = client.query(
            "select name, version_id, metadata.key, metadata.value, "  # noqa: S608 - no SQL
            "component_locations.location_id, component_locations.resource_identifier "
            f"from FileComponent where id is {component_id}"
        )
        assert component["name"] == name
        assert component["version_id"] == "v2"
        [meta] = component["metadata"]
        assert meta["key"] == "ftr_meta"
        assert json.loads(meta["value"]) == metadata
        [place] = component["component_locations"]
        assert place["location_id"] == REVIEW_LOCATION
        assert place["resource_identifier"] == component_id


def test_a_picture_that_can_be_read_is_encoded(client: Client) -> None:
    with_version(client, ".png")
    target = io.BytesIO()
    Image.new("RGBA", (2400, 600), (200, 30, 30, 100)).save(target, "PNG")
    keep(client.emulator._files.files, "c1", target.getvalue())

    client.call(encode(version_id="v1", keep_original=False))

    [made] = client.query(
        "select id, size, metadata.value from FileComponent "
        'where name is "ftrackreview-image"'
    )
    content = content_of(client.emulator._files.files, made["id"])
    assert content is not None
    assert len(content) == made["size"]
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", (1920, 480))
    [meta] = made["metadata"]
    assert json.loads(meta["value"]) == {
        "format": "image",
        "width": 1920,
        "height": 480,
    }
    assert content_of(client.emulator._files.files, "c1") is None


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_original_is_deleted_unless_it_is_kept(
    client: Client, is_kept: bool
) -> None:
    with_version(client, ".mov")
    client.call(encode(version_id=None, keep_original=is_kept))
    found = client.query("select version_id from FileComponent where id is c1")
    assert [each["version_id"] for each in found] == (["v1"] if is_kept else [])
    made = client.query('select version_id from Component where name like "ftrack%"')
    assert [each["version_id"] for each in made] == [None]


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        (encode("nope"), "Component"),
        (encode(version_id="nope"), "AssetVersion"),
    ],
)
def test_what_is_not_there_is_not_encoded(
    client: Client, operation: dict[str, Any], kind: str
) -> None:
    with_version(client, ".mov")
    check_missing(client, operation, kind)
    assert client.query("Job") == []


@pytest.mark.parametrize(
    "operation",
    [encode(None), encode("text"), encode("set"), encode(keep_original="auto")],
)
def test_what_is_no_picture_is_not_encoded(
    client: Client, operation: dict[str, Any]
) -> None:
    with_version(client, ".mov")
    client.call(
        create("FileComponent", id="text", name="t", file_type=".txt"),
        create("ContainerComponent", id="set", name="s"),
    )
    assert refused(client, operation).exception == "ValidationError"
    assert client.query("Job") == []


# -- generate_signed_url -----------------------------------------------------


def test_a_file_gets_an_address_without_a_key(client: Client) -> None:
    client.create("FileComponent", id="c1", name="m", file_type=".mov")
    operation = {"action": "generate_signed_url", "component_id": "c1"}
    named = Client(client.emulator, {"host": "studio.test:81"})
    [signed] = named.call(operation)
    assert signed.keys() == {"signed_url"}
    address = urlsplit(signed["signed_url"])
    assert (address.netloc, address.path) == ("studio.test:81", "/component/get")
    assert parse_qs(address.query).keys() == {"id", "token"}


def test_no_file_has_no_address(client: Client) -> None:
    operation = {"action": "generate_signed_url", "component_id": "nope"}
    check_missing(client, operation, "Component")
    assert refused(client, {"action": "generate_signed_url"}).exception == (
        "ValidationError"
    )
