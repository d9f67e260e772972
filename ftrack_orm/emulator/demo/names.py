"""Names and proportions of the demo production."""

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
"""Username, first name, last name and department."""

COORDINATOR: Final = "hana"
"""Username of the manager of the productions, who has the role too."""

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


class Step(NamedTuple):
    """A step of the pipeline, for which a shot or asset build has a task.

    Attributes:
        name: name of the task.
        type: name of the task's type.
        days: typical working days.
        department: department that does the work.
        asset_type: short name of the type of the published assets.
        rank: priority of the step: a shot with N tasks has the steps of rank 1 to N.
    """

    name: str
    type: str
    days: int
    department: str
    asset_type: str
    rank: int = 0


SHOT_TASKS: Final = (
    Step("conform", "Conform", 1, "Layout", "img", 12),
    Step("matchmove", "Tracking", 2, "Layout", "cam", 6),
    Step("roto", "Rotoscoping", 2, "Compositing", "img", 7),
    Step("paint", "Rotoscoping", 2, "Compositing", "img", 13),
    Step("previz", "Previz", 2, "Layout", "scene", 9),
    Step("layout", "Layout", 2, "Layout", "scene", 1),
    Step("set_dressing", "Layout", 2, "Layout", "scene", 14),
    Step("blocking", "Animation", 3, "Animation", "anim", 10),
    Step("animation", "Animation", 5, "Animation", "anim", 2),
    Step("facial", "Animation", 3, "Animation", "anim", 15),
    Step("crowd", "Animation", 3, "Animation", "cache", 16),
    Step("cloth", "FX", 3, "FX", "cache", 11),
    Step("fur", "FX", 3, "FX", "cache", 17),
    Step("fx", "FX", 4, "FX", "cache", 5),
    Step("shading", "Lookdev", 2, "Lighting", "scene", 18),
    Step("lighting", "Lighting", 3, "Lighting", "render", 3),
    Step("matte", "Concept Art", 3, "Lighting", "img", 19),
    Step("render", "Rendering", 1, "Lighting", "render", 8),
    Step("precomp", "Compositing", 2, "Compositing", "comp", 20),
    Step("compositing", "Compositing", 3, "Compositing", "render", 4),
)
"""The steps of shots in the order of the pipeline: each waits for the one before."""

BUILD_TASKS: Final = (
    Step("modeling", "Modeling", 5, "Modeling", "geo"),
    Step("texturing", "Texture", 4, "Modeling", "img"),
    Step("rigging", "Rigging", 4, "Rigging", "rig"),
    Step("lookdev", "Lookdev", 3, "Modeling", "scene"),
)

NEEDS_RIGS: Final = "Animation"
"""Department whose tasks wait for the rigs of the characters."""

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
"""Suffix of published files by the asset type's short name."""
