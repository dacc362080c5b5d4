"""HTML → candidates: every image of a page with the texts that may describe it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from webpairs.page import charset, markup, walk
from webpairs.page.boilerplate import boilerplate
from webpairs.page.counts import Counts
from webpairs.page.elements import pixels
from webpairs.page.locate import Located
from webpairs.page.metadata import HeadImage, Metadata, metadata
from webpairs.page.placeholders import placeholders
from webpairs.page.sources import URLS_AT_MOST, Source, amid, backgrounds, larger, sources
from webpairs.page.text import Span, language_of, tidy
from webpairs.page.texts import Text, Texts
from webpairs.page.urls import UrlError, registered_domain, resolve

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a page comes from. `headers` are those of HTTP that metadata() reads."""

    archive: str  # MANIFEST.name
    archive_digest: str
    offset: int
    nth: int  # of the records that share this offset
    url: str
    date: str
    content_type: str
    payload_digest: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def page_id(self) -> str:
        place = f"{self.offset}" if self.nth == 0 else f"{self.offset}.{self.nth}"
        return _identity(f"{self.archive_digest} {place}")


@dataclass(slots=True)
class Candidate:
    """An image of a page, as records.CANDIDATES has it."""

    element: str
    dom_path: str
    urls: list[Source]  # resolved
    texts: list[Text]
    alt: str | None = None
    width: int | None = None
    height: int | None = None
    window: tuple[int, int, int] | None = None  # start, offset, end
    in_boilerplate: bool = False
    occurrences: int = 1


@dataclass(slots=True)
class Extract:
    """A page as records.PAGES has it, and its candidates."""

    origin: Origin
    digest: str
    domain: str
    language: str
    charset: str
    charset_named_by: str
    replacement_characters: int
    metadata: Metadata
    text: str
    boilerplate: list[Span]
    candidates: list[Candidate]


def extract(body: bytes, origin: Origin, before: int, after: int, counts: Counts) -> Extract | None:
    """The page with its candidates; None where it has none. What is met is added to `counts`."""
    decoded = charset.decode(body, origin.content_type)
    html, cuts = markup.bounded(decoded.markup)
    html, in_head = markup.without_head_noscript(html)
    page = walk.read(html)
    about = metadata(page.tree, page.found, origin.headers)
    language = language_of(page.text)
    counts.pages += 1
    counts.languages[language] += 1
    counts.charsets[decoded.named_by] += 1
    counts.replacement_characters += decoded.replaced
    counts.pages_with_replacements += bool(decoded.replaced)
    counts.pages_with_opt_out += bool(about.opt_outs)
    counts.cuts.update(cuts)
    counts.cuts["markup_too_deep"] += page.too_deep
    counts.cuts["noscript_in_head"] += in_head
    counts.cuts["json_ld_unreadable"] += about.bad_json
    counts.cuts["json_ld_too_deep"] += about.deep_json
    candidates = _Candidates(page, about, origin.url, before, after, counts).all()
    if not candidates:
        return None
    return Extract(
        origin=origin,
        digest=hashlib.sha256(body).hexdigest(),
        domain=registered_domain(origin.url),
        language=language,
        charset=decoded.charset,
        charset_named_by=decoded.named_by,
        replacement_characters=decoded.replaced,
        metadata=about,
        text=page.text,
        boilerplate=boilerplate(page),
        candidates=candidates,
    )


def candidate_id(page_id: str, dom_path: str) -> str:
    """24 hex digits, stable over runs."""
    return _identity(f"{page_id} {dom_path}")


