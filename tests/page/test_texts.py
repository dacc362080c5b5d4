"""The texts of an image: each with its source, and its place in the text of the page."""

import pytest

from tests.page.test_candidates import found_in, page_of, texts
from webpairs.page.counts import Counts
from webpairs.page.texts import LABELS_AT_MOST, SHARED_AT_MOST, TEXT_AT_MOST


def said(html: str, counts: Counts | None = None) -> list[tuple[str, str]]:
    """The texts of the page's only image."""
    (candidate,) = found_in(html, counts)
    return texts(candidate)


def pieces(html: str) -> list[tuple[str, str | None]]:
    """The sources of the texts of the page's only image, and what stands in the page's text at their places."""
    page = page_of(html)
    assert page is not None
    (candidate,) = page.candidates
    return [(text.source, page.text[text.start : text.end] if text.start >= 0 else None) for text in candidate.texts]


# --- the image's own attributes


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("alt=' A \n red&nbsp;boat '", [("alt", "A red boat")]),
        ("alt='cafe\u0301&shy;s\u200b'", [("alt", "cafés")]),
        ("alt='&lt;b&gt; &amp;amp;'", [("alt", "<b> &amp;")]),
        ("alt=' ' title='' aria-label='\u200b'", []),
        ("alt title aria-label", []),
        ("title=b aria-label=c alt=a", [("alt", "a"), ("title", "b"), ("aria-label", "c")]),
        ("alt=same title=same", [("alt", "same"), ("title", "same")]),
    ],
)
def test_attributes(attributes: str, expected: list[tuple[str, str]]) -> None:
    assert said(f"<img src=a.png {attributes}>") == expected


@pytest.mark.parametrize(
    ("attribute", "alt"), [("alt=' A  boat'", "A boat"), ("alt=''", ""), ("alt", ""), ("title=x", None)]
)
def test_an_alt_that_says_nothing_is_not_a_missing_one(attribute: str, alt: str | None) -> None:
    (candidate,) = found_in(f"<img src=a.png {attribute}>")
    assert candidate.alt == alt


def test_long_attributes_are_cut() -> None:
    counts = Counts()
    [(_, text)] = said(f"<img src=a.png alt='{'x' * (TEXT_AT_MOST + 7)}'>", counts)
    assert (len(text), counts.cuts["attribute_too_long"]) == (TEXT_AT_MOST, 1)


# --- elements around the image


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<figure>{}<figcaption>A <b>red</b> boat</figcaption></figure>", [("figcaption", "A red boat")]),
        ("<figure><figcaption>above</figcaption>{}</figure>", [("figcaption", "above")]),
        ("<figure><a href=/x>{}</a><div><figcaption>deep</figcaption></div></figure>", [("figcaption", "deep")]),
        ("<figure><picture>{}</picture><figcaption>x<p>y</p></figcaption></figure>", [("figcaption", "x\ny")]),
        ("<figure>{}<figcaption>x</figcaption><figcaption>y</figcaption></figure>", [("figcaption", "x")]),
        ("<figure>{}<figcaption> <script>no</script></figcaption></figure>", []),
        ("<figure>{}<figcaption hidden>no</figcaption></figure>", []),
        ("<figure>{}<figcaption>never closed", [("figcaption", "never closed")]),
        ("<figure><figcaption>of another</figcaption></figure>{}", []),
        ("<table><caption>Ships</caption><tr><td>{}</table>", [("table_caption", "Ships")]),
        ("<table><caption>outer</caption><tr><td><table><tr><td>{}</table></table>", []),
        ("<table><tr><td>x</table>{}", []),
        ("<a href=/x>{} Boats</a>", [("link", "Boats")]),
        ("<button>{}Show</button>", [("link", "Show")]),
        ("<a href=/x aria-label='The  boat'>{}</a>", [("link_aria-label", "The boat")]),
        ("<a href=/x>Other</a>{}", []),
        ("<h1>Old</h1><h3>Near <i>it</i></h3><p>x</p>{}", [("heading", "Near it")]),
        ("<section><h2>Inside</h2></section>{}", [("heading", "Inside")]),
        ("<h2>In {} it</h2>", [("heading", "In it")]),
        ("<h2> </h2>{}", []),
        ("{}<h2>after</h2>", []),
        ("<div>{}<p class='x caption'>Words</p></div>", [("caption", "Words")]),
        ("<div class=wp-caption>{}<p>Words</p></div>", [("caption", "Words")]),
        ("<div>{}</div><div><p>text</p></div><p class=caption>far</p>", []),
        ("<div>{}<p class=caption>first</p><p class=caption>second</p></div>", [("caption", "first")]),
    ],
)
def test_elements(html: str, expected: list[tuple[str, str]]) -> None:
    html = html.format("<img src=a.png>")
    assert said(html) == expected
    of_scopes = [(source, text) for source, text in expected if source != "link_aria-label"]
    assert [(source, text) for source, text in pieces(html) if text is not None] == of_scopes


