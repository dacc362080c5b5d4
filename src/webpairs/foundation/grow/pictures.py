"""Drawn scenes as arrays, with something to say about each."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from webpairs.foundation.grow.recipe import SIDE
from webpairs.progress import track
from webpairs.scenes import DETAILS, FAMILIES, HELD_OUT_KINDS, KINDS, Scene, caption, describe, draw, sample_scene

KNOWN_KINDS = tuple(kind for kind in KINDS if kind not in HELD_OUT_KINDS)
_LONGEST = 1.5  # aspect ratio of the widest and the tallest drawing


@dataclass(frozen=True)
class Pictures:
    """Scenes and their drawings: pixels [n, SIDE, SIDE, 3] of 0 to 255, cut out of the middle of drawings of `sizes`
    [n, 2], height and width in pixels, whose shorter side is SIDE.
    """

    scenes: list[Scene]
    pixels: NDArray[np.uint8]
    sizes: NDArray[np.int64]

    def batch(self, index: NDArray[np.int64]) -> torch.Tensor:
        """Pixels of -1 to 1, [len(index), 3, SIDE, SIDE]."""
        # Not in channels_last: the gradient of group norms is then so slow that it takes half of a training step.
        return torch.from_numpy(self.pixels[index]).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1


def pictures(count: int, seed: int, kinds: Sequence[str]) -> Pictures:
    """Draws `count` scenes of these kinds. Photographs are rarely square, so half of the drawings are not."""
    rng = random.Random(seed)
    scenes = [sample_scene(rng, kinds) for _ in range(count)]
    pixels = np.empty((count, SIDE, SIDE, 3), np.uint8)
    sizes = np.empty((count, 2), np.int64)
    for index, scene in enumerate(track(scenes, "Drawing scenes", "scenes")):
        longer = round(SIDE * rng.uniform(1, _LONGEST))
        height, width = rng.choice([(SIDE, SIDE), (SIDE, SIDE), (SIDE, longer), (longer, SIDE)])
        drawn = np.asarray(draw(scene, rng.randrange(2**31), width, height))
        top, left = (height - SIDE) // 2, (width - SIDE) // 2
        pixels[index] = drawn[top : top + SIDE, left : left + SIDE]
        sizes[index] = height, width
    return Pictures(scenes, pixels, sizes)


def say(scene: Scene, rng: random.Random) -> str:
    """A caption of any detail, or in half of the cases prose of any family."""
    if rng.random() < 0.5:
        return caption(scene, rng, rng.randrange(DETAILS))
    return describe(scene, rng, rng.choice(list(FAMILIES)))
