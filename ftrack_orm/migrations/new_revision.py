"""Write the file of a new revision."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ftrack_orm.errors.planning import RevisionFileError

_TEMPLATE = '''"""{title}."""

from __future__ import annotations

from {models} import Task
from ftrack_orm.migrations import Planner, Revision

revision = Revision({id}, {title_literal}{needs})


def up(plan: Planner) -> None:
    """Edit entities; nothing is sent until the plan is applied."""
    for task in plan.each(plan.select(Task).where(Task.project.name == "PROJECT")):
        plan.skip(task, "is not migrated yet")
'''


def write_revision(
    folder: Path,
    title: str,
    *,
    models: str = "ftrack_models",
    needs: Sequence[str] = (),
    today: date | None = None,
    suffix: str = "",
) -> Path:
    """Write a revision with an empty planning function; return its file.

    Args:
        folder: the folder of all revisions.
        title: the purpose, in a few words.
        models: the package of models that it imports.
        needs: the ids of the revisions that it needs.
        today: the date in its id.
        suffix: the end of its id; random by default.

    Raises:
        RevisionFileError: the file cannot be written.
    """
    title = " ".join(title.split()).rstrip(".")
    slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40].rstrip("_")
    day = (today or date.today()).strftime("%Y%m%d")
    revision_id = f"{day}_{suffix or secrets.token_hex(2)}"
    name = f"{revision_id}_{slug}" if slug else revision_id
    path = folder / name / "__init__.py"
    text = _TEMPLATE.format(
        title=title[:1].upper() + title[1:].replace('"""', "'''").replace("\\", "/"),
        models=models,
        id=_literal(revision_id),
        title_literal=_literal(title),
        needs=f", needs=[{', '.join(map(_literal, needs))}]" if needs else "",
    )
    try:
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise RevisionFileError(str(path), reason) from error
    return path


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
