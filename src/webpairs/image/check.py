"""Whether bytes from the web are an image worth keeping: everything is decided from the bytes alone.

The bytes are hostile until proven otherwise: the format is taken from what stands in them, never from a file name or a
header; only formats that browsers show are decoded; the pixels are counted before any is decoded.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image

from webpairs.image.decode import FORMATS, drawn

EXTENSIONS = {"avif": "avif", "bmp": "bmp", "gif": "gif", "jpeg": "jpg", "png": "png", "webp": "webp"}

_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"RIFF")
_OTHER_FORMATS = (b"II*\0", b"MM\0*", b"\0\0\1\0", b"\0\0\0\x0cjP  ", b"\xff\x0a", b"8BPS", b"\xff\x4f\xff\x51")
_HEAD = 1024


@dataclass(frozen=True)
class Limits:
    """What an image must hold to be kept: more than `min_bytes`, at most `max_bytes`; sides and pixels in pixels."""

    min_bytes: int
    max_bytes: int
    min_side: int
    max_pixels: int


@dataclass(frozen=True)
class Checked:
    """The verdict on some bytes, and what is known of them; sides and format are None where no header could be read."""

    verdict: str
    sha256: str
    bytes: int
    width: int | None = None
    height: int | None = None
    format: str | None = None


def check(content: bytes, limits: Limits) -> Checked:
    """The verdict on these bytes: `kept`, or the first reason why not.

    Reasons, in the order of asking: too_few_bytes, too_many_bytes; svg, unsupported_format, not_an_image, undecodable
    (what the bytes are); too_many_pixels, too_small (by the header); truncated, undecodable (all pixels are decoded;
    of an animation, the first picture).
    """
    digest = hashlib.sha256(content).hexdigest()
    by_size = size_verdict(len(content), limits)
    if by_size is not None:
        return Checked(by_size, digest, len(content))
    try:
        with warnings.catch_warnings():
            # Pillow warns about what it mends (odd EXIF, an unlikely size); the verdict says all that counts here.
            warnings.simplefilter("ignore")
            return _decoded(content, digest, limits)
    except Image.DecompressionBombError:
        return Checked("too_many_pixels", digest, len(content))
    except Exception:
        # Plugins raise whatever a damaged header leads them to: SyntaxError, struct.error, ValueError, …
        return Checked(unidentified(content), digest, len(content))


def size_verdict(size: int, limits: Limits) -> str | None:
    """The verdict where the number of bytes decides it, else None."""
    if size <= limits.min_bytes:
        return "too_few_bytes"
    return "too_many_bytes" if size > limits.max_bytes else None


def _decoded(content: bytes, digest: str, limits: Limits) -> Checked:
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        # MPO is a JPEG with further pictures behind it (phones write it): what is shown is the JPEG.
        name = "jpeg" if image.format == "MPO" else str(image.format).lower()
        width, height = image.size
        verdict = "kept"
        if width * height > limits.max_pixels:
            verdict = "too_many_pixels"
        elif min(width, height) < limits.min_side:
            verdict = "too_small"
        else:
            verdict = _pixels_verdict(image)
    return Checked(verdict, digest, len(content), width, height, name)


def _pixels_verdict(image: Image.Image) -> str:
    try:
        # Drawn as later stages draw it, so that nothing kept can fail there.
        drawn(image)
    except Exception as error:
        return "truncated" if "truncated" in str(error) else "undecodable"
    return "kept"


def unidentified(content: bytes) -> str:
    """The verdict on bytes of which no header could be read: what they look like."""
    head = content[:_HEAD]
    if head.startswith(_SIGNATURES) or head[4:12] in (b"ftypavif", b"ftypavis"):
        return "undecodable"
    if head.startswith(_OTHER_FORMATS):
        return "unsupported_format"
    # UTF-16 puts a NUL between the letters.
    return "svg" if b"<svg" in head.replace(b"\0", b"").lower() else "not_an_image"
