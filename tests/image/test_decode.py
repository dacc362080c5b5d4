import io

import numpy as np
import pytest
from PIL import Image

from webpairs.image.decode import picture


def saved(image: Image.Image, form: str, **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def test_transparency_shows_white() -> None:
    image = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    image.putpixel((0, 0), (255, 0, 0, 255))
    shown = picture(saved(image, "PNG"))
    assert (shown.mode, shown.getpixel((0, 0)), shown.getpixel((1, 1))) == ("RGB", (255, 0, 0), (255, 255, 255))


def test_a_transparent_palette_colour_shows_white() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    assert picture(saved(image, "GIF", transparency=1)).getpixel((0, 0)) == (255, 255, 255)


def test_exif_orientation_is_followed() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert picture(saved(Image.new("RGB", (30, 20)), "JPEG", exif=exif)).size == (20, 30)


def test_damaged_exif_is_ignored() -> None:
    content = saved(Image.new("RGB", (30, 20)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)
    assert picture(content).size == (30, 20)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "RGB", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.fromarray(np.full((8, 8), 32768, np.uint16)) if mode == "I;16" else Image.new(mode, (8, 8))
    assert picture(saved(image, form)).mode == "RGB"


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    image = Image.fromarray(np.array([[0, 32768, 65535]] * 3, np.uint16))
    shown = np.asarray(picture(saved(image, "PNG")))[0, :, 0]
    assert shown.tolist() == [0, 128, 255]
