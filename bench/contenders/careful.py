"""(c) A script as a careful user would write it, with warcio and BeautifulSoup on lxml.

It knows charsets, relative and lazy URLs, and the text around an image; it finds no other sources of images or texts
than `img`, and survives no hostile page.
"""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from bench.contenders import Counted

LIBRARIES = ("warcio", "beautifulsoup4", "lxml")

BEFORE, AFTER = 2000, 2500
# Where lazy loaders keep the URL; first, since `src` is then a placeholder.
SOURCES = ("data-src", "data-original", "data-lazy-src", "src")

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)

warnings.filterwarnings("ignore", module="bs4")


class Row(NamedTuple):
    page: str
    image: str
    alt: str
    before: str
    after: str


def run(archives: Sequence[Path], folder: Path) -> Counted:  # noqa: ARG001
    """Makes the rows of every page, and keeps none."""
    found = images = 0
    for archive in archives:
        with archive.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if _is_page(record):
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    kind = record.http_headers.get_header("Content-Type")
                    try:
                        body = record.content_stream().read()
                    except Exception as error:  # such as brotli's, which warcio 1.8 can't use from 1.2 on
                        print(f"{url}: {type(error).__name__}: {error}")
                        continue
                    found += 1
                    images += len(rows(body, kind, url))
    return Counted(found, images)


def rows(body: bytes, content_type: str, page_url: str) -> list[Row]:
    """A row for each image of the page that has a URL, in its order."""
    charset = _CHARSET.search(content_type)
    # Tries the header's charset first, then the meta element's, then a guess.
    soup = BeautifulSoup(body, "lxml", from_encoding=charset.group(1) if charset else None)
    base = soup.find("base", href=True)
    base_url = _join(page_url, str(base["href"])) if base else page_url
    text, images = _text_and_images(soup)
    return [
        Row(page_url, _join(base_url, source), alt, text[max(0, at - BEFORE) : at], text[at : at + AFTER])
        for at, source, alt in images
        if source
    ]


def _text_and_images(soup: BeautifulSoup) -> tuple[str, list[tuple[int, str, str]]]:
    """The text of the page, and for each image its place in it, its URL as it stands, and its alt; in one pass."""
    parts: list[str] = []
    images: list[tuple[int, str, str]] = []
    length = 0
    for node in soup.descendants:
        # Comments, scripts, styles and templates are kinds of NavigableString of their own.
        if type(node) is NavigableString:
            words = " ".join(node.split())
            if words:
                parts.append(words)
                length += len(words) + 1
        elif isinstance(node, Tag) and node.name == "img":
            images.append((length, _source(node), " ".join(str(node.get("alt", "")).split())))
    return " ".join(parts), images


def _source(image: Tag) -> str:
    urls = (str(image.get(name, "")).strip() for name in SOURCES)
    return next((url for url in urls if url and not url.startswith("data:")), "")


def _join(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:
        return ""


def _is_page(record: ArcWarcRecord) -> bool:
    if record.rec_type != "response" or record.http_headers is None:
        return False
    kind = record.http_headers.get_header("Content-Type", "").lower()
    status = record.http_headers.get_statuscode()
    return bool(status.startswith("2") and kind.startswith(("text/html", "application/xhtml")))
