"""Connections that never reach a private address, whatever a name resolves to and however often it changes its mind.

The name is resolved once, the addresses are checked, and the connection goes to a checked address: nothing is resolved
again in between. TLS still verifies the name, and the Host header still carries it.
"""

import asyncio
import ipaddress
import os
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore
import httpx

from webpairs.errors import WebpairsError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# The NAT64 prefix carries an IPv4 address in its last 32 bits. 192.0.0.0/24 is reserved, though Python 3.11 calls parts
# of it global.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_RESERVED = ipaddress.ip_network("192.0.0.0/24")


class PrivateAddress(Exception):
    """The host has addresses, but none that may be asked."""


class Unresolved(Exception):
    """The host has no address."""


def is_public(address: Address) -> bool:
    """Whether the address is of the public internet: not private, loopback, link-local, shared (CGNAT), multicast."""
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv4 address in IPv6's clothes is what it is underneath.
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    elif address in _RESERVED:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def allowed_private() -> frozenset[Address]:
    """Addresses that may be asked although they aren't public: `WEBPAIRS_ALLOW_PRIVATE`, for a server of one's own."""
    setting = os.environ.get("WEBPAIRS_ALLOW_PRIVATE", "")
    try:
        return frozenset(ipaddress.ip_address(name.strip()) for name in setting.split(",") if name.strip())
    except ValueError as error:
        raise WebpairsError(
            f"WEBPAIRS_ALLOW_PRIVATE is {setting!r}: set it to IP addresses with commas between, or unset it ({error})."
        ) from None


class Resolver:
    """Host → checked addresses, each host asked once a run."""

    def __init__(self, threads: int, timeout: float) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")
        self._timeout = timeout
        self._allowed = allowed_private()
        self._known: dict[str, asyncio.Task[list[Address]]] = {}

    async def addresses(self, host: str) -> list[Address]:
        """All addresses of the host that may be asked. Raises Unresolved or PrivateAddress where there is none."""
        if host not in self._known:
            self._known[host] = asyncio.create_task(self._resolve(host))
        found = await asyncio.shield(self._known[host])
        if not found:
            raise Unresolved(host)
        checked = [address for address in found if is_public(address) or address in self._allowed]
        if not checked:
            raise PrivateAddress(host)
        return checked

    async def _resolve(self, host: str) -> list[Address]:
        """The addresses, in the resolver's order; none where the name is unknown, unsayable or takes too long."""
        lookup = asyncio.get_running_loop().run_in_executor(self._threads, _getaddrinfo, host)
        try:
            return await asyncio.wait_for(lookup, self._timeout)
        except (OSError, UnicodeError, TimeoutError):
            return []

    def close(self) -> None:
        """Lets go of the threads; a lookup that hangs isn't waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _getaddrinfo(host: str) -> list[Address]:
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    # A link-local IPv6 address may come with its zone, fe80::1%eth0.
    names = dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers)
    return [ipaddress.ip_address(name) for name in names]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to checked addresses only."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first of the host's checked addresses that answers."""
        error: Exception | None = None
        for address in await self._resolver.addresses(host):
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        assert error is not None  # the resolver gives at least one address, or raises
        raise error

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Refused: nothing on the web is a socket of this machine."""
        raise PrivateAddress("unix socket")

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await self._inner.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over guarded connections. No proxy of the environment is used: it would resolve names."""

    def __init__(self, resolver: Resolver, connections: int) -> None:
        context = httpx.create_ssl_context()
        super().__init__(verify=context, trust_env=False)
        # httpx has no argument for the backend; the pool it made has opened nothing yet.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=connections, network_backend=GuardedBackend(resolver)
        )