def _identity(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


class _Candidates:
    """The candidates of one page: each image once, however often and by whatever the page shows it."""

    def __init__(
        self, page: walk.Page, about: Metadata, page_url: str, before: int, after: int, counts: Counts
    ) -> None:
        self._page, self._about, self._counts = page, about, counts
        self._located = Located(page.text, [page.reading.at(image.place) for image in page.images], before, after)
        self._texts = Texts(page, self._located, counts)
        self._base = page_url
        if about.base:
            try:
                self._base = resolve(about.base, page_url)
            except UrlError:
                counts.cuts["bad_base"] += 1
        self._found: list[Candidate] = []
        self._shown: dict[str, Candidate] = {}  # by the URL that is preferred
        self._named: dict[str, Candidate] = {}  # by any URL

    def all(self) -> list[Candidate]:
        """Those in the page's body, in document order, then those that it names in its head."""
        page, counts = self._page, self._counts
        counts.images_found += len(page.images) + page.images_beyond + len(self._about.images)
        counts.images += page.images_beyond
        counts.drops["beyond_images_at_most"] += page.images_beyond
        urls = _named_by(page.images)
        for number, image in enumerate(page.images):
            if not image.in_noscript:
                self._body(number, image, urls[number])
        # Lazy loaders repeat an image in noscript, for browsers without scripts.
        for number, image in enumerate(page.images):
            if image.in_noscript:
                self._body(number, image, urls[number])
        has_image = any(image.element == "img" and not image.in_noscript for image in page.images)
        counts.pages_without_image += not has_image
        for named in self._about.images:
            self._head(named)
        self._found.sort(key=lambda candidate: candidate.window is None)
        found = self._found
        counts.elements.update([candidate.element for candidate in found])
        counts.attributes.update([candidate.urls[0].name for candidate in found])
        counts.texts.update([source for candidate in found for source in {text.source for text in candidate.texts}])
        counts.candidates += len(found)
        return found

    def _body(self, number: int, image: walk.Image, named: list[Source]) -> None:
        texts = self._texts.of(number)
        self._count(image, texts)
        urls = self._resolved(named)
        if not urls:
            return
        known = self._shown.get(urls[0].url)
        if known is None and image.in_noscript:
            known = next((self._named[url.url] for url in urls if url.url in self._named), None)
        alt = tidy(image.attributes["alt"] or "") if "alt" in image.attributes else None
        if known is not None:
            self._repeat(known, urls, texts, image.in_noscript)
            known.alt = known.alt or alt
            return
        self._add(
            Candidate(
                element=image.element,
                dom_path=image.path,
                urls=urls,
                texts=texts,
                alt=alt,
                width=pixels(image.attributes.get("width")),
                height=pixels(image.attributes.get("height")),
                window=self._located.windows[number],
                in_boilerplate=image.in_boilerplate,
            )
        )

    def _head(self, image: HeadImage) -> None:
        urls = self._resolved([Source(url, image.element) for url in image.urls])
        if not urls:
            return
        texts = [Text(*described) for described in image.texts]
        known = next((self._named[url.url] for url in urls if url.url in self._named), None)
        if known is not None:
            self._repeat(known, urls, texts, True)
        else:
            self._add(Candidate(image.element, image.path, urls, texts, width=image.width, height=image.height))

    def _add(self, candidate: Candidate) -> None:
        self._found.append(candidate)
        self._shown[candidate.urls[0].url] = candidate
        for url in candidate.urls:
            self._named.setdefault(url.url, candidate)

    def _repeat(self, known: Candidate, urls: list[Source], texts: list[Text], is_copy: bool) -> None:
        """An image that the page shows once more, or, as a copy, names once more: the texts of both are kept."""
        if is_copy:
            self._counts.drops["copy"] += 1
        else:
            self._counts.repeats += 1
            known.occurrences += 1
        had = {url.url for url in known.urls}
        known.urls += [url for url in urls if url.url not in had][: max(0, URLS_AT_MOST - len(had))]
        said = {(text.source, text.text) for text in known.texts}
        known.texts += [text for text in texts if (text.source, text.text) not in said][: max(0, 50 - len(said))]

    def _resolved(self, named: list[Source]) -> list[Source]:
        """The distinct URLs that can be resolved; where none can, the image is counted as dropped."""
        urls: dict[str, Source] = {}
        reason = "no_url"
        for source in named:
            try:
                # Some pages' JSON-LD has the markup of an image where its URL should be.
                if source.name == "json-ld" and "<" in source.url:
                    raise UrlError("bad_url")
                url = resolve(source.url, self._base)
            except UrlError as error:
                self._counts.urls_unresolved[error.reason] += 1
                reason = error.reason
            else:
                if url not in urls:
                    urls[url] = Source(url, source.name, source.width)
        if not urls:
            self._counts.drops[reason] += 1
        return list(urls.values())

    def _count(self, image: walk.Image, texts: list[Text]) -> None:
        counts = self._counts
        if image.element != "img":
            return
        if image.in_noscript:
            counts.images_in_noscript += 1
            return
        counts.images += 1
        if texts and texts[0].source == "alt":
            counts.images_with_alt += 1
            counts.images_with_alt_of_3_words += len(_WORD.findall(texts[0].text)) >= 3
            counts.alts_in_window += texts[0].start >= 0


def _named_by(images: Sequence[walk.Image]) -> list[list[Source]]:
    """The URLs that each image names, as they stand, without placeholders where there is anything else."""
    named = [_sources(image) for image in images]
    passed = placeholders(urls for urls, image in zip(named, images, strict=True) if not image.in_noscript)
    for number, urls in enumerate(named):
        if urls and urls[0].url in passed:
            own = [source for source in urls if source.url not in passed and source.name != "link"]
            if own := own or amid(images[number].attributes):
                named[number] = own + [source for source in urls if source.name == "link"]
    return named


def _sources(image: walk.Image) -> list[Source]:
    attributes = image.attributes
    if image.element == "background":
        return backgrounds(attributes)
    if image.element == "poster":
        return [Source(attributes.get("poster") or "", "poster")]
    found = sources(attributes, image.picture)
    if image.link is not None:
        found += larger(image.link.node.attributes.get("href"))
    return found
