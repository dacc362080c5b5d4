"""Squares out of images of any shape, and what SDXL is told about them."""

import numpy as np
import pytest
from PIL import Image

from webpairs.diffusion.framing import cut, plan


def test_a_wide_image_is_cut_in_the_middle_and_says_so():
    framing = plan((400, 200), 64, "center", 1, "a")
    assert framing.resized == (128, 64)
    # original height and width, crop top and left (in the resized image), target height and width
    assert framing.size_ids == (200, 400, 0, 32, 64, 64)


def test_a_tall_image_keeps_its_width():
    framing = plan((100, 300), 64, "center", 1, "a")
    assert framing.resized == (64, 192)
    assert framing.size_ids == (300, 100, 64, 0, 64, 64)


def test_small_images_are_enlarged_and_their_size_is_told():
    assert plan((20, 20), 64, "center", 1, "a").size_ids == (20, 20, 0, 0, 64, 64)


def test_random_crops_hang_on_seed_and_key_alone():
    places = {key: plan((1000, 100), 64, "random", 1, key).left for key in "abcdefgh"}
    assert places == {key: plan((1000, 100), 64, "random", 1, key).left for key in reversed("abcdefgh")}
    assert len(set(places.values())) > 4
    assert all(0 <= left <= 640 - 64 for left in places.values())
    assert places != {key: plan((1000, 100), 64, "random", 2, key).left for key in "abcdefgh"}


@pytest.mark.parametrize("size", [(401, 199), (199, 401), (64, 64), (3, 1000)])
def test_the_square_always_fits(size):
    pixels = cut(Image.new("RGB", size, "white"), plan(size, 64, "random", 1, "a"))
    assert tuple(pixels.shape) == (3, 64, 64)
    assert float(pixels.min()) == float(pixels.max()) == 1.0


def test_the_pixels_are_those_that_the_ids_say():
    # A picture whose columns are their own number: the first column of the square is the `left` that is told.
    columns = np.broadcast_to(np.arange(128, dtype=np.uint8)[None, :, None], (64, 128, 3))
    framing = plan((128, 64), 64, "random", 3, "a")
    pixels = cut(Image.fromarray(columns.copy()), framing)
    assert round((float(pixels[0, 0, 0]) + 1) * 127.5) == framing.left == framing.size_ids[3]
