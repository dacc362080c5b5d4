"""What a page says about itself: title, descriptions, opt-outs, licences, and images that stand for it."""

import json
from typing import Any

import pytest

from tests.page.test_candidates import page_of, texts
from webpairs.page.candidates import Candidate
from webpairs.page.counts import Counts
from webpairs.page.metadata import Metadata

IMAGE = "<img src=a.png>"
NOAI = ("meta robots", "noai")


def about(html: str, **headers: str) -> Metadata:
    """Of a page with one more image."""
    page = page_of(html + IMAGE, None, **headers)
    assert page is not None
    return page.metadata


def named(html: str, counts: Counts | None = None) -> list[Candidate]:
    """The images that a page names for machines."""
    page = page_of(html, counts)
    return page.candidates if page else []


def addresses(found: list[Candidate]) -> list[str]:
    return [candidate.urls[0].url.removeprefix("http://www.x.example/") for candidate in found]


def json_ld(*values: Any) -> str:
    return "".join(f"<script type='application/ld+json'>{json.dumps(value)}</script>" for value in values)


# --- title and descriptions


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title> Boats &amp;\n  more </title>", "Boats & more"),
        ("<title>cafe\u0301\u200b</title>", "café"),
        ("<title> </title><title>second</title><title>third</title>", "second"),
        ("<title><b>no markup</b></title>", "<b>no markup</b>"),
        ("<svg><title>of a drawing</title></svg>", ""),
        ("", ""),
    ],
)
def test_title(html: str, title: str) -> None:
    assert about(html).title == title


def test_descriptions_by_source() -> None:
    html = (
        "<meta name=Description content=' of  the page '><meta property=og:description content='for others'>"
        "<meta property=og:title content=Boats><meta name=twitter:description content=short>"
        "<meta name=DC.Description content='by librarians'><meta name=description content=' '>"
        "<meta name=description><meta content=nameless><meta name=keywords content='a, b'>"
    )
    assert about(html).descriptions == [
        ("meta_description", "of the page"),
        ("og_description", "for others"),
        ("og_title", "Boats"),
        ("twitter_description", "short"),
        ("dc_description", "by librarians"),
    ]


# --- opt-outs


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        ("noai, noimageai", True),
        ("index,NoImageIndex", True),
        ("none", True),
        ("noarchive", True),
        ("unavailable_after: 2030-01-01", True),
        ("max-image-preview:none", True),
        ("max-image-preview: large", False),
        ("index, follow", False),
        ("nofollow, noodp, notranslate", False),
        ("nonexistent", False),
        ("", False),
    ],
)
def test_words_against_use(content: str, limits: bool) -> None:
    assert about(f"<meta name=robots content='{content}'>").opt_outs == [("meta robots", content)] * limits
    header = about("", **{"x-robots-tag": content}).opt_outs
    assert header == [("header x-robots-tag", content)] * limits


@pytest.mark.parametrize("bot", ["robots", "ROBOTS", "googlebot", "googlebot-image", "bingbot"])
def test_opt_outs_for_bots_in_the_page(bot: str) -> None:
    assert about(f"<meta name='{bot}' content=noai>").opt_outs == [(f"meta {bot.lower()}", "noai")]


def test_opt_outs_for_bots_in_the_header_stay_with_their_bots() -> None:
    header = "googlebot: nofollow, otherbot: noindex"
    assert about("", **{"x-robots-tag": header}).opt_outs == [("header x-robots-tag", header)]


@pytest.mark.parametrize(
    ("value", "expected"), [("1", ["1"]), (" 1 ", ["1"]), ("0", []), (" 0 ", []), ("", []), ("yes", ["yes"])]
)
def test_reserved_for_text_and_data_mining(value: str, expected: list[str]) -> None:
    assert about("", **{"tdm-reservation": value}).opt_outs == [("header tdm-reservation", one) for one in expected]
    found = about(f"<meta name=tdm-reservation content='{value}'>").opt_outs
    assert found == [("meta tdm-reservation", one) for one in expected]


def test_an_opt_out_with_other_attributes_counts_once() -> None:
    assert [one.value for one in about("<meta name=robots content=noindex style=x:y role=x hidden>").opt_outs] == [
        "noindex"
    ]


