"""The demo seed: the production "bunny" and two small ones, generated from a number.

The same number and sizes produce the same rows with the same ids. The time of the demo
is the evening of a working day, `NOW`: tasks planned before it are done and have
history, versions, notes and time logs; tasks planned after it have not started.

`people` makes the crew and `schedule` plans the tasks. `progress` computes the status
changes of each task up to `NOW`. `structure` makes the contexts, `publishing` the
versions, `talk` notes and time logs, `review` lists and review sessions, `office`
templates, allocations and the calendar. `rows` collects the rows and inserts them;
`names` and `texts` hold the words, `calendar` the working days. The other two
productions are one that is finished and a private one that has not begun.
"""

from __future__ import annotations

from dataclasses import dataclass

from ftrack_orm.emulator.demo import names
from ftrack_orm.emulator.demo.calendar import NOW, TODAY, text
from ftrack_orm.emulator.demo.office import (
    make_allocations,
    make_calendar,
    make_task_templates,
)
from ftrack_orm.emulator.demo.people import crew_of, make_people, people_for
from ftrack_orm.emulator.demo.publishing import Publishing
from ftrack_orm.emulator.demo.review import Review
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.demo.schedule import (
    Crew,
    Plan,
    PlannedContext,
    make_tasks,
    required_crew,
    schedule,
    shot_steps,
)
from ftrack_orm.emulator.demo.structure import Production, Structure, started_tasks
from ftrack_orm.emulator.demo.talk import Talk
from ftrack_orm.emulator.seed.planter import Planter
from ftrack_orm.emulator.seed.standard import plant_standard
from ftrack_orm.emulator.storage.storage import Storage

DEMO_NOW = text(NOW)
"""The time of the demo as ISO text: nothing in it happened later."""


@dataclass(frozen=True, slots=True)
class DemoSize:
    """The number of entities in a production.

    Attributes:
        shots: number of shots in all sequences together.
        tasks_per_shot: number of tasks of each shot.
        versions_per_shot: number of published versions divided by the number of shots;
            they belong to tasks that have begun.
        shots_per_sequence: maximum number of shots in a sequence.
        builds: number of asset builds, at most as many as there are names.
    """

    shots: int = 20
    tasks_per_shot: int = 4
    versions_per_shot: int = 6
    shots_per_sequence: int = 10
    builds: int = len(names.ASSET_BUILDS)


_SIDE_SIZE = DemoSize(shots=2, versions_per_shot=4, builds=2)
_PAST_START = -70
_FUTURE_START = TODAY + 15


def plant_demo(planter: Planter, number: int, size: DemoSize) -> None:
    """Add the standard seed and the three productions of that number."""
    plant_standard(planter)
    rows = Rows(planter, number)
    make_task_templates(rows)
    crew = _make_bunny(rows, number, size)
    past = Rows(planter, f"{number}/squirrel")
    _make_production(
        past,
        Production(
            "squirrel",
            "Squirrel's Winter",
            past.id("Project"),
            status="hidden",
            color="#a3635d",
            delivery="UHD ProRes 4444",
        ),
        _plan(past, _SIDE_SIZE, _PAST_START, "sw"),
        _SIDE_SIZE,
        crew,
    )
    future = Rows(planter, f"{number}/otter")
    _make_production(
        future,
        Production(
            "otter",
            "Otter Down",
            future.id("Project"),
            is_private=True,
            color="#3498db",
            delivery="not agreed yet",
        ),
        _plan(future, _SIDE_SIZE, _FUTURE_START, "ot"),
        _SIDE_SIZE,
        crew,
    )
    planter.analyze()


def build_demo(
    storage: Storage,
    number: int = 1,
    *,
    shots: int = 20,
    tasks_per_shot: int = 4,
    versions_per_shot: int = 3,
) -> None:
    """Add one production to a storage that has the standard seed.

    Args:
        storage: the storage.
        number: selects names, dates and proportions.
        shots: number of shots.
        tasks_per_shot: number of tasks of each shot; those of asset builds are extra.
        versions_per_shot: number of published versions divided by that of shots.
    """
    size = DemoSize(shots, tasks_per_shot, versions_per_shot)
    with storage.transaction() as connection:
        planter = Planter(storage, connection)
        _make_bunny(Rows(planter, number), number, size)
        planter.analyze()


def _make_bunny(rows: Rows, number: int, size: DemoSize) -> Crew:
    """Add the production "bunny" and the people it needs; return its crew."""
    suffix = "" if number == 1 else str(number)
    plan = _plan(rows, size, 0, "sq")
    people = people_for(required_crew(plan))
    make_people(rows, people)
    production = Production(
        f"bunny{suffix}", f"Big Bunny {suffix}".strip(), rows.id("Project")
    )
    crew = crew_of(people)
    _make_production(rows, production, plan, size, crew)
    return crew


def _plan(rows: Rows, size: DemoSize, first_day: int, prefix: str) -> Plan:
    """Return the contexts and tasks of a production, without dates and workers."""
    builds = []
    for name, type_name in names.ASSET_BUILDS[: size.builds]:
        build = PlannedContext(rows.id("AssetBuild", name), name, type_name)
        # Only characters move, so only they need a rig.
        build_steps = (
            step
            for step in names.BUILD_TASKS
            if type_name == names.CHARACTER or step.asset_type != "rig"
        )
        build.tasks = make_tasks(rows, name, build_steps)
        builds.append(build)
    sequences: dict[str, list[PlannedContext]] = {}
    steps = shot_steps(size.tasks_per_shot)
    for index in range(size.shots):
        number, place = divmod(index, size.shots_per_sequence)
        sequence = f"{prefix}{(number + 1) * 10:03d}"
        name = f"{sequence}_sh{(place + 1) * 10:03d}"
        shot = PlannedContext(rows.id("Shot", name), name)
        shot.frames = rows.random.randint(24, 180)
        shot.cast = rows.random.sample(builds, min(3, len(builds)))
        shot.tasks = make_tasks(rows, name, steps)
        sequences.setdefault(sequence, []).append(shot)
    return Plan(first_day, builds, sequences)


def _make_production(
    rows: Rows, production: Production, plan: Plan, size: DemoSize, crew: Crew
) -> None:
    schedule(plan, crew)
    structure = Structure(rows, production, plan)
    structure.make()
    started = started_tasks(plan, structure.progress)
    publishing = Publishing(rows, production, plan)
    publishing.make(started, size.shots * size.versions_per_shot)
    Talk(rows, production.project_id).make(started, publishing.latest)
    make_allocations(rows, production.project_id, crew)
    if plan.first_day == 0:
        make_calendar(rows, production.project_id)
        review = Review(rows, production.project_id)
        review.make(list(publishing.latest.values()), plan.shots)
        publishing.make_review_media(review.versions)
    rows.flush()
