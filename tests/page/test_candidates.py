"""Candidates: every image of a page once, with its URLs, its texts and its place; windows; drops."""

import json
import time

import pytest

from webpairs.page.candidates import Candidate, Extract, Origin, candidate_id, extract
from webpairs.page.counts import Counts
from webpairs.page.normalise import find
from webpairs.page.tables import candidates_table, pages_table
from webpairs.page.text import language_of, window

URL = "http://www.x.example/p/"
PROSE = "The quick brown fox jumps over the lazy dog while the old man reads his newspaper in the garden. "


def page_of(html: str | bytes, counts: Counts | None = None, **headers: str) -> Extract | None:
    origin = Origin("a.warc.gz", "d" * 64, 17, 0, URL, "2024", "text/html; charset=utf-8", "", headers)
    body = html if isinstance(html, bytes) else html.encode()
    return extract(body, origin, 200, 250, Counts() if counts is None else counts)


def found_in(html: str | bytes, counts: Counts | None = None) -> list[Candidate]:
    page = page_of(html, counts)
    return page.candidates if page else []


def urls(candidate: Candidate) -> list[tuple[str, str]]:
    return [(url.url.removeprefix("http://www.x.example/"), url.name) for url in candidate.urls]


def texts(candidate: Candidate) -> list[tuple[str, str]]:
    return [(text.source, text.text) for text in candidate.texts]


@pytest.mark.parametrize(
    ("html", "element", "expected"),
    [
        # What others lose: images in figure and picture, URLs with commas, relative ones, lazy ones.
        ("<figure><img src=a.png></figure>", "img", [("p/a.png", "src")]),
        (
            "<picture><source srcset='b.webp 2x'><img src=a.png></picture>",
            "img",
            [("p/a.png", "src"), ("p/b.webp", "source srcset")],
        ),
        ("<img src='a,b.png' srcset='c,d.png 2x'>", "img", [("p/a,b.png", "src"), ("p/c,d.png", "srcset")]),
        ("<img src=../up/x.png>", "img", [("up/x.png", "src")]),
        ("<base href=/b/><img src=a.png>", "img", [("b/a.png", "src")]),
        ("<img src='data:image/gif;base64,AA' data-src=a.png>", "img", [("p/a.png", "data-src")]),
        ("<noscript><img src=a.png></noscript>", "img", [("p/a.png", "src")]),
        ("<amp-img src=a.png></amp-img>", "amp-img", [("p/a.png", "src")]),
        ("<input type=image src=a.png>", "input", [("p/a.png", "src")]),
        ("<video poster=a.png></video>", "poster", [("p/a.png", "poster")]),
        ("<div style='background-image:url(a.png)'></div>", "background", [("p/a.png", "style")]),
        ("<div data-bg='/a.png'></div>", "background", [("a.png", "data-bg")]),
        ("<table><td background=a.png>x</table>", "background", [("p/a.png", "background")]),
        ("<a href=large.jpg><img src=a.png></a>", "img", [("p/a.png", "src"), ("p/large.jpg", "link")]),
        ("<meta property=og:image content=/a.png>", "og:image", [("a.png", "og:image")]),
        ("<meta name=twitter:image content=/a.png>", "twitter:image", [("a.png", "twitter:image")]),
        ("<link rel=image_src href=/a.png>", "image_src", [("a.png", "image_src")]),
        ("<img src='//cdn.example/a b.png'>", "img", [("http://cdn.example/a%20b.png", "src")]),
    ],
)
def test_every_source_gives_a_candidate(html: str, element: str, expected: list[tuple[str, str]]) -> None:
    (candidate,) = found_in(html)
    assert (candidate.element, urls(candidate)) == (element, expected)


def test_a_data_uri_is_an_image_of_its_own() -> None:
    uri = "data:image/png;base64," + "A" * 4000
    (candidate,) = found_in(f"<img src='{uri}' alt=dot>")
    assert candidate.urls[0].url == uri


