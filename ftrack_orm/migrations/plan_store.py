"""Keep plans: in a folder of this computer, and on the server."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ftrack_orm.errors.component import ComponentError
from ftrack_orm.errors.migration_runs import PlanNotFoundError
from ftrack_orm.errors.migrations import PlanFileError
from ftrack_orm.errors.server import ServerError
from ftrack_orm.migrations.history import plan_component_id
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.operations import Delete, Query
from ftrack_orm.types import HasFiles, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient
    from ftrack_orm.migrations.plan import Plan

PLAN_FOLDER: Final = Path(".ftrack_orm", "plans")
"""The folder of plans, below the working directory."""


def store_plan(plan: Plan, folder: Path, name: str) -> Path:
    """Write a plan to a folder; return its file, whose name has the digest.

    The same plan, made before, is replaced unless a run of it has begun: that run needs
    its file.

    Raises:
        PlanFileError: it cannot be written.
    """
    stem = f"{name}-{plan.digest[:8]}"
    path, number = folder / f"{stem}.plan", 1
    while (former := _open(path)) is not None:
        with former:
            is_used = bool(former.runs())
        if not is_used:
            break
        number += 1
        path = folder / f"{stem}-{number}.plan"
    # The former file stays until the new one is complete.
    new = folder / f".{path.name}.{secrets.token_hex(4)}"
    plan.save(new)
    os.replace(new, path)
    return path


def can_upload(client: RunClient) -> bool:
    """Return whether the transport sends files, and the server keeps components."""
    is_file_transport = isinstance(client.session._core.transport, HasFiles)
    return is_file_transport and client.store.accepts_plans


def component_query(run: str) -> Query:
    """Return the query for the component with the plan of a run."""
    condition = f'id is "{plan_component_id(run)}"'
    return Query(f"select id from FileComponent where {condition}")  # noqa: S608 # a UUID


def upload_plan(
    client: RunClient, run: str, file: PlanFile, *, is_there: bool = False
) -> None:
    """Store the plan as the file of its component.

    Args:
        client: the connection.
        run: the run.
        file: its plan.
        is_there: whether the server has the component of an upload that was cut off,
            which is replaced.

    Raises:
        ComponentError, ServerError, TransportError: it cannot be stored.
    """
    identifier = plan_component_id(run)
    if is_there:
        client.send([Delete("FileComponent", (identifier,))])
    component, location, _ = client.session.create_component(
        file.path, name=f"ftrack-orm-{run}.plan", data={"id": identifier}
    )
    for entity in (component.data, location.data):
        client.session.expunge(entity)


def find_plan(
    client: RunClient,
    run: str,
    row: JSONObject,
    folder: Path,
    *,
    remedy: str | None = None,
) -> PlanFile:
    """Return the plan of a run, downloaded to `folder` if it is not there.

    Args:
        client: the connection.
        run: the run.
        row: its row in the history.
        folder: the folder with plans.
        remedy: the end of the error's message; by default that of a run that has ended.

    Raises:
        PlanNotFoundError: neither this computer nor the server has it.
    """
    digest = str(row.get("digest"))
    for path in _plans_in(folder):
        file = _open(path)
        if file is None:
            continue
        if run in file.runs() and file.meta("digest") == digest:
            file.check_digest()
            return file
        file.close()
    return _download(client, run, row, folder, remedy)


def _plans_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(folder.glob("*.plan"))


def _open(path: Path) -> PlanFile | None:
    try:
        return PlanFile.open(path)
    except PlanFileError:
        return None


def _download(
    client: RunClient, run: str, row: JSONObject, folder: Path, remedy: str | None
) -> PlanFile:
    not_found = partial(PlanNotFoundError, run, str(folder), remedy=remedy)
    identifier = row.get("component")
    if identifier is None:
        raise not_found("it was applied without an upload, or cut off before its end")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{run}.plan"
    # A folder of the owner alone, as the file has its final rights only when complete.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as private:
        path = Path(private, target.name)
        try:
            client.session.download_component(str(identifier), path)
        except (ComponentError, ServerError) as error:
            raise not_found(str(error)) from error
        os.chmod(path, 0o600)
        os.replace(path, target)
    file = PlanFile.open(target)
    if file.check_digest() != row.get("digest"):
        file.close()
        raise not_found("the server has another plan")
    file.record_run(run, "applying")
    return file
