"""Find the sender of a request by user name and key, or by the cookie of a login.

The first successful request starts a login, and its cookie replaces name and key from
then on (protocol 1.3). A login is valid as long as its key: once the user has another
key, the cookie is invalid, too.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final, NamedTuple

from ftrack_orm.emulator.access.access import Access, Grant, access_of
from ftrack_orm.emulator.access.grants import grants_of_key, grants_of_user
from ftrack_orm.emulator.errors import InvalidCredentials
from ftrack_orm.emulator.known_keys import remember
from ftrack_orm.emulator.stock.studio import MANAGING_ROLES, UNRESTRICTED_ROLES
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Connection, Storage

LOGIN_COOKIE: Final = "ftrack_session"
"""Name of the cookie, which is a choice: no source shows one."""

_ROLES: Final = ("UserSecurityRole", "UserSecurityRoleProject")

# Clients that do not return the cookie start a login with every request.
_MAX_LOGINS: Final = 10_000

_MAX_ACCESSES: Final = 256


class Claim(NamedTuple):
    """The credentials in a request; empty where it has none."""

    username: str = ""
    key: str = ""
    cookie: str = ""


@dataclass(slots=True)
class Login:
    """The state of requests with the same cookie.

    Attributes:
        user_id: the user who logged in.
        key: the API key of the first request.
        assumed_id: the assumed user, ``None`` for none.
        is_read_only: whether the assumed user may change nothing.
    """

    user_id: str
    key: str
    assumed_id: str | None = None
    is_read_only: bool = False


class Logins:
    """The current logins, by the token in their cookie."""

    def __init__(self) -> None:
        self._logins: OrderedDict[str, Login] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, token: str) -> Login | None:
        """Return the login of a token, or ``None``."""
        with self._lock:
            return self._logins.get(token)

    def add(self, login: Login) -> str:
        """Add a login and return its token; past the limit, drop the oldest login."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._logins[token] = login
            if len(self._logins) > _MAX_LOGINS:
                self._logins.popitem(last=False)
        return token


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request.

    Attributes:
        user: the row of the user, which is the assumed user if there is one.
        access: the access of the user.
        grants: the security roles of the user or of the global API key.
        login: the login of the request.
        is_new: whether the request starts the login.
        key_id: the id of the global API key, ``None`` for a user's key.
    """

    user: JSONObject
    access: Access
    grants: tuple[Grant, ...]
    login: Login
    is_new: bool = False
    key_id: str | None = None


class Authenticator:
    """Find the senders of requests, and store their logins."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._logins = Logins()

    def authenticate(self, connection: Connection, claim: Claim) -> Caller:
        """Return the sender of a request.

        A name and key take precedence over the cookie. The assumed user of the login
        applies either way.

        Raises:
            InvalidCredentials: no active user has the name and key, or the cookie is
                unknown.
        """
        remember(claim.key)
        login = self._logins.find(claim.cookie) if claim.cookie else None
        if claim.key or login is None:
            user, key = self._user(connection, username=claim.username), claim.key
        else:
            user, key = self._user(connection, id=login.user_id), login.key
        key_id = self._key_id(connection, user, key)
        is_new = login is None or (login.user_id, login.key) != (user["id"], key)
        if login is None or is_new:
            login = Login(str(user["id"]), key)
        assumed_user = self._assumed(connection, login)
        if assumed_user is not None:
            user, key_id = assumed_user, None
        return self._caller(connection, user, login, is_new, key_id)

    def begin_login(self, caller: Caller) -> str | None:
        """Return the token of a new login, ``None`` for an existing one."""
        return self._logins.add(caller.login) if caller.is_new else None

    def _user(self, connection: Connection, **equals: str) -> JSONObject:
        for user in self._storage.find_where(connection, "User", **equals):
            if user.get("is_active", True):
                return user
        raise InvalidCredentials

    def _key_id(self, connection: Connection, user: JSONObject, key: str) -> str | None:
        """Return the id of a global API key, ``None`` for the key of the user.

        Raises:
            InvalidCredentials: the key is neither.
        """
        if key and user["api_key"] == key:
            return None
        if key and "ApiKey" in self._storage.schema:
            for row in self._storage.find_where(connection, "ApiKey", secret=key):
                return str(row["id"])
        raise InvalidCredentials

    def _assumed(self, connection: Connection, login: Login) -> JSONObject | None:
        """Return the assumed user of a login, if it exists and is active."""
        if login.assumed_id is None:
            return None
        user = self._storage.find(connection, "User", (login.assumed_id,))
        return user if user is not None and user.get("is_active", True) else None

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
            # A schema without roles restricts no user.
            access = Access(is_unrestricted=True, is_read_only=is_read_only)
            return Caller(user, access, (), login, is_new, key_id)
        if key_id is not None:
            grants = grants_of_key(self._storage, connection, key_id)
        else:
            grants = grants_of_user(self._storage, connection, str(user["id"]))
        return Caller(
            user, _access(grants, is_read_only), grants, login, is_new, key_id
        )


@lru_cache(maxsize=_MAX_ACCESSES)
def _access(grants: tuple[Grant, ...], is_read_only: bool) -> Access:
    """Return the access that roles grant."""
    return access_of(
        grants,
        unrestricted=UNRESTRICTED_ROLES,
        managing=MANAGING_ROLES,
        is_read_only=is_read_only,
    )


def read_cookie(header: str) -> str:
    """Return the token of a login in a ``Cookie`` header, or an empty text."""
    try:
        cookie = SimpleCookie(header).get(LOGIN_COOKIE)
    except CookieError:
        return ""
    return "" if cookie is None else cookie.value
