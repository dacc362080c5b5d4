"""The whole sample: shares, places, and that the truth is what a reader sees."""

import re
from collections import Counter
from itertools import pairwise
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.archive.miniature.conftest import Seen
from webpairs.archive.miniature.content import Picture
from webpairs.scenes import HELD_OUT_KINDS

LATE = ("data-src", "data-original", "data-lazy-src")
IN_TEXT = ("figcaption", "just_before", "just_after", "deep", "name")


def squeezed(text: str) -> str:
    return " ".join(text.split())


def read(html: str) -> tuple[str, dict[str, int]]:
    """What a reader sees, white space normalised, and where in it each image stands, by the base name of its URL."""
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, template, noscript, [hidden], title"):
        node.decompose()
    for node in tree.css("img"):
        late = [node.attributes[name] for name in LATE if name in node.attributes]
        node.replace_with(f"⟦{base_name(late[0] if late else node.attributes['src'])}⟧")
    # A block ends a word; the elements within a line don't.
    for node in tree.css("p, div, td, li, dd, dt, h1, h2, h3, h4, figure, figcaption, br, section, article, span, b"):
        if node.tag not in ("span", "b"):
            node.insert_after(" ")
            node.insert_before(" ")
    text = squeezed(tree.body.text() if tree.body else "")
    places = {}
    for match in re.finditer("⟦(.*?)⟧", text):
        places[match.group(1)] = len(squeezed(re.sub("⟦.*?⟧", " ", text[: match.start()])))
    return squeezed(re.sub("⟦.*?⟧", " ", text)), places


def base_name(url: str | None) -> str:
    return unquote(url or "").rpartition("/")[2].partition("?")[0]


def pictures_of(seen: list[Seen]) -> list[tuple[Seen, Picture]]:
    return [(one, picture) for one in seen for picture in one.page.pictures]


def test_there_is_enough_of_it(seen: list[Seen]) -> None:
    assert len({one.site.domain for one in seen}) == 14
    assert len({one.page.url for one in seen}) == len(seen) == 330
    assert len(pictures_of(seen)) == 1000
    assert len({picture.url for _, picture in pictures_of(seen)}) == 1000
    bare = sum("<img" not in one.html for one in seen) / len(seen)
    assert 0.03 <= bare <= 0.1


def test_every_place_has_its_share_on_the_whole_and_stands_on_every_site(seen: list[Seen]) -> None:
    places = Counter(picture.place for _, picture in pictures_of(seen))
    assert set(places) == {"alt_only", *IN_TEXT, "nowhere"}
    assert min(places.values()) >= 80
    by_site = Counter((one.site.domain, picture.place) for one, picture in pictures_of(seen))
    assert min(by_site.values()) >= 4
    assert len(by_site) == 14 * 7


def test_alts_are_of_every_kind_in_every_place(seen: list[Seen]) -> None:
    shown = [picture for _, picture in pictures_of(seen) if picture.place in IN_TEXT]
    kinds = Counter(picture.alt_kind for picture in shown)
    assert 0.25 <= kinds["description"] / len(shown) <= 0.35
    kinds_of_alt = {"description", "file_name", "keywords", "short", "empty", "missing", "paraphrase", "otherwise"}
    assert set(kinds) == kinds_of_alt
    for place in IN_TEXT:
        assert sum(picture.alt_kind == "description" for picture in shown if picture.place == place) >= 20
    for _, picture in pictures_of(seen):
        if picture.alt_kind == "description":
            assert picture.alt == picture.description
        elif picture.alt_kind == "missing":
            assert picture.alt is None
        else:
            assert picture.alt is not None
            assert picture.alt != picture.description or picture.alt == ""


def test_nearly_half_of_the_images_show_what_the_stand_in_has_never_seen(seen: list[Seen]) -> None:
    held_out = [picture for _, picture in pictures_of(seen) if picture.scene.kind in HELD_OUT_KINDS]
    assert 0.42 <= len(held_out) / 1000 <= 0.48
    assert {picture.scene.kind for picture in held_out} == set(HELD_OUT_KINDS)


def test_the_true_description_stands_in_the_text_where_the_place_says_so(seen: list[Seen]) -> None:
    for one in seen:
        text, _ = read(one.html)
        for picture in one.page.pictures:
            if picture.place in IN_TEXT:
                assert len(picture.description.split()) >= 2
                assert squeezed(picture.description) in text, (one.page.url, picture)
            elif picture.place == "alt_only":
                assert picture.description
                assert picture.description not in text
            else:
                assert picture.description == ""


