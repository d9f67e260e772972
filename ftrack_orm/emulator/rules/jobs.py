"""Jobs that the server creates for its actions (protocol 2.12)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias

from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

JobStatus: TypeAlias = Literal["queued", "done"]


def add_job(
    request: RequestContext, job_type: str, status: JobStatus, data: JSONObject
) -> str:
    """Add a job of the calling user and return its id; `data` is stored as JSON."""
    job_id = request.ids()
    values: JSONObject = {
        "id": job_id,
        "type": job_type,
        "status": status,
        "user_id": request.user_id,
        "data": json.dumps(data),
        "created_at": request.now,
    }
    if status == "done":
        values["finished_at"] = request.now
    request.insert("Job", values)
    return job_id
