"""The four kinds of server errors, with HTTP 200 and with error statuses."""

from __future__ import annotations

import pytest

from ftrack_models import Task
from ftrack_orm import (
    NO_RETRIES,
    InvalidCredentialsError,
    ServerError,
    ServerPermissionDeniedError,
    ServerValidationError,
    Session,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.operations import Query, Update
from tests.support.demo_production import a_task
from tests.support.emulator_records import existing_row

# What a server answers is protocol 1.6; the statuses of strict mode are 10, rows 2, 3.


def session_on(emulator: Emulator, *, strict: bool, api_key: str = "") -> Session:
    credentials = emulator.start().credentials
    if api_key:
        credentials["api_key"] = api_key
    return Session(
        **credentials, strict_api=strict, check_schema="ignore", retry=NO_RETRIES
    )


@pytest.mark.parametrize(("strict", "status"), [(False, 200), (True, 401)])
def test_wrong_credentials(emulator: Emulator, strict: bool, status: int) -> None:
    with (
        session_on(emulator, strict=strict, api_key="wrong") as session,
        pytest.raises(InvalidCredentialsError) as raised,
    ):
        session.call([Query("Task")])

    error = raised.value
    assert error.exception == "InvalidCredentialsError"
    assert error.error_code == "api_credentials_invalid"
    assert error.http_status == status
    assert error.content.startswith("The supplied API key is not valid.")
    assert "wrong" not in str(error)
    assert "FTRACK_API_USER" in str(error)
    assert "FTRACK_API_KEY" in str(error)


@pytest.mark.parametrize(("strict", "status"), [(False, 200), (True, 403)])
def test_a_user_who_may_not(emulator: Emulator, strict: bool, status: int) -> None:
    with session_on(emulator, strict=strict) as session:
        emulator.faults.deny_permission("You may not.")
        with pytest.raises(ServerPermissionDeniedError) as raised:
            session.delete(Task, "x")

    error = raised.value
    assert (error.exception, error.content) == ("PermissionError", "You may not.")
    assert (error.error_code, error.http_status) == (None, status)


@pytest.mark.parametrize(("strict", "status"), [(False, 200), (True, 400)])
def test_a_value_the_server_does_not_accept(
    emulator: Emulator, strict: bool, status: int
) -> None:
    with session_on(emulator, strict=strict) as session:
        task = a_task(session)
        with pytest.raises(ServerValidationError) as raised:
            session.call(
                [
                    Update("Task", (task.id,), {"description": "x"}),
                    Update("Task", (task.id,), {"nonsense": 1}),
                ]
            )

    assert raised.value.exception == "ValidationError"
    assert (raised.value.error_code, raised.value.http_status) == (None, status)
    row = existing_row(emulator, "Task", task.id)
    assert row["description"] == "", "nothing of the batch was applied"


@pytest.mark.parametrize(("strict", "status"), [(False, 200), (True, 400)])
def test_any_other_refusal(emulator: Emulator, strict: bool, status: int) -> None:
    with (
        session_on(emulator, strict=strict) as session,
        pytest.raises(ServerError) as raised,
    ):
        session.query("select name frm Task")

    error = raised.value
    assert type(error) is ServerError
    assert error.exception == "ParseError"
    assert error.content.startswith("Failed to parse: ")
    assert (error.error_code, error.http_status) == (None, status)


@pytest.mark.parametrize("strict", [False, True])
def test_a_code_that_the_server_gives_is_kept(emulator: Emulator, strict: bool) -> None:
    class TooMany(Invalid):
        error_code = "too_many"

    with session_on(emulator, strict=strict) as session:
        emulator.faults.refuse(TooMany("Too many."))
        with pytest.raises(ServerValidationError) as raised:
            session.call([Query("Task")])

    assert raised.value.error_code == "too_many"
