"""A server on this machine, of files over HTTP and, in path style, of objects in an S3 store."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Site:
    """What the server has, what it can, how it answers the next requests, and what it was asked."""

    base: str = ""
    # By path from the root; an S3 object's is /bucket/key.
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    conditions: bool = True
    # Headers of every file, in place of those that it would have; None leaves one out.
    headers: dict[str, str | None] = field(default_factory=dict)
    # Each of the next bodies breaks off after so many bytes; `held`, if set, is waited for there.
    cuts: list[int] = field(default_factory=list)
    held: threading.Event | None = None
    # Each of the next requests is answered with this status and these headers.
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    # Each is called before one of the next requests is answered.
    before: list[Callable[[], object]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def sent(self, header: str) -> list[str | None]:
        """What stood in this header of each GET for a file, None where it was missing."""
        return [headers.get(header) for method, path, headers in self.asked if method == "GET" and path in self.files]

    def paths(self, method: str = "GET") -> list[str]:
        """The path of each request."""
        return [path for asked, path, _ in self.asked if asked == method]


class Server(ThreadingHTTPServer):
    """Serves a site, which may be replaced by another one."""

    site: Site

    def serve(self, site: Site) -> Site:
        site.base = f"http://127.0.0.1:{self.server_port}"
        self.site = site
        return site


@contextmanager
def running() -> Iterator[Server]:
    """A server on a free port of this machine."""
    with Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def etag(content: bytes) -> str:
    """The ETag that the server gives a file, as S3 does."""
    return f'"{hashlib.md5(content).hexdigest()}"'


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        site = self.server.site
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        asked = {name.lower(): value for name, value in self.headers.items()}
        site.asked.append((self.command, path, asked))
        if site.before:
            site.before.pop(0)()
        if site.answers:
            self._answer(*site.answers.pop(0))
        elif "list-type" in parts.query:
            self._answer(200, {}, _listing(site, path.strip("/"), parse_qs(parts.query)))
        elif path in site.files:
            self._file(site.files[path], asked)
        elif (
            any(file.startswith(f"{path}/") for file in site.files) and self.command == "HEAD" and path.count("/") == 1
        ):
            self._answer(200, {})  # a bucket
        else:
            self._answer(404, {}, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET

    def _file(self, content: bytes, asked: dict[str, str]) -> None:
        site, tag = self.server.site, etag(content)
        given = {"ETag": tag, "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"} | site.headers
        if site.conditions:
            if asked.get("if-none-match") == tag:
                return self._answer(304, given)
            if asked.get("if-match", tag) != tag:
                return self._answer(412, given, b"<Error><Code>PreconditionFailed</Code></Error>")
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.get("range", ""))
        same = not site.conditions or asked.get("if-range", tag) == tag
        if not found or not site.ranges or not same:
            return self._answer(200, given, content)
        start = int(found[1])
        if start >= len(content):
            return self._answer(416, given)
        part = content[start : int(found[2]) + 1 if found[2] else None]
        return self._answer(
            206, given | {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(content)}"}, part
        )

    def _answer(self, status: int, headers: dict[str, Any], content: bytes = b"") -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD" or not content:
            return
        site = self.server.site
        cut = site.cuts.pop(0) if site.cuts else None
        self.wfile.write(content[:cut])
        if site.held is not None:
            site.held.wait(20)

    def log_message(self, *_: object) -> None:
        return


def _listing(site: Site, bucket: str, query: dict[str, list[str]]) -> bytes:
    """The answer to ListObjectsV2."""
    prefix, delimiter = query.get("prefix", [""])[0], query.get("delimiter", [""])[0]
    keys = [path.removeprefix(f"/{bucket}/") for path in sorted(site.files) if path.startswith(f"/{bucket}/{prefix}")]
    folders = {
        key[: key.index(delimiter, len(prefix)) + 1] for key in keys if delimiter and delimiter in key[len(prefix) :]
    }
    objects = [key for key in keys if not any(key.startswith(folder) for folder in folders)]
    entries = [f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>" for folder in sorted(folders)]
    for key in objects:
        content = site.files[f"/{bucket}/{key}"]
        about = f"<Size>{len(content)}</Size><ETag>{etag(content)}</ETag>"
        entries.append(
            f"<Contents><Key>{key}</Key>{about}<LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
        )
    return f"<ListBucketResult><KeyCount>{len(entries)}</KeyCount>{''.join(entries)}</ListBucketResult>".encode()
