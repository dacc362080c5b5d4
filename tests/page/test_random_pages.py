"""Random pages: whatever stands in them, nothing raises, nothing is lost, and all places and paths are right."""

import json
import re
from collections.abc import Iterator
from html import escape
from unicodedata import is_normalized

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from webpairs.page import charset, markup
from webpairs.page.candidates import Candidate, Extract, Origin, extract
from webpairs.page.counts import Counts
from webpairs.page.normalise import words
from webpairs.page.tables import candidates_table, pages_table
from webpairs.page.text import tidy

BEFORE, AFTER = 60, 90
_NUMBERED = re.compile(r"i\d+\.png")
SETTINGS = settings(
    max_examples=200, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
# In these nothing is an element that shows an image.
SILENT = "head script style template title textarea select datalist iframe noembed noframes svg math"
UNSEEN = frozenset(SILENT.split())
OTHERS = """noscript object audio video canvas html body div p span a b i ul li dl dt dd h1 h2 h3 table caption tbody
    tr td th figure figcaption picture nav aside header footer article section main form button label option pre br hr
    center font dialog details summary frameset plaintext listing xmp o:p x-card amp-img"""
TAGS = [*SILENT.split(), *OTHERS.split()]
IMAGES = ("img", "img", "img", "image", "amp-img", "input type=image", "video", "source", "object")
# Of the texts of an image those that are pieces of the page's text as they stand.
SLICES = {"figcaption", "caption", "table_caption", "link", "heading"}

ODD = "e\u0301 İ ß 図 \u1112\u1161 👩\u200d🚀 \u202e \u00ad \u200b \ufeff \0 & &amp; &#0; &#xD800; &notit; ' ’ < > \""
# White space of all kinds, and bytes that are no UTF-8: half a sign is among them.
odd = st.sampled_from([*ODD.split(" "), "\x85", "\u2028", "\x1c", "\r\n", "\t", "\udcff", "\udced\udca0\udc80"])
word = st.sampled_from(["red", "boat", "the", "a", "Harbour", "it's", "RED", "1900,", "-", "(boat)", "x" * 50])
prose = st.lists(st.one_of(word, word, word, odd), min_size=1, max_size=8).map(" ".join)
number = st.integers(0, 40)
url = st.one_of(
    number.map(lambda n: f"i{n}.png"),
    number.map(lambda n: f"i{n}.png"),
    st.sampled_from(
        ["", "#", "//cdn.example/a,b.png", "../../x y.jpg", "http://[", "javascript:x", "blank.gif", "?q=1#f"]
    )
    | st.sampled_from(["data:image/gif;base64,AA", "data:text/html,x", "http://ü.example/ß.png", "ftp://x/y.png"])
    | odd.map(lambda sign: f"/o{sign}.png"),
)
srcset = st.lists(st.tuples(url, st.sampled_from(["", " 1x", " 2x", " 300w", " 0w", " x"])), max_size=3).map(
    lambda entries: ", ".join(address + size for address, size in entries)
)


def named(names: list[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str]]:
    return st.tuples(st.sampled_from(names), values)


attribute = st.one_of(
    named(["src", "src", "data-src", "data-lazy-src", "poster", "href", "content", "data-big-img"], url),
    named(["srcset", "data-srcset"], srcset),
    named(["alt", "alt", "title", "aria-label", "content"], prose),
    named(["id", "aria-labelledby", "aria-describedby"], st.sampled_from(["l1", "l2", "l1 l2", "l3 l1 none"])),
    named(["class"], st.sampled_from(["caption", "wp-caption-text", "sr-only", "x"])),
    named(
        ["style"],
        st.sampled_from(["display:none", "color:red", "visibility:hidden"]) | url.map("background:url({})".format),
    ),
    named(["role"], st.sampled_from(["navigation", "banner", "img"])),
    named(["hidden", "open", "width"], st.sampled_from(["", "12px", "99999999999"])),
    named(["property"], st.sampled_from(["og:image", "og:image:alt", "og:description", "twitter:image"])),
    named(["rel"], st.sampled_from(["license", "image_src"])),
)
attributes = st.lists(attribute, max_size=4).map(
    lambda pairs: "".join(f' {name}="{escape(value)}"' for name, value in pairs)
)
shown = st.builds("<{} src={}{}>".format, st.sampled_from(IMAGES), number.map("i{}.png".format), attributes)
described = st.builds('<img src={} alt="{}">{}'.format, number.map("i{}.png".format), prose.map(escape), prose)
json_value = st.recursive(
    st.one_of(st.none(), st.integers(), url, prose),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["@type", "@id", "image", "logo", "url", "contentUrl", "caption", "name", "@graph"]),
            inner | st.just("ImageObject"),
            max_size=4,
        ),
    ),
    max_leaves=8,
)
json_ld = json_value.map(lambda value: f"<script type='application/ld+json'>{json.dumps(value)}</script>")
begin = st.builds("<{}{}>".format, st.sampled_from(TAGS), attributes)
end = st.sampled_from(TAGS).map("</{}>".format)
meta = st.builds("<{}{}>".format, st.sampled_from(["meta", "link", "base"]), attributes)
broken = st.sampled_from(
    ["<!-- ", "-->", "<!--x-->", "<![CDATA[x]]>", "<!doctype html>", "<?xml ?>", "<", "</", "<img src='", "<p "]
)
# What belongs together, so that random pages have more than images without texts.
whole = st.builds(
    lambda form, text, more, n: form.format(text=text, same=escape(text), said=escape(more), i=f"i{n}.png", n=n),
    st.sampled_from(
        [
            "<figure><img src={i} alt='{said}'><figcaption>{text}</figcaption></figure>",
            "<table><caption>{text}</caption><tr><td><img src={i} title='{same}'></table>",
            "<a href=large{n}.jpg title='{same}'><img src={i}>{text}</a>",
            "<h2>{text}</h2><p>{text}<img src={i} aria-label='{same}'>{text}</p>",
            "<div><img src={i}><p class=wp-caption-text>{text}</p></div>",
            "<p id=l1>{text}</p><img src={i} aria-labelledby='l1'>",
            "<picture><source srcset='w{n}.webp 2x'><img src={i} alt='{said}'></picture>",
            "<img src=blank.gif data-src={i} alt='{said}'><noscript><img src={i} alt='{same}'></noscript>",
            "<nav><a href=/>{text}</a><a href=/x>Harbour</a><a href=/y><img src={i}>{text}</a></nav>",
            "<meta property=og:image content={i}><meta property=og:image:alt content='{said}'>",
            "<p>{text} <img src={i} alt='{same}'> {text}</p>",
        ]
    ),
    prose,
    prose,
    number,
)
tokens = st.one_of(
    begin, end, prose, shown, described, whole, whole, whole, attributes.map("<p{}>".format), meta, json_ld, broken
)
pages = st.lists(tokens, min_size=12, max_size=40).map(lambda made: "".join(made).encode("utf-8", "surrogateescape"))


