"""Import the public names of a package at their first use.

The stub of the package, ``__init__.pyi``, is the only list of its public names: type
checkers and this loader both read it.
"""

import re
import sys
import warnings
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType

_YOUNG = 700
"""Young objects that Python collects by default."""

_IMPORT = re.compile(r"^from ([\w.]+) import (?:\(([^)]*)\)|(.+))$", re.MULTILINE)


def public_names(
    package: str, *, former: str = "", distribution: str = "", extra: str = ""
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` for a package.

    Args:
        package: the dotted name of a package whose stub imports every public name
            as itself, as in ``from package.module import Name as Name``.
        former: a public module whose names the package also had in the last release;
            reading one gives a `DeprecationWarning`.
        distribution: the distribution whose version is the package's ``__version__``.
        extra: the extra of ``ftrack-orm`` with the libraries that the package needs;
            the error for a missing one names it.

    Raises:
        ImportError: the stub is not in the package.
    """
    modules = _defining_modules(package)
    namespace = vars(sys.modules[package])
    # Constants, classes, then functions, as ruff sorts `__all__`.
    names = sorted(
        modules, key=lambda name: (not name.isupper(), name[0].islower(), name)
    )

    def load(name: str) -> object:
        if name == "__version__" and distribution:
            return namespace.setdefault(name, _installed_version(distribution))
        module = modules.get(name)
        if module is None:
            return _moved(package, former, name, modules)
        # Stored in the package, so that Python calls `load` once for each name.
        value = namespace[name] = getattr(_imported(module, extra), name)
        return value

    def list_names() -> list[str]:
        special = ["__version__"] if distribution else []
        return sorted({*namespace, *names, *special})

    return load, list_names, names


def _imported(module: str, extra: str) -> ModuleType:
    """Import a module.

    Raises:
        ModuleNotFoundError: a library is missing, with the extra to install.
    """
    # The import of a package alone loads no other module.
    from ftrack_orm.gc_pause import gc_paused, promote_young_objects

    # All that an import creates stays, so a collection would free nothing: none runs
    # meanwhile, and the new objects count as old ones afterwards.
    try:
        with gc_paused():
            imported = import_module(module)
            promote_young_objects(at_least=_YOUNG)
        return imported
    except ModuleNotFoundError as error:
        if not extra or str(error.name).partition(".")[0] == "ftrack_orm":
            raise
        raise ModuleNotFoundError(
            f"{error.name} is not installed, which {module} needs. Install it with: "
            f"pip install 'ftrack-orm[{extra}]'",
            name=error.name,
        ) from error


def import_models(name: str) -> ModuleType:
    """Import a generated package; its attribute `registry` may still be missing.

    Raises:
        ModelsNotFoundError: there is no such package.
        ModuleNotFoundError: the package itself imports a module that is missing.
    """
    from ftrack_orm.errors.session import ModelsNotFoundError

    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise ModelsNotFoundError(name) from error
    except (TypeError, ValueError) as error:  # empty, or relative
        raise ModelsNotFoundError(name) from error


def _installed_version(distribution: str) -> str:
    """Return the version of an installed distribution, ``"0+unknown"`` without one."""
    # Imported here, because it takes as long as all else that the package imports.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        # The folder was copied, as into the scripts of a host application.
        return "0+unknown"


def _moved(package: str, former: str, name: str, names: Iterable[str]) -> object:
    """Return a name that has moved from a package to the module `former`.

    Raises:
        AttributeError: it has not; with similar names among the public `names`.
    """
    # Tools read special names of every module; that must not import another one.
    is_candidate = former and not name.startswith("_")
    value: object = getattr(import_module(former), name, None) if is_candidate else None
    if getattr(value, "__module__", None) != former:
        raise AttributeError(
            f"module {package!r} has no attribute {name!r}.{_suggestion(name, names)}",
            name=name,
            obj=sys.modules[package],
        )
    warnings.warn(
        f"{package}.{name} has moved: import it from {former}.",
        DeprecationWarning,
        stacklevel=3,
    )
    return value


def _suggestion(name: str, names: Iterable[str]) -> str:
    if name.startswith("_"):
        return ""
    # The import of a package alone loads no other module.
    from ftrack_orm.errors.suggestions import nearest, offer

    return offer(nearest(name, names))


def _defining_modules(package: str) -> dict[str, str]:
    """Return the module that defines each public name, by name."""
    module = sys.modules[package]
    path = Path(str(module.__file__)).with_name("__init__.pyi")
    loader = module.__spec__ and module.__spec__.loader
    try:
        # The loader also reads from a zip file, in which no path can be opened.
        data: bytes = loader.get_data(str(path))  # type: ignore[union-attr]
    except OSError as error:
        raise ImportError(
            f"{path.name} of {package} is missing. Install the package again.",
            name=package,
        ) from error
    return {
        name.split(" as ")[0].strip(): defining_module
        for defining_module, several_names, single_name in _IMPORT.findall(
            data.decode()
        )
        for name in (several_names or single_name).split(",")
        if name.strip()
    }
