"""Import the file of a plan's function, so that a run can call its effects."""

from __future__ import annotations

import sys
from pathlib import Path

from ftrack_orm.errors.planning import RevisionFileError
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.revision import load_module, module_name


def import_source(file: PlanFile) -> None:
    """Import the file that a plan was made from, unless it is imported already.

    Only the effects of a plan run Python.

    Raises:
        RevisionFileError: the file is gone, or its meaning has changed since.
    """
    source = file.meta("source")
    if source is None:
        return
    path = Path(source)
    if module_name(path) in sys.modules:
        return
    loaded = load_module(path)
    if loaded.digest != file.meta("code_digest"):
        del sys.modules[module_name(path)]
        raise RevisionFileError(
            source,
            "it has changed since the plan was made, and the plan calls its functions. "
            "Plan again with `ftrack-orm migrate plan`.",
        )
