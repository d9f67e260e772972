"""Fixtures for pytest: an ftrack server and a session on it, reset for every test.

pytest loads them if the ``emulator`` extra is installed. The server is created once in
a process and reset to its seed before each test, which takes a few milliseconds::

    def test_a_shot_can_be_published(ftrack_session):
        shot = ftrack_session.select(Shot).one()

    @pytest.mark.ftrack_emulator(seed="demo")
    def test_the_report(ftrack_emulator):
        with ftrack_emulator.expect_calls(1):
            main()                    # opens a Session()

    def test_numbers_become_codes(ftrack_rehearsal):
        emulator = ftrack_rehearsal(
            "migrations/20261126_7f3a_cut_code", snapshot="bunny.snapshot"
        )
        with Session(transport=emulator.transport()) as session:
            ...                       # the rows after the revision was applied

While a test uses one of them, ``FTRACK_SERVER``, ``FTRACK_API_USER`` and
``FTRACK_API_KEY`` hold the emulator's credentials, so that code which opens a session
connects to the emulator and not to a real server.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ftrack_orm.emulator import Emulator
    from ftrack_orm.session.session import Session

_SEED = "ftrack_emulator_seed"
_MODELS = "ftrack_emulator_models"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings with the default options of `ftrack_emulator`."""
    parser.addini(
        _SEED, "Seed of ftrack_emulator before each test.", default="standard"
    )
    parser.addini(
        _MODELS,
        "Generated package whose schema ftrack_emulator serves.",
        default="ftrack_models",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        "ftrack_emulator(**options): options of ftrack_emulator, such as seed='demo'; "
        "they are the arguments of ftrack_orm.emulator.Emulator.",
    )


class EmulatorPool:
    """The emulators of a process, one for each set of options."""

    def __init__(self) -> None:
        self._emulators: dict[Hashable, tuple[Emulator, bytes, dict[str, Any]]] = {}

    def clean(self, options: dict[str, Any]) -> Emulator:
        """Return the emulator with `options`, reset to its seed.

        Its rows, files, call_log, faults and event hub are those of a new emulator.
        """
        key = tuple((name, _hashable(options[name])) for name in sorted(options))
        if key not in self._emulators:
            emulator = _make(options).start()
            # The options are stored too: the key may contain the id() of a value,
            # which must not be reused.
            self._emulators[key] = emulator, emulator.snapshot(), options
        emulator, snapshot, _ = self._emulators[key]
        # Before the data, so that listeners of the previous test receive nothing more.
        emulator.event_hub.reset()
        emulator.restore(snapshot)
        emulator.forget()
        return emulator

    def close(self) -> None:
        """Close all emulators."""
        for emulator, _, _ in self._emulators.values():
            emulator.close()
        self._emulators.clear()


@pytest.fixture(scope="session")
def ftrack_emulator_pool() -> Iterator[EmulatorPool]:
    """Return the emulators that tests share."""
    pool = EmulatorPool()
    yield pool
    pool.close()


@pytest.fixture
def ftrack_emulator(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    ftrack_emulator_pool: EmulatorPool,
) -> Emulator:
    """Return a running emulator, reset to its seed; its URL is in the environment.

    The marker ``ftrack_emulator`` sets the arguments of the emulator.
    """
    emulator = ftrack_emulator_pool.clean(_options(request))
    _set_environment(monkeypatch, emulator)
    return emulator


