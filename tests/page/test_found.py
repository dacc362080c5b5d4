"""What is found of elements by their attributes: hidden ones, images by style, captions, menus."""

import pytest

from tests.page.test_candidates import found_in, page_of


@pytest.mark.parametrize(
    ("attributes", "is_read"),
    [
        ("hidden", False),
        ("hidden=until-found", False),
        ("style='display:none'", False),
        ("style='color:red;DISPLAY: None'", False),
        ("style='visibility: collapse'", False),
        ("class='x visually-hidden y'", False),
        ("class=screen-reader-text", False),
        ("style='display:block'", True),
        ("style='x-display:none'", True),
        ("style='background:none'", True),
        ("class=not-sr-only", True),
        ("class=hidden", True),
        ("aria-hidden=true", True),
    ],
)
def test_what_is_hidden_is_not_read(attributes: str, is_read: bool) -> None:
    page = page_of(f"<p>before</p><p {attributes}>in <b>it</b></p><p>after</p><img src=a.png>")
    assert page is not None
    assert page.text == ("before\nin it\nafter" if is_read else "before\nafter")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div style='display:none'><p>slide</p><img src=a.png></div>", "slide"),
        ("<div hidden><p>slide</p><img src=a.png></div>", ""),
        ("<div style='display:none'><div style='display:none'>x</div><img src=a.png></div>", ""),
        ("<html style='visibility:hidden'><body style='display:none'>x<img src=a.png>", "x"),
    ],
)
def test_images_in_hidden_elements_are_found(html: str, text: str) -> None:
    page = page_of(html)
    assert page is not None
    assert (len(page.candidates), page.text) == (1, text)


@pytest.mark.parametrize(
    ("style", "urls"),
    [
        ("background-image:url(a.png)", ["a.png"]),
        ("BACKGROUND : no-repeat URL( &quot;a b.png&quot; ) 0 0", ["a%20b.png"]),
        ("color:red;background:url(a.png);background:url(b.png)", ["a.png", "b.png"]),
        ("list-style-image:url(a.png)", []),
        ("background:red;cursor:url(a.png)", []),
        ("background:url()", []),
    ],
)
def test_images_by_style(style: str, urls: list[str]) -> None:
    found = found_in(f'<p style="{style}">x</p>')
    assert [[url.url for url in one.urls] for one in found] == (
        [[f"http://www.x.example/p/{u}" for u in urls]] if urls else []
    )
    assert all(one.element == "background" for one in found)
