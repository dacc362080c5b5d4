"""Drawings are the same for the same arguments, differ where scenes differ, and pass the pipeline's size filter."""

import io
import random
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from webpairs.scenes import COLOURS, KINDS, SETTINGS, TIMES, Companion, Scene, draw, sample_scene

SCENE = Scene("boat", "red", "large", "sea", "day")
FILTERED_BYTES = 5 * 1024  # images of no more bytes than this count as icons


def pixels(scene: Scene, seed: int = 1, width: int = 64, height: int = 64) -> NDArray[np.int16]:
    return np.asarray(draw(scene, seed, width, height), dtype=np.int16)


def difference(first: NDArray[np.int16], second: NDArray[np.int16]) -> float:
    return float(np.abs(first - second).mean())


def test_the_same_arguments_give_the_same_picture_and_another_seed_another() -> None:
    assert difference(pixels(SCENE), pixels(SCENE)) == 0
    assert difference(pixels(SCENE, 1), pixels(SCENE, 2)) > 1


@pytest.mark.parametrize(("width", "height"), [(64, 64), (320, 240), (240, 320), (500, 225), (31, 97)])
def test_any_shape_is_filled(width: int, height: int) -> None:
    image = draw(SCENE, 1, width, height)
    assert (image.mode, image.size) == ("RGB", (width, height))
    edges = np.concatenate([np.asarray(image)[[0, -1]].reshape(-1, 3), np.asarray(image)[:, [0, -1]].reshape(-1, 3)])
    assert edges.max(axis=1).min() > 0  # no corner is left black


@pytest.mark.parametrize(("setting", "time"), list(product(SETTINGS, TIMES)))
def test_no_two_kinds_give_the_same_picture(setting: str, time: str) -> None:
    drawn = {kind: pixels(Scene(kind, "red", "large", setting, time)) for kind in KINDS}
    for first, second in combinations(KINDS, 2):
        assert difference(drawn[first], drawn[second]) > 3, (first, second)


def test_colour_size_setting_time_and_companion_can_all_be_seen() -> None:
    for colour in set(COLOURS) - {"red"}:
        assert difference(pixels(SCENE), pixels(replace(SCENE, colour=colour))) > 1
    assert difference(pixels(SCENE), pixels(replace(SCENE, size="small"))) > 2
    for setting in set(SETTINGS) - {"sea"}:
        assert difference(pixels(SCENE), pixels(replace(SCENE, setting=setting))) > 5
    for time in ("sunset", "night"):
        assert difference(pixels(SCENE), pixels(replace(SCENE, time=time))) > 5


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_companion_is_on_its_side(side: str) -> None:
    """Its purple is found nowhere else in a scene by day, and it keeps within the square in the middle."""
    scene = replace(SCENE, companion=Companion("balloon", "purple", side))
    drawn = pixels(scene, width=120, height=80)
    purple = (drawn[..., 2] > drawn[..., 1] + 60) & (drawn[..., 0] > drawn[..., 1] + 30)
    columns = np.nonzero(purple.sum(axis=0) > 1)[0]
    assert len(columns) > 0
    assert 20 <= columns.min() <= columns.max() < 100
    assert columns.max() < 60 if side == "left" else columns.min() >= 60


def test_jpegs_are_larger_than_icons() -> None:
    rng = random.Random(1)
    sizes = []
    for seed, kind in enumerate(KINDS):
        buffer = io.BytesIO()
        draw(sample_scene(rng, [kind]), seed, 320, 240).save(buffer, "JPEG", quality=90)
        sizes.append(buffer.tell())
    assert min(sizes) > 1.2 * FILTERED_BYTES
