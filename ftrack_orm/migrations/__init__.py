"""Plan, apply, resume and undo changes of a production's data.

A planning function edits entities with the ordinary session, on a transport that
refuses writes. The result is a `Plan`: absolute operations with the values that they
replace, in a file. A runner applies plans; it never runs the function again.

The public names are listed in ``__init__.pyi``. Each is imported at its first use.
"""

from ftrack_orm import _lazy

__getattr__, __dir__, __all__ = _lazy.public_names(__name__)
