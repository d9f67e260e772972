"""The session's methods for the other documented actions of a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias

from ftrack_orm.operations import (
    DelayedJob,
    GenerateSignedUrl,
    GetWidgetUrl,
    QueryServerInformation,
    ResetRemote,
    SendReviewSessionInvite,
    SendUserInvite,
)
from ftrack_orm.session.argument_checks import require_texts
from ftrack_orm.session.base import SessionBase
from ftrack_orm.session.entity_data import id_of
from ftrack_orm.session.result_types import JobT
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

WidgetName: TypeAlias = Literal["info", "tasks", "tasks_browser"]
WidgetTheme: TypeAlias = Literal["light", "dark"]


class ServerActions(SessionBase, Generic[JobT]):
    """The session's methods for actions that are neither queries nor writes.

    Every method takes an entity or its id. An action is sent again after a lost reply
    only if running it twice is harmless.
    """

    @property
    def server_information(self) -> JSONObject:
        """Return the server's information, requested at the first use.

        The keys are those of protocol 2.6; ``server_information_values`` of the
        session limits them.
        """
        information = self._core.information
        if not information.is_stored:
            information.store(self.get_server_information(information.values))
        return dict(information.by_key)

    def get_server_information(self, values: Sequence[str] | None = None) -> JSONObject:
        """Request the server's information and return it (protocol 2.6).

        Args:
            values: the keys to request; all keys when not given.

        Raises:
            InvalidArgumentError: `values` is no list of texts; nothing was sent.
        """
        method = "get_server_information()"
        keys = None if values is None else require_texts(method, values, "keys")
        information: JSONObject = self.call([QueryServerInformation(keys)])[0].data
        return information

    def reset_remote(self, reset_type: str, entity: Entity) -> Any:
        """Have the server generate a new value for an attribute; return the value.

        Servers support ``"api_key"`` of a `User` (protocol 2.10): the old key stops
        working at once, also for this session if it uses that key.

        Args:
            reset_type: the attribute.
            entity: the entity that has the attribute.
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

        It contains a token that expires after about six minutes.

        Args:
            name: the part; ``"info"`` needs an entity.
            entity: the entity to show.
            theme: its colours; those of the user's settings when not given.
        """
        reference = None if entity is None else entity.reference
        operation = GetWidgetUrl(
            name,
            theme,
            None if reference is None else reference.entity_type,
            None if reference is None else reference.key,
        )
        return str(self.call([operation])[0].data["widget_url"])

    def delayed_job(self, job_type: str, data: Mapping[str, Any] | None = None) -> JobT:
        """Start a job on the server; return its `Job` (protocol 2.12).

        Args:
            job_type: ``"DELETE"``, ``"SYNC_USERS_LDAP"``, ``"ICONIK_SYNC_STRUCTURE"``.
            data: the job's arguments, such as ``entity_type`` and ``entity_key``.
        """
        job: JobT = self.call([DelayedJob(job_type, data)])[0].data
        return job

    def generate_signed_url(self, component: Entity | str) -> str:
        """Return an address of a component's file that needs no key (protocol 2.15)."""
        operation = GenerateSignedUrl(id_of(component, "Component"))
        return str(self.call([operation])[0].data["signed_url"])
