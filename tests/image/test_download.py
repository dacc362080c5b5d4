import socket
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.image.pictures import encoded
from tests.image.server import Server, serving
from webpairs.image.download import Answer, Http, download

HTTP = Http(timeout_seconds=3, retries=1, max_bytes=1_000_000, backoff_seconds=0.01)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("WEBPAIRS_ALLOW_PRIVATE", "127.0.0.1")
    with serving() as running:
        yield running


def downloaded(urls: list[str], http: Http = HTTP) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    download(urls, http, lambda url, answer: answers.update({url: answer}))
    assert sorted(answers) == sorted(urls)
    return answers


@pytest.mark.parametrize("path", ["/image.png", "/moved.png", "/flaky.png", "/image.png?a=b c"])
def test_bytes_come_as_they_are(server: Server, path: str) -> None:
    assert downloaded([server.url(path)])[server.url(path)] == Answer(encoded())


def test_it_says_who_it_is_and_keeps_no_cookies(server: Server) -> None:
    downloaded([server.url("/image.png")])
    headers = server.headers[0]
    assert headers["User-Agent"] == "webpairs/0.1"
    assert headers["Host"] == f"127.0.0.1:{server.server_port}"
    assert "Cookie" not in headers


@pytest.mark.parametrize(
    ("path", "verdict", "times"),
    [
        ("/none.png", "http_status_404", 1),
        ("/broken.png", "http_status_500", 2),
        ("/reset.png", "http_error", 1),
        ("/opt-out.png", "http_opt_out", 1),
        ("/zipped.png", "http_content_encoding", 1),
        ("/announced.png", "too_many_bytes", 1),
        ("/endless.png", "too_many_bytes", 1),
        ("/private.png", "private_address", 1),
        ("/file.png", "unsupported_scheme", 1),
        ("/data.png", "unsupported_scheme", 1),
        ("/nonsense.png", "bad_url", 1),
        ("/loop.png", "http_too_many_redirects", 6),
    ],
)
def test_the_reason_is_named(server: Server, path: str, verdict: str, times: int) -> None:
    assert downloaded([server.url(path)])[server.url(path)] == Answer(None, verdict)
    assert server.asked[path] == times


@pytest.mark.parametrize("path", ["/silent.png", "/drip.png"])
def test_a_slow_server_is_left_after_the_whole_time(server: Server, path: str) -> None:
    start = time.perf_counter()
    http = Http(timeout_seconds=0.4, retries=1, max_bytes=1_000_000, backoff_seconds=0.01)
    assert downloaded([server.url(path)], http)[server.url(path)].verdict == "http_timeout"
    assert time.perf_counter() - start < 5
    assert server.asked[path] == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_a_private_address_is_never_asked(server: Server, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.delenv("WEBPAIRS_ALLOW_PRIVATE")
    url = server.url("/image.png", host)
    assert downloaded([url])[url].verdict == "private_address"
    assert not server.asked


def test_the_address_that_was_checked_is_the_one_that_is_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is looked up twice could answer with a private address the second time."""
    lookups: Counter[str] = Counter()
    genuine = socket.getaddrinfo

    def answer(host: Any, *args: Any, **settings: Any) -> Any:
        lookups[host] += 1
        if host == "rebinding.example":
            return genuine("127.0.0.1" if lookups[host] == 1 else "127.0.0.2", *args, **settings)
        return genuine(host, *args, **settings)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    urls = [server.url(f"/image.png?{number}", "rebinding.example") for number in range(3)]
    assert {answer.content for answer in downloaded(urls).values()} == {encoded()}
    assert lookups["rebinding.example"] == 1
    assert {headers["Host"] for headers in server.headers} == {f"rebinding.example:{server.server_port}"}


def test_at_most_two_requests_at_once_go_to_a_host(server: Server) -> None:
    urls = [server.url(f"/polite.png?{number}") for number in range(12)]
    assert all(answer.content for answer in downloaded(urls).values())
    assert 1 <= server.most_at_once <= 2


def test_a_host_that_cannot_be_connected_to_is_left_alone() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEBPAIRS_ALLOW_PRIVATE", "127.0.0.1")
        answers = downloaded([f"http://127.0.0.1:{port}/{number}.png" for number in range(40)])
    verdicts = Counter(answer.verdict for answer in answers.values())
    assert set(verdicts) == {"http_error", "http_host_down"}
    assert verdicts["http_error"] <= 6


def test_without_a_network_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    lookups: Counter[str] = Counter()

    def fail(host: Any, *_: Any, **__: Any) -> Any:
        lookups[host] += 1
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    urls = [f"http://host-{number}.example/{image}.png" for number in range(300) for image in range(10)]
    answers = downloaded(urls)
    assert {answer.verdict for answer in answers.values()} == {"network_unreachable"}
    probed = set(lookups)
    assert len(probed) == 20
    downloaded(urls)
    assert set(lookups) == probed
    assert {answer.verdict for answer in downloaded(urls[:50]).values()} == {"http_dns"}


def test_no_urls_ask_for_nothing() -> None:
    assert downloaded([]) == {}
