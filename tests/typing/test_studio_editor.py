"""Completion of a studio's keys in an editor: pyright's server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.support.language_server import LanguageServer, Position, marked
from tests.support.studio import write_studio_package

PREAMBLE: Final = [
    "from studio_models import Shot, StudioSession",
    "session = StudioSession()",
    "shots = session.select(Shot).all()",
    "shot = shots[0]",
]

KEYS: Final = frozenset({'"fend"', '"frame-rate"', '"class"', '"colour"'})

COMPLETIONS: Final = (
    'shot.custom_attributes["|"]',
    'shot.custom_attributes.is_set("|")',
    'shot.custom_attributes.effective("|")',
    'shot.effective("|")',
    'session.effective(shots, ["|"])',
    'session.effective(shots, ("fend", "|"))',
)

HOVERS: Final = {
    'shot.effec|tive("fend")': ("key: ShotCustomKey", "the entity that stores it"),
    'shot.custom_attributes.is_s|et("fend")': ("ShotCustomKey", "a stored value"),
    'session.effec|tive(shots, ["fend"])': ("keys: KeysOf[", "inherited ones"),
}
"""Line, with the cursor: the type and a part of the docstring that are shown."""

DOCUMENT, POSITIONS = marked([*PREAMBLE, *COMPLETIONS, *HOVERS])

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """A server in a folder with the package of the studio."""
    folder = tmp_path_factory.mktemp("studio_editor")
    write_studio_package(folder)
    with LanguageServer(folder, DOCUMENT) as running:
        yield running


@pytest.mark.parametrize(
    "position", POSITIONS[: len(COMPLETIONS)], ids=dict.fromkeys(COMPLETIONS)
)
def test_completion_offers_the_keys_of_the_type(
    server: LanguageServer, position: Position
) -> None:
    labels = {item["label"] for item in server.completions(position)}

    assert labels >= KEYS
    assert '"plate"' not in labels  # of one project only


@pytest.mark.parametrize(
    ("position", "expected"),
    list(zip(POSITIONS[len(COMPLETIONS) :], HOVERS.values(), strict=True)),
    ids=HOVERS,
)
def test_hover_shows_the_keys_and_the_docstring(
    server: LanguageServer, position: Position, expected: tuple[str, str]
) -> None:
    shown = server.hover(position)

    assert expected[0] in shown
    assert expected[1] in shown