def page_of(body: bytes) -> tuple[Extract | None, Counts]:
    counts = Counts()
    origin = Origin("a.warc.gz", "d" * 64, 17, 0, "http://www.x.example/p/", "2024", "text/html; charset=utf-8")
    return extract(body, origin, BEFORE, AFTER, counts), counts


def tree_of(body: bytes) -> LexborHTMLParser:
    """The tree that paths lead into."""
    html, _ = markup.bounded(charset.decode(body, "text/html; charset=utf-8").markup)
    return markup.parse(markup.without_head_noscript(html)[0])


def around(node: LexborNode) -> Iterator[str]:
    at = node.parent
    while at is not None:
        yield at.tag or ""
        at = at.parent


@SETTINGS
@given(pages)
def test_whatever_stands_in_a_page(body: bytes) -> None:
    page, counts = page_of(body)
    tree = tree_of(body)
    found = page.candidates if page else []
    check_counts(tree, found, counts)
    for candidate in found:
        check_urls([url.url for url in candidate.urls])
        check_path(tree, candidate)
    if page is not None:
        check_text(page)
        are_merged = counts.repeats or counts.drops["copy"]
        for candidate in found:
            check_places(page.text, candidate, None if are_merged else candidate.window)
        again, _ = page_of(body)
        assert again is not None
        assert candidates_table([page]).equals(candidates_table([again]))
        assert pages_table([page], {(17, 0): 1})["text"].to_list() == [page.text]


