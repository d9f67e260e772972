"""How the demo is looked at: dailies, lists, sessions with the client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ftrack_orm.emulator.demo import names
from ftrack_orm.emulator.demo.calendar import (
    NOW,
    TODAY,
    date_of,
    day_of,
    moment,
    text,
)
from ftrack_orm.emulator.demo.people import user_id
from ftrack_orm.emulator.demo.publishing import Published
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.demo.schedule import Piece
from ftrack_orm.emulator.stock import studio

_CATEGORY_IDS: Final = {row.name: row.id for row in studio.LIST_CATEGORIES}
_MOST: Final = 24
_DAYS: Final = 5
_CLIENTS: Final = (
    ("Olga Brandt", "olga@peach.example.com"),
    ("Ravi Menon", "ravi@peach.example.com"),
)


class Review:
    """Makes lists and review sessions.

    Attributes:
        shown: every version that is in one of them.
    """

    def __init__(self, rows: Rows, project_id: str) -> None:
        self.shown: list[Published] = []
        self._rows = rows
        self._project_id = project_id

    def make(self, latest: Sequence[Published], shots: Sequence[Piece]) -> None:
        """Add dailies of the last days, a delivery, a list of shots, and sessions."""
        self._make_dailies(latest)
        finals = [each for each in latest if _is_final(each)][:_MOST]
        self._make_list(
            "AssetVersionList",
            "delivery 1",
            "Deliveries",
            NOW,
            [made.id for made in finals],
        )
        some = shots[:: max(1, len(shots) // 8)]
        self._make_list(
            "TypedContextList",
            "trailer shots",
            "Default",
            moment(TODAY - 10, 12),
            [shot.id for shot in some],
        )
        self._make_sessions(latest, finals)

    def _make_dailies(self, latest: Sequence[Published]) -> None:
        """Add a list for each of the last days, of what was new then."""
        by_day: dict[int, list[Published]] = {}
        for made in latest:
            by_day.setdefault(day_of(made.moment), []).append(made)
        days = sorted(by_day)[-_DAYS:]
        for day in days:
            versions = by_day[day][:_MOST]
            self.shown += versions
            is_open = day == days[-1]
            self._make_list(
                "AssetVersionList",
                "dailies" if is_open else f"dailies {date_of(day)}",
                "Dailies",
                moment(day, 16),
                [made.id for made in versions],
                is_open=is_open,
            )

    def _make_list(
        self,
        entity_type: str,
        name: str,
        category: str,
        at: int,
        items: Sequence[str],
        *,
        is_open: bool = True,
    ) -> None:
        list_id = self._rows.id(entity_type, name)
        is_of_versions = entity_type == "AssetVersionList"
        self._rows.add(
            entity_type,
            id=list_id,
            name=name,
            is_open=is_open,
            category_id=_CATEGORY_IDS[category],
            project_id=self._project_id,
            user_id=user_id(names.COORDINATOR),
            date=text(at),
            system_type="assetversion" if is_of_versions else "task",
        )
        for item in items:
            self._rows.add(
                "ListObject",
                id=self._rows.id("ListObject", name, item),
                list_id=list_id,
                entity_id=item,
            )

    # -- sessions with the client ------------------------------------------------

    def _make_sessions(
        self, latest: Sequence[Published], finals: Sequence[Published]
    ) -> None:
        folder_id = self._rows.id("ReviewSessionFolder")
        self._rows.add(
            "ReviewSessionFolder",
            id=folder_id,
            name="Client reviews",
            project_id=self._project_id,
        )
        waiting = [each for each in latest if each.status == "Pending Review"][:_MOST]
        self._make_session(
            "Finals", folder_id, TODAY - 5, [each for each in finals if _is_old(each)]
        )
        self._make_session("This week", folder_id, TODAY, waiting)

    def _make_session(
        self, name: str, folder_id: str, day: int, versions: Sequence[Published]
    ) -> None:
        session_id = self._rows.id("ReviewSession", name)
        created = moment(day, 17.5)
        made_by = {
            "created_by_id": user_id(names.COORDINATOR),
            "created_at": text(created),
        }
        self._rows.add(
            "ReviewSession",
            id=session_id,
            name=name,
            description="For the client, with notes please.",
            start_date=text(created),
            end_date=text(moment(day + 5, 18)),
            project_id=self._project_id,
            review_session_folder_id=folder_id,
            **made_by,
        )
        invitees = [
            self._rows.add(
                "ReviewSessionInvitee",
                id=self._rows.id("ReviewSessionInvitee", name, email),
                name=invitee,
                email=email,
                review_session_id=session_id,
                last_sent_at=text(created),
                **made_by,
            )["id"]
            for invitee, email in _CLIENTS
        ]
        for place, version in enumerate(versions):
            object_id = self._rows.id("ReviewSessionObject", name, version.id)
            self._rows.add(
                "ReviewSessionObject",
                id=object_id,
                name=f"{version.piece.name} {version.asset}",
                description="",
                version=f"Version {version.number}",
                version_id=version.id,
                review_session_id=session_id,
                created_at=text(created),
                sort_order=place,
            )
            if day < TODAY:
                self._judge(object_id, invitees, version, day + 1)
        self.shown += versions

    def _judge(
        self, object_id: str, invitees: Sequence[str], version: Published, day: int
    ) -> None:
        """Let the clients say what they think, in the week after."""
        for hour, invitee_id in enumerate(invitees, 10):
            is_liked = version.status == "Client approved" or self._rows.chance(0.5)
            self._rows.add(
                "ReviewSessionObjectStatus",
                id=self._rows.id("ReviewSessionObjectStatus", object_id, invitee_id),
                review_session_invitee_id=invitee_id,
                review_session_object_id=object_id,
                status="approved" if is_liked else "seen",
                created_at=text(moment(day, hour)),
            )


def _is_final(made: Published) -> bool:
    """Return whether a version is the approved last step of a shot."""
    is_last_step = made.task.kind.name == "compositing"
    return is_last_step and made.status in ("Approved", "Client approved")


def _is_old(made: Published) -> bool:
    """Return whether a version was there a week ago."""
    return made.moment < moment(TODAY - 5, 17.5)
