"""HTML → candidates: every image of a page with the texts that may describe it."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from webpairs.page import charset, markup, walk
from webpairs.page.counts import Counts, count_images
from webpairs.page.sources import source
from webpairs.page.text import language_of, tidy, window
from webpairs.page.urls import UrlError, registered_domain, resolve

ATTRIBUTE_AT_MOST = 10_000

_PIXELS = re.compile(r"\s*(\d{1,6})(?:\.0+)?\s*(?:px)?\s*")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a page comes from."""

    archive: str  # MANIFEST.name
    archive_digest: str
    offset: int
    nth: int  # of the records that share this offset
    url: str
    date: str
    content_type: str


Row = dict[str, Any]


def candidates(body: bytes, origin: Origin, before: int, after: int, counts: Counts) -> list[Row]:
    """The page's candidates as rows of records.CANDIDATES, in page order; what is met is added to `counts`."""
    html, is_cut = markup.bounded(charset.to_text(body, origin.content_type))
    html, in_head = markup.without_head_noscript(html)
    page = walk.read(html)
    count_images(page, before, after, counts)
    counts.cuts["markup_too_deep"] += is_cut + page.too_deep
    counts.cuts["noscript_in_head"] += in_head
    language = language_of(page.text)
    counts.languages[language] += 1
    if not page.images:
        return []
    shared: Row = {
        "archive": origin.archive,
        "record_offset": origin.offset,
        "record_digest": hashlib.sha256(body).hexdigest(),
        "page_url": origin.url,
        "page_date": origin.date,
        "domain": registered_domain(origin.url),
        "language": language,
    }
    rows = []
    for image, url, attribute in _resolved(page, origin.url, counts):
        start, offset, end = window(page.text, image.offset, before, after)
        rows.append(
            {
                "candidate_id": _identity(origin, image.path),
                **shared,
                "dom_path": image.path,
                "image_url": url,
                "image_attribute": attribute,
                "alt": _attribute(image, "alt", counts),
                "title": _attribute(image, "title", counts),
                "caption": image.figure.caption if image.figure else None,
                "width": _pixels(image, "width"),
                "height": _pixels(image, "height"),
                "text_before": page.text[start:offset],
                "text_after": page.text[offset:end],
            }
        )
    counts.candidates += len(rows)
    return rows


def _identity(origin: Origin, path: str) -> str:
    place = f"{origin.offset}" if origin.nth == 0 else f"{origin.offset}.{origin.nth}"
    return hashlib.sha256(f"{origin.archive_digest} {place} {path}".encode()).hexdigest()[:24]


def _resolved(page: walk.Page, page_url: str, counts: Counts) -> list[tuple[walk.Image, str, str]]:
    """The images with their absolute URLs and where these stood; those without one are counted as dropped."""
    base = page_url
    if page.base:
        try:
            base = resolve(page.base, page_url)
        except UrlError:
            counts.cuts["bad_base"] += 1
    found: list[tuple[walk.Image, str, str]] = []
    for image in page.images:
        chosen = source(image.attributes, image.picture)
        if chosen is None:
            counts.drops["no_url"] += 1
            continue
        try:
            found.append((image, resolve(chosen[0], base), chosen[1]))
        except UrlError as error:
            counts.drops[error.reason] += 1
    # Lazy loaders repeat an image in noscript, for browsers without scripts.
    shown = {url for image, url, _ in found if not image.in_noscript}
    kept = [entry for entry in found if not entry[0].in_noscript or entry[1] not in shown]
    counts.drops["noscript_copy"] += len(found) - len(kept)
    return kept


def _attribute(image: walk.Image, name: str, counts: Counts) -> str | None:
    """The attribute with white space normalised, in NFC; None where it isn't there."""
    if name not in image.attributes:
        return None
    value = image.attributes[name] or ""
    if len(value) > ATTRIBUTE_AT_MOST:
        counts.cuts["attribute_too_long"] += 1
        value = value[:ATTRIBUTE_AT_MOST]
    return tidy(value)


def _pixels(image: walk.Image, name: str) -> int | None:
    match = _PIXELS.fullmatch(image.attributes.get(name) or "")
    return int(match.group(1)) if match else None
