"""Numbers of an attribute become texts of another; the old values go."""

from ftrack_models import Shot
from ftrack_orm.migrations import Planner, Revision

revision = Revision(
    "20261126_7f3a",
    "cut_no becomes cut_code",
    needs=["20261124_b21c"],
    accepts=["whole-server"],
)


def up(plan: Planner) -> None:
    numbers = plan.values("cut_no", of=Shot, kind=float)
    codes = plan.values("cut_code", of=Shot, kind=str)
    for shot, number in numbers.stored(plan.select(Shot)):
        with plan.unit():  # both or neither
            codes.set(shot, f"{number:06.1f}")
            numbers.clear(shot)
