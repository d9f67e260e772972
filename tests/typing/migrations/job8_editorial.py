"""An editorial list becomes shots with tasks; existing ones are kept or changed."""

import csv
from pathlib import Path

from ftrack_models import Project, Sequence, Shot, Task, Type
from ftrack_orm.migrations import Planner

STEPS = ("layout", "animation", "fx", "lighting", "compositing", "rotoscoping")


def up(plan: Planner, *, project: str, cuts: Path) -> None:
    show = plan.find(Project, Project.name == project)
    types = plan.index(plan.select(Type), Type.name)
    sequences = plan.index(
        plan.select(Sequence).where(Sequence.project_id == show.id), Sequence.name
    )
    shots = plan.index(
        plan.select(Shot)
        .where(Shot.project_id == show.id)
        .load(Shot.custom_attributes),
        Shot.parent_id,
        Shot.name,
    )
    tasks = plan.index(
        plan.select(Task).where(Task.project_id == show.id), Task.parent_id, Task.name
    )
    for cut in csv.DictReader(cuts.read_text(encoding="utf-8").splitlines()):
        with plan.unit():  # a shot and its tasks: all or nothing
            sequence = sequences.ensure(Sequence(name=cut["seq"], parent=show))
            shot = shots.ensure(Shot(name=cut["shot"], parent=sequence))
            shot.custom_attributes.update(
                fstart=float(cut["in"]), fend=float(cut["out"]), handles=8.0
            )
            for step in STEPS:
                task = tasks.ensure(Task(name=step, parent=shot))
                if (kind := types.get(step.title())) is not None:
                    task.type = kind
    for gone in shots.untouched():
        plan.skip(gone, "is no longer in the list; left alone")
