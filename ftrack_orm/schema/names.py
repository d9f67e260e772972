"""Convert server names to Python names and back, without collisions.

A server name that is reserved in Python or on entities gets a trailing underscore
(``from`` is ``from_``), and a leading underscore moves to the end (``_link`` is
``link_``). To give no two names the same result, the rule uses the *core* of a name,
which is the name without leading and trailing underscores. The Python name is the
core followed by *k* underscores, where *k* is the position of the pair (leading
underscores, trailing underscores) in this order::

    (0, 0)  (1, 0)  (0, 1)  (2, 0)  (1, 1)  (0, 2)  (3, 0)  ...
    link    _link   link_   __link  _link_  link__  ___link
    link    link_   link__  link___ link____ ...

A reserved core counts from one instead of zero: ``schema`` is ``schema_``, ``_schema``
is ``schema__``. A name whose core is no identifier (``_1``, ``__``, a name with a
space) is written in hexadecimal after ``attribute_0x``. Each pair has one position,
so the inverse is exact for every string.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ftrack_orm.errors.schema import SchemaError

# Written out instead of read from `keyword` and pydantic: the same schema must give
# the same names under every version of both.

KEYWORDS: Final = frozenset(
    {
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
    }
)
"""Python's hard keywords; the soft ones (``type``, ``match``) may be attributes."""

OWNED_BY_PYDANTIC: Final = frozenset(
    {
        "construct",
        "copy",
        "dict",
        "from_orm",
        "json",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "schema",
        "schema_json",
        "update_forward_refs",
        "validate",
    }
)
"""Public names of pydantic's ``BaseModel``, except those that begin with ``model_``."""

OWNED_BY_ENTITY: Final = frozenset(
    {
        "clone",
        "effective",
        "entity_state",
        "reference",
        "statuses_for",
        "types_for",
    }
)
"""Public names of entities that no attribute may take, ``entity_type`` left out. None
begins or ends with an underscore. Adding a name renames the attribute of that name in
every generated package.
"""

RESERVED: Final = KEYWORDS | OWNED_BY_PYDANTIC | OWNED_BY_ENTITY

_ENCODED = "attribute_0x"

# Windows creates no file of these names, with any extension.
_DEVICES: Final = frozenset(
    {"aux", "con", "nul", "prn"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
)

_WORD_START = r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])"


# -- attributes --------------------------------------------------------------


def python_name(server_name: str) -> str:
    """Return the Python name of a server attribute.

    The result is a valid identifier, does not begin with an underscore and is not
    reserved. `server_name` is the inverse.
    """
    core = server_name.strip("_")
    if not _is_plain(core):
        return _ENCODED + server_name.encode("utf-8", "surrogatepass").hex()
    before = len(server_name) - len(server_name.lstrip("_"))
    after = len(server_name) - len(core) - before
    return core + "_" * (_count_of_pair(before, after) + _is_reserved(core))


def server_name(python_name: str) -> str:
    """Return the server attribute that `python_name` converts to this name.

    Raises:
        SchemaError: no server attribute has this Python name (``schema``, ``_link``).
    """
    if python_name.startswith(_ENCODED):
        return _decode(python_name)
    core = python_name.rstrip("_")
    count = len(python_name) - len(core) - _is_reserved(core)
    if count < 0 or core.startswith("_") or not _is_plain(core):
        raise _not_a_python_name(python_name)
    before, after = _pair_of_count(count)
    return "_" * before + core + "_" * after


def _is_reserved(core: str) -> bool:
    return core in RESERVED or core.startswith("model_")


def _is_plain(core: str) -> bool:
    """Return whether `core` can be used unchanged in Python source.

    Python normalizes identifiers to NFKC, so a name in another form would become a
    different one. A name that begins like an encoded one must be encoded too, or two
    server names could have the same Python name.
    """
    return (
        core.isidentifier()
        and not core.startswith(_ENCODED)
        and unicodedata.is_normalized("NFKC", core)
    )


def _count_of_pair(before: int, after: int) -> int:
    """Return the position of a pair in Cantor's enumeration of pairs."""
    total = before + after
    return total * (total + 1) // 2 + after


def _pair_of_count(count: int) -> tuple[int, int]:
    """Return the pair at a position in Cantor's enumeration of pairs."""
    total = (math.isqrt(8 * count + 1) - 1) // 2
    after = count - total * (total + 1) // 2
    return total - after, after


def _decode(name: str) -> str:
    try:
        decoded = bytes.fromhex(name.removeprefix(_ENCODED)).decode(
            "utf-8", "surrogatepass"
        )
    except ValueError:
        raise _not_a_python_name(name) from None
    # Upper case digits decode too, and so does a name that needs no encoding. Both
    # would be a second Python name of the same attribute.
    if python_name(decoded) != name:
        raise _not_a_python_name(name)
    return decoded


def _not_a_python_name(name: str) -> SchemaError:
    return SchemaError(
        f"No server attribute has the Python name {name!r}. "
        "python_name() returns the Python name of a server attribute."
    )


# -- types -------------------------------------------------------------------


def class_name(type_name: str) -> str:
    """Return the Python class name of a type: its name, changed to an identifier.

    A valid name is returned unchanged. Two invalid names may give the same class
    name; `class_names` makes them unique within a schema.
    """
    name = "".join(
        letter if f"a{letter}".isidentifier() else "_"
        for letter in unicodedata.normalize("NFKC", type_name)
    ).lstrip("_")
    if not name.isidentifier():
        name = f"Type{name}"
    return f"{name}_" if name in KEYWORDS else name


def module_name(type_name: str) -> str:
    """Return the module name of a type in snake case: asset_version for AssetVersion.

    `module_names` makes them unique within a schema.
    """
    words = re.sub(_WORD_START, "_", class_name(type_name).rstrip("_"))
    name = re.sub(r"_+", "_", unicodedata.normalize("NFKC", words.lower()))
    return f"{name}_" if name in KEYWORDS | _DEVICES else name


def class_names(type_names: Iterable[str]) -> Mapping[str, str]:
    """Return the class name of each type of a schema; no two are the same."""
    return _unique_names(type_names, class_name)


def module_names(type_names: Iterable[str]) -> Mapping[str, str]:
    """Return the module name of each type of a schema; no two are the same.

    They are in lower case, so they are also unique in file systems that ignore case.
    """
    return _unique_names(type_names, module_name)


def _unique_names(
    type_names: Iterable[str], convert: Callable[[str], str]
) -> dict[str, str]:
    """Convert each name, and append a number to those whose results collide.

    The result does not depend on the order of `type_names`.
    """
    names: dict[str, str] = {}
    used: set[str] = set()
    collisions: list[str] = []
    # Names that need no conversion come first: a collision must not rename them.
    ordered = sorted(set(type_names), key=lambda name: (convert(name) != name, name))
    for type_name in ordered:
        name = convert(type_name)
        if name in used:
            collisions.append(type_name)
        else:
            used.add(name)
            names[type_name] = name
    for type_name in collisions:
        number = 2
        while (name := f"{convert(type_name).rstrip('_')}_{number}") in used:
            number += 1
        used.add(name)
        names[type_name] = name
    return dict(sorted(names.items()))
