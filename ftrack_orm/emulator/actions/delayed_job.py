"""The action ``delayed_job``, formerly ``delayed_task`` (protocol 2.12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from ftrack_orm.emulator.actions.delete import delete
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.rules.jobs import JobStatus, add_job
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_JOB_ATTRIBUTES: Final = (
    "status",
    "type",
    "user_id",
    "data",
    "created_at",
    "finished_at",
)

_Runner: TypeAlias = "Callable[[RequestContext, JSONObject], JobStatus]"


def delayed_job(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Add a job and return it; its work is done at once or never.

    A deletion runs immediately and its job is done, which is an assumption: a real
    server returns a queued job. Jobs that synchronise with user directories or Iconik
    stay queued, because the emulator has neither. The type of the job's row is the job
    type in lower case, because no source shows one.

    Raises:
        Invalid: the job type or its data is invalid.
        EntityNotFound: the entity to delete or to synchronise does not exist.
        PermissionDenied: the user may not delete the entity, or not synchronise.
    """
    job_type = operation.get("job_type")
    run = _RUNNERS.get(str(job_type))
    if run is None:
        raise Invalid(f'Unknown job type "{job_type}".')
    data = operation.get("data") or {}
    if not isinstance(data, dict):
        raise Invalid(f"data of a job of type {job_type} must be an object.")
    status = run(request, data)
    job_id = add_job(request, str(job_type).lower(), status, data)
    return request.entity_result(
        str(operation["action"]), "Job", (job_id,), _JOB_ATTRIBUTES
    )


def _delete(request: RequestContext, data: JSONObject) -> JobStatus:
    delete(request, data)
    return "done"


def _synchronise_users(request: RequestContext, data: JSONObject) -> JobStatus:
    permission_checks.check_administrator(request, "synchronise users")
    return "queued"


def _synchronise_structure(request: RequestContext, data: JSONObject) -> JobStatus:
    permission_checks.check_administrator(request, "synchronise with Iconik")
    key = read_key(request.schema["Context"], data.get("context_id"))
    request.get("Context", key)
    return "queued"


_RUNNERS: Final[Mapping[str, _Runner]] = {
    "DELETE": _delete,
    "ICONIK_SYNC_STRUCTURE": _synchronise_structure,
    "SYNC_USERS_LDAP": _synchronise_users,
}