def test_json_ld_names_images_with_their_texts() -> None:
    value = {
        "@graph": [
            {"@type": "Article", "headline": "Boats", "image": {"@id": "#main"}},
            {"@type": "ImageObject", "@id": "#main", "url": "/a.png", "caption": "A red boat \ud800 f&uuml;r"},
            {"@type": "Product", "name": "Oar", "image": ["/b.png", {"contentUrl": "/c.png"}]},
        ]
    }
    html = (
        f"<script type='application/ld+json'>{json.dumps(value)}</script><script type='application/ld+json'>{{</script>"
    )
    counts = Counts()
    found = found_in(html, counts)
    assert [candidate.urls[0].url[-5:] for candidate in found] == ["a.png", "b.png", "c.png"]
    assert texts(found[0]) == [("json_ld_caption", "A red boat ? für")]
    assert texts(found[1]) == texts(found[2]) == [("json_ld_about_name", "Oar")]
    assert counts.cuts["json_ld_unreadable"] == 1
    page = page_of(html)
    assert page is not None
    assert candidates_table([page]).height == 3


def test_texts_come_with_their_sources_and_places() -> None:
    html = (
        "<h2>Harbour</h2><p id=d>Seen from the pier.</p><a href=/x title='To the boat'><img src=a.png alt='A red boat'"
        " title='the  boat' aria-label=boat aria-describedby='d nothing'></a><p>A red boat lies there.</p>"
    )
    page = page_of(html)
    assert page is not None
    (candidate,) = page.candidates
    assert texts(candidate) == [
        ("alt", "A red boat"),
        ("title", "the boat"),
        ("aria-label", "boat"),
        ("aria-describedby", "Seen from the pier."),
        ("heading", "Harbour"),
        ("link_title", "To the boat"),
    ]
    for text in candidate.texts:
        if text.start >= 0:
            assert find(text.text, page.text[text.start : text.end])
    assert [text.start >= 0 for text in candidate.texts] == [True, True, True, True, True, False]


def test_captions_without_a_figure_belong_to_the_nearest_image() -> None:
    html = (
        "<div><img src=a.png><p class=wp-caption-text>First</p></div><div><img src=b.png></div>"
        "<div class=Caption><img src=c.png><span>Third</span></div>"
    )
    captions = [[text for source, text in texts(candidate) if source == "caption"] for candidate in found_in(html)]
    assert captions == [["First"], [], ["Third"]]


def test_one_candidate_an_image_and_repeats_are_counted() -> None:
    counts = Counts()
    html = (
        "<meta property=og:image content=/p/a.png><meta property=og:image:alt content='said elsewhere'>"
        "<img src=a.png><img src=a.png alt=again><img data-src=a.png>"
        "<noscript><img src=b.png><img src=a.png></noscript>"
    )
    first, second = found_in(html, counts)
    assert (first.occurrences, first.alt) == (3, "again")
    assert texts(first) == [("alt", "again"), ("og_image_alt", "said elsewhere")]
    assert urls(second) == [("p/b.png", "src")]
    assert (counts.repeats, counts.drops["copy"]) == (2, 2)
    assert counts.images_found == counts.candidates + counts.repeats + sum(counts.drops.values()) == 6


def test_drops_and_unresolved_urls_have_reasons() -> None:
    counts = Counts()
    found = found_in("<img alt=none><img src='javascript:x'><img src='http://[' srcset='a.png 2x'>", counts)
    assert [urls(candidate) for candidate in found] == [[("p/a.png", "srcset")]]
    assert +counts.drops == {"no_url": 1, "not_http": 1}
    assert counts.urls_unresolved == {"not_http": 1, "bad_url": 1}


def test_identities_are_of_page_and_path() -> None:
    page = page_of("<img src=a.png><img src=b.png>")
    assert page is not None
    others = [Origin("a.warc.gz", "e" * 64, 17, 0, URL, "", ""), Origin("a.warc.gz", "d" * 64, 17, 1, URL, "", "")]
    pages = [page.origin.page_id, *(origin.page_id for origin in others)]
    paths = [candidate.dom_path for candidate in page.candidates]
    identities = {candidate_id(page_id, path) for page_id in pages for path in paths}
    assert len(identities) == 6
    assert {len(identity) for identity in identities} == {24}


