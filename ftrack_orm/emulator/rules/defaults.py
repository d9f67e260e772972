"""Values that the server fills in when an entity is created (protocol 6.1).

`FILLERS` holds one function for each type. A new entity is passed to the functions of
its bases first, then to that of its type. A function sets attributes that have no value
and leaves the ones that the client sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules.checks import check_role_of_user
from ftrack_orm.emulator.rules.configurations import check_configuration
from ftrack_orm.emulator.rules.sequence_numbers import next_number
from ftrack_orm.emulator.rules.threads import project_of_note
from ftrack_orm.emulator.rules.workflows import (
    first_status,
    first_type,
    first_version_status,
)
from ftrack_orm.emulator.stock.studio import COLLABORATOR_USER_TYPE, DEFAULT_USER_TYPE
from ftrack_orm.emulator.wire import read_scalar
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

Filler: TypeAlias = "Callable[[RequestContext, str, JSONObject], None]"

FILLED_FROM_CALLER: Final = {"created_at": "now", "created_by_id": "user_id"}
"""Attributes filled for any type that has them, by the attribute of the request."""

DISCRIMINATORS: Final[Mapping[str, Mapping[str, str]]] = {
    "AssetVersionList": {"system_type": "assetversion"},
    "BaseUser": {"resource_type": "user"},
    "Component": {"system_type": "component"},
    "ContainerComponent": {"system_type": "container"},
    "FileComponent": {"system_type": "file"},
    "Group": {"resource_type": "group"},
    "Project": {"context_type": "show"},
    "SequenceComponent": {"system_type": "sequence"},
    "TypedContext": {"context_type": "task"},
    "TypedContextList": {"system_type": "task"},
}
"""Attributes whose value follows from the entity type (protocol 4.4)."""


def fill(
    request: RequestContext, entity_schema: EntitySchema, values: JSONObject
) -> None:
    """Add the server's defaults to `values`, the columns of a new entity."""
    _fill_defaults(request, entity_schema, values)
    for name, source in FILLED_FROM_CALLER.items():
        if name in entity_schema.attributes:
            _default(values, name, getattr(request, source))
    for base in reversed(request.storage.tables.bases(entity_schema.name)):
        values.update(DISCRIMINATORS.get(base, {}))
        filler = FILLERS.get(base)
        if filler is not None:
            filler(request, entity_schema.name, values)


def _fill_defaults(
    request: RequestContext, entity_schema: EntitySchema, values: JSONObject
) -> None:
    """Apply the schema's defaults; the JS client sends none (protocol 4.5)."""
    derived = request.storage.tables.statements
    cache_key = ("attributes with a default", entity_schema.name)
    if cache_key not in derived:
        derived[cache_key] = tuple(_with_default(entity_schema))
    for attribute in derived[cache_key]:
        if attribute.name in values:
            continue
        if attribute.default == "{uid}":
            values[attribute.name] = request.ids()
        else:
            values[attribute.name] = read_scalar(
                attribute.name, attribute, attribute.default
            )
    # The schema has no default for some ids, such as that of a status change.
    if entity_schema.primary_key == ("id",) and values.get("id") is None:
        values["id"] = _make_id(request, entity_schema)


def _with_default(entity_schema: EntitySchema) -> Iterator[Attribute]:
    for attribute in entity_schema.attributes.values():
        if attribute.kind is AttributeKind.SCALAR and attribute.has_default:
            yield attribute


def _make_id(request: RequestContext, entity_schema: EntitySchema) -> str | int:
    """Return a new id; ids of events are numbers (protocol 3.8)."""
    if entity_schema.attributes["id"].type == "integer":
        return next_number(request, entity_schema.name, "id")
    return request.ids()


def _default(values: JSONObject, name: str, value: Any) -> None:
    """Set `name` unless the client sent a value; null counts as none."""
    if values.get(name) is None:
        values[name] = value


# -- contexts ----------------------------------------------------------------


def _project(request: RequestContext, entity_type: str, values: JSONObject) -> None:
    values["project_id"] = values["id"]
    _default(values, "status", "active")


