"""Dailies, lists and client review sessions of the demo."""

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
from ftrack_orm.emulator.demo.publishing import PublishedVersion
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.demo.schedule import PlannedContext
from ftrack_orm.emulator.stock import studio

_CATEGORY_IDS: Final = {row.name: row.id for row in studio.LIST_CATEGORIES}
_MAX_ITEMS: Final = 24
_DAILIES: Final = 5
_CLIENTS: Final = (
    ("Olga Brandt", "olga@peach.example.com"),
    ("Ravi Menon", "ravi@peach.example.com"),
)


class Review:
    """Makes lists and review sessions.

    Attributes:
        versions: the versions in dailies and review sessions.
    """

    def __init__(self, rows: Rows, project_id: str) -> None:
        self.versions: list[PublishedVersion] = []
        self._rows = rows
        self._project_id = project_id

    def make(
        self, latest: Sequence[PublishedVersion], shots: Sequence[PlannedContext]
    ) -> None:
        """Add dailies of the last days, a delivery, a list of shots, and sessions."""
        self._make_dailies(latest)
        finals = [version for version in latest if _is_final(version)][:_MAX_ITEMS]
        self._make_list(
            "AssetVersionList",
            "delivery 1",
            "Deliveries",
            NOW,
            [version.id for version in finals],
        )
        sample = shots[:: max(1, len(shots) // 8)]
        self._make_list(
            "TypedContextList",
            "trailer shots",
            "Default",
            moment(TODAY - 10, 12),
            [shot.id for shot in sample],
        )
        self._make_sessions(latest, finals)

    def _make_dailies(self, latest: Sequence[PublishedVersion]) -> None:
        """Add a list for each of the last days, with the versions of that day."""
        by_day: dict[int, list[PublishedVersion]] = {}
        for version in latest:
            by_day.setdefault(day_of(version.moment), []).append(version)
        days = sorted(by_day)[-_DAILIES:]
        for day in days:
            versions = by_day[day][:_MAX_ITEMS]
            self.versions += versions
            is_open = day == days[-1]
            self._make_list(
                "AssetVersionList",
                "dailies" if is_open else f"dailies {date_of(day)}",
                "Dailies",
                moment(day, 16),
                [version.id for version in versions],
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
        self, latest: Sequence[PublishedVersion], finals: Sequence[PublishedVersion]
    ) -> None:
        folder_id = self._rows.id("ReviewSessionFolder")
        self._rows.add(
            "ReviewSessionFolder",
            id=folder_id,
            name="Client reviews",
            project_id=self._project_id,
        )
        pending = [version for version in latest if version.status == "Pending Review"]
        approved = [version for version in finals if _is_older_than_a_week(version)]
        self._make_session("Finals", folder_id, TODAY - 5, approved)
        self._make_session("This week", folder_id, TODAY, pending[:_MAX_ITEMS])

    def _make_session(
        self, name: str, folder_id: str, day: int, versions: Sequence[PublishedVersion]
    ) -> None:
        session_id = self._rows.id("ReviewSession", name)
        created = moment(day, 17.5)
        creation = {
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
            **creation,
        )
        invitees = [
            self._rows.add(
                "ReviewSessionInvitee",
                id=self._rows.id("ReviewSessionInvitee", name, email),
                name=invitee,
                email=email,
                review_session_id=session_id,
                last_sent_at=text(created),
                **creation,
            )["id"]
            for invitee, email in _CLIENTS
        ]
        for place, version in enumerate(versions):
            object_id = self._rows.id("ReviewSessionObject", name, version.id)
            self._rows.add(
                "ReviewSessionObject",
                id=object_id,
                name=f"{version.context.name} {version.asset}",
                description="",
                version=f"Version {version.number}",
                version_id=version.id,
                review_session_id=session_id,
                created_at=text(created),
                sort_order=place,
            )
            if day < TODAY:
                self._add_statuses(object_id, invitees, version, day + 1)
        self.versions += versions

    def _add_statuses(
        self,
        object_id: str,
        invitees: Sequence[str],
        version: PublishedVersion,
        day: int,
    ) -> None:
        """Add the status that each client set, one hour after the other."""
        for hour, invitee_id in enumerate(invitees, 10):
            is_approved = version.status == "Client approved" or self._rows.chance(0.5)
            self._rows.add(
                "ReviewSessionObjectStatus",
                id=self._rows.id("ReviewSessionObjectStatus", object_id, invitee_id),
                review_session_invitee_id=invitee_id,
                review_session_object_id=object_id,
                status="approved" if is_approved else "seen",
                created_at=text(moment(day, hour)),
            )


def _is_final(version: PublishedVersion) -> bool:
    """Return whether a version is the approved last step of a shot."""
    is_last_step = version.task.step.name == "compositing"
    return is_last_step and version.status in ("Approved", "Client approved")


def _is_older_than_a_week(version: PublishedVersion) -> bool:
    return version.moment < moment(TODAY - 5, 17.5)
