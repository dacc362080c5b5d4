"""Images as the web serves them."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from webpairs.image.check import Limits

LIMITS = Limits(min_bytes=5120, max_bytes=1_000_000, min_side=224, max_pixels=1_000_000)


def encoded(width: int = 256, height: int = 240, form: str = "PNG", seed: int = 1) -> bytes:
    """Noise, so that no compression makes it small; different for every seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, form)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims these sides and then holds next to nothing: a decompression bomb's beginning."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(10_000)))]
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + bytes(6000)
