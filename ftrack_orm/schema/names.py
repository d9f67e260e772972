"""Server names and Python names: one rule and its inverse, without collisions.

A server name that Python or an entity has no room for gets a trailing underscore
(``from`` is ``from_``), and a leading underscore moves to the end (``_link`` is
``link_``). So that no two names meet there, the rule is stated over the *core* of a
name, which is the name without the underscores around it: the Python name is the
core and *k* underscores after it, where *k* counts the pairs (underscores before,
underscores after) in this order::

    (0, 0)  (1, 0)  (0, 1)  (2, 0)  (1, 1)  (0, 2)  (3, 0)  ...
    link    _link   link_   __link  _link_  link__  ___link
    link    link_   link__  link___ link____ ...

A reserved core counts from one instead of zero: ``schema`` is ``schema_``, ``_schema``
is ``schema__``. What still is no Python name (``_1``, ``__``, a name with a space) is
spelled in hexadecimal after ``attribute_0x``. Pairs and underscores match one to one,
so the inverse is exact, for every string.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ftrack_orm.errors.schema import SchemaError

# The constants are spelled out, not asked of `keyword` and pydantic, so that the
# same schema gives the same names under every version of both.

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
"""Public names of pydantic's ``BaseModel``, beside all that begins with ``model_``."""

OWNED_BY_ENTITY: Final = frozenset({"entity_state", "entity_type", "reference"})
"""Public names of our own ``Entity``. A name here neither begins nor ends with an
underscore; adding one renames the attribute in every generated package."""

RESERVED: Final = KEYWORDS | OWNED_BY_PYDANTIC | OWNED_BY_ENTITY

_ENCODED = "attribute_0x"

# Files that Windows will not create, whatever their ending.
_DEVICES: Final = frozenset(
    {"aux", "con", "nul", "prn"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
)

_WORD_START = r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])"


# -- attributes --------------------------------------------------------------


def python_name(server_name: str) -> str:
    """Return the Python attribute for a server attribute.

    The result is a valid identifier, begins with no underscore and is no reserved
    name. `server_name` is the inverse.
    """
    core = server_name.strip("_")
    if not _is_plain(core):
        return _ENCODED + server_name.encode("utf-8", "surrogatepass").hex()
    before = len(server_name) - len(server_name.lstrip("_"))
    after = len(server_name) - len(core) - before
    return core + "_" * (_count_of_pair(before, after) + _is_reserved(core))


def server_name(python_name: str) -> str:
    """Return the server attribute for a Python attribute, exactly.

    Raises:
        SchemaError: no server attribute has this Python name (``schema``, ``_link``).
    """
    if python_name.startswith(_ENCODED):
        return _decoded(python_name)
    core = python_name.rstrip("_")
    count = len(python_name) - len(core) - _is_reserved(core)
    if count < 0 or core.startswith("_") or not _is_plain(core):
        raise _no_python_name(python_name)
    before, after = _pair_of_count(count)
    return "_" * before + core + "_" * after


def _is_reserved(core: str) -> bool:
    return core in RESERVED or core.startswith("model_")


def _is_plain(core: str) -> bool:
    """Return whether `core` can stand in Python source as it is.

    Python reads identifiers in NFKC form, so another form would name another
    attribute; and what looks encoded must be encoded to stay apart.
    """
    return (
        core.isidentifier()
        and not core.startswith(_ENCODED)
        and unicodedata.is_normalized("NFKC", core)
    )


def _count_of_pair(before: int, after: int) -> int:
    """Return the place of a pair in Cantor's enumeration of pairs."""
    total = before + after
    return total * (total + 1) // 2 + after


def _pair_of_count(count: int) -> tuple[int, int]:
    """Return the pair at a place in Cantor's enumeration of pairs."""
    total = (math.isqrt(8 * count + 1) - 1) // 2
    after = count - total * (total + 1) // 2
    return total - after, after


def _decoded(name: str) -> str:
    try:
        decoded = bytes.fromhex(name.removeprefix(_ENCODED)).decode(
            "utf-8", "surrogatepass"
        )
    except ValueError:
        raise _no_python_name(name) from None
    # Only what `python_name` spells this way has this name: upper case digits, or
    # a name that needs no spelling, would be second Python names for one attribute.
    if python_name(decoded) != name:
        raise _no_python_name(name)
    return decoded


def _no_python_name(name: str) -> SchemaError:
    return SchemaError(
        f"No server attribute has the Python name {name!r}. "
        "python_name() says which name an attribute has in Python."
    )


# -- types -------------------------------------------------------------------


def class_name(type_name: str) -> str:
    """Return the Python class for a type: its name, made valid where it is not.

    Names that are valid stay as they are and stay apart; for names that are not,
    `class_names` keeps classes of one schema apart.
    """
    name = "".join(
        letter if f"a{letter}".isidentifier() else "_"
        for letter in unicodedata.normalize("NFKC", type_name)
    ).lstrip("_")
    if not name.isidentifier():
        name = f"Type{name}"
    return f"{name}_" if name in KEYWORDS else name


def module_name(type_name: str) -> str:
    """Return the module for a type, in snake case (``AssetVersion``: asset_version).

    `module_names` keeps the modules of one schema apart.
    """
    words = re.sub(_WORD_START, "_", class_name(type_name).rstrip("_"))
    name = re.sub(r"_+", "_", unicodedata.normalize("NFKC", words.lower()))
    return f"{name}_" if name in KEYWORDS | _DEVICES else name


def class_names(type_names: Iterable[str]) -> Mapping[str, str]:
    """Return the class for each type of a schema; no two are the same."""
    return _kept_apart(type_names, class_name)


def module_names(type_names: Iterable[str]) -> Mapping[str, str]:
    """Return the module for each type of a schema; no two are the same.

    They differ by more than case, so that every file system keeps them apart.
    """
    return _kept_apart(type_names, module_name)


def _kept_apart(
    type_names: Iterable[str], plain: Callable[[str], str]
) -> dict[str, str]:
    """Number the names that meet, in sorted order, whatever order they come in."""
    chosen: dict[str, str] = {}
    taken: set[str] = set()
    later: list[str] = []
    # A type whose class already bears its name keeps it, whatever else meets there.
    ordered = sorted(set(type_names), key=lambda name: (plain(name) != name, name))
    for type_name in ordered:
        name = plain(type_name)
        if name in taken:
            later.append(type_name)
        else:
            taken.add(name)
            chosen[type_name] = name
    for type_name in later:
        number = 2
        while (name := f"{plain(type_name).rstrip('_')}_{number}") in taken:
            number += 1
        taken.add(name)
        chosen[type_name] = name
    return dict(sorted(chosen.items()))
