"""The actions on security roles of users and of global API keys (protocol 2.16).

They are for administrators. The arguments are documented, the answers are not: that
they are ``true``, like that of a delete, is assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.access import grants
from ftrack_orm.emulator.errors import Duplicate, EntityNotFound, Invalid
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.rules.checks import check_role_of_user, check_unique
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_ROLE = "UserSecurityRole"
_PROJECT = "UserSecurityRoleProject"


# -- of users -----------------------------------------------------------------


def add_user_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Give a user a role: on one project, on all open ones, or on none yet.

    Raises:
        Duplicate: the user has it.
        EntityNotFound: there is no such user, role or project.
        Invalid: an argument is missing, or the role is for API keys only.
        PermissionDenied: the caller is no administrator.
        UnsupportedError: the role holds for assigned tasks only.
    """
    user_id = _named(request, operation, "User", "user_id")
    role_id = _role(request, operation)
    is_open = operation.get("all_open_projects") or False
    if not isinstance(is_open, bool):
        raise Invalid("all_open_projects must be true, false or null.")
    _check_type(request, role_id)
    values = {
        "id": request.ids(),
        "user_id": user_id,
        "security_role_id": role_id,
        "is_all_projects": is_open,
        "is_all_open_projects": is_open,
    }
    check_unique(request, request.schema[_ROLE], values)
    request.insert(_ROLE, values)
    if operation.get("project_id") is not None:
        project_id = _named(request, operation, "Project", "project_id")
        _grant(request, str(values["id"]), project_id)
    return _done(operation)


def remove_user_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Take a role from a user, with its projects.

    Raises:
        EntityNotFound: the user has no such role.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    held = _held(request, operation)
    request.remove_all(_PROJECT, user_security_role_id=held["id"])
    request.remove(_ROLE, (held["id"],))
    return _done(operation)


def update_user_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Give a user another role in place of one, on the same projects.

    Raises:
        Duplicate: the user has the other role too.
        EntityNotFound: the user has no such role, or there is no such other one.
        Invalid: an argument is missing, or the role is for API keys only.
        PermissionDenied: the caller is no administrator.
        UnsupportedError: the role holds for assigned tasks only.
    """
    held = _held(request, operation)
    new_role_id = _named(request, operation, "SecurityRole", "new_role_id")
    _check_type(request, new_role_id)
    changed = {**held, "security_role_id": new_role_id}
    check_unique(request, request.schema[_ROLE], changed, own_key=(held["id"],))
    request.set(_ROLE, (held["id"],), {"security_role_id": new_role_id})
    return _done(operation)


def grant_user_security_role_project(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Let a user's role hold on a project too.

    Raises:
        Duplicate: it does already.
        EntityNotFound: the user has no such role, or there is no such project.
        Invalid: the role holds on all open projects (a recipe of the developers
            avoids the error), or an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    held = _held(request, operation)
    project_id = _named(request, operation, "Project", "project_id")
    if held["is_all_open_projects"]:
        raise Invalid("The role is on all open projects already.")
    _grant(request, held["id"], project_id)
    return _done(operation)


def revoke_user_security_role_project(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Let a user's role hold on a project no more.

    Raises:
        EntityNotFound: the user has no such role, or not on that project.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    held = _held(request, operation)
    project_id = _named(request, operation, "Project", "project_id")
    equals = {"user_security_role_id": held["id"], "project_id": project_id}
    if not request.where(_PROJECT, **equals):
        raise EntityNotFound(_PROJECT, (held["id"], project_id))
    request.remove_all(_PROJECT, **equals)
    return _done(operation)


def _check_type(request: RequestContext, role_id: str) -> None:
    if _find(request, "SecurityRole", role_id)["type"] == "API":
        raise Invalid("Roles of the type API are for API keys only.")
    check_role_of_user(request, role_id)


def _held(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return the row that says a user has a role."""
    user_id = _named(request, operation, "User", "user_id")
    role_id = _role(request, operation)
    for row in request.where(_ROLE, user_id=user_id, security_role_id=role_id):
        return row
    raise EntityNotFound(_ROLE, (user_id, role_id))


def _grant(request: RequestContext, held_id: str, project_id: str) -> None:
    values = {
        "id": request.ids(),
        "user_security_role_id": held_id,
        "project_id": project_id,
    }
    check_unique(request, request.schema[_PROJECT], values)
    request.insert(_PROJECT, values)


# -- of API keys --------------------------------------------------------------


def grant_api_key_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Give a global API key a role, on the projects of the key.

    Raises:
        Duplicate: it has it.
        EntityNotFound: there is no such key or role.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    key_id, role_id = _key(request, operation), _role(request, operation)
    if not grants.add_key_role(request.storage, request.connection, key_id, role_id):
        raise Duplicate("The API key has the role already.")
    return _done(operation)


def revoke_api_key_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Take a role from a global API key.

    Raises:
        EntityNotFound: there is no such key or role, or the key has it not.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    key_id, role_id = _key(request, operation), _role(request, operation)
    if not grants.remove_key_role(request.storage, request.connection, key_id, role_id):
        raise EntityNotFound("SecurityRole", (role_id,))
    return _done(operation)


def grant_api_key_project(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Let a global API key reach a project with its roles.

    Raises:
        Duplicate: it does already.
        EntityNotFound: there is no such key or project.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    key_id = _key(request, operation)
    project_id = _named(request, operation, "Project", "project_id")
    if not grants.add_key_project(
        request.storage, request.connection, key_id, project_id
    ):
        raise Duplicate("The API key reaches the project already.")
    return _done(operation)


def revoke_api_key_project(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Keep a global API key from a project.

    Raises:
        EntityNotFound: there is no such key or project, or the key did not reach it.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    key_id = _key(request, operation)
    project_id = _named(request, operation, "Project", "project_id")
    storage, connection = request.storage, request.connection
    if not grants.remove_key_project(storage, connection, key_id, project_id):
        raise EntityNotFound("Project", (project_id,))
    return _done(operation)


# -- arguments and answer -----------------------------------------------------


def _key(request: RequestContext, operation: JSONObject) -> str:
    return _named(request, operation, "ApiKey", "api_key_id")


def _role(request: RequestContext, operation: JSONObject) -> str:
    """Return the role: a third party names it ``security_role_id`` (protocol 2.16)."""
    name = "role_id" if operation.get("role_id") is not None else "security_role_id"
    if operation.get(name) is None:
        name = "role_id"
    return _named(request, operation, "SecurityRole", name)


def _named(
    request: RequestContext, operation: JSONObject, entity_type: str, name: str
) -> str:
    """Return the id in an argument, of an entity that is there."""
    permission_checks.check_administrator(request, "change security roles")
    value = operation.get(name)
    if not isinstance(value, str) or not value:
        raise Invalid(f"{operation.get('action')} needs {name}.")
    _find(request, entity_type, value)
    return value


def _find(request: RequestContext, entity_type: str, entity_id: str) -> JSONObject:
    return request.get(entity_type, read_key(request.schema[entity_type], entity_id))


def _done(operation: JSONObject) -> JSONObject:
    return {"action": operation["action"], "data": True}
