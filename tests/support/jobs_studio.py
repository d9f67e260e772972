"""The studio of the example programs: the demo production and the keys they need."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Final

from ftrack_codegen.package import generate_package, write_package
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from tests.support.imported_packages import forget_packages
from tests.support.studio import SHOT, TASK, TYPES, read_source

JOBS: Final = Path(__file__).resolve().parents[2] / "docs" / "examples" / "jobs"
PROGRAMS: Final = sorted(JOBS.glob("*.py"))
PACKAGE: Final = "studio_models"

KEYS: Final = (
    ("cut_handles", SHOT),
    ("fend", TASK),
    ("fstart", TASK),
    ("handles", TASK),
)
"""The numbers, and their object types, that the demo production does not have."""


def add_keys(emulator: Emulator) -> None:
    """Configure the custom attributes of `KEYS` on an emulator."""
    with Session(transport=emulator.transport()) as session:
        for key, object_type in KEYS:
            session.create(
                "CustomAttributeConfiguration",
                {
                    "key": key,
                    "label": key.replace("_", " ").capitalize(),
                    "type_id": TYPES["number"],
                    "default": 0,
                    "config": "{}",
                    "entity_type": "task",
                    "object_type_id": object_type,
                    "is_hierarchical": False,
                },
            )


def write_jobs_package(folder: Path) -> None:
    """Generate the package of the studio below `folder`."""
    emulator = Emulator(seed="demo")
    add_keys(emulator)
    source = read_source(emulator.transport())
    emulator.close()
    files = generate_package(source.parsed.schema, PACKAGE, studio=source.studio)
    write_package(files, folder / PACKAGE)


@contextmanager
def importable_jobs(folder: Path) -> Iterator[dict[str, ModuleType]]:
    """Import the programs with the package below `folder`; return them by name.

    The package and the programs are forgotten before and afterwards: other tests
    generate packages of the same name.
    """
    names = [path.stem for path in PROGRAMS]
    added = [str(folder), str(JOBS)]
    sys.path[:0] = added
    forget_packages(PACKAGE, *names)
    try:
        yield {name: importlib.import_module(name) for name in [*names, PACKAGE]}
    finally:
        for path in added:
            sys.path.remove(path)
        forget_packages(PACKAGE, *names)
