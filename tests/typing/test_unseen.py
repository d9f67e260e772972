"""What no checker can see is refused when it runs, before anything is sent."""

from __future__ import annotations

import pytest

from ftrack_orm import FtrackError, Session
from tests.support.transports import UnusedTransport
from tests.typing.cases.unseen import UNSEEN, Act


@pytest.mark.parametrize(("act", "error"), UNSEEN.values(), ids=UNSEEN.keys())
def test_it_is_refused_at_once(act: Act, error: type[FtrackError]) -> None:
    session = Session(transport=UnusedTransport())
    with pytest.raises(error):
        act(session)
