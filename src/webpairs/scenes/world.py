"""What a drawn scene can be: one coloured object somewhere, at some time of day, perhaps with a companion."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

KINDS = (
    "house",
    "tree",
    "car",
    "boat",
    "fish",
    "flower",
    "balloon",
    "umbrella",
    "mushroom",
    "rocket",
    "snowman",
    "lighthouse",
    "windmill",
    "tent",
    "cactus",
    "cup",
    "kite",
    "train",
    "butterfly",
    "star",
)
# The stand-in diffusion model never sees these; what a dataset teaches it about them is therefore visible.
HELD_OUT_KINDS = ("umbrella", "mushroom", "rocket", "snowman", "lighthouse")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
SIZES = ("small", "large")
SETTINGS = ("meadow", "beach", "snow", "desert", "street", "sea")
TIMES = ("day", "sunset", "night")
SIDES = ("left", "right")

COMPANION_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class Companion:
    """A second, much smaller object beside the first."""

    kind: str
    colour: str
    side: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything about a drawing that its descriptions may say."""

    kind: str
    colour: str
    size: str
    setting: str
    time: str
    companion: Companion | None = None


def sample_scene(rng: random.Random, kinds: Sequence[str] = KINDS) -> Scene:
    """Returns a scene drawn evenly from the world, its object and companion (of another kind) both out of `kinds`."""
    kind = rng.choice(kinds)
    colour, size = rng.choice(COLOURS), rng.choice(SIZES)
    setting, time = rng.choice(SETTINGS), rng.choice(TIMES)
    others = [other for other in kinds if other != kind]
    companion = None
    if rng.random() < COMPANION_SHARE and others:
        companion = Companion(rng.choice(others), rng.choice(COLOURS), rng.choice(SIDES))
    return Scene(kind, colour, size, setting, time, companion)
