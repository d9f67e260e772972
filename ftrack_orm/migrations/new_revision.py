"""Write the file of a new revision."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from ftrack_orm.errors.planning import RevisionFileError
from ftrack_orm.migrations.recipes import revision_text


def write_revision(
    folder: Path,
    title: str,
    *,
    recipe: str | None = None,
    values: Mapping[str, str] | None = None,
    models: str = "ftrack_models",
    needs: Sequence[str] = (),
    today: date | None = None,
    suffix: str = "",
) -> Path:
    """Write a revision from a recipe, or one to be edited; return its file.

    Args:
        folder: the folder of all revisions.
        title: the purpose, in a few words.
        recipe: the name of a recipe.
        values: the parameters of the recipe.
        models: the package of models that it imports.
        needs: the ids of the revisions that it needs.
        today: the date in its id.
        suffix: the end of its id; random by default.

    Raises:
        RecipeError: there is no such recipe or parameter, or a value is no kind.
        RevisionFileError: the file cannot be written.
    """
    title = " ".join(title.split()).rstrip(".")
    slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40].rstrip("_")
    day = (today or date.today()).strftime("%Y%m%d")
    revision_id = f"{day}_{suffix or secrets.token_hex(2)}"
    name = f"{revision_id}_{slug}" if slug else revision_id
    path = folder / name / "__init__.py"
    text = revision_text(
        revision_id, title, recipe=recipe, values=values, models=models, needs=needs
    )
    try:
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise RevisionFileError(str(path), reason) from error
    return path
