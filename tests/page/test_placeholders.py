"""Placeholders that a page shows in the place of many images, and what stands there instead."""

import pytest

from tests.page.test_candidates import found_in, urls


def first(html: str) -> list[tuple[str, str]]:
    return [urls(candidate)[0] for candidate in found_in(html)]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        # What comes first for different images is none of them, whatever it is called.
        (
            "<img src=/l/wait.svg data-src=/boat.png><img src=/l/wait.svg data-src=/train.png>",
            [("boat.png", "data-src"), ("train.png", "data-src")],
        ),
        # What all name besides is a placeholder, too.
        (
            "<img src=/w.png data-src=/w2.png data-lazy-src=/boat.png>"
            "<img src=/w.png data-src=/w2.png data-lazy-src=/car.png>",
            [("boat.png", "data-lazy-src"), ("car.png", "data-lazy-src")],
        ),
        # An image among them that names nothing else keeps it.
        (
            "<img src=/w.png data-src=/boat.png><img src=/w.png><img src=/w.png data-src=/train.png>",
            [("boat.png", "data-src"), ("w.png", "src"), ("train.png", "data-src")],
        ),
        # The URL stands amid other words.
        (
            "<img src=/w.png data-src=/boat.png><img src=/w.png data-src=/car.png>"
            "<img src=/w.png data-img-size='xs::/bus.png'>",
            [("boat.png", "data-src"), ("car.png", "data-src"), ("bus.png", "data-img-size")],
        ),
        # One image, shown again: with the same URLs, some of them, none, cut otherwise.
        ("<img src=/boat.png srcset=/b.png><img src=/boat.png srcset=/b.png>", [("boat.png", "src")]),
        (
            "<img src=/x.png srcset='/b.png 1x, /c.png 2x'><img src=/x.png srcset='/c.png, /d.png 2x'>"
            "<img src=/x.png srcset='/b.png, /d.png 2x'>",
            [("x.png", "src")],
        ),
        ("<img src=/boat.png srcset=/b.png><img src=/boat.png>", [("boat.png", "src")]),
        (
            "<img src=/1/boat.png data-src=/2/boat.png><img src=/1/boat.png data-src=/3/boat.png>",
            [("1/boat.png", "src")],
        ),
        ("<img src=/car.png data-src=/car-2.png><img src=/car.png data-src=/car-3.png>", [("car.png", "src")]),
        # A short name isn't the beginning of others.
        (
            "<img src=/p.gif data-src=/pin.png><img src=/p.gif data-src=/pan.png>",
            [("pin.png", "data-src"), ("pan.png", "data-src")],
        ),
        # Links lead to many images from one icon.
        ("<a href=/b.png><img src=/x.png></a><a href=/c.png><img src=/x.png></a>", [("x.png", "src")]),
    ],
)
def test_told_by_use(html: str, found: list[tuple[str, str]]) -> None:
    assert first(html) == found


def test_a_placeholder_is_no_url_of_the_images() -> None:
    html = "<a href=/big.png><img src=/w.png data-src=/boat.png></a><img src=/w.png data-src=/train.png>"
    assert [urls(one) for one in found_in(html)] == [
        [("boat.png", "data-src"), ("big.png", "link")],
        [("train.png", "data-src")],
    ]
