"""The site of the documentation: it builds without a warning and leaves nothing out."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Final

import pytest

import ftrack_orm
from ftrack_models import registry
from ftrack_orm import emulator, migrations, operations, studio
from tests.support.citations import ROOT

DOCS: Final = ROOT / "docs"
NAMES: Final[list[str]] = vars(ftrack_orm)["__all__"]
ERRORS: Final = {
    name
    for name in NAMES
    if inspect.isclass(getattr(ftrack_orm, name))
    and issubclass(getattr(ftrack_orm, name), Exception)
}


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_is_complete(tmp_path: Path) -> None:
    # One test, because each worker of xdist would build the site again.
    site = build(tmp_path)

    assert public_names() - documented(site) == set()
    assert entity_types(site) == {each.name for each in registry.schema()}
    assert unreachable_pages(site) == set()
    assert loaded_from_elsewhere(site) == set()


def build(folder: Path) -> Path:
    """Build the site as `make docs` does, with warnings as errors."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning"),
            *("--keep-going", "--doctree-dir", folder / "trees"),
            *(DOCS, folder / "html"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


def public_names() -> set[str]:
    """Return the names that the reference describes, with their packages."""
    return {
        *(f"ftrack_orm.{name}" for name in NAMES),
        *(f"ftrack_orm.emulator.{name}" for name in vars(emulator)["__all__"]),
        *(f"ftrack_orm.migrations.{name}" for name in vars(migrations)["__all__"]),
        *(f"ftrack_orm.studio.{name}" for name in vars(studio)["__all__"]),
        *(f"ftrack_orm.operations.{name}" for name in operation_classes()),
        *(
            f"ftrack_orm.Session.{name}"
            for name in dir(ftrack_orm.Session)
            if not name.startswith("_")
        ),
    }


def operation_classes() -> set[str]:
    """Return the public classes that only the module of operations has."""
    return {
        name
        for name, value in vars(operations).items()
        if inspect.isclass(value)
        and value.__module__ == operations.__name__
        and not name.startswith("_")
        and name not in NAMES
    }


def documented(site: Path) -> set[str]:
    """Return the names of Python objects in the inventory of the site."""
    inventory = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = zlib.decompress(inventory).decode().splitlines()
    return {line.split(" ", 1)[0] for line in lines if " py:" in line}


def entity_types(site: Path) -> set[str]:
    """Return the titles of the page about entity types."""
    page = (site / "reference" / "entity-types.html").read_text("utf-8")
    return set(re.findall(r"<h2>(\w+)<a", page))


def unreachable_pages(site: Path) -> set[Path]:
    """Return the pages that were not built, or that the search does not find."""
    index = (site / "searchindex.js").read_text("utf-8")
    pages = {path.relative_to(DOCS).with_suffix("") for path in DOCS.rglob("*.md")}
    return {
        page
        for page in pages
        if not (site / f"{page}.html").is_file() or f'"{page.as_posix()}"' not in index
    }


def loaded_from_elsewhere(site: Path) -> set[str]:
    """Return the addresses of scripts, styles and pictures of other servers."""
    return {
        address
        for page in site.rglob("*.html")
        for address in re.findall(
            r'<(?:script|img|link)[^>]+(?:src|href)="(https?:[^"]+)',
            page.read_text("utf-8"),
        )
    }


def test_every_error_has_a_cause_and_a_next_step() -> None:
    page = (DOCS / "errors.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)

    assert {name for name, _, _ in rows} == ERRORS - {"FtrackError"}
    assert len(rows) == len(ERRORS) - 1
