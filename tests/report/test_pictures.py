"""Images from outside become small images of our own, or nothing."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from webpairs.report import pictures
from webpairs.shards import TarWriter


def encoded(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def decoded(uri: str) -> Image.Image:
    head, _, content = uri.partition(",")
    assert head in ("data:image/jpeg;base64", "data:image/png;base64")
    return Image.open(io.BytesIO(base64.b64decode(content)))


def test_large_images_are_made_small_and_keep_their_shape() -> None:
    small = decoded(pictures.jpeg(encoded(Image.new("RGB", (1200, 600), "navy"), "PNG"), 260))
    assert small.size == (260, 130)
    assert small.format == "JPEG"


def test_transparent_ground_becomes_white() -> None:
    image = decoded(pictures.png(encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG"), 160))
    assert image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "BMP", "TIFF"])
def test_other_formats_are_read_too(kind: str) -> None:
    assert pictures.jpeg(encoded(Image.new("L", (20, 20), 128), kind), 260)


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0garbage"])
def test_what_is_no_image_is_nothing(content: bytes) -> None:
    assert pictures.jpeg(content, 260) == ""


def test_a_cut_off_image_is_nothing() -> None:
    assert pictures.jpeg(encoded(Image.effect_noise((200, 200), 50), "PNG")[:900], 260) == ""


def test_metadata_is_left_behind() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", (30, 30)).save(out, "JPEG", exif=exif)
    assert b"secret place" in out.getvalue()
    assert b"secret place" not in base64.b64decode(pictures.jpeg(out.getvalue(), 260).partition(",")[2])


def test_members_are_found_by_key_and_texts_are_no_images(tmp_path: Path) -> None:
    with TarWriter(tmp_path / "a.tar") as tar:
        tar.add("one.jpg", b"1")
        tar.add("one.txt", b"text")
        tar.add("one.json", b"{}")
        tar.add("two.png", b"2")
    assert pictures.images(tmp_path / "a.tar", {"one", "three"}) == {"one": b"1"}
    assert pictures.images(tmp_path / "missing.tar", {"one"}) == {}
