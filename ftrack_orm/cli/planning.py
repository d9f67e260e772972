"""Choose revisions and tools, and plan them with their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.cli.needed_attributes import frozen_names, needed_attributes
from ftrack_orm.cli.project_bounds import lint_projects
from ftrack_orm.cli.revision_sources import sources_of
from ftrack_orm.errors.migration_runs import PlanRefusedError
from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.errors.snapshot import UnknownProjectError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.earlier_runs import EarlierRuns
from ftrack_orm.migrations.finding import Finding, blocking
from ftrack_orm.migrations.graph import RevisionGraph
from ftrack_orm.migrations.lint.attribute_lint import lint_attributes
from ftrack_orm.migrations.lint.plan_lint import lint_plan
from ftrack_orm.migrations.lint.source_lint import lint_sources
from ftrack_orm.migrations.lint.workflow_lint import lint_workflows
from ftrack_orm.migrations.parameters import validated
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.plan_store import PLAN_FOLDER, store_plan
from ftrack_orm.migrations.precondition import (
    check_precondition,
    missing_attributes,
    missing_names,
)
from ftrack_orm.migrations.revision import LoadedModule, load_folder, load_module
from ftrack_orm.migrations.revision_states import revision_states

if TYPE_CHECKING:
    from ftrack_orm.entity.custom_rows import Configuration
    from ftrack_orm.entity.registry import Registry
    from ftrack_orm.schema.model import Schema
    from ftrack_orm.session.session import Session


_INTERRUPTED: Final = frozenset({"applying", "undoing"})
"""States of a revision whose run has not ended."""


def is_tool(target: str) -> bool:
    """Return whether a target of a command is the file or folder of a module."""
    return target.endswith(".py") or Path(target).exists()


def graph_of(modules: Iterable[LoadedModule]) -> RevisionGraph:
    """Return the order of the revisions among some modules.

    Raises:
        MissingRevisionError, RevisionCycleError: the needs cannot be met.
    """
    return RevisionGraph(
        {module.name: module.revision.needs for module in modules if module.revision}
    )


@dataclass
class RevisionFolder:
    """The revisions of a folder, and their states on a server.

    Attributes:
        modules: the revisions by id.
        states: the states on the server; empty for one without a history.
    """

    modules: Mapping[str, LoadedModule]
    states: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path, session: Session) -> RevisionFolder:
        """Return the revisions of a folder; one request reads their states."""
        modules = {module.name: module for module in load_folder(folder)}
        return cls(modules, revision_states(session))

    @cached_property
    def graph(self) -> RevisionGraph:
        """Return the order of the revisions."""
        return graph_of(self.modules.values())

    @property
    def applied(self) -> set[str]:
        """Return the ids that the server has."""
        return {name for name, state in self.states.items() if state == "applied"}

    @property
    def pending(self) -> list[str]:
        """Return the ids that the server does not have, in the order to apply them."""
        return self.graph.pending(self.applied)

    @property
    def ready(self) -> list[str]:
        """Return the pending ids whose needs are applied and whose runs have ended."""
        return [
            name
            for name in self.pending
            if not self.graph.unmet(name, self.applied)
            and not self.is_interrupted(name)
        ]

    def is_interrupted(self, name: str) -> bool:
        """Return whether a run or an undo of a revision has not ended."""
        return self.states.get(name) in _INTERRUPTED

    def find(
        self, target: str, *, with_needs: bool = False, allow_applied: bool = False
    ) -> list[LoadedModule]:
        """Return the revision that a target names.

        Args:
            target: an id or a part of it, or the file of a tool or revision.
            with_needs: return the pending revisions that it needs, too, before it.
            allow_applied: whether it may be applied.

        Raises:
            PlanningError: it is interrupted, or applied and not allowed to be, or needs
                a revision that is not applied.
            UnknownRevisionError: there is none, or there are several.
        """
        if is_tool(target):
            module = load_module(Path(target))
            if module.name not in self.modules or module.revision is None:
                return [module]
            name = module.name
        else:
            name = self.graph.find(target)
        if allow_applied and name in self.applied:
            return [self.modules[name]]
        unmet = self.graph.unmet(name, self.applied)
        self._require_ready(name, [] if with_needs else unmet)
        for needed in unmet:
            self._require_ready(needed, ())
        return [self.modules[each] for each in [*unmet, name]]

    def _require_ready(self, name: str, unmet: Sequence[str]) -> None:
        """Raise unless a revision can be planned.

        Raises:
            PlanningError: it is applied or interrupted, or needs other revisions.
        """
        state = self.states.get(name)
        if state == "applied":
            raise PlanningError(
                f"The revision {name} is applied. To plan the units that its runs left "
                f"out: ftrack-orm migrate plan {name}. To undo it: ftrack-orm migrate "
                f"undo {name}"
            )
        if state in _INTERRUPTED:
            run = "undo" if state == "undoing" else "run"
            raise PlanningError(
                f"The {run} of the revision {name} has not ended. Continue it with "
                "`ftrack-orm migrate resume`."
            )
        if unmet:
            raise PlanningError(
                f"The revision {name} needs {', '.join(unmet)}, which is not applied. "
                f"Run: ftrack-orm migrate apply {name}"
            )


@dataclass
class ModulePlanner:
    """Plans modules on one server.

    Attributes:
        session: a session on the server, for all but the planning functions.
        connect: returns a session on the server with the given models, which a module
            may have frozen.
        folder: the revisions of the folder, for findings about two of them.
        projects: names of the only projects that the plans are about; a user without a
            role on all projects may plan those.
    """

    session: Session
    connect: Callable[[Registry | str], Session]
    folder: RevisionFolder
    projects: Sequence[str] = ()

    def plan(self, module: LoadedModule, settings: Mapping[str, str]) -> Plan:
        """Return the plan of a module, with its findings.

        The plan of a revision lacks the changes that its runs have made, unless they
        were undone.

        Args:
            module: a revision or tool.
            settings: the parameters, as texts.

        Raises:
            PreconditionError: the server lacks names of frozen models.
            PlanningError: the module cannot be planned.
            PlanNotFoundError: the plan of a run that it lacks is lost.
        """
        parameters = validated(module.up, settings)
        self.require_precondition(module)
        registry = module.registry
        models = self.session.registry if registry is None else registry
        with ExitStack() as stack:
            session = stack.enter_context(self.connect(models))
            earlier = None
            has_runs = self.folder.states.get(module.name) in ("applied", "undone")
            if module.revision is not None and has_runs:
                earlier = EarlierRuns.read(self.session, module.name)
                stack.callback(earlier.close)
            plan = plan_function(
                session,
                module.up,
                kwargs=parameters,
                revision=module.revision,
                title="" if module.revision else module.name,
                code_digest=module.digest,
                source=module.path,
                earlier=earlier,
            )
            try:
                findings = [*self._source_findings(module), *self._findings(plan)]
                plan.set_findings(findings)
            except BaseException:
                plan.close()
                raise
        return plan

    def require_precondition(self, module: LoadedModule) -> None:
        """Check that the server has every name of a revision's frozen models.

        Raises:
            PreconditionError: it lacks some; each is named.
        """
        registry = module.registry
        if registry is None or not module.is_frozen:
            return

        def configurations_of(entity_type: str) -> Sequence[Configuration]:
            type_info = registry.resolve(entity_type).__ftrack__
            return self.session._core.configurations.of_type(type_info)

        missing = [
            *missing_names(registry.schema(), self._server_schema),
            *missing_attributes(needed_attributes(module), configurations_of),
        ]
        check_precondition(module.name, missing, self._last_seen)

    def _last_seen(self, place: str) -> str | None:
        """Return the last applied revision whose frozen models have a name."""
        order = self.folder.graph.pending(())
        applied = [name for name in order if name in self.folder.applied]
        for name in reversed(applied):
            if place in frozen_names(self.folder.modules[name]):
                return name
        return None

    @cached_property
    def _server_schema(self) -> Schema:
        return RunClient(self.session).fetch_schema()

    def _findings(self, plan: Plan) -> Iterator[Finding]:
        projects = self._project_ids()
        if projects:
            yield from lint_projects(plan, self.session, self._server_schema, projects)
        yield from lint_plan(plan, allow_partial=bool(self.projects))
        yield from lint_workflows(plan, self.session)
        yield from lint_attributes(plan, self.session)

    def _project_ids(self) -> dict[str, str]:
        """Return the ids of the named projects by name.

        Raises:
            UnknownProjectError: the user does not see one.
        """
        if not self.projects:
            return {}
        project: Any = self.session.model("Project")
        rows = self.session.select(project).where(project.name.in_(self.projects))
        ids = {row.name: row.id for row in rows}
        missing = [name for name in self.projects if name not in ids]
        if missing:
            raise UnknownProjectError(missing)
        return ids

    def _source_findings(self, module: LoadedModule) -> list[Finding]:
        """Return the findings about the code of a module and of pending revisions."""
        others = [
            self.folder.modules[name]
            for name in self.folder.pending
            # A tool is applied now, whatever the revisions write later.
            if module.revision is not None and name != module.name
        ]
        found = lint_sources([*sources_of([*others, module])], is_model_package)
        return [
            finding
            for finding in found
            if finding.place.partition(":")[0] == str(module.path)
            or (finding.code == "FM107" and module.name in finding.message.split())
        ]


def is_model_package(name: str) -> bool:
    """Return whether a module is of a package of generated models."""
    from importlib import import_module

    from ftrack_orm.entity.registry import Registry

    try:
        package = import_module(name.partition(".")[0])
    except ImportError:
        return False
    return isinstance(getattr(package, "registry", None), Registry)


def require_accepted(plan: Plan) -> None:
    """Raise if a finding or a risk refuses the apply of a plan.

    Raises:
        PlanRefusedError: one does; nothing was changed.
    """
    stops = blocking(plan.findings)
    if stops:
        lines = "".join(f"\n  {finding}" for finding in stops)
        count = "a finding stops it" if len(stops) == 1 else "findings stop it"
        raise PlanRefusedError(f"{count}:{lines}\n", "Then apply the revision again")
    if plan.unaccepted_risks:
        names = ", ".join(f'"{risk}"' for risk in plan.unaccepted_risks)
        raise PlanRefusedError(
            f"its revision does not accept the risks {names}",
            f"Review them, and write accepts=[{names}] in the revision.",
        )


def save_plan(plan: Plan, out: Path | None = None) -> Path:
    """Write a plan to a file, by default one in the folder of plans; return it."""
    if out is not None:
        plan.save(out)
        return out
    return store_plan(plan, PLAN_FOLDER, plan.revision or plan.title)
