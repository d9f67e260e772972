"""The public names of studio configuration, each with the module that defines it."""

from ftrack_orm.studio.applying import (
    StudioOutcome as StudioOutcome,
    apply_studio as apply_studio,
)
from ftrack_orm.studio.diff import (
    Comparison as Comparison,
    Difference as Difference,
    SettingChange as SettingChange,
    compare as compare,
)
from ftrack_orm.studio.model import (
    Kind as Kind,
    Studio as Studio,
)
from ftrack_orm.studio.planning import (
    plan_studio as plan_studio,
)
from ftrack_orm.studio.pull import (
    pull_studio as pull_studio,
)
from ftrack_orm.studio.toml_files import (
    load_studio as load_studio,
)
from ftrack_orm.studio.toml_writing import (
    dump_studio as dump_studio,
)
