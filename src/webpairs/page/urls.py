"""URLs in pages, resolved as browsers do: by the WHATWG's URL standard, as ada implements it."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

import tldextract
from ada_url import URL, join_url

URL_AT_MOST = 4096
DATA_URI_AT_MOST = 256 << 10

_EDGE = "".join(map(chr, range(33)))
_DATA_IMAGE = re.compile(r"data:image/[\w.+-]{1,40}[;,]", re.IGNORECASE)
# Reserved for documentation and tests (RFC 6761): no registry has them, so one label below stands for a registration.
_RESERVED = ("example", "test", "invalid")

# The list that tldextract ships: no network, no cache on disk, the same on every machine.
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


class UrlError(Exception):
    """A URL that no image can be had from; `reason` is one of a small set, to count by."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def resolve(url: str, base: str) -> str:
    """The absolute http(s) URL without fragment, or the data: URI of an image, that `url` means on a page at `base`.

    Raises UrlError with `no_url`, `url_too_long`, `not_http` or `bad_url`.
    """
    url = url.strip(_EDGE)
    if not url or url[0] == "#":
        raise UrlError("no_url")
    if url[:5].lower() == "data:":
        return _data_uri(url)
    if len(url) > URL_AT_MOST:
        raise UrlError("url_too_long")
    return _joined(url, base)


@lru_cache(maxsize=1024)
def _joined(url: str, base: str) -> str:
    """Pages name the same few images, and variants of them, again and again."""
    try:
        resolved = join_url(base, url)
    except ValueError:
        raise UrlError("bad_url") from None
    if not resolved.startswith(("http://", "https://")):
        raise UrlError("not_http")
    if "#" in resolved:
        resolved = resolved.partition("#")[0]
    if "@" in resolved:
        resolved = _without_user(resolved)
    if len(resolved) > URL_AT_MOST:
        raise UrlError("url_too_long")
    return resolved


@lru_cache(maxsize=4096)
def registered_domain(url: str) -> str:
    """The registered domain of the URL's host by the public suffix list, without its private part; else the host.

    Names that are reserved for documentation and tests (RFC 6761) count as registered below their top level.
    """
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""
    labels = host.split(".")
    if len(labels) >= 2 and labels[-1] in _RESERVED:
        return ".".join(labels[-2:])
    return _extract.extract_str(host).top_domain_under_public_suffix or host


def _data_uri(url: str) -> str:
    if not _DATA_IMAGE.match(url):
        raise UrlError("not_http")
    if len(url) > DATA_URI_AT_MOST:
        raise UrlError("url_too_long")
    return url


def _without_user(url: str) -> str:
    """A browser never sends a user name for an image, and no dataset should carry one."""
    parts = URL(url)
    parts.username = parts.password = ""
    return str(parts.href)
