"""What an emulator holds when it starts.

``"empty"`` has the administrator alone, ``"standard"`` all that a stock server has
before its first project, ``"demo"`` a production on top of it.
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
from ftrack_orm.schema.fingerprint import schema_hash

SEEDS: Final = ("demo", "empty", "standard")
"""Names of seeds; that of the demo may have a number, ``demo:7``."""

SIZES: Final[Mapping[str, DemoSize]] = {
    "small": DemoSize(),
    "medium": DemoSize(shots=100, tasks_per_shot=20, versions_per_shot=100),
    "large": DemoSize(shots=1_000, tasks_per_shot=20, versions_per_shot=100),
}
"""How large the demo production is: the large one has 1,000 shots, 20,000 tasks of
theirs and 100,000 versions."""


class Seed(NamedTuple):
    """What an emulator holds at its start.

    Attributes:
        name: one of `SEEDS`.
        number: chooses the names, dates and proportions of the demo.
        size: of the demo, a key of `SIZES`.
    """

    name: str
    number: int = 1
    size: str = "small"

    def plant(self, planter: Planter) -> None:
        """Add everything of the seed."""
        if self.name == "demo":
            plant_demo(planter, self.number, SIZES[self.size])
        elif self.name == "empty":
            plant_administrator(planter)
        else:
            plant_standard(planter)


# A seed is planted once in a process; emulators after the first copy its bytes,
# which takes a hundredth of the time.
_planted: dict[tuple[str, Seed], bytes] = {}
_planting = threading.Lock()


def read_seed(text: str, size: str = "small") -> Seed:
    """Return the seed that a text names, such as ``demo:7``.

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
    """Fill `storage` with a seed, unless it holds users already.

    Args:
        storage: where to.
        text: what `read_seed` takes.
        size: of the demo production, a key of `SIZES`.

    Raises:
        UnsupportedError: there is no such seed, or no such size.
    """
    seed = read_seed(text, size)
    if storage.database is not None:
        with storage.transaction() as connection:
            if not storage.find_where(connection, "User"):
                seed.plant(Planter(storage, connection))
        return
    known = (schema_hash(storage.schema.to_json()), seed)
    with _planting:
        if known not in _planted:
            with storage.transaction() as connection:
                seed.plant(Planter(storage, connection))
            _planted[known] = storage.snapshot()
            return
    storage.restore(_planted[known])
