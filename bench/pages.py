"""The pages of a WARC file, read with fastwarc in a few lines; for contenders that bring no reader of their own.

A page is a response of status 2xx whose type is text/html or application/xhtml+xml, as it is for webpairs.
"""

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import brotli
from fastwarc.warc import ArchiveIterator, WarcRecordType

TYPES = ("text/html", "application/xhtml+xml")


class Page(NamedTuple):
    url: str
    content_type: str
    body: bytes  # decoded, but not yet text


def pages(archive: Path) -> Iterator[Page]:
    """Yields the pages in the file's order. Raises OSError where the file is broken."""
    with archive.open("rb") as stream:
        # "content" would decode bodies too, but raises at the first one that isn't what its header says.
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, auto_decode="transfer"):
            headers = record.http_headers
            if headers is None or not is_page(headers.status_code, headers.get("Content-Type")):
                continue
            body = decoded(record.reader.read(), headers.get("Content-Encoding") or "")
            url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
            yield Page(url, headers.get("Content-Type") or "", body)


def is_page(status: int | None, content_type: str | None) -> bool:
    """Whether a response of this status and type is a page."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return status is not None and 200 <= status < 300 and kind in TYPES


def decoded(body: bytes, content_encoding: str) -> bytes:
    """The body decoded; as it stands where the header names something else than what it is."""
    for coding in reversed(content_encoding.lower().split(",")):
        decode = _DECODERS.get(coding.strip())
        if decode is not None:
            try:
                body = decode(body)
            except (zlib.error, brotli.error):
                return body
    return body


def _inflate(body: bytes) -> bytes:
    # gzip or zlib, whichever it is; and no error where the end is missing.
    return zlib.decompressobj(32 + zlib.MAX_WBITS).decompress(body)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _inflate,
    "x-gzip": _inflate,
    "deflate": _inflate,
    "br": brotli.decompress,
}
