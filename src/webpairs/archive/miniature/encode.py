"""How a page travels: its charset, with right and wrong labels, its content coding, and chunks."""

import gzip
import zlib
from dataclasses import dataclass

import brotli


@dataclass(frozen=True, slots=True)
class Charset:
    """What the bytes are in, and what the HTTP header and the meta element call it; "" where they say nothing."""

    codec: str
    header: str
    meta: str


# cp1252 is what the web means by iso-8859-1.
CHARSETS = {
    "utf-8": Charset("utf-8", "utf-8", "utf-8"),
    "latin1": Charset("cp1252", "ISO-8859-1", ""),
    "latin1_as_utf8": Charset("cp1252", "utf-8", "iso-8859-1"),
    "utf8_as_latin1": Charset("utf-8", "iso-8859-1", "utf-8"),
    "utf8_as_latin1_meta": Charset("utf-8", "", "iso-8859-1"),
    "meta_only": Charset("utf-8", "", "utf-8"),
    "none": Charset("utf-8", "", ""),
}


def meta_of(charset: str, old_style: bool) -> str:
    """The meta element that names the charset; nothing where pages have none."""
    label = CHARSETS[charset].meta
    if not label:
        return ""
    if old_style:
        return f'<meta http-equiv="Content-Type" content="text/html; charset={label}">'
    return f'<meta charset="{label}">'


def content_type(charset: str, media_type: str = "text/html") -> str:
    """The Content-Type header."""
    label = CHARSETS[charset].header
    return f"{media_type}; charset={label}" if label else media_type


def encoded(text: str, charset: str) -> bytes:
    """The text in the bytes that the charset really stands for; what it lacks as character references."""
    return text.encode(CHARSETS[charset].codec, "xmlcharrefreplace")


def coded(body: bytes, coding: str) -> bytes:
    """The body under a content coding: gzip, deflate, br, or "" for none."""
    match coding:
        case "gzip":
            return gzip.compress(body, mtime=0)
        case "deflate":
            return zlib.compress(body)
        case "br":
            return bytes(brotli.compress(body, quality=5))
        case _:
            return body


def chunked(body: bytes, size: int = 4096) -> bytes:
    """The body in chunks, as HTTP/1.1 transfers it."""
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])
