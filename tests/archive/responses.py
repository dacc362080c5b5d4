"""WARC records with any content, written by fastwarc."""

import io
from uuid import NAMESPACE_URL, uuid5

from fastwarc.warc import WarcRecord, WarcRecordType


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP response; text/html where the headers say nothing else."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if not any(header.startswith("Content-Type") for header in headers):
        lines.append("Content-Type: text/html")
    return "\r\n".join([*lines, "", ""]).encode() + body


def record(url: str, content: bytes, kind: WarcRecordType = WarcRecordType.response) -> bytes:
    """One uncompressed record of an HTTP response."""
    return _record(url, content, kind, "application/http; msgtype=response")


def resource(url: str, content_type: str, content: bytes) -> bytes:
    """One uncompressed resource record."""
    return _record(url, content, WarcRecordType.resource, content_type)


def _record(url: str, content: bytes, kind: WarcRecordType, content_type: str) -> bytes:
    made = WarcRecord()
    identity = uuid5(NAMESPACE_URL, f"{kind}{url}")
    made.init_headers(record_type=kind, record_urn=f"uuid:{identity}".encode())
    made.headers["WARC-Date"] = "2024-01-01T00:00:00Z"
    if url:
        made.headers["WARC-Target-URI"] = url
    made.headers["Content-Type"] = content_type
    made.set_bytes_content(content)
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()
