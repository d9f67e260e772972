"""Edits that the official Python client can commit at once are one commit here too.

Each scenario is written for both clients, in the words of each, and runs on the same
data. The official client's commit has to succeed, ours has to send one request, and the
two servers have to hold the same afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from tests.support.commit_scenarios import SCENARIOS, Scenario
from tests.support.emulator_records import sql
from tests.support.official_client import connect

STATE = (
    """select c.__type__, c.name, p.name, c.description, c.status_id from Context c
    left join Context p on p.id = c.parent_id""",
    """select a.name, v.version, v.comment, t.name, s.name from AssetVersion v
    join Asset a on a.id = v.asset_id left join Context t on t.id = v.task_id
    left join Component s on s.id = v.thumbnail_id""",
    """select a.name, c.name from Asset a left join Context c on c.id = a.context_id""",
    """select c.name, v.version, a.name, o.name from Component c
    left join AssetVersion v on v.id = c.version_id
    left join Asset a on a.id = v.asset_id
    left join Component o on o.id = c.container_id""",
    """select c.name, m.key, m.value from Metadata m
    join Context c on c.id = m.parent_id""",
    """select r.username, c.name, a.type from Appointment a
    join Context c on c.id = a.context_id join Resource r on r.id = a.resource_id""",
    "select u.username, t.comment from Timer t join Resource u on u.id = t.user_id",
    """select n.content, c.name, r.content from Note n
    left join Context c on c.id = n.parent_id
    left join Note r on r.id = n.in_reply_to_id""",
    """select f.version, t.version, a.name from AssetVersionLink l
    join AssetVersion f on f.id = l.from_id join AssetVersion t on t.id = l.to_id
    join Asset a on a.id = t.asset_id""",
    """select l.name, v.version, a.name from ListObject o
    join List l on l.id = o.list_id join AssetVersion v on v.id = o.entity_id
    join Asset a on a.id = v.asset_id""",
)
"""Names in place of keys, as the two clients make other keys for the same things."""


def state_of(emulator: Emulator) -> list[list[str]]:
    """Return all that the scenarios change, in an order that keys do not decide."""
    return [sorted(map(str, sql(emulator, statement))) for statement in STATE]


@pytest.fixture(scope="module")
def official_session(
    seeded: tuple[Emulator, bytes], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The official client on the same emulator."""
    emulator, _ = seeded
    emulator.start()
    client = connect(emulator, tmp_path_factory.mktemp("schema-cache"))
    yield client
    client.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.ours.__name__)
def test_one_commit_leads_where_the_official_clients_leads(
    scenario: Scenario,
    seeded: tuple[Emulator, bytes],
    emulator: Emulator,
    session: Session,
    official_session: Any,
) -> None:
    before = state_of(emulator)
    official_session.reset()
    scenario.official(official_session)
    official_session.commit()
    expected = state_of(emulator)
    emulator.restore(seeded[1])
    scenario.ours(session)

    with emulator.expect_calls(1):
        session.commit()

    assert state_of(emulator) == expected
    assert expected != before
    assert not session.plan()
