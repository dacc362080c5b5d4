"""Archives of images, as crawlers write them."""

from collections.abc import Sequence
from pathlib import Path


def write_warc(path: Path, responses: Sequence[tuple[str, bytes]], status: str = "200 OK") -> Path:
    """A plain WARC with these answers, url and body, all of the same status."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(_record(number, url, body, status) for number, (url, body) in enumerate(responses)))
    return path


def _record(number: int, url: str, body: bytes, status: str) -> bytes:
    answer = f"HTTP/1.1 {status}\r\nContent-Type: image/png\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    head = (
        "WARC/1.1",
        "WARC-Type: response",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>",
        f"WARC-Target-URI: {url}",
        "WARC-Date: 2024-01-01T00:00:00Z",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(answer)}",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + answer + b"\r\n\r\n"
