"""Writes WARC files whose bytes depend on their records alone: fixed dates, ids from digests, gzip without times."""

import gzip
import hashlib
import io
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from fastwarc.warc import WarcRecord, WarcRecordType

START = datetime(2024, 3, 5, 8, 0, tzinfo=UTC)
REASONS = {200: "OK", 301: "Moved Permanently", 404: "Not Found"}


class WarcFile:
    """A .warc.gz file, a gzip member a record, dates a second apart."""

    def __init__(self, path: Path, salt: str) -> None:
        self._file = path.open("wb")
        self._salt = salt
        self._count = 0

    def info(self, title: str) -> None:
        """The warcinfo record."""
        fields = f"software: webpairs\r\nformat: WARC File Format 1.1\r\ndescription: {title}\r\n"
        self._write(WarcRecordType.warcinfo, "application/warc-fields", fields.encode(), "")

    def exchange(self, url: str, status: int, headers: dict[str, str], body: bytes) -> None:
        """A request and its response."""
        response = _response(status, headers, body)
        self._write(WarcRecordType.request, "application/http; msgtype=request", _request(url), url)
        self._write(WarcRecordType.response, "application/http; msgtype=response", response, url)

    def raw(self, content: bytes) -> None:
        """Bytes as they are, in a gzip member: what shouldn't stand in an archive."""
        self._file.write(gzip.compress(content, 6, mtime=0))

    def cut_off(self, url: str, body: bytes) -> None:
        """A response whose gzip member breaks off in the middle, as when a crawler is killed."""
        response = _response(200, {"Content-Type": "text/html"}, body)
        member = self._member(WarcRecordType.response, "application/http; msgtype=response", response, url)
        self._file.write(member[: len(member) // 2])

    def _write(self, kind: WarcRecordType, content_type: str, content: bytes, url: str) -> None:
        self._file.write(self._member(kind, content_type, content, url))

    def _member(self, kind: WarcRecordType, content_type: str, content: bytes, url: str) -> bytes:
        self._count += 1
        digest = hashlib.sha256(f"{self._salt}/{self._count}/{url}".encode() + content).digest()
        record = WarcRecord()
        record.init_headers(record_type=kind, record_urn=f"uuid:{uuid.UUID(bytes=digest[:16])}".encode())
        # Requests come first, and then the response within the same second.
        date = START + timedelta(seconds=self._count // 2)
        record.headers["WARC-Date"] = date.strftime("%Y-%m-%dT%H:%M:%SZ")
        if url:
            record.headers["WARC-Target-URI"] = url
        record.headers["Content-Type"] = content_type
        record.set_bytes_content(content)
        out = io.BytesIO()
        record.write(out, checksum_data=True)
        return gzip.compress(out.getvalue(), 6, mtime=0)

    def __enter__(self) -> "WarcFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _request(url: str) -> bytes:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: miniature\r\nAccept: */*\r\n\r\n".encode()


def _response(status: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", *(f"{name}: {value}" for name, value in headers.items())]
    if "Transfer-Encoding" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
