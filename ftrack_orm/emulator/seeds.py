"""Seeds: the data with which an emulator starts.

``"empty"`` has only the administrator, ``"standard"`` the rows of a stock server before
its first project, ``"demo"`` these and a production.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final, NamedTuple

from ftrack_orm.emulator.demo import DemoSize, plant_demo
from ftrack_orm.emulator.seed.planter import Planter
from ftrack_orm.emulator.seed.standard import plant_administrator, plant_standard
from ftrack_orm.emulator.storage.storage import Storage
from ftrack_orm.errors.emulator import UnsupportedError

SEEDS: Final = ("demo", "empty", "standard")
"""Names of seeds; ``demo`` may be followed by a number, as in ``demo:7``."""

SIZES: Final[Mapping[str, DemoSize]] = {
    "small": DemoSize(),
    "medium": DemoSize(shots=100, tasks_per_shot=20, versions_per_shot=100),
    "large": DemoSize(shots=1_000, tasks_per_shot=20, versions_per_shot=100),
}
"""Sizes of the demo production: the large one has 1,000 shots with 20,000 tasks, and
100,000 versions."""


class Seed(NamedTuple):
    """A seed with its parameters.

    Attributes:
        name: one of `SEEDS`.
        number: selects the names, dates and proportions of the demo.
        size: size of the demo, a key of `SIZES`.
    """

    name: str
    number: int = 1
    size: str = "small"

    def plant(self, planter: Planter) -> None:
        """Add all rows of the seed."""
        if self.name == "demo":
            plant_demo(planter, self.number, SIZES[self.size])
        elif self.name == "empty":
            plant_administrator(planter)
        else:
            plant_standard(planter)


# A seed is planted once in a process. Later emulators restore a snapshot of it, which
# takes a hundredth of the time.
_snapshots: dict[tuple[str, Seed], bytes] = {}
_snapshots_lock = threading.Lock()


def read_seed(text: str, size: str = "small") -> Seed:
    """Return the seed for a text such as ``demo:7``.

    Raises:
        UnsupportedError: there is no such seed, or no such size.
    """
    name, _, number = text.partition(":")
    if name not in SEEDS or (number and (name != "demo" or not number.isdecimal())):
        raise UnsupportedError(
            f"the seed {text!r} (there are {', '.join(SEEDS)}, and demo:NUMBER)"
        )
    if size not in SIZES:
        raise UnsupportedError(f"the size {size!r} (there are {', '.join(SIZES)})")
    return Seed(name, int(number or 1), size)


def plant(storage: Storage, text: str, size: str = "small") -> None:
    """Add a seed to a storage, unless it is a database file that has users already.

    Args:
        storage: the storage.
        text: name of the seed, with the number of a demo; see `read_seed`.
        size: size of the demo production, a key of `SIZES`.

    Raises:
        UnsupportedError: there is no such seed, or no such size.
    """
    seed = read_seed(text, size)
    if storage.database is not None:
        with storage.transaction() as connection:
            if not storage.find_where(connection, "User"):
                seed.plant(Planter(storage, connection))
        return
    key = (storage.tables.schema_hash, seed)
    with _snapshots_lock:
        if key not in _snapshots:
            with storage.transaction() as connection:
                seed.plant(Planter(storage, connection))
            _snapshots[key] = storage.snapshot()
            return
    storage.restore(_snapshots[key])
