"""What no checker can see is refused when it runs, before anything is sent."""

from __future__ import annotations

import pytest

from ftrack_orm import FtrackError, Session
from tests.typing.cases.unseen import UNSEEN, Act


class NoTransport:
    """A transport that nothing may be sent by."""

    server_url = "https://studio.example"

    def call(self, *_: object, **__: object) -> None:
        raise AssertionError("a request was made")

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("act", "error"), UNSEEN.values(), ids=UNSEEN.keys())
def test_it_is_refused_at_once(act: Act, error: type[FtrackError]) -> None:
    session = Session(transport=NoTransport())  # type: ignore[arg-type] # never called
    with pytest.raises(error):
        act(session)
