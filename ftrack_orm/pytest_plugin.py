"""Fixtures for pytest: an ftrack server and a session on it, reset for every test.

pytest loads them if the ``emulator`` extra is installed. The server is created once in
a process and reset to its seed before each test, which takes a few milliseconds::

    def test_a_shot_can_be_published(ftrack_session):
        shot = ftrack_session.select(Shot).one()

    @pytest.mark.ftrack_emulator(seed="demo")
    def test_the_report(ftrack_emulator):
        with ftrack_emulator.expect_calls(1):
            main()                    # opens a Session()

While a test uses one of them, ``FTRACK_SERVER``, ``FTRACK_API_USER`` and
``FTRACK_API_KEY`` hold the emulator's credentials, so that code which opens a session
connects to the emulator and not to a real server.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
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
    credentials = emulator.credentials
    monkeypatch.setenv("FTRACK_SERVER", credentials["server_url"])
    monkeypatch.setenv("FTRACK_API_USER", credentials["api_user"])
    monkeypatch.setenv("FTRACK_API_KEY", credentials["api_key"])
    return emulator


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
