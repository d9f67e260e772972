"""Add users and API keys with their roles directly to a storage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.access.grants import add_key_project, add_key_role
from ftrack_orm.emulator.known_keys import remember
from ftrack_orm.emulator.rules.checks import ASSIGNED, UNSUPPORTED_ROLES
from ftrack_orm.emulator.stock.studio import DEFAULT_USER_TYPE
from ftrack_orm.emulator.storage.tables import HIDDEN
from ftrack_orm.errors.emulator import EmulatorError, UnsupportedError
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.clock import IdMaker
    from ftrack_orm.emulator.storage.storage import Connection, Storage

_PREFIX: Final = 8


class UnknownNameError(EmulatorError):
    """No entity of a type has this name or id.

    Attributes:
        entity_type: the type.
        name: the name or id.
    """

    def __init__(self, entity_type: str, name: str, names: Iterable[str]) -> None:
        super().__init__(
            f"There is no {entity_type} with the name or id {name!r}. There are: "
            f"{', '.join(names) or 'none'}."
        )
        self.entity_type = entity_type
        self.name = name


class UserExistsError(EmulatorError):
    """A user with this name exists already.

    Attributes:
        username: the name.
    """

    def __init__(self, username: str) -> None:
        super().__init__(f"There is a user {username!r} already. Take another name.")
        self.username = username


class NotAListError(EmulatorError):
    """The projects of a user or key are one name, and no list.

    Attributes:
        projects: the argument.
    """

    def __init__(self, projects: str) -> None:
        super().__init__(
            f"projects={projects!r} is no list of names. Pass a list, also for one."
        )
        self.projects = projects


def add_user(
    storage: Storage,
    ids: IdMaker,
    person: JSONObject,
    role: str | None,
    projects: Iterable[str] | None,
) -> str:
    """Add an active user, with a role if `role` is not `None`; return the user's id.

    The role applies to `projects`, or to all open projects if that is `None`.

    Raises:
        NotAListError: `projects` is one name.
        UnknownNameError: there is no such role or project.
        UnsupportedError: the role applies to assigned tasks only.
        UserExistsError: a user with this name exists.
    """
    _require_list(projects)
    with storage.transaction() as connection:
        if storage.find_where(connection, "User", username=person["username"]):
            raise UserExistsError(person["username"])
        user_id = ids()
        values = {
            "id": user_id,
            "resource_type": "user",
            "is_active": True,
            "user_type_id": DEFAULT_USER_TYPE,
            **person,
        }
        storage.insert(connection, "User", _known(storage, "User", values))
        if role is not None:
            _add_role(storage, connection, ids, user_id, role, projects)
    return user_id


def _require_list(projects: object) -> None:
    if isinstance(projects, str):
        raise NotAListError(projects)


def _add_role(
    storage: Storage,
    connection: Connection,
    ids: IdMaker,
    user_id: str,
    role: str,
    projects: Iterable[str] | None,
) -> None:
    user_role_id = ids()
    values = {
        "id": user_role_id,
        "user_id": user_id,
        "security_role_id": _role_id(storage, connection, role),
        "is_all_projects": projects is None,
        "is_all_open_projects": projects is None,
    }
    entity_type = "UserSecurityRole"
    storage.insert(connection, entity_type, _known(storage, entity_type, values))
    for name in projects or ():
        row = {
            "id": ids(),
            "user_security_role_id": user_role_id,
            "project_id": _id_of(storage, connection, "Project", name),
        }
        storage.insert(connection, "UserSecurityRoleProject", row)


def _role_id(storage: Storage, connection: Connection, role: str) -> str:
    role_id = _id_of(storage, connection, "SecurityRole", role)
    [role_row] = storage.find_where(connection, "SecurityRole", id=role_id)
    if role_row["type"] == ASSIGNED:
        raise UnsupportedError(UNSUPPORTED_ROLES)
    return role_id


def add_api_key(
    storage: Storage,
    ids: IdMaker,
    identifier: str,
    role: str,
    projects: Iterable[str] | None,
) -> str:
    """Add a global API key with a role; return the key.

    The role applies to `projects`, or to all open projects if that is `None`.

    Raises:
        NotAListError: `projects` is one name.
        UnknownNameError: there is no such role or project.
        UnsupportedError: the role applies to assigned tasks only.
    """
    _require_list(projects)
    with storage.transaction() as connection:
        key_id, secret = ids(), ids()
        row = {
            "id": key_id,
            "identifier": identifier,
            "prefix": secret[:_PREFIX],
            "secret": secret,
        }
        storage.insert(connection, "ApiKey", row)
        role_id = _role_id(storage, connection, role)
        is_open = projects is None
        add_key_role(storage, connection, key_id, role_id, is_open=is_open)
        for name in projects or ():
            project_id = _id_of(storage, connection, "Project", name)
            add_key_project(storage, connection, key_id, project_id)
    return secret


def _id_of(
    storage: Storage, connection: Connection, entity_type: str, name: str
) -> str:
    """Return the id of the entity with a name or id.

    Raises:
        UnknownNameError: there is no such entity.
    """
    rows = storage.find_where(connection, entity_type)
    for row in rows:
        if name in (row["name"], row["id"]):
            return str(row["id"])
    raise UnknownNameError(entity_type, name, [row["name"] for row in rows])


def _known(storage: Storage, entity_type: str, values: JSONObject) -> JSONObject:
    """Return the values whose attributes the schema stores."""
    return {
        name: value
        for name, value in values.items()
        if storage.has_column(entity_type, name)
    }


def remember_keys(storage: Storage) -> None:
    """Hide the API keys of all users, and the global ones, in later logs."""
    with storage.transaction() as connection:
        for entity_type, names in HIDDEN.items():
            if entity_type in storage.schema:
                for row in storage.find_where(connection, entity_type):
                    for name in names:
                        remember(row[name] or "")
