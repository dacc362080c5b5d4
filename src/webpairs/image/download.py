"""Images over HTTP: politely, within bounds, and never from a private address.

At most `CONNECTIONS` requests at once and `PER_HOST` to a host; hosts take turns. What the web answers differs from day
to day, so two runs need not agree; but whether there is a network at all is asked first, of the same hosts every time.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from webpairs.image.network import GuardedBackend, GuardedTransport, PrivateAddress, Resolver, Unresolved
from webpairs.image.urls import kind
from webpairs.progress import Bar, bar

USER_AGENT = "webpairs/0.1"
CONNECTIONS = 20
PER_HOST = 2
REDIRECTS = 5
# With fewer hosts than this, each is simply asked; with more, so many are asked first whether there is a network.
PROBED_HOSTS = 20
# After so many connections in a row that could not be made, a host's remaining URLs aren't asked for.
FAILURES_PER_HOST = 4
_HEADERS = {"User-Agent": USER_AGENT, "Accept": "image/*,*/*;q=0.5", "Accept-Encoding": "identity"}
_HOST_FAILURES = ("http_timeout", "http_error")
# Opt-outs that a server may state for machine learning; see "noai" and "noimageai" of X-Robots-Tag.
_OPT_OUTS = frozenset({"noai", "noimageai"})


@dataclass(frozen=True)
class Http:
    """How the web is asked: seconds for a whole exchange, redirects included; retries after timeouts and 5xx."""

    timeout_seconds: float
    retries: int
    max_bytes: int
    backoff_seconds: float = 0.5


@dataclass(frozen=True)
class Answer:
    """The bytes, or the verdict why there are none."""

    content: bytes | None
    verdict: str = ""


def download(urls: Sequence[str], http: Http, receive: Callable[[str, Answer], None]) -> None:
    """Asks for every URL once and hands each answer to `receive`, in the order of their coming.

    Verdicts: http_status_NNN, http_timeout, http_error (refused, reset, TLS, protocol), http_dns (no address),
    http_too_many_redirects, http_opt_out, http_content_encoding, http_host_down, too_many_bytes, private_address,
    unsupported_scheme and bad_url (of a redirect), network_unreachable.
    """
    asyncio.run(_download(urls, http, receive))


async def _download(urls: Sequence[str], http: Http, receive: Callable[[str, Answer], None]) -> None:
    hosts: dict[str, deque[str]] = {}
    for url in sorted(urls):
        hosts.setdefault(_host(url), deque()).append(url)
    resolver = Resolver(CONNECTIONS, http.timeout_seconds)
    try:
        if not await _network_is_there([queue[0] for queue in hosts.values()], resolver, http):
            for url in urls:
                receive(url, Answer(None, "network_unreachable"))
            return
        async with GuardedTransport(resolver, CONNECTIONS) as transport:
            with bar("images over HTTP", "images", len(urls)) as shown:
                await _Turns(hosts, transport, http, receive, shown).run()
    finally:
        resolver.close()


def _host(url: str) -> str:
    return str(urlsplit(url).hostname)


async def _network_is_there(urls: Sequence[str], resolver: Resolver, http: Http) -> bool:
    """Whether any of some hosts can be connected to; the hosts are the same in every run, and asked at once."""
    if len(urls) < PROBED_HOSTS:
        return True
    probed = sorted(urls, key=lambda url: hashlib.sha256(_host(url).encode()).digest())[:PROBED_HOSTS]
    backend = GuardedBackend(resolver)

    async def connects(url: str) -> bool:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            stream = await backend.connect_tcp(str(parts.hostname), port, http.timeout_seconds)
        except Exception:  # private, unknown, refused, too slow: here it is all the same
            return False
        await stream.aclose()
        return True

    return any(await asyncio.gather(*(connects(url) for url in probed)))


class _Turns:
    """Workers that take a host each, ask it for one URL, and put it back at the end of the queue."""

    def __init__(
        self,
        hosts: dict[str, deque[str]],
        transport: httpx.AsyncBaseTransport,
        http: Http,
        receive: Callable[[str, Answer], None],
        shown: Bar,
    ) -> None:
        self.hosts, self.transport, self.http, self.receive, self.shown = hosts, transport, http, receive, shown
        self.failures = dict.fromkeys(hosts, 0)
        self.slots: asyncio.Queue[str] = asyncio.Queue()
        for _ in range(PER_HOST):
            for host in hosts:
                self.slots.put_nowait(host)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(self._work())

    async def _work(self) -> None:
        # A host's last slots stay with the workers that hold them: an empty queue means no work is left to take.
        while not self.slots.empty():
            host = self.slots.get_nowait()
            while self.hosts[host]:
                await self._ask(host, self.hosts[host].popleft())
                if not self.slots.empty():
                    self.slots.put_nowait(host)
                    break

    async def _ask(self, host: str, url: str) -> None:
        if self.failures[host] >= FAILURES_PER_HOST:
            answer = Answer(None, "http_host_down")
        else:
            answer = await ask(self.transport, url, self.http)
            self.failures[host] = self.failures[host] + 1 if answer.verdict in _HOST_FAILURES else 0
        self.receive(url, answer)
        self.shown.update(1)


async def ask(transport: httpx.AsyncBaseTransport, url: str, http: Http) -> Answer:
    """The answer to one URL, asked again after timeouts and 5xx, waiting twice as long each time."""
    for attempt in range(http.retries + 1):
        answer = await _ask_once(transport, url, http)
        again = answer.verdict == "http_timeout" or answer.verdict.startswith("http_status_5")
        if not again or attempt == http.retries:
            break
        await asyncio.sleep(http.backoff_seconds * 2**attempt)
    return answer


async def _ask_once(transport: httpx.AsyncBaseTransport, url: str, http: Http) -> Answer:
    try:
        async with asyncio.timeout(http.timeout_seconds):
            return await _follow(transport, url, http.max_bytes)
    except TimeoutError:
        return Answer(None, "http_timeout")
    except PrivateAddress:
        return Answer(None, "private_address")
    except Unresolved:
        return Answer(None, "http_dns")
    except (httpx.InvalidURL, UnicodeError):
        return Answer(None, "bad_url")
    except httpx.TransportError:
        return Answer(None, "http_error")


async def _follow(transport: httpx.AsyncBaseTransport, url: str, max_bytes: int) -> Answer:
    """Follows redirects by hand, so that every hop goes through the same checks as the first."""
    for _ in range(REDIRECTS + 1):
        async with _stream(transport, url) as response:
            if not response.has_redirect_location:
                return await _body(response, max_bytes)
            url = str(response.url.join(response.headers["location"]))
        unusable = kind(url)
        if unusable != "web":
            return Answer(None, "unsupported_scheme" if unusable == "data" else unusable)
    return Answer(None, "http_too_many_redirects")


@asynccontextmanager
async def _stream(transport: httpx.AsyncBaseTransport, url: str) -> AsyncIterator[httpx.Response]:
    """One exchange, straight over the transport: no cookies, no credentials, no redirects of its own."""
    request = httpx.Request("GET", url, headers=_HEADERS)
    response = await transport.handle_async_request(request)
    response.request = request
    try:
        yield response
    finally:
        await response.aclose()


async def _body(response: httpx.Response, max_bytes: int) -> Answer:
    if response.status_code != 200:
        return Answer(None, f"http_status_{response.status_code}")
    tags = response.headers.get("x-robots-tag", "").lower().replace(":", ",").split(",")
    if not _OPT_OUTS.isdisjoint(tag.strip() for tag in tags):
        return Answer(None, "http_opt_out")
    # None was asked for, and a few compressed bytes may stand for gigabytes.
    if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        return Answer(None, "http_content_encoding")
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        return Answer(None, "too_many_bytes")
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > max_bytes:
            return Answer(None, "too_many_bytes")
    return Answer(bytes(content))
