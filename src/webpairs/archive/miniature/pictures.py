"""The image files of the miniature web: their URLs, sizes, formats and bytes, sound and unsound."""

import io
import random
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

from webpairs.archive.miniature.sites import Site
from webpairs.scenes import Scene, draw

SIDES = ((256, 256), (320, 256), (256, 320), (300, 300), (352, 264), (384, 288), (288, 384), (400, 300), (360, 360))
THUMBNAILS = ((96, 96), (120, 90), (150, 150), (160, 120))
FORMATS = {"jpg": 0.65, "png": 0.15, "webp": 0.2}
STATES = {
    "whole": 0.86,
    "mislabelled": 0.03,  # sound bytes under a wrong content type
    "small": 0.04,  # a thumbnail
    "missing": 0.025,  # the archive has no record of it
    "not_found": 0.02,  # the archive has a 404
    "broken": 0.025,
}
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
_WORDS = ("img", "scan", "pict", "foto", "view", "DSC", "P10", "web")


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A response of the archive that holds an image, or what stands in its place."""

    url: str
    status: int
    content_type: str
    content: bytes


def extension(rng: random.Random) -> str:
    """jpg, png or webp, by their shares."""
    return rng.choices(list(FORMATS), list(FORMATS.values()))[0]


def path_of(site: Site, scene: Scene, number: int, suffix: str, rng: random.Random) -> str:
    """The path of an image, in the site's manner; spaces and commas stand as they are."""
    # Most names say nothing; some name the object, as real ones do.
    word = scene.kind if rng.random() < 0.25 else rng.choice(_WORDS)
    digits = f"{rng.getrandbits(40):010x}"
    return site.image_path.format(n=number + 1, x=digits, word=word, ext=suffix, year=rng.randint(2009, 2023))


def image_files(urls: tuple[str, ...], scene: Scene, state: str, suffix: str, rng: random.Random) -> list[ImageFile]:
    """Draws the image, and gives what the archive holds under its URLs: the first is the image, others are variants."""
    width, height = rng.choice(THUMBNAILS if state == "small" else SIDES)
    drawing = draw(scene, rng.getrandbits(31), width, height)
    if state == "missing":
        return []
    if state == "not_found":
        return [ImageFile(urls[0], 404, "text/html", b"<html><body><h1>Not Found</h1></body></html>")]
    content = encode(drawing, suffix)
    content_type = CONTENT_TYPES[suffix]
    if state == "broken":
        # Cut short, or no image at all.
        content = content[: len(content) // 3] if rng.random() < 0.6 else rng.randbytes(6000)
    if state == "mislabelled":
        content_type = rng.choice(("application/octet-stream", "text/plain", "text/html", "image/gif"))
    files = [ImageFile(urls[0], 200, content_type, content)]
    for url in urls[1:]:
        if url.endswith(".webp") and suffix != "webp":
            files.append(ImageFile(url, 200, "image/webp", encode(drawing, "webp")))
        elif rng.random() < 0.6:
            files.append(ImageFile(url, 200, content_type, content))
    return files


def encode(image: Image.Image, suffix: str) -> bytes:
    """The image as a JPEG (quality 90), PNG or WebP file."""
    out = io.BytesIO()
    match suffix:
        case "jpg":
            image.save(out, "JPEG", quality=90)
        case "png":
            # A palette, as most PNGs of the web have; the grain of the drawings makes others very large.
            image.quantize(128, Image.Quantize.FASTOCTREE).save(out, "PNG", compress_level=6)
        case _:
            image.save(out, "WEBP", quality=90, method=1)
    return out.getvalue()


def decoration(rng: random.Random, width: int, height: int) -> bytes:
    """A banner of coloured stripes."""
    image = Image.new("RGB", (width, height), _colour(rng))
    pen = ImageDraw.Draw(image)
    for left in range(0, width, 12):
        pen.rectangle((left, 0, left + 5, height), fill=_colour(rng))
    return encode(image, "png")


def icon(rng: random.Random) -> bytes:
    """A dot of 24 pixels, well under 1 KB."""
    image = Image.new("P", (24, 24), 0)
    image.putpalette([255, 255, 255, *_colour(rng)])
    ImageDraw.Draw(image).ellipse((3, 3, 20, 20), fill=1)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@cache
def tracker() -> bytes:
    """A GIF of one pixel."""
    out = io.BytesIO()
    Image.new("P", (1, 1), 0).save(out, "GIF")
    return out.getvalue()


def _colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)
