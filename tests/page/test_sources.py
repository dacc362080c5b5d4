"""Which URL an image stands for."""

import pytest

from webpairs.page.sources import Attributes, largest, source

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP"


@pytest.mark.parametrize(
    ("image", "picture", "expected"),
    [
        ({"src": "a.png", "data-src": "b.png"}, (), ("a.png", "src")),
        ({"src": PIXEL, "data-src": "/b.png"}, (), ("/b.png", "data-src")),
        ({"src": "img/blank.gif", "data-original": "/b.png"}, (), ("/b.png", "data-original")),
        ({"src": "/lazy-placeholder.svg", "data-lazy-src": "/b.png"}, (), ("/b.png", "data-lazy-src")),
        ({"src": "/portrait_by_x_pixelio.jpg", "data-src": "/b.png"}, (), ("/portrait_by_x_pixelio.jpg", "src")),
        ({"srcset": "s.png 1x, l.png 2x"}, (), ("l.png", "srcset")),
        ({"data-srcset": "s.png 300w, l.png 900w"}, (), ("l.png", "data-srcset")),
        ({"src": PIXEL}, ({"srcset": "p.webp"},), ("p.webp", "source srcset")),
        ({"src": PIXEL, "data-zeen-src": "/x/b.jpg?w=1"}, (), ("/x/b.jpg?w=1", "data-zeen-src")),
        ({"src": PIXEL, "data-src": '{"a": 1}'}, (), (PIXEL, "src")),
        ({"src": "blank.gif"}, (), ("blank.gif", "src")),
        ({"src": None, "alt": "x"}, (), None),
    ],
)
def test_source(image: Attributes, picture: tuple[Attributes, ...], expected: tuple[str, str] | None) -> None:
    assert source(image, picture) == expected


def test_a_long_data_uri_is_an_image_of_its_own() -> None:
    uri = "data:image/png;base64," + "A" * 5000
    assert source({"src": uri, "data-src": "/b.png"}, ()) == (uri, "src")


@pytest.mark.parametrize(
    ("srcset", "url"),
    [
        ("a,b.png 1x, c,d.png 2x", "c,d.png"),
        ("a.png, b.png", "a.png"),
        ("a.png 100w,b.png 200w", "b.png"),
        ("  ", ""),
        ("data:image/gif;base64,AA 1x", ""),
        (",,,", ""),
    ],
)
def test_largest(srcset: str, url: str) -> None:
    assert largest(srcset) == url
