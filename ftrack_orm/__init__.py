"""The typed way to talk to ftrack: entities, queries and a unit of work.

The public names are listed in ``__init__.pyi``. Each is imported when it is first
used, so that a program pays for the models without the session, and for nothing twice.
"""

from ftrack_orm import _lazy

__getattr__, __dir__, __all__ = _lazy.public_names(
    __name__, former="ftrack_orm.operations"
)
