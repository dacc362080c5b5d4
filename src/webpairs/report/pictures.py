"""Images of the dataset and of the generator as small data: URIs, always encoded anew."""

import base64
import io
import tarfile
from collections.abc import Collection
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 50_000_000


def images(tar: Path, keys: Collection[str]) -> dict[str, bytes]:
    """The bytes of the image members `<key>.<extension>` of a tar, by key; empty where there is no such tar."""
    if not keys or not tar.is_file():
        return {}
    found: dict[str, bytes] = {}
    with tarfile.open(tar, "r:") as archive:
        for member in archive:
            key, _, extension = member.name.rpartition(".")
            if key in keys and extension not in ("txt", "json") and (file := archive.extractfile(member)) is not None:
                found[key] = file.read()
    return found


def jpeg(content: bytes, side: int) -> str:
    """An image as a data: URI of a JPEG of at most `side` pixels, flattened on white; "" where it can't be decoded."""
    image = _decoded(content, side)
    if image is None:
        return ""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82, optimize=True)
    return _uri("image/jpeg", out.getvalue())


def png(content: bytes, side: int) -> str:
    """The same as a PNG, for small drawings that a JPEG would smear."""
    image = _decoded(content, side)
    if image is None:
        return ""
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return _uri("image/png", out.getvalue())


def _decoded(content: bytes, side: int) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            image.draft("RGB", (side * 2, side * 2))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    upright.thumbnail((side, side), Image.Resampling.LANCZOS)
    ground = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(ground, upright).convert("RGB")


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
