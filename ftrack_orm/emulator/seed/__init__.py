"""What an emulator holds when it starts.

``"empty"`` has the administrator alone, ``"standard"`` all that a stock server has
before its first project, ``"demo"`` a production on top of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final

from ftrack_orm.emulator.seed.demo import plant_demo
from ftrack_orm.emulator.seed.planting import Planter
from ftrack_orm.emulator.seed.standard import plant_administrator, plant_standard
from ftrack_orm.emulator.storage import Storage
from ftrack_orm.errors import UnsupportedError
from ftrack_orm.schema.fingerprint import schema_hash

SEEDS: Final[Mapping[str, Callable[[Planter], None]]] = {
    "demo": plant_demo,
    "empty": plant_administrator,
    "standard": plant_standard,
}
"""Name of a seed to what plants it."""

# A seed is planted once in a process; emulators after the first copy its bytes,
# which takes a hundredth of the time.
_planted: dict[tuple[str, str], bytes] = {}
_planting = threading.Lock()


def plant(storage: Storage, name: str) -> None:
    """Fill `storage` with a seed, unless it holds users already.

    Raises:
        UnsupportedError: there is no such seed.
    """
    if name not in SEEDS:
        raise UnsupportedError(f"the seed {name!r} (there are {', '.join(SEEDS)})")
    if storage.database is not None:
        with storage.transaction() as connection:
            if not storage.find_where(connection, "User"):
                SEEDS[name](Planter(storage, connection))
        return
    known = (schema_hash(storage.schema.to_json()), name)
    with _planting:
        if known not in _planted:
            with storage.transaction() as connection:
                SEEDS[name](Planter(storage, connection))
            _planted[known] = storage.snapshot()
            return
    storage.restore(_planted[known])
