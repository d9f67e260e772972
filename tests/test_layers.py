"""Who may import whom, held as data and read from the sources with `ast`.

A layer imports lower layers only, and its siblings stay strangers to each other. An
import under ``if TYPE_CHECKING:`` makes no dependency at run time and may go upward;
one in a function's body does, and may not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = (ROOT, ROOT / "codegen", ROOT / "generated")
PACKAGES: Final = ("ftrack_orm", "ftrack_codegen", "ftrack_models")

TOP: Final = "ftrack_orm"
"""The public names: `ftrack_orm/__init__.py` itself, without what is below it."""

# The modules of one unit may import each other; of its own layer a unit imports none.
LAYERS: Final[dict[str, tuple[int, tuple[str, ...]]]] = {
    "errors": (0, ("ftrack_orm.errors",)),
    "types": (0, ("ftrack_orm.types",)),
    "lazy names": (1, ("ftrack_orm._lazy",)),
    "plain values": (0, ("ftrack_orm.plain_values",)),
    "lazy dataclasses": (0, ("ftrack_orm.lazy_dataclass",)),
    "tables": (0, ("ftrack_orm.tables",)),
    "console": (0, ("ftrack_orm.console",)),
    "inspection": (0, ("ftrack_orm.inspection",)),
    "listed names": (0, ("ftrack_orm.listed_names",)),
    "garbage collector": (0, ("ftrack_orm.gc_pause",)),
    # An enumeration that imports nothing; models and paths need it without a schema.
    "attribute kinds": (0, ("ftrack_orm.schema.attribute_kind",)),
    "schema": (1, ("ftrack_orm.schema",)),
    "operations": (1, ("ftrack_orm.operations",)),
    # A path is a value: reading `Task.name` on the class returns one, so entities
    # stand on paths, and not the other way round.
    "query": (1, ("ftrack_orm.query",)),
    "codec": (2, ("ftrack_orm.codec",)),
    "transport": (2, ("ftrack_orm.transport",)),
    "entity": (2, ("ftrack_orm.entity",)),
    "unit_of_work": (3, ("ftrack_orm.unit_of_work",)),
    "select": (3, ("ftrack_orm.select",)),
    # What goes up and down, block by block; who calls the server is handed in.
    "transfer": (3, ("ftrack_orm.transfer",)),
    "session": (4, ("ftrack_orm.session",)),
    "migrations": (5, ("ftrack_orm.migrations",)),
    # Its plans are those of migrations.
    "studio": (6, ("ftrack_orm.studio",)),
    "public names": (5, (TOP,)),
    "cli": (7, ("ftrack_orm.cli",)),
    "python -m": (8, ("ftrack_orm.__main__",)),
}

# Beside the stack: all of ours that each may import besides itself. A name that ends
# in ".*" stands for what is below it too.
BESIDE: Final[dict[str, tuple[str, ...]]] = {
    "ftrack_codegen": (
        "ftrack_orm._lazy",
        "ftrack_orm.errors.*",
        "ftrack_orm.types",  # aliases and Protocols only
        "ftrack_orm.schema.*",
    ),
    "ftrack_models": (TOP,),
    "ftrack_orm.emulator": (
        "ftrack_orm._lazy",
        "ftrack_orm.errors.*",
        "ftrack_orm.types",
        "ftrack_orm.schema.*",
        "ftrack_orm.operations",
        "ftrack_orm.query.ast",
    ),
    "ftrack_orm.pytest_plugin": (
        TOP,
        "ftrack_orm.emulator.*",
        "ftrack_orm.session.*",
        "ftrack_orm.migrations.*",
        # Its emulators, which `migrate rehearse` uses too.
        "ftrack_orm.cli.snapshot_file",
    ),
}

# Beside-the-stack packages, and the only modules of ours that may import them.
IMPORTERS: Final[dict[str, tuple[str, ...]]] = {
    "ftrack_orm.emulator": ("ftrack_orm.cli.*", "ftrack_orm.pytest_plugin"),
    "ftrack_orm.pytest_plugin": (),
    "ftrack_codegen": (
        "ftrack_orm.cli.check_models",
        "ftrack_orm.cli.freezing",
        "ftrack_orm.cli.needed_attributes",
        "ftrack_orm.cli.generate",
        "ftrack_orm.cli.generator_sources",
    ),
    # Looked up by name when a session needs it.
    "ftrack_models": (),
    "tests": (),
}

# Third-party packages that stay where they are, and the modules that may know them.
LIBRARIES: Final[dict[str, tuple[str, ...]]] = {
    # Batches to a server, and files to wherever it keeps them: two wires.
    "requests": (
        "ftrack_orm.transport.http",
        "ftrack_orm.transport.file_address",
        "ftrack_orm.transport.files",
        "ftrack_orm.transport.response_heads",
    ),
    "urllib3": ("ftrack_orm.transport.*",),
    # Everything that makes SQL, and not what speaks with clients or plants data.
    "sqlalchemy": (
        "ftrack_orm.emulator.query_engine.*",
        "ftrack_orm.emulator.access.*",
        "ftrack_orm.emulator.rules.*",
        "ftrack_orm.emulator.storage.*",
    ),
    "PIL": ("ftrack_orm.emulator.blobs.pictures",),
    "lark": (
        "ftrack_orm.emulator.events.expressions",
        "ftrack_orm.emulator.query_engine.parser",
    ),
    "starlette": (
        "ftrack_orm.emulator.asgi",
        "ftrack_orm.emulator.disconnect",
        "ftrack_orm.emulator.events.client",
        "ftrack_orm.emulator.events.socket_app",
        "ftrack_orm.emulator.files.app",
        "ftrack_orm.emulator.server_thread",
        "ftrack_orm.emulator.widgets",
    ),
    "uvicorn": ("ftrack_orm.emulator.server_thread",),
    "IPython": ("ftrack_orm.console",),
    "click": ("ftrack_orm.cli.*",),
    "rich": ("ftrack_orm.cli.*",),
    "datamodel_code_generator": ("ftrack_codegen.*",),
    "pytest": ("ftrack_orm.pytest_plugin",),
    "tomlkit": ("ftrack_orm.studio.toml_table",),
}
_SERVING: Final = (
    "ftrack_orm.emulator.asgi",
    "ftrack_orm.emulator.dispatch",
    "ftrack_orm.emulator.fault_injection",
    "ftrack_orm.emulator.emulator",
    "ftrack_orm.emulator.in_process.transport",
)

# What the layers alone would allow. The rest of the list of what never happens
# (entity or query to session, unit of work to session, ...) follows from the layers.
NEVER: Final[dict[str, tuple[str, ...]]] = {
    # Plans are made, and tested, with no I/O and no wire.
    "ftrack_orm.unit_of_work.*": ("ftrack_orm.transport.*", "ftrack_orm.codec"),
    # Queries are handed an executor.
    "ftrack_orm.select.*": ("ftrack_orm.transport.*",),
    # Inside the emulator: what is kept, what is read of it, what is written to it, and
    # what clients ask for, each knowing only those before it.
    "ftrack_orm.emulator.storage.*": (
        "ftrack_orm.emulator.query_engine.*",
        "ftrack_orm.emulator.rules.*",
        "ftrack_orm.emulator.actions.*",
        *_SERVING,
    ),
    "ftrack_orm.emulator.query_engine.*": (
        "ftrack_orm.emulator.rules.*",
        "ftrack_orm.emulator.actions.*",
        *_SERVING,
    ),
    "ftrack_orm.emulator.rules.*": ("ftrack_orm.emulator.actions.*", *_SERVING),
    "ftrack_orm.emulator.actions.*": _SERVING,
}


@dataclass(frozen=True)
class Import:
    """One import of a module by another, where it stands."""

    importer: str
    imported: str
    line: int
    is_in_function: bool = False


def is_matched(module: str, patterns: tuple[str, ...]) -> bool:
    return any(
        module == pattern.removesuffix(".*")
        or (pattern.endswith(".*") and module.startswith(pattern[:-1]))
        for pattern in patterns
    )


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


# -- reading imports ----------------------------------------------------------


def module_path(module: str) -> Path | None:
    """Return the file of one of our modules, None when there is no such module."""
    parts = module.split(".")
    for source in SOURCES:
        path = source.joinpath(*parts)
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if candidate.is_file():
                return candidate
    return None


def our_modules() -> dict[str, Path]:
    modules = {}
    for source in SOURCES:
        for package in PACKAGES:
            for path in sorted((source / package).rglob("*.py")):
                parts = path.relative_to(source).with_suffix("").parts
                names = parts[:-1] if parts[-1] == "__init__" else parts
                modules[".".join(names)] = path
    return modules


def imports_of(module: str, source: str, is_package: bool = False) -> list[Import]:
    """Return the imports of `source` that happen at run time."""
    package = module if is_package else module.rpartition(".")[0]
    found = []
    for node, is_in_function in runtime_nodes(ast.parse(source), False):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            names = [*names_from(node, package)]
        found += [Import(module, name, node.lineno, is_in_function) for name in names]
    return found


def runtime_nodes(
    node: ast.AST, is_in_function: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, is_in_function
        elif isinstance(child, ast.If) and is_typing_only(child.test):
            for other in child.orelse:
                yield from runtime_nodes(ast.Module([other], []), is_in_function)
        else:
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from runtime_nodes(child, is_in_function or is_function)


def is_typing_only(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def names_from(node: ast.ImportFrom, package: str) -> Iterator[str]:
    """Yield the modules of a from-import: ``from a import b`` may import ``a.b``."""
    base = node.module or ""
    if node.level:
        parents = package.split(".")
        above = ".".join(parents[: len(parents) - node.level + 1])
        base = f"{above}.{base}" if base else above
    for alias in node.names:
        inner = f"{base}.{alias.name}"
        yield inner if module_path(inner) else base


# -- judging them -------------------------------------------------------------


def unit_of(module: str) -> tuple[str, int] | None:
    """Return the unit that names `module` most closely, and its layer."""
    best: tuple[int, str, int] | None = None
    for unit, (layer, prefixes) in LAYERS.items():
        for prefix in prefixes:
            fits = module == prefix if prefix == TOP else is_within(module, prefix)
            if fits and (best is None or len(prefix) > best[0]):
                best = (len(prefix), unit, layer)
    return best and (best[1], best[2])


def beside(module: str) -> str | None:
    return next((name for name in BESIDE if is_within(module, name)), None)


def problem_with(found: Import) -> str | None:
    """Return what rule an import breaks, None when it breaks none."""
    return (
        broken_library_rule(found)
        or broken_importer_rule(found)
        or broken_never_rule(found)
        or broken_beside_rule(found)
        or broken_layer_rule(found)
    )


def broken_library_rule(found: Import) -> str | None:
    library = found.imported.partition(".")[0]
    if library not in LIBRARIES:
        return None
    if is_matched(found.importer, LIBRARIES[library]):
        return None
    return f"{library} is not for it"


def broken_importer_rule(found: Import) -> str | None:
    for package, importers in IMPORTERS.items():
        if not is_within(found.imported, package) or is_within(found.importer, package):
            continue
        if not is_matched(found.importer, importers):
            return f"{package} is not for it"
        if package == "ftrack_codegen" and not found.is_in_function:
            return "ftrack_codegen is imported in a function's body only"
    return None


def broken_never_rule(found: Import) -> str | None:
    for importers, never in NEVER.items():
        is_one = is_matched(found.importer, (importers,))
        if is_one and is_matched(found.imported, never):
            return f"{importers} never imports it"
    return None


def broken_beside_rule(found: Import) -> str | None:
    home = beside(found.importer)
    is_ours = found.imported.partition(".")[0] in PACKAGES
    if home is None or not is_ours or is_within(found.imported, home):
        return None
    if is_matched(found.imported, BESIDE[home]):
        return None
    return f"{home} stands beside the stack and does not know it"


def broken_layer_rule(found: Import) -> str | None:
    importer, imported = unit_of(found.importer), unit_of(found.imported)
    if importer is None or imported is None or importer[0] == imported[0]:
        return None
    if imported[1] < importer[1]:
        return None
    return (
        f"{importer[0]} (layer {importer[1]}) imports "
        f"{imported[0]} (layer {imported[1]})"
    )


def shown(found: Import, problem: str) -> str:
    return f"{found.importer}:{found.line} imports {found.imported}: {problem}"


# -- the tests ----------------------------------------------------------------


def test_every_import_keeps_to_the_layers() -> None:
    problems = []
    for module, path in our_modules().items():
        is_package = path.name == "__init__.py"
        for found in imports_of(module, path.read_text("utf-8"), is_package):
            problem = problem_with(found)
            if problem is not None:
                problems.append(shown(found, problem))

    assert problems == []


def test_every_module_has_its_place() -> None:
    homeless = [
        module
        for module in our_modules()
        if unit_of(module) is None and beside(module) is None
    ]

    assert homeless == []


def test_the_modules_are_found() -> None:
    modules = our_modules()

    assert modules[TOP] == ROOT / "ftrack_orm" / "__init__.py"
    assert {"ftrack_orm.transport.http", "ftrack_codegen", "ftrack_models.task"} <= set(
        modules
    )


# Planted: each must be found, or the test above proves nothing.
@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("ftrack_orm.errors", "from ftrack_orm.types import JSON"),
        ("ftrack_orm.types", "import ftrack_orm.errors"),
        ("ftrack_orm.schema.model", "from ftrack_orm.operations import Query"),
        ("ftrack_orm.query.path", "from ftrack_orm.select.select import Select"),
        ("ftrack_orm.query.path", "from ftrack_orm.schema.model import Schema"),
        ("ftrack_orm.query.path", "from ftrack_orm.entity.entity import Entity"),
        ("ftrack_orm.codec", "from ftrack_orm.entity.entity import Entity"),
        ("ftrack_orm.entity.entity", "from ftrack_orm.session.session import Session"),
        ("ftrack_orm.entity.entity", "from ftrack_orm.select import select"),
        ("ftrack_orm.entity.entity", "from ..select import select"),
        ("ftrack_orm.entity.entity", "from ftrack_orm import Session"),
        ("ftrack_orm.select.result", "def f():\n    import ftrack_orm.session.session"),
        ("ftrack_orm.select.result", "import ftrack_orm.transport.http"),
        ("ftrack_orm.select.result", "import ftrack_orm.unit_of_work.plan"),
        ("ftrack_orm.unit_of_work.plan", "from ftrack_orm.codec import encode"),
        ("ftrack_orm.unit_of_work.plan", "from ftrack_orm.transport import http"),
        ("ftrack_orm.session.session", "import requests"),
        ("ftrack_orm.transport.replies", "from requests.auth import AuthBase"),
        ("ftrack_orm.session.session", "import ftrack_models"),
        ("ftrack_orm.session.session", "from ftrack_codegen import package"),
        ("ftrack_orm.cli.generate", "from ftrack_codegen import package"),
        ("ftrack_orm.session.session", "from ftrack_orm.emulator import E"),
        ("ftrack_orm.session.session", "from ftrack_orm.cli.main import main"),
        ("ftrack_orm.emulator.wire", "from ftrack_orm.codec import encode"),
        ("ftrack_orm.emulator.emulator", "from ftrack_orm.query.path import Path"),
        ("ftrack_orm.emulator.emulator", "import sqlalchemy"),
        ("ftrack_orm.emulator.actions.query", "from sqlalchemy import select"),
        (
            "ftrack_orm.emulator.query_engine.evaluator",
            "from ftrack_orm.emulator.rules.defaults import fill",
        ),
        (
            "ftrack_orm.emulator.storage.storage",
            "from ftrack_orm.emulator.emulator import Emulator",
        ),
        ("ftrack_orm.entity.entity", "import click"),
        ("ftrack_models.task", "from ftrack_orm.entity.entity import Entity"),
        ("ftrack_codegen.package", "from ftrack_orm.session.session import Session"),
        ("ftrack_orm.codec", "from tests.unit import anything"),
        ("ftrack_orm.codec", "if TYPE_CHECKING:\n    pass\nelse:\n    import requests"),
        (
            "ftrack_orm.codec",
            "try:\n    import requests\nexcept ImportError:\n    pass",
        ),
    ],
)
def test_a_planted_bad_import_is_found(importer: str, source: str) -> None:
    (found,) = imports_of(importer, source)

    assert problem_with(found) is not None


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("ftrack_orm.codec", "from ftrack_orm.operations import Query"),
        ("ftrack_orm.entity.entity", "from ftrack_orm.query.path import Path"),
        ("ftrack_orm.entity.entity", "from .state import EntityState"),
        ("ftrack_orm.query.path", "from ftrack_orm.query.ast import Query"),
        (
            "ftrack_orm.query.path",
            "from ftrack_orm.schema.attribute_kind import AttributeKind",
        ),
        ("ftrack_orm.select.select", "from ftrack_orm.query.path import Path"),
        ("ftrack_orm.transport.http", "def f():\n    import requests"),
        ("ftrack_orm.emulator.storage.storage", "from sqlalchemy import select"),
        ("ftrack_orm.emulator.query_engine.parser", "from ftrack_orm.query import ast"),
        ("ftrack_orm.cli.emulate", "from ftrack_orm.emulator.emulator import Emulator"),
        ("ftrack_orm.cli.generate", "def f():\n    import ftrack_codegen.package"),
        ("ftrack_models.task", "from ftrack_orm import Entity"),
        ("ftrack_models.task", "from ._registry import registry"),
    ],
)
def test_a_good_import_is_let_through(importer: str, source: str) -> None:
    (found,) = imports_of(importer, source)

    assert problem_with(found) is None


def test_an_import_for_type_checkers_alone_is_none() -> None:
    source = "if TYPE_CHECKING:\n    from ftrack_orm.session.session import Session"

    assert imports_of("ftrack_orm.entity.entity", source) == []


def test_no_unit_test_starts_an_emulator() -> None:
    """`make quick` runs them; what needs a server is an integration test."""
    importers = [
        path.name
        for path in sorted((ROOT / "tests" / "unit").rglob("*.py"))
        for found in imports_of(f"tests.unit.{path.stem}", path.read_text("utf-8"))
        if found.imported.startswith(f"{TOP}.emulator")
    ]

    assert importers == []
