"""Kept bytes → the picture a reader sees."""

import io
import warnings

from PIL import Image, ImageOps


def picture(content: bytes) -> Image.Image:
    """The image as a browser shows it: turned as EXIF says, on white, RGB; of an animation the first picture.

    For bytes that `check` has kept: raises what Pillow raises on others.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about what it mends, as a browser does silently
        with Image.open(io.BytesIO(content)) as opened:
            opened.load()
            image = ImageOps.exif_transpose(opened)
        if image.has_transparency_data:
            image = image.convert("RGBA")
            page = Image.new("RGBA", image.size, "white")
            return Image.alpha_composite(page, image).convert("RGB")
        # A straight conversion cuts 16-bit greys off at 255.
        return image.convert("RGB") if not image.mode.startswith("I") else _grey(image)


def _grey(image: Image.Image) -> Image.Image:
    return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
