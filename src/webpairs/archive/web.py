"""Fetches files over http(s): what broke off is gone on with, and no redirect leads into a private network."""

import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from webpairs.archive.kept import Failed, Kept, Missing, Version

REDIRECTS = 5
TIMEOUT = httpx.Timeout(30.0, connect=10.0)

# No content decoding: a server that labels a .warc.gz as gzip-encoded means the file itself.
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "webpairs"}
_TRANSIENT = (408, 425, 429)
_BUSY = (429, 503)


def fetch(url: str, kept: Kept, name: str, max_bytes: int) -> None:
    """Makes `kept` whole, in one attempt, with as few bytes as can be.

    A file that is whole already is asked for on condition that it has changed, and one that broke off for its rest, on
    condition that it hasn't (RFC 9110, 13.1). Where the server can't do either, or gives no validators, all is
    fetched again. Raises Failed; what has arrived until then stays, unless it is of no use.
    """
    with _response(url, _conditions(kept)) as response:
        version, status = _version(response), response.status_code
        if kept.whole and (status == 304 or (status == 200 and version.same(kept.version))):
            return
        if status == 416:
            kept.forget()
            raise Failed("there is no rest of what had arrived", final=False)
        if status == 206:
            _check_continues(response, kept, version)
        else:
            _check_status(response)
            kept.check_size(version.size, max_bytes)
            kept.begin(version)
        # Pieces as they come from the network: larger ones would be lost where the connection breaks within one.
        kept.append(response.iter_raw(), name, max_bytes)
    kept.finish()


def check(url: str) -> None:
    """Asks for the URL without reading what it gives. Raises Failed as `fetch` does."""
    with _response(url, {}) as response:
        _check_status(response)


@contextmanager
def _response(url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
    """The answer behind all redirects. What httpx raises, here or where the answer is read, becomes Failed."""
    try:
        with httpx.Client(timeout=TIMEOUT, headers=_HEADERS | headers, verify=_certificates()) as client:
            given = _joined(url, "").hostname
            for _ in range(REDIRECTS + 1):
                with client.stream("GET", url) as response:
                    if not response.has_redirect_location:
                        yield response
                        return
                    target = _joined(url, response.headers["location"])
                _check_redirect(target, given)
                url = target.geturl()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Failed(f"no URL that can be asked for: {error}", final=True) from None
    except httpx.HTTPError as error:
        raise Failed(f"{type(error).__name__}: {error}".rstrip(": "), final=False) from None
    raise Failed(f"more than {REDIRECTS} redirects", final=True)


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Whom to trust: read once, since that takes longer than a request."""
    return httpx.create_ssl_context()


def _joined(url: str, reference: str) -> SplitResult:
    try:
        return urlsplit(urljoin(url, reference))
    except ValueError as error:
        raise Failed(f"no URL that can be asked for: {error}", final=True) from None


def _check_redirect(parts: SplitResult, given: str | None) -> None:
    """The user may name any host; a redirect to another one may not lead into a private network."""
    if parts.scheme not in ("http", "https") or parts.hostname is None:
        raise Failed(f"redirected to {parts.geturl()}", final=True)
    if parts.hostname == given:
        return
    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(parts.hostname, None)}
    except OSError:
        raise Failed(f"redirected to {parts.hostname}, which has no address", final=False) from None
    if not all(ipaddress.ip_address(str(address).split("%")[0]).is_global for address in addresses):
        raise Failed(f"redirected to {parts.hostname}, in a private network", final=True)


def _conditions(kept: Kept) -> dict[str, str]:
    version = kept.version
    if kept.whole:
        given = {"If-None-Match": version.etag, "If-Modified-Since": version.modified}
        return {header: value for header, value in given.items() if value is not None}
    if kept.length and version.strong is not None:
        return {"Range": f"bytes={kept.length}-", "If-Range": version.strong}
    return {}


def _version(response: httpx.Response) -> Version:
    headers = response.headers
    size = headers.get("content-length", "")
    return Version(headers.get("etag"), headers.get("last-modified"), int(size) if size.isdecimal() else None)


def _check_continues(response: httpx.Response, kept: Kept, version: Version) -> None:
    """Raises Failed, and forgets what has arrived, where the part that comes isn't the rest of the same file."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""))
    total = int(found[2]) if found and found[2] != "*" else kept.version.size
    whole = replace(version, size=total)
    if found is None or int(found[1]) != kept.length or not whole.same(kept.version):
        kept.forget()
        raise Failed("the rest that came is not of the same file", final=False)
    kept.version = whole


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in (404, 410):
        raise Missing(f"status {status}")
    if status != 200:
        final = 400 <= status < 500 and status not in _TRANSIENT
        raise Failed(f"status {status}", final, busy=status in _BUSY, wait=_retry_after(response))


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds that the server asks to wait, which it may give as a time."""
    given = response.headers.get("retry-after", "")
    if given.isdecimal():
        return float(given)
    try:
        return max((parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