def check_counts(tree: LexborHTMLParser, found: list[Candidate], counts: Counts) -> None:
    """Every image is a candidate, a repeat or a drop, and none is missed."""
    assert counts.images_found == counts.candidates + counts.repeats + counts.drops.total()
    assert len(found) == counts.candidates == counts.elements.total() == counts.attributes.total()
    assert sum(candidate.occurrences - 1 for candidate in found) == counts.repeats
    images = [node for node in tree.css("img") if UNSEEN.isdisjoint(around(node))]
    assert len(images) == counts.images + counts.images_in_noscript
    names = {url.url.rpartition("/")[2] for candidate in found for url in candidate.urls}
    assert names >= {src for node in images if _NUMBERED.fullmatch(src := node.attributes.get("src") or "")}


def check_urls(urls: list[str]) -> None:
    """Absolute, distinct, and such as can be fetched."""
    assert len(set(urls)) == len(urls) > 0
    for url in urls:
        assert url.startswith(("http://", "https://", "data:image/"))
        assert url.startswith("data:") or not set(url) & set('# "<>\n\t\0')


def check_path(tree: LexborHTMLParser, candidate: Candidate) -> None:
    """It selects one element, which names the image."""
    selector, _, pointer = candidate.dom_path.partition("#")
    (node,) = tree.css(selector)
    first = candidate.urls[0]
    name = first.url.rpartition("/")[2]
    if candidate.element == "json-ld":
        value = json.loads(node.text(), strict=False)
        for part in pointer.split("/")[1:]:
            value = value[int(part) if isinstance(value, list) else part]
        named = json.dumps(value)
    elif first.name.startswith("source"):
        assert node.parent is not None
        named = node.parent.html or ""
    else:
        tag, *_ = selector.rpartition(">")[2].partition(":")
        assert tag == candidate.element or candidate.element not in ("img", "amp-img", "input")
        named = "".join(value or "" for value in node.attributes.values())
    assert name in named or not _NUMBERED.fullmatch(name) or first.name == "link"


def check_text(page: Extract) -> None:
    """It is in NFC, its white space is single, and menus are parts of it that don't touch."""
    assert is_normalized("NFC", page.text)
    blocks = page.text.split("\n")
    assert blocks == [tidy(block) for block in blocks]
    assert "" not in blocks or not page.text
    last = -2
    for start, end in page.boilerplate:
        assert last + 1 < start < end <= len(page.text)
        last = end


def check_places(whole: str, candidate: Candidate, window: tuple[int, int, int] | None) -> None:
    """Windows are within their bounds, and texts are where they say that they are."""
    if candidate.window is not None:
        start, offset, end = candidate.window
        assert max(0, offset - BEFORE) <= start <= offset <= end <= min(len(whole), offset + AFTER)
    for text in candidate.texts:
        assert text.text.strip(" \n")
        if text.start < 0:
            assert (text.start, text.end) == (-1, -1)
            continue
        assert text.start < text.end <= len(whole)
        there = whole[text.start : text.end]
        if text.source in SLICES:
            assert there == text.text
            continue
        assert text.text == tidy(text.text)
        assert words(there) == words(text.text)
        if window is not None:
            start, offset, end = window
            assert start <= text.start < text.end <= offset or offset <= text.start < text.end <= end
