"""Emulate an ftrack server: the same wire protocol, on SQLite.

The names listed here are public, and each is imported on first use::

    from ftrack_orm.emulator import Emulator

    with Emulator(seed="demo") as emulator:
        session = Session(**emulator.credentials)

A request arrives at `asgi` over HTTP, or at `in_process` from the same process.
`fault_injection` applies the next queued fault. `dispatch` authenticates the caller
(`authentication`, `access`) and runs all operations in one transaction (`request`,
`transaction`). Each operation has a handler in `actions`, which parses its values with
`wire`; `rules` checks the operation and adds its side effects, and `query_engine`
evaluates queries. `storage` stores the rows. After the commit, `events` publishes the
changes. `files` serves the bytes of components, which `blobs` stores; `seed`, `stock`
and `demo` provide the first rows.
"""

from ftrack_orm import _lazy

__getattr__, __dir__, __all__ = _lazy.public_names(__name__, extra="emulator")
