"""Pages made to do harm cost little, and every one of their images is accounted for.

Each page is so large that work which grows with the square of its size would take minutes.
"""

import json
import time
import tracemalloc

import pytest

from tests.page.test_candidates import page_of
from webpairs.page.candidates import Extract
from webpairs.page.counts import Counts
from webpairs.page.text import tidy
from webpairs.page.walk import DEPTH_AT_MOST, IMAGES_AT_MOST

SECONDS = 20


def read(body: bytes) -> tuple[Extract | None, Counts]:
    counts = Counts()
    began = time.process_time()
    page = page_of(body, counts)
    assert time.process_time() - began < SECONDS
    assert counts.pages == 1
    assert counts.images_found == counts.candidates + counts.repeats + counts.drops.total()
    assert counts.candidates == (len(page.candidates) if page else 0)
    return page, counts


def numbered(count: int, form: str) -> bytes:
    return "".join(form.replace("#", str(number)) for number in range(count)).encode()


WORDS = b"word " * 2000
JSON_LD = b"<script type='application/ld+json'>%b</script>"
MANY = 30_000
IMAGES = {
    "labels of their own": numbered(1000, "<p id=l#>label #</p><img src=# aria-labelledby='l# l1 none'>"),
    "a label for all": b"<div id=l>" + WORDS + b"</div>" + numbered(500, "<img src=# aria-labelledby=l>"),
    "labels that are missing": numbered(5000, "<img src=# aria-labelledby=l#>"),
    "labels, and images without": numbered(MANY, "<p id=l#>") + numbered(10, "<img src=#>"),
    "a heading for all": b"<h2>" + WORDS + b"</h2>" + numbered(5000, "<img src=#>"),
    "a heading each": numbered(5000, "<h2>head</h2><img src=#>"),
    "a heading around all": b"<h2>" + numbered(5000, "x <img src=#>"),
    "captions before": b"<p class=caption>c</p>" * MANY + numbered(9, "<img src=#>"),
    "captions after": numbered(5000, "<img src=#>") + b"<p class=caption>c</p>" * MANY,
    "captions, deep": b"<div>" * 400 + numbered(5000, "<img src=#><p class=caption>c</p>"),
    "captions in a block": "<p>é ".encode() + numbered(5000, "<span class=caption>x </span><img src=#>"),
    "the same text everywhere": b"<p>boat</p>" * MANY + numbered(5000, "<img src=# alt=boat>") + b"<p>boat</p>" * MANY,
    "figures": numbered(5000, "<figure><img src=#><figcaption>x</figcaption></figure>"),
    "figures in figures": b"<figure>" * 400 + numbered(5000, "<figure><img src=#><figcaption>x</figcaption></figure>"),
    "a figure with one caption": b"<figure><figcaption>" + WORDS + b"</figcaption>" + numbered(5000, "<img src=#>"),
    "a table": b"<table><caption>c</caption>" + numbered(5000, "<tr><td>x<td><img src=#>") + b"</table>",
    "tables": numbered(5000, "<table><caption>c</caption><tr><td><img src=#></table>"),
    "what a table can't hold": b"<table>" * 400 + numbered(5000, "text<img src=#>"),
    "one link around all": b"<a href=/b.jpg title='t t'>" + WORDS + numbered(2000, "<img src=#>"),
    "deep": b"<div>" * (DEPTH_AT_MOST - 2) + numbered(5000, "<img src=#>"),
    "far apart": numbered(150, "<div>" * 300 + "<img src=#>" + "</div>" * 300),
    "hidden by style": b"<div style='display:none'>" * 400 + numbered(5000, "<img src=#>"),
    "hidden elements": b"<p style='display:none'>x</p>" * MANY + numbered(9, "<img src=#>"),
    "comments": b"<!---->" * MANY + numbered(5000, "<!----><img src=#>"),
    "in noscript": numbered(2500, "<img src=# srcset='b# 1x'><noscript><img src=#></noscript>"),
    "sources of one": b"<picture>" + b"<source srcset='a 1x, b 2x'>" * MANY + b"<img src=a></picture>",
    "dialogs": numbered(5000, "<dialog>x<img src=#></dialog>"),
    "menus": b"<nav>x</nav>" * MANY + numbered(9, "<img src=#>"),
    "options": b"<select>" + b"<option>x" * MANY + b"</select>" + numbered(9, "<img src=#>"),
    "templates": b"<template><img src=no></template>" * MANY + numbered(9, "<img src=#>"),
    "titles": b"<title> </title>" * MANY + numbered(9, "<img src=#>"),
    "entities": b"&amp;&lt;&#0;&notin;&nosuch;" * MANY + numbered(9, "<img src=#>"),
    "licences": numbered(MANY, "<a rel=license href=/#>x</a>") + numbered(9, "<img src=#>"),
    "opt-outs": b"<meta name=robots content=noai>" * MANY + numbered(9, "<img src=#>"),
    "a base": b"<base href='/" + b"b" * 3000 + b"/'>" + numbered(2000, "<img src=#>"),
    "a base that is too long": b"<base href='/" + b"b" * 1_000_000 + b"/'>" + numbered(2000, "<img src=#>"),
    "a word": b"x" * 1_000_000 + numbered(5000, "<img src=#>") + b"y" * 1_000_000,
    "plain text after": numbered(9, "<img src=#>") + b"<plaintext>" + b"<p>x" * MANY,
    "long alts": WORDS + numbered(100, "<img src=# alt='" + "word " * 2500 + "'>") + WORDS,
}


