"""Batches, headers and errors: protocol 1.1 to 1.7, 2.6, 2.7 and 10."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from ftrack_orm.emulator.actions import HANDLERS, UNSUPPORTED_ACTIONS
from ftrack_orm.emulator.dispatch import read_options
from tests.support.emulator_client import (
    ADMIN,
    Client,
    Refused,
    create,
    date,
    make_emulator,
    ref,
    update,
)
from tests.support.schemas import load_served, recorded

LENIENT = {"ftrack-strict-api": "false"}


def query(expression: str) -> dict[str, Any]:
    return {"action": "query", "expression": expression}


# -- batches -----------------------------------------------------------------


def test_an_empty_batch_has_an_empty_answer(client: Client) -> None:
    assert client.call() == []


def test_results_come_in_the_order_of_operations(client: Client) -> None:
    results = client.call(
        query("select id from Status limit 1"),
        create("ManagerType", id="m1", name="a"),
        {"action": "delete", "entity_type": "ManagerType", "entity_key": ["m1"]},
    )
    assert [result["action"] for result in results] == ["query", "create", "delete"]


def test_later_operations_see_what_earlier_ones_did(client: Client) -> None:
    results = client.call(
        create("ManagerType", id="m1", name="a"),
        update("ManagerType", "m1", name="b"),
        query("select name from ManagerType where id is m1"),
    )
    assert results[2]["data"][0]["name"] == "b"


def test_a_failing_last_operation_undoes_all_before_it(client: Client) -> None:
    project_id = client.project()
    before = client.emulator.snapshot()
    with pytest.raises(Refused, match="Could not find entity Task"):
        client.call(
            create("Task", id="t1", name="a", parent_id=project_id),
            update("Project", project_id, full_name="changed"),
            create("Metadata", parent_id="t1", parent_type="Task", key="k", value="v"),
            update("Task", "nope", name="x"),
        )
    assert client.emulator.snapshot() == before
    assert client.query("Task") == []


def test_what_is_found_missing_at_the_end_undoes_all(client: Client) -> None:
    with pytest.raises(Refused, match="parent_id"):
        client.call(create("ManagerType", id="m1", name="a"), create("Task", name="a"))
    assert client.query("select id from ManagerType where id is m1") == []


def test_an_entity_is_written_out_once_in_a_response(client: Client) -> None:
    first, second = client.call(
        query("select name from State where short is DONE"),
        query("select state.name from Status where name is Approved"),
    )
    assert first["data"][0]["name"] == "Done"
    # Protocol 3.6: across the operations of a batch, later ones are references.
    assert second["data"][0]["state"] == ref("State", first["data"][0]["id"])


def test_denormalize_writes_it_out_each_time() -> None:
    emulator = make_emulator()
    client = Client(emulator, {"ftrack-api-options": "strict:1;denormalize:1"})
    first, second = client.call(
        query("select name from State where short is DONE"),
        query("select state.name from Status where name is Approved"),
    )
    assert second["data"][0]["state"] == first["data"][0]
    emulator.close()


@pytest.mark.parametrize("limit", [1, 2, 10, 11, 12])
def test_the_next_page_is_known_by_looking_ahead(client: Client, limit: int) -> None:
    # There are eleven statuses (protocol 9.2).
    [result] = client.call(query(f"Status limit {limit}"))
    assert len(result["data"]) == min(limit, 11)
    assert result["metadata"]["next"]["offset"] == (limit if limit < 11 else None)


# -- options -----------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "strict:1;denormalize:1",
        "denormalize=1;strict=1",
        "denormalize=True;strict=TRUE",
        " denormalize = true ; strict : 1 ",
    ],
)
def test_options_are_read_in_every_spelling(written: str) -> None:
    options = read_options({"ftrack-api-options": written})
    assert options.denormalize
    assert options.requested_only


@pytest.mark.parametrize("written", ["", "denormalize=False;strict=0", "strict", ";"])
def test_options_are_off_unless_said(written: str) -> None:
    options = read_options({"ftrack-api-options": written})
    assert not options.denormalize
    assert not options.requested_only


@pytest.mark.parametrize(
    ("written", "is_strict"),
    [("true", True), ("TRUE", True), ("false", False), ("", False)],
)
def test_the_api_is_strict_when_the_header_says_true(
    written: str, is_strict: bool
) -> None:
    assert read_options({"ftrack-strict-api": written}).strict is is_strict


# -- errors ------------------------------------------------------------------

ERRORS = [
    (update("Task", "nope"), "ValueError", 404),
    (query("select from where"), "ParseError", 400),
    (query("select nonsense from Task"), "ParseError", 400),
    (query("select id from Nonsense"), "ValidationError", 400),
    (create("ManagerType", name=7), "ValidationError", 400),
    (create("User", id=ADMIN), "DuplicateEntryError", 409),
    (create("Timelog", duration=1, context_id="nope"), "IntegrityError", 409),
    ({"action": "parse_query"}, "UnsupportedError", 501),
    ({"action": "nonsense"}, "ValidationError", 400),
]


@pytest.mark.parametrize(("operation", "exception", "status"), ERRORS)
def test_an_error_is_one_object_and_a_status_only_in_strict_mode(
    client: Client, operation: dict[str, Any], exception: str, status: int
) -> None:
    for headers, expected in (({}, status), (LENIENT, 200)):
        with pytest.raises(Refused) as refused:
            Client(client.emulator, headers).call(query("Status"), operation)
        assert refused.value.exception == exception
        assert refused.value.answer.keys() == {"exception", "content", "error_code"}
        assert refused.value.answer["error_code"] is None
        assert refused.value.status == expected


def test_a_syntax_error_quotes_the_expression(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        client.query("select id fron Task")
    assert refused.value.content == "Failed to parse: select id fron Task"


@pytest.mark.parametrize("user", ["admin", "nobody"])
@pytest.mark.parametrize(("headers", "status"), [({}, 401), (LENIENT, 200)])
def test_wrong_credentials_are_refused_in_the_recorded_words(
    client: Client, headers: dict[str, str], status: int, user: str
) -> None:
    wrong = {"ftrack-user": user, "ftrack-api-key": "wrong", **headers}
    with pytest.raises(Refused) as refused:
        Client(client.emulator, wrong).call()
    assert refused.value.status == status
    assert refused.value.answer == {
        "exception": "InvalidCredentialsError",
        "content": "The supplied API key is not valid. API keys are created from "
        "Settings under the page API keys. The api key should be passed in the "
        'request header "ftrack-api-key".',
        "error_code": "api_credentials_invalid",
    }


def test_a_user_without_key_cannot_log_in(client: Client) -> None:
    client.create("User", username="jane")
    with pytest.raises(Refused, match="InvalidCredentialsError"):
        Client(client.emulator, {"ftrack-user": "jane", "ftrack-api-key": ""}).call()


@pytest.mark.parametrize("action", ["nonsense", None, "configure_location"])
def test_an_unknown_action_is_named_as_the_python_client_looks_for(
    client: Client, action: str | None
) -> None:
    with pytest.raises(Refused) as refused:
        client.call({"action": action})
    assert refused.value.content == f"Invalid action u'{action}'"


@pytest.mark.parametrize("action", sorted(UNSUPPORTED_ACTIONS))
def test_what_is_not_there_yet_is_refused_by_name(client: Client, action: str) -> None:
    with pytest.raises(Refused) as refused:
        client.call({"action": action})
    assert refused.value.exception == "UnsupportedError"
    assert action in refused.value.content


@pytest.mark.parametrize("action", [None, 5, ["query"], {"query": 1}])
def test_an_action_that_is_no_text_is_none_that_is_known(
    client: Client, action: Any
) -> None:
    with pytest.raises(Refused, match="Invalid action u'"):
        client.call({"action": action})


def test_no_action_is_both_there_and_not_there_yet() -> None:
    assert not UNSUPPORTED_ACTIONS & HANDLERS.keys()


@pytest.mark.parametrize("body", [b"", b"{}", b'"x"', b"[1]", b"[", b"\xff", b"null"])
def test_a_body_that_is_no_list_of_operations_is_unprocessable(body: bytes) -> None:
    emulator = make_emulator()
    reply = emulator.transport().call(body)
    assert reply.status == 422
    [detail] = json.loads(reply.body)["detail"]
    assert detail.keys() == {"loc", "msg", "type"}
    emulator.close()


def test_a_failure_of_the_emulator_itself_is_an_error_object(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("ftrack_orm.emulator.rules.cascade.remove", fail)
    project_id = client.project()
    with pytest.raises(Refused) as refused:
        client.delete("Project", project_id)
    assert refused.value.status == 500
    assert refused.value.exception == "InternalServerError"


# -- information and schemas -------------------------------------------------


def test_schemas_are_served_bare_and_as_recorded(client: Client) -> None:
    [schemas] = client.call({"action": "query_schemas"})
    assert {schema["id"]: schema for schema in schemas} == {
        schema["id"]: schema for schema in load_served()
    }


def test_server_information_has_what_clients_read(client: Client) -> None:
    information, schemas = client.call(
        {"action": "query_server_information"}, {"action": "query_schemas"}
    )
    text = json.dumps(schemas, sort_keys=True)
    assert information["schema_hash"] == hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - the server's choice
    version = tuple(int(part) for part in information["version"].split("."))
    assert version >= (3, 3, 11)
    assert information["is_timezone_support_enabled"] is True
    assert information["storage_scenario"] == {
        "scenario": "ftrack.automatic",
        "data": {},
    }
    assert information["user_information"]["username"] == "admin"


def test_server_information_may_be_asked_for_in_part(client: Client) -> None:
    [information] = client.call(
        {"action": "query_server_information", "values": ["version", "nonsense"]}
    )
    assert information.keys() == {"version"}


def test_aggregates_need_a_strict_client(client: Client) -> None:
    client.project()
    expression = "select count(id) from Project group by status"
    [row] = client.query(expression)
    assert row == {"count_id": 1, "status": "active"}
    with pytest.raises(Refused) as refused:
        Client(client.emulator, LENIENT).query(expression)
    assert refused.value.exception == "ValidationError"


def test_an_operation_may_carry_metadata_of_its_own(client: Client) -> None:
    [result] = client.call({**query("select id from State"), "metadata": {"a": 1}})
    assert len(result["data"]) == 4


def test_clock_and_ids_make_a_run_repeatable() -> None:
    answers = []
    for _ in range(2):
        emulator = make_emulator()
        answers.append(Client(emulator).create("Job", data="{}"))
        emulator.close()
    assert answers[0] == answers[1]
    assert answers[0]["created_at"] == date("2024-05-06T07:08:09")


def test_a_snapshot_brings_everything_back(client: Client) -> None:
    before = client.emulator.snapshot()
    client.project()
    client.emulator.restore(before)
    assert client.query("Project") == []
    assert len(recorded()) == 130
