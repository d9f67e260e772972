"""Texts of the demo: notes, replies, version comments and time logs."""

from __future__ import annotations

from typing import Final

REMARKS: Final = {
    "Animation": (
        "Lovely timing on the jump. Hold the last pose four frames longer.",
        "The ears clip through the grass around frame {frame}.",
        "The weight shift at {frame} feels floaty, plant the left foot.",
        "Eyelines do not meet the butterfly at {frame}.",
    ),
    "Compositing": (
        "Edge flicker on the left tree, see frame {frame}.",
        "Approved with the grain turned down a little.",
        "Black levels do not match the plate before {frame}.",
        "Motion blur is missing on the butterfly.",
    ),
    "FX": (
        "The petals fall too fast after {frame}, half the gravity.",
        "Fur simulation explodes at {frame}.",
        "More dust on the landing, and let it linger.",
    ),
    "Layout": (
        "Can we try it with a longer lens?",
        "The camera cuts into the hill at {frame}.",
        "Leave more room above the ears for the hop.",
    ),
    "Lighting": (
        "Key light feels too cold next to the previous shot.",
        "Fireflies in the grass at {frame}, raise the samples.",
        "The rim light on the bunny jumps at {frame}.",
    ),
    "Modeling": (
        "Edge loops around the mouth need one more ring.",
        "Texture seam visible under the left arm.",
        "Scale is off against the reference, check the units.",
    ),
    "Rigging": (
        "The shoulder collapses when the arm goes over the head.",
        "Please add a control for the whiskers.",
        "Ear deformers are slow, can we bake them?",
    ),
}
"""Notes by department; ``{frame}`` is replaced by a frame number of the shot."""

CLIENT_REMARKS: Final = (
    "Client is happy, please publish for final.",
    "The director loves the warmer evening. Final.",
    "Client signs off. Please keep the version before, for the making-of.",
)

ANSWERS: Final = (
    "Fixed, the next version has it.",
    "On it.",
    "Do you have a reference for that?",
    "Done. It was an old cache.",
    "That comes from the step before, I have told them.",
)

VERSION_COMMENTS: Final = {
    "Animation": ("Blocking.", "Splined.", "New camera.", "Polished the landing."),
    "Compositing": ("First pass.", "New plates.", "Fixed the flicker.", "Grain."),
    "FX": ("First simulation.", "Slower petals.", "Final resolution.", "Recached."),
    "Layout": ("First camera.", "Longer lens.", "Set dressed.", "Cut length."),
    "Lighting": ("First pass.", "Warmer key.", "More samples.", "Final quality."),
    "Modeling": ("Base mesh.", "Clean topology.", "New maps.", "Addressed notes."),
    "Rigging": ("Skeleton.", "Facial controls.", "Lighter deformers.", "Fixes."),
}
"""Version comments by department; the first is for first versions."""

WORK: Final = {
    "Animation": ("Blocking", "Splining", "Polish", "Notes from dailies"),
    "Compositing": ("Keying", "Integration", "Grading", "Notes from dailies"),
    "FX": ("Simulation setup", "Caching", "Notes from dailies"),
    "Layout": ("Camera", "Scene assembly", "Notes from dailies"),
    "Lighting": ("Light rig", "Render wrangling", "Notes from dailies"),
    "Modeling": ("Sculpting", "Retopology", "Maps", "Clean-up"),
    "Rigging": ("Skinning", "Controls", "Corrective shapes"),
}
"""Names of time logs by department."""
