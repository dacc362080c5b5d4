"""URLs of images: which archived URL answers which wanted one, and what a data: URI holds."""

import base64
import binascii
import re
from urllib.parse import quote, unquote_to_bytes, urlsplit

# How an archived URL may differ from the wanted one and still be the same image, best first.
MATCHES = ("exact", "fragment", "scheme", "escaping")

_DEFAULT_PORTS = {"http": 80, "https": 443}
_BASE64 = re.compile(r";\s*base64\s*$", re.IGNORECASE)


def kind(url: str) -> str:
    """`web`, `data`, or the verdict on a URL that nothing can be fetched from: unsupported_scheme or bad_url."""
    if url[:5].lower() == "data:":
        return "data"
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, parts.hostname
    except ValueError:
        return "bad_url"
    if not parts.scheme:
        return "bad_url"
    if parts.scheme not in _DEFAULT_PORTS:
        return "unsupported_scheme"
    return "web" if host and port != 0 else "bad_url"


def canonical(url: str) -> str:
    """The same text for all URLs that name the same image: without scheme, default port and fragment, one escaping.

    A URL that can't be parsed stands for itself.
    """
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, parts.hostname
    except ValueError:
        return url
    if not host:
        return url
    shown_port = "" if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{port}"
    query = f"?{_escaped(parts.query)}" if parts.query else ""
    return f"//{_ascii(host)}{shown_port}{_escaped(parts.path or '/')}{query}"


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _escaped(text: str) -> str:
    # Unescaping everything makes %2F and / the same, which no image server in practice tells apart.
    return quote(unquote_to_bytes(text.replace("&amp;", "&")), safe="/:@!$&'()*+,;=?")


def match(wanted: str, archived: str) -> str:
    """How two URLs with the same canonical form agree: one of MATCHES."""
    if wanted == archived:
        return "exact"
    wanted, archived = wanted.partition("#")[0], archived.partition("#")[0]
    if wanted == archived:
        return "fragment"
    same = wanted.partition("://")[2] == archived.partition("://")[2]
    return "scheme" if same else "escaping"


def data_bytes(uri: str, max_bytes: int) -> bytes | None:
    """The bytes in a data: URI, or None where they can't be decoded; at most a little over `max_bytes` of them."""
    header, comma, payload = uri[5:].partition(",")
    if not comma:
        return None
    # Four characters of base64 are three bytes; escaped, a byte takes at most three characters.
    payload = payload[: 3 * max_bytes + 64]
    content = unquote_to_bytes(payload)
    if not _BASE64.search(header):
        return content
    compact = b"".join(content.split()).rstrip(b"=")
    try:
        return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