def _typed_context(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    # Overwrites the client's value: an entity created as a Shot is no Task.
    values["object_type_id"] = (
        request.schema[entity_type].attributes["object_type_id"].default
    )
    values["project_id"] = project_of_parent(request, values.get("parent_id"))
    _default(values, "bid", 0)
    _default(values, "description", "")
    _default(values, "sort", 0)
    if values.get("status_id") is None:
        values["status_id"] = first_status(request, entity_type, values)
    # After the status, which follows the type that the client sent.
    if values.get("type_id") is None:
        values["type_id"] = first_type(request, entity_type, values)


def project_of_parent(request: RequestContext, parent_id: str | None) -> str | None:
    """Return the id of a context's project; for a project, its id."""
    if parent_id is None:
        return None
    parent = request.find("Context", parent_id)
    return parent.get("project_id") if parent is not None else None


# -- assets, versions, components --------------------------------------------


def _asset(request: RequestContext, entity_type: str, values: JSONObject) -> None:
    values["project_id"] = project_of_parent(request, values.get("context_id"))


def _asset_version(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    _default(values, "user_id", request.user_id)
    _default(values, "date", request.now)
    asset_id = values.get("asset_id")
    asset = request.find("Asset", asset_id) if asset_id else None
    if asset is None:
        return
    values["project_id"] = asset.get("project_id")
    if values.get("version") is None:
        values["version"] = next_number(
            request, "AssetVersion", "version", asset_id=asset_id
        )
    if values.get("status_id") is None:
        values["status_id"] = first_version_status(request, values["project_id"])


def _component_location(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    _default(values, "resource_identifier", values.get("component_id"))


# -- people ------------------------------------------------------------------


def _user(request: RequestContext, entity_type: str, values: JSONObject) -> None:
    # The server makes a name for users created with an id only.
    _default(values, "username", f"user-{values['id']}")
    _default(values, "is_active", False)
    _default(values, "user_type_id", DEFAULT_USER_TYPE)


def _user_security_role(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    check_role_of_user(request, values.get("security_role_id"))


def _collaborator(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    if request.storage.has_column(entity_type, "user_type_id"):
        values["user_type_id"] = COLLABORATOR_USER_TYPE


def _group(request: RequestContext, entity_type: str, values: JSONObject) -> None:
    # Groups that are not local come from a directory service.
    _default(values, "local", True)


# -- notes, time, jobs -------------------------------------------------------


def _note(request: RequestContext, entity_type: str, values: JSONObject) -> None:
    _default(values, "date", request.now)
    _default(values, "user_id", request.user_id)
    _default(values, "thread_activity", values["date"])
    _default(values, "project_id", project_of_note(request, values))


def _time_record(request: RequestContext, entity_type: str, values: JSONObject) -> None:
    _default(values, "start", request.now)
    _default(values, "user_id", request.user_id)


def _job(request: RequestContext, entity_type: str, values: JSONObject) -> None:
    if values.get("type") != "api_job":
        raise Invalid('Job.type must be "api_job": the server creates other jobs.')
    _default(values, "created_at", request.now)
    _default(values, "user_id", request.user_id)
    finish_job(request, values)


def finish_job(request: RequestContext, values: JSONObject) -> None:
    """Set the time when the job ended, if its status in `values` is final."""
    if values.get("status") in ("done", "failed"):
        _default(values, "finished_at", request.now)


# -- review ------------------------------------------------------------------


def _review_session(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    _default(values, "start_date", request.now)
    _default(values, "end_date", request.now)


def _review_session_object(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    _default(values, "sort_order", 0)
    if not values.get("version"):
        version = request.find("AssetVersion", values.get("version_id") or "")
        # The attribute holds text such as "Version 3" (protocol 6.8).
        values["version"] = f"Version {version['version']}" if version else ""


# -- custom attributes -------------------------------------------------------

_LINKED: Final = ("Context", "AssetVersion", "Asset", "Component", "List", "Resource")
"""Base types of the entities that custom attribute links can join (protocol 6.7)."""


def _custom_attribute_link(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    """Set the entity types of both ends; clients send only ids (protocol 6.7)."""
    for end in ("from", "to"):
        _default(
            values, f"{end}_entity_type", _type_of(request, values.get(f"{end}_id"))
        )


def _type_of(request: RequestContext, entity_id: str | None) -> str | None:
    if entity_id is None:
        return None
    for family in _LINKED:
        row = request.find(family, entity_id) if family in request.schema else None
        if row is not None:
            return str(row["__type__"])
    return None


FILLERS: Final[Mapping[str, Filler]] = {
    "Asset": _asset,
    "AssetVersion": _asset_version,
    "Collaborator": _collaborator,
    "ComponentLocation": _component_location,
    "CustomAttributeLink": _custom_attribute_link,
    "CustomAttributeLinkFrom": _custom_attribute_link,
    "CustomConfigurationBase": check_configuration,
    "Group": _group,
    "Job": _job,
    "Note": _note,
    "Project": _project,
    "ReviewSession": _review_session,
    "ReviewSessionObject": _review_session_object,
    "Timelog": _time_record,
    "Timer": _time_record,
    "TypedContext": _typed_context,
    "User": _user,
    "UserSecurityRole": _user_security_role,
}
