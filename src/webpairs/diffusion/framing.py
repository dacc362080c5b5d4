"""How an image of any size becomes a square, and what SDXL is told about it.

SDXL is conditioned on the size an image had and on where its square was cut out (Podell et al. 2023, section 2.2), so
that neither small nor badly cut training images spoil what it draws.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from webpairs.diffusion.seeds import derive


@dataclass(frozen=True)
class Framing:
    """A square of `resolution` pixels, cut at (left, top) out of the image resized; sizes (width, height)."""

    original: tuple[int, int]
    resized: tuple[int, int]
    left: int
    top: int
    resolution: int

    @property
    def size_ids(self) -> tuple[int, int, int, int, int, int]:
        """SDXL's time ids: original height and width, top and left of the crop, height and width of the target."""
        width, height = self.original
        return height, width, self.top, self.left, self.resolution, self.resolution


def plan(size: tuple[int, int], resolution: int, crop: Literal["center", "random"], seed: int, key: str) -> Framing:
    """The framing of an image of this size (width, height): the short side fills the square, the long one is cut.

    The place of a random crop hangs on seed and key alone: cached latents and the coordinates told with them agree.
    """
    scale = resolution / min(size)
    width, height = (max(resolution, round(side * scale)) for side in size)
    room = width - resolution, height - resolution
    if crop == "center":
        left, top = room[0] // 2, room[1] // 2
    else:
        chance = np.random.default_rng(derive(seed, "crop", key))
        left, top = (int(chance.integers(0, free + 1)) for free in room)
    return Framing(size, (width, height), left, top, resolution)


def cut(image: Image.Image, framing: Framing) -> Tensor:
    """The square as the VAE takes it: float32 [3, resolution, resolution], -1 to 1."""
    resized = image.resize(framing.resized, Image.Resampling.LANCZOS)
    right, bottom = framing.left + framing.resolution, framing.top + framing.resolution
    pixels = np.asarray(resized.crop((framing.left, framing.top, right, bottom)), dtype=np.float32)
    return torch.from_numpy(pixels / 127.5 - 1).permute(2, 0, 1)
