"""The demo seed: the production "bunny", made up from a number.

The same number and sizes give the same rows with the same ids. The demo stands still
on the evening of a working day, `NOW`: what was to be done by then is done, with who
did it, how long it took and what was said about it, and what comes later waits.

`schedule` says who does what when, `progress` how far that is; `structure`,
`publishing`, `talk` and `review` make rows of it. Beside the production stand a small
one that is over and a private one that has not begun.
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
    Piece,
    Plan,
    crew_needed,
    make_tasks,
    schedule,
    shot_kinds,
)
from ftrack_orm.emulator.demo.structure import Production, Structure, tasks_begun
from ftrack_orm.emulator.demo.talk import Talk
from ftrack_orm.emulator.seed.planter import Planter
from ftrack_orm.emulator.seed.standard import plant_standard
from ftrack_orm.emulator.storage.storage import Storage

DEMO_NOW = text(NOW)
"""The moment at which the demo stands, as ISO text: nothing in it happened later."""


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How much there is of what.

    Attributes:
        shots: in all sequences together.
        tasks_per_shot: tasks of each shot.
        versions_per_shot: published versions, counted over all shots: the tasks that
            have begun by now have them all.
        shots_per_sequence: at most.
        builds: asset builds, the first of those there are names for.
    """

    shots: int = 20
    tasks_per_shot: int = 4
    versions_per_shot: int = 6
    shots_per_sequence: int = 10
    builds: int = len(names.ASSET_BUILDS)


_SIDE_SIZE = DemoSize(shots=2, versions_per_shot=4, builds=2)
_OVER = -70
_TO_COME = TODAY + 15


def plant_demo(planter: Planter, number: int, size: DemoSize) -> None:
    """Add the standard seed and the production of that number on top of it."""
    plant_standard(planter)
    rows = Rows(planter, number)
    make_task_templates(rows)
    crew = _make_bunny(rows, number, size)
    over = Rows(planter, f"{number}/squirrel")
    _make_production(
        over,
        Production(
            "squirrel",
            "Squirrel's Winter",
            over.id("Project"),
            status="hidden",
            color="#a3635d",
            delivery="UHD ProRes 4444",
        ),
        _plan(over, _SIDE_SIZE, _OVER, "sw"),
        _SIDE_SIZE,
        crew,
    )
    coming = Rows(planter, f"{number}/otter")
    _make_production(
        coming,
        Production(
            "otter",
            "Otter Down",
            coming.id("Project"),
            is_private=True,
            color="#3498db",
            delivery="not agreed yet",
        ),
        _plan(coming, _SIDE_SIZE, _TO_COME, "ot"),
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
    """Add a production, and it alone, to a storage that has the standard seed.

    Args:
        storage: where to.
        number: chooses names, dates and proportions.
        shots: how many.
        tasks_per_shot: how many each; asset builds have theirs besides.
        versions_per_shot: how many published versions, counted over all shots.
    """
    size = DemoSize(shots, tasks_per_shot, versions_per_shot)
    with storage.transaction() as connection:
        planter = Planter(storage, connection)
        _make_bunny(Rows(planter, number), number, size)
        planter.analyze()


def _make_bunny(rows: Rows, number: int, size: DemoSize) -> Crew:
    """Add the production of a number and the people it needs; return its crew."""
    suffix = "" if number == 1 else str(number)
    plan = _plan(rows, size, 0, "sq")
    people = people_for(crew_needed(plan))
    make_people(rows, people)
    production = Production(
        f"bunny{suffix}", f"Big Bunny {suffix}".strip(), rows.id("Project")
    )
    crew = crew_of(people)
    _make_production(rows, production, plan, size, crew)
    return crew


def _plan(rows: Rows, size: DemoSize, first_day: int, prefix: str) -> Plan:
    """Return what there is to do, not planned yet."""
    builds = []
    for name, kind in names.ASSET_BUILDS[: size.builds]:
        build = Piece(rows.id("AssetBuild", name), name, kind)
        kinds = (
            each
            for each in names.BUILD_TASKS
            if kind == names.CHARACTER or each.asset_type != "rig"
        )
        build.tasks = make_tasks(rows, name, kinds)
        builds.append(build)
    sequences: dict[str, list[Piece]] = {}
    kinds_of_shots = shot_kinds(size.tasks_per_shot)
    for index in range(size.shots):
        number, place = divmod(index, size.shots_per_sequence)
        sequence = f"{prefix}{(number + 1) * 10:03d}"
        name = f"{sequence}_sh{(place + 1) * 10:03d}"
        shot = Piece(rows.id("Shot", name), name)
        shot.frames = rows.random.randint(24, 180)
        shot.cast = rows.random.sample(builds, min(3, len(builds)))
        shot.tasks = make_tasks(rows, name, kinds_of_shots)
        sequences.setdefault(sequence, []).append(shot)
    return Plan(first_day, builds, sequences)


def _make_production(
    rows: Rows, production: Production, plan: Plan, size: DemoSize, crew: Crew
) -> None:
    schedule(plan, crew)
    structure = Structure(rows, production, plan)
    structure.make()
    begun = tasks_begun(plan, structure.progress)
    publishing = Publishing(rows, production, plan)
    publishing.make(begun, size.shots * size.versions_per_shot)
    Talk(rows, production.project_id).make(begun, publishing.latest)
    make_allocations(rows, production.project_id, crew)
    if plan.first_day == 0:
        make_calendar(rows, production.project_id)
        review = Review(rows, production.project_id)
        review.make(list(publishing.latest.values()), plan.shots)
        publishing.make_review_media(review.shown)
    rows.flush()
