"""Let IPython's completer read the attributes of entities and paths.

By default IPython evaluates the text before the cursor only for types on its list, and
no others that define ``__getattr__``. Such a read of an entity is safe: it sends no
request, see `ftrack_orm.inspection`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

_READ: Final = {
    ("ftrack_orm.entity.entity", "Entity"),
    ("ftrack_orm.entity.metaclass", "EntityMeta"),
    ("ftrack_orm.entity.mapped_reads", "MappedReads"),
    ("ftrack_orm.operations", "Response"),
    ("ftrack_orm.errors.other_words", "OtherWords"),
    ("ftrack_orm.query.path", "Path"),
    ("ftrack_orm.query.relation_paths", "CollectionPath"),
    ("ftrack_orm.query.relation_paths", "LinkPath"),
    ("ftrack_orm.query.mapped_paths", "MappedPath"),
}
"""Types whose attributes are read."""

_INDEXED: Final = {
    ("ftrack_orm.entity.collection", "TrackedList"),
    ("ftrack_orm.entity.mapped", "MappedValues"),
    ("ftrack_orm.query.mapped_paths", "MappedPath"),
}
"""Types whose items are read."""


def prepare_console() -> None:
    """Add the types to the list of a running IPython; do nothing elsewhere.

    Called when a session is opened and when names or tables are shown, because a
    program may start IPython at any time.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", None)
    if shell is None or shell() is None:
        return
    try:
        policies = import_module("IPython.core.guarded_eval").EVALUATION_POLICIES
        limited = policies["limited"]
        limited.allowed_getattr_external.update(_READ)
        limited.allowed_getitem_external.update(_INDEXED)
    except (AttributeError, ImportError, KeyError):
        return  # an older IPython, whose completer reads no attributes at all
