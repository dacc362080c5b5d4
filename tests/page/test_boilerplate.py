"""Which parts of a page's text are menus and other boilerplate."""

import pytest

from tests.page.test_candidates import PROSE, page_of

IMAGE = "<img src=a.png>"
LINKS = "<li><a href=/1>One</a></li><li><a href=/2>Two</a></li><li><a href=/3>Three</a></li>"


def marked(html: str) -> list[str]:
    """The pieces of a page's text that are marked."""
    page = page_of(html + IMAGE)
    assert page is not None
    assert all(0 <= start < end <= len(page.text) for start, end in page.boilerplate)
    return [page.text[start:end] for start, end in page.boilerplate]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<nav>Menu <a href=/>Home</a></nav><p>text", ["Menu Home"]),
        ("<p>text</p><footer>Imprint</footer>", ["Imprint"]),
        ("<aside><p>See</p><p>also</p></aside><p>text", ["See\nalso"]),
        ("<header>Site</header><main><p>text</p></main>", ["Site"]),
        ("<div role=navigation>Menu</div><p>text", ["Menu"]),
        ("<div role=contentinfo>Imprint</div><p>text", ["Imprint"]),
        ("<p>text <span role=search>find</span> more", ["find"]),
        ("<div role=main>text</div><div role=img>x</div>", []),
        ("<nav></nav><footer> <script>x</script></footer><p>text", []),
        ("<nav hidden>Menu</nav><p>text", []),
        ("<nav>never closed", ["never closed"]),
    ],
)
def test_elements_made_for_it(html: str, expected: list[str]) -> None:
    assert marked(html) == expected


@pytest.mark.parametrize("around", ["article", "main", "section"])
def test_headers_and_footers_of_articles_belong_to_them(around: str) -> None:
    html = f"<{around}><header>Boats</header>text<nav>Menu</nav><aside>See</aside><footer>by Ann</footer></{around}>"
    assert marked(html) == ["Menu\nSee"]
    assert marked(f"<{around}>text</{around}><footer>Imprint</footer>") == ["Imprint"]


def test_spans_that_overlap_or_touch_are_one() -> None:
    assert marked("<nav>Menu <div role=menu>More</div> end</nav><p>text") == ["Menu\nMore\nend"]
    assert marked("<nav>Menu</nav><footer>Imprint</footer><p>text</p><nav>Again</nav>") == ["Menu\nImprint", "Again"]
    assert marked(f"<nav>Menu</nav><ul>{LINKS}</ul><p>text") == ["Menu\nOne\nTwo\nThree"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<ul>{LINKS}</ul>", ["One\nTwo\nThree"]),
        (f"<p>text</p><ul>{LINKS}</ul><p>text", ["One\nTwo\nThree"]),
        (f"<ul>{LINKS}</ul><p>text</p><ul>{LINKS}</ul>", ["One\nTwo\nThree", "One\nTwo\nThree"]),
        (f"<ul>{LINKS.replace('<li>', '<li>1. ')}</ul>", []),
        ("<ul>" + LINKS.replace("<li>", "<li>» ") + "</ul>", ["» One\n» Two\n» Three"]),
        ("<p><a href=/1>One</a> <a href=/2>Two</a></p><p><a href=/3>Three</a></p>", []),
        ("<p><a href=/1>One</a></p><p>text</p><p><a href=/2>Two</a></p><p><a href=/3>Three</a></p>", []),
        (f"<p>{PROSE}<a href=/>link</a></p>" * 5, []),
        # A card is one link around several blocks.
        ("<a href=/><h3>One</h3><p>Two</p><p>Three</p></a><p><a href=/>Four</a></p><p><a href=/>Five</a></p>", []),
        ("<p>text", []),
        # White space in links is no text of theirs.
        (
            "<p>Some text, without a link</p>" + f"<li><a href=/x>\n{' ' * 40}<img src=f.png>\n{' ' * 40}</a></li>" * 3,
            [],
        ),
        (f"<h3><a href=/1>Some news</a></h3><p>Some text</p><p>{'<a href=/> </a>' * 30}More text</p>", []),
        (f"<p>Some text, which is longer than this <a href=/>link\n{' ' * 80}here</a></p>" * 3, []),
        ("".join(f"<li><a href=/{word}>\n  {word}\n\n</a></li>" for word in "abc"), ["a\nb\nc"]),
        # Long links are teasers.
        (f"<p><a href=/>{'x' * 80}</a></p>" * 3, ["\n".join(["x" * 80] * 3)]),
        (f"<p><a href=/>{'x' * 81}</a></p>" * 3, []),
        # Headings are no entries.
        ("<p><a href=/1>One</a></p><h3><a href=/2>Two</a></h3><p><a href=/3>Three</a></p>", []),
        (f"<ul>{LINKS}</ul><h3> <a href=/2>Two</a></h3><ul>{LINKS}</ul>", ["One\nTwo\nThree", "One\nTwo\nThree"]),
        (f"<h3> </h3><ul>{LINKS}</ul><h3></h3>", ["One\nTwo\nThree"]),
    ],
)
def test_lists_of_links(html: str, expected: list[str]) -> None:
    assert marked(html) == expected


def test_no_text_no_boilerplate() -> None:
    assert marked("<nav></nav><a href=/></a>") == []


def test_places_are_those_of_the_text_as_it_is_read() -> None:
    html = "<p>cafe\u0301 &nbsp; \u200b&shy; x</p>\n<nav>  Me\u0301nu\n\n </nav>  <p> e\u0301nd"
    assert marked(html) == ["Ménu"]


@pytest.mark.parametrize(
    ("html", "inside"),
    [
        ("<nav><img src=b.png></nav>", True),
        ("<div role=banner><p><img src=b.png></p></div>", True),
        ("<nav>x</nav><img src=b.png>", False),
        ("<article><footer><img src=b.png></footer></article>", False),
    ],
)
def test_images_know_whether_they_stand_in_it(html: str, inside: bool) -> None:
    page = page_of(html)
    assert page is not None
    assert [candidate.in_boilerplate for candidate in page.candidates] == [inside]
