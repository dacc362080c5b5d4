"""WAT → candidates: what a page's links tell of its images. Of the text around these they tell nothing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from selectolax.lexbor import LexborHTMLParser

from webpairs.archive.wat import Attributes, Described
from webpairs.page.candidates import Candidate, Extract, Origin
from webpairs.page.counts import Counts
from webpairs.page.found import find
from webpairs.page.metadata import HeadImage, Metadata, metadata
from webpairs.page.sources import Source
from webpairs.page.text import tidy
from webpairs.page.texts import TEXT_AT_MOST, Text
from webpairs.page.urls import UrlError, registered_domain, resolve
from webpairs.page.walk import IMAGES_AT_MOST

NAMED_BY = "wat"  # stands where other pages say who named their charset
TAGS_AT_MOST = 2000  # of a head that are looked at
TEXTS_AT_MOST = 50  # of an image that the page shows again and again

# What images are called in a WAT, and here: the element, and the attribute. Common Crawl's WATs have nothing of srcset
# and lazy loaders' attributes, and don't tell the type of an input, without which its src may be anything.
_IMAGES = {"IMG@/src": ("img", "src"), "VIDEO@/poster": ("poster", "poster")}

# The attributes of tags in a WAT, and in HTML.
_META = {"name": "name", "property": "property", "content": "content"}
_LINK = {"rel": "rel", "url": "href"}

_NUMBER = re.compile(r":nth-child\((\d+)\)$")
_WORD = re.compile(r"[^\W_]+")


def extract(described: Described, origin: Origin, counts: Counts) -> Extract | None:
    """The page with its candidates, none of which has a place in a text; None where it has none.

    DOM paths are `wat#` and a JSON pointer into the page's HTML-Metadata. What is met is added to `counts`.
    """
    tags = _tags(described)
    about = _about([markup for _, markup in tags], described, origin.headers)
    counts.pages += 1
    counts.pages_without_text += 1
    counts.languages[""] += 1
    counts.charsets[NAMED_BY] += 1
    counts.replacement_characters += described.replaced
    counts.pages_with_replacements += bool(described.replaced)
    counts.pages_with_opt_out += bool(about.opt_outs)
    counts.cuts["head_too_long"] += len(tags) > TAGS_AT_MOST
    found = _Candidates(described.base, origin.url, counts)
    found.shown(described.links)
    for image in about.images:
        number = _NUMBER.search(image.path)
        assert number is not None
        found.named(image, tags[int(number[1]) - 1][0])
    candidates = found.all()
    if not candidates:
        return None
    return Extract(
        origin=origin,
        digest=described.digest,
        domain=registered_domain(origin.url),
        language="",
        charset="",
        charset_named_by=NAMED_BY,
        replacement_characters=described.replaced,
        metadata=about,
        text="",
        boilerplate=[],
        candidates=candidates,
    )


def _about(tags: Sequence[str], described: Described, headers: Mapping[str, str]) -> Metadata:
    """What the page says about itself. Its tags are made into markup again, to be read as those of any page."""
    tree = LexborHTMLParser("".join(tags[:TAGS_AT_MOST]))
    about = metadata(tree, find(tree), headers)
    about.title = tidy(described.title[:TEXT_AT_MOST])
    return about


def _tags(described: Described) -> list[tuple[str, str]]:
    """Pointers and markup of what says something about the page: metas, and links to licences and to its image."""
    found = [
        (f"wat#/Head/Metas/{number}", _tag("meta", meta, _META))
        for number, meta in enumerate(described.metas)
        if "content" in meta
    ]
    for place, links in (("Head/Link", described.head_links), ("Links", described.links)):
        for number, link in enumerate(links):
            rel, url = link.get("rel", "").lower(), link.get("url", "")
            is_image = place == "Head/Link" and rel == "image_src"
            is_link = link.get("path", "").endswith("@/href")
            if is_link and (is_image or "license" in rel or "creativecommons.org/" in url):
                found.append((f"wat#/{place}/{number}", _tag("link", link, _LINK)))
    return found


def _tag(name: str, attributes: Attributes, names: Mapping[str, str]) -> str:
    given = (f' {other}="{escape(attributes[own])}"' for own, other in names.items() if own in attributes)
    return f"<{name}{''.join(given)}>"


class _Candidates:
    """The candidates of one page: each image once, however often the page shows or names it."""

    def __init__(self, base: str | None, page_url: str, counts: Counts) -> None:
        self._counts = counts
        self._base = page_url
        if base:
            try:
                self._base = resolve(base, page_url)
            except UrlError:
                counts.cuts["bad_base"] += 1
        self._found: list[Candidate] = []
        self._known: dict[str, Candidate] = {}  # by any URL

    def shown(self, links: Sequence[Attributes]) -> None:
        """Takes the images among the links."""
        counts = self._counts
        images = [(number, link) for number, link in enumerate(links) if link.get("path") in _IMAGES]
        beyond = images[IMAGES_AT_MOST:]
        counts.images_found += len(images)
        counts.images += len(beyond)
        counts.drops["beyond_images_at_most"] += len(beyond)
        counts.pages_without_image += not any(link["path"] == "IMG@/src" for _, link in images)
        for number, link in images[:IMAGES_AT_MOST]:
            self._shown(link, f"wat#/Links/{number}")

    def _shown(self, link: Attributes, path: str) -> None:
        element, attribute = _IMAGES[link["path"]]
        texts = list(self._texts(link))
        if element == "img":
            self._count(texts)
        urls = self._resolved([Source(link.get("url", ""), attribute)])
        if not urls:
            return
        alt = tidy(link["alt"][:TEXT_AT_MOST]) if "alt" in link else None
        known = self._known.get(urls[0].url)
        if known is None:
            self._add(Candidate(element, path, urls, texts, alt))
        else:
            self._counts.repeats += 1
            known.occurrences += 1
            known.alt = known.alt or alt
            _more(known, urls, texts)

    def named(self, image: HeadImage, path: str) -> None:
        """Takes an image that the page's head names."""
        self._counts.images_found += 1
        urls = self._resolved([Source(url, image.element) for url in image.urls])
        if not urls:
            return
        texts = [Text(*described) for described in image.texts]
        known = next((self._known[url.url] for url in urls if url.url in self._known), None)
        if known is None:
            self._add(Candidate(image.element, path, urls, texts, width=image.width, height=image.height))
        else:
            self._counts.drops["copy"] += 1
            _more(known, urls, texts)

    def all(self) -> list[Candidate]:
        """Those that the page shows, in its order, then those that its head names."""
        counts = self._counts
        for candidate in self._found:
            counts.elements[candidate.element] += 1
            counts.attributes[candidate.urls[0].name] += 1
            counts.texts.update({text.source for text in candidate.texts})
        counts.candidates += len(self._found)
        return self._found

    def _add(self, candidate: Candidate) -> None:
        self._found.append(candidate)
        for url in candidate.urls:
            self._known.setdefault(url.url, candidate)

    def _texts(self, link: Attributes) -> Iterator[Text]:
        for name in ("alt", "title"):
            value = link.get(name, "")
            self._counts.cuts["attribute_too_long"] += len(value) > TEXT_AT_MOST
            if text := tidy(value[:TEXT_AT_MOST]):
                yield Text(name, text)

    def _count(self, texts: Sequence[Text]) -> None:
        self._counts.images += 1
        if texts and texts[0].source == "alt":
            self._counts.images_with_alt += 1
            self._counts.images_with_alt_of_3_words += len(_WORD.findall(texts[0].text)) >= 3

    def _resolved(self, named: Sequence[Source]) -> list[Source]:
        """The distinct URLs that can be resolved; where none can, the image is counted as dropped."""
        urls: dict[str, Source] = {}
        reason = "no_url"
        for source in named:
            try:
                url = resolve(source.url, self._base)
            except UrlError as error:
                self._counts.urls_unresolved[error.reason] += 1
                reason = error.reason
            else:
                urls.setdefault(url, source._replace(url=url))
        if not urls:
            self._counts.drops[reason] += 1
        return list(urls.values())


def _more(known: Candidate, urls: Sequence[Source], texts: Sequence[Text]) -> None:
    """Keeps what else is said of a known image."""
    had = {url.url for url in known.urls}
    known.urls += [url for url in urls if url.url not in had]
    said = {(text.source, text.text) for text in known.texts}
    known.texts += [text for text in texts if (text.source, text.text) not in said][: max(0, TEXTS_AT_MOST - len(said))]
