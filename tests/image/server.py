"""A web server of one's own on 127.0.0.1, with all that a web server may do to whoever asks it."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.image.pictures import encoded

PRIVATE = "http://10.0.0.1/secret.png"


class Server(ThreadingHTTPServer):
    """Counts what it is asked for, and by how many at once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.closing = threading.Event()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path on this server."""
        return f"http://{host}:{self.server_port}{path}"

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is none."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        with server.lock:
            server.asked[self.path] += 1
            server.headers.append(dict(self.headers))
        self._answer(self.path.partition("?")[0])

    def _answer(self, path: str) -> None:
        first = self.server.asked[self.path] == 1
        if path == "/image.png":
            self._send(200, encoded())
        elif path == "/polite.png":
            self._busy(0.1)
            self._send(200, encoded())
        elif path == "/flaky.png":
            self._send(503 if first else 200, encoded())
        elif path == "/broken.png":
            self._send(500, b"")
        elif path == "/page.png":
            self._send(200, b"<html>" + b"no image " * 1000, **{"Content-Type": "image/png"})
        elif path == "/opt-out.png":
            self._send(200, encoded(), **{"X-Robots-Tag": "noindex, NoAI"})
        elif path == "/zipped.png":
            self._send(200, encoded(), **{"Content-Encoding": "gzip"})
        elif path == "/announced.png":
            self._send(200, b"", **{"Content-Length": "2000000"})
        elif path == "/endless.png":
            self._endless(bytes(65536), 0)
        elif path == "/drip.png":
            self._endless(b".", 0.05)
        elif path == "/silent.png":
            self.server.closing.wait(20)
        elif path == "/reset.png":
            self.close_connection = True
        elif path == "/moved.png":
            self._send(302, b"", Location="/image.png")
        elif path == "/private.png":
            self._send(302, b"", Location=PRIVATE)
        elif path == "/file.png":
            self._send(302, b"", Location="file:///etc/passwd")
        elif path == "/data.png":
            self._send(302, b"", Location="data:image/png;base64,AA")
        elif path == "/nonsense.png":
            self._send(302, b"", Location="http://[::1")
        elif path == "/loop.png":
            self._send(302, b"", Location="/loop.png")
        else:
            self._send(404, b"")

    def _busy(self, seconds: float) -> None:
        server = self.server
        with server.lock:
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
        time.sleep(seconds)
        with server.lock:
            server.at_once -= 1

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _endless(self, piece: bytes, pause: float) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while not self.server.closing.wait(pause):
                self.wfile.write(piece)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@contextmanager
def serving() -> Iterator[Server]:
    """A server that runs within the block."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
