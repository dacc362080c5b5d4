"""Prompts over the drawn world's own objects, in groups like the thesis's, for models that know nothing else.

Half of the groups are about kinds that the stand-in SDXL never saw. The sensible set asks for scenes as the world has
them; the questionable one for what it hasn't: two colours at once, things in or on other things, two places and two
hours in one.
"""

import random
from dataclasses import replace

from webpairs.diffusion.prompts.prompt import LEVELS, Prompt
from webpairs.diffusion.seeds import derive
from webpairs.scenes import COLOURS, HELD_OUT_KINDS, KINDS, SETTINGS, Companion, caption, sample_scene
from webpairs.scenes.world import SIDES

_KNOWN = tuple(kind for kind in KINDS if kind not in HELD_OUT_KINDS)
_PLACED = (
    "inside a {}",
    "balanced on a {}",
    "made of a {}",
    "carried by a {}",
    "with the roof of a {}",
    "hidden under a {}",
)
_PLACES = ("half in the {} and half in the {}", "between the {} and the {}", "with the {} above it and the {} below")
_HOURS = (
    "by day and by night at once",
    "at sunset under a full moon",
    "in the night sun",
    "before sunrise and after sunset",
)


def miniature(groups: int, seed: int) -> list[Prompt]:
    """`groups` groups of each set; group g is about the same kind in both, of odd groups one that was held out."""
    new, known = (_in_turn(kinds, random.Random(derive(seed, *kinds))) for kinds in (HELD_OUT_KINDS, _KNOWN))
    prompts = []
    for group in range(1, groups + 1):
        held_out = group % 2 == 1
        kinds = new if held_out else known
        kind = kinds[(group - 1) // 2 % len(kinds)]
        for name, levels in (("sensible", _sensible), ("questionable", _questionable)):
            texts = levels(kind, derive(seed, name, group))
            prompts += [Prompt(name, group, level, text, held_out) for level, text in enumerate(texts, 1)]
    return prompts


def _in_turn(kinds: tuple[str, ...], chance: random.Random) -> list[str]:
    return chance.sample(kinds, len(kinds))


def _sensible(kind: str, seed: int) -> list[str]:
    """The world's own captions of a scene with a companion, one detail more at a time."""
    chance = random.Random(seed)
    companion = Companion(_other(chance, kind), chance.choice(COLOURS), chance.choice(SIDES))
    scene = replace(sample_scene(chance, (kind,)), companion=companion)
    # The same chance for each level: they differ by what they say, not by how.
    return [caption(scene, random.Random(seed), detail) for detail in range(LEVELS)]


def _questionable(kind: str, seed: int) -> list[str]:
    chance = random.Random(seed)
    colours, places = chance.sample(COLOURS, 2), chance.sample(SETTINGS, 2)
    parts = [
        chance.choice(_PLACED).format(_other(chance, kind)),
        chance.choice(_PLACES).format(*places),
        chance.choice(_HOURS),
    ]
    coloured = f"{colours[0]} and {colours[1]} {kind}"
    return [kind, *(", ".join([coloured, *parts[:more]]) for more in range(LEVELS - 1))]


def _other(chance: random.Random, kind: str) -> str:
    """Another kind, one that was not held out, so that groups of known kinds name nothing new."""
    return chance.choice([known for known in _KNOWN if known != kind])