@pytest.mark.parametrize("name", IMAGES)
def test_all_images_of_a_hostile_page_are_read(name: str) -> None:
    body = IMAGES[name]
    page, counts = read(body)
    assert page is not None
    in_templates = body.count(b"<img src=no>")
    assert counts.images + counts.images_in_noscript == body.count(b"<img") - in_templates
    assert sum(counts.drops.values()) == counts.drops["copy"]


NAMED = {
    "Open Graph": b"<meta property=og:image content=/a.png>" * MANY,
    "texts of one image": b"<meta property=og:image content=/a.png>" + b"<meta property=og:image:alt content=d>" * MANY,
    "links": b"<link rel=image_src href=/a.png>" * MANY,
    "far down": b"<p></p>" * MANY + b"<meta property=og:image content=/a.png>" * 200,
    "scripts": JSON_LD % b'{"image": "/a.png"}' * MANY,
    "broken scripts": JSON_LD % b"{" * MANY + JSON_LD % b'{"image": "/a.png"}',
    "a list": JSON_LD % json.dumps([{"image": f"/{number}.png"} for number in range(MANY)]).encode(),
    "nested": JSON_LD % (b'{"a":' * 900 + b'{"image": "/a.png"}' + b"}" * 900),
    "nested lists": JSON_LD % (b"[" * 900 + b'{"image": "/a.png"}' + b"]" * 900),
    "nested too deep": JSON_LD % (b"[" * 100_000) + JSON_LD % b'{"image": "/a.png"}',
}


@pytest.mark.parametrize("name", NAMED)
def test_images_that_a_hostile_page_names_are_bounded(name: str) -> None:
    page, counts = read(NAMED[name] + b"<img src=own>")
    assert page is not None
    assert page.candidates[0].urls[0].url == "http://www.x.example/p/own"
    is_readable = name not in ("broken scripts", "nested too deep")
    assert (counts.cuts["json_ld_unreadable"] == 0) == is_readable
    assert 1 <= len(page.candidates) <= 101
    assert len(page.candidates) > 1 or name == "broken scripts"


