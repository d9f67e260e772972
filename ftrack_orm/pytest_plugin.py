"""Fixtures for pytest: an ftrack server, and a session on it, clean for every test.

pytest finds them by itself when the ``emulator`` extra is installed. The server is
made once in a process and put back to its seed before each test, which takes a few
milliseconds::

    def test_a_shot_can_be_published(ftrack_session):
        shot = ftrack_session.select(Shot).one()

    @pytest.mark.ftrack_emulator(seed="demo")
    def test_the_report(ftrack_emulator):
        with ftrack_emulator.expect_calls(1):
            main()                    # opens a Session() of its own

While a test uses either, ``FTRACK_SERVER``, ``FTRACK_API_USER`` and
``FTRACK_API_KEY`` name the emulator, so that code which opens its own session meets
it and no real server.
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
    """Add the settings that say what a server holds unless its test says otherwise."""
    parser.addini(
        _SEED, "What ftrack_emulator holds before a test.", default="standard"
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
        "ftrack_emulator(**options): what ftrack_emulator is made with, such as "
        "seed='demo'; the options are those of ftrack_orm.emulator.Emulator.",
    )


class EmulatorPool:
    """The emulators of a process, one for each way they were asked for."""

    def __init__(self) -> None:
        self._made: dict[Hashable, tuple[Emulator, bytes, dict[str, Any]]] = {}

    def clean(self, options: dict[str, Any]) -> Emulator:
        """Return the emulator made with `options`, as it was after its seed.

        Its rows, files, call_log, faults and event hub are those of a new one.
        """
        key = tuple((name, _hashable(options[name])) for name in sorted(options))
        if key not in self._made:
            emulator = _make(options).start()
            # The options are kept: a schema is known by what it is, not by its id.
            self._made[key] = emulator, emulator.snapshot(), options
        emulator, snapshot, _ = self._made[key]
        # Before the data: whoever listened to the test before hears of nothing else.
        emulator.event_hub.reset()
        emulator.restore(snapshot)
        emulator.forget()
        return emulator

    def close(self) -> None:
        """Stop every emulator."""
        for emulator, _, _ in self._made.values():
            emulator.close()
        self._made.clear()


@pytest.fixture(scope="session")
def ftrack_emulator_pool() -> Iterator[EmulatorPool]:
    """Return where emulators are kept between tests."""
    pool = EmulatorPool()
    yield pool
    pool.close()


@pytest.fixture
def ftrack_emulator(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    ftrack_emulator_pool: EmulatorPool,
) -> Emulator:
    """Return a server as after its seed; the environment names it.

    The marker ``ftrack_emulator`` says what it is made with.
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
    """Return an administrator's session on `ftrack_emulator`, in process.

    What the test does not commit is lost.
    """
    from ftrack_orm.session.session import Session

    models = _options(request)["models"]
    with Session(transport=ftrack_emulator.transport(), models=models) as session:
        yield session


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    found = {
        "seed": request.config.getini(_SEED),
        "models": request.config.getini(_MODELS),
    }
    # The closest marker wins, so the farthest comes first.
    for marker in reversed(list(request.node.iter_markers("ftrack_emulator"))):
        if marker.args:
            raise pytest.UsageError("The marker ftrack_emulator takes options by name.")
        found.update(marker.kwargs)
    return found


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