def distance(text: str, at: int, description: str) -> int:
    """Characters between the image and the nearest mention; negative where that comes before the image."""
    ends = [match.span() for match in re.finditer(re.escape(squeezed(description)), text)]
    return min((start - at if start >= at else end - at for start, end in ends), key=abs)


def distances(seen: list[Seen], place: str) -> list[int]:
    found = []
    for one in seen:
        text, at = read(one.html)
        for picture in one.page.pictures:
            if picture.place == place:
                found.append(distance(text, at[base_name(picture.url)], picture.description))
    return found


def test_deep_descriptions_are_far_from_the_image_and_within_the_windows(seen: list[Seen]) -> None:
    found = distances(seen, "deep")
    assert min(abs(far) for far in found) >= 400
    # The whole description has to stand within 2,000 characters before and 2,500 after.
    assert min(found) > -1900
    assert max(found) < 2200
    assert 0.2 < sum(far < 0 for far in found) / len(found) < 0.8


@pytest.mark.parametrize(("place", "sign"), [("just_before", -1), ("just_after", 1), ("figcaption", 0)])
def test_near_descriptions_are_near(seen: list[Seen], place: str, sign: int) -> None:
    found = distances(seen, place)
    assert max(abs(far) for far in found) < 400
    assert sum(abs(far) < 60 for far in found) / len(found) > 0.45
    if sign:
        assert all(far * sign >= 0 for far in found)


def test_windows_are_filled_on_many_pages(seen: list[Seen]) -> None:
    full = 0
    for one in seen:
        text, at = read(one.html)
        full += any(place >= 2000 and len(text) - place >= 2500 for place in at.values())
    assert full >= 80


def test_other_languages_and_their_share(seen: list[Seen]) -> None:
    pages = Counter(one.page.language for one in seen)
    assert set(pages) == {"en", "de", "fr", "es"}
    assert all(pages[language] >= 8 for language in ("de", "fr", "es"))
    assert pages["en"] >= 250


def test_several_images_share_pages(seen: list[Seen]) -> None:
    counts = [len(one.page.pictures) for one in seen]
    assert sum(count >= 3 for count in counts) >= 100
    for one in seen:
        described = [picture.description for picture in one.page.pictures if picture.description]
        assert len(described) == len(set(described))


@pytest.mark.parametrize(
    ("pattern", "times"),
    [
        (r' data-(src|original|lazy-src)="', 20),
        (r'src="data:image/gif', 10),
        (r'src="data:image/png', 10),
        (r' srcset="[^"]* 2x"', 20),
        (r"<picture><source ", 20),
        (r"<noscript><img ", 10),
        (r'src="\.\./', 20),
        (r"<base href=", 20),
        (r'src="//', 20),
        (r'src="[^":]+ [^"]*"', 20),
        (r'src="[^"]+,[^"]*"', 20),
        (r"&[a-z]+;", 100),
        (r"<template>", 10),
        (r"<script", 100),
        (r"<p>[^<]*\n<p>", 3),
        (r"&eacute;", 10),
    ],
)
def test_what_makes_the_real_web_hard_is_there(seen: list[Seen], pattern: str, times: int) -> None:
    assert sum(len(re.findall(pattern, one.html)) for one in seen) >= times


def test_templates_differ_and_none_names_a_place(seen: list[Seen]) -> None:
    classes: dict[str, set[str]] = {}
    for one in seen:
        assert not re.search("just_before|just_after|alt_only|nowhere|held_out", one.html)
        classes.setdefault(one.site.domain, set()).update(re.findall(r'class="?([\w-]+)', one.html))
    assert len({one.site.template for one in seen}) == 14
    for first, second in pairwise(sorted(classes)):
        shared = classes[first] & classes[second] - {"w"}
        assert len(shared) <= 2, (first, second, shared)


def test_sentences_are_many(seen: list[Seen]) -> None:
    sentences: dict[str, set[str]] = {}
    for one in seen:
        for section in one.page.sections:
            for block in [*section.before, *section.after]:
                sentences.setdefault(one.site.domain, set()).update(re.split(r"(?<=[.?!]) ", block.text))
    assert min(map(len, sentences.values())) >= 200
    assert len(set.union(*sentences.values())) >= 4000


def test_attributes_of_the_image_tell_nothing_of_the_place(seen: list[Seen]) -> None:
    """Whether lazy, with candidates or in picture: each form occurs with each place."""
    forms = Counter((picture.place, picture.form) for _, picture in pictures_of(seen))
    assert len(forms) == 7 * 3
    captions = Counter((picture.place, picture.caption != "") for _, picture in pictures_of(seen))
    assert all(captions[place, True] >= 15 for place in ("alt_only", *IN_TEXT, "nowhere"))
