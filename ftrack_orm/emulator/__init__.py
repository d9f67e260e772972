"""An ftrack server in the box: the same wire protocol on SQLite.

The names listed here are for users, each imported when it is first used::

    from ftrack_orm.emulator import Emulator

    with Emulator(seed="demo") as emulator:
        session = Session(**emulator.credentials)

A request comes in by `app` over HTTP, or by `transport` in process. `injector` lets it
meet the next fault, `dispatch` carries it out in one transaction: `handlers` take an
operation each, `rules` write what follows from it, `reading` answers queries, `roles`
say what the caller may, and `storing` keeps it all. Beside them stand `files`, `events`
and `seed`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_orm.emulator.call_log import CallLog, LoggedCall
    from ftrack_orm.emulator.clock import Clock, CountedIds, FixedClock, IdMaker
    from ftrack_orm.emulator.emulator import Credentials, Emulator
    from ftrack_orm.emulator.errors import Refusal
    from ftrack_orm.emulator.events.event import Event, EventRefusedError
    from ftrack_orm.emulator.events.hub import EventHub
    from ftrack_orm.emulator.events.listener import Listener, MissingEventsError
    from ftrack_orm.emulator.events.socket_app import Heartbeats
    from ftrack_orm.emulator.faults import Fault, FaultKind, Faults
    from ftrack_orm.emulator.files.service import FileRequest
    from ftrack_orm.emulator.in_process.transport import EmulatorTransport
    from ftrack_orm.emulator.seed.demo import DEMO_NOW

__all__ = [
    "DEMO_NOW",
    "CallLog",
    "Clock",
    "CountedIds",
    "Credentials",
    "Emulator",
    "EmulatorTransport",
    "Event",
    "EventHub",
    "EventRefusedError",
    "Fault",
    "FaultKind",
    "Faults",
    "FileRequest",
    "FixedClock",
    "Heartbeats",
    "IdMaker",
    "Listener",
    "LoggedCall",
    "MissingEventsError",
    "Refusal",
]

_MODULES = {
    "clock": ("Clock", "CountedIds", "FixedClock", "IdMaker"),
    "errors": ("Refusal",),
    "events.event": ("Event", "EventRefusedError"),
    "events.hub": ("EventHub",),
    "events.listener": ("Listener", "MissingEventsError"),
    "events.socket_app": ("Heartbeats",),
    "faults": ("Fault", "FaultKind", "Faults"),
    "files.service": ("FileRequest",),
    "call_log": ("LoggedCall", "CallLog"),
    "seed.demo": ("DEMO_NOW",),
    "emulator": ("Credentials", "Emulator"),
    "in_process.transport": ("EmulatorTransport",),
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
