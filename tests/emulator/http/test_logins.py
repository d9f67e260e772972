"""Logins over HTTP: the cookie of a first call is enough afterwards (protocol 1.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from ftrack_orm.emulator import Credentials, Emulator
from ftrack_orm.emulator.authentication import LOGIN_COOKIE
from tests.support.schemas import recorded

WHO = {"action": "query_server_information", "values": ["user_information"]}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(schema=recorded()) as started:
        yield started


class Browser:
    """Keeps cookies, and sends name and key with the calls that are told to."""

    def __init__(self, emulator: Emulator) -> None:
        self._url = f"{emulator.server_url}/api"
        self._session = requests.Session()

    @property
    def cookies(self) -> dict[str, str]:
        return {each.name: str(each.value) for each in self._session.cookies}

    def call(
        self, *operations: dict[str, Any], credentials: Credentials | None = None
    ) -> Any:
        headers = {"content-type": "application/json"}
        if credentials is not None:
            headers["ftrack-user"] = credentials["api_user"]
            headers["ftrack-api-key"] = credentials["api_key"]
        body = json.dumps(operations)
        return self._session.post(self._url, body, headers=headers, timeout=10).json()

    def who(self, credentials: Credentials | None = None) -> str:
        answer = self.call(WHO, credentials=credentials)
        if isinstance(answer, dict):
            return str(answer["exception"])
        return str(answer[0]["user_information"]["username"])

    def thumbnail(self) -> int:
        url = self._url.replace("/api", "/component/get?id=nothing")
        return self._session.get(url, timeout=10).status_code

    def close(self) -> None:
        self._session.close()


@pytest.fixture
def browser(emulator: Emulator) -> Iterator[Browser]:
    opened = Browser(emulator)
    yield opened
    opened.close()


def test_the_cookie_of_a_call_is_enough_afterwards(
    emulator: Emulator, browser: Browser
) -> None:
    assert browser.who() == "InvalidCredentialsError"
    assert browser.cookies == {}
    assert browser.who(emulator.credentials) == "admin"
    assert browser.cookies.keys() == {LOGIN_COOKIE}
    assert browser.who() == "admin"


def test_a_call_that_fails_begins_no_login(
    emulator: Emulator, browser: Browser
) -> None:
    answer = browser.call(
        {"action": "query", "expression": "Nothing"}, credentials=emulator.credentials
    )
    assert answer["exception"] == "ValidationError"
    assert browser.cookies == {}


def test_one_login_has_one_cookie(emulator: Emulator, browser: Browser) -> None:
    browser.who(emulator.credentials)
    before = browser.cookies
    browser.who(emulator.credentials)
    browser.who()
    assert browser.cookies == before


def test_name_and_key_go_before_the_cookie(
    emulator: Emulator, browser: Browser
) -> None:
    ben = emulator.add_user("ben")
    browser.who(emulator.credentials)
    assert browser.who(ben) == "ben"
    assert browser.who() == "ben"
    assert (
        browser.who(Credentials({**ben, "api_key": "x"})) == "InvalidCredentialsError"
    )


def test_a_made_up_cookie_opens_nothing(emulator: Emulator, browser: Browser) -> None:
    browser._session.cookies.set(LOGIN_COOKIE, "made up")
    assert browser.who() == "InvalidCredentialsError"


def test_a_login_is_worth_no_more_than_its_key(
    emulator: Emulator, browser: Browser
) -> None:
    browser.who(emulator.add_user("ben"))
    assert browser.who() == "ben"
    admin = Browser(emulator)
    [users] = admin.call(
        {"action": "query", "expression": "User where username is ben"},
        credentials=emulator.credentials,
    )
    reset = {"action": "reset_remote", "reset_type": "api_key", "entity_type": "User"}
    admin.call({**reset, "entity_key": users["data"][0]["id"]})
    admin.close()
    assert browser.who() == "InvalidCredentialsError"


def test_a_part_is_played_by_the_cookie_alone(
    emulator: Emulator, browser: Browser
) -> None:
    emulator.add_user("ben")
    browser.who(emulator.credentials)
    [users] = browser.call(
        {"action": "query", "expression": "User where username is ben"}
    )
    browser.call({"action": "assume_user", "user_id": users["data"][0]["id"]})
    assert browser.who() == "ben"
    assert browser.who(emulator.credentials) == "ben"
    other = Browser(emulator)
    assert other.who(emulator.credentials) == "admin"
    other.close()
    browser.call({"action": "un_assume_user"})
    assert browser.who() == "admin"


def test_files_take_the_cookie_too(emulator: Emulator, browser: Browser) -> None:
    assert browser.thumbnail() == 403
    browser.who(emulator.credentials)
    assert browser.thumbnail() == 404
