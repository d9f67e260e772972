"""The eight jobs: the state before, the program of each side, and its lines."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from ftrack_models import (
    AssetVersion,
    ComponentLocation,
    Location,
    Project,
    Sequence,
    Shot,
    Status,
    Task,
)
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.emulator.demo import build_demo
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.revision import LoadedModule, load_module
from ftrack_orm.migrations.status import mark_revision
from ftrack_orm.studio import Studio, apply_studio, pull_studio
from tests.benchmarks.peers import (
    attributes,
    cascade,
    components,
    duplicate,
    hierarchy,
    move,
    push,
    schemas,
    values,
)
from tests.support.custom_attribute_configurations import SHOT_TYPE, configure
from tests.support.migration_plans import fast_options
from tests.support.type_checkers import TYPING

Parameters = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """A job in both ways.

    Attributes:
        name: its row in the table.
        prepare: makes the state before it, and returns the parameters of the programs.
        official: the script of the official client.
        sources: its modules.
        file: the name of our program, in the folder of typed examples.
        configure: our program, where it is studio configuration.
        is_repeatable: whether it may run again, with nothing to do.
    """

    name: str
    prepare: Callable[[Session, Path], Parameters]
    official: Callable[..., None]
    sources: tuple[ModuleType, ...]
    file: str = ""
    configure: Callable[..., None] | None = None
    is_repeatable: bool = True

    def ours(self) -> LoadedModule:
        """Return our program."""
        return load_module(TYPING / "migrations" / f"{self.file}.py")

    @property
    def our_lines(self) -> int:
        """Return the lines of our program; configuration has none."""
        return 0 if not self.file else lines_of(_up_and_helpers(self.ours().path))

    @property
    def official_lines(self) -> int:
        """Return the lines of the script."""
        return sum(lines_of(inspect.getsource(module)) for module in self.sources)


def lines_of(source: str) -> int:
    """Return the number of lines without blank ones, comments and docstrings."""
    tree = ast.parse(source)
    skipped = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return sum(
        bool(line.strip()) and not line.strip().startswith("#")
        for number, line in enumerate(source.splitlines(), 1)
        if number not in skipped
    )


def _up_and_helpers(path: Path) -> str:
    # The listener of the cascade is no part of the job.
    return path.read_text("utf-8").split("\ndef on_update")[0]


@contextmanager
def demo(shots: int) -> Iterator[Emulator]:
    """Serve a production with that many shots and five tasks for each."""
    # The rows of two runs differ in no time.
    emulator = Emulator(clock=FixedClock("2024-05-06"))
    build_demo(emulator.storage, 1, shots=shots, tasks_per_shot=5, versions_per_shot=1)
    with emulator:
        yield emulator


# -- the states before -----------------------------------------------------------------


def _fixed(name: str) -> str:
    """Return an id that is the same in each run, so that rows can be compared."""
    return str(uuid5(NAMESPACE_URL, name))


def _finished_tasks(session: Session, folder: Path) -> Parameters:
    done = session.select(Status).where(Status.name == "Completed").one()
    tasks = session.select(Task).where(Task.parent.as_(Shot).project.name == "bunny")
    ids = []
    for task in tasks.load(Task.parent):
        if isinstance(task.parent, Shot):
            task.status = done
            ids.append(task.id)
    session.commit()
    return {"task_ids": sorted(ids)}


def _frames(session: Session, folder: Path) -> Parameters:
    for key in ("fstart", "fend", "handles"):
        configure(session, key, "number", 0.0, id=_fixed(f"task {key}"))
    _set_frames(session)
    return {}


def _set_frames(session: Session) -> None:
    for number, shot in enumerate(session.select(Shot).order_by(Shot.id)):
        shot.custom_attributes.update(fstart=1001.0, fend=1050.0 + number, handles=8.0)
    session.commit()


def _cut_numbers(session: Session, folder: Path) -> Parameters:
    for key, kind in (("cut_no", "number"), ("cut_code", "text")):
        configure(session, key, kind, object_type_id=SHOT_TYPE, id=_fixed(key))
    for number, shot in enumerate(session.select(Shot).order_by(Shot.id), 12):
        shot.custom_attributes["cut_no"] = number + 0.5
    session.commit()
    # The revision needs another one.
    mark_revision(RunClient(session), "20261124_b21c", "applied")
    return {}


def _nothing(session: Session, folder: Path) -> Parameters:
    return {}


def _files(session: Session, folder: Path) -> Parameters:
    session.create(Location, {"id": _fixed("cold"), "name": "cold storage"})
    for name in ("old", "new"):
        (folder / name).mkdir(exist_ok=True)
    for file in (folder / "new").iterdir():
        file.unlink()
    rows = session.select(ComponentLocation).where(
        ComponentLocation.location.has(Location.name == "ftrack.review")
    )
    for row in rows:
        (folder / "old" / (row.resource_identifier or "")).write_text("content")
    version = session.select(AssetVersion).first()
    assert version is not None
    return {
        "project": version.project_id,
        "source": "ftrack.review",
        "target": "cold storage",
        "root": str(folder / "old"),
        "to": str(folder / "new"),
    }


def _schemas(session: Session, folder: Path) -> Parameters:
    studio = pull_studio(session, only=["project_schema"])
    copies = tuple(
        each.model_copy(update={"name": f"{each.name} 2", "shared_with": None})
        for each in studio.project_schema
    )
    return {"studio": studio.model_copy(update={"project_schema": copies})}


def _cuts(session: Session, folder: Path) -> Parameters:
    lines = [
        f"sq{700 + number // 10},sq{700 + number // 10}_sh{number:03},1001,1050"
        for number in range(session.select(Shot).count())
    ]
    path = folder / "cuts.csv"
    path.write_text("\n".join(["seq,shot,in,out", *lines]) + "\n", "utf-8")
    return {"project": "bunny", "cuts": path}


# -- configuration ---------------------------------------------------------------------

WANTED: Final = [
    {"key": f"farm_{name}", "label": f"Farm {name}", "type": "text"}
    for name in ("pool", "group", "priority", "limit", "comment")
]


def _ensure_attributes(session: Session) -> None:
    wanted = [{**each, "on": "Shot", "read": [], "write": []} for each in WANTED]
    studio = {"studio": {"manage": ["attribute"]}, "attribute": wanted}
    apply_studio(
        session, Studio.model_validate(studio), options=fast_options(upload=True)
    )


def _apply_schemas(session: Session, studio: Studio) -> None:
    apply_studio(session, studio, options=fast_options(upload=True))


# -- the scripts -----------------------------------------------------------------------


def _official_push(session: Any, project: str) -> None:
    push.run(session, session.query(f'Project where name is "{project}"').one()["id"])


def _official_schemas(session: Any, studio: Studio) -> None:
    exported = schemas.export(session)
    # A repeated run restores the same backup.
    first = [each for each in exported if not each["name"].endswith(" 2")]
    schemas.restore(session, [{**each, "name": f"{each['name']} 2"} for each in first])


def _official_components(
    session: Any, *, project: str, root: str, to: str, source: str, target: str
) -> None:
    components.run(session, project, source, target, Path(root), Path(to))


def _with_project(session: Session, folder: Path) -> Parameters:
    _frames(session, folder)
    return {
        "project": session.select(Project).where(Project.name == "bunny").one().name
    }


def _sequence(session: Session, folder: Path) -> Parameters:
    source = session.select(Sequence).where(Sequence.name == "sq010").one()
    return {"source": source.id, "name": "sq999"}


def _official_duplicate(session: Any, source: str, name: str) -> None:
    duplicate.run(session, source, name)


JOBS: Final = (
    Job("cascade statuses", _finished_tasks, cascade.run, (cascade,), "job1_cascade"),
    Job(
        "push frame values", _with_project, _official_push, (push, values), "job2_push"
    ),
    Job(
        "move values",
        _cut_numbers,
        lambda session: move.run(session, "cut_no", "cut_code"),
        (move, values),
        "job3_retype",
    ),
    Job(
        "ensure attributes",
        _nothing,
        lambda session: attributes.run(session, WANTED),
        (attributes,),
        configure=_ensure_attributes,
    ),
    Job(
        "duplicate a sequence",
        _sequence,
        _official_duplicate,
        (duplicate,),
        "job5_duplicate",
        is_repeatable=False,
    ),
    Job(
        "move components",
        _files,
        _official_components,
        (components,),
        "job6_components",
    ),
    Job(
        "copy project schemas",
        _schemas,
        _official_schemas,
        (schemas,),
        configure=_apply_schemas,
    ),
    Job("build a hierarchy", _cuts, hierarchy.run, (hierarchy,), "job8_editorial"),
)
"""The jobs, in the order of the table."""
