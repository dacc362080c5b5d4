"""Which bodies are HTML pages: by their declared type, or, where that says nothing or is false, by how they begin.

The types and tags are those of WHATWG's MIME sniffing standard, section 7.1, and of its neighbours.
"""

import re
from typing import Literal

# How a body is known to be a page; "" where it is none.
#   type: it is declared to be one
#   body: its type is missing, unknown or XML, and it begins as a page does
#   text: it is declared to be plain text, and begins as a page does. Browsers show its source today, but those of the
#         time that many archives are of showed the page.
PageBy = Literal["type", "body", "text", ""]

_PAGES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
_XML = ("text/xml", "application/xml")
_TEXT = "text/plain"
_UNKNOWN = ("", "unknown/unknown", "application/unknown", "*/*")
# Browsers take "html" and "text/html charset=utf-8", which are no types, for unknown.
_TYPE = re.compile(r"[-!#$%&'*+.^`|~\w]+/[-!#$%&'*+.^`|~\w]+", re.ASCII)

_LOOKED_AT = 16384
_COMMENTS_AT_MOST = 20
_WHOLE = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_ANY = re.compile(
    rb"<(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>]", re.IGNORECASE
)
_NO_TEXT = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|RIFF.{4}(?:WEBP|WAVE|AVI )|.{4}ftyp|\x00\x00[\x01\x02]\x00|II\*\x00|MM\x00\*|"
    rb"%PDF-|PK\x03\x04|\x1f\x8b\x08|Rar!\x1a|7z\xbc\xaf|OggS|ID3[\x02-\x04]|\x1aE\xdf\xa3|wOF[F2]|\x00\x01\x00\x00|"
    rb"OTTO\x00|[CFZ]WS[\x01-\x30]",
    re.DOTALL,
)


def may_be_page(media_type: str) -> bool:
    """Whether a body of this type, in lower case and without parameters, is worth looking at."""
    return media_type in _PAGES or media_type in (*_XML, _TEXT) or _is_unknown(media_type)


def page_by(media_type: str, body: bytes) -> PageBy:
    """By what a decoded body of this type is known to be an HTML page.

    Images, PDF and other files that are never text are no pages, whatever their type.
    """
    if _NO_TEXT.match(body):
        return ""
    if media_type in _PAGES:
        return "type"
    if media_type == _TEXT:
        return "text" if _WHOLE.match(_start(body)) else ""
    if media_type in _XML:
        return "body" if _WHOLE.match(_start(body)) else ""
    if _is_unknown(media_type):
        start = _start(body)
        # One comment that is longer than what is looked at is enough for browsers.
        return "body" if _ANY.match(start) or start.startswith(b"<!--") else ""
    return ""


def is_html(media_type: str, body: bytes) -> bool:
    """Whether a decoded body of this type is an HTML page."""
    return page_by(media_type, body) != ""


def _is_unknown(media_type: str) -> bool:
    return media_type in _UNKNOWN or _TYPE.fullmatch(media_type) is None


def _start(body: bytes) -> bytes:
    """What stands behind the byte order mark, white space, XML declaration and comments that a body begins with."""
    start = body[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start[2:].replace(b"\0", b"")
    for _ in range(_COMMENTS_AT_MOST):
        start = start.lstrip()
        stop = start.find(b"-->", 4) + 3 if start.startswith(b"<!--") else start.find(b">") + 1
        if not start.startswith((b"<!--", b"<?")) or stop < 4:
            return start
        start = start[stop:]
    return start
