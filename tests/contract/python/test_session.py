"""How a session begins, and what it says of errors (protocol 1.6, 1.8)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import ftrack_api
import ftrack_api.exception
import pytest

from ftrack_orm.emulator import Emulator
from tests.support.official_client import connect
from tests.support.schemas import load_served


def actions(emulator: Emulator) -> list[str]:
    return [operation["action"] for operation in emulator.call_log.operations]


def test_it_asks_for_information_then_for_schemas(
    emulator: Emulator, folder: Path
) -> None:
    connect(emulator, folder).close()
    assert actions(emulator)[:2] == ["query_server_information", "query_schemas"]


def test_a_cached_schema_is_recognised_by_its_hash(
    emulator: Emulator, folder: Path
) -> None:
    connect(emulator, folder).close()
    emulator.forget()
    connect(emulator, folder).close()
    assert "query_schemas" not in actions(emulator)


def test_the_client_has_a_class_for_every_recorded_type(session: Any) -> None:
    assert set(session.types) == {each["id"] for each in load_served()}


def test_the_hash_is_that_of_the_schemas_served(session: Any) -> None:
    [schemas] = session.call([{"action": "query_schemas"}])
    text = json.dumps(schemas, sort_keys=True).encode()
    served = session.server_information["schema_hash"]
    assert served == hashlib.md5(text, usedforsecurity=False).hexdigest()


def test_the_version_is_one_that_the_client_accepts(session: Any) -> None:
    session.check_server_compatibility()
    major, *_ = session.server_information["version"].split(".")
    assert int(major) >= 4


def test_times_are_utc(session: Any) -> None:
    assert session.server_information["is_timezone_support_enabled"] is True


def test_the_storage_scenario_is_served(session: Any) -> None:
    assert session.server_information["storage_scenario"] == {
        "scenario": "ftrack.automatic",
        "data": {},
    }


@pytest.mark.parametrize(
    "wrong", [{"api_key": "wrong"}, {"api_user": "nobody"}], ids=["key", "user"]
)
def test_wrong_credentials_are_told(
    emulator: Emulator, folder: Path, wrong: dict[str, str]
) -> None:
    with pytest.raises(
        ftrack_api.exception.ServerError,
        match=r"InvalidCredentialsError.*The supplied API key is not valid",
    ):
        connect(emulator, folder, **wrong)


def test_a_user_of_its_own_name_and_key(
    emulator: Emulator, session: Any, jane: Any, folder: Path
) -> None:
    key = jane.reset_api_key()
    jane["is_active"] = True
    session.commit()
    theirs = connect(emulator, folder, api_user="jane", api_key=key)
    note = theirs.query('User where username is "jane"').one()
    assert note["id"] == jane["id"]
    theirs.close()


def test_a_new_key_ends_the_old_one(
    emulator: Emulator, session: Any, jane: Any, folder: Path
) -> None:
    jane["is_active"] = True
    session.commit()
    old, new = jane.reset_api_key(), jane.reset_api_key()
    assert old != new
    with pytest.raises(ftrack_api.exception.ServerError, match="InvalidCredentials"):
        connect(emulator, folder, api_user="jane", api_key=old)
    connect(emulator, folder, api_user="jane", api_key=new).close()


def test_only_an_api_key_can_be_reset(session: Any, jane: Any) -> None:
    with pytest.raises(ftrack_api.exception.ServerError):
        session.reset_remote("email", entity=jane)


def test_an_unknown_action_is_named(session: Any) -> None:
    with pytest.raises(ftrack_api.exception.ServerError, match="Invalid action u'x'"):
        session.call([{"action": "x"}])


def test_the_answer_has_as_many_results_as_operations(session: Any) -> None:
    query = {"action": "query", "expression": "select id from Status limit 1"}
    assert len(session.call([query] * 3)) == 3
    assert session.call([]) == []


def test_errors_name_the_servers_exception(session: Any) -> None:
    with pytest.raises(ftrack_api.exception.ServerError) as raised:
        session.query("select name from Task where").all()
    assert raised.value.message.startswith("Server reported error: ParseError(")
    assert "Failed to parse:" in raised.value.message


def test_reads_in_a_batch_see_the_writes_before_them(session: Any) -> None:
    created, found = session.call(
        [
            {
                "action": "create",
                "entity_type": "User",
                "entity_key": ["u"],
                "entity_data": {"__entity_type__": "User", "id": "u", "username": "u"},
            },
            {
                "action": "query",
                "expression": "select username from User where id is u",
            },
        ]
    )
    assert created["data"]["username"] == "u"
    assert [row["username"] for row in found["data"]] == ["u"]


def test_widgets_have_addresses(session: Any, task: Any) -> None:
    assert session.get_widget_url("tasks").startswith("http")
    assert session.get_widget_url("info", entity=task, theme="dark").startswith("http")


def test_users_and_reviewers_can_be_invited(
    emulator: Emulator, session: Any, project: Any, jane: Any
) -> None:
    review = session.create("ReviewSession", {"name": "dailies", "project": project})
    invitees = [
        session.create(
            "ReviewSessionInvitee",
            {"name": name, "email": f"{name}@example.com", "review_session": review},
        )
        for name in ("ann", "bob")
    ]
    session.commit()
    emulator.forget()
    session.send_user_invite(jane)
    session.send_review_session_invites(invitees)
    assert [len(call.operations) for call in emulator.calls] == [1, 2]
    assert set(actions(emulator)) == {"send_user_invite", "send_review_session_invite"}


def test_a_storage_scenario_is_activated_at_the_start(
    emulator: Emulator, session: Any, folder: Path
) -> None:
    location = session.create("Location", {"name": "studio.central-storage-location"})
    setting = session.query(
        'Setting where name is "storage_scenario" and group is "STORAGE"'
    ).one()
    mount = str(folder)
    setting["value"] = json.dumps(
        {
            "scenario": "ftrack.centralized-storage",
            "data": {
                "location_id": location["id"],
                "location_name": location["name"],
                "accessor": {
                    "mount_points": {"linux": mount, "osx": mount, "windows": mount}
                },
            },
        }
    )
    session.commit()
    theirs: Any = ftrack_api.Session(
        **emulator.credentials,
        auto_connect_event_hub=False,
        schema_cache_path=str(folder),
    )
    found = theirs.query(
        'Location where name is "studio.central-storage-location"'
    ).one()
    assert found.accessor.prefix == mount
    assert theirs.pick_location()["id"] == location["id"]
    theirs.close()
