"""The characters of an HTML body, chosen as a browser does: byte order mark, header, meta element, then a guess."""

import codecs
import re
from typing import NamedTuple

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\s[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)

# Browsers look for the meta element in the first 1,024 bytes; some pages have it later, and browsers then reparse.
_META_WITHIN = 4096
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Python's codecs that know what the WHATWG's encodings of these names know.
_PYTHON = {"gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs", "iso8859-11": "cp874"}
_REPLACEMENT = "\ufffd".encode()
_KEEP = "webpairs-keep-controls"


class Decoded(NamedTuple):
    """A body's markup in UTF-8, what it was in, and how many U+FFFD it holds."""

    markup: bytes
    charset: str  # Python's name of the codec
    named_by: str  # bom, header, meta, xml or guess
    replaced: int


def decode(body: bytes, content_type: str) -> Decoded:
    """The body in UTF-8; bytes that make no sense in its encoding become U+FFFD, and a byte order mark goes."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], encoding, "bom")
    header = _HEADER.search(content_type)
    if header and (codec := _known(header.group(1))):
        return _decoded(body, codec, "header")
    meta = _META.search(_COMMENT.sub(b"", body[:_META_WITHIN]))
    if meta and (codec := _known(meta.group(1).decode("ascii", "replace"))):
        # Had the page been UTF-16, its meta element could not have been read.
        return _decoded(body, "utf-8" if codec.startswith("utf-16") else codec, "meta")
    xml = _XML.match(body[:1024])
    if xml and (codec := _known(xml.group(1).decode("ascii", "replace"))):
        return _decoded(body, "utf-8" if codec.startswith("utf-16") else codec, "xml")
    if _is_utf8(body):
        return _decoded(body, "utf-8", "guess")
    return _decoded(body, _known(detect_encoding(body) or "") or "cp1252", "guess")


def _known(label: str) -> str | None:
    """Python's codec for a label of the WHATWG's encoding standard; None for a label that is none."""
    codec = map_encoding_to_html5(label, False)
    return _PYTHON.get(codec, codec) if codec else None


def _decoded(body: bytes, codec: str, named_by: str) -> Decoded:
    if codec != "utf-8" or not _is_utf8(body):
        text = body.decode(codec, _KEEP if codec.startswith("cp125") else "replace")
        # Escapes of some encodings give halves of a sign.
        body = text.encode("utf-8", "replace")
    # A page's own U+FFFD is there since somebody else lost a character.
    # One byte is looked for at many times the speed of three.
    return Decoded(body, codec, named_by, body.count(_REPLACEMENT) if _REPLACEMENT[:1] in body else 0)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _keep_controls(error: UnicodeError) -> tuple[str, int]:
    """Bytes that windows' code pages leave open are control characters to browsers."""
    assert isinstance(error, UnicodeDecodeError)
    byte = error.object[error.start]
    return chr(byte) if byte < 0xA0 else "\ufffd", error.start + 1


codecs.register_error(_KEEP, _keep_controls)
