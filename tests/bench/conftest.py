"""A small archive: two pages with three images, and what is no page."""

import gzip
from pathlib import Path

import pytest

from bench import launch
from tests.archive.responses import http, record

HARBOUR = b"""<html><head><title>The harbour</title><base href="/pictures/"></head><body>
<p>Boats lie in the harbour.</p>
<a href=/more>More <b>boats</b></a><img src=boat.jpg alt="A red boat"><script>var no = "text";</script>
<img data-src=../lazy.jpg src=data:image/gif;base64,R0lGODlh><p>Nets dry on the quay.</p></body></html>"""
FIELD = b"<html><p>A field of rye.</p><img src=/rye.jpg alt='Rye'>"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    records = [
        record("http://a.example/1", http(HARBOUR, "Content-Type: text/html; charset=utf-8")),
        record("http://a.example/boat.jpg", http(b"\xff\xd8\xff", "Content-Type: image/jpeg")),
        record("http://a.example/gone", http(b"<html>Gone", status="404 Not Found")),
        record("http://b.example/2", http(gzip.compress(FIELD), "Content-Encoding: gzip")),
    ]
    path = tmp_path / "small.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, records)))
    return path


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the benchmark works in tests."""
    monkeypatch.setattr(launch, "WORK", tmp_path / "work")
    return tmp_path / "work"
