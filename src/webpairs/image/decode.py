"""Bytes → the picture a reader sees."""

import io
import warnings

from PIL import Image, ImageOps

# What browsers show. Pillow reads many more formats, and each is one more parser for hostile bytes to attack.
FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "WEBP")


def picture(content: bytes) -> Image.Image:
    """The image as `drawn` shows it. For bytes that `check` has kept: raises what Pillow raises on others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about what it mends; a browser mends silently
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return drawn(image)


def drawn(image: Image.Image) -> Image.Image:
    """The image as a browser shows it: turned as EXIF says, on white, RGB; of an animation the first picture."""
    image.load()
    try:
        image = ImageOps.exif_transpose(image)
    except Exception:  # whatever a damaged EXIF block leads its parser to; browsers then show it unturned
        image = image.copy()
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if image.mode.startswith("I"):
        # Sixteen bits of grey, which a plain conversion would cut off at 255.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGB")
