"""Who sends a request: a user's name and key, or the cookie of a login (protocol 1.3).

A login begins with the first call that succeeds, and its cookie is enough from then
on. It is worth as much as the key it began with: once that is no longer the user's,
the cookie opens nothing either.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final, NamedTuple

from ftrack_orm.emulator.access.access import Access, Grant, access_of
from ftrack_orm.emulator.access.grants import grants_of_key, grants_of_user
from ftrack_orm.emulator.errors import InvalidCredentials
from ftrack_orm.emulator.stock.studio import MANAGING_ROLES, UNRESTRICTED_ROLES
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Connection, Storage

LOGIN_COOKIE: Final = "ftrack_session"
"""Name of the cookie; no source has one."""

_ROLES: Final = ("UserSecurityRole", "UserSecurityRoleProject")

# Clients that send no cookie back begin a login with every call.
_MOST_LOGINS: Final = 10_000


class Claim(NamedTuple):
    """What a request says of its sender."""

    username: str = ""
    key: str = ""
    cookie: str = ""


@dataclass(slots=True)
class Login:
    """A sequence of requests with the same cookie.

    Attributes:
        user_id: the user who logged in.
        key: the API key it was done with.
        assumed_id: the user whose part is played, ``None`` for none.
        is_read_only: the part is played without changing anything.
    """

    user_id: str
    key: str
    assumed_id: str | None = None
    is_read_only: bool = False


class Logins:
    """The logins there are, by the token in their cookie."""

    def __init__(self) -> None:
        self._logins: OrderedDict[str, Login] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, token: str) -> Login | None:
        """Return the login of a token, ``None`` when there is none (any more)."""
        with self._lock:
            return self._logins.get(token)

    def add(self, login: Login) -> str:
        """Keep a login; return its token. The oldest of very many is forgotten."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._logins[token] = login
            if len(self._logins) > _MOST_LOGINS:
                self._logins.popitem(last=False)
        return token


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request.

    Attributes:
        user: the row of the user that everything is done as.
        access: what it may read and change.
        grants: the security roles in force.
        login: the login that the request belongs to.
        is_new: the login begins with it.
        key_id: the global API key that was used, ``None`` for a user's own.
    """

    user: JSONObject
    access: Access
    grants: tuple[Grant, ...]
    login: Login
    is_new: bool = False
    key_id: str | None = None


class Authenticator:
    """Finds out who sends requests; keeps the logins."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._logins = Logins()

    def caller(self, connection: Connection, sent: Claim) -> Caller:
        """Return who sends a request.

        Name and key go before the cookie, but for the part that its login plays.

        Raises:
            InvalidCredentials: no active user has that name and key, or the cookie
                stands for none.
        """
        login = self._logins.find(sent.cookie) if sent.cookie else None
        if sent.key or login is None:
            user, key = self._user(connection, username=sent.username), sent.key
        else:
            user, key = self._user(connection, id=login.user_id), login.key
        key_id = self._key_id(connection, user, key)
        is_new = login is None or (login.user_id, login.key) != (user["id"], key)
        if login is None or is_new:
            login = Login(str(user["id"]), key)
        assumed = self._assumed(connection, login)
        if assumed is not None:
            user, key_id = assumed, None
        return self._caller(connection, user, login, is_new, key_id)

    def begin(self, caller: Caller) -> str | None:
        """Return the token of a login that begins, ``None`` when it has begun."""
        return self._logins.add(caller.login) if caller.is_new else None

    def _user(self, connection: Connection, **equals: str) -> JSONObject:
        for user in self._storage.find_where(connection, "User", **equals):
            if user.get("is_active", True):
                return user
        raise InvalidCredentials

    def _key_id(self, connection: Connection, user: JSONObject, key: str) -> str | None:
        """Return the global key that `key` is, ``None`` when it is the user's own.

        Raises:
            InvalidCredentials: it is neither.
        """
        if key and user["api_key"] == key:
            return None
        if key and "ApiKey" in self._storage.schema:
            for row in self._storage.find_where(connection, "ApiKey", secret=key):
                return str(row["id"])
        raise InvalidCredentials

    def _assumed(self, connection: Connection, login: Login) -> JSONObject | None:
        """Return the user whose part a login plays, unless it has gone."""
        if login.assumed_id is None:
            return None
        found = self._storage.find(connection, "User", (login.assumed_id,))
        return found if found is not None and found.get("is_active", True) else None

    def _caller(
        self,
        connection: Connection,
        user: JSONObject,
        login: Login,
        is_new: bool,
        key_id: str | None,
    ) -> Caller:
        is_read_only = login.is_read_only and user["id"] == login.assumed_id
        if any(name not in self._storage.schema for name in _ROLES):
            # Without roles nobody is restricted.
            access = Access(is_unrestricted=True, is_read_only=is_read_only)
            return Caller(user, access, (), login, is_new, key_id)
        if key_id is not None:
            grants = grants_of_key(self._storage, connection, key_id)
        else:
            grants = grants_of_user(self._storage, connection, str(user["id"]))
        access = access_of(
            grants,
            unrestricted=UNRESTRICTED_ROLES,
            managing=MANAGING_ROLES,
            is_read_only=is_read_only,
        )
        return Caller(user, access, grants, login, is_new, key_id)


def read_cookie(header: str) -> str:
    """Return the token of a login in a ``Cookie`` header, empty without one."""
    try:
        found = SimpleCookie(header).get(LOGIN_COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
