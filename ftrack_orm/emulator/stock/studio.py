"""Locations, roles, users and other rows of a studio that every server has.

The locations and the default user type were recorded from a server (protocol 7.1 and
9.9). The ids of other rows are made up; they are constant, so that runs are repeatable,
and clients find these rows by name.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Named(NamedTuple):
    """A row with an id and a name."""

    id: str
    name: str


class Location(NamedTuple):
    """A row of `LOCATIONS`."""

    id: str
    name: str
    label: str
    description: str


class AssetType(NamedTuple):
    """A row of `ASSET_TYPES`."""

    id: str
    name: str
    short: str


class SecurityRole(NamedTuple):
    """A row of `SECURITY_ROLES`.

    Roles of the type ``PROJECT`` are for users, those of the type ``API`` for global
    API keys, as documented with the Python client.
    """

    id: str
    name: str
    type: str


class NoteLabel(NamedTuple):
    """A row of `NOTE_LABELS`; its position is its sort."""

    id: str
    name: str
    color: str


LOCATIONS: Final = (
    Location(
        "ce9b348f-8809-11e3-821c-20c9d081909b",
        "ftrack.origin",
        "Origin",
        "Where a component was when it was registered.",
    ),
    Location(
        "cb268ecc-8809-11e3-a7e2-20c9d081909b",
        "ftrack.unmanaged",
        "Unmanaged",
        "A path on disk that ftrack does not manage.",
    ),
    Location(
        "cd41be70-8809-11e3-b98a-20c9d081909b",
        "ftrack.review",
        "Review",
        "Media for review.",
    ),
    Location(
        "3a372bde-05bc-11e4-8908-20c9d081909b",
        "ftrack.server",
        "Server",
        "The server's own storage.",
    ),
    Location(
        "07b82a97-8cf9-11e3-9383-20c9d081909b",
        "ftrack.connect",
        "Connect",
        "Legacy location of ftrack Connect.",
    ),
)

DEFAULT_USER_TYPE: Final = "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8"
COLLABORATOR_USER_TYPE: Final = "c1eeceae-d931-448e-847e-a2c1fbd830fe"

USER_TYPES: Final = (
    Named(DEFAULT_USER_TYPE, "User"),
    Named(COLLABORATOR_USER_TYPE, "Collaborator"),
)

ASSET_TYPES: Final = (
    AssetType("749b17d2-5d99-4ca0-b4ea-05f220366e01", "Upload", "upload"),
    AssetType("794a46d4-f881-4d80-b9b4-ea19e4ce0514", "Geometry", "geo"),
    AssetType("32d140dd-f720-4a49-b32e-5c390b03e843", "Animation", "anim"),
    AssetType("5f619758-1348-4d71-8e4d-2f15d6507e9d", "Image Sequence", "img"),
    AssetType("c5596b0f-b77a-42af-b3e0-0fc2ef240b3c", "Rig", "rig"),
    AssetType("82c3c413-4810-456f-b648-d9a4e2dcd773", "Camera", "cam"),
    AssetType("dd5c6b3f-77df-4c8d-9d94-75f4580ee5dd", "Scene", "scene"),
    AssetType("1059f6b4-f541-448a-b1c4-a4bd39930c80", "Cache", "cache"),
    AssetType("6353db16-d522-496e-aec0-7edbd939d4db", "Render", "render"),
    AssetType("9d1dc1f0-2c92-4cd6-b855-c47f15900db4", "Compositing Script", "comp"),
)

NOTE_LABELS: Final = (
    NoteLabel("c24d2856-5618-4cd9-998f-57a7054568eb", "Internal", "#3498DB"),
    NoteLabel("b84cd98a-140e-4606-8223-fcd9115a5873", "Client feedback", "#E67E22"),
    NoteLabel("6142332b-c899-4712-aa75-654811c33a0a", "To do", "#F1C40F"),
)

NOTE_CATEGORIES: Final = (
    NoteLabel("e0b8f2ac-1f0b-4b52-9f04-7d8a3c6e5a11", "Production", "#9B59B6"),
    NoteLabel("5f6d0c0e-64a3-4f43-a8a5-3f3b5d2f7c92", "Technical", "#1ABC9C"),
)
"""Note categories, which are labels too (protocol 4.4); sorted after `NOTE_LABELS`."""

LIST_CATEGORIES: Final = (
    Named("a063986c-916b-47a9-a74c-3d4af59f274b", "Default"),
    Named("4b5a694e-6b24-4085-9d56-de26e2f7852e", "Dailies"),
    Named("e47aab33-5f2f-4417-ac1a-e6cd7269f7b1", "Deliveries"),
)

MANAGER_TYPES: Final = (
    Named("bd7c403b-23a7-4996-b0e5-a656c05ec30a", "Producer"),
    Named("45486c8a-96bb-4a92-ae3c-bf909c2f8d32", "Coordinator"),
    Named("8ab62d2f-c8c5-48bf-b239-ba4537bf223c", "Supervisor"),
)

ADMINISTRATOR_ROLE: Final = "6fb37b26-3204-4f6e-a8bc-c50773a18de3"

PROJECT_MANAGER_ROLE: Final = "04bf8e23-20fc-4718-a4bc-f92967d15fa3"
USER_ROLE: Final = "235d3746-ea23-4a85-b976-2ac84a3ca089"
API_ROLE: Final = "479126bf-f027-418e-8c03-fec070e3c04a"

SECURITY_ROLES: Final = (
    SecurityRole(ADMINISTRATOR_ROLE, "Administrator", "PROJECT"),
    SecurityRole(PROJECT_MANAGER_ROLE, "Project Manager", "PROJECT"),
    SecurityRole(USER_ROLE, "User", "PROJECT"),
    SecurityRole(API_ROLE, "API", "API"),
)

UNRESTRICTED_ROLES: Final = frozenset({ADMINISTRATOR_ROLE, API_ROLE})
"""Roles with all rights on all projects; assumed."""

MANAGING_ROLES: Final = frozenset({PROJECT_MANAGER_ROLE})
"""Roles with all rights on their projects; assumed. Other roles permit work only."""

STORAGE_SCENARIO: Final = '{"scenario": "ftrack.automatic", "data": {}}'
"""Value of the setting for which clients use no storage scenario (protocol 6.9)."""

ADMIN_ID: Final = "3086f538-6bc2-4260-ab3c-614c38228aa4"
ADMIN_USERNAME: Final = "admin"
ADMIN_API_KEY: Final = "emulator-admin-key"
"""Not a secret: an emulator listens on the loopback address with made-up data."""

ADMIN_ROLE_LINK: Final = "d4799a3b-1f76-456f-81dd-d27279f06902"
