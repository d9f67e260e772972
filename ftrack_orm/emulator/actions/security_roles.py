"""The actions on security roles of users and of global API keys (protocol 2.16).

Only administrators may use them. The documentation lists the arguments but not the
results; it is an assumption that they are ``true``, as for a delete.
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


# -- roles of users ------------------------------------------------------------


def add_user_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Add a role to a user: on one project, on all open projects, or on none.

    Raises:
        Duplicate: the user has the role already.
        EntityNotFound: there is no such user, role or project.
        Invalid: an argument is missing, or the role is for API keys only.
        PermissionDenied: the caller is no administrator.
        UnsupportedError: the role applies to assigned tasks only.
    """
    user_id = _argument_id(request, operation, "User", "user_id")
    role_id = _role_id(request, operation)
    is_open = operation.get("all_open_projects") or False
    if not isinstance(is_open, bool):
        raise Invalid("all_open_projects must be true, false or null.")
    _check_type(request, role_id)
    values = {
        "id": request.ids(),
        "user_id": user_id,
        "security_role_id": role_id,
        # The former name of `is_all_open_projects`.
        "is_all_projects": is_open,
        "is_all_open_projects": is_open,
    }
    check_unique(request, request.schema[_ROLE], values)
    request.insert(_ROLE, values)
    if operation.get("project_id") is not None:
        project_id = _argument_id(request, operation, "Project", "project_id")
        _add_project(request, str(values["id"]), project_id)
    return _result(operation)


def remove_user_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Remove a role from a user, with its projects.

    Raises:
        EntityNotFound: the user has no such role.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    user_role = _user_role(request, operation)
    request.remove_all(_PROJECT, user_security_role_id=user_role["id"])
    request.remove(_ROLE, (user_role["id"],))
    return _result(operation)


def update_user_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Replace a role of a user by another one, on the same projects.

    Raises:
        Duplicate: the user has the other role already.
        EntityNotFound: the user does not have the role, or the other one is missing.
        Invalid: an argument is missing, or the role is for API keys only.
        PermissionDenied: the caller is no administrator.
        UnsupportedError: the role applies to assigned tasks only.
    """
    user_role = _user_role(request, operation)
    new_role_id = _argument_id(request, operation, "SecurityRole", "new_role_id")
    _check_type(request, new_role_id)
    new_values = {**user_role, "security_role_id": new_role_id}
    check_unique(request, request.schema[_ROLE], new_values, own_key=(user_role["id"],))
    request.set(_ROLE, (user_role["id"],), {"security_role_id": new_role_id})
    return _result(operation)


def grant_user_security_role_project(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Add a project to a user's role.

    Raises:
        Duplicate: the role applies to the project already.
        EntityNotFound: the user has no such role, or there is no such project.
        Invalid: the role applies to all open projects (a recipe of the developers
            avoids this error), or an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    user_role = _user_role(request, operation)
    project_id = _argument_id(request, operation, "Project", "project_id")
    if user_role["is_all_open_projects"]:
        raise Invalid("The role is on all open projects already.")
    _add_project(request, user_role["id"], project_id)
    return _result(operation)


def revoke_user_security_role_project(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Remove a project from a user's role.

    Raises:
        EntityNotFound: the user has no such role, or not on that project.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    user_role = _user_role(request, operation)
    project_id = _argument_id(request, operation, "Project", "project_id")
    equals = {"user_security_role_id": user_role["id"], "project_id": project_id}
    if not request.where(_PROJECT, **equals):
        raise EntityNotFound(_PROJECT, (user_role["id"], project_id))
    request.remove_all(_PROJECT, **equals)
    return _result(operation)


def _check_type(request: RequestContext, role_id: str) -> None:
    if _find(request, "SecurityRole", role_id)["type"] == "API":
        raise Invalid("Roles of the type API are for API keys only.")
    check_role_of_user(request, role_id)


def _user_role(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return the row of a user's role.

    Raises:
        EntityNotFound: the user has no such role.
    """
    user_id = _argument_id(request, operation, "User", "user_id")
    role_id = _role_id(request, operation)
    for row in request.where(_ROLE, user_id=user_id, security_role_id=role_id):
        return row
    raise EntityNotFound(_ROLE, (user_id, role_id))


def _add_project(request: RequestContext, user_role_id: str, project_id: str) -> None:
    values = {
        "id": request.ids(),
        "user_security_role_id": user_role_id,
        "project_id": project_id,
    }
    check_unique(request, request.schema[_PROJECT], values)
    request.insert(_PROJECT, values)


# -- roles of API keys ---------------------------------------------------------


def grant_api_key_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Add a role to a global API key, on the projects of the key.

    Raises:
        Duplicate: the key has the role already.
        EntityNotFound: there is no such key or role.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    key_id, role_id = _api_key_id(request, operation), _role_id(request, operation)
    if not grants.add_key_role(request.storage, request.connection, key_id, role_id):
        raise Duplicate("The API key has the role already.")
    return _result(operation)


def revoke_api_key_security_role(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Remove a role from a global API key.

    Raises:
        EntityNotFound: there is no such key or role, or the key does not have it.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    key_id, role_id = _api_key_id(request, operation), _role_id(request, operation)
    if not grants.remove_key_role(request.storage, request.connection, key_id, role_id):
        raise EntityNotFound("SecurityRole", (role_id,))
    return _result(operation)


def grant_api_key_project(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Add a project to the roles of a global API key.

    Raises:
        Duplicate: the key has the project already.
        EntityNotFound: there is no such key or project.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    key_id = _api_key_id(request, operation)
    project_id = _argument_id(request, operation, "Project", "project_id")
    if not grants.add_key_project(
        request.storage, request.connection, key_id, project_id
    ):
        raise Duplicate("The API key has the project already.")
    return _result(operation)


def revoke_api_key_project(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Remove a project from the roles of a global API key.

    Raises:
        EntityNotFound: there is no such key or project, or the key does not have it.
        Invalid: an argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    key_id = _api_key_id(request, operation)
    project_id = _argument_id(request, operation, "Project", "project_id")
    storage, connection = request.storage, request.connection
    if not grants.remove_key_project(storage, connection, key_id, project_id):
        raise EntityNotFound("Project", (project_id,))
    return _result(operation)


# -- arguments and result ------------------------------------------------------


def _api_key_id(request: RequestContext, operation: JSONObject) -> str:
    return _argument_id(request, operation, "ApiKey", "api_key_id")


def _role_id(request: RequestContext, operation: JSONObject) -> str:
    """Return the id of the role in the arguments.

    A third party sends it as ``security_role_id`` (protocol 2.16).
    """
    name = "role_id" if operation.get("role_id") is not None else "security_role_id"
    if operation.get(name) is None:
        name = "role_id"
    return _argument_id(request, operation, "SecurityRole", name)


def _argument_id(
    request: RequestContext, operation: JSONObject, entity_type: str, name: str
) -> str:
    """Return the id in an argument, for an administrator.

    Raises:
        EntityNotFound: there is no entity with this id.
        Invalid: the argument is missing.
        PermissionDenied: the caller is no administrator.
    """
    permission_checks.check_administrator(request, "change security roles")
    value = operation.get(name)
    if not isinstance(value, str) or not value:
        raise Invalid(f"{operation.get('action')} needs {name}.")
    _find(request, entity_type, value)
    return value


def _find(request: RequestContext, entity_type: str, entity_id: str) -> JSONObject:
    return request.get(entity_type, read_key(request.schema[entity_type], entity_id))


def _result(operation: JSONObject) -> JSONObject:
    return {"action": operation["action"], "data": True}
