"""Captions say more step by step, and prose of every family truly says what is in the scene."""

import random
import re
from dataclasses import replace
from itertools import pairwise, product

import pytest

from webpairs.scenes import COLOURS, DETAILS, FAMILIES, KINDS, SETTINGS, TIMES, Companion, Scene, caption, describe
from webpairs.scenes.captions import PLACES, TIMES_SAID
from webpairs.scenes.families import Family

SCENE = Scene("umbrella", "orange", "small", "beach", "night", Companion("star", "yellow", "left"))


def words(text: str) -> list[str]:
    return re.findall(r"[a-z'-]+", text.lower())


def test_each_caption_says_what_the_one_before_says_and_more() -> None:
    captions = [caption(SCENE, random.Random(1), detail) for detail in range(DETAILS)]
    assert captions[0] == "umbrella"
    for shorter, longer in pairwise(captions):
        assert longer.endswith(shorter) or longer.startswith(shorter)
        assert len(longer) > len(shorter)
    assert any(captions[2].endswith(place) for place in PLACES["beach"])
    assert any(captions[3].endswith(time) for time in TIMES_SAID["night"])
    assert captions[4].endswith("with a yellow star to the left")


def test_without_a_companion_the_fullest_caption_says_the_size() -> None:
    alone = replace(SCENE, companion=None)
    assert caption(alone, random.Random(1), DETAILS - 1).startswith("small orange umbrella ")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_says_kind_colour_and_companion(family: str) -> None:
    rng = random.Random(1)
    for kind, colour in product(KINDS, COLOURS):
        other = Companion("fish" if kind != "fish" else "cup", rng.choice(COLOURS), rng.choice(["left", "right"]))
        scene = Scene(kind, colour, "large", rng.choice(SETTINGS), rng.choice(TIMES), other)
        said = words(describe(scene, rng, family))
        assert f"{colour} {kind}" in " ".join(said)
        assert f"{other.colour} {other.kind}" in " ".join(said)
        assert other.side in said


@pytest.mark.parametrize("family", FAMILIES)
def test_prose_names_nothing_that_is_not_there(family: str) -> None:
    rng = random.Random(2)
    for kind in KINDS:
        said = set(words(describe(Scene(kind, "green", "small", rng.choice(SETTINGS), "day"), rng, family)))
        assert not said & (set(KINDS) - {kind})


@pytest.mark.parametrize("family", FAMILIES)
def test_sentences_are_sentences(family: str) -> None:
    rng = random.Random(3)
    for _ in range(200):
        companion = rng.choice([None, Companion("fish", "orange", "right")])
        scene = Scene(
            rng.choice(KINDS), rng.choice(COLOURS), "large", rng.choice(SETTINGS), rng.choice(TIMES), companion
        )
        text = describe(scene, rng, family)
        assert 6 <= len(text.split()) <= 45, text
        assert text[0].isupper() or not text[0].isalpha(), text
        assert text[-1] in '.!?"', text
        assert not re.search(r"[{}]|  | [,.;:!?]|,[,.;]|\ba [aeio]|\ban [^aeiou]", text), text


def test_a_family_has_frames_of_its_own() -> None:
    assert len(FAMILIES) >= 14
    frames = [frame for family in FAMILIES.values() for frame in family.frames]
    assert len(set(frames)) == len(frames)
    assert all(len(family.frames) >= 8 for family in FAMILIES.values())


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_family_says_each_place_and_time_differently(family: Family) -> None:
    assert len(set(family.places)) == len(SETTINGS)
    assert len(set(family.times)) == len(TIMES)
    assert family.sizes[0] != family.sizes[1]


def test_a_seed_gives_the_same_words_and_an_unknown_family_is_refused() -> None:
    assert describe(SCENE, random.Random(6), "blog") == describe(SCENE, random.Random(6), "blog")
    with pytest.raises(KeyError):
        describe(SCENE, random.Random(6), "telegram")