def test_a_caption_between_two_images_belongs_to_the_one_in_its_element() -> None:
    html = "<div><img src=a.png></div><div><p class=caption>of b</p><img src=b.png></div>"
    assert [texts(candidate) for candidate in found_in(html)] == [[], [("caption", "of b")]]


def test_long_elements_are_cut_where_they_stand() -> None:
    html = f"<h2>{'word ' * TEXT_AT_MOST}</h2><img src=a.png>"
    [(source, text)] = said(html)
    assert (source, len(text)) == ("heading", TEXT_AT_MOST)
    assert pieces(html) == [(source, text)]


# --- labels


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p id=l>A <b>red</b> boat</p><img src=a.png aria-labelledby=l>", [("aria-labelledby", "A red boat")]),
        ("<img src=a.png aria-describedby=l><p id=l>after</p>", [("aria-describedby", "after")]),
        ("<p id=l hidden>for some</p><img src=a.png aria-labelledby=l>", [("aria-labelledby", "for some")]),
        (
            "<p id=l>one<p id=m>two</p><img src=a.png aria-labelledby=' m  l no '>",
            [("aria-labelledby", "two"), ("aria-labelledby", "one")],
        ),
        ("<p id=l>first</p><p id=l>second</p><img src=a.png aria-labelledby=l>", [("aria-labelledby", "first")]),
        (
            "<ul id=l><li>red</li><li>boat<script>no</script></ul><img src=a.png aria-labelledby=l>",
            [("aria-labelledby", "red boat")],
        ),
        ("<p id=L>x</p><p id=m></p><img src=a.png aria-labelledby='l m' aria-describedby>", []),
        ("<p id>x</p><img src=a.png aria-labelledby=''>", []),
    ],
)
def test_labels(html: str, expected: list[tuple[str, str]]) -> None:
    assert said(html) == expected


def test_an_image_that_labels_itself_says_nothing() -> None:
    assert said("<img id=i src=a.png alt=x aria-labelledby=i>") == [("alt", "x")]


def test_of_many_labels_the_first_ten_count() -> None:
    labels = "".join(f"<p id=l{number}>{number}</p>" for number in range(20))
    named = " ".join(f"l{number}" for number in range(20))
    assert len(said(f"{labels}<img src=a.png aria-labelledby='{named}'>")) == 10


def test_labels_beyond_the_bound_are_counted() -> None:
    counts = Counts()
    images = LABELS_AT_MOST // 10 + 1
    labels = "".join(f"<p id=l{number}>x</p>" for number in range(10 * images))
    named = [" ".join(f"l{10 * image + label}" for label in range(10)) for image in range(images)]
    html = labels + "".join(f"<img src={image}.png aria-labelledby='{one}'>" for image, one in enumerate(named))
    found = found_in(html, counts)
    assert [len(candidate.texts) for candidate in found[-2:]] == [10, 0]
    assert counts.cuts["labels_too_many"] == 10


# --- places


def test_places_of_texts_that_stand_in_the_page() -> None:
    html = (
        "<h2>Harbour</h2><table><caption>Old ships</caption><tr><td><figure><a href=/x title='red boat'>"
        "<img src=a.png alt='A RED  boat' title='not there' aria-label=harbour>see</a>"
        "<figcaption>A red, boat</figcaption></figure></table>"
    )
    assert pieces(html) == [
        ("alt", "red, boat"),
        ("title", None),
        ("aria-label", "Harbour"),
        ("figcaption", "A red, boat"),
        ("table_caption", "Old ships"),
        ("link", "see"),
        ("heading", "Harbour"),
        ("link_title", "red, boat"),
    ]


def test_repeats_keep_the_texts_of_all() -> None:
    html = (
        "<figure><img src=a.png alt=one><figcaption>first</figcaption></figure>"
        "<figure><img src=a.png alt=two><figcaption>first</figcaption></figure><img src=a.png alt=one>"
    )
    (candidate,) = found_in(html)
    assert texts(candidate) == [("alt", "one"), ("figcaption", "first"), ("alt", "two")]
    assert (candidate.alt, candidate.occurrences) == ("one", 3)


def test_texts_of_one_image_are_bounded() -> None:
    html = "".join(f"<img src=a.png alt='text {number}'>" for number in range(80))
    (candidate,) = found_in(html)
    assert (len(candidate.texts), candidate.occurrences) == (50, 80)


def test_texts_that_images_share_are_bounded_on_a_page() -> None:
    counts = Counts()
    heading = "x" * TEXT_AT_MOST
    images = SHARED_AT_MOST // TEXT_AT_MOST + 5
    html = f"<h2>{heading}</h2>" + "".join(f"<img src={number}.png alt=own>" for number in range(images))
    found = found_in(html, counts)
    assert sum(len(text.text) for one in found for text in one.texts if text.source == "heading") == SHARED_AT_MOST
    assert texts(found[-1]) == [("alt", "own")]
    assert counts.cuts["shared_texts_too_long"] == 5
