"""Logins and their cookies, apart from any transport (protocol 1.3)."""

from __future__ import annotations

import pytest

from ftrack_orm.emulator import authentication
from ftrack_orm.emulator.authentication import (
    LOGIN_COOKIE,
    Login,
    Logins,
    read_cookie,
)


def test_a_login_is_found_by_its_token() -> None:
    logins = Logins()
    login = Login("ada", "key")
    token = logins.add(login)
    assert logins.find(token) is login
    assert logins.find("another") is None


def test_tokens_cannot_be_guessed_from_each_other() -> None:
    logins = Logins()
    tokens = {logins.add(Login("ada", "key")) for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 32


def test_the_oldest_of_very_many_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "_MAX_LOGINS", 3)
    logins = Logins()
    tokens = [logins.add(Login(name, "key")) for name in "abcd"]
    found = [logins.find(token) for token in tokens]
    assert [login and login.user_id for login in found] == [None, "b", "c", "d"]


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("", ""),
        (f"{LOGIN_COOKIE}=abc", "abc"),
        (f"theme=dark; {LOGIN_COOKIE}=abc; a=b", "abc"),
        ("theme=dark", ""),
        (f"a[1]=b; {LOGIN_COOKIE}", ""),
    ],
)
def test_the_cookie_is_read_among_others(header: str, token: str) -> None:
    assert read_cookie(header) == token
