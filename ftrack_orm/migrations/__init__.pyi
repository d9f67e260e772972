"""The public names of migrations, each with the module that defines it."""

from ftrack_orm.migrations.comparison import (
    Verification as Verification,
    verify as verify,
)
from ftrack_orm.migrations.index import (
    Index as Index,
)
from ftrack_orm.migrations.options import (
    Outcome as Outcome,
    RunOptions as RunOptions,
)
from ftrack_orm.migrations.plan import (
    Plan as Plan,
)
from ftrack_orm.migrations.plan_function import (
    make_plan as make_plan,
)
from ftrack_orm.migrations.plan_summary import (
    ChangeCount as ChangeCount,
    Risk as Risk,
)
from ftrack_orm.migrations.planned_change import (
    Missing as Missing,
    PlannedChange as PlannedChange,
    PlannedEffect as PlannedEffect,
    PlannedUnit as PlannedUnit,
)
from ftrack_orm.migrations.planner import (
    Planner as Planner,
)
from ftrack_orm.migrations.revision import (
    Revision as Revision,
)
from ftrack_orm.migrations.runs import (
    apply as apply,
    resume as resume,
)
from ftrack_orm.migrations.undo import (
    plan_undo as plan_undo,
)
from ftrack_orm.migrations.values import (
    Values as Values,
)
from ftrack_orm.migrations.verification import (
    Conflict as Conflict,
)
