"""A network that loses, repeats and delays a part of the requests."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Final

from ftrack_orm import ConnectionLostError, RequestTimeoutError
from ftrack_orm.types import Reply, Transport
from tests.support.transports import PassingTransport

_WRITES: Final = (b'"action":"create"', b'"action":"update"', b'"action":"delete"')


class RepeatingTransport(PassingTransport):
    """Passes requests on; one in ten meets an accident.

    Attributes:
        applied: how often each batch that writes was applied.
        accidents: the number of accidents, by kind.
    """

    def __init__(self, inner: Transport, seed: int, share: float = 0.1) -> None:
        super().__init__(inner)
        self.applied: Counter[bytes] = Counter()
        self.accidents: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._share = share
        self._late: list[tuple[int, bytes, Callable[[], Reply]]] = []
        self._count = 0

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply, after the copies that are due arrived."""
        self._count += 1
        self.deliver(self._count)
        if self._random.random() >= self._share:
            return self._arrive(body, send)
        kinds = ("repeated", "late copy", "delayed", "lost reply", "lost request")
        kind = self._random.choice(kinds)
        self.accidents[kind] += 1
        due = self._count + self._random.randint(1, 4)
        if kind in ("late copy", "delayed"):
            self._late.append((due, body, send))
        if kind == "delayed":
            raise RequestTimeoutError(self.server_url, 60)
        if kind == "lost request":
            raise ConnectionLostError(self.server_url, "lost before it arrived")
        reply = self._arrive(body, send)
        if kind == "repeated":
            self._arrive(body, send)
        if kind == "lost reply":
            raise ConnectionLostError(self.server_url, "lost after it arrived")
        return reply

    def deliver(self, count: int = 10**9) -> None:
        """Let the copies arrive that are due before request `count`."""
        due = [item for item in self._late if item[0] <= count]
        self._late = [item for item in self._late if item[0] > count]
        for _, body, send in due:
            self._arrive(body, send)

    def _arrive(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        reply = send()
        is_applied = isinstance(json.loads(reply.body), list)
        if is_applied and any(word in body for word in _WRITES):
            self.applied[body] += 1
        return reply
