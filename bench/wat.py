"""`python -m bench.wat TARGET FILE…`: writes the WAT of the pages in WARC files, in the form that Common Crawl uses.

One metadata record a page, a gzip member each, with links in the order of the page. Prints what is in it as JSON.
"""

import gzip
import json
import sys
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bench.pages import Page, pages

# Which attribute of an element is a link, and which others stand beside it in the WAT.
BODY_LINKS = {
    "a": ("href", ("title", "rel", "target")),
    "area": ("href", ("alt",)),
    "img": ("src", ("alt", "title")),
    "form": ("action", ("method",)),
    "iframe": ("src", ()),
    "embed": ("src", ()),
    "input": ("src", ()),
    "video": ("src", ()),
    "audio": ("src", ()),
    "source": ("src", ()),
}
HEAD_LINKS = {"link": ("Link", "href", ("rel", "type")), "script": ("Scripts", "src", ("type",))}
DATE = "2024-01-01T00:00:00Z"


def write(target: Path, archives: Sequence[Path]) -> dict[str, int]:
    """Writes the WAT of all pages in these archives; returns its pages, and the images among its links."""
    written = images = 0
    with target.open("wb") as file:
        file.write(
            _record("warcinfo", target.name, b"Software-Info: webpairs' benchmark\r\n", "application/warc-fields")
        )
        for archive in archives:
            for page in pages(archive):
                found = html_metadata(bytes_to_str(page.body, detect_encoding(page.body) or "utf-8"))
                images += sum(link["path"] == "IMG@/src" for link in found.get("Links", []))
                content = json.dumps(_envelope(archive.name, page, found), ensure_ascii=False)
                file.write(_record("metadata", page.url, content.encode("utf-8", "replace"), "application/json"))
                written += 1
    return {"pages": written, "images": images}


def html_metadata(html: str) -> dict[str, Any]:
    """What a WAT holds of a page: `Head` (Base, Title, Metas, Link, Scripts) and `Links`; empty parts are left out."""
    head: dict[str, Any] = {}
    links: list[dict[str, str]] = []
    root = LexborHTMLParser(html).root
    for node in root.traverse() if root is not None else ():
        tag = str(node.tag)
        if tag in BODY_LINKS:
            links += _body_links(node, *BODY_LINKS[tag])
        elif tag in HEAD_LINKS:
            part, name, beside = HEAD_LINKS[tag]
            for link in _links(node, name, beside):
                head.setdefault(part, []).append(link)
        elif tag == "meta":
            head.setdefault("Metas", []).append({name: value or "" for name, value in node.attributes.items()})
        elif tag == "base" and node.attributes.get("href"):
            head.setdefault("Base", node.attributes["href"])
        elif tag == "title":
            head.setdefault("Title", node.text())
    return {name: part for name, part in (("Head", head), ("Links", links)) if part}


def _body_links(node: LexborNode, name: str, beside: Sequence[str]) -> Iterator[dict[str, str]]:
    for link in _links(node, name, beside):
        text = " ".join(node.text().split()) if node.tag == "a" else ""
        yield link | ({"text": text} if text else {})


def _links(node: LexborNode, name: str, beside: Sequence[str]) -> Iterator[dict[str, str]]:
    attributes = node.attributes
    if url := attributes.get(name):
        others = {other: value for other in beside if (value := attributes.get(other))}
        yield {"path": f"{str(node.tag).upper()}@/{name}", "url": url, **others}


def _envelope(filename: str, page: Page, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "Container": {"Filename": filename, "Compressed": True},
        "Envelope": {
            "Format": "WARC/1.0",
            "WARC-Header-Metadata": {
                "WARC-Type": "response",
                "WARC-Target-URI": page.url,
                "WARC-Date": DATE,
                "Content-Type": "application/http; msgtype=response",
            },
            "Payload-Metadata": {
                "Actual-Content-Type": "application/http; msgtype=response",
                "HTTP-Response-Metadata": {
                    "Response-Message": {"Version": "HTTP/1.1", "Status": "200", "Reason": "OK"},
                    "Headers": {"Content-Type": page.content_type},
                    "Entity-Length": str(len(page.body)),
                    "HTML-Metadata": metadata,
                },
            },
        },
    }


def _record(kind: str, url: str, content: bytes, content_type: str) -> bytes:
    where = "WARC-Filename" if kind == "warcinfo" else "WARC-Target-URI"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\n{where}: {url}\r\nWARC-Date: {DATE}\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url)}>\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + content + b"\r\n\r\n", mtime=0)


if __name__ == "__main__":
    print(json.dumps(write(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])))
