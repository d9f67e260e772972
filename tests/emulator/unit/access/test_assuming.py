"""Administrators who assume another user."""

from __future__ import annotations

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import ADMIN, Client, Refused, create
from tests.support.three_projects import artist, call, id_of, tasks


def test_an_administrator_plays_a_user_until_it_stops(
    studio: Emulator, admin: Client
) -> None:
    user_id = id_of(artist(studio), "artist")
    assert call(admin, "assume_user", user_id=user_id) == {
        "action": "assume_user",
        "data": True,
    }
    told = call(admin, "query_server_information")["user_information"]
    assert told["username"] == "artist"
    assert tasks(admin) == ["task-mine"]
    call(admin, "un_assume_user")
    assert len(tasks(admin)) == 3


def test_a_part_is_read_only_unless_it_is_asked_otherwise(
    studio: Emulator, admin: Client
) -> None:
    user_id = id_of(artist(studio), "artist")
    note = {"content": "a", "parent_id": "task-mine", "parent_type": "Task"}
    call(admin, "assume_user", user_id=user_id)
    for operation in (
        create("Note", **note),
        create("Metadata", parent_id=user_id, parent_type="User", key="a", value="b"),
        {"action": "configure_otp"},
        {
            "action": "reset_remote",
            "reset_type": "api_key",
            "entity_type": "User",
            "entity_key": user_id,
        },
    ):
        with pytest.raises(Refused, match="PermissionError"):
            admin.call(operation)
    call(admin, "un_assume_user")
    call(admin, "assume_user", user_id=user_id, read_only=False)
    assert admin.create("Note", **note)["user_id"] == user_id


def test_a_part_is_played_in_one_session_only(studio: Emulator, admin: Client) -> None:
    user_id = id_of(artist(studio), "artist")
    call(admin, "assume_user", user_id=user_id)
    assert len(tasks(Client(studio))) == 3


def test_a_part_ends_with_the_user(studio: Emulator, admin: Client) -> None:
    user_id = id_of(artist(studio), "artist")
    call(admin, "assume_user", user_id=user_id)
    Client(studio).update("User", user_id, is_active=False)
    assert len(tasks(admin)) == 3


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({}, "needs user_id"),
        ({"user_id": "nope"}, "Could not find entity"),
        ({"user_id": ADMIN, "read_only": "yes"}, "read_only must be"),
        ({"user_id": "idle"}, "Only active users"),
    ],
)
def test_a_part_nobody_can_play_is_refused(
    admin: Client, arguments: dict[str, str], refusal: str
) -> None:
    admin.create("User", id="idle", username="idle")
    with pytest.raises(Refused, match=refusal):
        call(admin, "assume_user", **arguments)
    assert len(tasks(admin)) == 3
