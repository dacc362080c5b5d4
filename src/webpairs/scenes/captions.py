"""Short captions of a scene, from one word to everything in it."""

import random

from webpairs.scenes.world import Scene

PLACES = {
    "meadow": ("in a meadow", "on green grass", "in a grassy field"),
    "beach": ("on a beach", "on the sand by the sea", "on a sandy shore"),
    "snow": ("in the snow", "on a snowy plain", "in a snowy landscape"),
    "desert": ("in the desert", "on desert sand", "among desert dunes"),
    "street": ("on a street", "on a city street", "in a town street"),
    "sea": ("on the sea", "on blue water", "out at sea"),
}
TIMES_SAID = {
    "day": ("by day", "on a bright day", "in daylight"),
    "sunset": ("at sunset", "at dusk", "under an orange sky"),
    "night": ("at night", "under a night sky", "by moonlight"),
}
DETAILS = 5


def article(words: str) -> str:
    """The words with the indefinite article before them."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def companion_words(scene: Scene) -> str:
    """The companion with its colour and article, or nothing."""
    return article(f"{scene.companion.colour} {scene.companion.kind}") if scene.companion else ""


def caption(scene: Scene, rng: random.Random, detail: int) -> str:
    """Returns a caption of `detail` 0 (the kind alone) to 4 (colour, place, time, and size or companion).

    Each level says what the one below says, and one thing more; wordings of place and time are drawn from `rng`.
    """
    place, time = rng.choice(PLACES[scene.setting]), rng.choice(TIMES_SAID[scene.time])
    thing = scene.kind
    if detail >= 1:
        thing = f"{scene.colour} {thing}"
    if detail >= 4 and scene.companion is None:
        thing = f"{scene.size} {thing}"
    parts = [thing]
    if detail >= 2:
        parts.append(place)
    if detail >= 3:
        parts.append(time)
    if detail >= 4 and scene.companion is not None:
        parts.append(f"with {companion_words(scene)} to the {scene.companion.side}")
    return " ".join(parts)
