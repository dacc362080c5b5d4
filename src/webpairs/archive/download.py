"""Streams an archive from an http(s) URL to a file: bounded, retried, and never led into a private network."""

import ipaddress
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

MAX_BYTES = 50_000_000_000
ATTEMPTS = 3
REDIRECTS = 5
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
# The first and second wait before another attempt, seconds.
WAIT = 0.5


class Failed(Exception):
    """Why a URL couldn't be fetched, in words; `final` where another attempt can't help."""

    def __init__(self, reason: str, final: bool) -> None:
        super().__init__(reason)
        self.final = final


def download(url: str, path: Path, max_bytes: int = MAX_BYTES) -> None:
    """Writes the body of the URL to `path`, whole or not at all. Raises Failed after three attempts, or at once where
    the answer is final: a status of 4xx, a body over `max_bytes`, a redirect to another host in a private network.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        _attempts(url, lambda response: _write(response, partial, max_bytes))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def probe(url: str) -> None:
    """Asks for the URL without reading what it gives. Raises Failed as `download` does."""
    _attempts(url, _check_status)


def _attempts(url: str, take: Callable[[httpx.Response], None]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _request(url, take)
        except Failed as failure:
            if failure.final or attempt == ATTEMPTS:
                raise
            time.sleep(WAIT * attempt)
    return None


def _request(url: str, take: Callable[[httpx.Response], None]) -> None:
    # No content decoding: a server that labels a .warc.gz as gzip-encoded means the file itself.
    headers = {"Accept-Encoding": "identity", "User-Agent": "webpairs"}
    given = urlsplit(url).hostname
    try:
        with httpx.Client(timeout=TIMEOUT, headers=headers) as client:
            for _ in range(REDIRECTS + 1):
                with client.stream("GET", url) as response:
                    if not response.has_redirect_location:
                        return take(response)
                    url = urljoin(url, response.headers["location"])
                _check_redirect(url, given)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failed(f"{type(error).__name__}: {error}".rstrip(": "), final=False) from None
    raise Failed(f"more than {REDIRECTS} redirects", final=True)


def _check_status(response: httpx.Response) -> None:
    if response.status_code != 200:
        raise Failed(f"status {response.status_code}", final=400 <= response.status_code < 500)


def _write(response: httpx.Response, path: Path, max_bytes: int) -> None:
    _check_status(response)
    written = 0
    with path.open("wb") as file:
        for piece in response.iter_raw(1 << 20):
            written += len(piece)
            if written > max_bytes:
                raise Failed(f"more than {max_bytes:,} bytes", final=True)
            file.write(piece)
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) != written:
        raise Failed(f"cut off after {written:,} of {int(declared):,} bytes", final=False)


def _check_redirect(url: str, given: str | None) -> None:
    """The user may name any host; a redirect to another one may not lead into a private network."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname is None:
        raise Failed(f"redirected to {url}", final=True)
    if parts.hostname == given:
        return
    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(parts.hostname, None)}
    except OSError:
        raise Failed(f"redirected to {parts.hostname}, which has no address", final=False) from None
    if not all(ipaddress.ip_address(str(address).split("%")[0]).is_global for address in addresses):
        raise Failed(f"redirected to {parts.hostname}, in a private network", final=True)
