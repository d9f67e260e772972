"""Names, texts and proportions that the demo production is made of."""

from __future__ import annotations

from typing import Final

PEOPLE: Final = (
    ("anna", "Anna", "Lindqvist", "Lighting"),
    ("bram", "Bram", "de Vries", "Animation"),
    ("chidi", "Chidi", "Okafor", "Compositing"),
    ("dana", "Dana", "Moreau", "FX"),
    ("emeka", "Emeka", "Balogun", "Modeling"),
    ("freya", "Freya", "Nilsen", "Animation"),
    ("goran", "Goran", "Petrov", "Layout"),
    ("hana", "Hana", "Sato", "Production"),
)
"""User name, first and last name, and the group each belongs to."""

PRODUCER: Final = "hana"
"""Who manages the productions."""

ASSET_BUILDS: Final = (
    ("bunny", "Character"),
    ("squirrel", "Character"),
    ("butterfly", "Character"),
    ("apple", "Prop"),
    ("bow", "Prop"),
    ("meadow", "Environment"),
    ("forest", "Environment"),
    ("burrow", "Environment"),
)

SHOT_TASKS: Final = (
    ("layout", "Layout", 2),
    ("animation", "Animation", 5),
    ("lighting", "Lighting", 3),
    ("compositing", "Compositing", 3),
    ("fx", "FX", 4),
    ("matchmove", "Tracking", 2),
    ("roto", "Rotoscoping", 2),
    ("render", "Rendering", 1),
)
"""Task name, type and days of work; a shot has the first few, then more of them."""

BUILD_TASKS: Final = (
    ("modeling", "Modeling", 5),
    ("texturing", "Texture", 4),
    ("rigging", "Rigging", 4),
    ("lookdev", "Lookdev", 3),
)

TASK_STATUSES: Final = (
    ("Not started", 30),
    ("Ready to start", 10),
    ("In progress", 25),
    ("Pending Review", 12),
    ("Revise", 6),
    ("Approved", 7),
    ("On Hold", 2),
    ("Completed", 8),
)
"""Status and how many in a hundred tasks have it."""

SHOT_STATUSES: Final = (("Not started", 30), ("In progress", 55), ("Completed", 15))

VERSION_STATUSES: Final = (
    ("Pending Review", 50),
    ("Revise", 25),
    ("Approved", 25),
)

PRIORITIES: Final = (
    ("None", 40),
    ("Low", 10),
    ("Medium", 30),
    ("High", 15),
    ("Urgent", 5),
)

REMARKS: Final = (
    "The ears clip through the grass around frame 40.",
    "Lovely timing on the jump. Hold the last pose four frames longer.",
    "Key light feels too cold next to the previous shot.",
    "Client is happy, please publish for final.",
    "Edge flicker on the left tree, see the annotation.",
    "Can we try it with a longer lens?",
    "Motion blur is missing on the butterfly.",
    "Approved with the grain turned down a little.",
)

VERSION_COMMENTS: Final = (
    "First pass.",
    "Addressed notes from dailies.",
    "New camera.",
    "Fixed the flicker.",
    "Final quality settings.",
    "",
)

WORK: Final = (
    "Blocking",
    "Notes from dailies",
    "Clean-up",
    "Render wrangling",
    "Polish",
)
