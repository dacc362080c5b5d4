"""Scenes are drawn evenly from the world, by the seed alone, and only from the kinds asked for."""

import random
from collections import Counter

from webpairs.scenes import COLOURS, HELD_OUT_KINDS, KINDS, SETTINGS, TIMES, sample_scene


def test_a_seed_gives_the_same_scenes() -> None:
    first, second, other = random.Random(4), random.Random(4), random.Random(5)
    scenes = [sample_scene(first) for _ in range(20)]
    assert scenes == [sample_scene(second) for _ in range(20)]
    assert scenes != [sample_scene(other) for _ in range(20)]


def test_everything_in_the_world_turns_up() -> None:
    rng = random.Random(1)
    scenes = [sample_scene(rng) for _ in range(3000)]
    kinds = Counter(scene.kind for scene in scenes)
    assert set(kinds) == set(KINDS)
    assert max(kinds.values()) < 2 * min(kinds.values())
    assert {scene.colour for scene in scenes} == set(COLOURS)
    assert {scene.setting for scene in scenes} == set(SETTINGS)
    assert {scene.time for scene in scenes} == set(TIMES)
    assert 0.3 < sum(scene.companion is not None for scene in scenes) / len(scenes) < 0.4


def test_only_the_kinds_asked_for_appear_and_a_companion_is_of_another_kind() -> None:
    known = [kind for kind in KINDS if kind not in HELD_OUT_KINDS]
    rng = random.Random(2)
    for _ in range(500):
        scene = sample_scene(rng, known)
        assert scene.kind in known
        if scene.companion:
            assert scene.companion.kind in known
            assert scene.companion.kind != scene.kind


def test_a_world_of_one_kind_has_no_companions() -> None:
    rng = random.Random(3)
    assert all(sample_scene(rng, ["boat"]).companion is None for _ in range(50))


def test_held_out_kinds_are_kinds() -> None:
    assert set(HELD_OUT_KINDS) < set(KINDS)
