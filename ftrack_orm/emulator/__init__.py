"""An ftrack server in the box: the same wire protocol on SQLite.

The names listed here are for users, each imported when it is first used::

    from ftrack_orm.emulator import Emulator

    with Emulator(seed="demo") as emulator:
        session = Session(**emulator.credentials)
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_orm.emulator.clock import Clock, CountedIds, FixedClock, IdMaker
    from ftrack_orm.emulator.errors import Refusal
    from ftrack_orm.emulator.faults import Fault, FaultKind, Faults
    from ftrack_orm.emulator.file_service import FileRequest
    from ftrack_orm.emulator.journal import Call, Journal
    from ftrack_orm.emulator.seed.demo import DEMO_NOW
    from ftrack_orm.emulator.server import Credentials, Emulator
    from ftrack_orm.emulator.transport import EmulatorTransport

__all__ = [
    "DEMO_NOW",
    "Call",
    "Clock",
    "CountedIds",
    "Credentials",
    "Emulator",
    "EmulatorTransport",
    "Fault",
    "FaultKind",
    "Faults",
    "FileRequest",
    "FixedClock",
    "IdMaker",
    "Journal",
    "Refusal",
]

_MODULES = {
    "clock": ("Clock", "CountedIds", "FixedClock", "IdMaker"),
    "errors": ("Refusal",),
    "faults": ("Fault", "FaultKind", "Faults"),
    "file_service": ("FileRequest",),
    "journal": ("Call", "Journal"),
    "seed.demo": ("DEMO_NOW",),
    "server": ("Credentials", "Emulator"),
    "transport": ("EmulatorTransport",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        import importlib

        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