URLS = {
    "src": b"<img src='/%b'>",
    "srcset": b"<img srcset='/%b 2x'>",
    "commas": b"<img srcset='%b'>" % (b"," * 10),
    "lazy": b"<img data-src='/%b' data-big-img='/%b.png'>",
    "poster": b"<video poster='/%b'></video>",
    "style": b"<p style='background:url(/%b)'>",
    "data": b"<img src='data:image/png;base64,%b'>",
    "link": b"<meta property=og:image content='/%b'>",
    "alone": b"<img src='%b'>",
}


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize("letter", [b"a", b",", b" ", b"a,", b"/", b"\0", b"\xff"])
def test_urls_of_a_megabyte_are_dropped(name: str, letter: bytes) -> None:
    long = letter * (1_000_000 // len(letter))
    html = URLS[name].replace(b"%b", long)
    page, _ = read(html + b"<a href='/" + long + b".png'><img src=b></a>")
    assert page is not None
    assert all(len(url.url) <= 256 << 10 for candidate in page.candidates for url in candidate.urls)
    assert "http://www.x.example/p/b" in {url.url for candidate in page.candidates for url in candidate.urls}


STYLES = {
    "properties": b"background:" * 100_000,
    "openings": b"background: url( " * 20_000,
    "images": b"background-image:url(a.png);" * 50_000,
    "colons": b"display:" * 100_000 + b"none",
    "spaces": b"display" + b" " * 1_000_000,
}


@pytest.mark.parametrize("name", STYLES)
def test_styles_of_a_megabyte(name: str) -> None:
    page, counts = read(b"<p style='" + STYLES[name] + b"'>x</p><img src=b>")
    assert page is not None
    assert counts.images == 1


BROKEN = {
    "attributes": b"<img src=a " + b"alt='" * 200_000,
    "tags": b"<img src=a><p" * 5000 + b"<" * 200_000,
    "end tags": b"<img src=a>" + b"</p></b></table></x>" * MANY,
    "comments": b"<img src=a>" + b"<!--" * 200_000,
    "scripts": b"<img src=a>" + b"<script>" * 20_000,
    "tables": b"<img src=a>" + b"<table><tr><td>" * 200 + b"<p><b><table>" * 100,
    "lists": b"<ul><li>" * 200 + b"<img src=a>",
    "frames": b"<frameset>" * 1000 + b"<noframes><img src=a>",
    "nothing but zeros": bytes(5_000_000),
    "zeros": b"<img src=a\0 alt='\0'>\0" * MANY + bytes(1_000_000),
    "no UTF-8": b"<img src=a alt='\xc3\x28\xa0'>\xe2\x82\xf0\x9f" * MANY,
    "no charset": b"<img src=a>" + bytes(range(256)) * 10_000,
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_pages_cost_no_more_than_themselves(name: str) -> None:
    page, counts = read(BROKEN[name])
    assert (page is None) == (name in ("frames", "nothing but zeros", "attributes"))
    assert counts.candidates <= 2


def test_of_too_many_images_the_first_are_kept_and_the_others_counted() -> None:
    page, counts = read(b"<img src=0>" * 5 + numbered(IMAGES_AT_MOST + 5000, "<img src=#>"))
    assert page is not None
    assert [candidate.urls[0].url[-6:] for candidate in page.candidates[-2:]] == ["p/4993", "p/4994"]
    assert (counts.images, counts.candidates, counts.repeats) == (IMAGES_AT_MOST + 5005, IMAGES_AT_MOST - 5, 5)
    assert +counts.drops == {"beyond_images_at_most": 5005}


SLOW = {
    "sources and images in one picture": b"<picture>" + b"<source srcset='a 1x'><img src=a>" * 4000,
    "combining marks": b"a" + b"\xcc\x81\xcc\xa7" * 150_000 + b"<img src=a>",
    "one block": b"<p>" + numbered(5000, "w\xe9rd  word " + "word " * 150 + "<img src=#>"),
    "roles in one block": "<p>\xe9  ".encode() + (b"<u role=search>" + b"x " * 20 + b"</u>") * 10_000 + b"<img src=a>",
    "the same word": b"x- " * 1000 + numbered(200, "<img src=# title='" + "x " * 500 + "y'>") + b"x-y " * 1000,
    "repeats of other URLs": numbered(
        3000, "<img src=a srcset='" + ",".join(f"u#-{n} {n}w" for n in range(1, 20)) + "'>"
    ),
    "a loader's URL": b"<img data-x-src='/" + b"a.png?" * 500_000 + b"{'><img src=a>",
}


@pytest.mark.parametrize("name", SLOW)
def test_work_does_not_grow_with_the_square(name: str) -> None:
    read(SLOW[name])


BIG = {
    "a long name of an element": b"<x-" + b"a" * 500_000 + b">" + numbered(1000, "<img src=#>"),
    "a long key in JSON-LD": JSON_LD
    % (b'{"' + b"k" * 900_000 + b'":[' + numbered(1000, '{"image":"/#"},') + b'0],"image":"/a"}'),
}


@pytest.mark.parametrize("name", BIG)
def test_long_names_take_no_memory_for_each_image(name: str) -> None:
    tracemalloc.start()
    page, counts = read(BIG[name] + b"<img src=own>")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert page is not None
    assert peak < 60 << 20
    assert counts.cuts["json_ld_too_deep"] == (name == "a long key in JSON-LD")


def test_names_in_json_pointers_are_told_apart() -> None:
    page, _ = read(JSON_LD % b'{"a":{"b":{"image":"/x.png"}},"a/b":{"image":"/y.png"},"a~1b":{"image":"/z.png"}}')
    assert page is not None
    pointers = [candidate.dom_path.partition("#")[2] for candidate in page.candidates]
    assert pointers == ["/a/b/image", "/a~1b/image", "/a~01b/image"]


def test_at_places_in_long_blocks_the_text_is_the_same_as_when_read_at_once() -> None:
    words = [f"w\xe9rd{n}  b\u200bc \u200d " if n % 7 else "x" * 1500 for n in range(900)]
    html = "<p>" + "".join(f"{word}<img src={n}>" for n, word in enumerate(words))
    page, _ = read(html.encode())
    assert page is not None
    met = ""
    for word, candidate in zip(words, page.candidates, strict=True):
        met += word
        assert candidate.window[1] == len(tidy(met))
