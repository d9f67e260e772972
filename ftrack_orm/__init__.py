"""A typed client for ftrack: entities, queries and a unit of work.

The public names are listed in ``__init__.pyi``. Each is imported at its first use, so
that a program that uses only the models does not import the session.
"""

from ftrack_orm import _lazy

__getattr__, __dir__, __all__ = _lazy.public_names(
    __name__, former="ftrack_orm.operations", distribution="ftrack-orm"
)
