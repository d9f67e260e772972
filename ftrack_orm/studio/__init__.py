"""The configuration of a studio as code: files, comparison, plan and apply.

`pull_studio` reads a server, `load_studio` a folder of TOML files. Both return a
`Studio`, a value with natural keys and no ids. `compare` lists the differences,
`plan_studio` turns them into a plan of migrations, and `apply_studio` applies plans
until nothing differs.

The public names are listed in ``__init__.pyi``. Each is imported at its first use.
"""

from ftrack_orm import _lazy

__getattr__, __dir__, __all__ = _lazy.public_names(__name__)
