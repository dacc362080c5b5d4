"""What a reader sees of a page, and where its images are in it."""

from unicodedata import is_normalized

import pytest

from webpairs.page import walk
from webpairs.page.walk import DEPTH_AT_MOST, IMAGES_AT_MOST, read


def around(html: str) -> tuple[str, str]:
    """The text before and after the page's only image."""
    page = read(html)
    (image,) = page.images
    return page.text[: image.offset], page.text[image.offset :]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Some <b>bold</b>er  text\n here<p>Next", "Some bolder text here\nNext"),
        ("one<br>two<div>three</div>four", "one\ntwo\nthree\nfour"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\nb\nc"),
        ("<ul><li>x<li>y</ul>", "x\ny"),
        ("a&nbsp;b&shy;c\u200bd", "a bcd"),
        ("cafe\u0301 A\u030a", "café Å"),
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


def test_paths_count_elements_of_the_same_name() -> None:
    page = read("<p>x</p><div></div><div><img src=a>t<b></b><img src=b></div>")
    assert [image.path for image in page.images] == ["html>body>div[2]>img[1]", "html>body>div[2]>img[2]"]


def test_caption_is_that_of_the_innermost_figure() -> None:
    page = read(
        "<figure><img src=a><figure><img src=b><figcaption>inner <i>x</i></figcaption></figure>"
        "<figcaption>outer<script>no</script></figcaption></figure><img src=c>"
    )
    assert [image.figure and image.figure.caption for image in page.images] == ["outer", "inner x", None]


def test_picture_sources_belong_to_the_image_in_it() -> None:
    page = read("<picture><source srcset=a><source srcset=b><img></picture><video><source src=v></video><img>")
    assert [[one["srcset"] for one in image.picture] for image in page.images] == [["a", "b"], []]


def test_images_in_noscript_are_marked_and_base_is_the_first() -> None:
    page = read("<base href=/a/><base href=/b/><body><noscript>n<img src=x></noscript><img src=y>")
    assert [image.in_noscript for image in page.images] == [True, False]
    assert (page.base, page.text) == ("/a/", "")


def test_images_beyond_the_bound_are_counted() -> None:
    page = read("<img src=a>" * (IMAGES_AT_MOST + 3))
    assert (len(page.images), page.images_beyond) == (IMAGES_AT_MOST, 3)


def test_what_is_nested_too_deep_is_passed_over() -> None:
    page = read("<div>" * (DEPTH_AT_MOST + 50) + "deep<img src=a>" + "</div>" * (DEPTH_AT_MOST + 50) + "after")
    assert (page.text, page.images, page.too_deep) == ("after", [], 1)


def test_no_markup_raises() -> None:
    for html in ("<", "<<>>", "\x00", "<p", "</figcaption></figure>", "<img", "\ud800", "<figcaption>x</figcaption>"):
        assert isinstance(read(html), walk.Page)
