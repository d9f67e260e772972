"""Findings that count the entities of a production: FM203 and FM206."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.finding import Finding
from ftrack_orm.session.session import Session
from ftrack_orm.studio.diff import Difference
from ftrack_orm.studio.lint import is_retired, removed_options
from ftrack_orm.studio.model import folded
from ftrack_orm.studio.server_studio import ServerStudio

COUNTED: Final = frozenset({"FM203", "FM206"})
"""The codes of these findings, which `lint.findings` has without a count."""

_HAVE_STATUS: Final = ("TypedContext", "AssetVersion")


def used_values(
    session: Session, server: ServerStudio, differences: Iterable[Difference]
) -> Iterator[Finding]:
    """Yield the findings about options and statuses that go and that entities have.

    Reads the stored values of each enumerator that loses options, and the keys of the
    entities with each retired status; a real server counts for strict requests alone,
    which a session may not send.

    Args:
        session: a session on the server.
        server: the configuration of the server.
        differences: the differences to apply.

    Raises:
        TransportError, ServerError: a request failed.
    """
    client = RunClient(session)
    for difference in differences:
        if difference.found is None:
            continue
        key = difference.kind, folded(difference.found.natural_key)
        if gone := removed_options(difference):
            yield from _used_options(client, difference, server.ids[key], gone)
        elif is_retired(difference):
            yield from _used_status(client, difference, server.ids[key])


def _used_options(
    client: RunClient, difference: Difference, identifier: str, gone: Collection[str]
) -> Iterator[Finding]:
    rows = client.rows(
        "select value from CustomAttributeValue"  # noqa: S608 # an id of the server
        f' where configuration_id is "{identifier}"'
    )
    counts = Counter(
        option for row in rows for option in _options(row["value"]) if option in gone
    )
    if counts:
        used = ", ".join(
            f"{counts[option]:,} of {option!r}" for option in sorted(counts)
        )
        yield Finding(
            "FM203",
            "stop",
            f"{difference.title} loses options that values still use: {used}. Keep "
            "them, or move the values first: ftrack-orm migrate new",
        )


def _options(value: Any) -> Collection[str]:
    """Return the distinct options of a value: a list of texts, or one text."""
    return set(value) if isinstance(value, list) else {str(value)}


def _used_status(
    client: RunClient, difference: Difference, identifier: str
) -> Iterator[Finding]:
    counts = {
        entity_type: len(
            client.rows(
                f"select id from {entity_type}"  # noqa: S608 # an id of the server
                f' where status_id is "{identifier}"'
            )
        )
        for entity_type in _HAVE_STATUS
    }
    if any(counts.values()):
        used = " and ".join(
            f"{count:,} {entity_type}" for entity_type, count in counts.items() if count
        )
        yield Finding(
            "FM206",
            "warn",
            f"{difference.title} is retired, and {used} entities have it and keep it. "
            "Give them another: ftrack-orm migrate new --recipe replace-status",
        )
