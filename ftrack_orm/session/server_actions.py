"""The other documented actions of a server, each as a typed method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ftrack_orm.operations import (
    DelayedJob,
    GenerateSignedUrl,
    GetWidgetUrl,
    QueryServerInformation,
    ResetRemote,
    SendReviewSessionInvite,
    SendUserInvite,
)
from ftrack_orm.session.base import SessionBase
from ftrack_orm.session.entity_data import id_of
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

WidgetName: TypeAlias = Literal["info", "tasks", "tasks_browser"]
WidgetTheme: TypeAlias = Literal["light", "dark"]


class ServerActions(SessionBase):
    """What a server can do besides reading and writing entities.

    A single entity is meant wherever an id is, and the other way round. None of these
    is repeated by itself when its answer is lost, unless doing it twice is harmless.
    """

    @property
    def server_information(self) -> JSONObject:
        """Return what the server has said it is; asked for when it has not yet.

        The keys are those of protocol 2.6; ``server_information_values`` of the
        session limits them.
        """
        information = self._core.information
        if not information.is_stored:
            information.store(self.get_server_information(information.values))
        return dict(information.by_key)

    def get_server_information(self, values: Sequence[str] | None = None) -> JSONObject:
        """Ask the server what it is, and return it (protocol 2.6).

        Args:
            values: the keys to ask for; all that the server tells when not given.
        """
        asked = None if values is None else tuple(values)
        information: JSONObject = self.call([QueryServerInformation(asked)])[0].data
        return information

    def reset_remote(self, reset_type: str, entity: Entity) -> Any:
        """Have the server make an attribute anew; return its new value.

        Servers know ``"api_key"`` of a `User` (protocol 2.10): the old key stops
        working at once, for this session too when it uses it.

        Args:
            reset_type: the attribute.
            entity: whose attribute.
        """
        reference = entity.reference
        operation = ResetRemote(reset_type, reference.entity_type, reference.key[0])
        return self.call([operation])[0].data[reset_type]

    def send_user_invite(self, *users: Entity | str) -> None:
        """Have the server invite users by mail, all in one request (protocol 2.13)."""
        self.call([SendUserInvite(id_of(user, "User")) for user in users])

    def send_review_session_invite(self, *invitees: Entity | str) -> None:
        """Have the server invite guests of a review session, all in one request.

        Args:
            *invitees: `ReviewSessionInvitee` entities or their ids (protocol 2.13).
        """
        self.call(
            [
                SendReviewSessionInvite(id_of(invitee, "ReviewSessionInvitee"))
                for invitee in invitees
            ]
        )

    def get_widget_url(
        self,
        name: WidgetName,
        entity: Entity | None = None,
        theme: WidgetTheme | None = None,
    ) -> str:
        """Return the address of a part of the web interface (protocol 2.14).

        It carries a token that expires after about six minutes.

        Args:
            name: which part; ``"info"`` needs an entity.
            entity: what it shows.
            theme: its colours; the user's own when not given.
        """
        reference = None if entity is None else entity.reference
        operation = GetWidgetUrl(
            name,
            theme,
            None if reference is None else reference.entity_type,
            None if reference is None else reference.key,
        )
        return str(self.call([operation])[0].data["widget_url"])

    def delayed_job(
        self, job_type: str, data: Mapping[str, Any] | None = None
    ) -> Entity:
        """Have the server do something later; return its `Job` (protocol 2.12).

        Args:
            job_type: ``"DELETE"``, ``"SYNC_USERS_LDAP"``, ``"ICONIK_SYNC_STRUCTURE"``.
            data: what it is about, such as ``entity_type`` and ``entity_key``.
        """
        job: Entity = self.call([DelayedJob(job_type, data)])[0].data
        return job

    def generate_signed_url(self, component: Entity | str) -> str:
        """Return an address of a component's file that needs no key (protocol 2.15)."""
        operation = GenerateSignedUrl(id_of(component, "Component"))
        return str(self.call([operation])[0].data["signed_url"])
