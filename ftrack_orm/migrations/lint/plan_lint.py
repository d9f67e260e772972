"""Findings about a plan; nothing is requested."""

from __future__ import annotations

from collections.abc import Iterator

from ftrack_orm.migrations.finding import Finding, Severity
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_summary import Risk


def lint_plan(plan: Plan, *, allow_partial: bool = False) -> list[Finding]:
    """Return the findings about a plan.

    Args:
        plan: the plan.
        allow_partial: whether the user knows that entities of some projects may be
            invisible.
    """
    return list(_findings(plan, allow_partial))


def _findings(plan: Plan, allow_partial: bool) -> Iterator[Finding]:
    refused = set(plan.unaccepted_risks)
    if plan.irreversible or plan.cascade:
        counts = ", ".join(
            f"{count:,} {name}" for name, count in sorted(plan.cascade.items())
        )
        below = f" and {counts} with them" if counts else ""
        yield Finding(
            "FM101",
            _severity("irreversible" in refused),
            f"{plan.irreversible:,} deletes cannot be undone{below}. "
            + _accept("irreversible"),
        )
    if "whole-server" in plan.risks:
        yield Finding(
            "FM102",
            _severity("whole-server" in refused),
            "A select has no condition on a project: the plan covers the whole server. "
            f"Add .where(Task.project.name == …). {_accept('whole-server')}",
        )
    if "status" in plan.risks:
        count = sum(
            each.count for each in plan.counts if each.subject.endswith(".status_id")
        )
        yield Finding(
            "FM104",
            "warn",
            f"{count:,} statuses change: each leaves a row of history, and listeners "
            "and mails follow. Tell listeners to ignore the push token of the run, and "
            "apply with --load 30%.",
        )
    if unknown := plan.meta("unknown_creates"):
        counts = ", ".join(f"{count:,} {name}" for name, count in unknown.items())
        yield Finding(
            "FM110",
            "warn",
            f"{counts} would be created that equal none of the entities which earlier "
            "runs of the revision created. If `up` creates them from a time, a random "
            "value or an entity that was edited since, they are there already: look "
            "with `ftrack-orm migrate show PLAN --where action=create`.",
        )
    if plan.meta("has_all_projects") is False and not allow_partial and plan.changes:
        yield Finding(
            "FM109",
            "stop",
            f"{plan.meta('api_user')} has no role on all projects: rows that the user "
            "cannot see stay as they are. Use a user with such a role, or add "
            "--project NAME.",
        )


def _severity(is_refused: bool) -> Severity:
    return "stop" if is_refused else "warn"


def _accept(risk: Risk) -> str:
    return f'To accept it, write accepts=["{risk}"] in the revision.'
