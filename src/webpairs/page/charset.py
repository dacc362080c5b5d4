"""The characters of an HTML body, chosen as a browser does: byte order mark, header, meta element, then a guess."""

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\s[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)

# Browsers look for the meta element in the first 1,024 bytes; some pages have it later, and browsers then reparse.
_META_WITHIN = 4096
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def to_text(body: bytes, content_type: str) -> str:
    """The body as text; bytes that make no sense in the encoding become U+FFFD, and a byte order mark goes."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    return body.decode(_declared(body, content_type) or _guessed(body), "replace")


def _declared(body: bytes, content_type: str) -> str | None:
    """The codec that the header or else the meta element names; None without one that is known."""
    header = _HEADER.search(content_type)
    if header and (codec := map_encoding_to_html5(header.group(1), False)):
        return codec
    meta = _META.search(_COMMENT.sub(b"", body[:_META_WITHIN]))
    codec = map_encoding_to_html5(meta.group(1).decode("ascii", "replace"), False) if meta else None
    # Had the page been UTF-16, its meta element could not have been read.
    return "utf-8" if codec and codec.startswith("utf-16") else codec


def _guessed(body: bytes) -> str:
    """UTF-8 where the body is valid UTF-8, else what its bytes look like."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return detect_encoding(body) or "cp1252"
    return "utf-8"
