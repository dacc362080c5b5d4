import hashlib
import io

import pytest
from PIL import Image

from tests.image.pictures import LIMITS, encoded, png_header
from webpairs.image.check import EXTENSIONS, Limits, check
from webpairs.image.decode import FORMATS, picture

SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="300" height="300">' + b" " * 6000 + b"</svg>"
)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_kept_with_its_sides_and_digest(form: str) -> None:
    content = encoded(form=form)
    checked = check(content, LIMITS)
    assert (checked.verdict, checked.width, checked.height) == ("kept", 256, 240)
    assert checked.sha256 == hashlib.sha256(content).hexdigest()
    assert checked.bytes == len(content)
    assert checked.format in EXTENSIONS


def test_the_first_picture_of_an_animation_counts() -> None:
    file = io.BytesIO()
    frames = [Image.effect_noise((256, 256), 90) for _ in range(3)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert check(file.getvalue(), LIMITS).verdict == "kept"
    assert picture(file.getvalue()).size == (256, 256)


def test_a_photo_with_a_second_picture_behind_it_is_a_jpeg() -> None:
    file = io.BytesIO()
    Image.effect_noise((256, 256), 90).save(file, "MPO", save_all=True, append_images=[Image.new("L", (256, 256))])
    assert (check(file.getvalue(), LIMITS).verdict, check(file.getvalue(), LIMITS).format) == ("kept", "jpeg")


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"", "too_few_bytes"),
        (encoded(1, 1), "too_few_bytes"),
        (bytes(1_000_001), "too_many_bytes"),
        (SVG, "svg"),
        ("\ufeff<svg>".encode("utf-16") + bytes(6000), "svg"),
        (b"<html><body>404 Not Found</body></html>" * 200, "not_an_image"),
        (bytes(6000), "not_an_image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 300\n" * 200, "not_an_image"),
        (b"\x89PNG\r\n\x1a\n" + bytes(6000), "undecodable"),
        (b"\xff\xd8\xff\xe0" + bytes(6000), "undecodable"),
        (b"II*\0" + bytes(6000), "unsupported_format"),
        (png_header(30_000, 30_000), "too_many_pixels"),
        (png_header(1001, 1000), "too_many_pixels"),
        (png_header(0, 0), "undecodable"),
        (encoded(223, 300), "too_small"),
        (encoded(300, 223), "too_small"),
        (encoded(224, 224), "kept"),
        (encoded(form="JPEG")[:20_000], "truncated"),
        (encoded()[:20_000], "truncated"),
    ],
)
def test_the_reason_is_named(content: bytes, verdict: str) -> None:
    assert check(content, LIMITS).verdict == verdict


def test_min_bytes_must_be_exceeded_and_max_bytes_may_be_reached() -> None:
    content = encoded()
    at = len(content)
    assert check(content, Limits(at, at, 1, 10**6)).verdict == "too_few_bytes"
    assert check(content, Limits(at - 1, at, 1, 10**6)).verdict == "kept"
    assert check(content, Limits(0, at - 1, 1, 10**6)).verdict == "too_many_bytes"


def test_no_pixel_of_a_bomb_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webpairs.image.check.drawn", lambda _: pytest.fail("decoded"))
    assert check(png_header(20_000, 20_000), LIMITS).verdict == "too_many_pixels"


@pytest.mark.parametrize("form", FORMATS)
def test_damage_costs_the_image_only(form: str) -> None:
    content = bytearray(encoded(form=form))
    for at in range(0, len(content), 41):
        content[at] ^= 0xA5
    assert check(bytes(content), LIMITS).verdict in (
        "undecodable",
        "truncated",
        "kept",
        "too_many_pixels",
        "not_an_image",
    )