def test_opt_outs_and_licences_are_kept_where_they_stand() -> None:
    html = (
        "<meta name=robots content='index, noai'><meta name=googlebot content='max-image-preview:large, noodp'>"
        "<meta name=tdm-reservation content=1><img src=a.png><a rel=license href=/by>x</a>"
        "<a href=https://creativecommons.org/licenses/by/4.0/>y</a>"
    )
    page = page_of(
        html, **{"x-robots-tag": "noimageai", "tdm-reservation": "0", "link": "</l>; rel=license, </n>; rel=next"}
    )
    assert page is not None
    assert page.metadata.opt_outs == [
        ("header x-robots-tag", "noimageai"),
        ("meta robots", "index, noai"),
        ("meta tdm-reservation", "1"),
    ]
    assert page.metadata.licences == ["/l", "/by", "https://creativecommons.org/licenses/by/4.0/"]


def test_alts_in_the_window_are_counted_as_labels_find_them() -> None:
    filler = "word " * 100
    counts = Counts()
    page = page_of(
        "<p>A red boat.</p><img src=a alt='the RED boat'><img src=b alt='...'><img src=c alt=''>"
        f"<p>{filler}</p><img src=d alt='red boat'><p>blue</p><img src=e alt='blue sky'><p>sky</p>",
        counts,
    )
    assert page is not None
    found = []
    for candidate in page.candidates:
        start, offset, end = candidate.window or (0, 0, 0)
        sides = (page.text[start:offset], page.text[offset:end])
        found.append(any(find(candidate.alt or "", side) for side in sides))
    assert found == [True, False, False, False, False]
    assert (counts.images_with_alt, counts.alts_in_window, counts.images_with_alt_of_3_words) == (4, 1, 1)


@pytest.mark.parametrize("html", ["", "<p>no image", "<body><noscript><img src=a></noscript>"])
def test_pages_without_image(html: str) -> None:
    counts = Counts()
    page_of(html, counts)
    assert (counts.pages, counts.pages_without_image) == (1, 1)


HOSTILE = {
    "nested": b"<div>" * 100_000 + b"<img src=a>",
    "formatted": b"<b><i>" * 50_000 + b"<img src=a>",
    "images": b"<img src=a>" * 1_000_000,
    "signs": b"<" * 5_000_000,
    "spaces": b" " * 5_000_000 + b"<img src=a>",
    "word": b"<img src=a>" + b"x" * 5_000_000,
    "links": b"<a href=x>y</a>" * 100_000 + b"<img src=a>",
    "captions": b"<p class=caption>x</p>" * 50_000 + b"<img src=a>",
    "srcset": b"<img srcset='" + b"a 1w," * 500_000 + b"'>",
    "url": b"<img src='" + b"a" * 1_000_000 + b"'><img src=b>",
    "json": b"<script type='application/ld+json'>" + b"[" * 500_000 + b"</script><img src=a>",
    "nul": b"<img src=a\0b alt='\0'>\0" * 1000,
    "not utf-8": b"<img src=\xff\xfe alt=\xed\xa0\x80>&#xD800;&#0;",
    "unclosed": b"<p><a><ul><li><table><tr><td><img src=a><figcaption><noscript><select><option>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_cost_little(name: str) -> None:
    counts = Counts()
    began = time.process_time()
    page = page_of(HOSTILE[name], counts)
    assert time.process_time() - began < 20
    assert counts.pages == 1
    if page is not None:
        assert candidates_table([page]).height <= 5000
        pages_table([page], {(17, 0): 1}).write_parquet("/dev/null")
    whole = counts.candidates + counts.repeats + sum(counts.drops.values())
    assert counts.images_found == whole


@pytest.mark.parametrize("offset", range(0, 60, 3))
def test_windows_keep_within_bounds_and_whole_words(offset: int) -> None:
    text = "alpha beta\ngamma delta epsilon zeta eta theta iota kappa lambda"
    start, middle, end = window(text, offset, 20, 25)
    assert middle == offset
    assert offset - 20 <= start <= offset <= end <= offset + 25
    assert start in (0, offset) or text[start] in " \n" or text[start - 1] in " \n"
    assert end in (len(text), offset) or text[end] in " \n" or text[end - 1] in " \n"


def test_a_window_in_one_long_word_is_cut_anywhere() -> None:
    assert window("x" * 1000, 500, 200, 250) == (300, 500, 750)


def test_language() -> None:
    assert language_of(PROSE) == "en"
    assert (
        language_of("Der schnelle braune Fuchs springt über den faulen Hund, während der alte Mann liest. " * 2) == "de"
    )
    assert language_of("too short") == ""
    assert language_of("1 2 3 4 5 6 7 8 9 10 " * 10) == ""
