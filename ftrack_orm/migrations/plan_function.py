"""Run a planning function and return its plan."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from ftrack_orm.errors.migration_runs import HistoryRowError
from ftrack_orm.errors.planning import LateEditError, PlanningError
from ftrack_orm.migrations.cascades import bound_units
from ftrack_orm.migrations.earlier_runs import EarlierRuns
from ftrack_orm.migrations.history import INIT, RUNS
from ftrack_orm.migrations.history_store import choose_store, store_queries
from ftrack_orm.migrations.parameters import recorded
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_names import resolved_names
from ftrack_orm.migrations.plan_summary import Risk
from ftrack_orm.migrations.planner import Planner
from ftrack_orm.migrations.planning_core import PlanningCore
from ftrack_orm.migrations.planning_session import refused_writes
from ftrack_orm.migrations.revision import RISKS, Revision, digest_of
from ftrack_orm.migrations.visibility import roles_query, sees_all_projects
from ftrack_orm.operations import QueryServerInformation
from ftrack_orm.types import JSON

if TYPE_CHECKING:
    from ftrack_orm.session.core import SessionCore
    from ftrack_orm.session.session import Session

P = ParamSpec("P")


def make_plan(
    session: Session,
    up: Callable[Concatenate[Planner, P], None],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Plan:
    """Return the plan of a function; nothing is written to the server.

    Args:
        session: the connection. Its entities and edits are not used; while the function
            runs its writes are refused.
        up: the function. It edits entities that it gets from its planner.
        *args: arguments of the function after the planner.
        **kwargs: keyword arguments of the function.

    Raises:
        WriteWhilePlanningError: the function tried to write.
        LateEditError: the function edited an entity whose page was over.
        PlanningError: a change cannot be planned.
    """
    module = sys.modules.get(getattr(up, "__module__", ""))
    revision = getattr(module, "revision", None)
    found = revision if isinstance(revision, Revision) else None
    return plan_function(session, up, args, kwargs, revision=found)


def plan_function(
    session: Session,
    up: Callable[..., None],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    revision: Revision | None = None,
    title: str = "",
    code_digest: str = "",
    source: Path | None = None,
    path: Path | None = None,
    earlier: EarlierRuns | None = None,
) -> Plan:
    """Return the plan of a function, as `make_plan` does.

    Args:
        session: the connection.
        up: the function.
        args: arguments after the planner.
        kwargs: keyword arguments.
        revision: the revision that the function belongs to.
        title: a line for people; the revision's title by default.
        code_digest: the digest of the function's file; of its source by default.
        source: the function's file, which a run imports for its effects.
        path: the file to write; a temporary one by default.
        earlier: the changes that earlier runs of the revision have made; they are taken
            out of the plan, which continues those runs.
    """
    before = session.requests
    file = PlanFile.create(path)
    planning = PlanningCore(session, file, earlier)
    try:
        with refused_writes(session):
            up(Planner(planning), *args, **(kwargs or {}))
        _require_complete(planning)
        planning.harvest_all()
        _require_single_edits(file)
        _write_facts(
            planning,
            revision,
            title or (revision.title if revision else getattr(up, "__name__", "")),
            code_digest or _source_digest(up),
            recorded(args, kwargs or {}),
        )
        if earlier is not None and earlier.runs:
            file.add_facts(_earlier_facts(earlier))
        file.add_facts(
            {
                "source": None if source is None else str(source),
                "received": planning.transport.received,
                "sent": planning.session.requests + session.requests - before,
            }
        )
        file.finish()
    except BaseException:
        file.discard()
        raise
    finally:
        planning.harvester.cascades.close()
        planning.session.close()
    return Plan(file, is_temporary=path is None)


def _require_complete(planning: PlanningCore) -> None:
    """Raise an error that the function suppressed.

    Raises:
        WriteWhilePlanningError, LateEditError: the function caught it; the plan would
            lack the edit.
        PlanningError: the function caught an error that left a unit; the plan would
            have some of its edits.
    """
    error = planning.transport.refused or planning.work.late_edit
    if error is not None:
        raise error
    broken = planning.book.broken
    if broken is not None:
        raise PlanningError(
            f"The block of a unit ended with {type(broken).__name__}: {broken}. Some "
            "of its edits were made before, and a part of a unit is not planned. Find "
            "out before `with plan.unit():` whether it can be done."
        ) from broken


def _require_single_edits(file: PlanFile) -> None:
    """Raise if two units change one value: the second would be a conflict.

    Raises:
        LateEditError: entities of two loops were the same, and both were edited.
    """
    repeated = file.repeated()
    if repeated is not None:
        entity_type, key, attribute = repeated
        raise LateEditError(
            f"{entity_type}({key}){f'.{attribute}' if attribute else ''}"
        )


def _source_digest(up: Callable[..., None]) -> str:
    import textwrap

    try:
        return digest_of(textwrap.dedent(inspect.getsource(up)))
    except (OSError, TypeError, SyntaxError):
        return ""


# -- the facts of a plan ---------------------------------------------------------------


def _write_facts(
    planning: PlanningCore,
    revision: Revision | None,
    title: str,
    code_digest: str,
    parameters: JSON,
) -> None:
    summary = planning.harvester.summary
    server = _server_facts(planning.core, planning.session.api_user)
    facts: dict[str, JSON] = {
        **server,
        "server_url": planning.session.server_url,
        "api_user": planning.session.api_user,
        "revision": revision.id if revision is not None else None,
        "title": title,
        "needs": list(revision.needs) if revision is not None else [],
        "accepts": list(revision.accepts) if revision is not None else None,
        "code_digest": code_digest,
        "parameters": parameters,
        "fingerprint": planning.core.models.registry.fingerprint,
        "read_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "risks": list(_risks(planning)),
        "attribute_keys": dict(planning.harvester.attribute_keys),
        "names": resolved_names(planning.core, summary, planning.harvester.names),
        "summary": {
            "changes": summary.changes,
            "irreversible": summary.irreversible,
            "bound": bound_units(planning.file),
            "operations": summary.requests.operations,
            "chunks": summary.requests.chunks,
            "requests": summary.requests.requests,
            "counts": [count.to_json() for count in summary.counts.values()],
            "cascade": dict(summary.cascade),
        },
    }
    planning.file.add_facts(facts)


def _earlier_facts(earlier: EarlierRuns) -> dict[str, JSON]:
    return {
        "continues": earlier.applied[0] if earlier.applied else None,
        "earlier_runs": list(earlier.runs),
        "repeated": earlier.repeated,
        "unknown_creates": dict(earlier.unknown_creates),
    }


def _risks(planning: PlanningCore) -> list[Risk]:
    risks = set(planning.harvester.summary.risks)
    if planning.selects_everything and planning.harvester.summary.changes:
        risks.add("whole-server")
    return [risk for risk in RISKS if risk in risks]


def _server_facts(core: SessionCore, api_user: str) -> dict[str, JSON]:
    """Return the server's id, pace and schema, and the user's roles, by one request.

    Raises:
        PlanningError: the history cannot be read.
    """
    results = core.client.send(
        [
            *store_queries(INIT),
            *store_queries(RUNS),
            roles_query(api_user),
            QueryServerInformation(("schema_hash",)),
        ]
    )
    *rows, roles = (result["data"] for result in results[:5])
    information = results[5] if isinstance(results[5], dict) else {}
    names: list[JSON] = [
        str((role.get("security_role") or {}).get("name", "")) for role in roles
    ]
    try:
        history = choose_store([[*rows[0], *rows[2]], [*rows[1], *rows[3]]])[1]
    except HistoryRowError as error:
        raise PlanningError(
            f"{error} Repair the history with `ftrack-orm migrate init`."
        ) from error
    return {
        "server_id": (history.init or {}).get("server_id"),
        "ms_per_operation": history.ms_per_operation,
        "schema_hash": information.get("schema_hash"),
        "roles": names,
        "has_all_projects": sees_all_projects(roles),
    }
