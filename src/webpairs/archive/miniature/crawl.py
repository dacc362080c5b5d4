"""Writes the crawl of one site: its WARC file, and the truth about its images."""

import json
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from webpairs.archive.miniature import encode, markup
from webpairs.archive.miniature.content import Page
from webpairs.archive.miniature.pages import Built, build
from webpairs.archive.miniature.pictures import ImageFile
from webpairs.archive.miniature.render import html_of
from webpairs.archive.miniature.sites import Site, random_of
from webpairs.archive.miniature.writing import WarcFile
from webpairs.params import Sample

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Task:
    """One site to write: what a worker process needs."""

    site: Site
    sample: Sample
    folder: Path


def write_site(task: Task) -> tuple[str, Rows]:
    """Writes `<domain>.warc.gz` into the folder; returns its name and the rows of the truth."""
    site = task.site
    built = build(site, task.sample)
    name = f"{site.domain}.warc.gz"
    with WarcFile(task.folder / name, f"{task.sample.seed}/{site.domain}") as file:
        file.info(site.title)
        _write(file, site, built, random_of(task.sample, site, "crawl"))
    return name, [row for page in built.pages for row in _truth(site, page)]


def _write(file: WarcFile, site: Site, built: Built, rng: random.Random) -> None:
    """Pages, then images, with redirects, a lost page, second captures, and now and then something broken."""
    again = set(rng.sample(range(len(built.pages)), max(1, len(built.pages) // 25))) if built.pages else set()
    for page in built.pages:
        if page.number % 11 == 5:
            file.exchange(*_redirect(site, page))
        body = html_of(site, page)
        file.exchange(page.url, 200, *_page_response(site, page, body))
        if page.number in again:
            file.exchange(page.url, 200, *_page_response(site, page, body))
        if site.number == 0 and page.number == 0:
            file.raw(b"WARC/1.1\r\n\x00\xff this was a record once\r\n\r\n")
    lost = f"<html><title>404</title><body><h1>Not found</h1><p>{site.title} has no such page.</p></body></html>"
    file.exchange(markup.absolute(site, "/gone"), 404, {"Content-Type": "text/html"}, lost.encode())
    file.exchange(markup.absolute(site, "/c.css"), 200, {"Content-Type": "text/css"}, b"body { margin: 0 }\n")
    _write_images(file, built.files)
    if site.number == 1:
        file.cut_off(markup.absolute(site, "/last"), b"<p>The crawler was stopped while it wrote this page.</p>" * 20)
    if site.number == 2:
        file.raw(b"These bytes are no record at all.\r\n\r\n")


def _redirect(site: Site, page: Page) -> tuple[str, int, dict[str, str], bytes]:
    url = markup.absolute(site, f"/old/{page.number}")
    return url, 301, {"Location": page.url, "Content-Type": "text/html"}, b"<p>Moved.</p>"


def _page_response(site: Site, page: Page, body: str) -> tuple[dict[str, str], bytes]:
    # A few pages of one site call themselves XHTML.
    xhtml = site.template == "fieldnotes" and page.number % 5 == 1
    headers = {
        "Content-Type": encode.content_type(site.charset, "application/xhtml+xml" if xhtml else "text/html"),
        "Server": "miniature",
    }
    content = encode.coded(encode.encoded(body, site.charset), site.coding)
    if site.coding:
        headers["Content-Encoding"] = site.coding
    if site.chunked:
        headers["Transfer-Encoding"] = "chunked"
        content = encode.chunked(content)
    return headers, content


def _write_images(file: WarcFile, images: Iterable[ImageFile]) -> None:
    written: set[str] = set()
    for image in images:
        if image.url not in written:
            written.add(image.url)
            file.exchange(image.url, image.status, {"Content-Type": image.content_type}, image.content)


def _truth(site: Site, page: Page) -> Rows:
    """A row an image of the page."""
    rows = [
        {
            "image_url": picture.url,
            "urls": list(picture.urls),
            "role": "content",
            "place": picture.place,
            "description": picture.description,
            "alt_kind": picture.alt_kind,
            "state": picture.state,
            "kind": picture.scene.kind,
            "scene": json.dumps(asdict(picture.scene), sort_keys=True),
        }
        for picture in page.pictures
    ]
    nothing = dict.fromkeys(("place", "description", "alt_kind", "kind", "scene"), "")
    rows += [
        {"image_url": image.url, "urls": [image.url], "role": image.role, "state": "whole", **nothing}
        for image in page.chrome
    ]
    of_page = {"page_url": page.url, "site": site.domain, "language": page.language}
    return [{**of_page, "position": position, **row} for position, row in enumerate(rows)]