def _set_environment(monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> None:
    credentials = emulator.credentials
    monkeypatch.setenv("FTRACK_SERVER", credentials["server_url"])
    monkeypatch.setenv("FTRACK_API_USER", credentials["api_user"])
    monkeypatch.setenv("FTRACK_API_KEY", credentials["api_key"])


@pytest.fixture
def ftrack_session(
    request: pytest.FixtureRequest, ftrack_emulator: Emulator
) -> Iterator[Session]:
    """Return an in-process session on `ftrack_emulator`, as the administrator.

    Changes that the test does not commit are lost.
    """
    from ftrack_orm.session.session import Session

    models = _options(request)["models"]
    with Session(transport=ftrack_emulator.transport(), models=models) as session:
        yield session


@pytest.fixture
def ftrack_rehearsal(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Emulator]]:
    """Return a function that applies a revision or tool to an emulator.

    ``ftrack_rehearsal(path, snapshot=…, **parameters)`` returns the running emulator.
    Without a snapshot it is that of `ftrack_emulator`, with the options of the marker
    and the rows that the test has added there. A second call without one applies a
    further revision to the same emulator. A plan that a risk refuses, and a unit that
    is left out, fail the test. Revisions that this one needs are taken for applied.
    """
    options = _options(request)
    emulators: dict[Path | None, Emulator] = {}
    with ExitStack() as stack:

        def rehearse(
            path: str | Path, *, snapshot: str | Path | None = None, **parameters: Any
        ) -> Emulator:
            key = None if snapshot is None else Path(snapshot).resolve()
            if key not in emulators:
                if key is None:
                    # The rows that the test has prepared there stay.
                    emulators[key] = request.getfixturevalue("ftrack_emulator")
                else:
                    emulators[key] = stack.enter_context(_from_snapshot(key))
            emulator = emulators[key]
            _set_environment(monkeypatch, emulator)
            _apply(emulator, Path(path), parameters, options["models"])
            return emulator

        yield rehearse


def _from_snapshot(path: Path) -> Emulator:
    try:
        from ftrack_orm.cli.snapshot_file import open_snapshot
    except ImportError as error:
        raise pytest.UsageError(
            f"ftrack_rehearsal needs {error.name}: pip install 'ftrack-orm[emulator]'"
        ) from error
    emulator, _ = open_snapshot(path)
    return emulator


def _apply(
    emulator: Emulator, path: Path, parameters: dict[str, Any], models: str
) -> None:
    """Plan the module at `path` and apply it; fail the test if a unit is left out."""
    from ftrack_orm.migrations.client import RunClient
    from ftrack_orm.migrations.options import RunOptions
    from ftrack_orm.migrations.parameters import validated
    from ftrack_orm.migrations.plan_function import plan_function
    from ftrack_orm.migrations.probes import initialize
    from ftrack_orm.migrations.revision import load_module
    from ftrack_orm.migrations.runs import apply
    from ftrack_orm.migrations.status import mark_revision
    from ftrack_orm.session.session import Session

    module = load_module(path)
    used = models if module.registry is None else module.registry
    transport = emulator.transport()
    with (
        Session(transport=transport, models=models, check_schema="ignore") as session,
        Session(transport=transport, models=used, check_schema="ignore") as planning,
    ):
        client = RunClient(session)
        initialize(client)
        for name in module.revision.needs if module.revision else ():
            mark_revision(client, name, "applied")
        keywords = validated(module.up, parameters)
        with plan_function(
            planning,
            module.up,
            kwargs=keywords,
            revision=module.revision,
            code_digest=module.digest,
            source=module.path,
        ) as plan:
            outcome = apply(session, plan, options=RunOptions(load=1.0, upload=False))
    if outcome.skipped:
        pytest.fail("\n".join(["Units were left out:", *outcome.details]))


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    options = {
        "seed": request.config.getini(_SEED),
        "models": request.config.getini(_MODELS),
    }
    # The closest marker wins, so the farthest comes first.
    for marker in reversed(list(request.node.iter_markers("ftrack_emulator"))):
        if marker.args:
            raise pytest.UsageError("The marker ftrack_emulator takes options by name.")
        options.update(marker.kwargs)
    return options


def _make(options: dict[str, Any]) -> Emulator:
    try:
        from ftrack_orm.emulator import Emulator
    except ImportError as error:
        raise pytest.UsageError(
            f"ftrack_emulator needs {error.name}: pip install 'ftrack-orm[emulator]'"
        ) from error
    return Emulator(**options)


def _hashable(value: Any) -> Hashable:
    return value if isinstance(value, Hashable) else id(value)
