"""The configuration of a studio as code: files, comparison, plan and apply.

`pull_studio` reads a server, `load_studio` a folder of TOML files. Both give a `Studio`,
a value with natural keys and no ids. `compare` names the differences, `plan_studio`
turns them into a plan of migrations, and `apply_studio` applies such plans until
nothing differs.
"""

from typing import TYPE_CHECKING

from ftrack_orm._lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__)
