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

from ftrack_orm import _lazy

__getattr__, __dir__, __all__ = _lazy.public_names(__name__)
