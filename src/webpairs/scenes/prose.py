"""Descriptions of scenes as a page would have them: a sentence or two in the manner of one kind of writing."""

import random

from webpairs.scenes.captions import article, companion_words
from webpairs.scenes.families import FAMILIES
from webpairs.scenes.world import SETTINGS, TIMES, Scene

_SIZE_SAID = 0.4


def describe(scene: Scene, rng: random.Random, family: str) -> str:
    """Returns prose that truly describes the scene: kind, colour, setting, time and companion, sometimes size.

    `family` is a key of FAMILIES, which gives the sentence its frame and its words. Raises KeyError for any other.
    """
    manner = FAMILIES[family]
    thing = f"{scene.colour} {scene.kind}"
    if rng.random() < _SIZE_SAID:
        thing = f"{manner.sizes[scene.size == 'large']} {thing}"
    beside = ""
    if scene.companion is not None:
        beside = rng.choice(manner.beside).format(a_companion=companion_words(scene), side=scene.companion.side)
    a_thing = article(thing)
    return rng.choice(manner.frames).format(
        thing=thing,
        a_thing=a_thing,
        A_thing=a_thing.capitalize(),
        the_thing=f"the {thing}",
        place=manner.places[SETTINGS.index(scene.setting)],
        time=manner.times[TIMES.index(scene.time)],
        beside=beside,
    )
