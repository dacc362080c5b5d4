"""Which captions and headings belong to which image, where no element says so."""

import pytest

from tests.page.test_candidates import found_in


def said(html: str, source: str) -> dict[str, list[str]]:
    """The texts of this source by the name of the image's file."""
    return {
        candidate.urls[0].url.rpartition("/")[2].partition(".")[0]: [
            text.text for text in candidate.texts if text.source == source
        ]
        for candidate in found_in(html)
    }


@pytest.mark.parametrize(
    ("html", "captions"),
    [
        # A magnifying glass in the caption, below the image.
        (
            "<div class=thumb><img src=a.png>"
            "<div class=thumbcaption><img src=b.png width=15 height=11>Boat</div></div>",
            {"a": ["Boat"], "b": []},
        ),
        # An image in the caption, and none directly before it.
        ("<div><img src=a.png><p>text</p><div class=caption><img src=b.png>Boat</div></div>", {"a": [], "b": ["Boat"]}),
        (
            "<div class=captioned><img src=a.png><p class=caption>Boat</p></div>"
            "<div class=captioned><img src=b.png><p class=caption>Train</p></div>",
            {"a": ["Boat"], "b": ["Train"]},
        ),
        # A row of images above a row of captions.
        (
            "<table><tr><td><img src=a.png><td><img src=b.png>"
            "<tr><td class=caption>Boat<td class=caption>Train</table>",
            {"a": ["Boat"], "b": ["Train"]},
        ),
        (
            "<div><img src=x.png><p class=caption>Old</p></div>"
            "<table><tr><td><img src=a.png><td><img src=b.png>"
            "<tr><td class=caption>Boat<td class=caption>Train</table>",
            {"x": ["Old"], "a": ["Boat"], "b": ["Train"]},
        ),
        # More images than captions: nobody knows whose they are, and the nearest gets the first.
        (
            "<div><img src=a.png><img src=b.png><img src=c.png><p class=caption>Boat</p>"
            "<p class=caption>Train</p></div>",
            {"a": [], "b": [], "c": ["Boat"]},
        ),
        # Directly in body, only with nothing between.
        ("<div class=figure><img src=a.png></div><p class=figcaption>Boat</p>", {"a": ["Boat"]}),
        ("<div class=figure><img src=a.png></div><p>text</p><p class=figcaption>Boat</p>", {"a": []}),
        ("<p class=figcaption>Boat</p><div class=figure><img src=a.png></div>", {"a": []}),
        ("<body class=caption-dark><p>text</p><img src=a.png>", {"a": []}),
        # A pin on a map.
        (
            "<div><img src=a.png width=250><img src=b.png width=12><div class=thumbcaption>Map</div></div>",
            {"a": ["Map"], "b": []},
        ),
        (
            "<div><img src=a.png width=250>text<img src=b.png width=12><div class=thumbcaption>Map</div></div>",
            {"a": [], "b": ["Map"]},
        ),
        ("<div><img src=a.png><p class=caption> </p><p class=caption>Boat</p></div>", {"a": ["Boat"]}),
    ],
)
def test_captions(html: str, captions: dict[str, list[str]]) -> None:
    assert said(html, "caption") == captions


@pytest.mark.parametrize(
    ("html", "headings"),
    [
        (
            "<h2>News</h2><article><img src=a.png><h3>Boat</h3></article>"
            "<article><img src=b.png><h3>Train</h3></article>",
            {"a": ["Boat"], "b": ["Train"]},
        ),
        # The image stands under a heading of what holds both, or text stands between.
        ("<div><h2>News</h2><img src=a.png><h3>Boat</h3></div>", {"a": ["News"]}),
        ("<h2>News</h2><article><img src=a.png><p>text</p><h3>Boat</h3></article>", {"a": ["News"]}),
        ("<h2>News</h2><article>text <img src=a.png> text<h3>Boat</h3></article>", {"a": ["News"]}),
        # An element with several images or sections is no card.
        ("<h2>News</h2><div><img src=a.png><h3>Boat</h3><img src=b.png></div>", {"a": ["News"], "b": ["Boat"]}),
        ("<h2>News</h2><div><img src=a.png><h3>Boat</h3>text<h3>Train</h3></div>", {"a": ["News"]}),
        ("<h2>News</h2><div><img src=a.png><h3>Boat</h3>text<h4>Train</h4></div>", {"a": ["Boat"]}),
        ("<h2>News</h2><img src=a.png><h3>Boat</h3>", {"a": ["News"]}),
        (
            "<h2>News</h2><div>" + "<div>" * 5 + "<img src=a.png>" + "</div>" * 5 + "<h3>Boat</h3></div>",
            {"a": ["Boat"]},
        ),
        (
            "<h2>News</h2><div>" + "<div>" * 6 + "<img src=a.png>" + "</div>" * 6 + "<h3>Boat</h3></div>",
            {"a": ["News"]},
        ),
        ("<h2>News</h2><div><img src=a.png><h3> </h3></div>", {"a": ["News"]}),
        ("<article><img src=a.png><h3>Boat</h3></article>", {"a": ["Boat"]}),
        # A lazy loader's copy is no other image.
        (
            "<h2>N</h2><div><img data-src=a.png><noscript><img src=a.png></noscript><h3>Boat</h3></div>",
            {"a": ["Boat", "N"]},
        ),
    ],
)
def test_headings_of_cards(html: str, headings: dict[str, list[str]]) -> None:
    assert said(html, "heading") == headings
