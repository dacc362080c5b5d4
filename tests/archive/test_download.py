import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.archive import builders
from webpairs.archive import download
from webpairs.archive.download import Failed

BODY = builders.record("http://a.example/") * 50


class _Handler(BaseHTTPRequestHandler):
    """Answers by path; /flaky fails once, /short promises more than it gives."""

    failed = False

    def do_GET(self) -> None:
        if self.path == "/flaky" and not type(self).failed:
            type(self).failed = True
            self.send_error(503)
        elif self.path == "/away":
            self.send_error(404)
        elif self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY) + (10 if self.path == "/short" else 0)))
            # Servers label archives so; the file itself is meant.
            self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(download, "WAIT", 0.01)
    _Handler.failed = False
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/a.warc", "/flaky", "/to//a.warc"])
def test_the_bytes_arrive_as_they_are(server: str, path: str, tmp_path: Path) -> None:
    download.download(server + path, tmp_path / "a.warc")
    assert (tmp_path / "a.warc").read_bytes() == BODY
    assert list(tmp_path.iterdir()) == [tmp_path / "a.warc"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/away", "status 404"),
        ("/short", "incomplete|cut off|closed"),
        ("/to/http://localhost:9/", "private network"),
        ("/to/file:///etc/hosts", "redirected to file"),
    ],
)
def test_failures_say_why_and_leave_nothing(server: str, path: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Failed, match=reason):
        download.download(server + path, tmp_path / "a.warc")
    assert list(tmp_path.iterdir()) == []


def test_too_large_bodies_are_refused(server: str, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="more than 1,000 bytes"):
        download.download(server + "/a.warc", tmp_path / "a.warc", max_bytes=1000)
    assert list(tmp_path.iterdir()) == []


def test_probing_reads_no_body_and_fails_alike(server: str) -> None:
    download.probe(server + "/a.warc")
    with pytest.raises(Failed, match="status 404"):
        download.probe(server + "/away")


def test_nobody_listening(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(download, "WAIT", 0.01)
    with pytest.raises(Failed, match="ConnectError"):
        download.download("http://127.0.0.1:9/a.warc", tmp_path / "a.warc")