def test_an_opt_out_in_the_body_counts_too() -> None:
    assert about("<p>x</p><meta name=robots content=noai>").opt_outs == [NOAI]


def test_pages_with_opt_outs_are_counted() -> None:
    counts = Counts()
    page_of("<meta name=robots content=noai>" + IMAGE, counts)
    page_of("<meta name=robots content=all>" + IMAGE, counts)
    assert (counts.pages, counts.pages_with_opt_out) == (2, 1)


# --- licences


@pytest.mark.parametrize(
    ("html", "licences"),
    [
        ("<a rel=license href=/by>x</a>", ["/by"]),
        ("<a rel='nofollow License' href=' /by '>x</a>", ["/by"]),
        ("<link rel=license href=/by>", ["/by"]),
        ("<a href=//creativecommons.org/licenses/by/4.0/>x</a>", ["//creativecommons.org/licenses/by/4.0/"]),
        ("<a rel=license href=/by>x</a>" * 3, ["/by"]),
        ("<a rel=license style=color:red content=x type=y href=/by>x</a>", ["/by"]),
        (
            "<a href=https://creativecommons.org/publicdomain/zero/1.0/>x</a>",
            ["https://creativecommons.org/publicdomain/zero/1.0/"],
        ),
        ("<a href=https://creativecommons.org/about/>x</a><link rel=stylesheet href=//creativecommons.org/x.css>", []),
        ("<a rel=license>x</a><a rel=license href=''>x</a><a rel=licensed href=/no>x</a>", []),
    ],
)
def test_licence_links(html: str, licences: list[str]) -> None:
    assert about(html).licences == licences


@pytest.mark.parametrize(
    ("header", "licences"),
    [
        ("</by>; rel=license", ["/by"]),
        ('</a>; rel="next", </by>; rel="license nofollow"; title="x", </c>; rel=license', ["/by", "/c"]),
        ("</by>; rel=licensed, </c>", []),
        ("<<>>; rel=license", []),
    ],
)
def test_licences_in_the_header(header: str, licences: list[str]) -> None:
    assert about("", link=header).licences == licences


def test_licences_are_bounded() -> None:
    assert len(about("".join(f"<a rel=license href=/{number}>x</a>" for number in range(100))).licences) == 20


# --- Open Graph and the like


def test_open_graph_images_with_what_belongs_to_each() -> None:
    html = (
        "<meta property=og:image:alt content='of nothing'><meta property=og:image content=/a.png>"
        "<meta property=og:image:secure_url content=https://www.x.example/s.png>"
        "<meta property=og:image:width content=600><meta property=og:image:height content=tall>"
        "<meta property=og:image:alt content='A  red boat'><meta property=og:image content=/b.png>"
        "<meta name=twitter:image content=/c.png><meta name=twitter:image:alt content=Card>"
        "<meta itemprop=image content=/d.png>"
    )
    found = named(html)
    assert [candidate.element for candidate in found] == ["og:image", "og:image", "twitter:image", "itemprop"]
    assert addresses(found) == ["a.png", "b.png", "c.png", "d.png"]
    assert [url.url for url in found[0].urls] == ["http://www.x.example/a.png", "https://www.x.example/s.png"]
    assert [(candidate.width, candidate.height) for candidate in found[:2]] == [(600, None), (None, None)]
    said = [texts(candidate) for candidate in found]
    assert said == [[("og_image_alt", "A red boat")], [], [("twitter_image_alt", "Card")], []]
    assert all(candidate.window is None and candidate.alt is None for candidate in found)


def test_named_images_beyond_the_bound_are_left_out() -> None:
    html = "".join(f"<meta property=og:image content=/{number}.png>" for number in range(300))
    assert len(named(html)) == 100
    value = [{"image": f"/in-script/{number}.png"} for number in range(300)]
    assert len(named(json_ld(value))) == len(named(html + json_ld(value))) == 100


def test_the_base_of_the_first_base_element_holds_for_named_images() -> None:
    assert addresses(named("<base href=/b/><base href=/c/><meta property=og:image content=a.png>")) == ["b/a.png"]


