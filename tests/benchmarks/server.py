"""The server of a benchmark: an emulator with a large production, in its own process.

In its own process its work is not counted as a client's, and both clients get the
same answers.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ftrack_models import Appointment, Task, User
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.demo import build_demo
from ftrack_orm.emulator.seed.planter import Planter, seeded_id

TASKS_PER_SHOT = 4
"""Tasks of each shot in the large production."""

LOOP_PRODUCTION = 2
LOOP_SHOTS = 200
LOOP_TASKS_PER_SHOT = 5
"""The small production, whose tree of 1,000 tasks is walked."""


class Served(NamedTuple):
    """What a client needs of the server."""

    server_url: str
    api_user: str
    api_key: str
    loop_project_id: str

    def session(self, **options: object) -> Session:
        """Return our session on it."""
        return Session(self.server_url, self.api_user, self.api_key, **options)  # type: ignore[arg-type] # passed on as given


@contextmanager
def serving(tasks: int) -> Iterator[Served]:
    """Serve a production of at least `tasks` tasks from another process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", str(tasks)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Served(*json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(30)


def _main(tasks: int) -> None:
    emulator = Emulator()
    shots = -(-tasks // TASKS_PER_SHOT)
    build_demo(
        emulator.storage,
        1,
        shots=shots,
        tasks_per_shot=TASKS_PER_SHOT,
        versions_per_shot=0,
    )
    build_demo(
        emulator.storage,
        LOOP_PRODUCTION,
        shots=LOOP_SHOTS,
        tasks_per_shot=LOOP_TASKS_PER_SHOT,
        versions_per_shot=0,
    )
    _assign_everyone_twice(emulator)
    with emulator:
        _answer_at_once(emulator)
        credentials = emulator.credentials
        served = Served(
            credentials["server_url"],
            credentials["api_user"],
            credentials["api_key"],
            seeded_id(LOOP_PRODUCTION, "Project"),
        )
        print(json.dumps(served), flush=True)
        sys.stdin.read()  # until the parent closes it


def _answer_at_once(emulator: Emulator) -> None:
    """Keep the kernel from holding back small replies for 40 ms.

    asyncio does this by itself for sockets that name their protocol.
    """
    listener = emulator._listener
    assert listener is not None
    listener._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _assign_everyone_twice(emulator: Emulator) -> None:
    """Give every task one more user: those of the far future have none."""
    session = Session(transport=emulator.transport())
    tasks = session.select(Task).values(Task.id)
    users = session.select(User).values(User.id)
    rows = [
        {
            "id": seeded_id("second", task_id),
            "type": "assignment",
            "context_id": task_id,
            "resource_id": users[number % len(users)][0],
        }
        for number, (task_id,) in enumerate(tasks)
    ]
    with emulator.storage.transaction() as connection:
        planter = Planter(emulator.storage, connection)
        planter.add(Appointment.__ftrack__.name, rows)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
