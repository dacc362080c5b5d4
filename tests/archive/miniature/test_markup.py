"""How URLs, charsets and bodies are written."""

import random
from urllib.parse import urljoin

import pytest
from markupsafe import Markup

from webpairs.archive.miniature import encode, markup, pictures
from webpairs.archive.miniature.render import inline
from webpairs.archive.miniature.sites import SITES
from webpairs.scenes import Scene

SCENE = Scene("boat", "red", "small", "sea", "day", None)


@pytest.mark.parametrize("site", SITES, ids=[site.domain for site in SITES])
def test_what_a_page_writes_leads_to_the_image(site: object) -> None:
    assert isinstance(site, type(SITES[0]))
    for number in range(20):
        path = pictures.path_of(site, SCENE, number, "jpg", random.Random(number))
        page = site.page_path.format(n=7, slug="a-b", year=2020)
        base = markup.absolute(site, page)
        if site.refer == "base":
            base = urljoin(base, markup.BASE)
        seen = urljoin(base, markup.refer(site, page, path)).replace(" ", "%20")
        assert seen == markup.absolute(site, path, site.image_host)


def test_charsets_are_what_they_are_and_labelled_as_they_are() -> None:
    text = "café “noir” 東"
    for name, charset in encode.CHARSETS.items():
        body = encode.encoded(text, name)
        assert body.decode(charset.codec).startswith("café “noir” ")
    assert encode.content_type("latin1") == "text/html; charset=ISO-8859-1"
    assert encode.content_type("none") == "text/html"
    wrong = [name for name, charset in encode.CHARSETS.items() if charset.header and charset.meta]
    assert {"latin1_as_utf8", "utf8_as_latin1"} <= set(wrong)


def test_chunks_end_with_an_empty_one() -> None:
    assert encode.chunked(b"abcdef", 4) == b"4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n"


def test_words_in_links_leave_the_text_as_it_is() -> None:
    texts = [f"The {word} & its <keeper> stand by the harbour." for word in ("boat", "kite", "tent", "lamp", "tree")]
    shown = [inline(text) for text in texts]
    assert any("</" in one for one in shown)
    for text, one in zip(texts, shown, strict=True):
        assert Markup(one).striptags() == text
    assert "\n" in inline("word " * 40, 30)