# --- JSON-LD


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"@type": "ImageObject", "contentUrl": "/a.png", "url": "/page"}, ["a.png"]),
        ({"@type": ["Thing", "ImageObject"], "url": "/a.png"}, ["a.png"]),
        ({"image": "/a.png"}, ["a.png"]),
        ({"image": ["/a.png", "/b.png", "/a.png"]}, ["a.png", "b.png"]),
        ({"image": [["/a.png"], {"url": "/b.png"}]}, ["a.png", "b.png"]),
        ({"logo": {"url": "/a.png"}, "photo": {"contentUrl": "/b.png"}}, ["a.png", "b.png"]),
        ({"@graph": [{"thumbnailUrl": "/a.png"}, {"author": {"image": "/b.png"}}]}, ["a.png", "b.png"]),
        ([{"image": "/a.png"}, [{"image": "/b.png"}]], ["a.png", "b.png"]),
        ({"image": {"@id": "#main"}}, []),
        ({"image": {"url": "#main"}}, []),
        ({"image": {"url": ["/a.png"]}}, []),
        ({"url": "/a.png"}, []),
        ({"image": None, "logo": 7, "photo": True, "thumbnail": " "}, []),
        ({"@type": {"x": 1}, "image": 1.5}, []),
        ("/a.png", []),
        (None, []),
        (12, []),
    ],
)
def test_json_ld_of_any_form(value: Any, expected: list[str]) -> None:
    counts = Counts()
    assert addresses(named(json_ld(value), counts)) == expected
    assert counts.cuts["json_ld_unreadable"] == 0
    assert counts.drops["no_url"] == 0


def test_json_ld_says_what_images_show_and_what_they_stand_for() -> None:
    value = {
        "headline": "Boats",
        "description": "All  about boats",
        "name": ["no text"],
        "image": {"url": "/a.png", "caption": "Red", "name": "", "description": "A red\nboat"},
        "author": {"name": "Ann", "image": "/b.png"},
    }
    first, second = named(json_ld(value))
    assert texts(first) == [
        ("json_ld_caption", "Red"),
        ("json_ld_description", "A red boat"),
        ("json_ld_about_headline", "Boats"),
        ("json_ld_about_description", "All about boats"),
    ]
    assert texts(second) == [("json_ld_about_name", "Ann")]
    assert (first.dom_path, second.dom_path) == (
        "html>head>script:nth-child(1)#/image",
        "html>head>script:nth-child(1)#/author/image",
    )


@pytest.mark.parametrize(
    "script", ["", "{", "[1,]", "{'image': '/a.png'}", "[" * 5000, '"' + "x" * (1 << 20) + '"', "1" * 5000, "\ufeff{"]
)
def test_json_ld_that_is_none_costs_itself(script: str) -> None:
    counts = Counts()
    html = f"<script type='application/ld+json'>{script}</script>" + json_ld({"image": "/b.png"})
    assert addresses(named(html, counts)) == ["b.png"]
    assert counts.cuts["json_ld_unreadable"] == 1


@pytest.mark.parametrize(
    "html",
    [
        '<script type="application/LD+JSON; charset=utf-8">{"image": "/a.png"}</script>',
        '<body><p>x<script type=application/ld+json>{"image": "/a.png", "about": "line\nbreak"}</script>',
    ],
)
def test_json_ld_is_read_wherever_it_stands(html: str) -> None:
    assert addresses(named(html)) == ["a.png"]


def test_other_scripts_are_not_json_ld() -> None:
    assert named('<script type="application/json">{"image": "/a.png"}</script>') == []


def test_markup_in_the_place_of_a_url_is_none() -> None:
    counts = Counts()
    assert (
        named(json_ld({"thumbnailUrl": "<div><img src='/a.jpg'></div>", "image": "/b.jpg"}), counts)[0].urls[0].url[-5:]
        == "b.jpg"
    )
    assert (counts.candidates, counts.drops["bad_url"]) == (1, 1)


def test_an_image_of_the_page_gets_the_texts_of_the_same_image_in_json_ld() -> None:
    counts = Counts()
    value = {"@type": "ImageObject", "url": "/p/a.png", "caption": "A red boat"}
    [candidate] = named(json_ld(value) + "<img src=a.png alt=Boat>", counts)
    assert (candidate.element, texts(candidate)) == ("img", [("alt", "Boat"), ("json_ld_caption", "A red boat")])
    assert (counts.drops["copy"], candidate.occurrences) == (1, 1)
