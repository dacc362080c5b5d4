"""Hostile markup is cut, and nothing else is."""

import time

import pytest

from webpairs.page.markup import bounded, without_head_noscript

ATTRIBUTES = " ".join(f"a{number}" for number in range(20_000))
QUOTED = " ".join(f"a{number}='>'" for number in range(20_000))
HARMLESS = [
    "<p>paragraph <b>x</b></p>\n" * 5000,
    "<p>never closed<li>nor this<br>" * 5000,
    "<script>if (a<b) x='<div>'; </script>" * 5000,
    "<script>" + "x<y;" * 20_000 + "</script>",
    "<svg>" + "<use href=a />" * 5000 + "</svg>",
    f"<img src='data:image/png;base64,{'A/' * 40_000}'>",
    "<div><div><span>x</span></div></div>" * 3000,
    "<!-- " + "<div>" * 20_000 + "-->",
]


@pytest.mark.parametrize("html", HARMLESS)
def test_harmless_markup_stays(html: str) -> None:
    assert bounded(html.encode()) == (html.encode(), [])


@pytest.mark.parametrize(
    "harm",
    [
        "<div>" * 20_000,
        "<b><i>" * 20_000,
        f"<img {ATTRIBUTES}>",
        f"<img {QUOTED}>",
        f"<img {ATTRIBUTES}",
        "<div></nothing>" * 10_000,
    ],
)
def test_harmful_markup_is_cut(harm: str) -> None:
    before = "<p>fine</p>" * 10
    html, reasons = bounded((before + harm).encode())
    assert reasons
    assert html.startswith(before.encode())
    assert len(html) < len(before) + 20_000


@pytest.mark.parametrize(
    "html", ["<a " * 300_000, "<!--" * 300_000, "<a '" * 300_000, "<script>" * 200_000, "<" * 900_000]
)
def test_scanning_takes_linear_time(html: str) -> None:
    start = time.process_time()
    bounded(html.encode())
    assert time.process_time() - start < 5


def test_noscript_goes_from_the_head_alone() -> None:
    html = b"<head><NOSCRIPT><img src=a></NOSCRIPT><link></head><body><noscript><img src=b></noscript>"
    assert without_head_noscript(html.replace(b"NOSCRIPT", b"noscript")) == (
        b"<head><link></head><body><noscript><img src=b></noscript>",
        1,
    )
    assert without_head_noscript(b"<noscript><img src=a></noscript>") == (b"<noscript><img src=a></noscript>", 0)
