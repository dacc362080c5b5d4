"""Decorations: icons and images on many pages, that no text of their own describes."""

from typing import Any

import polars as pl
import pytest

from tests.span.conftest import candidate
from webpairs.records import WINDOWED
from webpairs.span.decorations import are_decorations, pages_of_images, pages_of_rows

BOAT = "the red boat logo"
LOGO = "http://a.example/logo.png"


@pytest.mark.parametrize(
    ("values", "pages", "kinds", "expected"),
    [
        ({"image_url": LOGO}, 1, ["icon", "repeated"], True),
        ({"image_url": LOGO}, 1, ["repeated"], False),
        ({"image_url": LOGO}, 9, ["repeated"], False),  # it's an icon before it's repeated, as in labels
        ({"image_url": LOGO}, 9, [], False),
        ({}, 5, ["icon", "repeated"], True),
        ({}, 4, ["icon", "repeated"], False),
        ({"alt": BOAT}, 5, ["icon", "repeated"], False),  # the text before it says so
        ({"alt": "logo"}, 5, ["icon", "repeated"], True),  # it says so too, but too little
        ({"alt": "a green tram in Lisbon"}, 5, ["icon", "repeated"], True),
        ({"alt": "QR code of this page"}, 1, ["icon"], True),
        ({"alt": "the QR code on the red boat logo"}, 1, ["icon"], False),  # the text before it says nearly the same
        (
            {"texts": [{"source": "caption", "text": BOAT, "start": 1, "end": 18}]},
            5,
            ["repeated"],
            False,
        ),
        ({"texts": [{"source": "heading", "text": BOAT, "start": 1, "end": 18}]}, 5, ["repeated"], True),
    ],
)
def test_decorations(values: dict[str, Any], pages: int, kinds: list[str], expected: bool) -> None:
    own = {"text_before": f" {BOAT} and more", "text_after": "", "window_start": 0}
    rows = pl.DataFrame([candidate(1, **(own | values))], schema=WINDOWED)
    assert are_decorations(rows, [pages], kinds).tolist() == [expected]


def test_pages_are_those_of_the_domain() -> None:
    places = [("a", "x", 1), ("a", "x", 2), ("a", "x", 2), ("b", "x", 1), ("a", "y", 1)]
    rows = pl.DataFrame(places, schema=["domain", "image_url", "page_url"], orient="row")
    pages = pages_of_images(rows.lazy())
    assert pages == {("a", "x"): 2}
    assert pages_of_rows(rows, pages) == [2, 2, 2, 1, 1]
