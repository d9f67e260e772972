"""Jobs that the server makes for itself, unlike those of clients (protocol 2.12)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias

from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import Batch

JobStatus: TypeAlias = Literal["queued", "done"]


def add_job(batch: Batch, job_type: str, status: JobStatus, data: JSONObject) -> str:
    """Add a job of the calling user and return its id; `data` is kept as JSON text."""
    job_id = batch.ids()
    values: JSONObject = {
        "id": job_id,
        "type": job_type,
        "status": status,
        "user_id": batch.user_id,
        "data": json.dumps(data),
        "created_at": batch.now,
    }
    if status == "done":
        values["finished_at"] = batch.now
    batch.insert("Job", values)
    return job_id
