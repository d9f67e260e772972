"""Names and proportions that the demo production is made of."""

from __future__ import annotations

from typing import Final, NamedTuple

PEOPLE: Final = (
    ("anna", "Anna", "Lindqvist", "Lighting"),
    ("bram", "Bram", "de Vries", "Animation"),
    ("chidi", "Chidi", "Okafor", "Compositing"),
    ("dana", "Dana", "Moreau", "FX"),
    ("emeka", "Emeka", "Balogun", "Modeling"),
    ("freya", "Freya", "Nilsen", "Animation"),
    ("goran", "Goran", "Petrov", "Layout"),
    ("hana", "Hana", "Sato", "Production"),
    ("ines", "Ines", "Costa", "Rigging"),
    ("jun", "Jun", "Park", "Production"),
    ("kaya", "Kaya", "Demir", "Modeling"),
)
"""User name, first and last name, and the group each belongs to."""

COORDINATOR: Final = "hana"
"""Who manages the productions, by role too."""

SUPERVISOR: Final = "jun"

FIRST_NAMES: Final = (
    "Aiko",
    "Benoit",
    "Carla",
    "Dmitri",
    "Elif",
    "Farah",
    "Gita",
    "Hugo",
    "Iris",
    "Jorge",
    "Kwame",
    "Leila",
    "Marek",
    "Noor",
    "Oskar",
    "Priya",
    "Quentin",
    "Rosa",
    "Sven",
    "Tariq",
    "Uma",
    "Vera",
    "Wei",
    "Yusuf",
    "Zoe",
)

LAST_NAMES: Final = (
    "Adeyemi",
    "Bauer",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Gupta",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Laurent",
    "Mendes",
    "Novak",
    "Osei",
    "Popescu",
    "Quinn",
    "Rossi",
    "Suzuki",
    "Tran",
    "Ueda",
    "Vargas",
    "Weber",
    "Yilmaz",
    "Zhang",
)

CHARACTER: Final = "Character"

ASSET_BUILDS: Final = (
    ("bunny", CHARACTER),
    ("squirrel", CHARACTER),
    ("butterfly", CHARACTER),
    ("meadow", "Environment"),
    ("forest", "Environment"),
    ("burrow", "Environment"),
    ("apple", "Prop"),
    ("bow", "Prop"),
)


class Kind(NamedTuple):
    """A kind of task.

    Attributes:
        name: of the task.
        type: of the task.
        days: of work, more or less.
        department: whose work it is.
        asset_type: short name of the type of what it publishes.
        rank: which kinds a shot has: its tasks are those of the first ranks.
    """

    name: str
    type: str
    days: int
    department: str
    asset_type: str
    rank: int = 0


SHOT_TASKS: Final = (
    Kind("conform", "Conform", 1, "Layout", "img", 12),
    Kind("matchmove", "Tracking", 2, "Layout", "cam", 6),
    Kind("roto", "Rotoscoping", 2, "Compositing", "img", 7),
    Kind("paint", "Rotoscoping", 2, "Compositing", "img", 13),
    Kind("previz", "Previz", 2, "Layout", "scene", 9),
    Kind("layout", "Layout", 2, "Layout", "scene", 1),
    Kind("set_dressing", "Layout", 2, "Layout", "scene", 14),
    Kind("blocking", "Animation", 3, "Animation", "anim", 10),
    Kind("animation", "Animation", 5, "Animation", "anim", 2),
    Kind("facial", "Animation", 3, "Animation", "anim", 15),
    Kind("crowd", "Animation", 3, "Animation", "cache", 16),
    Kind("cloth", "FX", 3, "FX", "cache", 11),
    Kind("fur", "FX", 3, "FX", "cache", 17),
    Kind("fx", "FX", 4, "FX", "cache", 5),
    Kind("shading", "Lookdev", 2, "Lighting", "scene", 18),
    Kind("lighting", "Lighting", 3, "Lighting", "render", 3),
    Kind("matte", "Concept Art", 3, "Lighting", "img", 19),
    Kind("render", "Rendering", 1, "Lighting", "render", 8),
    Kind("precomp", "Compositing", 2, "Compositing", "comp", 20),
    Kind("compositing", "Compositing", 3, "Compositing", "render", 4),
)
"""In the order of the pipeline: each waits for the one before."""

BUILD_TASKS: Final = (
    Kind("modeling", "Modeling", 5, "Modeling", "geo"),
    Kind("texturing", "Texture", 4, "Modeling", "img"),
    Kind("rigging", "Rigging", 4, "Rigging", "rig"),
    Kind("lookdev", "Lookdev", 3, "Modeling", "scene"),
)

NEEDS_RIGS: Final = "Animation"
"""Department that cannot begin before the characters have rigs."""

PRIORITIES: Final = (
    ("None", 40),
    ("Low", 10),
    ("Medium", 30),
    ("High", 15),
    ("Urgent", 5),
)

FILE_TYPES: Final = {
    "anim": ".ma",
    "cache": ".abc",
    "cam": ".abc",
    "comp": ".nk",
    "geo": ".abc",
    "img": ".tif",
    "render": ".mov",
    "rig": ".ma",
    "scene": ".ma",
}
"""Ending of what is published, by the asset type's short name."""
