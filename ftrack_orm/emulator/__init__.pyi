"""The public names of the emulator, each with the module that defines it."""

from ftrack_orm.emulator.call_log import (
    CallLog as CallLog,
    LoggedCall as LoggedCall,
)
from ftrack_orm.emulator.clock import (
    Clock as Clock,
    CountedIds as CountedIds,
    FixedClock as FixedClock,
    IdMaker as IdMaker,
)
from ftrack_orm.emulator.demo import (
    DEMO_NOW as DEMO_NOW,
)
from ftrack_orm.emulator.emulator import (
    Credentials as Credentials,
    Emulator as Emulator,
)
from ftrack_orm.emulator.errors import (
    Refusal as Refusal,
)
from ftrack_orm.emulator.events.event import (
    Event as Event,
    EventRefusedError as EventRefusedError,
)
from ftrack_orm.emulator.events.hub import (
    EventHub as EventHub,
)
from ftrack_orm.emulator.events.hub_connection import (
    HubClosedError as HubClosedError,
    HubConnection as HubConnection,
)
from ftrack_orm.emulator.events.hub_faults import (
    HubFault as HubFault,
    HubFaultKind as HubFaultKind,
    HubFaults as HubFaults,
)
from ftrack_orm.emulator.events.listener import (
    Listener as Listener,
    MissingEventsError as MissingEventsError,
)
from ftrack_orm.emulator.events.socket_app import (
    Heartbeats as Heartbeats,
)
from ftrack_orm.emulator.faults import (
    Fault as Fault,
    FaultKind as FaultKind,
    Faults as Faults,
)
from ftrack_orm.emulator.files.service import (
    FileRequest as FileRequest,
)
from ftrack_orm.emulator.in_process.transport import (
    EmulatorTransport as EmulatorTransport,
)
from ftrack_orm.emulator.row_import import (
    LoadReport as LoadReport,
    MissingReference as MissingReference,
)
