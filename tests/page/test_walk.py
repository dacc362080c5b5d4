"""What a reader sees of a page, and where its images are in it."""

from unicodedata import is_normalized

import pytest

from webpairs.page import walk
from webpairs.page.walk import DEPTH_AT_MOST, IMAGES_AT_MOST, Scope


def read(html: str) -> walk.Page:
    return walk.read(html.encode("utf-8", "replace"))


def text_of(page: walk.Page, scope: Scope | None) -> str | None:
    span = scope and page.reading.span(scope.start, scope.end)
    return page.text[span[0] : span[1]] if span else None


def around(html: str) -> tuple[str, str]:
    """The text before and after the page's only image."""
    page = read(html)
    (image,) = page.images
    offset = page.reading.at(image.place)
    return page.text[:offset], page.text[offset:]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Some <b>bold</b>er  text\n here<p>Next", "Some bolder text here\nNext"),
        ("one<br>two<div>three</div>four", "one\ntwo\nthree\nfour"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\nb\nc"),
        ("<ul><li>x<li>y</ul>", "x\ny"),
        ("a&nbsp;b&shy;c\u200bd", "a bcd"),
        ("cafe\u0301 A\u030a", "café Å"),
        ("<p>a</p><p>\u200c</p><p> \u200d\u200c \u200b\u200c </p><p>b \u200c c\u200cd</p>", "a\nb c\u200cd"),
        ("<title>T</title>x<script>s</script><style>y</style><template>t</template><noscript>n</noscript>", "x"),
        ("<p hidden>a</p><p style='color:red; DISPLAY : none'>b<i>c</i></p><p class='x sr-only'>d</p>e", "e"),
        (
            "<p style='visibility:hidden'>a</p><dialog>b</dialog><dialog open>c</dialog><p style='display:block'>d",
            "c\nd",
        ),
        ("<body style='display:none'>shown by a script", "shown by a script"),
        ("<select><option>o</select><textarea>t</textarea><svg><text>s</text></svg>x", "x"),
        ("<a>One</a><a>Two</a> <a>Three</a>", "One Two Three"),
        ("<!-- c -->x<!-- c -->y", "xy"),
        ("", ""),
    ],
)
def test_text(html: str, text: str) -> None:
    page = read(html)
    assert page.text == text
    assert is_normalized("NFC", page.text)


@pytest.mark.parametrize(
    ("html", "before", "after"),
    [
        ("<p>before <img src=x> after", "before", " after"),
        ("<p>be<img src=x>side", "be", "side"),
        ("<p>before</p><img src=x><p>after", "before", "\nafter"),
        ("<img src=x>after", "", "after"),
        ("before<figure><img src=x><figcaption>cap</figcaption></figure>after", "before", "\ncap\nafter"),
        ("<p>a <span hidden>no</span><img src=x> b", "a", " b"),
    ],
)
def test_before_and_after_meet_at_the_image(html: str, before: str, after: str) -> None:
    assert around(html) == (before, after)


def test_a_slide_that_scripts_show_is_read() -> None:
    assert around("<p>a</p><div style='display:none'><img src=x><p>caption</p></div>") == ("a", "\ncaption")


def test_paths_select_their_elements() -> None:
    html = (
        "<p>x</p><!-- c --><div></div><div><img src=a>t<b></b><img src=b></div>"
        "<o:p><img src=c></o:p><ul><li><img src=d><li><img src=e></ul>"
    )
    page = read(html)
    assert page.images[1].path == "html>body>div:nth-child(3)>img:nth-child(3)"
    for image in page.images:
        (found,) = page.tree.css(image.path)
        assert found.attributes == image.attributes


def test_caption_is_that_of_the_innermost_figure() -> None:
    page = read(
        "<figure><img src=a><figure><img src=b><figcaption>inner <i>x</i></figcaption></figure>"
        "<figcaption>outer<script>no</script></figcaption></figure><img src=c>"
    )
    captions = [text_of(page, image.figure.caption) if image.figure else None for image in page.images]
    assert captions == ["outer", "inner x", None]


def test_what_stands_around_an_image() -> None:
    page = read(
        "<nav><img src=a></nav><h2>Boats <i>at</i> sea</h2><table><caption>Ships</caption><tr><td>"
        "<a href=l>The <img src=b> boat</a></table><noscript><img src=c></noscript>"
    )
    first, second, third = page.images
    assert [image.in_boilerplate for image in page.images] == [True, False, False]
    assert [image.in_noscript for image in page.images] == [False, False, True]
    assert first.heading is None and first.link is None
    assert text_of(page, second.heading) == "Boats at sea"
    assert text_of(page, second.link) == "The boat"
    assert second.table is not None and text_of(page, second.table.caption) == "Ships"
    assert third.table is None and third.link is None


def test_other_elements_that_show_images() -> None:
    page = read(
        "<amp-img src=a></amp-img><input type=IMAGE src=b><input type=text src=no>"
        "<video poster=c></video><video></video>"
        "<div style='background: url(d.png)'></div><div style='color: red'></div>"
    )
    assert [image.element for image in page.images] == ["amp-img", "input", "poster", "background"]


def test_picture_sources_belong_to_the_image_in_it() -> None:
    page = read("<picture><source srcset=a><source srcset=b><img></picture><video><source src=v></video><img>")
    assert [[one["srcset"] for one in image.picture] for image in page.images] == [["a", "b"], []]


def test_images_beyond_the_bound_are_counted() -> None:
    page = read("<img src=a>" * (IMAGES_AT_MOST + 3))
    assert (len(page.images), page.images_beyond) == (IMAGES_AT_MOST, 3)


def test_what_is_nested_too_deep_is_passed_over() -> None:
    page = read("<div>" * (DEPTH_AT_MOST + 50) + "deep<img src=a>" + "</div>" * (DEPTH_AT_MOST + 50) + "after")
    assert (page.text, page.images, page.too_deep) == ("after", [], 1)


def test_no_markup_raises() -> None:
    for html in ("<", "<<>>", "\x00", "<p", "</figcaption></figure>", "<img", "\ud800", "<figcaption>x</figcaption>"):
        assert isinstance(read(html), walk.Page)
